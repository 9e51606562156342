"""Runs that start from nothing, and the layer decomposition whole, from the panel."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core import difference, edits
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.geometry import Point, Size
from studio.core.layers import GroupLayer, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.documents import Loaded
from studio.plugin_api.interactions import Box, Region
from studio.plugin_host.registry import user_plugins_dir
from studio.ui.forms.drawings import PicksField
from studio.ui.main_window import MainWindow
from tests.support.demo_plugin import DEMO
from tests.ui.canvas.gestures import click
from tests.ui.panels.plugins.conftest import WORKER_MS, panel_of, wait_for_end

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def needs_nothing() -> None:
    """The demo plugin as one that starts from its parameters alone."""
    manifest = user_plugins_dir() / DEMO / "plugin.toml"
    told = manifest.read_text(encoding="utf-8")
    manifest.write_text(told.replace('input = "picture"', 'input = "none"'), encoding="utf-8")


def test_a_run_from_nothing_makes_a_document(
    needs_nothing: None, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.use_worker(tmp_path / "queue")
    window.show_plugin(DEMO)
    panel = panel_of(window)
    assert panel.run_bar.words.text() == "The result comes into a new document."
    assert panel.form is not None
    panel.form["canvas"].show_value(type(panel.form["canvas"].spec.default)(128, 96))  # pyright: ignore[reportCallIssue] - a size
    QTest.mouseClick(panel.run_bar.run_button, LEFT)
    assert window.session.document.size == Size(128, 96)
    wait_for_end(qtbot, panel)
    (group,) = window.session.document.layers
    assert isinstance(group, GroupLayer)
    assert [child.name for child in group.children] == ["Ground"]
    assert window.keeper.name == "Every interaction"
    assert window.canvas.isVisible()


def test_a_document_that_was_begun_goes_again_when_nothing_can_be_queued(
    needs_nothing: None, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StudioError("The job queue could not be written.", "Free some disk space.")

    window.use_worker(tmp_path / "queue")
    window.show_plugin(DEMO)
    panel = panel_of(window)
    monkeypatch.setattr(window.session.jobs, "submit", full)
    QTest.mouseClick(panel.run_bar.run_button, LEFT)
    assert not window.session.has_document
    assert window.notices.cards[-1].told.message == "The job queue could not be written."
    assert panel.run_bar.run_button.isVisible()


def test_a_document_that_was_begun_for_a_run_is_as_large_as_what_came_out(
    needs_nothing: None, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.use_worker(tmp_path / "queue")
    window.show_plugin(DEMO)
    panel = panel_of(window)
    assert panel.form is not None
    panel.form["regions"].show_value((Region(box=Box(10, 12, 30, 20)),))
    QTest.mouseClick(panel.run_bar.run_button, LEFT)
    wait_for_end(qtbot, panel)
    document = window.session.document
    assert document.size == Size(30, 20)
    assert document.layers[0].bounds == document.canvas
    QTest.mouseClick(panel.run_bar.run_button, LEFT)  # a second run leaves the canvas alone
    wait_for_end(qtbot, panel)
    assert window.session.document.size == Size(30, 20)
    assert len(window.session.document.layers) == 2


@pytest.fixture
def scene() -> Document:
    """160 x 120: a red disc on a grey gradient."""
    y, x = np.mgrid[0:120, 0:160]
    ground = np.stack([150 + x // 4, 150 + y // 4, np.full_like(x, 160)], axis=-1).astype(np.uint8)
    picture = cv2.circle(np.ascontiguousarray(ground), (80, 60), 25, (200, 30, 40), -1)
    samples = np.dstack([picture, np.full((120, 160), 255, np.uint8)]).astype(np.uint8)
    return Document(size=Size(160, 120), layers=(RasterLayer(name="Photo", pixels=PixelBuffer.from_array(samples)),))


@pytest.mark.slow
def test_a_decomposition_is_made_again_in_place(
    window: MainWindow, scene: Document, qtbot: QtBot, tmp_path: Path
) -> None:
    window.use_worker(tmp_path / "queue")
    window.keeper.take(Loaded(path=None, steps=(("", scene),), name="disc.png"))
    qtbot.waitUntil(lambda: window.canvas.is_settled, timeout=WORKER_MS)
    panel, session = panel_of(window), window.session
    window.docks.show("plugins")
    panel.choose("layer_decomp")
    assert "No object is marked" in panel.why_not()
    assert panel.form is not None
    field = panel.form["objects"].field
    assert isinstance(field, PicksField)
    QTest.mouseClick(field.draw_button, LEFT)
    click(window.canvas, 80, 60)
    assert len(field.value) == 1
    QTest.mouseClick(panel.run_bar.run_button, LEFT)
    wait_for_end(qtbot, panel)
    (whole,) = session.document.layers
    assert isinstance(whole, GroupLayer)
    assert difference.measure(composite(scene), composite(session.document)).max_255 <= 1.0

    disc = whole.children[-1]
    session.apply("Move", lambda d: edits.translate(d, (disc.id,), Point(20, 5)))
    session.apply("Rename", lambda d: edits.rename(d, disc.id, "円盤"))
    moved = [layer.bounds for layer in session.document.walk() if isinstance(layer, RasterLayer)]
    session.select((disc.id,))
    QTest.mouseClick(panel.strip.open_button, LEFT)
    assert panel.run_bar.run_button.text() == "Run again in place"
    steps = len(session.history.labels)
    QTest.mouseClick(panel.run_bar.run_button, LEFT)
    wait_for_end(qtbot, panel)
    assert len(session.history.labels) == steps + 1
    assert session.document.layer(disc.id).name == "円盤"
    again = [layer.bounds for layer in session.document.walk() if isinstance(layer, RasterLayer)]
    assert again == moved  # the same parameters and seed, from the photo, which only the job holds
