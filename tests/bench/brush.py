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
from studio.core.geometry import Point, Rect, Size
from studio.core.history import History
from studio.core.layers import LayerId, RasterLayer
from studio.core.painting.brush import Brush, StrokePoint
from studio.core.painting.inks import Clone, Erase, Ink, Paint, Tone
from studio.core.pixels import PixelBuffer
from tests.bench.row import Row

TARGET = LayerId("10")
TARGET_MS = "<= 16 ms with repaint, p95"


def rows(quick: bool) -> list[Row]:
    """The figures at 3840 x 2160 with 20 layers, or at 960 x 540 when quick."""
    size, count = (Size(960, 540), 40) if quick else (Size(3840, 2160), 200)
    document = _document(size)
    note = f"{size.width}x{size.height}, 20 layers"
    out: list[Row] = []
    for brush_px in (20, 64, 300):
        times = _dab_times(document, Paint(color=(0.8, 0.1, 0.1)), brush_px, count)
        out.append(Row(f"dab of {brush_px} px, median", float(np.median(times)), "ms", note=note))
        out.append(Row(f"dab of {brush_px} px, p95", float(np.percentile(times, 95)), "ms", TARGET_MS, note))
    inks: dict[str, Ink] = {
        "erase": Erase(),
        "clone": Clone(offset=Point(-90, 40), source=TARGET),
        "dodge": Tone(exposure=0.4),
    }
    for name, ink in inks.items():
        out.append(Row(f"{name} of 64 px, p95", _p95(_dab_times(document, ink, 64, count)), "ms", TARGET_MS, note))
    out.append(Row("smudge of 64 px, p95", _p95(_smudge_times(document, count)), "ms", TARGET_MS, note))
    selected = edits.feather_selection(edits.select_ellipse(document, document.canvas), 20)
    inked = Paint(color=(0.1, 0.1, 0.8))
    limited = _p95(_dab_times(selected, inked, 64, count))
    out.append(Row("dab of 64 px in a soft selection, p95", limited, "ms", TARGET_MS, note))
    out.append(Row("whole stroke of 64 px", _stroke_ms(document, count), "ms", note=f"{note}, {count} points at once"))
    repaint = _repaint_times(document, count)
    out.append(Row("dab of 64 px and its area composited, p95", _p95(repaint), "ms", TARGET_MS, note))
    return out


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


def _dab_times(document: Document, ink: Ink, brush_px: float, count: int) -> list[float]:
    """Milliseconds of each pen event: dabs, tiles, history, listeners."""
    history = History(document, on_change=Event("document_changed", DocumentChanged).emit)
    brush = Brush(size_px=brush_px, hardness=0.7, flow=0.6, size_by_pressure=((0.0, 0.3), (1.0, 1.0)))
    stroke = Stroke(document, TARGET, brush, ink)
    times: list[float] = []
    for point in _points(document.size, count):
        start = time.perf_counter()
        stroke.extend([point])
        history.apply(lambda _: stroke.document, "Brush stroke", merge_key="stroke")
        times.append((time.perf_counter() - start) * 1000)
    return times


def _smudge_times(document: Document, count: int) -> list[float]:
    history = History(document, on_change=Event("document_changed", DocumentChanged).emit)
    stroke = Smudge(document, TARGET, Brush(size_px=64, hardness=0.5), 0.7)
    times: list[float] = []
    for point in _points(document.size, count):
        start = time.perf_counter()
        stroke.extend([point])
        history.apply(lambda _: stroke.document, "Smudge", merge_key="stroke")
        times.append((time.perf_counter() - start) * 1000)
    return times


def _stroke_ms(document: Document, count: int) -> float:
    points = list(_points(document.size, count))
    start = time.perf_counter()
    edits.paint_stroke(document, TARGET, Brush(size_px=64), Paint(), points)
    return (time.perf_counter() - start) * 1000


def _repaint_times(document: Document, count: int) -> list[float]:
    """The same with the changed area composited at full size, as a view at 100 % does."""
    load_kernels()
    compositor = Compositor()
    stroke = Stroke(document, TARGET, Brush(size_px=64, hardness=0.7), Paint(color=(0.2, 0.6, 0.1)))
    times: list[float] = []
    for point in _points(document.size, count):
        start = time.perf_counter()
        area: Rect = stroke.extend([point])
        compositor.render(stroke.document, area)
        times.append((time.perf_counter() - start) * 1000)
    return times


def _p95(times: list[float]) -> float:
    return float(np.percentile(times, 95))
