"""How far two pictures lie apart as one sees them."""

from __future__ import annotations

import numpy as np

from studio.core.pixels import Depth, Pixels


def seen_difference(a: Pixels, b: Pixels) -> float:
    """The largest difference of two straight RGBA pictures of any depth, premultiplied, in 1/255."""
    return round(float(np.abs(_premultiplied(a) - _premultiplied(b)).max(initial=0.0)) * 255, 6)


def _premultiplied(samples: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    values = samples.astype(np.float64) / Depth.of(samples).top
    values[..., :3] *= values[..., 3:]
    return values
