"""Smooth random fields over the world: the same place has the same value at every resolution and in every view.

Only exactly rounded operations are used (no sums whose order could change), so the bytes are the same on every machine.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Field: TypeAlias = NDArray[np.floating]
"""Values per pixel; float32 at run time."""
Axis: TypeAlias = NDArray[np.floating]
"""Positions along one side; float64 at run time."""

PERIOD = 64
"""Lattice cells after which a field repeats; far more than a view shows."""


def lattice(seed: int) -> Field:
    """(64, 64) values 0..1, from the raw bits of PCG64 (whose stream numpy never changes)."""
    raw = np.random.PCG64(seed).random_raw(PERIOD * PERIOD // 8)
    return raw.astype("<u8").view(np.uint8).reshape(PERIOD, PERIOD).astype(np.float32) / np.float32(255)


def _taps(positions: Axis) -> tuple[NDArray[np.int64], NDArray[np.int64], Field]:
    """The two lattice indices around each position and the eased weight of the second."""
    floor = np.floor(positions)
    part = (positions - floor).astype(np.float32)
    first = floor.astype(np.int64) % PERIOD
    return first, (first + 1) % PERIOD, part * part * (np.float32(3) - np.float32(2) * part)


def smooth(seed: int, rows: Axis, columns: Axis) -> Field:
    """Value noise 0..1 at lattice positions: (H,) rows and (W,) columns give (H, W)."""
    values = lattice(seed)
    top, bottom, down = _taps(rows)
    left, right, across = _taps(columns)
    strips = values[top] + (values[bottom] - values[top]) * down[:, None]
    west = strips[:, left]
    return west + (strips[:, right] - west) * across[None, :]


def fractal(seed: int, rows: Axis, columns: Axis, octaves: int = 2) -> Field:
    """A sum of `octaves` fields, each twice as fine and half as strong, scaled to 0..1."""
    total = smooth(seed, rows, columns)
    weight, sum_of_weights = np.float32(1), np.float32(1)
    for octave in range(1, octaves):
        weight /= np.float32(2)
        factor = 2.0**octave
        total = total + weight * smooth(seed + octave, rows * factor, columns * factor)
        sum_of_weights += weight
    return total / sum_of_weights


def line(seed: int, positions: Axis, octaves: int = 1) -> Field:
    """One-dimensional noise 0..1: (N,) lattice positions give (N,)."""
    return fractal(seed, np.zeros(1), positions, octaves)[0]
