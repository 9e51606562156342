"""What all flat formats share: limits, the step from samples to document and back, and the loss report."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.errors import FileFormatError
from studio.core.feedback import each, report
from studio.core.geometry import Rect
from studio.core.guides import GUIDES_KEY
from studio.core.layers import BACKGROUND_NAME, BlendMode, GroupLayer, RasterLayer
from studio.core.pixels import Depth, PixelBuffer, Pixels
from studio.io.report import Fate, Notice, Opened, dropped_channels

if TYPE_CHECKING:
    from typing_extensions import Buffer

MAX_PIXELS = 1 << 29
"""The largest picture that is opened: 537 megapixels, 2 GiB as 8-bit RGBA."""

BAND_ROWS = 512
"""How many rows are flattened between two reports."""

MAX_RATIO = 2000
"""Largest size of the samples to size of the file: above what deflate (1032) and LZW (about 1350) can reach."""

TRANSPARENCY = "transparency"
METADATA_KEYS = ("title", "author", "description", "copyright")


@dataclass(frozen=True, slots=True)
class Picture:
    """Straight RGBA samples (H, W, 4) of a flat file, in the RGB profile `icc` (None is sRGB)."""

    samples: Pixels
    icc: bytes | None = None
    ppi: float = 72.0
    metadata: tuple[tuple[str, str], ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a flat format can hold. `lossy` says how its colours are compressed; empty when they are kept exactly."""

    title: str
    max_side: int
    sixteen_bit: bool = False
    transparency: bool = True
    lossy: str = ""


def check_size(name: str, width: int, height: int, stored_bytes: int | None = None, sample_bytes: float = 4) -> None:
    """Refuse a picture by its header, before anything is allocated.

    `stored_bytes` is the file's size where the format's compression has a known bound. Raises FileFormatError.
    """
    if width < 1 or height < 1:
        raise FileFormatError(
            f"Could not open {name}: its header says {width} x {height} pixels.", "The file is damaged."
        )
    if width * height > MAX_PIXELS:
        raise FileFormatError(
            f"Could not open {name}: {width} x {height} pixels are more than Lamina opens.",
            f"The limit is {MAX_PIXELS // 1_000_000} megapixels. Make the picture smaller, or check the file.",
        )
    if stored_bytes is not None and width * height * sample_bytes > stored_bytes * MAX_RATIO:
        raise FileFormatError(
            f"Could not open {name}: a file of {stored_bytes} bytes cannot hold {width} x {height} pixels.",
            "The file is damaged or cut off. Fetch or export it again.",
        )


def document_of(picture: Picture, path: Path) -> Opened:
    """The document of one raster layer."""
    buffer = PixelBuffer.from_array(picture.samples)
    layer = RasterLayer(name=BACKGROUND_NAME if is_opaque(picture.samples) else path.stem, pixels=buffer)
    document = Document(
        size=buffer.size,
        depth=buffer.depth,
        layers=(layer,),
        icc=picture.icc,
        ppi=picture.ppi,
        metadata=picture.metadata,
    )
    return Opened(document, picture.notices)


def flattened(document: Document) -> Pixels:
    """(H, W, 4) straight RGBA of the canvas. One plain layer is copied, so colours under transparency survive.

    It tells how far it is, and can be cancelled, between bands of rows.
    """
    layer = _only_layer(document)
    canvas = document.canvas
    out = np.empty((canvas.height, canvas.width, 4), document.depth.dtype)
    for top in each(range(0, canvas.height, BAND_ROWS)):
        band = Rect(0, top, canvas.width, min(top + BAND_ROWS, canvas.height))
        source = composite(document, band) if layer is None else layer.pixels.read(band.moved(-layer.origin))
        out[band.top : band.bottom] = source
    return out


class ReportingBytes(io.BytesIO):
    """What an encoder writes to piece by piece: it tells how far it is, and can be cancelled.

    Args:
        expected: about how many bytes will come.
    """

    def __init__(self, expected: int) -> None:
        super().__init__()
        self._expected = max(1, expected)

    def write(self, data: Buffer, /) -> int:
        report(self.tell() / self._expected)
        return super().write(data)


class ReportingFile(io.FileIO):
    """The same as a file that is made anew."""

    def __init__(self, path: Path, expected: int) -> None:
        super().__init__(path, "w+b")
        self._expected = max(1, expected)

    def write(self, data: Buffer, /) -> int:
        """All of it: the system may take a part, as it does when the disk is nearly full, and says why at the next."""
        report(os.fstat(self.fileno()).st_size / self._expected)
        left = memoryview(data).cast("B")
        size = len(left)
        while len(left):
            left = left[super().write(left) :]
        return size


def on_white(samples: Pixels) -> Pixels:
    """(H, W, 3) of straight RGBA over white, rounded to nearest."""
    top = Depth.of(samples).top
    alpha = samples[..., 3:].astype(np.uint32)
    mixed = samples[..., :3].astype(np.uint32) * alpha + (top - alpha) * np.uint32(top)
    return ((mixed + top // 2) // top).astype(samples.dtype)


def is_opaque(samples: Pixels) -> bool:
    return bool((samples[..., 3] == Depth.of(samples).top).all())


def flat_notices(document: Document, limits: Limits) -> tuple[Notice, ...]:
    """What a flat file of these limits would bake or drop of `document`."""
    notices = [*_layer_notices(document), *_sample_notices(document, limits), *dropped_channels(document)]
    if any(layer.provenance for layer in document.walk()):
        notices.append(Notice(Fate.DROPPED, "how the layers were made", why=f"{limits.title} has no layers"))
    if any(key not in (*METADATA_KEYS, GUIDES_KEY) for key, _ in document.metadata):
        notices.append(Notice(Fate.DROPPED, "other text fields", why=f"only {', '.join(METADATA_KEYS)} are written"))
    return tuple(notices)


def check_writable(document: Document, path: Path, limits: Limits) -> None:
    """Raises FileFormatError when the canvas is larger than the format allows, or than we would read back."""
    longest = max(document.size.width, document.size.height)
    if longest > limits.max_side:
        raise FileFormatError(
            f"Could not write {path.name}: {limits.title} holds {limits.max_side} pixels a side, not {longest}.",
            "Choose PNG or TIFF, or make the picture smaller.",
        )


def has_opaque_layer(document: Document) -> bool:
    """Whether some layer alone makes the whole picture opaque; a quick look that never says so wrongly."""
    return any(
        isinstance(layer, RasterLayer)
        and layer.visible
        and layer.opacity == layer.fill == 1.0
        and layer.blend is not BlendMode.DISSOLVE
        and not layer.clipping
        and (layer.mask is None or not layer.mask.enabled)
        and layer.bounds.contains(document.canvas)
        and is_opaque(layer.pixels.read(document.canvas.moved(-layer.origin)))
        for layer in document.layers
    )


def tidy_ppi(ppi: float) -> float:
    """Pixels per inch as a person would write it: formats that store whole pixels per metre make 300 into 299.9994."""
    if not 1e-3 < ppi < 1e6:
        return 72.0
    return float(round(ppi)) if abs(ppi - round(ppi)) < 0.013 else round(ppi, 3)


def _only_layer(document: Document) -> RasterLayer | None:
    """The one layer of a document that shows it as it is."""
    if len(document.layers) != 1 or not isinstance(layer := document.layers[0], RasterLayer):
        return None
    plain = (
        layer.visible
        and layer.opacity == 1.0
        and layer.fill == 1.0
        and layer.blend is BlendMode.NORMAL
        and layer.mask is None
    )
    return layer if plain else None


def _layer_notices(document: Document) -> list[Notice]:
    layer = _only_layer(document)
    if layer is not None:
        outside = not document.canvas.contains(layer.bounds)
        return [Notice(Fate.DROPPED, "pixels outside the canvas", layer.name)] if outside else []
    notices: list[Notice] = []
    count = sum(1 for layer in document.walk() if not isinstance(layer, GroupLayer))
    notices.append(Notice(Fate.BAKED, f"{count} layers", why="flattened into one picture"))
    notices += [Notice(Fate.DROPPED, "hidden layer", layer.name) for layer in document.walk() if not layer.visible]
    return notices


def _sample_notices(document: Document, limits: Limits) -> list[Notice]:
    notices: list[Notice] = []
    if document.depth is Depth.SIXTEEN and not limits.sixteen_bit:
        notices.append(Notice(Fate.DROPPED, "16 bits per channel", why=f"{limits.title} gets 8"))
    if not limits.transparency and not has_opaque_layer(document):
        notices.append(Notice(Fate.BAKED, TRANSPARENCY, why="flattened on white"))
    if limits.lossy:
        notices.append(Notice(Fate.BAKED, "exact colours", why=limits.lossy))
    return notices
