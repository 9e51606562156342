"""The PSD container as psd-tools reads it, with our limits and our words for what is wrong with a file."""

from __future__ import annotations

import logging
import struct
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from psd_tools.psd import PSD
from psd_tools.psd.header import FileHeader
from psd_tools.psd.parse_limits import ParseLimits

from studio.core.document import MAX_SIDE_PX
from studio.core.errors import FileFormatError
from studio.core.geometry import Size
from studio.io.formats import read_error
from studio.io.psd.repair import repaired

MAX_PIXELS = 1 << 31
"""Largest canvas or layer that we open: 2 gigapixels, 8 GiB of 8-bit RGBA if nothing of it is empty."""

PSD_SIDE_PX = 30_000
"""Largest side of a PSD; the large document format PSB holds 300,000."""

# Every parsed number counts as an object; psd-tools' own limit of a million stops at some hundred text layers.
_LIMITS = ParseLimits(max_objects=50_000_000)
_UNREADABLE = (ValueError, OSError, TypeError, KeyError, IndexError, struct.error, RecursionError)


def broken(path: Path, why: str, detail: str = "") -> FileFormatError:
    return FileFormatError(
        f"Could not open {path.name}: {why}.",
        "Save it again in the program that made it, with compatibility turned on, or choose another file.",
        detail,
    )


@contextmanager
def opened(path: Path) -> Generator[BinaryIO]:
    """The file for reading; OSError while opening becomes StudioError."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise read_error(path, error) from error
    with file:
        yield file


def read_header(path: Path, file: BinaryIO) -> FileHeader:
    """Raises FileFormatError for a file that is no PSD, or whose header states what cannot be."""
    try:
        header = FileHeader.read(file)
    except (ValueError, OSError, struct.error) as error:
        raise broken(path, "it is not a Photoshop document, or its header is damaged", repr(error)) from error
    if max(header.width, header.height) > MAX_SIDE_PX or header.width * header.height > MAX_PIXELS:
        raise broken(
            path, f"its header states {header.width} x {header.height} px, more than Lamina can hold", repr(header)
        )
    return header


def parse(path: Path) -> tuple[PSD, tuple[str, ...]]:
    """The whole file, channel data still compressed, and what had to be mended to read it. Raises FileFormatError."""
    _silence()
    with opened(path) as file:
        read_header(path, file)
        try:
            file.seek(0)
            try:
                return PSD.read(file, parse_limits=_LIMITS), ()
            except _UNREADABLE:
                file.seek(0)
                mended, what = repaired(file.read())
            return PSD.frombytes(mended, parse_limits=_LIMITS), what
        except MemoryError as error:
            raise broken(path, "there is not enough memory to read it", repr(error)) from error
        except _UNREADABLE as error:
            raise broken(path, "the file ends early or is damaged", repr(error)) from error


def _silence() -> None:
    """psd-tools logs what it meets in a file; without a handler Python would print that to the terminal."""
    logger = logging.getLogger("psd_tools")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def section_length(path: Path, file: BinaryIO, fmt: str, end: int) -> int:
    """The length field at the file's position, checked against the end of the file. Raises FileFormatError."""
    raw = file.read(struct.calcsize(">" + fmt))
    if len(raw) < struct.calcsize(">" + fmt):
        raise broken(path, "the file ends early")
    (length,) = struct.unpack(">" + fmt, raw)
    if file.tell() + length > end:
        raise broken(path, "the file ends early")
    return length


def size_of(header: FileHeader) -> Size:
    return Size(header.width, header.height)
