"""The compiled inner loop of the membrane. Importing this module imports numba; do it where the work runs."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from studio.cutout.arrays import Floats


@numba.njit(cache=True, nogil=True)
def relax(
    values: Floats, rows: NDArray[np.int32], columns: NDArray[np.int32], sweeps: int
) -> None:  # pragma: no cover - compiled
    """Over-relaxed Gauss-Seidel for Laplace's equation, in place, forwards and backwards through the given pixels.

    Args:
        values: (H, W, C) float32; the pixels not listed stay fixed. The frame reflects.
        rows, columns: (N,) int32 positions of the free pixels in scan order.
    """
    height, width, channels = values.shape
    count = rows.shape[0]
    omega = np.float32(1.6)
    for sweep in range(2 * sweeps):
        for k in range(count):
            i = k if sweep % 2 == 0 else count - 1 - k
            y = rows[i]
            x = columns[i]
            up = y - 1 if y > 0 else min(y + 1, height - 1)
            down = y + 1 if y < height - 1 else max(y - 1, 0)
            left = x - 1 if x > 0 else min(x + 1, width - 1)
            right = x + 1 if x < width - 1 else max(x - 1, 0)
            for c in range(channels):
                mean = np.float32(0.25) * (
                    values[up, x, c] + values[down, x, c] + values[y, left, c] + values[y, right, c]
                )
                values[y, x, c] += omega * (mean - values[y, x, c])
