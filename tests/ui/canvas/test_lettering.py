"""The text tool with real events: writing, changing, what is seen meanwhile, and what becomes of the document."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.compositing import composite
from studio.core.geometry import Point
from studio.core.layers import LayerId, Locks, RasterLayer
from studio.core.lettering import Lettering, TextAlignment
from studio.lettering import fonts, is_written, write_text
from studio.session import Session
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tools.lettering import LetteringTool
from studio.ui.canvas.tools.lettering_options import LetteringOptions
from studio.ui.canvas.tools.move import MoveTool
from studio.ui.canvas.view import CanvasView
from studio.ui.panels.layers import describing
from tests.ui.canvas.gestures import click

TEXT = LayerId("text")
CONTROL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def kit() -> ToolKit:
    return ToolKit()


@pytest.fixture
def canvas(show: Callable[[Session], CanvasView], session: Session) -> CanvasView:
    return show(session)


@pytest.fixture
def tool(canvas: CanvasView, kit: ToolKit) -> LetteringTool:
    fonts.faces()  # so that nothing is looked for
    tool = LetteringTool(kit)
    tool.settings.change(size_px=40.0)
    canvas.set_tool(tool)
    return tool


def write(tool: LetteringTool, words: str) -> None:
    assert tool.field is not None
    QTest.keyClicks(tool.field, words)


def keep(tool: LetteringTool) -> None:
    assert tool.field is not None
    QTest.keyClick(tool.field, Qt.Key.Key_Return, CONTROL)


def begin_on_text(canvas: CanvasView, session: Session) -> None:
    box = session.document.layer(TEXT).bounds
    click(canvas, (box.left + box.right) / 2, (box.top + box.bottom) / 2)


def top(session: Session) -> RasterLayer:
    layer = session.document.layers[-1]
    assert isinstance(layer, RasterLayer)
    return layer


def lettering(session: Session) -> Lettering:
    found = top(session).lettering
    assert found is not None
    return found


def test_fonts_are_found_beside_the_window(canvas: CanvasView, kit: ToolKit, qtbot: QtBot) -> None:
    fonts.faces.cache_clear()
    tool = LetteringTool(kit)
    canvas.set_tool(tool)
    options = tool.options(canvas)
    qtbot.addWidget(options)
    assert not options.family.isEnabled()
    assert options.family.count() == 0
    with qtbot.waitSignal(tool.changed):
        pass
    assert options.family.isEnabled()
    assert options.family.count() == len(fonts.families())
    assert options.family.currentText() == fonts.usual_family()


def test_a_click_and_letters_make_a_layer_in_one_step(
    canvas: CanvasView, tool: LetteringTool, session: Session, qtbot: QtBot
) -> None:
    start = session.document
    click(canvas, 100, 120)
    assert tool.is_writing
    write(tool, "Hi")
    assert session.document is start
    assert tool.field is not None
    QTest.keyClick(tool.field, Qt.Key.Key_Return)
    write(tool, "you")
    keep(tool)
    assert lettering(session).text == "Hi\nyou"
    assert describing.kind(top(session)) == "Text layer"
    assert session.history.labels == ("", "Write text")
    assert session.selection == (top(session).id,)
    assert top(session).origin - lettering(session).offset == Point(100, 120)
    assert canvas.surface.hasFocus()
    (call,) = list(session.history.calls[-1] or ())
    assert (call.id, "layer_id" in call.arguments) == ("write_text", False)  # a macro makes a layer of its own
    session.history.undo()
    assert session.document is start


def test_what_is_typed_is_seen_before_it_is_there(
    canvas: CanvasView, tool: LetteringTool, session: Session, qtbot: QtBot
) -> None:
    click(canvas, 30, 180)
    write(tool, "MMM")
    qtbot.waitUntil(lambda: canvas.is_settled)
    preview = canvas.preview
    assert preview is not None
    wanted = composite(preview)
    black = np.argwhere((wanted[..., :3] == 0).all(axis=-1))
    y, x = black[len(black) // 2]
    assert canvas.surface.picture.pixel(int(x), int(y)) == (0, 0, 0, 255)
    keep(tool)
    assert composite(session.document).tobytes() == wanted.tobytes()


def test_escape_leaves_everything_as_it_was(
    canvas: CanvasView, tool: LetteringTool, session: Session, qtbot: QtBot
) -> None:
    start = session.document
    click(canvas, 100, 120)
    write(tool, "Never")
    assert tool.field is not None
    QTest.keyClick(tool.field, Qt.Key.Key_Escape)
    assert session.document is start
    assert not tool.is_writing
    assert canvas.preview is None


@pytest.mark.parametrize("end", ["a click elsewhere", "another tool"])
def test_other_ends_keep_the_text(canvas: CanvasView, tool: LetteringTool, session: Session, end: str) -> None:
    click(canvas, 100, 120)
    write(tool, "Kept")
    if end == "another tool":
        canvas.set_tool(MoveTool())
    else:
        click(canvas, 10, 10)
    assert lettering(session).text == "Kept"
    assert not tool.is_writing


def test_nothing_typed_leaves_nothing(canvas: CanvasView, tool: LetteringTool, session: Session) -> None:
    click(canvas, 100, 120)
    click(canvas, 10, 10)
    assert session.history.labels == ("",)


def test_a_click_on_a_text_changes_it(canvas: CanvasView, tool: LetteringTool, session: Session) -> None:
    told = Lettering(text="Old", size_px=50, tracking=30, alignment=TextAlignment.CENTER)
    session.apply("Text", lambda document: write_text(document, told, (150, 120), layer_id=TEXT))
    session.history.apply(edits.step(edits.translate, (TEXT,), Point(9, 8)))
    box = session.document.layer(TEXT).bounds
    click(canvas, (box.left + box.right) / 2, (box.top + box.bottom) / 2)
    assert tool.field is not None
    assert tool.field.toPlainText() == "Old"
    assert tool.settings.now.tracking == 30
    write(tool, "er")
    keep(tool)
    assert lettering(session).text == "Older"
    assert top(session).origin - lettering(session).offset == Point(159, 128)
    assert session.history.undo_label == "Change text"
    assert is_written(top(session))


def test_a_painted_text_is_told_and_stays(
    canvas: CanvasView, tool: LetteringTool, session: Session, qtbot: QtBot
) -> None:
    session.apply("Text", lambda document: write_text(document, Lettering(text="Old"), (50, 120), layer_id=TEXT))
    box = session.document.layer(TEXT).bounds
    patch = np.full((3, 3, 4), 255, np.uint8)
    session.history.apply(edits.step(edits.write_pixels, TEXT, box.origin, patch))
    with qtbot.waitSignal(canvas.notice) as told:
        click(canvas, box.left + 2, box.top + 2)
    assert "after it was written" in str(told.args)
    assert not tool.is_writing


def test_the_style_and_the_colour_are_taken_while_writing(
    canvas: CanvasView, tool: LetteringTool, session: Session, kit: ToolKit, qtbot: QtBot
) -> None:
    options = tool.options(canvas)
    assert isinstance(options, LetteringOptions)
    qtbot.addWidget(options)
    options.adjustSize()
    options.show()
    assert not options.apply_button.isEnabled()
    click(canvas, 40, 120)
    write(tool, "Ay")
    assert options.apply_button.isEnabled()
    options.weight.setCurrentIndex(options.weight.findData(700))
    options.weight.activated.emit(options.weight.currentIndex())
    QTest.mouseClick(options.italic, Qt.MouseButton.LeftButton)
    options.size_field.setValue(60)
    options.alignment.setCurrentIndex(options.alignment.findData(TextAlignment.RIGHT))
    options.alignment.activated.emit(options.alignment.currentIndex())
    options.tracking.setValue(100)
    options.line_height.setValue(150)
    kit.colors.options.change(foreground=(1.0, 0.0, 0.0))
    QTest.mouseClick(options.apply_button, Qt.MouseButton.LeftButton)
    told = lettering(session)
    assert (told.weight, told.italic, told.size_px, told.alignment) == (700, True, 60, TextAlignment.RIGHT)
    assert (told.tracking, told.line_height, told.color) == (100, 1.5, (1.0, 0.0, 0.0))


def test_input_methods_write_too(canvas: CanvasView, tool: LetteringTool, session: Session) -> None:
    click(canvas, 40, 120)
    assert tool.field is not None
    event = QInputMethodEvent()
    event.setCommitString("文字")
    QApplication.sendEvent(tool.field, event)
    keep(tool)
    assert lettering(session).text == "文字"


def test_the_field_stays_inside_the_view(canvas: CanvasView, tool: LetteringTool) -> None:
    click(canvas, 299, 199)
    write(tool, "Wide words at the very end")
    assert tool.field is not None
    assert canvas.surface.rect().contains(tool.field.geometry())
    QTest.keyClick(tool.field, Qt.Key.Key_Escape)


def test_the_field_goes_along_with_the_view(canvas: CanvasView, tool: LetteringTool, qtbot: QtBot) -> None:
    click(canvas, 60, 60)
    write(tool, "Here")
    field = tool.field
    assert field is not None
    before = field.pos()
    canvas.set_transform(canvas.transform.panned(40, 60))
    qtbot.waitUntil(lambda: field.pos() == before + QPoint(40, 60))
    QTest.keyClick(field, Qt.Key.Key_Escape)


def test_what_cannot_be_kept_is_still_written(
    canvas: CanvasView, tool: LetteringTool, session: Session, qtbot: QtBot
) -> None:
    session.apply("Text", lambda document: write_text(document, Lettering(text="Old"), (50, 120), layer_id=TEXT))
    begin_on_text(canvas, session)
    write(tool, "er")
    session.history.apply(edits.step(edits.set_locks, TEXT, Locks(pixels=True)))
    with qtbot.waitSignal(canvas.notice):
        keep(tool)
    assert tool.field is not None
    assert tool.field.toPlainText() == "Older"
    canvas.set_tool(MoveTool())
    assert QApplication.clipboard().text() == "Older"
    assert lettering(session).text == "Old"


def test_a_new_text_goes_on_top_when_the_layer_below_it_went(
    canvas: CanvasView, tool: LetteringTool, session: Session
) -> None:
    session.select([LayerId("square")])
    click(canvas, 100, 120)
    write(tool, "Kept")
    session.history.apply(edits.step(edits.remove_layers, [LayerId("square")]))
    keep(tool)
    assert lettering(session).text == "Kept"


def test_words_outlive_their_layer(canvas: CanvasView, tool: LetteringTool, session: Session) -> None:
    session.apply("Text", lambda document: write_text(document, Lettering(text="Old"), (50, 120), layer_id=TEXT))
    begin_on_text(canvas, session)
    write(tool, "er")
    session.history.undo()
    keep(tool)
    assert lettering(session).text == "Older"


def test_a_missing_font_is_told_and_nothing_is_redrawn(
    canvas: CanvasView, tool: LetteringTool, session: Session, qtbot: QtBot
) -> None:
    told = Lettering(text="Old", family="No such family")
    session.apply("Text", lambda document: write_text(document, told, (50, 120), layer_id=TEXT))
    options = tool.options(canvas)
    qtbot.addWidget(options)
    before = session.document
    with qtbot.waitSignal(canvas.notice) as notice:
        begin_on_text(canvas, session)
    assert "No such family" in str(notice.args)
    assert options.family.currentText() == "No such family (missing)"
    click(canvas, 290, 190)
    assert not tool.is_writing
    assert session.document is before


def test_an_old_text_keeps_its_colour_until_another_is_chosen(
    canvas: CanvasView, tool: LetteringTool, session: Session, kit: ToolKit
) -> None:
    told = Lettering(text="Old", color=(0.0, 0.0, 1.0))
    session.apply("Text", lambda document: write_text(document, told, (50, 120), layer_id=TEXT))
    begin_on_text(canvas, session)
    kit.colors.options.change(background=(0.0, 1.0, 0.0))
    write(tool, "er")
    keep(tool)
    assert lettering(session).color == (0.0, 0.0, 1.0)
    begin_on_text(canvas, session)
    kit.colors.options.change(foreground=(1.0, 0.0, 0.0))
    keep(tool)
    assert lettering(session).color == (1.0, 0.0, 0.0)
