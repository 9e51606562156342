"""Themes, icons and texts: readable, complete, in one form."""

from __future__ import annotations

import ast
import gc
import importlib
import inspect
import itertools
import pkgutil
import re
import textwrap
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

import studio.ui
from studio import resources
from studio.core import adjustments, edits, filters
from studio.lettering import LETTERINGS
from studio.plugin_api.params import specs
from studio.plugin_host.readiness import Lack, Readiness
from studio.plugin_host.registry import Plugin, discover
from studio.retouch import RETOUCHES
from studio.ui import icons, language, result_names, text, theme
from studio.ui.app import application
from studio.ui.language import CatalogueTranslator, catalogue
from studio.ui.palette import matches
from studio.ui.panels.plugins.engines import fault_of
from studio.ui.settings import SettingsFile
from studio.ui.spoken import plugin_texts, say_plugin
from tests.ui.shell.conftest import Make

PLACES = re.compile(r"\{(\w+)\}")


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    values = (QColor(color).redF(), QColor(color).greenF(), QColor(color).blueF())
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("look", theme.THEMES.values(), ids=list(theme.THEMES))
class TestThemes:
    def test_text_is_readable_on_every_ground(self, look: theme.Theme) -> None:
        for ground, words in itertools.product(("window", "base", "raised"), ("text", "muted")):
            assert contrast(getattr(look, ground), getattr(look, words)) >= 4.5, f"{words} on {ground}"
        assert contrast(look.selection, look.selection_text) >= 4.5

    def test_signs_are_seen(self, look: theme.Theme) -> None:
        for color in ("accent", "danger", "warning", "good"):
            assert contrast(look.base, getattr(look, color)) >= 3.0, color

    def test_high_contrast_is_higher(self, look: theme.Theme) -> None:
        if look.name == "high_contrast":
            assert contrast(look.window, look.text) >= 15
            assert contrast(look.window, look.border) >= 15

    def test_what_a_control_is_used_by_is_seen(self, look: theme.Theme, qapp: QApplication, qtbot: QtBot) -> None:
        """Both arrows of a number, that of a list, and the boxes of switches that are on and off."""
        theme.apply(look.name)
        page = QWidget()
        qtbot.addWidget(page)
        spin, combo, switch, on, option = QSpinBox(), QComboBox(), QCheckBox(), QCheckBox(), QRadioButton()
        plain = QSpinBox()
        plain.setProperty("plain", True)
        spin.setValue(5)
        on.setChecked(True)
        column = QVBoxLayout(page)
        for part in (spin, combo, switch, on, option, plain):
            column.addWidget(part)
        page.setFixedWidth(160)
        page.show()
        qtbot.waitExposed(page)
        height = spin.height()
        for name, part, area in (
            ("up", spin, QRect(spin.width() - 13, 4, 8, height // 2 - 6)),
            ("down", spin, QRect(spin.width() - 13, height // 2 + 3, 8, height // 2 - 6)),
            ("list", combo, QRect(combo.width() - 15, 4, 10, combo.height() - 8)),
            ("off", switch, QRect(0, 0, 16, switch.height())),
            ("on", on, QRect(3, on.height() // 2 - 5, 9, 10)),
            ("option", option, QRect(0, 0, 16, option.height())),
        ):
            image = part.grab(area).toImage()
            colors = {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}
            least = 2.5 if part in (spin, combo) else 3.0  # Qt draws its arrows softly
            assert max(contrast(one, other) for one in colors for other in colors) >= least, name
        assert plain.lineEdit().width() > 100

    def test_is_applied(self, look: theme.Theme, qapp: QApplication) -> None:
        theme.apply(look.name)
        assert theme.current() is look
        assert qapp.palette().window().color() == QColor(look.window)


class TestIcons:
    def test_there_are_enough(self) -> None:
        assert len(icons.names()) >= 40

    @pytest.mark.parametrize("name", icons.names())
    def test_is_drawn_on_the_grid_in_one_colour(self, name: str) -> None:
        source = (resources.assets_dir() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
        assert 'viewBox="0 0 20 20"' in source
        assert 'stroke-width="1.5"' in source
        assert "currentColor" in source
        assert not re.search(r"#[0-9a-fA-F]{3}", source)

    @pytest.mark.parametrize("name", icons.names())
    def test_shows_something_and_nothing_is_cut_off(self, name: str, qapp: QApplication) -> None:
        image = icons.drawn(name, "#ff0000", 20, 2).toImage().convertToFormat(QImage.Format.Format_RGBA8888)
        alpha = np.frombuffer(image.constBits(), np.uint8).reshape(40, 40, 4)[..., 3]
        rows, columns = np.nonzero(alpha > 128)
        assert rows.size > 20
        assert min(rows.min(), columns.min()) >= 1
        assert max(rows.max(), columns.max()) <= 38

    def test_follows_the_theme(self, qapp: QApplication) -> None:
        theme.apply("dark")
        dark = icons.icon("save").pixmap(20, 20).toImage()
        theme.apply("light")
        assert icons.icon("save").pixmap(20, 20).toImage() != dark

    @pytest.mark.parametrize(
        ("mode", "state", "color"),
        [
            (QIcon.Mode.Normal, QIcon.State.Off, "#ff0000"),
            (QIcon.Mode.Active, QIcon.State.Off, "#ff0000"),
            (QIcon.Mode.Normal, QIcon.State.On, "#0000ff"),
            (QIcon.Mode.Selected, QIcon.State.Off, "#0000ff"),
            (QIcon.Mode.Disabled, QIcon.State.Off, "#00ff00"),
            (QIcon.Mode.Disabled, QIcon.State.On, "#00ff00"),
        ],
    )
    def test_has_a_colour_for_each_state(
        self, mode: QIcon.Mode, state: QIcon.State, color: str, qapp: QApplication
    ) -> None:
        icon = icons.tinted("save", "#ff0000", "#00ff00", "#0000ff")
        for side in (16, 20, 33):
            shown = icon.pixmap(QSize(side, side), mode, state).toImage()
            assert shown == icons.drawn("save", color, side).toImage()

    def test_is_as_sharp_as_the_screen_and_painted_in_the_middle(self, qapp: QApplication) -> None:
        icon = icons.tinted("save", "#ff0000", "#00ff00", "#0000ff")
        assert icon.pixmap(QSize(20, 20), 2.0).toImage() == icons.drawn("save", "#ff0000", 20, 2).toImage()
        image = QImage(40, 20, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        painter = QPainter(image)
        icon.paint(painter, QRect(0, 0, 40, 20))
        painter.end()
        assert image.copy(10, 0, 20, 20) == icons.drawn("save", "#ff0000", 20).toImage()

    def test_stays_whole_when_something_is_added_to_a_copy(self, qapp: QApplication) -> None:
        copy = QIcon(icons.tinted("save", "#ff0000", "#00ff00", "#0000ff"))
        copy.addPixmap(icons.drawn("open", "#ff0000", 20))
        gc.collect()
        assert copy.pixmap(20, 20).toImage() == icons.drawn("save", "#ff0000", 20).toImage()

    def test_an_unknown_one_is_told_at_once(self, qapp: QApplication) -> None:
        with pytest.raises(FileNotFoundError):
            icons.icon("no such icon")


def texts_of(module: ModuleType) -> set[str]:
    """The English texts of a text module: its constants and the values of its tables, apart from names of contexts."""
    values = [value for name, value in vars(module).items() if name.isupper() and not name.endswith("CONTEXT")]
    single = {value for value in values if isinstance(value, str)}
    return single | {word for value in values if isinstance(value, dict) for word in value.values()}


def all_texts() -> dict[str, set[str]]:
    """The English texts of every text module of the window, by context, and the labels of the edits."""
    labels = {edit.label for edit in (*edits.EDITS.values(), *RETOUCHES.values(), *LETTERINGS.values())}
    kinds = {*filters.LABELS.values(), *adjustments.LABELS.values()}
    found: dict[str, set[str]] = {text.EDITS_CONTEXT: {*labels, *kinds, "Place object", "Play macro"}}
    for module in pkgutil.walk_packages(studio.ui.__path__, "studio.ui."):
        if module.name.endswith("text"):
            loaded = importlib.import_module(module.name)
            if isinstance(loaded.CONTEXT, str):
                found.setdefault(loaded.CONTEXT, set()).update(texts_of(loaded))
    return found


@pytest.mark.parametrize("told", [code for code in language.LANGUAGES if code != "en"])
class TestTranslations:
    @pytest.mark.parametrize(("context", "english"), all_texts().items(), ids=list(all_texts()))
    def test_is_complete_and_has_nothing_too_much(self, told: str, context: str, english: set[str]) -> None:
        assert set(catalogue(told)[context]) == english

    def test_has_no_context_that_nobody_uses(self, told: str) -> None:
        elsewhere = {language.ERRORS, language.ERROR_WORDS, result_names.CONTEXT}  # tests/ui/test_sentences.py
        assert set(catalogue(told)) <= {*all_texts(), *elsewhere}

    def test_keeps_what_is_filled_in(self, told: str) -> None:
        for texts in catalogue(told).values():
            for english, other in texts.items():
                assert sorted(PLACES.findall(english)) == sorted(PLACES.findall(other)), english

    def test_is_what_the_window_says(self, told: str, qapp: QApplication) -> None:
        translator = CatalogueTranslator(catalogue(told))
        qapp.installTranslator(translator)
        try:
            assert text.say(text.MERGE_DOWN) == catalogue(told)["window"][text.MERGE_DOWN]
            assert text.say("not in any catalogue") == "not in any catalogue"
        finally:
            qapp.removeTranslator(translator)


def plugin_words(plugin: Plugin) -> set[str]:
    """All that a plugin says."""
    manifest, told = plugin.manifest, specs(plugin.params_class)
    words = {manifest.title, manifest.summary}
    words |= {word for engine in manifest.engines for word in (engine.title, engine.good_at)}
    words |= {word for spec in told for word in (spec.label, spec.help, *spec.choices)}
    return words | refusals_of(plugin)


def refusals_of(plugin: Plugin) -> set[str]:
    """Why a plugin's values cannot be run, in the words of its own `check`."""
    check = getattr(plugin.params_class, "check", None)
    if check is None:
        return set()
    tree = ast.parse(textwrap.dedent(inspect.getsource(check)))
    named = [node.value for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    named += [value for node in ast.walk(tree) if isinstance(node, ast.Dict) for value in node.values]
    return {node.value for node in named if isinstance(node, ast.Constant) and isinstance(node.value, str)}


class TestPlugins:
    """Plugins bring their own translations."""

    @pytest.mark.parametrize("told", [code for code in language.LANGUAGES if code != "en"])
    def test_translations_are_complete(self, told: str) -> None:
        translated = [plugin for plugin in discover() if plugin_texts([plugin], told)]
        assert "layer_decomp" in {plugin.manifest.id for plugin in translated}
        for plugin in translated:
            assert set(plugin_texts([plugin], told)) == plugin_words(plugin), plugin.manifest.id

    def test_the_window_says_them(self, make: Make, settings: SettingsFile) -> None:
        settings.change(language="ja")
        window = make()
        panel = window.docks.panel("plugins")
        assert panel is not None
        assert "レイヤー分解" in {button.text() for button in panel.findChildren(QPushButton)}
        assert text.say_edit("Layer decomposition") == "レイヤー分解"
        found = [match.action for match in matches(window.action_set, "rulers")]  # English words find actions, too
        assert found[:1] == ["view.rulers"]
        window.close()
        assert say_plugin("Layer decomposition") == "Layer decomposition"
        settings.change(language="en")
        application(settings)
        assert text.say(text.MERGE_DOWN) == "Merge down"

    def test_what_an_engine_lacks_is_said_in_the_users_language(self, settings: SettingsFile) -> None:
        settings.change(language="ja")
        application(settings)
        for lack in Lack:
            state = Readiness(lack, "Sketch", "owner/sketch")
            told = fault_of(state)
            assert told != f"{state.why} {state.hint}"
            assert ("Sketch" in told) == ("Sketch" in state.why)
            assert ("owner/sketch" in told) == ("owner/sketch" in state.hint)
        settings.change(language="en")
        application(settings)
        assert fault_of(Readiness(Lack.HUB, "Sketch", "a/b")).startswith("“Sketch” is not on this computer. Install it")
        assert fault_of(Readiness()) == ""

    def test_a_file_that_cannot_be_read_leaves_english(self, tmp_path: Path) -> None:
        (tmp_path / "translations").mkdir()
        (tmp_path / "translations" / "ja.toml").write_text("no toml [", encoding="utf-8")
        plugin = next(iter(discover()))
        assert plugin_texts([replace(plugin, folder=tmp_path)], "ja") == {}


def test_the_system_language_is_used_where_we_have_it() -> None:
    assert language.chosen("ja") == "ja"
    assert language.chosen("system") in language.LANGUAGES
    assert language.chosen("xx") in language.LANGUAGES


def test_sentences_do_not_shout() -> None:
    assert [sentence for sentence in texts_of(text) if "!" in sentence] == []
