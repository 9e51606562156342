"""What a plugin gives back: layers for the document, and figures for the report. A result is one undo step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from studio.core.geometry import ORIGIN, Point
from studio.core.layers import BlendMode, GroupLayer, Layer, LayerId, Provenance, RasterLayer
from studio.core.pixels import PixelBuffer, Pixels
from studio.plugin_api.interactions import LabelMap, Suggestions

Figure: TypeAlias = float | int | str | bool | None
"""A number or word for the report; None where a figure does not apply."""


class Placement(StrEnum):
    """Where the layers go: in place of the one layer they were made from, or on top of it."""

    REPLACE_SOURCE = "replace_source"
    ABOVE_SOURCE = "above_source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """`layers` (bottom to top) are put into the document as they are, in one named group of the plugin's making.

    `figures` are measured values with their unit in the name; `notices` are sentences that the user should read.
    `suggestions` answer parameters of the kind `places`, by name; a result with these and no layers changes nothing.
    `label_maps` say what a click may choose, whole objects first, then finer; only a plugin that selects gives them.
    `below` names a layer of the document that the layers go directly below, instead of where `placement` says.
    """

    layers: tuple[Layer, ...]
    placement: Placement = Placement.ABOVE_SOURCE
    figures: Mapping[str, Figure] = field(default_factory=dict[str, Figure])
    notices: tuple[str, ...] = ()
    suggestions: Mapping[str, Suggestions] = field(default_factory=dict[str, Suggestions])
    label_maps: tuple[LabelMap, ...] = ()
    below: LayerId | None = None


def raster(
    name: str,
    pixels: Pixels,
    origin: Point = ORIGIN,
    *,
    blend: BlendMode = BlendMode.NORMAL,
    provenance: Provenance | None = None,
    trim: bool = False,
) -> RasterLayer:
    """A layer of straight RGBA samples (h, w, 4), the first pixel at `origin`; `trim` cuts it to what is visible."""
    buffer = PixelBuffer.from_array(pixels)
    if trim:
        buffer, offset = buffer.trimmed()
        origin = origin + offset
    return RasterLayer(name=name, pixels=buffer, origin=origin, blend=blend, provenance=provenance)


def group(name: str, children: Sequence[Layer], *, provenance: Provenance | None = None) -> GroupLayer:
    """A pass-through group of `children`, bottom to top."""
    return GroupLayer(name=name, children=tuple(children), provenance=provenance)
