"""TIFF through tifffile, 8 and 16 bits; compressions that tifffile has no decoder for through OpenCV or Pillow."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import cv2
import numpy as np
import tifffile
from cv2.utils import logging as opencv_log
from numpy.typing import NDArray
from PIL import TiffImagePlugin
from tifffile import TIFF, TiffFile, TiffPage

from studio.core.document import Document
from studio.core.errors import FileFormatError
from studio.core.feedback import part
from studio.io import atomic
from studio.io.images import flat, pillow
from studio.io.images.flat import Limits, Picture
from studio.io.images.tiff_samples import Stored, rgba_of
from studio.io.report import Fate, Notice, Opened, Written

LIMITS = Limits(title="TIFF", max_side=1_000_000, sixteen_bit=True)
_SOFTWARE = "Lamina Studio"
_STRIP_BYTE_COUNTS, _TILE_BYTE_COUNTS = 279, 325
_ICC, _PHOTOSHOP_LAYERS, _DESCRIPTION, _ARTIST, _COPYRIGHT = 34675, 37724, 270, 315, 33432
_TEXTS = (("description", _DESCRIPTION), ("author", _ARTIST), ("copyright", _COPYRIGHT))
_YCBCR = 6
_ROWS_PER_STRIP = 64
_UNBOUNDED = (50000, 50001, 34925)  # zstd, WebP, LZMA: a few bytes may hold any flat picture


def read(path: Path) -> Opened:
    """Raises StudioError."""
    with pillow.opened_file(path) as file:
        return flat.document_of(_decode(file, path.name, path.stat().st_size), path)


def write(document: Document, path: Path) -> Written:
    """Raises StudioError."""
    flat.check_writable(document, path, LIMITS)
    with part(0.0, 0.5):
        samples = flat.flattened(document)
    opaque = flat.is_opaque(samples)
    texts = dict(document.metadata)
    tags = [(tag, 2, 0, texts[key].encode(), True) for key, tag in _TEXTS if key in texts and tag != _DESCRIPTION]
    description = texts.get("description") or texts.get("title")
    with (
        atomic.replacing(path) as temporary,
        part(0.5, 1.0),
        flat.ReportingFile(temporary, samples.nbytes) as file,
    ):
        tifffile.imwrite(
            file,
            samples[..., :3] if opaque else samples,
            photometric="rgb",
            extrasamples=None if opaque else ["unassalpha"],
            compression="zlib",
            predictor=True,
            rowsperstrip=_ROWS_PER_STRIP,
            resolution=(document.ppi, document.ppi),
            resolutionunit="INCH",
            iccprofile=document.icc,
            software=_SOFTWARE,
            description=description.encode() if description else None,
            metadata=None,
            extratags=tags,
        )
    return Written(plan(document))


def plan(document: Document) -> tuple[Notice, ...]:
    return flat.flat_notices(document, LIMITS)


def _decode(file: BinaryIO, name: str, stored_bytes: int) -> Picture:
    """The first page of an open TIFF file of that many bytes. Raises FileFormatError."""
    with pillow.decoding(name), _quiet(), TiffFile(file) as tiff:
        page = tiff.pages.first
        _check_page(page, name, stored_bytes)
        notices = _page_notices(tiff, page)
        icc = cast("bytes | None", page.tags.valueof(_ICC))
        if page.photometric == _YCBCR or not _decodes(page):
            return _by_other_reader(page, file, name, icc, notices)
        stored = Stored.of(page, page.asarray())
        samples, icc, more = rgba_of(stored, icc)
        return _picture(page, samples, icc, (*notices, *more))


def _check_page(page: TiffPage, name: str, stored_bytes: int) -> None:
    if page.imagedepth != 1 or page.samplesperpixel > 64:
        raise FileFormatError(f"Could not open {name}: it holds a volume, not a picture.", "Export one slice of it.")
    bounded = None if page.compression in _UNBOUNDED else stored_bytes
    pixel_bytes = page.samplesperpixel * page.bitspersample / 8
    flat.check_size(name, page.imagewidth, page.imagelength, bounded, pixel_bytes)
    counts = [page.tags.valueof(tag) for tag in (_STRIP_BYTE_COUNTS, _TILE_BYTE_COUNTS)]
    if any(int(np.max(count, initial=0)) > stored_bytes for count in counts if count is not None):
        raise FileFormatError(f"Could not open {name}: the file is damaged or cut off.", "Fetch or export it again.")
    if page.imagewidth * page.imagelength * pixel_bytes > flat.MAX_PIXELS * 8:
        raise FileFormatError(
            f"Could not open {name}: its samples take more than {flat.MAX_PIXELS * 8 >> 30} GiB.",
            "Make the picture smaller, or check that the file is sound.",
        )


def _page_notices(tiff: TiffFile, page: TiffPage) -> list[Notice]:
    notices: list[Notice] = []
    if len(tiff.pages) > 1:
        notices.append(Notice(Fate.DROPPED, f"{len(tiff.pages) - 1} further pages", why="only the first is opened"))
    if _PHOTOSHOP_LAYERS in page.tags:
        notices.append(Notice(Fate.DROPPED, "Photoshop layers in the TIFF", why="its flattened picture is opened"))
    return notices


def _decodes(page: TiffPage) -> bool:
    """Whether tifffile can decode the page without its optional codecs."""
    try:
        return bool(TIFF.DECOMPRESSORS[page.compression] and TIFF.UNPREDICTORS[page.predictor])
    except KeyError:
        return False


def _by_other_reader(page: TiffPage, file: BinaryIO, name: str, icc: bytes | None, notices: list[Notice]) -> Picture:
    """LZW, JPEG and the like: 8-bit pages through Pillow, deeper ones through OpenCV."""
    file.seek(0)
    if page.bitspersample <= 8:
        image = pillow.open_image(TiffImagePlugin.TiffImageFile, file, name)
        picture = pillow.picture_of(image, name)
        kept = [n for n in picture.notices if n.what != "further frames"]
        return Picture(picture.samples, picture.icc, picture.ppi, picture.metadata, (*notices, *kept))
    array = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_UNCHANGED)
    if array is None:
        raise FileFormatError(
            f"Could not open {name}: Lamina has no decoder for this kind of TIFF.",
            "Save it again with deflate (zip) compression or none.",
            detail=f"compression {page.compression!r}, predictor {page.predictor!r}",
        )
    if array.ndim == 3:
        array = array[..., [2, 1, 0, 3][: array.shape[2]]]
    samples, icc, more = rgba_of(Stored.of(page, array), icc)
    return _picture(page, samples, icc, (*notices, *more))


def _picture(
    page: TiffPage, samples: NDArray[np.uint8 | np.uint16], icc: bytes | None, notices: tuple[Notice, ...]
) -> Picture:
    metadata = [(key, str(text)) for key, tag in _TEXTS if (text := page.tags.valueof(tag))]
    orientation = page.tags.valueof("Orientation", default=1)
    return Picture(pillow.upright(samples, orientation), icc, _ppi(page), tuple(sorted(metadata)), notices)


def _ppi(page: TiffPage) -> float:
    unit = page.tags.valueof("ResolutionUnit", default=2)
    if unit not in (2, 3):
        return 72.0
    return flat.tidy_ppi(page.get_resolution(unit=2)[0]) if "XResolution" in page.tags else 72.0


@contextmanager
def _quiet() -> Generator[None]:
    """Keep the libraries' remarks about odd tags off the terminal while a file is read."""
    logger = logging.getLogger("tifffile")
    before, opencv_before = logger.level, opencv_log.getLogLevel()
    logger.setLevel(logging.CRITICAL + 1)
    opencv_log.setLogLevel(opencv_log.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        logger.setLevel(before)
        opencv_log.setLogLevel(opencv_before)
