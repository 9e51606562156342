"""The history panel: what it lists, and going there by mouse and keys."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.document import Document
from studio.core.geometry import ORIGIN, Size
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.session import Session
from studio.ui.panels.history import STATE, HistoryPanel, StepState

A = LayerId("a")


@pytest.fixture
def session() -> Session:
    session = Session()
    pixels = PixelBuffer.from_array(np.full((300, 300, 4), 90, np.uint8))
    session.start(Document(size=Size(300, 300), layers=(RasterLayer(id=A, name="a", pixels=pixels),)))
    return session


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication, session: Session) -> Iterator[HistoryPanel]:
    panel = HistoryPanel(session)
    qtbot.addWidget(panel)
    panel.resize(280, 320)
    panel.show()
    qtbot.waitExposed(panel)
    yield panel
    panel.release()


def work(session: Session) -> None:
    """Three steps: opacity, paint, rename."""
    session.history.apply(edits.step(edits.set_opacity, A, 0.5))
    session.history.apply(edits.step(edits.write_pixels, A, ORIGIN, np.full((9, 9, 4), 7, np.uint8)))
    session.history.apply(edits.step(edits.rename, A, "b"))


def states(panel: HistoryPanel) -> list[StepState]:
    return [panel.steps.index(row).data(STATE) for row in range(panel.steps.rowCount())]


def row_at(panel: HistoryPanel, row: int) -> QPoint:
    return panel.list.visualRect(panel.steps.index(row)).center()


def test_lists_every_step_and_marks_the_present_one(panel: HistoryPanel, session: Session) -> None:
    work(session)
    assert [state.label for state in states(panel)] == ["Opened", "Change opacity", "Paint", "Rename layer"]
    assert [state.is_current for state in states(panel)] == [False, False, False, True]
    session.history.undo()
    session.history.undo()
    assert [state.is_current for state in states(panel)] == [False, True, False, False]
    assert [state.is_undone for state in states(panel)] == [False, False, True, True]
    assert panel.list.currentIndex().row() == 1


def test_a_click_goes_there_and_back(panel: HistoryPanel, session: Session, qtbot: QtBot) -> None:
    work(session)
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=row_at(panel, 0))
    assert session.document.layer(A).opacity == 1.0
    assert session.history.cursor == 0
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=row_at(panel, 3))
    assert session.document.layer(A).name == "b"


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_keys_go_there(panel: HistoryPanel, session: Session, key: Qt.Key) -> None:
    work(session)
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Up)
    QTest.keyClick(panel.list, Qt.Key.Key_Up)
    assert session.history.cursor == 3
    QTest.keyClick(panel.list, key)
    assert session.history.cursor == 1


def test_a_new_edit_takes_the_undone_steps_away(panel: HistoryPanel, session: Session) -> None:
    work(session)
    session.history.go_to(1)
    session.history.apply(edits.step(edits.set_visible, A, False))
    assert [state.label for state in states(panel)] == ["Opened", "Change opacity", "Change visibility"]


def test_marks_what_the_file_holds(panel: HistoryPanel, session: Session) -> None:
    work(session)
    session.history.go_to(2)
    session.history.mark_saved()
    panel.refresh()
    assert [state.is_saved for state in states(panel)] == [False, False, True, False]
    assert states(panel)[2].words == "Paint, present state, saved"


def test_tells_the_memory(panel: HistoryPanel, session: Session) -> None:
    assert panel.memory.text().startswith("Undo memory: 0 bytes of 2.0 GiB")
    work(session)
    assert "256.0 KiB" in panel.memory.text()
    assert panel.bar.accessibleName() == panel.memory.text()


def test_another_document_and_none(panel: HistoryPanel, session: Session) -> None:
    work(session)
    session.start(Document(size=Size(9, 9)))
    assert [state.label for state in states(panel)] == ["Opened"]
    session.shut()
    assert panel.pages.currentWidget() is panel.empty
    assert not panel.foot.isVisible()


def test_in_the_middle_of_an_edit_it_says_so(panel: HistoryPanel, session: Session, qtbot: QtBot) -> None:
    work(session)
    told: list[str] = []
    subscription = session.troubled.connect(lambda error: told.append(error.message))
    with session.history.transaction("Stroke"):
        qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=row_at(panel, 0))
    subscription.close()
    assert told == ["This cannot be done in the middle of an edit."]
    assert session.history.cursor == 3


def test_many_steps_show_the_present_one(panel: HistoryPanel, session: Session) -> None:
    for number in range(200):
        session.history.apply(edits.step(edits.rename, A, f"name {number}"))
    assert panel.list.viewport().rect().contains(row_at(panel, 200))
    session.history.go_to(3)
    assert panel.list.viewport().rect().contains(row_at(panel, 3))
