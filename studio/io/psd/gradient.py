"""Gradient fills from their descriptions.

psd-tools lays gradients out differently from Photoshop; the geometry and the smoothness here were measured on fills
that files of Photoshop's hold both as a description and as pixels (tests/io/psd/test_gradient.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import numpy as np
from numpy.typing import NDArray
from psd_tools.composite.paint import draw_solid_color_fill
from psd_tools.constants import ColorMode
from psd_tools.psd.descriptor import Descriptor

from studio.core.geometry import Rect

Ramp = NDArray[np.float64]

_WHOLE = 4096.0  # locations and smoothness are in 1/4096
_KINDS = {b"Lnr ": "linear", b"Rdl ": "radial", b"Angl": "angle", b"Rflc": "reflected", b"Dmnd": "diamond"}


@dataclass(frozen=True, slots=True)
class Stop:
    """Colour components or opacity (0..1) at `location` 0..1; `midpoint` 0..1 is that of the way there."""

    location: float
    midpoint: float
    value: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Gradient:
    """Angle in degrees, counter-clockwise; scale and offset as shares; smoothness 0..1."""

    kind: str
    angle: float
    scale: float
    offset: tuple[float, float]
    reverse: bool
    smoothness: float
    linear_light: bool
    colours: tuple[Stop, ...]
    opacities: tuple[Stop, ...]

    @classmethod
    def of(cls, setting: Descriptor, mode: ColorMode) -> Gradient | None:
        """From a gradient fill's descriptor; None for noise gradients and kinds we do not know."""
        inner = setting.get(b"Grad")
        kind = _KINDS.get(_enum(setting.get(b"Type")))
        if kind is None or not isinstance(inner, Descriptor) or _enum(inner.get(b"GrdF")) == b"ClNs":
            return None
        colours = tuple(_colour_stop(stop, mode) for stop in _items(inner.get(b"Clrs")))
        opacities = tuple(
            Stop(
                _number(stop, b"Lctn", 0) / _WHOLE,
                _number(stop, b"Mdpn", 50) / 100,
                (_number(stop, b"Opct", 100) / 100,),
            )
            for stop in _items(inner.get(b"Trns"))
        )
        if not colours:
            return None
        place = setting.get(b"Ofst")
        offset = (_number(place, b"Hrzn", 0) / 100, _number(place, b"Vrtc", 0) / 100)
        return cls(
            kind,
            _number(setting, b"Angl", 0),
            max(_number(setting, b"Scl ", 100) / 100, 1e-3),
            offset,
            bool(_number(setting, b"Rvrs", 0)),
            min(max(_number(inner, b"Intr", _WHOLE) / _WHOLE, 0), 1),
            _enum(setting.get(b"gradientsInterpolationMethod")) == b"Lnr ",
            tuple(sorted(colours, key=lambda stop: stop.location)),
            tuple(sorted(opacities, key=lambda stop: stop.location)),
        )

    def draw(self, rect: Rect, box: Rect) -> tuple[Ramp, Ramp]:
        """Colour components (h, w, n) and opacity (h, w) over `rect`; the ramp spans `box`."""
        along = self._positions(rect, box)
        if self.reverse:
            along = 1 - along
        light = self.linear_light and len(self.colours[0].value) == 3
        stops = [Stop(s.location, s.midpoint, tuple(map(_to_light, s.value))) if light else s for s in self.colours]
        colours = _along(stops, along, self.smoothness)
        if light:
            colours = _from_light(colours)
        if not self.opacities:
            return colours, np.ones(along.shape)
        return colours, _along(self.opacities, along, self.smoothness)[:, :, 0]

    def _positions(self, rect: Rect, box: Rect) -> Ramp:
        """Where on the ramp, 0..1, each pixel of `rect` lies.

        The ramp's ends are cut to whole pixels, and pixels are sampled at their upper left corner.
        """
        cos, sin = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        half = (abs(box.width * cos) + abs(box.height * sin)) / 2 * self.scale
        centre_x = (box.left + box.right) / 2 + self.offset[0] * box.width
        centre_y = (box.top + box.bottom) / 2 + self.offset[1] * box.height
        back = 1 if self.kind == "linear" else 0
        start_x, start_y = _whole(centre_x - back * half * cos), _whole(centre_y + back * half * sin)
        way_x, way_y = _whole(centre_x + half * cos) - start_x, _whole(centre_y - half * sin) - start_y
        length = max(way_x * way_x + way_y * way_y, 1)
        x = np.arange(rect.left, rect.right)[None, :] - start_x
        y = np.arange(rect.top, rect.bottom)[:, None] - start_y
        ahead, aside = (x * way_x + y * way_y) / length, (y * way_x - x * way_y) / length
        match self.kind:
            case "linear":
                along = ahead
            case "reflected":
                along = np.abs(ahead)
            case "radial":
                along = np.hypot(ahead, aside)
            case "diamond":
                along = np.abs(ahead) + np.abs(aside)
            case _:
                along = np.mod(np.arctan2(-aside, ahead) / (2 * math.pi), 1)
        return np.clip(along, 0, 1)


def _whole(position: float) -> int:
    """Cut to a whole pixel; a hair below one counts as that one."""
    return math.floor(position + 1e-6)


def _along(stops: Sequence[Stop], position: Ramp, smoothness: float) -> Ramp:
    """The stops' values at each position: between two the way is bent by the midpoint, then eased half the way."""
    out = np.empty((*position.shape, len(stops[0].value)))
    out[:] = stops[0].value
    for before, after in pairwise(stops):
        inside = position >= before.location
        span = max(after.location - before.location, 1e-9)
        way = np.clip((position[inside] - before.location) / span, 0, 1)
        middle = min(max(after.midpoint, 1e-3), 1 - 1e-3)
        way = np.where(way < middle, way / middle / 2, 0.5 + (way - middle) / (1 - middle) / 2)
        eased = way * way * (3 - 2 * way)
        way = (way + smoothness / 2 * (eased - way))[:, None]
        out[inside] = (1 - way) * before.value + way * after.value
    return out


def _colour_stop(stop: Descriptor, mode: ColorMode) -> Stop:
    drawn, _ = draw_solid_color_fill((0, 0, 1, 1), mode, stop)
    value = tuple(float(component) for component in np.clip(drawn[0, 0], 0, 1))
    return Stop(_number(stop, b"Lctn", 0) / _WHOLE, _number(stop, b"Mdpn", 50) / 100, value)


def _items(value: object) -> list[Descriptor]:
    if not isinstance(value, Iterable):
        return []
    return [item for item in cast(Iterable[object], value) if isinstance(item, Descriptor)]


def _number(descriptor: object, key: bytes, default: float) -> float:
    found = descriptor.get(key) if isinstance(descriptor, Descriptor) else None
    value = getattr(found, "value", found)
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else default


def _enum(value: object) -> bytes:
    found = getattr(value, "enum", b"")
    code = getattr(found, "value", found)
    return code if isinstance(code, bytes) else b""


def _to_light(sample: float) -> float:
    return sample / 12.92 if sample <= 0.04045 else ((sample + 0.055) / 1.055) ** 2.4


def _from_light(light: Ramp) -> Ramp:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0) ** (1 / 2.4) - 0.055)
