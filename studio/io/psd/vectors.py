"""Paths, fills and patterns of a PSD as pixels, drawn by psd-tools."""

from __future__ import annotations

from contextlib import suppress
from math import ceil, floor
from typing import cast

import numpy as np
from numpy.typing import NDArray
from psd_tools import PSDImage
from psd_tools.api.layers import Group, Layer
from psd_tools.composite.paint import create_fill
from psd_tools.composite.vector import draw_vector_mask
from psd_tools.constants import Tag
from psd_tools.psd import PSD
from psd_tools.psd.descriptor import Descriptor
from psd_tools.psd.layer_and_mask import LayerRecord
from psd_tools.psd.vector import VectorMaskSetting

from studio.core.geometry import Rect
from studio.core.pixels import Pixels
from studio.io.psd.colour import Colours
from studio.io.psd.container import size_of
from studio.io.psd.gradient import Gradient, Ramp

FILLS = (Tag.SOLID_COLOR_SHEET_SETTING, Tag.GRADIENT_FILL_SETTING, Tag.PATTERN_FILL_SETTING)

# What a descriptor that no Photoshop wrote makes psd-tools raise while drawing.
_UNREADABLE = (
    AttributeError,
    AssertionError,
    KeyError,
    IndexError,
    OverflowError,
    TypeError,
    ValueError,
    ZeroDivisionError,
)


def vector_mask(record: LayerRecord) -> VectorMaskSetting | None:
    """The record's path, when it has one that is switched on."""
    for key in (Tag.VECTOR_MASK_SETTING1, Tag.VECTOR_MASK_SETTING2):
        setting = record.tagged_blocks.get_data(key)
        if isinstance(setting, VectorMaskSetting):
            return None if setting.disable else setting
    return None


Drawn = tuple[Ramp, Ramp]
"""Colour components (h, w, n) and coverage (h, w), 0..1."""


class Artist:
    """Draws the parts of one parsed file that are stored as descriptions; knows its layers by their records."""

    def __init__(self, psd: PSD) -> None:
        self._psd = psd
        self._layers: dict[int, Layer] | None = None

    def path_coverage(self, record: LayerRecord, rect: Rect) -> NDArray[np.float64] | None:
        """(h, w) coverage 0..1 of the record's path inside `rect`; None when it cannot be drawn."""
        layer = self._layer(record)
        if layer is None or rect.is_empty:
            return None
        try:
            drawn = draw_vector_mask(layer, (rect.left, rect.top, rect.right, rect.bottom))
        except _UNREADABLE:
            return None
        return np.clip(drawn[:, :, 0].astype(np.float64), 0, 1)

    def fill(self, record: LayerRecord, rect: Rect, colours: Colours) -> Pixels | None:
        """The record's solid colour, gradient or pattern over `rect` as RGBA; None when it cannot be drawn."""
        layer = self._layer(record)
        if layer is None or rect.is_empty:
            return None
        try:
            drawn, shape = self._gradient(layer, record, rect) or _described(layer, rect)
        except _UNREADABLE:
            return None
        if drawn is None:
            return None
        depth = colours.depth
        planes = [_samples(drawn[:, :, channel], colours) for channel in range(min(drawn.shape[2], colours.channels))]
        out = np.full((rect.height, rect.width, 4), depth.top, depth.dtype)
        out[:, :, :3] = colours.rgb(planes)
        if shape is not None:
            out[:, :, 3] = np.round(np.clip(shape, 0, 1) * depth.top)
        return cast(Pixels, out)

    def _gradient(self, layer: Layer, record: LayerRecord, rect: Rect) -> Drawn | None:
        """The record's gradient; None when it has none or one that only psd-tools knows."""
        for key in (Tag.GRADIENT_FILL_SETTING, Tag.VECTOR_STROKE_CONTENT_DATA):
            setting = record.tagged_blocks.get_data(key)
            if isinstance(setting, Descriptor) and b"Grad" in setting:
                gradient = Gradient.of(setting, self._psd.header.color_mode)
                if gradient is None:
                    return None
                aligned = getattr(setting.get(b"Algn"), "value", True)
                return gradient.draw(rect, self._box(layer, record) if aligned else size_of(self._psd.header).rect)
        return None

    def _box(self, layer: Layer, record: LayerRecord) -> Rect:
        """What a gradient that is aligned with its layer spans: the path, the black-surrounded mask, or the canvas."""
        canvas = size_of(self._psd.header).rect
        if layer.has_vector_mask() and layer.vector_mask is not None:
            left, top, right, bottom = layer.vector_mask.bbox
            path = Rect(
                floor(left * canvas.width),
                floor(top * canvas.height),
                ceil(right * canvas.width),
                ceil(bottom * canvas.height),
            )
            return canvas if path.is_empty else path
        mask = record.mask_data
        if mask is not None and not mask.background_color:
            bounds = Rect(mask.left, mask.top, mask.right, mask.bottom)
            return canvas if bounds.is_empty else bounds
        return canvas

    def _layer(self, record: LayerRecord) -> Layer | None:
        if self._layers is None:
            self._layers = {}
            with suppress(*_UNREADABLE):
                _index(PSDImage(self._psd), self._layers)
        return self._layers.get(id(record))


def _index(group: Group | PSDImage, into: dict[int, Layer]) -> None:
    for layer in group:
        into[id(layer._record)] = layer  # pyright: ignore[reportPrivateUsage] - no public way from a record to its layer
        if isinstance(layer, Group):
            _index(layer, into)


def _described(layer: Layer, rect: Rect) -> tuple[Ramp | None, Ramp | None]:
    """What psd-tools makes of the description: colour components and coverage."""
    drawn, shape = create_fill(layer, (rect.left, rect.top, rect.right, rect.bottom))
    return (
        None if drawn is None else drawn.astype(np.float64),
        None if shape is None else shape[:, :, 0].astype(np.float64),
    )


def _samples(plane: Ramp, colours: Colours) -> NDArray[np.uint8 | np.uint16 | np.float32]:
    """psd-tools' 0..1 as samples of the file's depth."""
    if colours.bits == 32:
        return plane.astype(np.float32)
    return np.round(np.clip(plane, 0, 1) * colours.depth.top).astype(colours.depth.dtype)
