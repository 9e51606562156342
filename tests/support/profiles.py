"""Small ICC profiles (version 2, matrix and curve) made from nothing, so that tests need no profile files."""

from __future__ import annotations

import struct

_D50 = (0.9642, 1.0, 0.8249)
_ADOBE_RGB = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))


def wide_rgb_profile(gamma: float = 2.2) -> bytes:
    """An RGB profile with wider primaries than sRGB."""
    curve = _curve(gamma)
    tags = {b"wtpt": _xyz(_D50), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    for name, primary in zip((b"rXYZ", b"gXYZ", b"bXYZ"), _ADOBE_RGB, strict=True):
        tags[name] = _xyz(primary)
    return _profile(b"RGB ", "Wide test RGB", tags)


def gray_profile(gamma: float = 1.8) -> bytes:
    """A gray profile with another curve than sRGB's."""
    return _profile(b"GRAY", "Test gray", {b"wtpt": _xyz(_D50), b"kTRC": _curve(gamma)})


def _profile(space: bytes, name: str, tags: dict[bytes, bytes]) -> bytes:
    text = name.encode() + b"\0"
    desc = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(4 + 4 + 2 + 1 + 67)
    tags = {b"desc": desc, b"cprt": b"text\0\0\0\0none\0", **tags}
    offset = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for key, value in tags.items():
        padded = value + bytes(-len(value) % 4)
        table += key + struct.pack(">II", offset + len(data), len(value))
        data += padded
    date = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    size = 128 + len(table) + len(data)
    header = struct.pack(">I4sI4s4s4s", size, b"none", 0x02100000, b"mntr", space, b"XYZ ") + date + b"acsp"
    header = header.ljust(68, b"\0") + b"".join(_fixed(value) for value in _D50)
    return header.ljust(128, b"\0") + table + data


def _curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(_fixed(value) for value in values)


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))
