"""Opening pictures with Pillow under our own limits, and turning any of its modes into straight RGBA."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.ExifTags import Base as Tag

from studio.core.errors import FileFormatError
from studio.core.pixels import Depth, Pixels, to_depth
from studio.io import color
from studio.io.formats import read_error
from studio.io.images.flat import METADATA_KEYS, Picture, tidy_ppi
from studio.io.report import Fate, Notice

_DECODING = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError,
    TypeError, ValueError, struct.error, zlib.error, Image.DecompressionBombError,
)  # fmt: skip
"""What image decoders raise on damaged files."""

_EXIF_KEYS = (("description", Tag.ImageDescription), ("author", Tag.Artist), ("copyright", Tag.Copyright))


@contextmanager
def decoding(name: str) -> Generator[None]:
    """Turn whatever a decoder raises on a damaged file into a FileFormatError; its warnings are silenced."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except MemoryError as error:
        raise FileFormatError(
            f"Could not open {name}: there is not enough memory for it.", "Close other programs, or make it smaller."
        ) from error
    except _DECODING as error:
        raise FileFormatError(
            f"Could not open {name}: the file is damaged or cut off.",
            "Fetch or export it again.",
            detail=repr(error),
        ) from error


@contextmanager
def opened_file(path: Path) -> Generator[BinaryIO]:
    """The open file; a failure to open it is shown as one. Errors of the block pass."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise read_error(path, error) from error
    with file:
        yield file


_ImageFile = TypeVar("_ImageFile", bound=ImageFile.ImageFile)


def open_image(plugin: Callable[[BinaryIO], _ImageFile], file: BinaryIO, name: str) -> _ImageFile:
    """The picture's header, read by one of Pillow's file classes; no pixels yet.

    The class is called directly because `Image.open` refuses over 179 megapixels; our own limit is in `check_size`.
    """
    with decoding(name):
        return plugin(file)


def picture_of(image: Image.Image, name: str) -> Picture:
    """Decode the first frame and bring it to straight RGBA, upright, in an RGB profile."""
    notices: list[Notice] = []
    with decoding(name):
        image.load()
        icc = cast("bytes | None", image.info.get("icc_profile")) or None
    header = header_of(image)
    if getattr(image, "n_frames", 1) > 1:
        notices.append(Notice(Fate.DROPPED, "further frames", why="only the first is opened"))
    with decoding(name):
        samples, icc, more = rgba_of(image, icc)
    return Picture(upright(samples, header.orientation), icc, header.ppi, header.metadata, (*notices, *more))


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture says about itself beside its pixels."""

    ppi: float
    orientation: object
    metadata: tuple[tuple[str, str], ...]


def header_of(image: Image.Image) -> Header:
    """Resolution, EXIF orientation and the text fields we know."""
    exif = _exif(image)
    return Header(_ppi(image, exif), exif.get(Tag.Orientation, 1), _metadata(image, exif))


def rgba_of(image: Image.Image, icc: bytes | None) -> tuple[Pixels, bytes | None, list[Notice]]:
    """Straight RGBA samples, the RGB profile they are in, and what was converted on the way."""
    mode = image.mode
    if mode in ("CMYK", "YCCK"):
        return _ink_as_rgb(image, icc)
    if mode == "LAB":
        colors = moved(np.asarray(image), color.lab())
        return with_alpha(colors), None, [Notice(Fate.CONVERTED, "Lab colours", why="to sRGB")]
    if mode.startswith("I;16"):
        return gray_as_rgba(np.asarray(image).astype(np.uint16), None, icc)
    if mode in ("1", "L", "LA") and "transparency" not in image.info:
        gray = np.asarray(image.convert("LA"))
        return gray_as_rgba(gray[..., 0], gray[..., 1], icc)
    if mode in ("I", "F"):
        return _wide_gray(image)
    kept, notices = rgb_profile(icc)
    return np.asarray(image.convert("RGBA")), kept, notices


def rgb_profile(icc: bytes | None) -> tuple[bytes | None, list[Notice]]:
    """The profile if RGB samples can be in it, else None with a notice. Our own sRGB profile is None, too."""
    if icc is None or icc == color.srgb():
        return None, []
    try:
        mode = color.profile_mode(icc)
    except FileFormatError:
        return None, [Notice(Fate.DROPPED, "colour profile", why="it is damaged; the colours are taken as sRGB")]
    if mode == "RGB":
        return icc, []
    return None, [Notice(Fate.DROPPED, "colour profile", why="it is not an RGB profile; the colours are taken as sRGB")]


def gray_as_rgba(
    gray: NDArray[np.uint8 | np.uint16], alpha: NDArray[np.uint8 | np.uint16] | None, icc: bytes | None
) -> tuple[Pixels, bytes | None, list[Notice]]:
    """(H, W) gray and alpha as RGBA; a gray profile is applied and replaced by sRGB."""
    notices = [Notice(Fate.CONVERTED, "gray picture", why="to RGB")]
    colors = np.repeat(gray[..., None], 3, axis=2)
    if icc is not None:
        try:
            colors = moved(gray[..., None], icc)
        except FileFormatError:
            notices.append(Notice(Fate.DROPPED, "colour profile", why="it does not fit a gray picture"))
    return with_alpha(colors, alpha), None, notices


def moved(samples: Pixels, icc: bytes) -> Pixels:
    """Samples of a gray, Lab or CMYK profile as sRGB."""
    return color.moved_colors(samples, icc)


def with_alpha(colors: Pixels, alpha: NDArray[np.uint8 | np.uint16] | None = None) -> Pixels:
    """(H, W, 3) colours and (H, W) alpha, opaque by default, as one (H, W, 4) array."""
    out = np.full((*colors.shape[:2], 4), Depth.of(colors).top, colors.dtype)
    out[..., :3] = colors
    if alpha is not None:
        out[..., 3] = alpha
    return out


def upright(samples: Pixels, orientation: object) -> Pixels:
    """Samples turned as EXIF's orientation 1..8 asks; any other value changes nothing."""
    if orientation in (5, 6, 7, 8):
        samples = samples.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        samples = samples[::-1]
    if orientation in (2, 3, 6, 7):
        samples = samples[:, ::-1]
    return np.ascontiguousarray(samples)


def exif_of(metadata: tuple[tuple[str, str], ...], ppi: float | None = None) -> Image.Exif:
    """EXIF that holds the text fields we know, and the resolution where the format has no field for it."""
    exif = Image.Exif()
    texts = dict(metadata)
    for key, tag in _EXIF_KEYS:
        text = texts.get(key) or (texts.get("title") if key == "description" else None)
        if text:
            exif[tag] = text.encode()  # EXIF names no encoding; UTF-8 is what programs write
    if ppi is not None:
        exif[Tag.XResolution] = ppi
        exif[Tag.YResolution] = ppi
        exif[Tag.ResolutionUnit] = 2
    return exif


def _ink_as_rgb(image: Image.Image, icc: bytes | None) -> tuple[Pixels, bytes | None, list[Notice]]:
    """CMYK through its profile, or by Pillow's plain formula when it has none."""
    if icc is not None:
        try:
            colors = moved(np.asarray(image), icc)
        except FileFormatError:
            pass
        else:
            why = f"to sRGB through {color.profile_name(icc)}"
            return with_alpha(colors), None, [Notice(Fate.CONVERTED, "CMYK colours", why=why)]
    notice = Notice(Fate.CONVERTED, "CMYK colours", why="to RGB without a profile, so the colours are approximate")
    return np.asarray(image.convert("RGB").convert("RGBA")), None, [notice]


def _wide_gray(image: Image.Image) -> tuple[Pixels, bytes | None, list[Notice]]:
    """32-bit whole or floating gray. Whole numbers are 16-bit samples in a wide box; floats are 0..1."""
    values = np.asarray(image).astype(np.float64)
    scaled = np.nan_to_num(values) * (65535.0 if image.mode == "F" else 1.0)
    samples, _, _ = gray_as_rgba((np.clip(scaled, 0, 65535) + 0.5).astype(np.uint16), None, None)
    return samples, None, [Notice(Fate.CONVERTED, "32-bit gray picture", why="to 16-bit RGB")]


def _exif(image: Image.Image) -> Image.Exif:
    """The picture's EXIF; empty when it is damaged, which is no reason to refuse the picture."""
    try:
        with decoding("EXIF"):
            exif = Image.Exif()
            if isinstance(block := cast("object", image.info.get("exif")), bytes):
                exif.load(block)
            elif image.format == "TIFF":
                exif = image.getexif()  # of a PNG this would decode the pixels
            dict(exif)
            return exif
    except FileFormatError:
        return Image.Exif()


def _ppi(image: Image.Image, exif: Image.Exif) -> float:
    """Horizontal pixels per inch from the format's own field, else from EXIF, else 72."""
    dpi = cast("object", image.info.get("dpi"))
    try:
        if isinstance(dpi, tuple):
            return tidy_ppi(float(cast("tuple[float, float]", dpi)[0]))
        per_unit = float(exif.get(Tag.XResolution, 72.0))
        return tidy_ppi(per_unit * 2.54 if exif.get(Tag.ResolutionUnit) == 3 else per_unit)
    except (TypeError, ValueError, ZeroDivisionError, IndexError):
        return 72.0


def _metadata(image: Image.Image, exif: Image.Exif) -> tuple[tuple[str, str], ...]:
    """The text fields we know, from PNG text chunks or EXIF."""
    found: dict[str, str] = {}
    for key, tag in _EXIF_KEYS:
        if isinstance(text := exif.get(tag), str) and text.strip("\0 "):
            found[key] = _as_utf8(text.strip("\0 "))
    for key, text in cast("dict[object, object]", image.info).items():
        if isinstance(key, str) and key.lower() in METADATA_KEYS and isinstance(text, str) and text:
            found[key.lower()] = str(text)
    return tuple(sorted(found.items()))


def _as_utf8(text: str) -> str:
    """Text that Pillow decoded as Latin-1, decoded as UTF-8 where it is that."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def eight_bit(samples: Pixels) -> NDArray[np.uint8]:
    """The samples at 8 bits."""
    return cast(NDArray[np.uint8], to_depth(samples, Depth.EIGHT))
