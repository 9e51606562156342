"""How moving things snap to guides, to the canvas and to other layers. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from studio.core.document import Document
from studio.core.edits.arranging import shown_bounds
from studio.core.geometry import Point, Rect
from studio.core.guides import Guides
from studio.core.layers import GroupLayer, Layer


@dataclass(frozen=True, slots=True)
class Snapped:
    """How far to move what is being moved, and the lines (canvas x, canvas y) that attracted it."""

    offset: Point = Point(0, 0)
    columns: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()


def targets_of(document: Document, guides: Guides, ignoring: frozenset[str]) -> Guides:
    """Every line that attracts: guides, edges and middle of the canvas and of the layers that show."""
    rects = [document.canvas, *_shown_bounds(document.layers, ignoring)]
    columns = {*guides.columns, *(x for rect in rects for x in (rect.left, (rect.left + rect.right) // 2, rect.right))}
    rows = {*guides.rows, *(y for rect in rects for y in (rect.top, (rect.top + rect.bottom) // 2, rect.bottom))}
    return Guides(tuple(sorted(columns)), tuple(sorted(rows)))


def snap(rect: Rect, targets: Guides, reach_px: float) -> Snapped:
    """Move `rect` so that an edge or its middle lies on the nearest line within `reach_px`, each axis alone.

    A rectangle without width or height is a point or a line.
    """
    across = (rect.left, (rect.left + rect.right) // 2, rect.right)
    down = (rect.top, (rect.top + rect.bottom) // 2, rect.bottom)
    dx, dy = _nearest(across, targets.columns, reach_px), _nearest(down, targets.rows, reach_px)
    edges_x = {edge + dx for edge in across} if dx is not None else set[int]()
    edges_y = {edge + dy for edge in down} if dy is not None else set[int]()
    return Snapped(
        Point(dx or 0, dy or 0),
        tuple(x for x in targets.columns if x in edges_x),
        tuple(y for y in targets.rows if y in edges_y),
    )


def _nearest(edges: Iterable[int], lines: tuple[int, ...], reach_px: float) -> int | None:
    """The smallest step that puts an edge on a line; None when all are further than `reach_px`."""
    steps = [line - edge for edge in edges for line in lines if abs(line - edge) <= reach_px]
    return min(steps, key=abs, default=None)


def _shown_bounds(layers: Iterable[Layer], ignoring: frozenset[str]) -> Iterable[Rect]:
    for layer in layers:
        if layer.id in ignoring or not layer.visible:
            continue
        if isinstance(layer, GroupLayer):
            yield from _shown_bounds(layer.children, ignoring)
        elif not (shown := shown_bounds(layer)).is_empty:
            yield shown
