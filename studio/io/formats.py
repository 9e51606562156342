"""The table of formats: which module reads or writes which file."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, cast

from studio.core.document import Document
from studio.core.errors import FileFormatError, StudioError, UsageError
from studio.io.delivery import Adjustments, Fitted
from studio.io.report import Notice, Opened, Written


class Codec(Protocol):
    """What a format's module offers. A format that cannot be written has no `write` and `plan` in the table."""

    def read(self, path: Path) -> Opened: ...

    def write(self, document: Document, path: Path) -> Written: ...

    def plan(self, document: Document) -> tuple[Notice, ...]:
        """What `write` would convert, bake or drop."""
        ...


class FittingCodec(Codec, Protocol):
    """A format that has adjustment layers, which some of its readers pass over."""

    def fit(self, document: Document, adjustments: Adjustments) -> Fitted: ...


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its module is imported on first use."""

    id: str
    title: str
    extensions: tuple[str, ...]
    module: str
    matches: Callable[[bytes], bool]
    layered: bool = False
    fits: bool = False
    """Whether its module is a `FittingCodec`."""

    @property
    def codec(self) -> Codec:
        return cast(Codec, importlib.import_module(self.module))

    def fitted(self, document: Document, adjustments: Adjustments) -> Fitted:
        """The document that a file of this format will hold."""
        if not self.fits:
            return Fitted(document)
        return cast(FittingCodec, self.codec).fit(document, adjustments)


HEAD_BYTES = 4096


def _starts(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(signatures)


def _is_riff_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _is_avif(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and (b"avif" in head[8:64] or b"avis" in head[8:64])


def _is_ora(head: bytes) -> bool:
    return head[:4] == b"PK\x03\x04" and b"image/openraster" in head[:100]


def _is_psd(head: bytes) -> bool:
    return head[:6] == b"8BPS\x00\x01"


def _is_psb(head: bytes) -> bool:
    return head[:6] == b"8BPS\x00\x02"


FORMATS: tuple[Format, ...] = (
    Format(
        "lamina", "Lamina project", (".lamina",), "studio.io.project", _starts(b"SQLite format 3\x00"), layered=True
    ),
    Format("psd", "Photoshop document", (".psd",), "studio.io.psd", _is_psd, layered=True, fits=True),
    Format("psb", "Photoshop large document", (".psb",), "studio.io.psd", _is_psb, layered=True, fits=True),
    Format("ora", "OpenRaster", (".ora",), "studio.io.ora", _is_ora, layered=True),
    Format("png", "PNG", (".png",), "studio.io.images.png", _starts(b"\x89PNG\r\n\x1a\n")),
    Format("jpeg", "JPEG", (".jpg", ".jpeg"), "studio.io.images.jpeg", _starts(b"\xff\xd8\xff")),
    Format("webp", "WebP", (".webp",), "studio.io.images.webp", _is_riff_webp),
    Format("avif", "AVIF", (".avif",), "studio.io.images.avif", _is_avif),
    Format(
        "tiff",
        "TIFF",
        (".tif", ".tiff"),
        "studio.io.images.tiff",
        _starts(b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    ),
)


def format_for_writing(path: Path) -> Format:
    """The format that the name's extension asks for. Raises UsageError when there is none."""
    suffix = path.suffix.lower()
    for entry in FORMATS:
        if suffix in entry.extensions:
            return entry
    known = " ".join(extension for entry in FORMATS for extension in entry.extensions)
    what = f"the extension “{suffix}”" if suffix else "a name without an extension"
    raise UsageError(f"Lamina cannot write {path.name}: {what} is not one it knows.", f"Use one of {known}.")


def format_of_file(path: Path) -> Format:
    """The format that the file's first bytes show, whatever its name. Raises FileFormatError or StudioError."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise read_error(path, error) from error
    if not head:
        raise FileFormatError(f"Could not open {path.name}: the file is empty.", "Choose another file.")
    for entry in FORMATS:
        if entry.matches(head):
            return entry
    titles = ", ".join(entry.title for entry in FORMATS)
    raise FileFormatError(f"Could not open {path.name}: it is not a picture that Lamina knows.", f"It opens {titles}.")


def read_error(path: Path, error: OSError) -> StudioError:
    """The error to show when `path` could not be read."""
    hint = "Check the name." if isinstance(error, FileNotFoundError) else "Check that it is a file you may read."
    return StudioError(f"Could not open {path.name}: {error.strerror or error}.", hint, detail=f"{path}: {error!r}")


def open_document(path: Path) -> Opened:
    """Read any known format, recognised by content. Raises StudioError."""
    return format_of_file(path).codec.read(path)


def plan_document(document: Document, path: Path, adjustments: Adjustments = Adjustments.BAKED) -> tuple[Notice, ...]:
    """What writing to `path` would convert, bake or drop, before anything is written."""
    entry = format_for_writing(path)
    fitted = entry.fitted(document, adjustments)
    return (*fitted.notices, *entry.codec.plan(fitted.document))


def save_document(document: Document, path: Path, adjustments: Adjustments = Adjustments.BAKED) -> Written:
    """Write the format that the extension asks for, atomically. Raises StudioError."""
    entry = format_for_writing(path)
    fitted = entry.fitted(document, adjustments)
    written = entry.codec.write(fitted.document, path)
    return replace(written, notices=(*fitted.notices, *written.notices))
