"""Painting on a 4K document of 20 layers: a dab to its document and to listeners told, and whole strokes."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import numpy as np

from studio.core import edits
from studio.core.compositing import Compositor, load_kernels
from studio.core.document import Document
from studio.core.edits.smudge import Smudge
from studio.core.edits.wet import Stroke
from studio.core.events import DocumentChanged, Event
from studio.core.geometry import Point, Size
from studio.core.history import History
from studio.core.layers import LayerId, RasterLayer
from studio.core.painting.brush import Brush, StrokePoint
from studio.core.painting.inks import Clone, Erase, Ink, Paint, Tone
from studio.core.pixels import PixelBuffer
from tests.bench.row import Row

TARGET = LayerId("10")
INKS: tuple[Ink, ...] = (Erase(), Clone(offset=Point(-90, 40), source=TARGET), Tone(exposure=0.4))


def rows(quick: bool) -> list[Row]:
    """The figures at 3840 x 2160 with 20 layers, or at 960 x 540 when quick."""
    size, count = (Size(960, 540), 40) if quick else (Size(3840, 2160), 200)
    document = _document(size)
    red = Paint(color=(0.8, 0.1, 0.1))
    selected = edits.feather_selection(edits.select_ellipse(document, document.canvas), 20)
    load_kernels()
    return [
        *(_row(f"dab of {px} px", document, Stroke(document, TARGET, _brush(px), red), count) for px in (20, 64, 300)),
        *(_row(f"{ink.kind} of 64 px", document, Stroke(document, TARGET, _brush(64), ink), count) for ink in INKS),
        _row("smudge of 64 px", document, Smudge(document, TARGET, Brush(size_px=64, hardness=0.5), 0.7), count),
        _row("dab of 64 px in a soft selection", selected, Stroke(selected, TARGET, _brush(64), red), count),
        _row("dab of 64 px and its area composited", document, Stroke(document, TARGET, _brush(64), red), count, True),
        _whole_stroke(document, count),
    ]


def _document(size: Size) -> Document:
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, (size.height, size.width, 4), dtype=np.uint8)
    layers = (
        RasterLayer(id=LayerId(str(index)), pixels=PixelBuffer.from_array(np.roll(noise, 9 * index, axis=1)))
        for index in range(20)
    )
    return Document(size=size, layers=tuple(layers))


def _points(size: Size, count: int) -> Iterator[StrokePoint]:
    """A spiral of pen events, some 12 px from each other: a quick hand at 120 events a second."""
    for index in range(count):
        turn = math.sqrt(index) * 0.9
        x, y = size.width / 2 + 9 * turn * math.cos(turn), size.height / 2 + 9 * turn * math.sin(turn)
        yield StrokePoint(x=x, y=y, pressure=0.5 + 0.4 * math.sin(index / 9))


def _brush(size_px: float) -> Brush:
    return Brush(size_px=size_px, hardness=0.7, flow=0.6, size_by_pressure=((0.0, 0.3), (1.0, 1.0)))


def _row(name: str, document: Document, stroke: Stroke | Smudge, count: int, repaint: bool = False) -> Row:
    """What a pen event costs: its dabs, their tiles, the history with its listeners and, if asked for, the picture."""
    history = History(document, on_change=Event("document_changed", DocumentChanged).emit)
    compositor = Compositor()
    wall_ms: list[float] = []
    processor_ms: list[float] = []
    for point in _points(document.size, count):
        start, started = time.perf_counter(), time.thread_time()
        area = stroke.extend([point])
        history.apply(lambda _: stroke.document, "Brush stroke", merge_key="stroke")
        if repaint and not area.is_empty:
            compositor.render(history.document, area)
        wall_ms.append((time.perf_counter() - start) * 1000)
        processor_ms.append((time.thread_time() - started) * 1000)
    note = (
        f"median {np.median(wall_ms):.1f}, processor p95 {np.percentile(processor_ms, 95):.1f} ms; "
        f"{document.size.width}x{document.size.height}, 20 layers"
    )
    return Row(f"{name}, p95", float(np.percentile(wall_ms, 95)), "ms", "<= 16 ms", note)


def _whole_stroke(document: Document, count: int) -> Row:
    points = list(_points(document.size, count))
    start = time.perf_counter()
    edits.paint_stroke(document, TARGET, _brush(64), Paint(), points)
    return Row("whole stroke of 64 px", (time.perf_counter() - start) * 1000, "ms", note=f"{count} points at once")
