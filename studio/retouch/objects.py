"""Selecting an object by a box around it or a point on it, without weights."""

from __future__ import annotations

import numpy as np

from studio.core.document import Document
from studio.core.edits.selections import combine_selection, sampled
from studio.core.errors import DocumentError
from studio.core.geometry import Point, Rect
from studio.core.layers import LayerId
from studio.core.pixels import Depth, to_depth
from studio.core.selection import FULL, Combine


def select_object(
    document: Document,
    *,
    box: Rect | None = None,
    point: Point | None = None,
    source: LayerId | None = None,
    combine: Combine = Combine.REPLACE,
) -> Document:
    """Select the object in a box (with a little ground around it) or under a point; `refine_selection` makes it soft.

    Args:
        source: the layer to look at; None looks at the picture of all layers.
    Raises DocumentError unless one of box and point is given, StudioError when no object stands out there.
    """
    from studio.cutout.segment import segment_box, segment_point

    if (box is None) == (point is None):
        raise DocumentError("An object is selected by a box or by a point.", "Give one of them.")
    if point is not None and not document.canvas.contains_point(point):
        raise DocumentError("There is no picture at that point.", "Choose a point on the canvas.")
    samples = to_depth(sampled(document, source), Depth.EIGHT)
    color, alpha = samples[..., :3].astype(np.float32), samples[..., 3:].astype(np.float32) / np.float32(FULL)
    image = np.rint(color * alpha + np.float32(128) * (np.float32(1) - alpha)).astype(np.uint8)
    if box is not None:
        mask = segment_box(image, box)
    else:
        assert point is not None  # one of the two is given
        mask = segment_point(image, point)
    return combine_selection(document, mask.astype(np.uint8) * np.uint8(FULL), combine)
