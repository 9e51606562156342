"""The colour panel: square, hue, sliders, hex, swatches, by mouse and by keys."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from studio.plugin_host.registry import Registry
from studio.session import Session
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.paints import RECENT, SWATCHES, PaintColors, Paints, color_of, hex_of
from studio.ui.panels.colors import ColorsPanel

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def colors() -> PaintColors:
    return ToolKit().colors


@pytest.fixture
def panel(qtbot: QtBot, colors: PaintColors) -> Iterator[ColorsPanel]:
    """The panel on the colours of a window that has nothing else."""
    panel = ColorsPanel(Session(Registry()))
    qtbot.addWidget(panel)
    panel.use_window(SimpleNamespace(toolbox=SimpleNamespace(kit=SimpleNamespace(colors=colors))))  # pyright: ignore[reportArgumentType]
    panel.resize(260, 460)
    panel.show()
    qtbot.waitExposed(panel)
    yield panel
    panel.release()


def test_the_square_sets_saturation_and_brightness(panel: ColorsPanel, colors: PaintColors) -> None:
    colors.options.change(foreground=(1.0, 0.0, 0.0))
    right = QPoint(panel.square.width() - 1, panel.square.height() - 1)
    QTest.mouseClick(panel.square, LEFT, pos=QPoint(right.x(), 0))
    assert hex_of(colors.now.foreground) == "#ff0000"
    QTest.mouseClick(panel.square, LEFT, pos=QPoint(0, 1))  # the corner itself would be no place for QTest
    assert min(colors.now.foreground) > 0.97
    QTest.mouseClick(panel.square, LEFT, pos=right)
    assert hex_of(colors.now.foreground) == "#000000"
    assert (panel.square.across, panel.square.up) == (1.0, 0.0), "black keeps the place"


def test_hue_is_kept_while_a_color_is_grey(panel: ColorsPanel, colors: PaintColors) -> None:
    colors.options.change(foreground=(0.0, 0.0, 1.0))
    assert panel.hue.up == pytest.approx(2 / 3)
    QTest.mouseClick(panel.square, LEFT, pos=QPoint(0, panel.square.height() // 2))
    red, green, blue = colors.now.foreground
    assert red == green == blue
    assert panel.hue.up == pytest.approx(2 / 3)
    QTest.mouseClick(panel.square, LEFT, pos=QPoint(panel.square.width() - 1, 0))
    assert hex_of(colors.now.foreground) == "#0000ff"


def test_keys_go_by_hundredths(panel: ColorsPanel, colors: PaintColors) -> None:
    colors.options.change(foreground=(0.5, 0.25, 0.25))
    panel.square.setFocus()
    QTest.keyClick(panel.square, Qt.Key.Key_Right)
    QTest.keyClick(panel.square, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert (panel.square.across, panel.square.up) == pytest.approx((0.51, 0.6))
    QTest.keyClick(panel.hue, Qt.Key.Key_Up)
    assert panel.hsv[0].value() == 1


def test_sliders_and_hex_follow_and_set(panel: ColorsPanel, colors: PaintColors) -> None:
    panel.rgb[0].setValue(128)
    assert hex_of(colors.now.foreground) == "#800000"
    assert [bar.value() for bar in panel.hsv] == [0, 100, 50]
    assert panel.hex.text() == "#800000"
    panel.hsv[0].setValue(120)
    assert hex_of(colors.now.foreground)[:4] == "#008"
    panel.hex.setFocus()
    panel.hex.selectAll()
    QTest.keyClicks(panel.hex, "3af")
    QTest.keyClick(panel.hex, Qt.Key.Key_Return)
    assert hex_of(colors.now.foreground) == panel.hex.text() == "#33aaff"
    panel.hex.selectAll()
    QTest.keyClicks(panel.hex, "nothing")
    QTest.keyClick(panel.hex, Qt.Key.Key_Return)
    assert hex_of(colors.now.foreground) == panel.hex.text() == "#33aaff"


def test_the_wells_choose_what_is_set(panel: ColorsPanel, colors: PaintColors) -> None:
    QTest.mouseClick(panel.wells.background, LEFT, pos=QPoint(18, 18))
    assert colors.now.background_first
    panel.rgb[0].setValue(10)
    assert hex_of(colors.now.background) == "#0affff"
    assert hex_of(colors.now.foreground) == "#000000"
    assert "#0affff" in panel.wells.background.accessibleName()
    colors.swap()
    assert hex_of(colors.now.foreground) == "#0affff"
    colors.reset()
    assert (hex_of(colors.now.foreground), hex_of(colors.now.background)) == ("#000000", "#ffffff")


def test_swatches_are_used_added_and_removed(panel: ColorsPanel, colors: PaintColors) -> None:
    QTest.mouseClick(panel.swatches, LEFT, pos=panel.swatches.cell(6).center())
    assert hex_of(colors.now.foreground) == SWATCHES[6]
    panel.hex.setText("#123456")
    panel.hex.editingFinished.emit()
    QTest.mouseClick(panel.add_button, LEFT)
    QTest.mouseClick(panel.add_button, LEFT)
    assert panel.swatches.colors == (*SWATCHES, "#123456")
    panel.swatches.setFocus()
    QTest.keyClick(panel.swatches, Qt.Key.Key_Right)
    assert "8 of 25" in panel.swatches.accessibleDescription()
    QTest.keyClick(panel.swatches, Qt.Key.Key_Return)
    assert hex_of(colors.now.foreground) == SWATCHES[7]
    QTest.keyClick(panel.swatches, Qt.Key.Key_Delete)
    assert SWATCHES[7] not in panel.swatches.colors
    at = panel.swatches.cell(23).center()
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(panel.swatches, QContextMenuEvent(reason, at, panel.swatches.mapToGlobal(at)))
    (menu,) = panel.swatches.findChildren(QMenu)
    menu.actions()[0].trigger()
    menu.close()
    assert "#123456" not in colors.now.swatches


def test_recent_colors_are_the_last_ones_each_once(panel: ColorsPanel, colors: PaintColors) -> None:
    for number in range(RECENT + 3):
        colors.used((number / 20, 0.0, 0.0))
    colors.used((0.25, 0.0, 0.0))
    assert len(panel.recent.colors) == RECENT
    assert panel.recent.colors[:2] == ("#400000", hex_of(((RECENT + 2) / 20, 0.0, 0.0)))
    QTest.mouseClick(panel.recent, LEFT, pos=panel.recent.cell(0).center())
    assert hex_of(colors.now.foreground) == "#400000"
    QTest.keyClick(panel.recent, Qt.Key.Key_Delete)
    assert panel.recent.colors[0] == "#400000"


@pytest.mark.parametrize(
    ("told", "color"), [("#ff0080", (1.0, 0.0, 128 / 255)), ("F00", (1.0, 0.0, 0.0)), ("#12", None), ("green", None)]
)
def test_hex_is_read(told: str, color: tuple[float, float, float] | None) -> None:
    assert color_of(told) == color


def test_faulty_colors_are_refused() -> None:
    with pytest.raises(ValueError, match="no colour"):
        Paints(foreground=(2.0, 0.0, 0.0))
    kept = ToolKit({"colors": {"swatches": ["red"], "foreground": [0.5, 0.5, 0.5]}})
    assert kept.colors.now == Paints()
