"""How moving things snap to guides, to the canvas and to other layers. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from studio.core.document import Document
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
    """Move `rect` so that an edge or its middle lies on the nearest line within `reach_px`, each axis alone."""
    dx = _nearest((rect.left, (rect.left + rect.right) // 2, rect.right), targets.columns, reach_px)
    dy = _nearest((rect.top, (rect.top + rect.bottom) // 2, rect.bottom), targets.rows, reach_px)
    moved = rect.moved(Point(dx or 0, dy or 0))
    edges_x = {moved.left, (moved.left + moved.right) // 2, moved.right} if dx is not None else set[int]()
    edges_y = {moved.top, (moved.top + moved.bottom) // 2, moved.bottom} if dy is not None else set[int]()
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
        elif not layer.bounds.is_empty:
            yield layer.bounds
