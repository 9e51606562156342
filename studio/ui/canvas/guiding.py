"""Where a guide that is being dragged comes to lie."""

from __future__ import annotations

from studio.core.geometry import Point, Rect, Size
from studio.ui.canvas.tool import CanvasHost

_FAR_OUT = -(1 << 40)


def guide_place(host: CanvasHost, place: int, *, vertical: bool, free: bool = False) -> int:
    """The canvas column (row) for a vertical (other) guide that is dragged to `place`: what attracts it is near.

    A `free` one goes where it is dragged to, and so does one that would come to lie on another guide.
    """
    if free:
        host.end_snapping()
        return place
    # As a point that is too far out along the guide for anything to attract it that way.
    point = Point(place, _FAR_OUT) if vertical else Point(_FAR_OUT, place)
    offset = host.snapped(Rect.at(point, Size(0, 0))).offset
    there = place + (offset.x if vertical else offset.y)
    if there in (host.guides.columns if vertical else host.guides.rows):
        host.end_snapping()
        return place
    return there
