"""A canvas in world units: soft fields blended in float32, then crisp shapes drawn with anti-aliasing.

Only exactly rounded operations act on pixels, so the same scene gives the same bytes on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.synth.dice import Dice
from studio.synth.frame import Frame
from studio.synth.noise import Field, fractal, line, smooth
from studio.synth.palette import RGB, clipped, mixed
from studio.synth.scene import Backdrop
from studio.synth.shapes import Points
from studio.synth.vocabulary import Time

Color: TypeAlias = RGB | NDArray[np.floating]

SCENE_LIGHT: dict[Time, tuple[float, float, float]] = {
    Time.DAY: (1.0, 1.0, 1.0),
    Time.SUNSET: (1.0, 0.80, 0.72),
    Time.NIGHT: (0.34, 0.42, 0.62),
    Time.OVERCAST: (0.80, 0.84, 0.87),
}
"""What the light of each time does to land and water (a factor per channel)."""

Keep: TypeAlias = Callable[[NDArray[np.floating], NDArray[np.floating]], NDArray[np.bool_]]
"""Chooses among places: (N,) x and (N,) y give (N,) whether to keep each."""

_SHIFT_BITS = 4
MARGIN = 0.8
"""How far beyond the standard view, on either side, details are strewn (for pans and zooms)."""


@dataclass(frozen=True, slots=True)
class Place:
    """A spot on the ground, how far it lies below the horizon, and four draws 0..1 for what is put there."""

    x: float
    y: float
    depth: float
    a: float
    b: float
    c: float
    d: float


class Stage:
    """The backdrop while it is painted; see the module."""

    def __init__(self, backdrop: Backdrop, frame: Frame) -> None:
        self.backdrop = backdrop
        self.frame = frame
        self.xs = frame.xs
        self.ys = frame.ys
        self.dice = Dice(backdrop.seed)
        self._soft = np.zeros((frame.size.height, frame.size.width, 3), np.float32)
        self._crisp: NDArray[np.uint8] | None = None

    def lit(self, color: RGB) -> RGB:
        """A daylight colour as it looks at this time, warmed or cooled by the backdrop's mood."""
        r, g, b = SCENE_LIGHT[self.backdrop.time]
        warm = 0.035 * self.backdrop.mood
        shown = clipped((color[0] * r * (1 + warm), color[1] * g, color[2] * b * (1 - warm)))
        return mixed(shown, (34, 48, 108), 0.34) if self.backdrop.time is Time.NIGHT else shown

    def seed(self, name: str) -> int:
        """The seed of one named field."""
        return self.dice.child(name).seed

    # Soft fields

    def blend(self, color: Color, weight: Field | float, rows: slice = slice(None)) -> None:
        """Move the canvas towards a colour (RGB, or an array that fits the rows) by `weight` 0..1 per pixel."""
        part = self._soft[rows]
        if isinstance(color, tuple):
            color = np.array(color, np.float32)
        share = (
            np.float32(weight) if isinstance(weight, float | int) else weight[..., None].astype(np.float32, copy=False)
        )
        part += (color - part) * share

    def shade(self, factor: Field, rows: slice = slice(None)) -> None:
        """Multiply the canvas by a field."""
        self._soft[rows] *= factor[..., None]

    def gradient(self, stops: Sequence[tuple[float, RGB]], rows: slice = slice(None)) -> NDArray[np.floating]:
        """(h, 1, 3): a colour for each row, blended between (world y, colour) stops."""
        places = [place for place, _ in stops]
        channels = [np.interp(self.ys[rows], places, [color[k] for _, color in stops]) for k in range(3)]
        return np.stack(channels, axis=1).astype(np.float32)[:, None, :]

    def below(self, crest: Field, rows: slice = slice(None)) -> Field:
        """Coverage 0..1 of the area below a crest line given as world y per column."""
        edge = (self.ys[rows][:, None] - crest[None, :]) * self.frame.scale + 0.5
        return np.clip(edge, 0.0, 1.0).astype(np.float32)

    def ridge(self, name: str, base: float, height: float, width: float, octaves: int = 2) -> NDArray[np.floating]:
        """A crest line: world y per column, between `base` and `base - height`, with hills about `width` wide."""
        profile = line(self.seed(name), self.xs / width + 7.0, octaves)
        return base - height * profile.astype(np.float64)

    def layer(self, crest: NDArray[np.floating], top: RGB, bottom: RGB, until: float) -> None:
        """Fill below a crest with a vertical gradient from `top` (at its highest point) to `bottom` at y = `until`."""
        if not len(crest):
            return
        high = float(crest.min())
        rows = slice(self.frame.row(high - 1.0 / self.frame.scale), self.frame.size.height)
        self.blend(self.gradient([(high, top), (until, bottom)], rows), self.below(crest, rows), rows)

    def depth_rows(self, rows: slice, cell: float) -> NDArray[np.floating]:
        """Lattice rows that shrink towards the horizon, so that a texture lies on the ground."""
        depth = np.maximum(self.ys[rows] - self.backdrop.horizon, 0.0) + 0.035
        return np.log(depth) / cell + 40.0

    def ground_noise(self, name: str, rows: slice, cell: float = 0.16, width: float = 0.2, octaves: int = 2) -> Field:
        """(h, W) noise 0..1 lying on the ground: finer towards the horizon."""
        far = fractal(self.seed(name), self.depth_rows(rows, cell), self.xs / (width * 0.45) + 9.0, octaves)
        near = fractal(self.seed(name + "/near"), self.depth_rows(rows, cell), self.xs / width + 9.0, octaves)
        share = np.clip((self.ys[rows] - self.backdrop.horizon) / 0.35, 0.0, 1.0).astype(np.float32)[:, None]
        return far + (near - far) * share

    def sky_noise(self, name: str, width: float, height: float, rows: slice, octaves: int = 3) -> Field:
        return fractal(self.seed(name), self.ys[rows] / height + 20.0, self.xs / width + 9.0, octaves)

    def plain_noise(self, name: str, width: float, height: float, rows: slice = slice(None)) -> Field:
        return smooth(self.seed(name), self.ys[rows] / height + 20.0, self.xs / width + 9.0)

    # Crisp shapes

    def to_crisp(self) -> None:
        """Round the soft canvas to 8 bits; from here on only crisp shapes are drawn."""
        if self._crisp is None:
            self._crisp = (np.clip(self._soft, 0.0, 255.0) + np.float32(0.5)).astype(np.uint8)

    def color_at(self, x: float, y: float) -> RGB:
        """What is painted at a place (clipped to the picture), after `to_crisp`."""
        assert self._crisp is not None
        column, row = self.frame.to_px(x, y)
        height, width = self._crisp.shape[:2]
        r, g, b = self._crisp[min(max(int(row), 0), height - 1), min(max(int(column), 0), width - 1)]
        return int(r), int(g), int(b)

    def draw(self, outlines: Sequence[Points], color: RGB) -> None:
        """Fill outlines given in world units (y down)."""
        assert self._crisp is not None
        shapes = [self._to_px(outline) for outline in outlines]
        for shape in shapes:
            cv2.fillPoly(self._crisp, [shape], color, cv2.LINE_AA, _SHIFT_BITS)

    def draw_lines(self, paths: Sequence[Points], color: RGB, width: float) -> None:
        """Open lines of a width in world units; thinner than a pixel they fade instead of vanishing."""
        assert self._crisp is not None
        thick = width * self.frame.scale
        for path in paths:
            shape = self._to_px(path)
            tone = color if thick >= 1.0 else mixed(self._under(shape), color, max(0.25, thick))
            cv2.polylines(self._crisp, [shape], False, tone, max(1, round(thick)), cv2.LINE_AA, _SHIFT_BITS)

    def _under(self, shape: NDArray[np.int32]) -> RGB:
        assert self._crisp is not None
        height, width = self._crisp.shape[:2]
        column, row = (int(v) >> _SHIFT_BITS for v in shape[len(shape) // 2])
        r, g, b = self._crisp[min(max(row, 0), height - 1), min(max(column, 0), width - 1)]
        return int(r), int(g), int(b)

    def _to_px(self, points: Points) -> NDArray[np.int32]:
        places = (np.asarray(points, np.float64) - (self.frame.left, self.frame.top)) * self.frame.scale - 0.5
        return np.rint(places * (1 << _SHIFT_BITS)).astype(np.int32)

    def finish(self) -> NDArray[np.uint8]:
        self.to_crisp()
        assert self._crisp is not None
        return self._crisp

    def strewn(
        self,
        name: str,
        count: int,
        near: float = 0.62,
        far: float = 0.03,
        keep: Keep | None = None,
        margin: float = 0.1,
    ) -> list[Place]:
        """Random places on the ground, evenly spread in perspective, back to front; those in view (and kept) only.

        `count` is the number in a standard view one unit wide; as many again lie in the margins, for wider views.
        `keep` chooses among places by their x and y.
        """
        left, right = -MARGIN, 1.0 + MARGIN + max(0.0, self.frame.size.width / self.frame.size.height - 1.0)
        number = int(count * (right - left))
        raw = np.random.PCG64(self.seed(name)).random_raw(number * 8).reshape(number, 8)
        draws = (raw >> np.uint64(11)) * 2.0**-53
        depth = far * (near / far) ** draws[:, 0] ** 0.8
        x, y = left + (right - left) * draws[:, 1], self.backdrop.horizon + depth
        seen = self._sees(x, y, margin)
        if keep is not None:
            seen &= keep(x, y)
        order = [int(k) for k in np.argsort(y, kind="stable") if seen[k]]
        return [Place(float(x[k]), float(y[k]), float(depth[k]), *(float(d) for d in draws[k, 2:6])) for k in order]

    def _sees(self, x: NDArray[np.floating], y: NDArray[np.floating], margin: float) -> NDArray[np.bool_]:
        column, row = (x - self.frame.left) * self.frame.scale, (y - self.frame.top) * self.frame.scale
        slack = margin * self.frame.scale
        size = self.frame.size
        return (column >= -slack) & (column <= size.width + slack) & (row >= -slack) & (row <= size.height + slack)

    def is_seen(self, x: float, y: float, margin: float = 0.1) -> bool:
        return bool(self._sees(np.array(x), np.array(y), margin))
