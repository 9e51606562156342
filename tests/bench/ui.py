"""Every budget of the window in one table, measured in the whole window: start, edits, undo, a job in the worker."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QEventLoop
from PySide6.QtWidgets import QApplication

from studio import documents, resources
from studio.core import edits
from studio.core.compositing import load_kernels, warm_kernels_in_child
from studio.core.geometry import ORIGIN, Size
from studio.core.layers import RasterLayer
from studio.documents import Loaded
from studio.requests import PluginRun
from studio.session import Session
from studio.ui.app import application
from studio.ui.bridge import Bridge
from studio.ui.main_window import MainWindow
from studio.ui.settings import SettingsFile
from tests.bench import painting
from tests.bench.canvas import TARGET, CanvasBench, document_of, share_of
from tests.bench.row import Row
from tests.bench.window import rows as start_rows

PHOTO = "still_life.jpg"
BOX = {"kind": "box", "x": 700, "y": 250, "width": 320, "height": 360}


def rows(quick: bool) -> list[Row]:
    """The figures at 3840 x 2160 with 20 layers in a view of about 1920 x 1080, or a quarter of both when quick."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    child = warm_kernels_in_child()  # else the first seconds would measure the stand-in
    if child is not None:
        child.wait()
    load_kernels()
    found = start_rows(quick)
    with _window(4 if quick else 1) as window:
        found += _Bench(window, repeats=8 if quick else 40).rows()
        found += _while_a_job_runs(window)
    return found


@contextmanager
def _window(part: int) -> Iterator[MainWindow]:
    """A window with all its panels on the large document, settings and files of its own; closed at the end."""
    with tempfile.TemporaryDirectory(prefix="lamina-bench-") as home:
        settings = SettingsFile(Path(home) / "window.toml")
        app = application(settings)
        bridge = Bridge(app)
        window = MainWindow(Session(), settings, bridge, recovery=Path(home) / "recovery")
        window.use_worker(Path(home) / "queue")
        window.resize(1920 // part + 380, 1080 // part + 130)
        window.show()
        document = document_of(Size(3840 // part, 2160 // part))
        window.keeper.take(Loaded(path=None, steps=(("", document),), name="Bench"))
        try:
            yield window
        finally:
            window.keeper.close(keep_edits=False)
            window.close()
            window.deleteLater()
            QCoreApplication.processEvents()


class _Bench(CanvasBench):
    """The canvas's own measurements, in a window whose panels and actions follow every edit."""

    def __init__(self, window: MainWindow, repeats: int) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        super().__init__(app, window.session, window.canvas, repeats)
        self._window = window
        self._keeper = window.keeper

    def rows(self) -> list[Row]:
        self.canvas.fit()
        self.settle()
        self.opacity(0.5)
        self.wait_until_kept()  # the first edit has every pixel written to the recovery project, on both processors
        self.session.history.undo()
        return [*super().rows(), *painting.rows(self._window, self), self.undo()]

    def wait_until_kept(self) -> None:
        """Let the document be written as far as it can be."""
        while not self._keeper.is_kept:
            self._keeper.keep_safe()
            QCoreApplication.processEvents()
            time.sleep(0.01)

    def undo(self) -> Row:
        """Undo and redo of an edit of every pixel of a layer, to the repainted view."""
        layer = self.session.document.layer(TARGET)
        assert isinstance(layer, RasterLayer)
        dark = replace(layer, pixels=layer.pixels.map_tiles(lambda tile: tile // 2))
        samples = dark.pixels.read()
        history = self.session.history
        before = history.nbytes
        history.apply(edits.step(edits.write_pixels, TARGET, ORIGIN, samples))
        self.settle()
        held = history.nbytes - before
        steps: Iterator[Callable[[], object]] = iter([history.undo, history.redo] * (self.repeats + 6))
        row = self.edit("undo or redo of a full-layer edit", "<= 25 ms", 25, lambda: next(steps)())
        changed = layer.pixels.nbytes
        return replace(row, note=f"holds {held / changed:.2f} of the changed tiles' bytes; {row.note}")


def _while_a_job_runs(window: MainWindow) -> list[Row]:
    """How late a timer of the event loop comes while the worker takes a photo of one megapixel apart."""
    photo = documents.read(resources.sample(PHOTO))
    window.keeper.close(keep_edits=False)
    window.keeper.take(Loaded(path=None, steps=photo.steps, name=PHOTO))
    bench = _Bench(window, repeats=1)
    bench.settle()
    session, late, told = window.session, list[float](), [0.0]
    held = session.jobs.progress.connect(lambda _: told.append(time.perf_counter()))
    started = told[0] = time.perf_counter()
    with bench.ticking() as ticks:
        job = session.submit(PluginRun(plugin="layer_decomp", params={"objects": [BOX]}))
        at_once = (time.perf_counter() - started) * 1000
        while not session.jobs.record(job).state.is_final:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        bench.settle()
        late += ticks
    seconds = time.perf_counter() - started
    held.close()
    size, state = photo.steps[0][1].size, session.jobs.record(job).state
    note = (
        f"worst {max(late):.1f}, submitting took {at_once:.1f} ms; {len(late)} ticks in {seconds:.1f} s; decomposing "
        f"{size.width}x{size.height} px in the worker: {state}"
    )
    row = Row("event-loop stall while a job runs, p99", share_of(late, 99), "ms", "<= 16 ms", note, 16)
    worst = replace(row, name="the same, p99.9", value=float(np.percentile(late, 99.9)), target="", limit=None)
    steps_ms = 1000 * np.diff(told[2:])
    return [row, worst, _cancelling(window, float(steps_ms.max()))]


def _cancelling(window: MainWindow, step_ms: float) -> Row:
    """From cancelling the same job in the middle until the worker is free again, against its longest step."""
    session = window.session
    session.history.undo()
    job = session.submit(PluginRun(plugin="layer_decomp", params={"objects": [BOX]}))

    def wait(done: Callable[[], bool]) -> None:
        while not done():
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def share() -> float:
        progress = session.jobs.last_progress
        return 0.0 if progress is None else progress.fraction or 0.0

    wait(lambda: share() > 0.3)
    started = time.perf_counter()
    session.jobs.cancel(job)
    wait(lambda: session.jobs.running is None)
    taken_ms = (time.perf_counter() - started) * 1000
    note = f"longest time between two reports {step_ms:.0f} ms; {session.jobs.record(job).state}"
    return Row("cancel to idle", taken_ms, "ms", "<= one step + 200 ms", note, step_ms + 200)
