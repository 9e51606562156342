"""Thumbnails of results: they show what taking a result would do now, and nothing else of a result is kept."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.jobs.request import JobId
from studio.plugin_api.results import Results
from studio.plugin_host.registry import user_plugins_dir
from studio.requests import PluginRun
from studio.session import Session
from studio.ui.app import application
from studio.ui.bridge import Bridge
from studio.ui.canvas.view import CanvasView
from studio.ui.panels.results.gallery import SHOWN_PX, ResultGallery, framed
from studio.ui.panels.results.pictures import thumbnail
from studio.ui.settings import SettingsFile
from studio.ui.work import FileWork
from tests.support.plugins import write_plugin

WAIT_MS = 120_000


@dataclass(slots=True)
class Bench:
    session: Session
    gallery: ResultGallery
    qtbot: QtBot
    targets: list[LayerId]
    """In place of the last of these a result would come; they are chosen in the panel."""

    @property
    def target(self) -> LayerId | None:
        return self.targets[-1] if self.targets else None

    def run(self, seed: int = 0, in_place_of: LayerId | None = None, *, kept_aside: bool = True) -> JobId:
        """One that takes the place of its source where it may, to its end."""
        run = PluginRun(
            plugin="square",
            params={"trouble": "replace"},
            seed=seed,
            in_place_of=in_place_of,
            kept_aside=kept_aside,
        )
        job = self.session.submit(run)
        self.qtbot.waitUntil(lambda: self.session.jobs.record(job).state.is_final, timeout=WAIT_MS)
        self.gallery.refresh()
        self.settle()
        return job

    def settle(self) -> None:
        """Until every thumbnail is what it is to be."""
        gallery = self.gallery
        self.qtbot.waitUntil(lambda: gallery.is_settled and not gallery.is_waiting, timeout=WAIT_MS)

    def shown(self, job: JobId) -> QImage:
        """The thumbnail of a job."""
        self.gallery.choose(job)
        return self.gallery.list.currentItem().icon().pixmap(QSize(SHOWN_PX, SHOWN_PX)).toImage()


@pytest.fixture
def bench(qapp: QApplication, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    write_plugin(user_plugins_dir(), "square")
    application(SettingsFile(tmp_path / "window.toml"))
    session, bridge = Session(), Bridge()
    pixels = PixelBuffer.from_array(np.full((40, 60, 4), 200, np.uint8))
    session.start(Document(size=Size(60, 40), layers=(RasterLayer(name="Photo", pixels=pixels),)))
    session.use_worker(tmp_path / "jobs", bridge.post)
    canvas, files = CanvasView(session), FileWork(bridge)
    targets: list[LayerId] = []
    gallery = ResultGallery(session, lambda: targets[-1] if targets else None)
    found = Bench(session, gallery, qtbot, targets)
    for widget in (canvas, gallery):
        qtbot.addWidget(widget)
    gallery.use_window(canvas, lambda work, then, failed: files.start("", work, then, failed))
    held = session.document_changed.connect(lambda _: gallery.follow_document())
    gallery.show()
    qtbot.waitExposed(gallery)
    gallery.show_plugin("square")
    yield found
    held.close()
    canvas.release()
    files.close()
    session.close()
    bridge.close()
    bridge.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def taken(bench: Bench, job: JobId) -> QImage:
    """The document once the result is taken, as small as a thumbnail is shown."""
    bench.session.take(job, bench.target)
    bench.gallery.refresh()
    bench.settle()
    return framed(thumbnail(bench.session.document), bench.gallery.devicePixelRatioF()).toImage()


def test_shows_that_it_would_take_the_place_of_its_source(bench: Bench) -> None:
    job = bench.run()
    assert bench.shown(job) == taken(bench, job)
    assert [layer.name for layer in bench.session.document.layers] == ["Squares"]


def test_shows_after_an_edit_of_the_source_that_it_would_come_above(bench: Bench) -> None:
    job = bench.run()
    before = bench.shown(job)
    (photo,) = bench.session.document.layers
    bench.session.apply("Fade", lambda document: document.with_layers((replace(photo, opacity=0.5),)))
    bench.settle()
    after = bench.shown(job)
    assert after != before
    assert after == taken(bench, job)
    assert [layer.name for layer in bench.session.document.layers] == ["Photo", "Squares"]


def test_shows_it_in_place_of_the_result_whose_recipe_is_open(bench: Bench) -> None:
    bench.run(seed=1, kept_aside=False)
    (older,) = bench.session.document.layers
    job = bench.run(seed=2)
    apart = bench.shown(job)
    bench.targets.append(older.id)
    bench.gallery.show_target()
    bench.settle()
    assert bench.shown(job) != apart
    assert bench.shown(job) == taken(bench, job)
    assert [layer.id for layer in bench.session.document.layers] == [older.id]


def test_only_the_newest_result_is_in_memory(bench: Bench) -> None:
    older = {id(thing) for thing in gc.get_objects() if type(thing) is Results}  # of other tests
    for seed in range(3):
        bench.run(seed)
    assert bench.gallery.list.count() == 3
    gc.collect()
    assert len([thing for thing in gc.get_objects() if type(thing) is Results and id(thing) not in older]) <= 1
