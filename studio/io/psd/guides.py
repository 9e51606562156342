"""Guides as Photoshop keeps them: image resource 1032, in 32nds of a pixel, upright lines by x and level ones by y.

The resource also holds the grid, which we do not have: that of the file that was read goes back.
"""

from __future__ import annotations

import struct
from typing import Final, cast

from psd_tools.constants import Resource
from psd_tools.psd.image_resources import GridGuidesInfo, ImageResources

from studio.core.document import Document
from studio.core.guides import Guides, guides_of
from studio.io.psd import blocks

_PARTS: Final = 32
_PLAIN_GRID: Final = (576, 576)
"""Photoshop's own grid: 18 pixels."""
_LEVEL: Final = 1
_KEY: Final = f"{blocks.RESOURCE_PREFIX}{Resource.GRID_AND_GUIDES_INFO.value}"


def read_guides(resources: ImageResources) -> tuple[Guides | None, bool]:
    """The guides of a file on whole pixels, None where it tells of none; and whether any lies between pixels."""
    info = resources.get_data(Resource.GRID_AND_GUIDES_INFO)
    if not isinstance(info, GridGuidesInfo):
        return None, False
    return _guides(info), any(place % _PARTS for place, _ in _lines(info))


def guides_resource(document: Document) -> bytes | None:
    """The resource to write; None for a document that has no guides and came without any."""
    guides = guides_of(document)
    stored = next((b.data for b in document.foreign if b.format == blocks.FORMAT and b.key == _KEY), None)
    info = None if stored is None else _parsed(stored)
    if info is None and guides == Guides():
        return None
    if info is not None and _guides(info) == guides:
        return stored  # those between pixels stay there
    grid = _PLAIN_GRID if info is None else (info.horizontal, info.vertical)
    lines = [(x, 0) for x in guides.columns] + [(y, _LEVEL) for y in guides.rows]
    packed = b"".join(struct.pack(">iB", place * _PARTS, direction) for place, direction in lines)
    return struct.pack(">4I", 1, *grid, len(lines)) + packed


def _parsed(stored: bytes) -> GridGuidesInfo | None:
    """None for a damaged resource."""
    try:
        return GridGuidesInfo.frombytes(stored)
    except OSError:  # what psd-tools raises at the end of the data
        return None


def _guides(info: GridGuidesInfo) -> Guides:
    columns, rows = (
        tuple(sorted({_whole(place) for place, direction in _lines(info) if (direction == _LEVEL) is level}))
        for level in (False, True)
    )
    return Guides(columns, rows)


def _lines(info: GridGuidesInfo) -> list[tuple[int, int]]:
    """Places and directions, which psd-tools gives no types."""
    return cast("list[tuple[int, int]]", info.data)  # pyright: ignore[reportUnknownMemberType]  # psd-tools: bare list


def _whole(place: int) -> int:
    """Whole pixels of a stored place, which psd-tools takes for unsigned."""
    signed = place - (1 << 32) if place >= 1 << 31 else place
    return (signed + _PARTS // 2) // _PARTS
