"""Profiles that we make: sRGB for files without one, and a grayscale file's profile as an RGB profile.

The latter keeps the gray values themselves as they are: it has the gray profile's curve on all three channels and
sRGB's primaries, so that equal samples show its grays.
Format: ICC.1:2010, version 2 profiles.
"""

from __future__ import annotations

import io
import struct

from PIL import ImageCms

_HEADER_BYTES = 128
_D50 = (0.9642, 1.0, 0.8249)
# sRGB's primaries adapted to D50; together they make exactly the white above.
_PRIMARIES = {
    b"rXYZ": (0.43607, 0.22249, 0.01392),
    b"gXYZ": (0.38515, 0.71687, 0.09708),
    b"bXYZ": (0.14307, 0.06061, 0.71410),
}


def srgb_profile() -> bytes:
    """littleCMS' sRGB with a fixed date, so that the same document gives the same bytes.

    Written where a document has no profile: without one Krita takes 16-bit samples for linear light.
    """
    made = ImageCms.ImageCmsProfile(ImageCms.core.createProfile("sRGB")).tobytes()
    return made[:24] + struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + made[36:]


def rgb_profile_of_gray(profile: bytes) -> bytes | None:
    """The RGB profile, or None when `profile` is no gray profile with a curve, or littleCMS refuses ours."""
    curve = _tag(profile, b"kTRC")
    if curve is None or profile[16:20] != b"GRAY":
        return None
    tags = {
        b"desc": _description("Gray of the original file, on RGB"),
        b"cprt": b"text\0\0\0\0No copyright, use freely\0",
        b"wtpt": _xyz(_D50),
        **{key: _xyz(value) for key, value in _PRIMARIES.items()},
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    built = _profile(tags)
    try:
        ImageCms.ImageCmsProfile(io.BytesIO(built))
    except (OSError, ImageCms.PyCMSError):
        return None
    return built


def _tag(profile: bytes, wanted: bytes) -> bytes | None:
    """The data of one tag."""
    if len(profile) < _HEADER_BYTES + 4:
        return None
    (count,) = struct.unpack_from(">I", profile, _HEADER_BYTES)
    for index in range(min(count, 100)):
        place = _HEADER_BYTES + 4 + 12 * index
        if place + 12 > len(profile):
            return None
        key, offset, size = struct.unpack_from(">4sII", profile, place)
        if key == wanted:
            return profile[offset : offset + size] if offset + size <= len(profile) else None
    return None


def _profile(tags: dict[bytes, bytes]) -> bytes:
    """Header, tag table and data; equal data is stored once."""
    places: dict[bytes, tuple[int, int]] = {}
    body = b""
    start = _HEADER_BYTES + 4 + 12 * len(tags)
    for data in tags.values():
        if data not in places:
            places[data] = (start + len(body), len(data))
            body += data + bytes(-len(data) % 4)
    table = struct.pack(">I", len(tags)) + b"".join(
        struct.pack(">4sII", key, *places[data]) for key, data in tags.items()
    )
    size = _HEADER_BYTES + len(table) + len(body)
    white = b"".join(struct.pack(">i", round(value * 65536)) for value in _D50)
    header = struct.pack(">I4sI4s4s4s12s4s", size, bytes(4), 0x02100000, b"mntr", b"RGB ", b"XYZ ", bytes(12), b"acsp")
    return (header + bytes(28) + white).ljust(_HEADER_BYTES, b"\0") + table + body


def _xyz(value: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(part * 65536)) for part in value)


def _description(text: str) -> bytes:
    plain = text.encode("ascii") + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(plain)) + plain + bytes(4 + 4 + 2 + 1 + 67)
