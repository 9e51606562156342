"""Pictures that a command takes beside its document: masks, references, sketches. Any readable format will do."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from studio.core.pixels import Depth, to_depth
from studio.io import color
from studio.io.formats import open_document
from studio.io.images.flat import flattened, on_white


def read_mask(path: Path) -> NDArray[np.uint8]:
    """(H, W) mask values of a picture of any kind; nothing is thresholded.

    A picture with any transparency gives its alpha (a cut-out is its own mask), any other its luma. Raises StudioError.
    """
    samples = flattened(open_document(path).document)
    eight = cast(NDArray[np.uint8], to_depth(samples, Depth.EIGHT))
    if (eight[..., 3] < 255).any():
        return np.ascontiguousarray(eight[..., 3])
    luma = eight[..., :3].astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    return (luma + np.float32(0.5)).astype(np.uint8)


def read_rgba(path: Path) -> NDArray[np.uint8]:
    """(H, W, 4) straight RGBA of any readable file, flattened, in sRGB. Raises StudioError."""
    document = open_document(path).document
    samples = to_depth(color.convert_pixels(flattened(document), document.icc, None), Depth.EIGHT)
    return np.ascontiguousarray(cast(NDArray[np.uint8], samples))


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """(H, W, 3) of any readable file, flattened, in sRGB, over white where it is transparent. Raises StudioError."""
    document = open_document(path).document
    samples = to_depth(color.convert_pixels(flattened(document), document.icc, None), Depth.EIGHT)
    return cast(NDArray[np.uint8], on_white(samples))
