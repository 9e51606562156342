"""Where the canvas lies in the view: zoom, rotation, mirroring and pan as one frozen value. No Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from studio.core.geometry import Affine, Rect, Size

MIN_ZOOM, MAX_ZOOM = 1 / 128, 128.0
STEPS = (
    *(1 / n for n in (128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2)),
    2 / 3,
    *(1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0, 96.0, 128.0),
)
"""The zooms that stepping stops at."""

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class ViewTransform:
    """Maps canvas points to view points and back.

    A view point is in logical pixels from the top left of the view. `zoom` is device pixels for one canvas pixel, so
    that 1.0 shows every pixel as it is on any screen; `pixel_ratio` is device pixels for one logical pixel.
    `rotation_deg` is clockwise; mirroring left to right comes before it. `pan_x`, `pan_y` is where the canvas origin
    lies in the view.
    """

    zoom: float = 1.0
    rotation_deg: float = 0.0
    mirrored: bool = False
    pan_x: float = 0.0
    pan_y: float = 0.0
    pixel_ratio: float = 1.0

    @property
    def scale(self) -> float:
        """Logical pixels for one canvas pixel."""
        return self.zoom / self.pixel_ratio

    @property
    def is_upright(self) -> bool:
        """Whether canvas rows are rows of the view: not turned."""
        return self.rotation_deg == 0

    @property
    def level(self) -> int:
        """The power of two to shrink the picture by before it is drawn: what is left to do is between 1/2 and 1."""
        return max(0, math.floor(math.log2(1 / self.zoom) + 1e-9))

    @property
    def affine(self) -> Affine:
        """Canvas to view. A view that is turned by right angles starts on a whole device pixel, so that it is sharp."""
        x, y = self.pan_x, self.pan_y
        if self.rotation_deg % 90 == 0:
            x, y = (round(value * self.pixel_ratio) / self.pixel_ratio for value in (x, y))
        return self._linear().then(Affine.translation(x, y))

    def to_view(self, x: float, y: float) -> tuple[float, float]:
        """The view point of a canvas point."""
        return self.affine.apply(x, y)

    def to_canvas(self, x: float, y: float) -> tuple[float, float]:
        """The canvas point of a view point."""
        return self.affine.inverse().apply(x, y)

    def corners(self, rect: Rect) -> Points:
        """The view points of a canvas rectangle's corners, clockwise on the canvas from its top left."""
        affine = self.affine
        left, top, right, bottom = rect.left, rect.top, rect.right, rect.bottom
        return tuple(affine.apply(x, y) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom)))

    def covered(self, rect: Rect) -> Rect:
        """The smallest rectangle of whole logical pixels that holds a canvas rectangle."""
        return _whole(self.corners(rect))

    def seen(self, view: Rect) -> Rect:
        """The smallest rectangle of whole canvas pixels that holds what a part of the view shows."""
        back = self.affine.inverse()
        corners = ((view.left, view.top), (view.right, view.top), (view.right, view.bottom), (view.left, view.bottom))
        return _whole(back.apply(x, y) for x, y in corners)

    def panned(self, dx: float, dy: float) -> ViewTransform:
        """Moved by logical pixels."""
        return replace(self, pan_x=self.pan_x + dx, pan_y=self.pan_y + dy)

    def zoomed(self, zoom: float, x: float, y: float) -> ViewTransform:
        """At another zoom, clipped to what is possible; the view point (x, y) keeps showing the same canvas point."""
        return self._pinned(replace(self, zoom=min(max(zoom, MIN_ZOOM), MAX_ZOOM)), x, y)

    def rotated(self, rotation_deg: float, x: float, y: float) -> ViewTransform:
        """Turned to another angle about the view point (x, y)."""
        return self._pinned(replace(self, rotation_deg=(rotation_deg + 180) % 360 - 180), x, y)

    def flipped(self, x: float, y: float) -> ViewTransform:
        """Mirrored left to right as seen, about the view point (x, y)."""
        return self._pinned(replace(self, mirrored=not self.mirrored, rotation_deg=-self.rotation_deg), x, y)

    def at_ratio(self, pixel_ratio: float) -> ViewTransform:
        """The same picture size in logical pixels on a screen with another pixel ratio."""
        return replace(self, pixel_ratio=pixel_ratio, zoom=self.scale * pixel_ratio)

    def fitted(self, canvas: Size, view: Size, *, margin_px: int = 24, largest: float = MAX_ZOOM) -> ViewTransform:
        """As large as the view has room for, with a margin, but not larger than the zoom `largest`; centred."""
        cos, sin = (abs(turn(math.radians(self.rotation_deg))) for turn in (math.cos, math.sin))
        wide, high = canvas.width * cos + canvas.height * sin, canvas.width * sin + canvas.height * cos
        room_x, room_y = max(view.width - 2 * margin_px, 1), max(view.height - 2 * margin_px, 1)
        zoom = min(room_x / wide, room_y / high) * self.pixel_ratio
        zoom = min(max(zoom, MIN_ZOOM), largest)
        return replace(self, zoom=zoom).centered(canvas.width / 2, canvas.height / 2, view)

    def centered(self, x: float, y: float, view: Size) -> ViewTransform:
        """With the canvas point (x, y) in the middle of the view."""
        at_x, at_y = self._linear().apply(x, y)
        return replace(self, pan_x=view.width / 2 - at_x, pan_y=view.height / 2 - at_y)

    def _linear(self) -> Affine:
        across = -self.scale if self.mirrored else self.scale
        return Affine.scale(across, self.scale).then(_turned(self.rotation_deg))

    def _raw(self) -> Affine:
        return self._linear().then(Affine.translation(self.pan_x, self.pan_y))

    def _pinned(self, new: ViewTransform, x: float, y: float) -> ViewTransform:
        """`new`, moved so that the view point (x, y) shows what it shows now."""
        now_x, now_y = new._raw().apply(*self._raw().inverse().apply(x, y))
        return new.panned(x - now_x, y - now_y)


def next_zoom(zoom: float, steps: int) -> float:
    """The zoom `steps` stops further in (or out, when negative) among `STEPS`."""
    for _ in range(abs(steps)):
        if steps > 0:
            zoom = next((stop for stop in STEPS if stop > zoom * 1.0001), MAX_ZOOM)
        else:
            zoom = next((stop for stop in reversed(STEPS) if stop < zoom / 1.0001), MIN_ZOOM)
    return zoom


def _turned(degrees: float) -> Affine:
    """A rotation that is exact at right angles."""
    quarters, rest = divmod(degrees, 90)
    if rest:
        return Affine.rotation(degrees)
    cos, sin = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters) % 4]
    return Affine(a=cos, b=sin, c=-sin, d=cos)


def _whole(points: Iterable[tuple[float, float]]) -> Rect:
    xs, ys = zip(*points, strict=True)
    slack = 1e-6  # a corner that rounding put just beyond a whole pixel does not touch the next one
    return Rect(
        math.floor(min(xs) + slack),
        math.floor(min(ys) + slack),
        math.ceil(max(xs) - slack),
        math.ceil(max(ys) - slack),
    )
