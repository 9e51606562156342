"""Columns of the tables and fields of the request that the compiled machine reads. No numba here."""

from __future__ import annotations

from studio.core.layers import BlendMode

MODES = tuple(BlendMode)
"""The number of a blend mode is its place here."""

WIDTH = 256
"""Columns worked on at once: all rows of one step fit into the first-level cache."""

KIND, MODE, LEFT, TOP, RIGHT, BOTTOM, PARTNER = range(7)
GRID, GRID_COLUMNS, ORIGIN_X, ORIGIN_Y = range(7, 11)
MASK_GRID, MASK_COLUMNS, MASK_X, MASK_Y, MASK_WIDTH, MASK_HEIGHT, MASK_FILL = range(11, 18)
TABLE, TABLE_KIND, COVERS = range(18, 21)
STEP_FIELDS = 21
"""The integer table, one row for each step. PARTNER is the closing step of an opening one; COVERS marks a layer on the
lowest pile that hides what is below wherever it is opaque. GRID, MASK_GRID and TABLE are memory addresses, or 0."""

OPACITY, FILL, DENSITY = range(3)
REAL_FIELDS = 3
"""The float table."""

AT_LEFT, AT_TOP, AT_RIGHT, AT_BOTTOM, FIRST, LAST, SIXTEEN = range(7)
OUT, OUT_LEFT, OUT_TOP, OUT_STRIDE = range(7, 11)
PLANES_LEFT, PLANES_TOP, PLANES_WIDTH, PLANES_HEIGHT, LOAD, STORE, STACKS = range(11, 18)
REQUEST_FIELDS = 18
"""The request: the block; the steps FIRST to LAST; whether samples are 16-bit; the picture's address, corner and bytes
a line; the addresses of kept piles (four planes of float32 with a common corner and size), 0 for none: the pile to
start from and where to keep the result; and how many stacks follow, by STACK_FIELDS each."""

STACK_FIRST, STACK_LAST, STACK_PLANES = range(3)
STACK_FIELDS = 3
"""A kept stack, laid over the lowest pile in place of the steps STACK_FIRST to STACK_LAST: its address comes last."""

PILE = 5 * WIDTH
"""Floats of one row of one pile: red, green, blue, alpha, and the alpha kept aside."""
SCRATCH = 12 * WIDTH
"""Floats of scratch rows: source colour and alpha, a weakened source, blended colour, coverage."""
