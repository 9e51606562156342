"""What the canvas needs from an edit to the pixels on the screen, and how long it keeps the event loop waiting."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from studio.core import edits
from studio.core.compositing import load_kernels, warm_kernels_in_child
from studio.core.document import Document
from studio.core.geometry import Point, Size
from studio.core.layers import BlendMode, LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.plugin_host.registry import Registry
from studio.session import Session
from studio.ui.canvas.framing import Placement
from studio.ui.canvas.tools.transform import FreeTransformTool
from studio.ui.canvas.view import CanvasView
from tests.bench.row import Row

TARGET = LayerId("10")
MODES = (*[BlendMode.NORMAL] * 7, BlendMode.MULTIPLY, BlendMode.OVERLAY, BlendMode.HUE)
STALL_MS = 5


def rows(quick: bool) -> list[Row]:
    """The figures at 3840 x 2160 with 20 layers in a view of 1920 x 1080, or a quarter of both when quick."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    share = 4 if quick else 1
    session = Session(Registry())
    session.start(document_of(Size(3840 // share, 2160 // share)))
    child = warm_kernels_in_child()  # else the first seconds would measure the stand-in
    if child is not None:
        child.wait()
    load_kernels()
    canvas = CanvasView(session)
    canvas.set_rulers_visible(False)
    canvas.resize(1920 // share, 1080 // share)
    canvas.show()
    bench = CanvasBench(application, session, canvas, repeats=8 if quick else 40)
    try:
        return bench.rows()
    finally:
        canvas.release()
        canvas.close()


def document_of(size: Size) -> Document:
    """20 layers of soft blobs: 14 Normal, 2 each in Multiply, Overlay and Hue; the lowest is opaque."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[0 : size.height, 0 : size.width].astype(np.float32)
    noise = rng.integers(0, 256, (size.height, size.width, 4), dtype=np.uint8)
    blobs = np.sin(x / size.width * 23) * np.sin(y / size.height * 17)
    noise[:, :, 3] = np.clip(blobs * 400 + 128, 0, 255)
    layers = [
        _layer(0, np.concatenate([noise[:, :, :3], np.full_like(noise[:, :, :1], 255)], axis=2), BlendMode.NORMAL)
    ]
    for index in range(1, 20):
        layers.append(_layer(index, np.roll(noise, 97 * index, axis=1), MODES[index % len(MODES)]))
    return Document(size=size, layers=tuple(layers))


def _layer(index: int, samples: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], mode: BlendMode) -> RasterLayer:
    return RasterLayer(id=LayerId(str(index)), pixels=PixelBuffer.from_array(samples), blend=mode)


class CanvasBench:
    """Measures one canvas on the document of the benchmark, which must be open."""

    def __init__(self, application: QApplication, session: Session, canvas: CanvasView, repeats: int) -> None:
        self.application, self.session, self.canvas, self.repeats = application, session, canvas, repeats
        size = session.document.size
        self.note = f"{size.width}x{size.height}, 20 layers, view {canvas.surface.width()}x{canvas.surface.height()}"

    def rows(self) -> list[Row]:
        """Everything, the whole canvas in view first, then at 100 %."""
        self.canvas.fit()
        started = time.perf_counter()
        self.settle()
        first_ms = (time.perf_counter() - started) * 1000
        opacities = zigzag(0.2, 0.9)
        found = [
            Row("first picture of the document", first_ms, "ms", note=self.note),
            self.edit("opacity of one layer", "<= 25 ms", 25, lambda: self.opacity(next(opacities))),
            self.edit("move of one layer", "<= 25 ms", 25, self.move),
            self.transform(),
        ]
        found += self.frames()
        self.canvas.actual_size()
        self.settle()
        found.append(self.edit("dab of 64 px at 100 %", "<= 16 ms", 16, self.dab()))
        self.canvas.fit()
        self.settle()
        return [*found, *self.stalls()]

    def settle(self) -> None:
        """Run the event loop until everything is drawn."""
        self.application.processEvents()
        while not self.canvas.is_settled:
            self.application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        self.application.processEvents()

    def edit(self, name: str, target: str, limit_ms: float | None, action: Callable[[], object]) -> Row:
        """p95 from the edit to painted pixels; the first ones, which fill caches, are left out."""
        for _ in range(3):
            action()
            self.settle()
        times: list[float] = []
        busy = time.process_time()
        for _ in range(self.repeats):
            started = time.perf_counter()
            action()
            self.settle()
            times.append((time.perf_counter() - started) * 1000)
        busy_ms = (time.process_time() - busy) * 1000 / self.repeats
        self.session.history.seal()
        spread = f"best {min(times):.1f}, median {share_of(times, 50):.1f}"
        note = f"{spread}, processor time {busy_ms:.1f} over all cores; {self.note}"
        return Row(f"{name} to repainted view, p95", share_of(times, 95), "ms", target, note, limit_ms)

    def opacity(self, value: float) -> None:
        """One value of the slider."""
        self.session.history.apply(edits.step(edits.set_opacity, TARGET, value), merge_key="opacity")

    def move(self) -> None:
        """One step of a drag."""
        self.session.history.apply(edits.step(edits.translate, (TARGET,), Point(7, 3)), merge_key="move")

    def transform(self) -> Row:
        """Steps of a turn of one whole layer, made smaller before, as free transform shows them."""
        before, tool = self.canvas.tool, FreeTransformTool()
        self.session.select([TARGET])
        self.canvas.set_tool(tool)
        size = self.session.document.size
        tool.place(Placement(size.width / 2, size.height / 2, 0.9, 0.8))
        row = self.edit("frame of a free transform", "", None, lambda: tool.turn(1.7))
        tool.discard()
        self.canvas.set_tool(before)
        self.settle()
        return row

    def dab(self) -> Callable[[], None]:
        """Dabs side by side in the middle of the view."""
        x, y = (int(value) for value in self.canvas.transform.to_canvas(*(side / 2 for side in self.view_px)))
        layer = self.session.document.layer(TARGET)
        assert isinstance(layer, RasterLayer)
        corner = Point(x, y) - layer.origin
        places = count()

        def paint() -> None:
            index = next(places)
            samples = np.full((64, 64, 4), 100 + index % 100, np.uint8)
            at = Point(corner.x + 9 * (index % 20) - 90, corner.y)
            self.session.history.apply(edits.step(edits.write_pixels, TARGET, at, samples), merge_key="stroke")

        return paint

    @property
    def view_px(self) -> tuple[int, int]:
        return self.canvas.surface.width(), self.canvas.surface.height()

    def frames(self) -> list[Row]:
        """Painting the view after it was panned and zoomed; new content comes later by itself."""
        middle = tuple(side / 2 for side in self.view_px)
        pans = zigzag(-8, 8)
        zooms = zigzag(0.4, 0.9)
        start = self.canvas.transform

        def pan() -> None:
            self.canvas.set_transform(self.canvas.transform.panned(next(pans), 5))

        def zoom() -> None:
            self.canvas.set_transform(start.zoomed(start.zoom / 0.65 * next(zooms), *middle))

        rows = [self.frame("pan", pan), self.frame("zoom", zoom)]
        self.canvas.set_transform(start)
        self.settle()
        return rows

    def frame(self, name: str, action: Callable[[], None]) -> Row:
        """p95 of changing the view and painting all of it."""
        times: list[float] = []
        for _ in range(self.repeats):
            started = time.perf_counter()
            action()
            self.canvas.surface.repaint()
            times.append((time.perf_counter() - started) * 1000)
        note = f"median {share_of(times, 50):.1f}; {self.note}"
        return Row(f"{name}, one frame, p95", share_of(times, 95), "ms", "<= 16 ms", note, 16)

    def stalls(self) -> list[Row]:
        """How late a timer comes while an opacity drag of 60 values a second goes on."""
        opacities = zigzag(0.2, 0.9)
        with self.ticking() as late:
            drag = QTimer()
            drag.timeout.connect(lambda: self.opacity(next(opacities)))
            drag.start(16)
            loop = QEventLoop()
            QTimer.singleShot(60 * self.repeats, loop.quit)
            loop.exec()
            drag.stop()
        self.settle()
        note = f"worst {max(late):.1f}; timer of {STALL_MS} ms during a drag; {self.note}"
        return [Row("event-loop stall, p99", share_of(late, 99), "ms", "<= 16 ms", note, 16)]

    @contextmanager
    def ticking(self) -> Iterator[list[float]]:
        """How many ms each tick of a timer came late."""
        late: list[float] = []
        last = time.perf_counter()

        def tick() -> None:
            nonlocal last
            now = time.perf_counter()
            late.append(max(0.0, (now - last) * 1000 - STALL_MS))
            last = now

        timer = QTimer()
        timer.timeout.connect(tick)
        timer.start(STALL_MS)
        yield late
        timer.stop()


def zigzag(low: float, high: float, steps: int = 23) -> Iterator[float]:
    """Up and down between two values without end."""
    for index in count():
        place = index % (2 * steps)
        yield low + (high - low) * (place if place < steps else 2 * steps - place) / steps


def share_of(values: list[float], percent: float) -> float:
    return float(np.percentile(values, percent))
