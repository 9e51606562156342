"""The place tool in the window, with the real worker and the real network at random weights."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.document import Document
from studio.core.edits.arranging import shown_bounds
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import BlendMode, GroupLayer, LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.documents import Loaded
from studio.ui.canvas.tools.place import PlaceTool
from studio.ui.canvas.tools.place_options import PlaceOptions
from studio.ui.main_window import MainWindow
from tests.support.placement import ASSETS, placement_main, write_placement_model
from tests.ui.canvas.conftest import grabbed
from tests.ui.canvas.gestures import at, double_click, move

WORKER_MS = 240_000
BALL = LayerId("ball")


@pytest.fixture
def scene() -> Document:
    """200 x 150: grey ground, and a red 30 x 40 ellipse in a corner."""
    ground = np.full((150, 200, 4), (140, 140, 150, 255), np.uint8)
    ball = np.zeros((40, 30, 4), np.uint8)
    cv2.ellipse(ball, (15, 20), (14, 19), 0, 0, 360, (220, 30, 40, 255), -1)
    return Document(
        size=Size(200, 150),
        layers=(
            RasterLayer(id=LayerId("ground"), name="Ground", pixels=PixelBuffer.from_array(ground)),
            RasterLayer(id=BALL, name="Ball", pixels=PixelBuffer.from_array(ball), origin=Point(2, 3)),
        ),
    )


@pytest.fixture
def placing(
    window: MainWindow, scene: Document, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> MainWindow:
    """The window with the scene open, the ball chosen, and a worker."""
    write_placement_model(tmp_path / "assets" / "models")
    monkeypatch.setenv(ASSETS, str(tmp_path / "assets"))
    window.use_worker(tmp_path / "queue", placement_main)
    window.keeper.take(Loaded(path=None, steps=(("", scene),), name="ball"))
    window.session.select([BALL])
    qtbot.waitUntil(lambda: window.canvas.is_settled)
    return window


def tool_of(window: MainWindow) -> PlaceTool:
    window.action_set["tool.place"].trigger()
    tool = window.canvas.tool
    assert isinstance(tool, PlaceTool)
    return tool


def ball(window: MainWindow) -> Rect:
    return shown_bounds(window.session.document.layer(BALL))


def test_places_are_suggested_and_one_is_applied_as_one_step(placing: MainWindow, qtbot: QtBot) -> None:
    before, surface = placing.session.document, placing.canvas.surface
    plain = grabbed(surface)
    tool = tool_of(placing)
    (options,) = cast("QWidget", placing.options.shown).findChildren(PlaceOptions)
    assert not options.place.isEnabled()
    qtbot.waitUntil(lambda: len(tool.value.places) > 1, timeout=WORKER_MS)
    assert (grabbed(surface) != plain).any()  # boxes and heat
    assert all(Rect(0, 0, 200, 150).grown(4).contains(one.box.rect) for one in tool.value.places)
    qtbot.keyClick(surface, Qt.Key.Key_2)
    box = tool.value.places[1].box.rect
    assert options.place.isEnabled()
    assert placing.session.document == before  # only shown
    qtbot.keyClick(surface, Qt.Key.Key_Return)
    after = ball(placing)
    assert max(after.width, after.height) == pytest.approx(max(box.width, box.height), abs=2)
    assert after.width / after.height == pytest.approx(29 / 39, abs=0.08)
    assert (after.left + after.right) / 2 == pytest.approx((box.left + box.right) / 2, abs=1.5)
    assert placing.tool == "move"
    placing.action_set["edit.undo"].trigger()
    assert placing.session.document == before


def test_a_place_that_is_shown_is_kept_before_other_work(placing: MainWindow, qtbot: QtBot) -> None:
    tool = tool_of(placing)
    qtbot.waitUntil(lambda: len(tool.value.places) > 1, timeout=WORKER_MS)
    qtbot.keyClick(placing.canvas.surface, Qt.Key.Key_1)
    assert tool.is_pending
    assert placing.action_set["file.save"].isEnabled()
    placing.action_set["select.all"].trigger()
    assert ball(placing) != Rect(2, 3, 30, 40)
    assert placing.session.history.undo_label != ""
    placing.session.history.go_to(0)
    tool = tool_of(placing)
    qtbot.waitUntil(lambda: len(tool.value.places) > 1, timeout=WORKER_MS)
    qtbot.keyClick(placing.canvas.surface, Qt.Key.Key_1)
    before = ball(placing)
    placing.choose_tool("hand")
    assert ball(placing) != before


def test_places_lie_in_the_selection_unless_switched_off(placing: MainWindow, qtbot: QtBot) -> None:
    half = Rect(100, 0, 200, 150)
    placing.session.history.apply(edits.step(edits.select_rectangle, half))
    tool = tool_of(placing)
    qtbot.waitUntil(lambda: len(tool.value.places) > 1, timeout=WORKER_MS)
    for place in tool.value.places:
        assert place.box.rect.intersect(half).area >= 0.5 * place.box.rect.area  # bins are coarse for the smallest
    (options,) = cast("QWidget", placing.options.shown).findChildren(PlaceOptions)
    options.inside.click()
    assert not tool.value.places  # they are looked for anew
    qtbot.waitUntil(lambda: len(tool.value.places) > 1, timeout=WORKER_MS)


def test_the_heat_is_shown_only_when_wanted(placing: MainWindow, qtbot: QtBot) -> None:
    tool = tool_of(placing)
    qtbot.waitUntil(lambda: len(tool.value.places) > 1, timeout=WORKER_MS)
    (options,) = cast("QWidget", placing.options.shown).findChildren(PlaceOptions)
    surface = placing.canvas.surface
    warm = grabbed(surface)
    options.heat.click()
    assert (grabbed(surface) != warm).any()
    options.heat.click()
    assert (grabbed(surface) == warm).all()


def test_shadow_and_light_come_with_the_place_as_one_step(placing: MainWindow, qtbot: QtBot) -> None:
    before = placing.session.document
    tool = tool_of(placing)
    (options,) = cast("QWidget", placing.options.shown).findChildren(PlaceOptions)
    options.shadow.click()
    options.light.click()
    qtbot.waitUntil(lambda: len(tool.value.places) > 1, timeout=WORKER_MS)
    qtbot.keyClick(placing.canvas.surface, Qt.Key.Key_1)
    qtbot.keyClick(placing.canvas.surface, Qt.Key.Key_Return)
    names = [layer.name for layer in placing.session.document.layers]
    assert names == ["Ground", "Cast shadow", "Ball", "Matched light"]
    assert placing.session.history.undo_label == "Place object"
    placing.action_set["edit.undo"].trigger()
    assert placing.session.document == before


def test_a_shadow_goes_along_and_does_not_count_as_the_object(placing: MainWindow, qtbot: QtBot) -> None:
    wide = RasterLayer(
        name="Shadow", pixels=PixelBuffer.from_array(np.full((10, 90, 4), (0, 0, 0, 90), np.uint8)),
        origin=Point(2, 40), blend=BlendMode.MULTIPLY,
    )  # fmt: skip
    ground, thing = placing.session.document.layers
    group = GroupLayer(id=LayerId("group"), name="Thing", children=(wide, thing))
    placing.session.history.apply(lambda document: document.with_layers((ground, group)), "Group")
    placing.session.select([group.id])
    tool = tool_of(placing)
    qtbot.waitUntil(lambda: len(tool.value.places) > 1, timeout=WORKER_MS)
    box = tool.value.places[0].box
    assert box.width / box.height == pytest.approx(29 / 39, abs=0.15)  # that of the ball alone
    qtbot.keyClick(placing.canvas.surface, Qt.Key.Key_1)
    qtbot.keyClick(placing.canvas.surface, Qt.Key.Key_Return)
    after = ball(placing)
    assert max(after.width, after.height) == pytest.approx(max(box.width, box.height), abs=2)
    shadow = placing.session.document.layer(wide.id).bounds
    assert shadow.width / after.width == pytest.approx(90 / 29, abs=0.6)


def test_the_menu_finishes_any_layer(placing: MainWindow) -> None:
    placing.action_set["layer.cast_shadow"].trigger()
    placing.session.select([BALL])
    placing.action_set["layer.match_light"].trigger()
    names = [layer.name for layer in placing.session.document.layers]
    assert names == ["Ground", "Cast shadow", "Ball", "Matched light"]


def test_a_drag_shows_the_size_that_the_worker_says(placing: MainWindow, qtbot: QtBot) -> None:
    tool, canvas = tool_of(placing), placing.canvas
    qtbot.waitUntil(lambda: len(tool.value.places) > 1, timeout=WORKER_MS)
    sizes: list[float] = []
    tool.target_changed.connect(lambda target: sizes.append(0.0 if target is None else target.side))
    held = Qt.KeyboardModifier.NoModifier
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, held, at(canvas, 10, 10))
    for x in range(20, 101, 5):
        move(canvas, (x, 75), held)
    assert tool.target is not None
    assert tool.target.center == pytest.approx((100, 75), abs=1)
    qtbot.waitUntil(lambda: len({side for side in sizes if side}) > 1, timeout=WORKER_MS)
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, held, at(canvas, 100, 75))
    before = placing.session.document
    qtbot.keyClick(canvas.surface, Qt.Key.Key_Escape)
    assert placing.session.document == before
    assert placing.tool == "move"
    tool = tool_of(placing)
    qtbot.waitUntil(lambda: len(tool.value.places) > 1, timeout=WORKER_MS)
    last = tool.value.places[-1].box.rect
    double_click(canvas, (last.left + last.right) / 2, (last.top + last.bottom) / 2)
    assert ball(placing) != ball_of(before)
    placing.action_set["edit.undo"].trigger()
    assert placing.session.document == before


def ball_of(document: Document) -> Rect:
    return shown_bounds(document.layer(BALL))


def test_what_cannot_be_placed_is_told(placing: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    placing.session.select([])
    tool = tool_of(placing)
    assert "No layer is chosen" in placing.notices.cards[-1].told.message
    (tmp_path / "assets" / "models" / "topnet" / "config.json").unlink()
    placing.session.select([BALL])
    qtbot.waitUntil(
        lambda: any("config.json" in card.told.message for card in placing.notices.cards), timeout=WORKER_MS
    )
    assert tool.value.places == ()
    assert tool.target is None
    qtbot.keyClick(placing.canvas.surface, Qt.Key.Key_Return)
    assert ball(placing) == ball_of(placing.session.document)


def test_a_document_that_is_opened_is_asked_about(window: MainWindow, scene: Document, qtbot: QtBot) -> None:
    tool = tool_of(window)
    window.keeper.take(Loaded(path=None, steps=(("", scene),), name="ball"))
    assert window.session.selection == (BALL,)
    qtbot.waitUntil(lambda: any("not running" in card.told.message for card in window.notices.cards))
    assert tool.value.places == ()
