"""What the program itself calls new layers, in the user's language, and that plugins are called by their titles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.layers import GroupLayer, Locks, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.documents import Loaded
from studio.outlook import ReadResult
from studio.placing import ResultNames
from studio.plugin_api.results import Results
from studio.plugin_host.registry import discover
from studio.ui.app import application
from studio.ui.main_window import MainWindow
from studio.ui.settings import SettingsFile
from studio.ui.spoken import plugin_texts
from tests.ui.shell.conftest import Make


@pytest.fixture
def japanese(make: Make, settings: SettingsFile) -> Iterator[MainWindow]:
    settings.change(language="ja")
    yield make()
    settings.change(language="en")
    application(settings)


def names(window: MainWindow) -> list[str]:
    return [layer.name for layer in window.session.document.walk()]


def show(window: MainWindow) -> None:
    pixels = PixelBuffer.from_array(np.full((24, 32, 4), 200, np.uint8))
    layers = (RasterLayer(name="空", pixels=pixels), RasterLayer(name="海", pixels=pixels))
    document = Document(size=Size(32, 24), layers=layers)
    window.keeper.take(Loaded(path=None, steps=(("", document),), name="絵"))


def test_layers_that_commands_make_are_named_in_the_users_language(japanese: MainWindow) -> None:
    show(japanese)
    japanese.action_set["layer.duplicate"].trigger()
    assert names(japanese) == ["空", "海", "海のコピー"]
    japanese.action_set["layer.group"].trigger()
    assert names(japanese) == ["空", "海", "グループ", "海のコピー"]
    japanese.action_set["image.flatten"].trigger()
    assert names(japanese) == ["背景"]


def test_so_is_the_layer_of_a_flat_picture(japanese: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "red.png")
    japanese.files.open(tmp_path / "red.png")
    qtbot.waitUntil(lambda: japanese.session.has_document and not japanese.work.is_busy)
    assert names(japanese) == ["背景"]
    assert not japanese.session.history.is_modified


def test_results_are_grouped_and_hand_edits_kept_under_such_names(japanese: MainWindow) -> None:
    assert japanese.session.names.group == "結果"
    assert japanese.session.names.edited == "{name}（手描き）"


def test_so_are_layers_that_plugins_make(japanese: MainWindow) -> None:
    show(japanese)
    pixels = PixelBuffer.from_array(np.full((4, 4, 4), 9, np.uint8))
    ball = GroupLayer(
        name="Object 2",
        children=(RasterLayer(name="Shadow", pixels=pixels), RasterLayer(name="Shadow puppet", pixels=pixels)),
    )
    stack = GroupLayer(name="Decomposition", children=(RasterLayer(name="Background", pixels=pixels), ball))
    made = ReadResult(Results(layers=(stack,)), japanese.session.document)
    new = made.placed_in(japanese.session.document, japanese.session.names).new
    said = ["空", "海", "レイヤー分解", "背景", "物体 2", "影", "Shadow puppet"]
    assert sorted(layer.name for layer in new.walk()) == sorted(said)
    assert sorted(layer.name for layer in made.placed_in(Document(size=Size(32, 24)), ResultNames()).new.walk()) == [
        "Background", "Decomposition", "Object 2", "Shadow", "Shadow puppet",
    ]  # fmt: skip


def test_errors_are_told_in_the_users_language(japanese: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"junk" * 20)
    japanese.files.open(tmp_path / "broken.png")
    qtbot.waitUntil(lambda: not japanese.work.is_busy)
    (card,) = japanese.notices.cards
    assert card.told.message.startswith("broken.png を開けませんでした")
    assert "Could" not in card.told.message + card.told.hint
    show(japanese)
    japanese.session.history.apply(edits.step(edits.set_locks, japanese.session.selection[0], Locks(pixels=True)))
    japanese.action_set["layer.delete"].trigger()
    assert japanese.notices.cards[-1].told.message == "「海」はピクセルがロックされています。"


def test_a_command_line_keeps_english() -> None:
    layer = RasterLayer(name="Sea", pixels=PixelBuffer.from_array(np.zeros((4, 4, 4), np.uint8)))
    document = edits.duplicate_layers(Document(size=Size(4, 4), layers=(layer,)), [layer.id])
    assert [one.name for one in document.layers] == ["Sea", "Sea copy"]


def test_finding_objects_speaks_japanese() -> None:
    assert plugin_texts([discover().get("find_objects")], "ja")["Find objects"] == "物体を探す"
