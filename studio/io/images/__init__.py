"""Flat pictures: PNG, JPEG, WebP, AVIF and TIFF, one module each with `read`, `write` and `plan`.

A picture becomes a document of one raster layer: called “Background” when it is opaque, as in Photoshop, else after the
file. Writing flattens the document with our compositor.
"""

from studio.io.images.inputs import read_mask, read_rgb

__all__ = ["read_mask", "read_rgb"]
