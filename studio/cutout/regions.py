"""Connected parts of masks, and growing them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.cutout.arrays import Mask


def label(mask: Mask, connectivity: int = 8) -> tuple[int, NDArray[np.int32]]:
    """Number of labels (background included) and the (H, W) label of every pixel; 0 is outside the mask."""
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=connectivity)
    return count, labels.astype(np.int32, copy=False)


def touching(mask: Mask, seed: Mask, connectivity: int = 8) -> Mask:
    """The parts of the mask that share a pixel with the seed."""
    count, labels = label(mask, connectivity)
    keep = np.zeros(count, bool)
    keep[np.unique(labels[seed & mask])] = True
    keep[0] = False
    return keep[labels]


def large_parts(mask: Mask, least_px: int) -> Mask:
    """The parts of the mask with at least that many pixels."""
    count, labels = label(mask, connectivity=4)
    keep = np.bincount(labels.ravel(), minlength=count) >= least_px
    keep[0] = False
    return keep[labels]


def widen(mask: Mask, radius_px: int) -> Mask:
    """The mask grown by a disc."""
    size = 2 * radius_px + 1
    return cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))) > 0
