"""Files that break the format in ways other programs overlook: values that do not exist, resources cut short.

psd-tools refuses such a file as a whole. Here the fields are set to what a careless reader would take them for, the
resources that cannot be read are left out, and the file is parsed again. Lengths are never touched.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from psd_tools.constants import BlendMode, ChannelID, Compression, GlobalLayerMaskKind, SectionDivider
from psd_tools.psd.image_resources import ImageResource

from studio.io.psd.tree import LAYER_BLOCKS, LONG_KEYS

_MODES = frozenset(mode.value for mode in BlendMode)
_CHANNELS = frozenset(channel.value for channel in ChannelID)
_DIVIDERS = (b"lsct", b"lsdk")
_HEADER_BYTES = 26
_SPARE_CHANNEL = 9


class BeyondRepair(ValueError):
    """The lengths themselves do not fit the file."""


@dataclass(slots=True)
class _Bytes:
    """The file as mutable bytes, a position in it, and what has been mended, in words."""

    data: bytearray
    version: int
    at: int = 0
    mended: dict[str, None] = field(default_factory=dict[str, None])

    def read(self, fmt: str) -> int:
        value = self.peek(fmt, self.at)
        self.at += struct.calcsize(">" + fmt)
        return value

    def peek(self, fmt: str, at: int) -> int:
        try:
            (value,) = struct.unpack_from(">" + fmt, self.data, at)
        except struct.error as error:
            raise BeyondRepair(str(error)) from error
        return value

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.data):
            raise BeyondRepair(f"{count} bytes at {self.at}")
        self.at += count
        return bytes(self.data[self.at - count : self.at])

    def put(self, at: int, value: bytes, what: str) -> None:
        self.data[at : at + len(value)] = value
        self.mended[what] = None

    @property
    def long(self) -> str:
        return "I" if self.version == 1 else "Q"


def repaired(raw: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The mended file and what was mended. Raises BeyondRepair."""
    if len(raw) < _HEADER_BYTES:
        raise BeyondRepair("no header")
    file = _Bytes(bytearray(raw), 2 if raw[5] == 2 else 1, _HEADER_BYTES)
    file.take(file.read("I"))
    start = file.at
    resources = _resources(file)
    after = file.at
    _layer_section(file)
    _merged_code(file)
    out = bytes(file.data[:start]) + struct.pack(">I", len(resources)) + resources + bytes(file.data[after:])
    return out, tuple(file.mended)


def _resources(file: _Bytes) -> bytes:
    """The resources that can be read, one after another."""
    length = file.read("I")
    end = file.at + length
    if end > len(file.data):
        raise BeyondRepair("resources end early")
    kept: list[bytes] = []
    while file.at + 12 <= end:
        start = file.at
        file.at += 6
        name = file.read("B")
        file.at += name + (name + 1) % 2
        size = file.read("I")
        stop = file.at + size + size % 2
        if stop > end:
            break
        item = bytes(file.data[start:stop])
        try:
            ImageResource.frombytes(item)
        except (ValueError, OSError, TypeError, KeyError, IndexError, struct.error):
            file.mended["an image resource that cannot be read is left out"] = None
        else:
            kept.append(item)
        file.at = stop
    if file.at != end:
        file.mended["an image resource that cannot be read is left out"] = None
    file.at = end
    return b"".join(kept)


def _layer_section(file: _Bytes) -> None:
    length = file.read(file.long)
    end = file.at + length
    if length == 0:
        return
    if end > len(file.data):
        raise BeyondRepair("layers end early")
    info = file.read(file.long)
    stop = file.at + info
    if info >= 2:
        _layers(file, stop)
    file.at = stop
    if file.at + 4 <= end and bytes(file.data[file.at : file.at + 4]) not in (b"8BIM", b"8B64"):
        _global_mask(file)
    for key, start, size in _blocks(file, end, pad=4):
        if key in LAYER_BLOCKS and size >= 2:
            file.at = start
            _layers(file, start + size)
    file.at = end


def _merged_code(file: _Bytes) -> None:
    """The compression of the merged image, raw data of no bytes where there is none."""
    left = bytes(file.data[file.at : file.at + 2])
    if len(left) < 2 or int.from_bytes(left, "big") not in [code.value for code in Compression]:
        file.put(file.at, b"\0\0", "the merged image is missing or unreadable")


def _global_mask(file: _Bytes) -> None:
    size = file.read("I")
    kind = file.at + 12
    if size >= 13 and file.data[kind] not in [known.value for known in GlobalLayerMaskKind]:
        file.put(kind, bytes([GlobalLayerMaskKind.PER_LAYER.value]), "unknown kind of overlay")
    file.take(size)


def _layers(file: _Bytes, end: int) -> None:
    lengths: list[int] = []
    for _ in range(abs(file.read("h"))):
        _record(file, end, lengths)
    for length in lengths:
        if length >= 2 and file.peek("H", file.at) not in [code.value for code in Compression]:
            file.put(file.at, b"\0\0", "unknown compression")
        file.take(length)


def _record(file: _Bytes, end: int, lengths: list[int]) -> None:
    file.take(16)
    for _ in range(file.read("H")):
        if file.peek("h", file.at) not in _CHANNELS:
            file.put(file.at, struct.pack(">h", _SPARE_CHANNEL), "unknown channel left out")
        file.at += 2
        lengths.append(file.read(file.long))
        if file.at > end:
            raise BeyondRepair("layer records end early")
    if file.take(4) != b"8BIM":
        file.put(file.at - 4, b"8BIM", "wrong layer signature")
    if file.take(4) not in _MODES:
        file.put(file.at - 4, b"norm", "unknown blend mode read as Normal")
    file.take(2)
    if file.data[file.at - 1] > 1:
        file.put(file.at - 1, b"\1", "unknown clipping value read as clipped")
    file.take(2)
    extra = file.read("I")
    stop = file.at + extra
    if stop > end:
        raise BeyondRepair("layer records end early")
    file.take(file.read("I"))
    file.take(file.read("I"))
    name = file.read("B")
    file.take(name + -(name + 1) % 4)
    for key, start, size in _blocks(file, stop, pad=1):
        if key in _DIVIDERS:
            _divider(file, start, size)
    file.at = stop


def _divider(file: _Bytes, start: int, size: int) -> None:
    if size >= 4 and file.peek("I", start) > max(kind.value for kind in SectionDivider):
        file.put(start, bytes(4), "unknown group marker ignored")
    if size >= 12:
        if bytes(file.data[start + 4 : start + 8]) != b"8BIM":
            file.put(start + 4, b"8BIM", "wrong group signature")
        if bytes(file.data[start + 8 : start + 12]) not in _MODES:
            file.put(start + 8, b"norm", "unknown blend mode read as Normal")


def _blocks(file: _Bytes, end: int, pad: int) -> Iterator[tuple[bytes, int, int]]:
    """Key, start and size of each tagged block up to `end`; the position is behind the block afterwards."""
    while file.at + 12 <= end:
        if file.take(4) not in (b"8BIM", b"8B64"):
            return
        key = file.take(4)
        size = file.read("Q" if file.version == 2 and key in LONG_KEYS else "I")
        start = file.at
        if start + size > end:
            return
        yield key, start, size
        file.at = start + size + -size % pad
