"""PNG, 8 and 16 bits per channel. Pillow does 8 bits; its 16-bit colour would be cut to 8, so OpenCV does that.

sRGB is said by a chunk in 8 bits, and by an embedded profile in 16: else Krita asks which colours are meant.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import BinaryIO, cast

import cv2
import numpy as np
from PIL import Image, PngImagePlugin

from studio.core.document import Document
from studio.core.errors import FileFormatError
from studio.core.feedback import part
from studio.core.pixels import Depth, Pixels
from studio.io import atomic, color
from studio.io.images import flat, pillow
from studio.io.images.flat import Limits, Picture
from studio.io.report import Fate, Notice, Opened, Written

LIMITS = Limits(title="PNG", max_side=1_000_000, sixteen_bit=True)
_SIGNATURE_AND_HEADER = 33
_SRGB_RELATIVE = b"\x01"


def read(path: Path) -> Opened:
    """Raises StudioError."""
    with pillow.opened_file(path) as file:
        return flat.document_of(decode(file, path.name, path.stat().st_size), path)


def write(document: Document, path: Path) -> Written:
    """Raises StudioError."""
    flat.check_writable(document, path, LIMITS)
    with part(0.0, 0.5):
        samples = flat.flattened(document)
    with part(0.5, 1.0):
        file = flat.ReportingBytes(samples.nbytes)
        data = encode(samples, document.icc, document.ppi, document.metadata, file)
    atomic.write_bytes(path, data)
    return Written(plan(document))


def plan(document: Document) -> tuple[Notice, ...]:
    return flat.flat_notices(document, LIMITS)


def decode(file: BinaryIO, name: str, stored_bytes: int) -> Picture:
    """The picture in an open PNG file of that many bytes. Raises FileFormatError."""
    image = pillow.open_image(PngImagePlugin.PngImageFile, file, name)
    rawmode = _rawmode(image)
    flat.check_size(name, *image.size, stored_bytes, _bytes_per_pixel(rawmode))
    picture = _sixteen_bit(image, file, name) if rawmode.endswith(";16B") else pillow.picture_of(image, name)
    gamma = cast("float | None", image.info.get("gamma"))
    untagged = "srgb" not in image.info and "icc_profile" not in image.info
    if untagged and gamma is not None and abs(gamma - 0.45455) > 0.01:
        why = f"a gamma of {gamma:.4g} without a colour profile is taken as sRGB"
        notice = Notice(Fate.DROPPED, "gamma value", why=why)
        return Picture(picture.samples, picture.icc, picture.ppi, picture.metadata, (*picture.notices, notice))
    return picture


def profile_of(file: BinaryIO, name: str) -> bytes | None:
    """The RGB profile in a PNG's header; None when there is none. Raises FileFormatError."""
    image = pillow.open_image(PngImagePlugin.PngImageFile, file, name)
    return pillow.rgb_profile(cast("bytes | None", image.info.get("icc_profile")))[0]


def encode(
    samples: Pixels,
    icc: bytes | None = None,
    ppi: float = 72.0,
    metadata: tuple[tuple[str, str], ...] = (),
    out: io.BytesIO | None = None,
) -> bytes:
    """A PNG of straight RGBA or (H, W, 1) samples; opaque RGBA is stored as RGB. Same input, same bytes.

    Args:
        out: an empty buffer that 8-bit pictures are made in, a piece at a time.
    """
    if samples.shape[2] == 4 and flat.is_opaque(samples):
        samples = np.ascontiguousarray(samples[..., :3])
    chunks = _chunks(icc is None and samples.dtype == np.uint8, metadata)
    if samples.dtype == np.uint16:
        icc = icc or (color.srgb() if samples.shape[2] > 1 else None)
        return _encoded_sixteen_bit(samples, icc, ppi, chunks)
    image = Image.fromarray(samples[..., 0] if samples.shape[2] == 1 else samples)
    out = io.BytesIO() if out is None else out
    image.save(out, "PNG", pnginfo=chunks, icc_profile=icc, dpi=(ppi, ppi), compress_level=6)
    return out.getvalue()


def _chunks(is_srgb: bool, metadata: tuple[tuple[str, str], ...]) -> PngImagePlugin.PngInfo:
    """The sRGB mark if it is asked for, and the text fields we know."""
    chunks = PngImagePlugin.PngInfo()
    if is_srgb:
        chunks.add(b"sRGB", _SRGB_RELATIVE)
    for key, text in metadata:
        if key in flat.METADATA_KEYS:
            chunks.add_itxt(key.capitalize(), text)
    return chunks


def _encoded_sixteen_bit(samples: Pixels, icc: bytes | None, ppi: float, chunks: PngImagePlugin.PngInfo) -> bytes:
    """OpenCV's PNG with our chunks put in behind the header."""
    per_metre = max(1, min(round(ppi / 0.0254), (1 << 31) - 1))
    chunks.add(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1))
    kinds = [] if icc is None else [cv2.IMAGE_METADATA_ICCP]
    blocks = [] if icc is None else [np.frombuffer(icc, np.uint8)]
    settings = [cv2.IMWRITE_PNG_COMPRESSION, 3, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_PAETH]
    done, encoded = cv2.imencodeWithMetadata(".png", _swapped(samples), kinds, blocks, settings)
    if not done:
        raise FileFormatError("Could not make a 16-bit PNG of this picture.", "Choose TIFF instead.")
    data = encoded.tobytes()
    extra = io.BytesIO()
    for cid, content, *_ in chunks.chunks:
        PngImagePlugin.putchunk(extra, cid, content)
    return data[:_SIGNATURE_AND_HEADER] + extra.getvalue() + data[_SIGNATURE_AND_HEADER:]


def _sixteen_bit(image: PngImagePlugin.PngImageFile, file: BinaryIO, name: str) -> Picture:
    """Header fields from Pillow, which also checks every chunk's checksum; the pixels from OpenCV."""
    with pillow.decoding(name):
        icc = cast("bytes | None", image.info.get("icc_profile"))
        header = pillow.header_of(image)
        file.seek(0)
        data = file.read()
        PngImagePlugin.PngImageFile(io.BytesIO(data)).verify()
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        if pixels is None:
            raise ValueError("OpenCV could not decode the pixels")
    samples = _swapped(pixels.reshape(*pixels.shape[:2], -1).astype(np.uint16, copy=False))
    channels = samples.shape[2]
    if channels == 1 or _rawmode(image).startswith("LA"):
        alpha = samples[..., 3] if channels == 4 else None
        rgba, icc, notices = pillow.gray_as_rgba(samples[..., 0], alpha, icc)
    else:
        rgba = samples if channels == 4 else pillow.with_alpha(samples)
        icc, notices = pillow.rgb_profile(icc)
    return Picture(pillow.upright(rgba, header.orientation), icc, header.ppi, header.metadata, tuple(notices))


def _swapped(samples: Pixels) -> Pixels:
    """RGB(A) from OpenCV's BGR(A) and back; one channel stays."""
    if samples.shape[2] == 1:
        return samples
    return np.ascontiguousarray(samples[..., [2, 1, 0, 3][: samples.shape[2]]])


def _rawmode(image: PngImagePlugin.PngImageFile) -> str:
    """Pillow's name for the samples as stored, such as “RGB;16B”."""
    if not image.tile:
        return image.mode
    rawmode = image.tile[0].args
    return rawmode if isinstance(rawmode, str) else image.mode


def _bytes_per_pixel(rawmode: str) -> float:
    bits = {"1": 1, "L;2": 2, "L;4": 4, "P;1": 1, "P;2": 2, "P;4": 4, "L": 8, "P": 8, "LA": 16, "RGB": 24, "RGBA": 32}
    base = rawmode.removesuffix(";16B")
    return bits.get(base, 8) / 8 * (Depth.SIXTEEN / Depth.EIGHT if base != rawmode else 1)
