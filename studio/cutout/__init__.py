"""Classical cut-out on plain arrays: selection, matte, colours, relighting, filling, effect-layer algebra, metrics.

May import `studio.core` values and errors, numpy, OpenCV, and (inside functions) scipy, numba and PyMatting; never
torch, Qt or documents.
Data comes in as (H, W, 3) pictures and (H, W) masks and goes out as arrays; plugins turn them into layers.

Conventions: unit pictures are float32 sRGB values in [0, 1], channel order R, G, B; masks are bool, True = object or
hole; alpha is straight. Algebra happens in the space the editor blends in, never in linear light.
"""
