"""Edge repair in the window: grounds, the band, before and after, stopping, and one step that is what was seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.compositing import Compositor, composite
from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.layers import LayerId, Locks, Mask, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.retouch import repair_band, repair_edges, repair_mask
from studio.ui.canvas.overlays import AccentTint
from studio.ui.filtering.edges import ALL, NOTHING, OWN, EdgeDialog, EdgeParams, Ground, edge_edit, on_ground
from studio.ui.filtering.targets import Target
from studio.ui.forms.numbers import NumberBox
from studio.ui.main_window import MainWindow
from tests.bench.edges import BAND_PX, OBJECT, PHOTO, Composite, composites, document_of, errors
from tests.ui.filtering.conftest import Open, dialog_of, rest, shown

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def case() -> Composite:
    """A soft outline."""
    return next(composites(Size(150, 110), 1))


@pytest.fixture
def window(opened: Open, case: Composite) -> MainWindow:
    """The object, cut out by a hard mask, above its photo."""
    window = opened(document_of(case))
    window.session.select([OBJECT])
    return window


def open_edges(window: MainWindow, qtbot: QtBot) -> EdgeDialog:
    window.action_set["layer.repair_edges"].trigger()
    dialog = dialog_of(window)
    assert isinstance(dialog, EdgeDialog)
    settle(qtbot, window, dialog)
    return dialog


def settle(qtbot: QtBot, window: MainWindow, dialog: EdgeDialog) -> None:
    """Wait until the repair is made; the first one of all compiles what it needs."""

    def is_made() -> bool:
        made = dialog._made
        return made is not None and made[0] is window.session.document and made[1] == dialog.params

    qtbot.waitUntil(is_made, timeout=300_000)
    rest(qtbot, window)


def type_value(box: NumberBox, qtbot: QtBot, value: str) -> None:
    box.entry.setFocus()
    box.entry.selectAll()
    qtbot.keyClicks(box.entry, value.replace(".", box.locale().decimalPoint()))
    qtbot.keyClick(box.entry, Qt.Key.Key_Tab)


def pick(dialog: EdgeDialog, data: str) -> None:
    """Choose what is looked at, as arrow keys would."""
    dialog.source_box.setCurrentIndex(dialog.source_box.findData(data))


def alpha_of(document: Document, layer: LayerId) -> np.ndarray:
    found = document.layer(layer)
    assert isinstance(found, RasterLayer)
    return found.pixels.read(document.canvas.moved(-found.origin))[..., 3].astype(int)


def test_the_edit_is_the_one_that_macros_know() -> None:
    params = EdgeParams(source=PHOTO, band_px=7, shift_px=-1, feather_px=0.5, fringe=False)
    (call,) = edge_edit(OBJECT, params).calls
    assert call.id == "repair_edges"
    assert call.arguments["source"] == PHOTO
    assert call.arguments["fringe"] is False
    (call,) = edge_edit(OBJECT, replace(params, on_mask=True, source=OWN)).calls
    assert call.id == "repair_mask"
    assert (call.arguments["source"], call.arguments["refine"], call.arguments["merged"]) == (None, True, False)
    assert edge_edit(OBJECT, replace(params, on_mask=True, source=NOTHING)).calls[0].arguments["refine"] is False
    assert edge_edit(OBJECT, replace(params, source=ALL)).calls[0].arguments["merged"] is True


class TestRepair:
    def test_from_the_photo_what_is_seen_is_done_and_is_better(
        self, window: MainWindow, qtbot: QtBot, case: Composite
    ) -> None:
        before = window.session.document
        dialog = open_edges(window, qtbot)
        type_value(dialog.band, qtbot, str(BAND_PX))
        pick(dialog, PHOTO)
        settle(qtbot, window, dialog)
        seen = shown(window)
        assert window.session.document is before
        qtbot.mouseClick(dialog.apply_button, LEFT)
        qtbot.waitUntil(lambda: window.filtering.dialog is None, timeout=300_000)
        rest(qtbot, window)
        after = window.session.document
        assert after == repair_edges(before, OBJECT, BAND_PX, source=PHOTO)
        assert (shown(window) == seen).all()
        hard, repaired = (errors(_samples(document), case) for document in (before, after))
        assert repaired.absolute <= 0.7 * hard.absolute
        assert repaired.fringe <= 0.5 * hard.fringe
        assert window.session.history.undo_label == "Repair edges"
        window.session.history.undo()
        assert window.session.document == before
        assert not window.session.history.can_undo

    def test_grounds_the_band_and_before(self, window: MainWindow, qtbot: QtBot) -> None:
        start = window.session.document
        dialog = open_edges(window, qtbot)
        type_value(dialog.shift, qtbot, "-2")
        settle(qtbot, window, dialog)
        repaired = repair_edges(start, OBJECT, 4.0, shift_px=-2)
        outside = alpha_of(repaired, OBJECT) == 0
        for ground, color in ((Ground.BLACK, (0, 0, 0)), (Ground.WHITE, (255, 255, 255)), (Ground.GREEN, (0, 177, 64))):
            qtbot.keyClick(dialog.ground_box, Qt.Key.Key_Down)
            assert dialog.ground is ground
            rest(qtbot, window)
            picture = shown(window)
            assert (picture[outside][:, :3] == color).all()
            assert (picture == composite(on_ground(repaired, OBJECT, ground))).all()
            qtbot.mousePress(dialog.before_button, LEFT)
            rest(qtbot, window)
            assert (shown(window) == composite(on_ground(start, OBJECT, ground))).all()
            qtbot.mouseRelease(dialog.before_button, LEFT)
        band, _ = repair_band(start, OBJECT, 4.0, on_mask=False)
        tint: AccentTint = dialog._band
        assert tint._samples is not None
        assert (tint._samples == np.where(band, 255, 0)).all()
        qtbot.keyClick(dialog.band_box, Qt.Key.Key_Space)
        assert tint._samples is None
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        rest(qtbot, window)
        assert window.session.document is start
        assert (shown(window) == Compositor().render(start)).all()

    def test_a_mask_is_repaired_in_the_layers_own_picture(self, opened: Open, qtbot: QtBot, case: Composite) -> None:
        start = document_of(case)
        hard = (case.alpha >= 0.5).astype(np.uint8)[..., None] * 255
        start = edits.set_mask(start, PHOTO, Mask(pixels=PixelBuffer.from_array(hard)))
        start = edits.set_visible(start, OBJECT, False)
        window = opened(start)
        window.session.select([PHOTO])
        dialog = open_edges(window, qtbot)
        qtbot.keyClick(dialog.target_box.box, Qt.Key.Key_Down)
        assert dialog.target_box.target is Target.MASK
        assert dialog.params.source == OWN
        assert not dialog.fringe.isEnabled()
        settle(qtbot, window, dialog)
        seen = shown(window)
        qtbot.mouseClick(dialog.apply_button, LEFT)
        qtbot.waitUntil(lambda: window.filtering.dialog is None, timeout=300_000)
        rest(qtbot, window)
        assert window.session.document == repair_mask(start, PHOTO, 4.0)
        assert window.session.history.undo_label == "Repair mask edge"
        assert (shown(window) == seen).all()

    def test_it_can_be_stopped(self, window: MainWindow, qtbot: QtBot) -> None:
        start = window.session.document
        dialog = open_edges(window, qtbot)
        pick(dialog, ALL)
        qtbot.mouseClick(dialog.apply_button, LEFT)
        assert dialog.cancel_button.text() == "Stop"
        assert not dialog.apply_button.isEnabled()
        qtbot.mouseClick(dialog.cancel_button, LEFT)
        assert dialog.cancel_button.text() == "Cancel"
        assert dialog.apply_button.isEnabled()
        assert window.session.document is start
        qtbot.mouseClick(dialog.cancel_button, LEFT)
        assert window.filtering.dialog is None
        qtbot.waitUntil(lambda: window.filtering.background.is_idle, timeout=300_000)
        assert window.session.document is start


def test_locked_transparency_says_why(window: MainWindow) -> None:
    window.session.history.apply(edits.step(edits.set_locks, OBJECT, Locks(alpha=True)))
    assert window.action_set.why_not("layer.repair_edges") == (
        "“Object” has its transparency locked. Unlock it in the layer panel."
    )


def _samples(document: Document) -> np.ndarray:
    layer = document.layer(OBJECT)
    assert isinstance(layer, RasterLayer)
    return layer.pixels.read(document.canvas.moved(-layer.origin))
