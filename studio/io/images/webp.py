"""WebP, written lossless: the colours under transparency are kept too."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, WebPImagePlugin

from studio.core.document import Document
from studio.io import atomic
from studio.io.images import flat, pillow
from studio.io.images.flat import Limits
from studio.io.report import Notice, Opened, Written

LIMITS = Limits(title="WebP", max_side=16_383)


def read(path: Path) -> Opened:
    """Raises StudioError."""
    with pillow.opened_file(path) as file:
        image = pillow.open_image(WebPImagePlugin.WebPImageFile, file, path.name)
        flat.check_size(path.name, *image.size)
        return flat.document_of(pillow.picture_of(image, path.name), path)


def write(document: Document, path: Path) -> Written:
    """Raises StudioError."""
    flat.check_writable(document, path, LIMITS)
    image = Image.fromarray(pillow.eight_bit(flat.flattened(document)))
    out = io.BytesIO()
    image.save(
        out,
        "WEBP",
        lossless=True,
        exact=True,
        quality=75,
        method=4,
        icc_profile=document.icc or b"",
        exif=pillow.exif_of(document.metadata, document.ppi).tobytes(),
    )
    atomic.write_bytes(path, out.getvalue())
    return Written(plan(document))


def plan(document: Document) -> tuple[Notice, ...]:
    return flat.flat_notices(document, LIMITS)
