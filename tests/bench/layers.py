"""What the layer panel costs: following an edit, painting rows, thumbnails, and a list of 500 layers."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication

from studio.core import edits
from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.layers import RasterLayer
from studio.core.pixels import PixelBuffer
from studio.session import Session
from studio.ui.app import application
from studio.ui.panels.layers import LayersPanel
from studio.ui.panels.layers.thumbnails import framed
from studio.ui.settings import SettingsFile
from tests.bench.row import Row

SIZE = Size(3840, 2160)
LAYERS = 20
MANY = 500
SIDE_PX = 60


def rows(quick: bool) -> list[Row]:
    """A panel on its own, offscreen, 300 x 600 px."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application(SettingsFile(Path(os.devnull)))
    repeats = 20 if quick else 100
    return [*_large_pictures(repeats), *_many_layers(repeats)]


def _large_pictures(repeats: int) -> list[Row]:
    samples = np.random.default_rng(1).integers(0, 256, (SIZE.height, SIZE.width, 4), np.uint8)
    buffer = PixelBuffer.from_array(samples)
    layers = tuple(RasterLayer(name=f"Layer {number}", pixels=buffer) for number in range(LAYERS))
    session = Session()
    session.start(Document(size=SIZE, layers=layers))
    with _shown(session) as panel:
        session.select([layers[10].id])
        _settle(panel)
        made = panel.tree.thumbnails.made
        shares = iter(np.linspace(0.1, 0.9, 2 * repeats + 2))

        def change() -> None:
            step = edits.step(edits.set_opacity, layers[10].id, float(next(shares)))
            session.history.apply(step, merge_key="drag")

        def change_and_paint() -> None:
            change()
            QCoreApplication.processEvents()

        follow, painted = _p95(change, repeats), _p95(change_and_paint, repeats)
        _settle(panel)
        made = panel.tree.thumbnails.made - made
    note = f"{LAYERS} layers of {SIZE.width} x {SIZE.height}"
    thumbnail = _p95(lambda: framed(buffer, buffer.rect, SIDE_PX), repeats)
    return [
        Row("layer panel follows one opacity change, p95", follow, "ms", "< 5 ms", f"{note}, edit included", 5),
        Row("the same until it is painted, p95", painted, "ms", "< 5 ms", note, 5),
        Row("thumbnails made for that", made, "", "0", "", 0),
        Row("one thumbnail, p95", thumbnail, "ms", "", f"layer of {SIZE.width} x {SIZE.height}, between events"),
    ]


def _many_layers(repeats: int) -> list[Row]:
    buffer = PixelBuffer.from_array(np.full((20, 30, 4), 90, np.uint8))
    session = Session()
    session.start(
        Document(size=Size(64, 64), layers=tuple(RasterLayer(name=f"Layer {n}", pixels=buffer) for n in range(MANY)))
    )
    began = time.perf_counter()
    with _shown(session) as panel:
        QCoreApplication.processEvents()
        opened = 1e3 * (time.perf_counter() - began)
        bar = panel.tree.verticalScrollBar()
        places = iter(np.linspace(bar.minimum(), bar.maximum(), repeats + 1).astype(int))

        def scroll() -> None:
            bar.setValue(int(next(places)))
            QCoreApplication.processEvents()

        scrolled = _p95(scroll, repeats)
    return [
        Row(f"a panel of {MANY} layers, made and shown", opened, "ms"),
        Row(f"one frame of scrolling {MANY} layers, p95", scrolled, "ms", "<= 16 ms", "with new thumbnails", 16),
    ]


@contextmanager
def _shown(session: Session) -> Iterator[LayersPanel]:
    panel = LayersPanel(session)
    panel.resize(300, 600)
    panel.show()
    try:
        yield panel
    finally:
        panel.release()
        panel.close()
        panel.deleteLater()
        QCoreApplication.processEvents()


def _settle(panel: LayersPanel) -> None:
    """Until all thumbnails are made and painted."""
    for _ in range(3):
        QCoreApplication.processEvents()
        while not panel.tree.thumbnails.is_idle:
            QCoreApplication.processEvents()


def _p95(run: Callable[[], object], repeats: int) -> float:
    """Milliseconds that 95 of 100 calls stay below; the first call is not counted."""
    run()
    times: list[float] = []
    for _ in range(repeats):
        began = time.perf_counter()
        run()
        times.append(1e3 * (time.perf_counter() - began))
    return statistics.quantiles(times, n=20)[-1]
