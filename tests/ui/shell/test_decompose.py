"""The flagship flow in the window: mark an object, decompose in the worker, move it, undo, and export."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QToolBar, QToolButton
from pytestqt.qtbot import QtBot

from studio.core import difference
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.layers import GroupLayer, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.documents import Loaded
from studio.io import formats
from studio.plugin_api.params import BoxPick, MaskPick
from studio.ui.canvas.interactions.picks import PicksInteraction
from studio.ui.decompose import Stage
from studio.ui.dialogs import ReportDialog
from studio.ui.main_window import MainWindow
from studio.ui.panels.layers import LayersPanel
from tests.ui.canvas.conftest import grabbed
from tests.ui.canvas.gestures import drag, hover
from tests.ui.shell.conftest import settle

WORKER_MS = 240_000


@pytest.fixture
def scene() -> Document:
    """160 x 120: a red disc on a grey gradient."""
    y, x = np.mgrid[0:120, 0:160]
    ground = np.stack([150 + x // 4, 150 + y // 4, np.full_like(x, 160)], axis=-1).astype(np.uint8)
    picture = cv2.circle(np.ascontiguousarray(ground), (80, 60), 25, (200, 30, 40), -1)
    samples = np.dstack([picture, np.full((120, 160), 255, np.uint8)]).astype(np.uint8)
    return Document(size=Size(160, 120), layers=(RasterLayer(name="Photo", pixels=PixelBuffer.from_array(samples)),))


@pytest.fixture
def photo(window: MainWindow, scene: Document, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """The window with the scene open and a worker."""
    window.use_worker(tmp_path / "queue")
    window.keeper.take(Loaded(path=None, steps=(("", scene),), name="disc.png"))
    qtbot.waitUntil(lambda: window.canvas.is_settled)
    return window


def at(window: MainWindow, x: float, y: float) -> QPoint:
    """Where a canvas point is on the canvas widget."""
    left, top = window.canvas.transform.to_view(x, y)
    return QPoint(round(left), round(top))


def test_a_click_marks_and_cancel_forgets(photo: MainWindow, qtbot: QtBot) -> None:
    photo.action_set["ai.layer_decomp"].trigger()
    assert photo.decompose.stage is Stage.MARKING
    assert not photo.decompose.run_button.isEnabled()
    qtbot.mouseClick(photo.canvas.surface, Qt.MouseButton.LeftButton, pos=at(photo, 80, 60))
    assert len(photo.decompose.picks) == 1
    assert photo.decompose.run_button.isEnabled()
    assert photo.status.work.text() == "1 of 1: Object 1, at 80, 60"
    qtbot.mouseClick(photo.decompose.cancel_button, Qt.MouseButton.LeftButton)
    assert photo.decompose.stage is Stage.HIDDEN
    assert photo.tool == "move"
    assert photo.status.work.text() == ""
    assert len(photo.session.document.layers) == 1


def plain_at(plain: NDArray[np.uint8], place: QPoint) -> NDArray[np.uint8]:
    return plain[place.y() - 2 : place.y() + 3, place.x() - 3 : place.x() + 4]


def test_the_toolbar_and_escape_lead_out_of_marking(photo: MainWindow, qtbot: QtBot) -> None:
    action = photo.action_set["ai.layer_decomp"]
    action.trigger()
    assert action.isChecked()
    assert not photo.action_set["tool.move"].isChecked()
    action.trigger()
    assert photo.decompose.stage is Stage.HIDDEN
    assert not action.isChecked()
    assert photo.action_set["tool.move"].isChecked()
    action.trigger()
    qtbot.mouseClick(photo.canvas.surface, Qt.MouseButton.LeftButton, pos=at(photo, 80, 60))
    qtbot.keyClick(photo.canvas.surface, Qt.Key.Key_Escape)  # lets go of the mark
    assert photo.decompose.stage is Stage.MARKING
    qtbot.keyClick(photo.canvas.surface, Qt.Key.Key_Escape)
    assert photo.decompose.stage is Stage.HIDDEN
    action.trigger()
    photo.action_set["tool.hand"].trigger()
    assert (photo.decompose.stage, photo.tool) == (Stage.HIDDEN, "hand")


@pytest.mark.slow
def test_from_photo_to_psd(photo: MainWindow, scene: Document, qtbot: QtBot, tmp_path: Path) -> None:
    surface = photo.canvas.surface
    photo.action_set["ai.layer_decomp"].trigger()
    marking = photo.canvas.tool
    assert isinstance(marking, PicksInteraction)
    qtbot.waitUntil(lambda: marking.knows_objects, timeout=WORKER_MS)
    plain = grabbed(surface)
    hover(photo.canvas, 80, 60)
    edge, ground = at(photo, 55, 60), at(photo, 20, 20)
    assert (grabbed(surface)[edge.y() - 2 : edge.y() + 3, edge.x() - 3 : edge.x() + 4] != plain_at(plain, edge)).any()
    assert (grabbed(surface)[ground.y(), ground.x()] == plain[ground.y(), ground.x()]).all()
    qtbot.mouseClick(surface, Qt.MouseButton.LeftButton, pos=at(photo, 80, 60))
    (pick,) = photo.decompose.picks
    assert isinstance(pick, MaskPick)
    y, x = np.mgrid[0:120, 0:160]
    disc = np.hypot(y - 60, x - 80) <= 25
    assert ((marking.masks[pick.array] > 0) != disc).sum() < 0.1 * disc.sum()
    qtbot.keyClick(surface, Qt.Key.Key_Return)
    assert photo.decompose.stage is Stage.RUNNING
    qtbot.waitUntil(lambda: photo.decompose.stage is Stage.HIDDEN, timeout=WORKER_MS)
    (whole,) = photo.session.document.layers
    assert isinstance(whole, GroupLayer)
    found = difference.measure(composite(scene), composite(photo.session.document))
    assert found.max_255 <= 1.0

    front = whole.children[-1]
    assert photo.session.selection == (front.id,)
    before = [layer.origin for layer in photo.session.document.walk() if isinstance(layer, RasterLayer)]
    QTest.mousePress(surface, Qt.MouseButton.LeftButton, pos=at(photo, 80, 60))
    for x in (84, 90, 100):
        QTest.mouseMove(surface, at(photo, x, 60))
    QTest.mouseRelease(surface, Qt.MouseButton.LeftButton, pos=at(photo, 100, 60))
    after = [layer.origin for layer in photo.session.document.walk() if isinstance(layer, RasterLayer)]
    assert after[0] == before[0]  # the background stays
    assert all(new.x > old.x for old, new in zip(before[1:], after[1:], strict=True))  # object and shadow go together
    moved = composite(photo.session.document)
    assert moved[60, 58, 0] < 190  # the hole is filled with ground, not with the red disc

    photo.action_set["edit.undo"].trigger()
    photo.action_set["edit.undo"].trigger()
    assert photo.session.document == scene
    photo.action_set["edit.redo"].trigger()
    photo.files.export_to(tmp_path / "disc.psd")
    settle(qtbot, photo)
    (report,) = (dialog for dialog in photo.findChildren(ReportDialog) if dialog.isVisible())
    (write,) = (button for button in report.findChildren(QPushButton) if button.text() == "Write the file")
    qtbot.mouseClick(write, Qt.MouseButton.LeftButton)
    settle(qtbot, photo)
    back = formats.open_document(tmp_path / "disc.psd").document
    assert difference.measure(composite(back), composite(photo.session.document)).max_255 <= 1.0


def answered(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    """Put a file's name into the file dialog that is open, and press Return."""
    qtbot.waitUntil(lambda: any(dialog.isVisible() for dialog in window.findChildren(QFileDialog)))
    (dialog,) = (dialog for dialog in window.findChildren(QFileDialog) if dialog.isVisible())
    (field,) = dialog.findChildren(QLineEdit)
    field.setText(str(path))  # typed letter by letter, it is completed while the folder is being read
    with qtbot.waitSignal(dialog.finished):
        QTest.keyClick(field, Qt.Key.Key_Return)
    window.activateWindow()  # as a window manager does
    qtbot.waitUntil(window.isActiveWindow)


@pytest.mark.slow
def test_a_box_from_file_to_psd_by_mouse_and_keys(
    window: MainWindow, scene: Document, qtbot: QtBot, tmp_path: Path
) -> None:
    formats.save_document(scene, tmp_path / "disc.png")
    window.use_worker(tmp_path / "queue")
    QTest.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    answered(window, qtbot, tmp_path / "disc.png")
    qtbot.waitUntil(lambda: window.session.has_document and window.canvas.is_settled)
    photo = window.session.document

    (begin,) = (
        button
        for bar in window.findChildren(QToolBar)
        for button in bar.findChildren(QToolButton)
        if button.defaultAction() is window.action_set["ai.layer_decomp"]
    )
    qtbot.mouseClick(begin, Qt.MouseButton.LeftButton)
    drag(window.canvas, (50, 30), (80, 60), (111, 91))
    (box,) = window.decompose.picks
    assert isinstance(box, BoxPick)
    assert (box.x, box.y) == pytest.approx((50, 30), abs=1)
    assert (box.x + box.width, box.y + box.height) == pytest.approx((111, 91), abs=1)
    qtbot.mouseClick(window.decompose.run_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.decompose.stage is Stage.HIDDEN, timeout=WORKER_MS)
    (whole,) = window.session.document.layers
    assert isinstance(whole, GroupLayer)
    assert whole.name == "Decomposition"
    background, *objects = whole.children
    assert background.name == "Background"
    (front,) = objects
    assert isinstance(front, GroupLayer)
    assert window.session.selection == (front.id,)
    assert difference.measure(composite(photo), composite(window.session.document)).max_255 <= 1.0
    cut = front.children[-1]
    assert isinstance(cut, RasterLayer)
    assert cut.bounds.width == pytest.approx(51, abs=6)  # the disc, not the box
    panel = window.docks.panel("layers")
    assert isinstance(panel, LayersPanel)
    assert panel.tree.chosen() == (front.id,)

    drag(window.canvas, (80, 60), (90, 60), (115, 60))
    moved = composite(window.session.document)
    assert moved[60, 58, 0] < 190  # the hole is filled with ground
    assert moved[60, 135, 0] > 190  # the disc is there now
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.session.document == photo
    for _ in range(2):
        QTest.keyClick(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert np.array_equal(composite(window.session.document), moved)

    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_W, keys)
    answered(window, qtbot, tmp_path / "out.psd")
    settle(qtbot, window)
    (report,) = (dialog for dialog in window.findChildren(ReportDialog) if dialog.isVisible())
    QTest.keyClick(report, Qt.Key.Key_Return)
    settle(qtbot, window)
    back = formats.open_document(tmp_path / "out.psd").document
    assert [layer.name for layer in back.layers] == ["Decomposition"]
    assert difference.measure(composite(back), moved).max_255 <= 1.0


@pytest.mark.slow
def test_cancel_leaves_the_document_as_it_was(photo: MainWindow, scene: Document, qtbot: QtBot) -> None:
    photo.action_set["ai.layer_decomp"].trigger()
    qtbot.mouseClick(photo.canvas.surface, Qt.MouseButton.LeftButton, pos=at(photo, 80, 60))
    assert not photo.options.own.isVisible()
    qtbot.mouseClick(photo.decompose.run_button, Qt.MouseButton.LeftButton)
    assert photo.options.own.isVisible()
    assert not photo.decompose.isVisible()
    assert photo.status.work.text() == "Waiting for the worker"
    photo.action_set["tool.brush"].trigger()
    photo.action_set["ai.layer_decomp"].trigger()  # it goes on; where it can be followed is shown
    assert photo.decompose.stage is Stage.RUNNING
    assert photo.canvas.tool is photo.toolbox.get("brush")
    panel = photo.docks.panel("jobs")
    assert panel is not None
    assert panel.isVisible()
    qtbot.mouseClick(photo.status.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: photo.decompose.stage is Stage.HIDDEN, timeout=WORKER_MS)
    assert photo.session.document == scene
