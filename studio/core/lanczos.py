"""Lanczos interpolation with three lobes, axis by axis: the sharpest way to enlarge what is not turned."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Reals: TypeAlias = NDArray[np.float32]

LOBES = 3


def lanczos(values: Reals, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> Reals:
    """(len(ys), len(xs), C) samples of a picture (h, w, C) that goes on beyond its border.

    Positions count pixels: 0.0 is the middle of the first one. The weights of each sample add up to 1.
    """
    return _along_rows(_along_rows(values, ys).swapaxes(0, 1), xs).swapaxes(0, 1)


def _along_rows(values: Reals, places: NDArray[np.float64]) -> Reals:
    """(len(places), w, C): rows between the rows."""
    out = np.zeros((len(places), *values.shape[1:]), np.float32)
    first = np.floor(places).astype(np.int64) - LOBES + 1
    weights = _weights(places - first)
    for tap in range(2 * LOBES):
        rows = np.clip(first + tap, 0, len(values) - 1)
        out += values[rows] * weights[:, tap, None, None]
    return out


def _weights(ahead: NDArray[np.float64]) -> Reals:
    """(n, 6): of the six pixels around each place, which lies `ahead` of the first of them."""
    distance = ahead[:, None] - np.arange(2 * LOBES)
    weights = np.sinc(distance) * np.sinc(distance / LOBES) * (np.abs(distance) < LOBES)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
