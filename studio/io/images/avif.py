"""AVIF, written at quality 90 without colour subsampling. Pillow reads 10 and 12 bits as 8, which is said."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import AvifImagePlugin, Image

from studio.core.document import Document
from studio.io import atomic
from studio.io.formats import HEAD_BYTES
from studio.io.images import flat, pillow
from studio.io.images.flat import Limits
from studio.io.report import Fate, Notice, Opened, Written

QUALITY = 90
LIMITS = Limits(title="AVIF", max_side=65_535, lossy=f"compressed at quality {QUALITY}")


def read(path: Path) -> Opened:
    """Raises StudioError."""
    with pillow.opened_file(path) as file:
        head = file.read(HEAD_BYTES)
        file.seek(0)
        image = pillow.open_image(AvifImagePlugin.AvifImageFile, file, path.name)
        flat.check_size(path.name, *image.size)
        opened = flat.document_of(pillow.picture_of(image, path.name), path)
    bits = _bits_per_channel(head)
    if bits <= 8:
        return opened
    notice = Notice(Fate.DROPPED, f"{bits} bits per channel", why="opened as 8")
    return Opened(opened.document, (*opened.notices, notice))


def write(document: Document, path: Path) -> Written:
    """Raises StudioError."""
    flat.check_writable(document, path, LIMITS)
    samples = pillow.eight_bit(flat.flattened(document))
    image = Image.fromarray(samples[..., :3] if flat.is_opaque(samples) else samples)
    out = io.BytesIO()
    image.save(
        out,
        "AVIF",
        quality=QUALITY,
        subsampling="4:4:4",
        icc_profile=document.icc or b"",
        exif=pillow.exif_of(document.metadata, document.ppi).tobytes(),
    )
    atomic.write_bytes(path, out.getvalue())
    return Written(plan(document))


def plan(document: Document) -> tuple[Notice, ...]:
    return flat.flat_notices(document, LIMITS)


def _bits_per_channel(head: bytes) -> int:
    """From the pixel information box (“pixi”): version and flags, number of channels, bits of each."""
    at = head.find(b"pixi")
    return head[at + 9] if 0 <= at < len(head) - 9 else 8
