"""Gradient maps as a PSD's tagged block, and back. The block's colours are 16-bit RGB at 4096ths of the way."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (psd-tools types its gradient records as bare lists)

from __future__ import annotations

from typing import cast

from psd_tools.constants import Tag
from psd_tools.psd import adjustments as stored
from psd_tools.psd.tagged_blocks import TaggedBlocks

from studio.core.adjustments import GradientMap
from studio.core.gradients import GradientStop

_WHOLE = 4096
_TOP = 65535
_RGB = 0
_NOISE = 1
_MIDDLE = 50


def read_gradient_map(gradient: stored.GradientMap) -> GradientMap | None:
    """The colours of a block; None for noise gradients and for stops in other colours than RGB.

    A midpoint that was moved becomes a stop of its own, so that the halves keep their lengths.
    """
    found = sorted(cast(list[stored.ColorStop], gradient.color_stops), key=_place)
    if gradient.mode == _NOISE or not found or any(stop.mode != _RGB for stop in found):
        return None
    stops: list[GradientStop] = []
    for index, record in enumerate(found):
        color = _color(record)
        at = min(int(record.location), _WHOLE) / _WHOLE
        # Photoshop keeps with each stop where the middle between it and the one before lies.
        if index and record.midpoint != _MIDDLE:
            before = stops[-1]
            between = before.position + (at - before.position) * int(record.midpoint) / 100
            red, green, blue = ((a + b) / 2 for a, b in zip(before.color, color, strict=True))
            stops.append(GradientStop(position=min(between, at), color=(red, green, blue)))
        stops.append(GradientStop(position=at, color=color))
    return GradientMap(gradient=tuple(stops), reverse=bool(gradient.is_reversed))


def write_gradient_map(adjustment: GradientMap, blocks: TaggedBlocks) -> None:
    """Put the block into a layer record: a plain gradient of RGB colours, without Photoshop's extra smoothing."""
    colors = [
        stored.ColorStop(
            round(stop.position * _WHOLE), _MIDDLE, _RGB, (*(round(value * _TOP) for value in stop.color), 0)
        )
        for stop in adjustment.gradient
    ]
    blocks.set_data(
        Tag.GRADIENT_MAP,
        is_reversed=int(adjustment.reverse),
        name="Custom\0",
        color_stops=colors,
        transparency_stops=[stored.TransparencyStop(place, _MIDDLE, 100) for place in (0, _WHOLE)],
        minimum_color=[0, 0, 0, 0],
        maximum_color=[32768, 32768, 32768, 32768],
        color_model=3,
    )


def _place(record: stored.ColorStop) -> int:
    return record.location


def _color(record: stored.ColorStop) -> tuple[float, float, float]:
    red, green, blue = (int(value) / _TOP for value in record.color[:3])
    return red, green, blue
