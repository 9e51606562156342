"""The merged image at the end of a PSD: reading it as RGBA, and writing ours.

Where the file says that the first extra channel is transparency, the colours are stored on white, as Photoshop does.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from psd_tools.compression import compress
from psd_tools.constants import ColorMode, Compression, Resource
from psd_tools.psd import PSD
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_data import ImageData
from psd_tools.psd.image_resources import ImageResources, VersionInfo

from studio.core.geometry import Size
from studio.core.pixels import Depth, Pixels
from studio.io.psd.colour import Colours, to_samples, unit
from studio.io.psd.container import opened, read_header, section_length, size_of
from studio.io.psd.samples import DamagedChannel, Plane, big_endian, decode, planes_of
from studio.io.psd.tree import LAYER_BLOCKS, LONG_KEYS, layer_info

_TRANSPARENCY_BLOCKS: Final = (b"Mtrn", b"Mt16", b"Mt32")
_ROWS = 256
_ROUNDING = 2.5 / 255
_FEW = 0.001


def merged_preview(path: Path) -> Pixels | None:
    """The stored merged image alone, (H, W, 4) straight RGBA at the document's depth; layers are skipped by length.

    None when the file holds no merged image, or a damaged one. Raises FileFormatError.
    """
    with opened(path) as file:
        header = read_header(path, file)
        end = file.seek(0, 2)
        file.seek(26)
        palette = file.read(section_length(path, file, "I", end))
        raw_resources = file.read(section_length(path, file, "I", end))
        section = section_length(path, file, "I" if header.version == 1 else "Q", end)
        start = file.tell()
        count, marked = _layer_count(file, header.version, start + section)
        file.seek(start + section)
        code = file.read(2)
        if len(code) < 2 or code[1] > Compression.ZIP_WITH_PREDICTION or code[0]:
            return None
        data = file.read()
    resources = _resources(raw_resources)
    if count and not _has_picture(resources):
        return None
    colours = Colours.of(header.color_mode, header.depth, header.channels, profile_of(resources), palette)
    alpha = colours.channels if _has_alpha(header, colours, count, marked, resources) else None
    try:
        return picture(header, Compression(code[1]), data, colours, alpha)
    except DamagedChannel:
        return None


def stored_picture(psd: PSD, colours: Colours) -> Pixels | None:
    """The merged image of a parsed file; None when there is none or it is damaged."""
    try:
        return picture(
            psd.header, psd.image_data.compression, psd.image_data.data, colours, alpha_channel(psd, colours)
        )
    except DamagedChannel:
        return None


def alpha_channel(psd: PSD, colours: Colours) -> int | None:
    """Which channel of the merged image is its transparency, or None."""
    info = layer_info(psd)
    marked = any(key in (psd.layer_and_mask_information.tagged_blocks or {}) for key in _TRANSPARENCY_BLOCKS)
    count = 0 if info is None else info.layer_count
    has = _has_alpha(psd.header, colours, count, marked, psd.image_resources)
    return colours.channels if has else None


def picture(header: FileHeader, compression: Compression, data: bytes, colours: Colours, alpha: int | None) -> Pixels:
    """(H, W, 4) straight RGBA at the document's depth. Raises DamagedChannel when the bytes are too few."""
    size = size_of(header)
    wanted = colours.channels if alpha is None else alpha + 1
    planes = merged_planes(header, compression, data, wanted)
    out = np.full((size.height, size.width, 4), colours.depth.top, colours.depth.dtype)
    if alpha is None:
        out[:, :, :3] = colours.rgb(planes)
        return out
    matted = _on_white(planes[: colours.channels], planes[alpha])
    for top in range(0, size.height, _ROWS):
        rows = slice(top, top + _ROWS)
        coverage = to_samples(planes[alpha][rows], colours.depth)
        bare = [plane[rows] for plane in planes[: colours.channels]]
        if matted:
            bare = [_off_white(plane, coverage, colours) for plane in bare]
        out[rows, :, :3] = colours.rgb(bare)
        out[rows, :, 3] = coverage
    return out


def merged_data(pixels: Pixels, header: FileHeader, extra: Sequence[Pixels] = ()) -> ImageData:
    """Our picture (H, W, 4 straight) as three or four channels, and further ones behind them, as the header says.

    Run-length coded at 8 bit; raw at 16 bit as Photoshop has it, because ag-psd reads no other.
    """
    own = header.channels - len(extra)
    if own > 3:
        pixels = on_white(pixels)
    planes = planes_of(pixels[:, :, :own])
    raw = b"".join(big_endian(plane) for plane in (*planes, *extra))
    if header.depth == 16:
        return ImageData(Compression.RAW, raw)
    rows = header.height * header.channels
    coded = compress(raw, Compression.RLE, header.width, rows, header.depth, header.version)
    return ImageData(Compression.RLE, coded)


def on_white(pixels: Pixels) -> Pixels:
    """Straight RGBA with its colours blended onto white; alpha unchanged."""
    out = pixels.copy()
    top = Depth.of(pixels).top
    for start in range(0, pixels.shape[0], _ROWS):
        part = pixels[start : start + _ROWS].astype(np.float64)
        alpha = part[:, :, 3:] / top
        out[start : start + _ROWS, :, :3] = np.round(part[:, :, :3] * alpha + top * (1 - alpha))
    return out


def profile_of(resources: ImageResources) -> bytes | None:
    data = resources.get_data(Resource.ICC_PROFILE)
    return data if isinstance(data, bytes) and len(data) > 128 else None


def _has_alpha(header: FileHeader, colours: Colours, count: int, marked: bool, resources: ImageResources) -> bool:
    """Photoshop says it with a negative layer count; other programs with just one more channel that has no name."""
    if header.channels <= colours.channels or header.color_mode is ColorMode.MULTICHANNEL:
        return False
    if marked or count < 0:
        return True
    named = any(key in resources for key in (Resource.ALPHA_NAMES_PASCAL, Resource.ALPHA_NAMES_UNICODE))
    ids = resources.get_data(Resource.ALPHA_IDENTIFIERS)
    if count > 0:
        return not named and not ids and header.channels == colours.channels + 1
    return not ids or 0 in list(ids)


def _has_picture(resources: ImageResources) -> bool:
    """Photoshop writes a blank merged image when compatibility is turned off, and says so here."""
    info = resources.get_data(Resource.VERSION_INFO)
    return not isinstance(info, VersionInfo) or info.has_composite


def _on_white(colours: list[Plane], alpha: Plane) -> bool:
    """Whether the colours can lie on white: none is darker than the white that must show through.

    ImageMagick stores them bare; in random colours some are darker then.
    """
    through = 1 - unit(alpha)
    darker = np.zeros(alpha.shape, np.bool_)
    for plane in colours:
        darker |= unit(plane) < through - _ROUNDING
    return bool(darker.mean() < _FEW)


def _off_white(plane: Plane, coverage: NDArray[np.uint8 | np.uint16], colours: Colours) -> Plane:
    """One colour plane with the white that shows through `coverage` taken off; zero where nothing covers."""
    alpha = unit(coverage)
    bare = np.divide(unit(plane) - (1 - alpha), alpha, out=np.zeros_like(alpha), where=alpha > 0)
    if plane.dtype == np.float32:
        return bare.astype(np.float32)
    return np.round(np.clip(bare, 0, 1) * colours.depth.top).astype(plane.dtype)


def merged_planes(header: FileHeader, compression: Compression, data: bytes, wanted: int) -> list[Plane]:
    """The first `wanted` channels. Only they are decoded where the coding allows it."""
    size = size_of(header)
    count = header.channels
    if compression is Compression.RLE:
        width = 2 * header.version
        table = np.frombuffer(data[: width * size.height * count], ">u2" if width == 2 else ">u4")
        rows = size.height * wanted
        if table.size < rows:
            raise DamagedChannel("row table ends early")
        start = width * size.height * count
        data = data[: width * rows] + data[start : start + int(table[:rows].sum())]
        count = wanted
    elif compression is Compression.RAW:
        count = wanted
    tall = decode(data, compression, Size(size.width, size.height * count), header.depth, header.version)
    return [tall[index * size.height : (index + 1) * size.height] for index in range(wanted)]


def _layer_count(file: BinaryIO, version: int, end: int) -> tuple[int, bool]:
    """The signed layer count, and whether a block says that the merged image has transparency."""
    long = 4 * version
    fmt = ">I" if version == 1 else ">Q"
    raw = file.read(long)
    if len(raw) < long or file.tell() >= end:
        return 0, False
    (length,) = struct.unpack(fmt, raw)
    count = _short(file) if length >= 2 else 0
    if count:
        return count, False
    file.seek(max(0, length - 2) if length >= 2 else 0, 1)
    mask = file.read(4)
    if len(mask) == 4:
        file.seek(int.from_bytes(mask, "big"), 1)
    marked = False
    while file.tell() + 12 <= end:
        signature, key = file.read(4), file.read(4)
        if signature not in (b"8BIM", b"8B64"):
            break
        size = int.from_bytes(file.read(8 if version == 2 and key in LONG_KEYS else 4), "big")
        after = file.tell() + size + -size % 4
        marked |= key in _TRANSPARENCY_BLOCKS
        if key in LAYER_BLOCKS and size >= 2:
            count = _short(file)
        file.seek(after)
    return count, marked


def _short(file: BinaryIO) -> int:
    return int.from_bytes(file.read(2), "big", signed=True)


def _resources(raw: bytes) -> ImageResources:
    try:
        return ImageResources.frombytes(len(raw).to_bytes(4, "big") + raw)
    except (ValueError, OSError, TypeError, KeyError, struct.error):
        return ImageResources()
