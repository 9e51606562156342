"""JPEG: read as it is, written at quality 95 without colour subsampling."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, JpegImagePlugin

from studio.core.document import Document
from studio.io import atomic
from studio.io.images import flat, pillow
from studio.io.images.flat import Limits
from studio.io.report import Notice, Opened, Written

QUALITY = 95
LIMITS = Limits(title="JPEG", max_side=65_500, transparency=False, lossy=f"compressed at quality {QUALITY}")


def read(path: Path) -> Opened:
    """Raises StudioError."""
    with pillow.opened_file(path) as file:
        image = pillow.open_image(JpegImagePlugin.JpegImageFile, file, path.name)
        flat.check_size(path.name, *image.size)
        return flat.document_of(pillow.picture_of(image, path.name), path)


def write(document: Document, path: Path) -> Written:
    """Raises StudioError."""
    flat.check_writable(document, path, LIMITS)
    notices, samples = plan(document), flat.flattened(document)
    if flat.is_opaque(samples):
        notices = tuple(n for n in notices if n.what != flat.TRANSPARENCY)
    image = Image.fromarray(pillow.eight_bit(flat.on_white(samples)))
    out = io.BytesIO()
    image.save(
        out,
        "JPEG",
        quality=QUALITY,
        subsampling=0,
        icc_profile=document.icc,
        dpi=(document.ppi, document.ppi),
        exif=pillow.exif_of(document.metadata),
    )
    atomic.write_bytes(path, out.getvalue())
    return Written(notices)


def plan(document: Document) -> tuple[Notice, ...]:
    return flat.flat_notices(document, LIMITS)
