"""The panel without a run: choosing, engines and licences, presets, what it says when nothing can be run."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.layers import LayerId, Provenance
from studio.documents import Loaded
from studio.jobs.request import TOP_SEED
from studio.plugin_api.params import MaskPick, ParamKind, specs
from studio.plugin_host.registry import Registry
from studio.session import Session
from studio.ui import theme
from studio.ui.docks import WIDTH_PX
from studio.ui.forms import text
from studio.ui.forms.lists import ListField
from studio.ui.forms.words import PromptField
from studio.ui.language import LANGUAGES, CatalogueTranslator, catalogue
from studio.ui.main_window import MainWindow
from studio.ui.panels.plugins import PluginPanel
from studio.ui.panels.plugins.engines import LicenceDialog
from studio.ui.panels.plugins.keeping import NameDialog
from studio.ui.panels.plugins.sample import sample_panel
from tests.plugins.demo_interactions.params import Params as Demo
from tests.support.demo_plugin import DEMO
from tests.ui.panels.plugins.conftest import panel_of
from tests.ui.shell.test_window import faults

LEFT = Qt.MouseButton.LeftButton


def texts() -> set[str]:
    return {v for k, v in vars(text).items() if k.isupper() and isinstance(v, str) and k != "CONTEXT"}


class TestEmpty:
    def test_no_plugin_chosen_offers_all_with_what_they_do(self, window: MainWindow) -> None:
        panel = panel_of(window)
        window.docks.show("plugins")
        assert panel.chooser.isVisible()
        assert {DEMO, "layer_decomp"} <= set(panel.chooser.offers)
        QTest.mouseClick(panel.chooser.offers[DEMO], LEFT)
        assert panel.plugin == DEMO
        assert not panel.chooser.isVisible()

    def test_nothing_open_says_so(self, window: MainWindow) -> None:
        window.show_plugin(DEMO)
        panel = panel_of(window)
        assert panel.why_not() == "Open a picture first."
        assert not panel.run_bar.run_button.isEnabled()
        assert panel.run_bar.words.text() == "Open a picture first."
        assert not panel.strip.isVisible()

    def test_no_plugin_installed(self, qtbot: QtBot, document: Document) -> None:
        panel = PluginPanel(Session(Registry()))
        qtbot.addWidget(panel)
        panel.show()
        labels = [label.text() for label in panel.chooser.findChildren(QLabel)]
        assert labels == ["There is nothing to generate with: no plugin is installed."]
        panel.release()

    def test_no_worker_says_so(self, panel: PluginPanel) -> None:
        assert panel.why_not() == "Jobs cannot be run here."

    def test_a_broken_plugin_is_told_and_the_last_one_stays(self, opened: MainWindow, tmp_path: Path) -> None:
        params = tmp_path / "data" / "lamina-studio" / "plugins" / DEMO / "params.py"
        params.write_text("import nothing_of_this_name", encoding="utf-8")
        panel = panel_of(opened)
        panel.choose("layer_decomp")
        panel.choose(DEMO)
        assert panel.plugin == "layer_decomp"
        assert panel.choice.currentData() == "layer_decomp"
        assert "Could not load the plugin Every interaction" in opened.notices.cards[-1].told.message


class TestEngines:
    def test_the_choice_tells_what_each_costs(self, panel: PluginPanel, qtbot: QtBot) -> None:
        assert panel.engines.good_at.text() == "Plain colours, in no time and with no weights."
        assert panel.engines.facts.text() == "No model · nothing to download · about 0.1 GB of memory · MIT"
        box = panel.engines.box
        assert box.itemText(1) == "Far away (not installed)"
        box.setFocus()
        qtbot.keyClick(box, Qt.Key.Key_Down)
        engine = panel.engines.engine
        assert engine is not None
        assert engine.id == "missing"
        assert "6,940 MB" in panel.engines.facts.text()
        assert "not for commercial use" in panel.engines.facts.text()

    def test_one_that_cannot_run_says_why_and_what_to_do(self, opened: MainWindow, working: PluginPanel) -> None:
        working.engines.choose("missing")
        assert working.engines.fault.isVisible()
        assert "Nothing by nobody" in working.engines.fault.text() or "torch" in working.engines.fault.text()
        assert not working.run_bar.run_button.isEnabled()
        assert working.run_bar.run_button.toolTip() == working.engines.state.why

    def test_steps_only_where_there_are_some(self, panel: PluginPanel) -> None:
        assert not panel.seed_row.steps_box.isEnabled()
        assert panel.seed_row.steps_box.toolTip() == "This engine has no steps."
        panel.engines.choose("missing")
        assert panel.seed_row.steps_box.isEnabled()
        assert panel.seed_row.steps is None

    def test_a_licence_is_shown_before_the_first_use_only(
        self, opened: MainWindow, working: PluginPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(working.engines, "_state", {"missing": working.engines.state})  # as if it were installed
        working.engines.choose("missing")
        QTest.mouseClick(working.run_bar.run_button, LEFT)
        (dialog,) = working.findChildren(LicenceDialog)
        words = " ".join(label.text() for label in dialog.findChildren(QLabel))
        assert "CC-BY-NC-4.0" in words
        assert "does not allow commercial use" in words
        assert "https://example.org/licence" in words
        QTest.mouseClick(dialog.refuse_button, LEFT)
        assert not working.is_running
        assert opened.session.consents.accepted == frozenset()
        qtbot.waitUntil(lambda: working.findChildren(LicenceDialog) == [])
        opened.session.jobs.pause()
        QTest.mouseClick(working.run_bar.run_button, LEFT)
        (dialog,) = working.findChildren(LicenceDialog)
        QTest.mouseClick(dialog.accept_button, LEFT)
        assert opened.session.consents.accepted == {"nobody/nothing"}
        assert working.is_running
        working.cancel()
        QTest.mouseClick(working.run_bar.run_button, LEFT)
        qtbot.waitUntil(lambda: working.findChildren(LicenceDialog) == [])
        assert working.is_running
        working.cancel()


class TestSeed:
    def test_the_dice_and_the_lock(self, panel: PluginPanel) -> None:
        row = panel.seed_row
        assert row.next_seed() == 0  # the first run takes what is shown
        rolled = row.next_seed()
        assert rolled != 0
        QTest.mouseClick(row.lock, LEFT)
        assert row.next_seed() == rolled
        QTest.mouseClick(row.dice, LEFT)
        assert row.seed != rolled
        assert row.next_seed() == row.seed


class TestPresets:
    def test_saved_by_name_loaded_and_deleted(self, opened: MainWindow, panel: PluginPanel, qtbot: QtBot) -> None:
        assert panel.form is not None
        prompt = panel.form["prompt"].field
        assert isinstance(prompt, PromptField)
        prompt.edit.setFocus()
        qtbot.keyClicks(prompt.edit, "a boat")
        panel.preset_button.save.emit()
        (dialog,) = panel.findChildren(NameDialog)
        assert not dialog.keep_button.isEnabled()
        qtbot.keyClicks(dialog.line, "boats")
        QTest.mouseClick(dialog.keep_button, LEFT)
        names = [action.text() for action in panel.preset_button.menu().actions()]
        assert names[0] == "boats"
        reset = next(action for action in panel.preset_button.menu().actions() if action.text() == "Reset all")
        reset.trigger()
        assert panel.form.params == type(panel.form.params)()
        panel.preset_button.menu().actions()[0].trigger()
        assert prompt.value == "a boat"
        assert (opened.settings.path.parent / "presets" / f"{DEMO}.toml").is_file()
        panel.preset_button.deleted.emit("boats")
        assert panel.presets is not None
        assert panel.presets.names() == []

    def test_one_that_does_not_fit_is_told(self, opened: MainWindow, panel: PluginPanel) -> None:
        folder = opened.settings.path.parent / "presets"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{DEMO}.toml").write_text("version = 1\n[presets.old.params]\nversion = 9\n")
        panel.choose("layer_decomp")
        panel.choose(DEMO)
        panel.load_preset("old")
        assert "newer version" in opened.notices.cards[-1].told.message


class TestChoosing:
    def test_each_plugin_is_found_as_it_was_left(self, panel: PluginPanel, qtbot: QtBot) -> None:
        assert panel.form is not None
        prompt = panel.form["prompt"].field
        assert isinstance(prompt, PromptField)
        qtbot.keyClicks(prompt.edit, "a boat")
        panel.seed_row.show_seed(7, None, locked=True)
        panel.choice.setFocus()
        qtbot.keyClick(panel.choice, Qt.Key.Key_Home)
        assert panel.plugin == "layer_decomp"
        assert panel.seed_row.seed == 0
        panel.choose(DEMO)
        assert panel.form is not None
        assert panel.form["prompt"].field.value == "a boat"
        assert (panel.seed_row.seed, panel.seed_row.is_locked) == (7, True)

    def test_leaving_gives_the_canvas_its_tool_back(self, opened: MainWindow, panel: PluginPanel) -> None:
        assert panel.form is not None
        panel.form["regions"].field.draw_button.click()  # pyright: ignore[reportAttributeAccessIssue]
        assert opened.canvas.tool is panel.form["regions"].field.tool  # pyright: ignore[reportAttributeAccessIssue]
        panel.choose("layer_decomp")
        assert opened.canvas.tool.name == "Move"


class TestRecipes:
    def with_recipe(self, opened: MainWindow, plugin: str, parameters: str, seed: int = 0) -> None:
        made = Provenance(
            plugin=plugin, engine="classical", parameters=parameters, seed=seed, run="r", job="r", part="Square"
        )
        opened.session.apply("Made", lambda d: edits.set_provenance(d, LayerId("square"), made))
        opened.session.select((LayerId("square"),))

    def test_are_offered_for_the_chosen_layer_and_opened(self, opened: MainWindow, panel: PluginPanel) -> None:
        assert not panel.strip.isVisible()
        self.with_recipe(opened, DEMO, '{"version": 1, "amount": 0.25}')
        assert panel.strip.words.text() == "“Square” was made by Every interaction."
        QTest.mouseClick(panel.strip.open_button, LEFT)
        assert panel.form is not None
        assert panel.form["strength"].field.value == 0.25
        assert panel.strip.words.text() == "Recipe of “Square”"
        QTest.mouseClick(panel.strip.leave_button, LEFT)
        assert panel.recipe is None
        assert panel.run_bar.run_button.text() == "Run"
        opened.session.select((LayerId("ground"),))
        assert not panel.strip.isVisible()

    def test_of_a_plugin_that_is_not_there(self, opened: MainWindow, panel: PluginPanel) -> None:
        self.with_recipe(opened, "nowhere", "{}")
        assert panel.strip.words.text() == "“Square” was made by nowhere, which is not installed."
        assert not panel.strip.open_button.isVisible()

    def test_that_do_not_fit_show_the_defaults_and_say_so(self, opened: MainWindow, panel: PluginPanel) -> None:
        self.with_recipe(opened, DEMO, '{"version": 9}')
        QTest.mouseClick(panel.strip.open_button, LEFT)
        assert panel.form is not None
        assert panel.form.is_default
        assert "does not fit" in opened.notices.cards[-1].told.message

    @pytest.mark.parametrize("seed", [TOP_SEED, TOP_SEED + 1, 10**30])
    def test_whose_seed_cannot_be_used_says_so(self, opened: MainWindow, panel: PluginPanel, seed: int) -> None:
        fits = seed <= TOP_SEED
        panel.seed_row.show_seed(3, None, locked=False)
        self.with_recipe(opened, DEMO, "{}", seed)
        QTest.mouseClick(panel.strip.open_button, LEFT)
        assert panel.seed_row.seed == (seed if fits else 3)
        assert panel.seed_row.is_locked is fits
        assert [card.told.message for card in opened.notices.cards] == (
            [] if fits else [f"The seed {seed} cannot be used."]
        )

    def test_closing_the_document_leaves_it(self, opened: MainWindow, panel: PluginPanel) -> None:
        self.with_recipe(opened, DEMO, "{}")
        panel.open_recipe()
        assert panel.recipe is not None
        opened.keeper.close(keep_edits=False)
        assert panel.recipe is None
        assert not panel.strip.isVisible()


@pytest.mark.parametrize("told", list(LANGUAGES))
def test_the_form_fits_into_a_dock_of_its_first_width(told: str, qapp: QApplication, qtbot: QtBot) -> None:
    translator = CatalogueTranslator(catalogue(told))
    qapp.installTranslator(translator)
    try:
        panel = sample_panel()
        qtbot.addWidget(panel)
        panel.resize(WIDTH_PX, 700)
        panel.show()
        assert panel.form is not None
        panel.form.fold.setChecked(True)
        for row in panel.form.rows.values():
            if isinstance(row.field, ListField) and row.field.value:
                row.field.choose_row(0)
        (area,) = [area for area in panel.findChildren(QScrollArea) if area.isVisible()]
        inside = cast("QWidget", area.widget())
        assert inside.minimumSizeHint().width() <= area.viewport().width()
        panel.release()
    finally:
        qapp.removeTranslator(translator)


class TestAccess:
    def test_everything_is_named_and_reached_by_keyboard(self, opened: MainWindow, panel: PluginPanel) -> None:
        assert panel.form is not None
        panel.form.fold.setChecked(True)
        opened.session.select((LayerId("square"),))
        panel.form["moves"].field.add_button.click()  # pyright: ignore[reportAttributeAccessIssue]
        panel.form["scenes"].field.add_button.click()  # pyright: ignore[reportAttributeAccessIssue]
        assert faults(panel) == []

    def test_the_chooser_too(self, window: MainWindow) -> None:
        window.docks.show("plugins")
        assert faults(panel_of(window)) == []


@pytest.mark.parametrize("told", [code for code in LANGUAGES if code != "en"])
class TestTexts:
    def test_are_complete_and_have_nothing_too_much(self, told: str) -> None:
        assert set(catalogue(told)[text.CONTEXT]) == texts()

    def test_are_what_the_panel_says(self, told: str, qapp: QApplication, qtbot: QtBot) -> None:
        translator = CatalogueTranslator(catalogue(told))
        qapp.installTranslator(translator)
        try:
            panel = PluginPanel(Session())
            qtbot.addWidget(panel)
            panel.choose(DEMO)
            assert panel.run_bar.words.text() == "先に画像を開いてください。"
            assert panel.seed_row.lock.accessibleName() == "このシードを固定"
            panel.release()
        finally:
            qapp.removeTranslator(translator)


class TestLeaving:
    """Another plugin for a while."""

    def test_keeps_the_masks_that_picks_name(self, panel: PluginPanel) -> None:
        assert panel.form is not None
        mask = np.full((64, 96), 255, np.uint8)
        panel.host.arrays["mask1"] = mask
        panel.form["subjects"].show_value((MaskPick(array="mask1", name="All"),))
        panel.choose("layer_decomp")
        assert panel.host.arrays == {}
        panel.choose(DEMO)
        assert panel.form is not None
        assert panel.form.arrays["mask1"] is mask
        assert panel.form.problems() == {}

    def test_does_not_keep_those_of_another_picture(self, opened: MainWindow, panel: PluginPanel) -> None:
        assert panel.form is not None
        panel.host.arrays["mask1"] = np.full((64, 96), 255, np.uint8)
        panel.form["subjects"].show_value((MaskPick(array="mask1", name="All"),))
        panel.choose("layer_decomp")
        other = Document(size=Size(32, 32))
        opened.keeper.take(Loaded(path=None, steps=(("", other),), name="Other"))
        panel.choose(DEMO)
        assert panel.form is not None
        assert "subjects" in panel.form.problems()

    def test_shows_what_runs_and_lets_it_be_cancelled(
        self, opened: MainWindow, working: PluginPanel, qtbot: QtBot
    ) -> None:
        opened.session.jobs.pause()
        QTest.mouseClick(working.run_bar.run_button, LEFT)
        working.choose("layer_decomp")
        assert not working.run_bar.run_button.isVisible()
        QTest.mouseClick(working.run_bar.cancel_button, LEFT)
        qtbot.waitUntil(lambda: not working.is_running)
        assert working.run_bar.run_button.isVisible()


def test_the_menu_of_presets_is_one_however_often_it_is_filled(panel: PluginPanel) -> None:
    button = panel.preset_button
    for names in ((), ("One",), ("One", "Two")):
        button.show_presets(names, is_default=False)
    menus = button.findChildren(QMenu)
    assert len(menus) == 2
    assert [action.text() for action in menus[1].actions()] == ["One", "Two"]


def test_texts_do_not_shout() -> None:
    assert [sentence for sentence in texts() if "!" in sentence] == []


def test_the_demo_uses_every_kind() -> None:
    assert {spec.kind for spec in specs(Demo)} == set(ParamKind)


def test_what_is_said_follows_the_theme(opened: MainWindow, panel: PluginPanel) -> None:
    assert panel.form is not None
    row = panel.form["base"]
    row.show_value("gone")
    panel.form.changed.emit()
    panel.engines.choose("missing")
    row.show_fault("Gone.", urgent=True)
    lock = panel.seed_row.lock.icon().cacheKey()
    try:
        for name in ("light", "high_contrast", "dark"):
            opened.set_theme(name)
            danger = theme.current().danger
            for label in (row.fault, panel.engines.fault):
                assert danger in label.styleSheet(), name
            assert panel.seed_row.lock.icon().cacheKey() != lock or name == "dark"
    finally:
        opened.set_theme("dark")
