"""Saved selections as a PSD's alpha channels: planes behind the colours of the merged image, with names beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from psd_tools.constants import ColorMode, Compression, Resource
from psd_tools.psd import PSD
from psd_tools.psd.image_resources import AlphaIdentifiers, AlphaNamesPascal, AlphaNamesUnicode, ImageResources

from studio.core.pixels import Depth, Pixels
from studio.core.selection import Channel, coverage_buffer, read_coverage
from studio.io.psd.colour import Colours, unit
from studio.io.psd.merged import alpha_channel, merged_planes
from studio.io.psd.samples import DamagedChannel

MOST_CHANNELS: Final = 56
"""Planes that Photoshop opens, colours and transparency among them."""

_OLD_NAME_BYTES = 255
_ALL = 255


def alpha_planes(channels: Sequence[Channel], depth: Depth) -> list[Pixels]:
    """(h, w) samples of each channel at the file's depth."""
    scale = depth.top // _ALL
    return [read_coverage(channel.pixels).astype(depth.dtype) * depth.dtype.type(scale) for channel in channels]


def alpha_resources(channels: Sequence[Channel]) -> dict[Resource, object]:
    """The resources that name the channels and number them."""
    if not channels:
        return {}
    names = [channel.name for channel in channels]
    old = [name.encode("macroman", "replace")[:_OLD_NAME_BYTES].decode("macroman") for name in names]
    return {
        Resource.ALPHA_NAMES_PASCAL: AlphaNamesPascal(old),
        Resource.ALPHA_NAMES_UNICODE: AlphaNamesUnicode([f"{name}\0" for name in names]),
        Resource.ALPHA_IDENTIFIERS: AlphaIdentifiers(range(1, len(names) + 1)),
    }


def read_alphas(psd: PSD, colours: Colours) -> tuple[tuple[Channel, ...], bool]:
    """The alpha channels that are no transparency, and whether all of them could be read."""
    header = psd.header
    alpha = alpha_channel(psd, colours)
    first = colours.channels if alpha is None else alpha + 1
    if header.channels <= first or header.color_mode is ColorMode.MULTICHANNEL:
        return (), True
    try:
        planes = merged_planes(header, Compression(psd.image_data.compression), psd.image_data.data, header.channels)
    except DamagedChannel:
        return (), False
    names = _unique(_names(psd.image_resources, header.channels - first))
    return tuple(
        Channel(name=name, pixels=coverage_buffer(np.rint(np.clip(unit(plane), 0, 1) * _ALL).astype(np.uint8)))
        for name, plane in zip(names, planes[first:], strict=True)
    ), True


def _names(resources: ImageResources, count: int) -> list[str]:
    """The Unicode names, else the old ones, else numbers. A list may name the transparency too, before the others."""
    found: list[str] = []
    for key in (Resource.ALPHA_NAMES_UNICODE, Resource.ALPHA_NAMES_PASCAL):
        stored = resources.get_data(key)
        if isinstance(stored, AlphaNamesUnicode | AlphaNamesPascal) and len(stored) >= count:
            found = [str(name).rstrip("\0") for name in stored][-count:]
            break
    return [name or f"Alpha {number}" for number, name in enumerate(found or [""] * count, 1)]


def _unique(names: Sequence[str]) -> list[str]:
    """The names, those that came before with a number."""
    out: list[str] = []
    for name in names:
        new, number = name, 2
        while new in out:
            new, number = f"{name} {number}", number + 1
        out.append(new)
    return out
