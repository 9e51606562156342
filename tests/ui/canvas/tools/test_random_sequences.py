"""Random gestures with the real tools: each document is sound, undone it is the start, saved it is kept."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import StudioError
from studio.io.formats import open_document, save_document
from studio.session import Session
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tool import Tool
from studio.ui.canvas.view import CanvasView
from studio.ui.toolbox import SPECS
from tests.ui.canvas.gestures import click, drag
from tests.ui.canvas.tools.conftest import ALT, NONE, PAPER, SHIFT, TOP

CONTROL = Qt.KeyboardModifier.ControlModifier
DRAGGED = (
    "select_rectangle", "select_ellipse", "lasso", "wand", "brush", "eraser", "smudge", "clone", "gradient", "fill",
    "dodge", "burn", "transform", "crop", "move",
)  # fmt: skip
places = st.tuples(st.integers(-10, 210), st.integers(-10, 160))
gestures = st.tuples(
    st.sampled_from(DRAGGED),
    st.lists(places, min_size=1, max_size=3),
    st.sampled_from((NONE, SHIFT, ALT, CONTROL)),
)
others = st.sampled_from(
    ("undo", "undo", "redo", "enter", "escape", "paper", "top", "mask", "quick", "deselect", "lock")
)


class Hand:
    """Works with the tools as a user does."""

    def __init__(self, canvas: CanvasView, session: Session, kit: ToolKit, qtbot: QtBot) -> None:
        self._canvas = canvas
        self._session = session
        self._kit = kit
        self._qtbot = qtbot
        self._tools: dict[str, Tool] = {}

    def use(self, name: str) -> None:
        """Take a tool."""
        if name not in self._tools:
            self._tools[name] = SPECS[name].make(self._kit)
        self._canvas.set_tool(self._tools[name])
        self._canvas.zoom_to(1.0)

    def draw(self, name: str, way: list[tuple[int, int]], held: Qt.KeyboardModifier) -> None:
        """Click, or drag through some places."""
        self.use(name)
        if len(way) == 1:
            click(self._canvas, *way[0], held)
        else:
            drag(self._canvas, *way, modifiers=held)

    def do(self, what: str) -> None:
        """Something that is not drawn."""
        session, target = self._session, self._kit.target
        match what:
            case "undo" | "redo":
                if self._canvas.tool.settle():
                    getattr(session.history, what)()
            case "enter" | "escape":
                key = Qt.Key.Key_Return if what == "enter" else Qt.Key.Key_Escape
                QTest.keyClick(self._canvas.surface, key)
            case "paper" | "top":
                session.select([PAPER if what == "paper" else TOP])
            case "mask":
                layer = session.document.layer(session.selection[0])
                if layer.mask is None:
                    session.history.apply(edits.step(edits.mask_from_selection, layer.id))
                target.choose(None if target.mask_of else layer.id)
            case "quick":
                target.choose_selection(not target.is_selection)
            case "deselect":
                session.history.apply(edits.step(edits.deselect))
            case _:
                layer = session.document.layer(session.selection[0])
                locks = type(layer.locks)(alpha=not layer.locks.alpha)
                session.history.apply(edits.step(edits.set_locks, layer.id, locks))

    def rest(self) -> None:
        """Wait until nothing is worked out any more."""
        self._qtbot.waitUntil(lambda: not self._canvas.work.is_busy and not self._kit.work.is_busy, timeout=60_000)


def _went_back(session: Session) -> Document:
    while session.history.can_undo:
        session.history.undo()
    return session.document


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.one_of(gestures, gestures, others), min_size=4, max_size=12))
def test_any_sequence_leaves_sound_documents_that_undo_and_save(
    canvas: CanvasView,
    document: Document,
    session: Session,
    kit: ToolKit,
    qtbot: QtBot,
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[str | tuple[str, list[tuple[int, int]], Qt.KeyboardModifier]],
) -> None:
    session.start(document)
    session.select([TOP])
    kit.target.choose_selection(False)
    hand = Hand(canvas, session, kit, qtbot)
    for step in steps:
        try:
            hand.do(step) if isinstance(step, str) else hand.draw(*step)
        except StudioError as error:
            assert error.message
        hand.rest()
        assert session.document.check() == []
    hand.use("hand")  # what is under way is applied, or given up
    hand.rest()
    assert session.history.is_at_rest
    end = session.document
    assert end.check() == []
    path = tmp_path_factory.mktemp("drawn") / "drawn.lamina"
    save_document(end, path)
    assert open_document(path).document == end
    labels = session.history.labels
    assert _went_back(session) == document
    while session.history.can_redo:
        session.history.redo()
    assert session.history.labels == labels
