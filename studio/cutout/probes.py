"""Probes for self-tests: copies of a shape moved to nearby places where the right answer is known."""

from __future__ import annotations

import cv2
import numpy as np

from studio.cutout.arrays import Mask

COPIES = 3


def shifted_copies(hole: Mask, source: Mask) -> list[Mask]:
    """Up to three shifted (if need be smaller) copies of the hole that lie on known ground, nearest first."""
    rows, columns = np.flatnonzero(hole.any(1)), np.flatnonzero(hole.any(0))
    shape = hole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    centre = ((rows[0] + rows[-1]) / 2, (columns[0] + columns[-1]) / 2)
    for shrink in (1.0, 0.7, 0.5, 0.35, 0.25):
        size = (max(3, round(shape.shape[1] * shrink)), max(3, round(shape.shape[0] * shrink)))
        stamp = cv2.resize(shape.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        places = _free_places(stamp, source, centre)
        if places:
            return [_stamped(stamp, place, hole.shape) for place in places]
    return []


def _free_places(stamp: Mask, source: Mask, centre: tuple[float, float]) -> list[tuple[int, int]]:
    height, width = stamp.shape
    if height + 4 > source.shape[0] or width + 4 > source.shape[1]:
        return []
    cover = cv2.matchTemplate(source.astype(np.float32), stamp.astype(np.float32), cv2.TM_CCORR)
    free = np.argwhere(cover >= 0.97 * stamp.sum())
    places: list[tuple[int, int]] = []
    distance = np.hypot(free[:, 0] + height / 2 - centre[0], free[:, 1] + width / 2 - centre[1])
    for top, left in free[np.argsort(distance)]:
        if all(abs(top - t) > height / 2 or abs(left - x) > width / 2 for t, x in places):
            places.append((int(top), int(left)))
        if len(places) == COPIES:
            break
    return places


def _stamped(stamp: Mask, place: tuple[int, int], shape: tuple[int, ...]) -> Mask:
    punched = np.zeros(shape, bool)
    punched[place[0] : place[0] + stamp.shape[0], place[1] : place[1] + stamp.shape[1]] = stamp
    return punched
