"""Writing a PSD or PSB: prepare, merge, encode, write beside the target, pass the gate, rename."""

from __future__ import annotations

from pathlib import Path

from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.errors import FileFormatError
from studio.core.feedback import part
from studio.io.atomic import replacing
from studio.io.psd.gate import check_written
from studio.io.psd.prepare import check_size, prepare
from studio.io.psd.records import build
from studio.io.report import Notice, Written


def write(document: Document, path: Path) -> Written:
    """Write `document` so that what lies under `path` has passed the gate, or leave what was there.

    Raises FileFormatError when the format cannot hold the document or the gate fails, StudioError when it cannot be
    written.
    """
    check_size(document, path)
    prepared = prepare(document)
    with part(0.0, 0.05):
        picture = composite(prepared.document)
    with part(0.05, 0.55):
        psd = build(prepared.document, picture, large=path.suffix.lower() == ".psb")
    with replacing(path) as temporary:
        with part(0.55, 0.65), temporary.open("wb") as file:
            psd.write(file)
        del psd
        with part(0.65, 1.0):
            report = check_written(temporary, prepared.document, picture)
        if not report.passed:
            raise FileFormatError(
                f"Could not write {path.name}: the file did not come back as the document. {report.faults[0]}",
                "Nothing was written. Save as a Lamina project and report this.",
                detail="\n".join(report.faults),
            )
    return Written(prepared.notices, report.figures)


def plan(document: Document) -> tuple[Notice, ...]:
    """What writing would convert, bake or drop."""
    return prepare(document).notices
