"""Opening and exporting a layered PSD: 20 layers of noisy gradients at 3840 x 2160, against DESIGN.md section 9."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.layers import BlendMode, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.io.psd import merged_preview, read, write
from tests.bench.row import Row

LAYERS = 20
FULL = Size(3840, 2160)
QUICK = Size(960, 540)
_MODES = [BlendMode.NORMAL] * 14 + [BlendMode.MULTIPLY] * 2 + [BlendMode.OVERLAY] * 2 + [BlendMode.HUE] * 2


def rows(quick: bool) -> list[Row]:
    """First picture, all layers and export at 8 bit; without `quick` also at 16, which is coded otherwise."""
    size = QUICK if quick else FULL
    found = _rows(stack(size, Depth.EIGHT), targets=not quick)
    if not quick:
        found += _rows(stack(size, Depth.SIXTEEN), targets=False)
    return found


def stack(size: Size, depth: Depth) -> Document:
    """An opaque layer and nineteen discs, each a gradient with a few steps of noise, in four modes."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0 : size.height, 0 : size.width]
    radius = np.hypot(x - size.width / 2, y - size.height / 2)
    layers: list[RasterLayer] = []
    for index, mode in enumerate(_MODES):
        samples = np.empty((size.height, size.width, 4), depth.dtype)
        for channel in range(3):
            ramp = (x / (13 + channel) + y / (9 + index)) % 250 + rng.integers(0, 6, x.shape)
            samples[:, :, channel] = ramp * (depth.top / 255)
        inside = radius < size.height * (0.3 + index / 40)
        samples[:, :, 3] = np.where(inside, depth.top, 0) if index else depth.top
        pixels = PixelBuffer.from_array(samples)
        layers.append(RasterLayer(name=f"Layer {index}", blend=mode, opacity=0.5 if index else 1.0, pixels=pixels))
    return Document(size=size, depth=depth, layers=tuple(layers))


def _rows(document: Document, *, targets: bool) -> list[Row]:
    what = f"{LAYERS} layers {document.size.width} x {document.size.height}, {document.depth.value} bit"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stack.psd"
        merge_s = _seconds(lambda: composite(document))
        export_s = _seconds(lambda: write(document, path))
        megabytes = path.stat().st_size / 1e6
        first_s = _seconds(lambda: merged_preview(path))
        open_s = _seconds(lambda: read(path))
    note = f"{what}; {megabytes:.0f} MB"
    return [
        Row("psd: first picture", first_s, "s", "<= 1 s" if targets else "", note),
        Row("psd: open all layers", open_s, "s", "<= 9 s" if targets else "", note),
        Row(
            "psd: export with gate",
            export_s,
            "s",
            "<= 26 s" if targets else "",
            f"{note}; merging alone {merge_s:.1f} s",
        ),
    ]


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
