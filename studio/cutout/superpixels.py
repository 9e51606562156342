"""Small regions that follow the edges of a picture, and who borders on whom."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.cutout.arrays import Floats, Mask

Labels = NDArray[np.intp]
"""(H, W) number of the region that each pixel belongs to, from 0 on without gaps."""

EDGE_GAIN = 3.0


@dataclass(frozen=True, slots=True)
class Borders:
    """Each pair of neighbouring regions once: `length` in pixels, `edge` summed along it."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    length: NDArray[np.float64]
    edge: NDArray[np.float64]


def superpixels(edge: Floats, side_px: int) -> Labels:
    """Watersheds of the edge strength (H, W), one from the calmest spot of each square of about `side_px`."""
    height, width = edge.shape
    down, across = max(2, round(height / side_px)), max(2, round(width / side_px))
    reach = side_px // 3
    markers = np.zeros((height, width), np.int32)
    for row in ((np.arange(down) + 0.5) * height / down).astype(int):
        for column in ((np.arange(across) + 0.5) * width / across).astype(int):
            top, left = max(0, row - reach), max(0, column - reach)
            around = edge[top : row + reach + 1, left : column + reach + 1]
            y, x = np.unravel_index(int(around.argmin()), around.shape)
            markers[top + y, left + x] = 1
    found = np.flatnonzero(markers)
    markers.flat[found] = np.arange(1, len(found) + 1)
    relief = cv2.cvtColor(np.clip(edge * EDGE_GAIN, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)
    return without_gaps(filled(cv2.watershed(relief, markers).astype(np.int32), markers > 0))


def filled(labels: NDArray[np.int32], known: Mask) -> Labels:
    """Pixels with no label (0 or less) take that of the nearest pixel; `known` is returned when none has any."""
    bare = labels <= 0
    if bare.all():
        return known.astype(np.intp)
    _, numbered = cv2.distanceTransformWithLabels(
        bare.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    nearest = numbered.astype(np.intp)
    by_number = np.zeros(int(nearest.max()) + 1, np.intp)
    by_number[nearest[~bare]] = labels[~bare]
    return by_number[nearest]


def without_gaps(labels: Labels) -> Labels:
    """The same regions numbered from 0 on."""
    names, numbers = np.unique(labels, return_inverse=True)
    return np.arange(len(names))[numbers].reshape(labels.shape)


def borders(labels: Labels, edge: Floats) -> Borders:
    """Who borders on whom, with the edge strength (H, W) along the border."""
    count = int(labels.max()) + 1
    keys: list[NDArray[np.intp]] = []
    strengths: list[Floats] = []
    for one, other in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1])):
        apart = labels[one] != labels[other]
        low = np.minimum(labels[one], labels[other])[apart]
        keys.append(low * count + np.maximum(labels[one], labels[other])[apart])
        strengths.append(np.maximum(edge[one], edge[other])[apart])
    names, numbers = np.unique(np.concatenate(keys), return_inverse=True)
    length = np.bincount(numbers, minlength=len(names)).astype(np.float64)
    strength = np.bincount(numbers, np.concatenate(strengths), minlength=len(names)).astype(np.float64)
    return Borders(names // count, names % count, length, strength)


def frame_lengths(labels: Labels) -> NDArray[np.float64]:
    """How many pixels of each region lie on the picture's frame."""
    count = int(labels.max()) + 1
    sides = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    return np.bincount(np.concatenate(sides), minlength=count).astype(np.float64)


def means(labels: Labels, values: Floats) -> NDArray[np.float64]:
    """(regions, channels) mean of (H, W) or (H, W, C) values."""
    planes = values.reshape(labels.size, -1)
    flat, count = labels.ravel(), int(labels.max()) + 1
    area = np.bincount(flat, minlength=count)
    sums = [np.bincount(flat, planes[:, channel], minlength=count) for channel in range(planes.shape[1])]
    return np.stack(sums, axis=1) / np.maximum(area, 1)[:, None]
