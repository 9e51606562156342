"""The layer panel in the window: keys, buttons, menus, and the words for what cannot be done."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QContextMenuEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QSlider,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio import macros
from studio.core import edits
from studio.core.adjustments import Curves
from studio.core.layers import AdjustmentLayer, BlendMode, ColorLabel, GroupLayer, LayerId, Locks, Place
from studio.session import Session
from studio.ui.main_window import MainWindow
from studio.ui.panels.history import HistoryPanel
from studio.ui.panels.layers import LayersPanel
from studio.ui.panels.properties import PropertiesPanel
from tests.ui.panels.layers.gestures import at, click, editor_of, tree_of


@pytest.fixture
def panel(window: MainWindow) -> LayersPanel:
    found = window.docks.panel("layers")
    assert isinstance(found, LayersPanel)
    found.tree.setFocus()
    return found


def press(panel: LayersPanel, keys: str) -> None:
    """Press keys while the list has the focus."""
    combination = QKeySequence(keys)[0]  # pyright: ignore[reportIndexIssue]  # missing in PySide6's stub
    QTest.keyClick(panel.tree, combination.key(), combination.keyboardModifiers())


class TestKeys:
    def test_arrows_choose(self, window: MainWindow, panel: LayersPanel) -> None:
        press(panel, "Up")
        assert window.session.selection == ("masked",)
        press(panel, "Shift+Up")
        assert window.session.selection == ("a", "masked")
        press(panel, "Home")
        assert window.session.selection == ("tone",)

    def test_left_and_right_close_and_open(self, window: MainWindow, panel: LayersPanel) -> None:
        window.session.select([LayerId("g")])
        press(panel, "Left")
        assert not panel.tree.isExpanded(panel.tree.layers.index_of(LayerId("g")))
        press(panel, "Right")
        assert panel.tree.isExpanded(panel.tree.layers.index_of(LayerId("g")))
        assert window.session.history.labels == ("",)

    def test_space_hides_all_chosen(self, window: MainWindow, panel: LayersPanel) -> None:
        window.session.select([LayerId("tone"), LayerId("ground")])
        press(panel, "Space")
        assert [layer.id for layer in window.session.document.walk() if not layer.visible] == ["ground", "tone"]
        press(panel, "Space")
        assert all(layer.visible for layer in window.session.document.walk())

    def test_f2_renames(self, window: MainWindow, panel: LayersPanel, qtbot: QtBot) -> None:
        press(panel, "F2")
        field = editor_of(panel.tree)
        qtbot.keyClicks(field, "Floor")
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: window.session.document.layer(LayerId("ground")).name == "Floor")

    def test_typing_a_name_triggers_no_shortcut(self, window: MainWindow, panel: LayersPanel, qtbot: QtBot) -> None:
        press(panel, "F2")
        field = editor_of(panel.tree)
        qtbot.keyClicks(field, "v/h z")
        qtbot.keyClick(field, Qt.Key.Key_Delete)
        assert window.tool == "move"
        assert field.text() == "v/h z"
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: window.session.history.labels == ("", "Rename layer"))

    def test_order_delete_group_duplicate(self, window: MainWindow, panel: LayersPanel) -> None:
        press(panel, "Ctrl+]")
        assert tree_of(window.session) == "tone g(b a) ground masked"
        press(panel, "Ctrl+[")
        assert tree_of(window.session) == "tone g(b a) masked ground"
        press(panel, "Ctrl+J")
        assert window.session.document.layers[1].name == "Ground copy"
        press(panel, "Del")
        assert tree_of(window.session) == "tone g(b a) masked ground"
        press(panel, "Ctrl+G")
        assert isinstance(window.session.document.layers[-1 - 3], GroupLayer)

    def test_one_row_up_and_down_goes_through_open_groups(self, window: MainWindow, panel: LayersPanel) -> None:
        window.session.select([LayerId("masked")])
        seen: list[str] = []
        for keys in ("Ctrl+]",) * 5 + ("Ctrl+[",) * 6:
            press(panel, keys)
            seen.append(tree_of(window.session))
        assert seen == [
            "tone g(b a masked) ground",
            "tone g(b masked a) ground",
            "tone g(masked b a) ground",
            "tone masked g(b a) ground",
            "masked tone g(b a) ground",
            "tone masked g(b a) ground",
            "tone g(masked b a) ground",
            "tone g(b masked a) ground",
            "tone g(b a masked) ground",
            "tone g(b a) masked ground",
            "tone g(b a) ground masked",
        ]
        assert window.action_set.why_not("layer.lower") == "There is no layer below it in its group."

    def test_several_move_together_and_past_closed_groups(self, window: MainWindow, panel: LayersPanel) -> None:
        panel.tree.collapse(panel.tree.layers.index_of(LayerId("g")))
        window.session.select([LayerId("masked"), LayerId("ground")])
        press(panel, "Ctrl+]")
        assert tree_of(window.session) == "tone masked ground g(b a)"
        press(panel, "Ctrl+Shift+[")
        assert tree_of(window.session) == "tone g(b a) masked ground"

    @pytest.mark.parametrize(
        ("keys", "mode"), [("Alt+Shift+M", BlendMode.MULTIPLY), ("Alt+Shift+Y", BlendMode.LUMINOSITY)]
    )
    def test_modes_by_photoshops_letters(
        self, window: MainWindow, panel: LayersPanel, keys: str, mode: BlendMode
    ) -> None:
        window.session.select([LayerId("masked"), LayerId("ground")])
        press(panel, keys)
        assert {window.session.document.layer(layer).blend for layer in window.session.selection} == {mode}
        assert len(window.session.history.labels) == 2

    def test_slash_locks_transparency(self, window: MainWindow, panel: LayersPanel) -> None:
        press(panel, "/")
        assert window.session.document.layer(LayerId("ground")).locks == Locks(alpha=True)
        assert window.action_set["layer.lock_alpha"].isChecked()

    def test_a_macro_knows_locks_masks_and_copies(self, window: MainWindow, panel: LayersPanel) -> None:
        start = window.session.document
        recorder = macros.Recorder(window.session)
        window.session.select([LayerId("ground"), LayerId("a")])
        for name in ("lock_alpha", "add_mask_hiding", "duplicate"):
            window.session.select(window.session.selection if name == "lock_alpha" else [LayerId("ground")])
            window.action_set[f"layer.{name}"].trigger()
        window.session.history.apply(
            edits.step(edits.duplicate_layers, [LayerId("a")], Place(LayerId("g"), 0))  # as Alt and a drag do
        )
        recorded = recorder.recorded()
        assert recorded.left_out == ()
        again = Session()
        again.start(start)
        macros.play(again, recorded.steps)
        done = [(layer.name, layer.locks, layer.mask) for layer in window.session.document.walk()]
        assert [(layer.name, layer.locks, layer.mask) for layer in again.document.walk()] == done
        assert [name for name, _, _ in done][:2] == ["Ground", "Ground copy"]

    def test_return_shows_the_properties(self, window: MainWindow, panel: LayersPanel) -> None:
        window.docks.set_visible(False)
        press(panel, "Return")
        shown = window.docks.panel("properties")
        assert shown is not None
        assert shown.isVisible()

    def test_the_menu_key_opens_the_menu(self, window: MainWindow, panel: LayersPanel) -> None:
        point = at(panel.tree, "ground")
        event = QContextMenuEvent(
            QContextMenuEvent.Reason.Keyboard, point, panel.tree.viewport().mapToGlobal(point), Qt.KeyboardModifier(0)
        )
        QApplication.sendEvent(panel.tree.viewport(), event)
        menu = QApplication.activePopupWidget()
        assert menu is not None
        assert window.action_set["layer.rename"] in menu.actions()
        menu.close()


class TestMerging:
    def test_chosen_layers_by_the_key_of_merge_down(self, window: MainWindow, panel: LayersPanel) -> None:
        window.session.select([LayerId("masked"), LayerId("ground")])
        assert window.action_set["layer.merge_down"].text() == "Merge layers"
        press(panel, "Ctrl+E")
        assert tree_of(window.session) == "tone g(b a) masked"

    def test_visible(self, window: MainWindow, panel: LayersPanel) -> None:
        click(panel.tree, at(panel.tree, "b"))
        press(panel, "Space")
        press(panel, "Ctrl+Shift+E")
        assert tree_of(window.session) == "g(b) ground"

    def test_one_that_changes_the_picture_is_offered(
        self, window: MainWindow, panel: LayersPanel, qtbot: QtBot
    ) -> None:
        window.session.select([LayerId("a")])
        window.action_set["layer.delete"].trigger()
        window.session.select([LayerId("g")])
        window.action_set["layer.merge_group"].trigger()
        (card,) = window.notices.cards
        assert "would change the picture" in card.told.message
        assert card.told.offer is not None
        assert isinstance(window.session.document.layer(LayerId("g")), GroupLayer)
        card.told.offer.run()
        assert not isinstance(window.session.document.layer(LayerId("g")), GroupLayer)


class TestButtonsAndMenus:
    def test_every_button_is_an_action(self, window: MainWindow, panel: LayersPanel) -> None:
        for name in ("layer.new", "layer.new_group", "layer.duplicate", "layer.merge_down", "layer.delete"):
            assert any(
                button.defaultAction() is window.action_set[name] for button in panel.bar.findChildren(QToolButton)
            ), name

    def test_masks(self, window: MainWindow, panel: LayersPanel) -> None:
        for name, least, most in (("add_mask", 255, 255), ("add_mask_hiding", 0, 0)):
            window.action_set[f"layer.{name}"].trigger()
            mask = window.session.document.layer(LayerId("ground")).mask
            assert mask is not None
            assert (int(mask.pixels.read().min()), int(mask.pixels.read().max())) == (least, most)
            assert window.action_set.why_not(f"layer.{name}") == "The layer has a mask already."
            window.action_set["layer.remove_mask"].trigger()
        window.session.select([LayerId("b")])
        window.action_set["layer.mask_from_alpha"].trigger()
        mask = window.session.document.layer(LayerId("b")).mask
        assert mask is not None
        assert int(mask.pixels.read().max()) == 128
        window.action_set["layer.mask_enabled"].trigger()
        window.action_set["layer.mask_linked"].trigger()
        mask = window.session.document.layer(LayerId("b")).mask
        assert mask is not None
        assert (mask.enabled, mask.linked) == (False, False)

    def test_new_adjustments_stand_above_and_show_their_controls(self, window: MainWindow, panel: LayersPanel) -> None:
        window.action_set["layer.new_curves"].trigger()
        layer = window.session.document.layer(window.session.selection[0])
        assert isinstance(layer, AdjustmentLayer)
        assert (layer.name, layer.adjustment) == ("Curves", Curves())
        assert window.session.document.layers.index(layer) == 1
        shown = window.docks.panel("properties")
        assert isinstance(shown, PropertiesPanel)
        assert shown.editors[Curves].isVisible()

    def test_a_selection_becomes_the_mask(self, window: MainWindow, panel: LayersPanel) -> None:
        window.session.select([LayerId("masked")])
        window.action_set["select.layer"].trigger()
        window.session.select([LayerId("ground")])
        for name, inside, outside in (("add_mask", 255, 0), ("add_mask_hiding", 0, 255)):
            window.action_set[f"layer.{name}"].trigger()
            mask = window.session.document.layer(LayerId("ground")).mask
            assert mask is not None
            values = mask.pixels.read(window.session.document.canvas)[..., 0]
            assert (int(values[10, 10]), int(values[40, 40])) == (inside, outside)
            window.action_set["layer.remove_mask"].trigger()
        window.action_set["layer.new_levels"].trigger()
        layer = window.session.document.layer(window.session.selection[0])
        assert layer.mask is not None
        assert window.session.document.layers[1] is layer

    def test_labels(self, window: MainWindow, panel: LayersPanel) -> None:
        window.session.select([LayerId("masked"), LayerId("ground")])
        window.action_set["layer.label_violet"].trigger()
        labels = {window.session.document.layer(layer).label for layer in window.session.selection}
        assert labels == {ColorLabel.VIOLET}

    def test_switches_act_on_all_chosen(self, window: MainWindow, panel: LayersPanel) -> None:
        window.session.select([LayerId("masked"), LayerId("ground")])
        for name in ("ai_visible", "ai_editable", "clipping"):
            before = getattr(window.session.document.layer(LayerId("masked")), name)
            window.action_set[f"layer.{name}"].trigger()
            after = {getattr(window.session.document.layer(layer), name) for layer in window.session.selection}
            assert after == {not before}
        assert "as if the layer were not there" in window.action_set["layer.ai_visible"].toolTip()

    def test_the_context_menu_says_why_not(self, window: MainWindow, panel: LayersPanel) -> None:
        menu = panel.context_menu()
        assert menu is not None
        ungroup = next(action for action in menu.actions() if action.objectName() == "layer.ungroup")
        assert not ungroup.isEnabled()
        assert "Choose a group." in ungroup.toolTip()
        menu.deleteLater()

    def test_a_refused_edit_is_told(self, window: MainWindow, panel: LayersPanel) -> None:
        window.action_set["layer.lock_pixels"].trigger()
        press(panel, "Del")
        assert window.session.document.find(LayerId("ground")) is not None
        (card,) = window.notices.cards
        assert "“Ground” has its pixels locked." in card.told.message


def reachable(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def test_everything_has_a_name_and_is_reached_by_tab(window: MainWindow) -> None:
    kinds = (QAbstractButton, QSlider, QAbstractSpinBox, QComboBox)
    window.session.select([LayerId("masked")])
    for name in ("layers", "properties", "history"):
        panel = window.docks.panel(name)
        assert isinstance(panel, LayersPanel | PropertiesPanel | HistoryPanel)
        assert panel.accessibleName()
        for widget in panel.findChildren(QWidget):
            inner = isinstance(widget.parent(), QAbstractSpinBox) or widget.objectName().startswith("qt_")
            if not isinstance(widget, kinds) or inner or isinstance(widget, QLineEdit):
                continue
            told = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
            assert told, f"{name}: {widget!r} has no name"
            assert reachable(widget), f"{name}: {told} cannot be reached by Tab"


def test_follows_the_theme(window: MainWindow, panel: LayersPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: panel.tree.thumbnails.is_idle)
    before = panel.tree.viewport().grab().toImage()
    window.set_theme("light")
    QApplication.sendPostedEvents(None, QEvent.Type.PaletteChange.value)
    qtbot.waitUntil(lambda: panel.tree.thumbnails.is_idle)
    assert panel.tree.viewport().grab().toImage() != before
