"""Rows at any width and of any layer: parts in order and in place, readable, painted in every theme."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.layers import GroupLayer, LayerId, RasterLayer
from studio.session import Session
from studio.ui import theme
from studio.ui.panels.layers import LayersPanel
from studio.ui.panels.layers.describing import one_line, tip
from studio.ui.panels.layers.rows import ROW_PX, badge_names, parts_of
from tests.support.documents import NAMES, random_document
from tests.ui.panels.layers.conftest import pixels

DEPTH = 12


def nested(depth: int) -> Document:
    """One layer inside that many groups."""
    inner = (RasterLayer(id=LayerId("deep"), name="Innermost", pixels=pixels((9, 9, 9, 255))),)
    for level in range(depth):
        inner = (GroupLayer(name=f"Level {level}", children=inner),)
    return Document(size=Size(64, 48), layers=inner)


@pytest.mark.parametrize("width", [60, 90, 140, 169, 170, 250, 400])
@pytest.mark.parametrize("seed", range(6))
def test_parts_stand_in_order_inside_the_row(width: int, seed: int) -> None:
    rect = QRect(37, 72, width, ROW_PX)
    for layer in random_document(seed, layers=12).walk():
        parts = parts_of(layer, rect)
        places = [place for place in (parts.clip, parts.picture, parts.link, parts.mask) if place.width()]
        places += [parts.name, *(place for _, place in reversed(parts.badges))]
        assert all(left.right() < right.left() or not right.width() for left, right in pairwise(places))
        assert all(rect.top() <= place.top() and place.bottom() <= rect.bottom() + 1 for place in places)
        assert [name for name, _ in parts.badges] == badge_names(layer)[: len(parts.badges)]
        if width >= 250:
            assert parts.name.width() >= 60


@pytest.mark.parametrize("name", [*NAMES, "two\nlines\tand a tab", "\u202eturned\u202c", "a\x00b"])
def test_names_become_one_line(name: str) -> None:
    shown = one_line(name)
    assert len(shown) == len(name)
    assert not any(char in shown for char in "\n\t\x00\u202e")


def test_families_of_emoji_stay_together() -> None:
    assert one_line("👩‍👩‍👧 é") == "👩‍👩‍👧 é"


@pytest.mark.parametrize("look", theme.THEMES)
def test_every_kind_of_row_is_painted(
    look: str, panel: LayersPanel, session: Session, qtbot: QtBot, qapp: QApplication
) -> None:
    theme.apply(look)
    document = random_document(4, layers=30)
    named = tuple(replace(layer, name=name) for layer, name in zip(document.layers, [*NAMES] * 9, strict=False))
    session.start(document.with_layers(named))
    qtbot.waitUntil(lambda: panel.tree.thumbnails.is_idle)
    image = panel.tree.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine()).copy()
    listed = min(image.height() // ROW_PX, sum(1 for _ in session.document.walk()))
    for row in range(min(listed, 8)):
        band = rows[row * ROW_PX + 2 : (row + 1) * ROW_PX - 2]
        assert len(np.unique(band)) > 8, f"row {row} is empty"
    assert tip(named[0])


def test_twelve_levels_leave_room_for_the_name(panel: LayersPanel, session: Session) -> None:
    session.start(nested(DEPTH))
    session.select([LayerId("deep")])
    tree = panel.tree
    index = tree.layers.index_of(LayerId("deep"))
    layer = tree.layers.layer_at(index)
    assert layer is not None
    assert tree.layers.depth() == DEPTH + 1
    assert parts_of(layer, tree.visualRect(index)).name.width() >= 80
    assert tree.viewport().rect().contains(tree.visualRect(index).center())


def test_shallow_trees_indent_as_usual(panel: LayersPanel, session: Session) -> None:
    usual = panel.tree.indentation()
    session.start(nested(DEPTH))
    assert panel.tree.indentation() < usual
    session.start(nested(2))
    assert panel.tree.indentation() == usual


def test_five_hundred_layers_are_all_reached(panel: LayersPanel, session: Session, many: Document) -> None:
    session.start(many)
    session.select([LayerId("l0.0")])
    tree = panel.tree
    assert tree.viewport().rect().contains(tree.visualRect(tree.layers.index_of(LayerId("l0.0"))).center())
    assert sum(1 for _ in session.document.walk()) == 500
