"""The eight handles of a box, and what dragging one does to it. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from studio.core.geometry import Rect


@dataclass(frozen=True, slots=True)
class Handle:
    """Where on the box: `across` is -1 left, 0 middle, 1 right; `down` is -1 top, 0 middle, 1 bottom."""

    across: int
    down: int

    def on(self, rect: Rect) -> tuple[float, float]:
        """Its canvas point on a box."""
        x = (rect.left + rect.right) / 2 + self.across * rect.width / 2
        y = (rect.top + rect.bottom) / 2 + self.down * rect.height / 2
        return x, y


HANDLES = tuple(Handle(x, y) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (0, -1), (1, 0), (0, 1), (-1, 0)))
"""Corners first: where handles lie on each other, a corner is taken."""


def resized(
    rect: Rect, handle: Handle, dx: int, dy: int, *, keep_aspect: bool = False, from_middle: bool = False
) -> Rect:
    """The box after a handle was dragged by (dx, dy); dragged past the other side it turns over. At least 1 x 1.

    Args:
        keep_aspect: width and height change by the same factor; a corner follows the axis that was dragged further.
        from_middle: the opposite side moves as far the other way.
    """
    if keep_aspect:
        dx, dy = _in_proportion(rect, handle, dx, dy)
    left, right = _stretched(rect.left, rect.right, handle.across, dx, from_middle)
    top, bottom = _stretched(rect.top, rect.bottom, handle.down, dy, from_middle)
    if keep_aspect and not handle.across:
        left, right = _widened(rect.left, rect.right, round(rect.width * (bottom - top) / rect.height))
    if keep_aspect and not handle.down:
        top, bottom = _widened(rect.top, rect.bottom, round(rect.height * (right - left) / rect.width))
    return normal(left, top, right, bottom)


def normal(left: int, top: int, right: int, bottom: int) -> Rect:
    """The box between two corners in any order, at least 1 x 1."""
    left, right = min(left, right), max(left, right)
    top, bottom = min(top, bottom), max(top, bottom)
    return Rect(left, top, max(right, left + 1), max(bottom, top + 1))


def _stretched(low: int, high: int, side: int, by: int, from_middle: bool) -> tuple[int, int]:
    """One axis: the side (-1 low, 1 high, 0 none) moves by `by`, and the other one against it where wanted."""
    against = by if from_middle else 0
    if side < 0:
        return low + by, high - against
    return (low - against, high + by) if side > 0 else (low, high)


def _in_proportion(rect: Rect, handle: Handle, dx: int, dy: int) -> tuple[int, int]:
    """A corner's drag along the box's diagonal."""
    if not handle.across or not handle.down:
        return dx, dy
    wide, high = handle.across * dx / rect.width, handle.down * dy / rect.height
    growth = wide if abs(wide) >= abs(high) else high
    return round(handle.across * growth * rect.width), round(handle.down * growth * rect.height)


def _widened(low: int, high: int, length: int) -> tuple[int, int]:
    """As long as `length` about the same middle."""
    length = abs(length)
    start = low + (high - low - length) // 2
    return start, start + length
