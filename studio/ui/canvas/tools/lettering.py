"""The text tool: click to write, click on a text to change it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QCursor, QGuiApplication, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.events import DocumentChanged, Subscription
from studio.core.geometry import EMPTY, ORIGIN, Point, Rect
from studio.core.history import EditCall, LabelledEdit
from studio.core.layers import Layer, LayerId, RasterLayer, new_layer_id
from studio.core.lettering import Lettering
from studio.lettering import LETTERINGS, change_text, fonts, is_written, write_text
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.tool import CanvasHost, PointerEvent, Tool
from studio.ui.canvas.tools import lettering_text as text
from studio.ui.canvas.tools.lettering_field import LetteringField
from studio.ui.canvas.tools.lettering_options import LetteringOptions, LetteringSettings
from studio.ui.canvas.tools.lettering_text import say
from studio.ui.canvas.transform import ViewTransform
from studio.ui.refusals import say_refusal

HIT_PX = 4
"""How near to a text (canvas pixels) a click is on it."""


@dataclass(frozen=True, slots=True)
class _Work:
    """A text under way: the layer that it has or will have, its anchor, and the layer that a new one goes above."""

    layer: LayerId
    is_new: bool
    anchor: Point
    above: LayerId | None
    color: tuple[float, float, float]
    paint: tuple[float, float, float]
    """The foreground when it was last asked: the text follows it only when it changes."""
    old: Lettering | None = None
    """What the layer says, for one that is there."""


class LetteringTool(Tool):
    """Click on the picture: a new text layer. Click on a text layer: its words in a field, its style in the options.

    What is typed is seen at once; the document changes when it is kept, by Control and Enter, by a click elsewhere or
    by another tool. Escape leaves everything as it was. `changed` tells that writing began or ended, or that the fonts
    of this system are known, which are looked for beside the window when the tool is first chosen.
    """

    changed = Signal()

    def __init__(self, kit: ToolKit | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kit = kit or ToolKit()
        self.settings = self._kit.options("lettering", LetteringSettings())
        self._work: _Work | None = None
        self._field: LetteringField | None = None
        self._box = EMPTY
        self._placed_for = ViewTransform()
        self._held: list[Subscription] = []
        self._keeping = False

    @property
    def name(self) -> str:
        return say(text.TEXT)

    @property
    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.IBeamCursor)

    @property
    def is_writing(self) -> bool:
        """Whether a text is under way."""
        return self._work is not None

    @property
    def field(self) -> LetteringField | None:
        """Where it is typed."""
        return self._field

    def options(self, parent: QWidget) -> LetteringOptions:
        return LetteringOptions(self, self.changed, parent)

    def activate(self, host: CanvasHost) -> None:
        super().activate(host)
        if not fonts.are_found():
            host.compute("", fonts.faces, lambda _: self.changed.emit())
        self._held = [
            self.settings.changed.connect(lambda _: self._show()),
            self._kit.colors.options.changed.connect(lambda _: self._recolor()),
            host.session.opened.connect(lambda _: self._end()),
            host.session.was_shut.connect(lambda _: self._end()),
        ]

    def deactivate(self) -> None:
        if not self.keep():
            if words := self._words.strip():
                QGuiApplication.clipboard().setText(words)
                self.host.tell(say(text.ON_CLIPBOARD))
            self._end()
        for subscription in self._held:
            subscription.close()
        self._held = []
        super().deactivate()

    def press(self, event: PointerEvent) -> None:
        session = self.host.session
        if event.clicks == 2:
            return
        if self._work is not None:
            self.keep()
            return
        if not session.has_document:
            return
        found = text_at(session.document, event.x, event.y)
        if found is None:
            above = session.selection[0] if session.selection else None
            at = Point(round(event.x), round(event.y))
            self._begin(_Work(new_layer_id(), True, at, above, self._color, self._color), "")
        elif is_written(found) and found.lettering is not None:
            self._change(found, found.lettering)
        else:
            self._refuse(found)

    @property
    def is_pending(self) -> bool:
        return self._work is not None and self._differs(self._work)

    def settle(self) -> bool:
        return self.keep()

    def keep(self) -> bool:
        """Make what is written a step; nothing becomes of a text that nothing was done to.

        Returns False where the document does not take it: that is told, and writing goes on.
        """
        work, edit = self._work, self._edit()
        if work is None or edit is None or not self._differs(work):
            self._end()
            return True
        self._keeping = True
        try:
            self.host.session.history.apply(edit)
        except StudioError as error:
            self.host.tell(say_refusal(error))
            return False
        finally:
            self._keeping = False
        self._end()
        self.host.session.select([work.layer])
        return True

    def discard(self) -> None:
        """Leave everything as it was."""
        self._end()

    def document_changed(self, news: DocumentChanged) -> None:
        """Go on as long as there is something to write on."""
        work = self._work
        if work is None or self._keeping:
            return
        if not work.is_new and news.new.find(work.layer) is None:
            if not self._differs(work):
                self._end()
                return
            self._work = replace(work, is_new=True, old=None)  # its layer went; the words are kept as a new one
        self._show()

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        """A dashed line around the text, and a mark at its anchor."""
        if self._work is None:
            return
        if transform != self._placed_for:  # the view moved; widgets must not move while they are painted
            self._placed_for = transform
            QTimer.singleShot(0, self, self._place_field)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._box.is_empty:
            corners = QPolygonF([QPointF(x, y) for x, y in transform.corners(self._box.grown(HIT_PX))])
            for color, style in ((QColor(0, 0, 0, 110), Qt.PenStyle.SolidLine), (look.accent, Qt.PenStyle.DashLine)):
                painter.setPen(QPen(color, 1, style))
                painter.drawPolygon(corners)
        at = QPointF(*transform.to_view(self._work.anchor.x, self._work.anchor.y))
        for color, width in ((QColor(0, 0, 0, 150), 3.0), (look.accent, 1.5)):
            painter.setPen(QPen(color, width))
            painter.drawLine(at + QPointF(-5, 0), at + QPointF(5, 0))
            painter.drawLine(at, at + QPointF(0, -8))

    @property
    def _color(self) -> tuple[float, float, float]:
        return self._kit.colors.options.now.foreground

    def _change(self, layer: RasterLayer, lettering: Lettering) -> None:
        """Have the words and the style of a text layer changed."""
        self.host.session.select([layer.id])
        self.settings.change(
            family=lettering.family,
            size_px=lettering.size_px,
            weight=lettering.weight,
            italic=lettering.italic,
            alignment=lettering.alignment,
            tracking=lettering.tracking,
            line_height=lettering.line_height,
        )
        anchor = layer.origin - lettering.offset
        self._begin(_Work(layer.id, False, anchor, None, lettering.color, self._color, lettering), lettering.text)
        if not fonts.is_known(lettering.family):
            self.host.tell(say(text.FONT_MISSING, family=lettering.family))

    def _refuse(self, layer: RasterLayer) -> None:
        """Say why a text cannot be changed."""
        try:
            change_text(self.host.session.document, layer.id, Lettering(text="?"))
        except StudioError as error:
            self.host.tell(say_refusal(error))

    def _begin(self, work: _Work, words: str) -> None:
        self._work = work
        field = self._field = LetteringField(words, self.host.widget)
        field.textChanged.connect(self._show)
        field.kept.connect(self.keep)
        field.left.connect(self.discard)
        self._show()
        field.show()
        field.setFocus()
        self.changed.emit()

    def _end(self) -> None:
        """Show the document as it is, and have no text under way."""
        if self._work is None:
            return
        self._work = None
        field, self._field = self._field, None
        if field is not None:
            field.hide()
            field.deleteLater()
        if self.host.session.has_document:
            self.host.show_preview(None, self.host.session.document.canvas)
        self.host.take_focus()
        self.status.emit("")
        self.changed.emit()
        self.repaint.emit(None)

    def _recolor(self) -> None:
        if self._work is not None and self._color != self._work.paint:
            self._work = replace(self._work, color=self._color, paint=self._color)
            self._show()

    @property
    def _words(self) -> str:
        return "" if self._field is None else self._field.toPlainText()

    def _differs(self, work: _Work) -> bool:
        """Whether keeping it would change the document."""
        if work.old is None:
            return bool(self._words.strip())
        return self._lettering(work) != replace(work.old, offset=ORIGIN, digest="")

    def _lettering(self, work: _Work) -> Lettering:
        told = self.settings.now
        is_typed = work.old is None or self._field is None or self._field.document().isModified()
        return Lettering(
            text=self._words if work.old is None or is_typed else work.old.text,
            family=told.family,
            size_px=told.size_px,
            weight=told.weight,
            italic=told.italic,
            color=work.color,
            alignment=told.alignment,
            tracking=told.tracking,
            line_height=told.line_height,
        )

    def _edit(self) -> LabelledEdit | None:
        """What would make the text a part of the document."""
        work = self._work
        if work is None:
            return None
        lettering = self._lettering(work)
        if work.is_new:
            at = float(work.anchor.x), float(work.anchor.y)
            above = work.above if work.above and self.host.session.document.find(work.above) else None
            write = partial(write_text, lettering=lettering, at=at, above=above, layer_id=work.layer)
            return _step("write_text", write, "layer_id")
        return _step("change_text", partial(change_text, layer_id=work.layer, lettering=lettering))

    def _show(self) -> None:
        """Have the picture show what is written so far; without letters, what is there without it."""
        work, edit = self._work, self._edit()
        if work is None or edit is None or not self.is_active:
            return
        document = self.host.session.document
        try:
            preview = edit(document) if work.is_new or self._differs(work) else document
        except StudioError:
            preview = document
        layer = preview.find(work.layer)
        self._box = EMPTY if layer is None else layer.bounds
        self.host.show_preview(preview if preview is not document else None, document.canvas)
        self._place_field()
        self.status.emit(say(text.STATUS, name="" if layer is None else layer.name))
        self.repaint.emit(None)

    def _place_field(self) -> None:
        work = self._work
        if self._field is None or work is None:
            return
        spot = Rect(work.anchor.x, work.anchor.y, work.anchor.x + 1, work.anchor.y + 1)
        self._field.put_below(self.host.transform.covered(Rect.union((spot, self._box))))


def text_at(document: Document, x: float, y: float) -> RasterLayer | None:
    """The topmost text layer at a canvas point that is shown."""
    for layer in reversed(list(_shown(document.layers))):
        if isinstance(layer, RasterLayer) and layer.lettering is not None:
            bounds = layer.bounds.grown(HIT_PX)
            if bounds.left <= x < bounds.right and bounds.top <= y < bounds.bottom:
                return layer
    return None


def _shown(layers: tuple[Layer, ...]) -> list[Layer]:
    """Every layer that is not hidden, nor in a hidden group, bottom to top."""
    out: list[Layer] = []
    for layer in layers:
        if layer.visible:
            children = getattr(layer, "children", ())
            out += [*_shown(children), layer] if children else [layer]
    return out


def _step(name: str, edit: partial[Document], *unsaid: str) -> LabelledEdit:
    """An edit of the table with its arguments; a macro does it again without those that are `unsaid`."""
    told = {key: value for key, value in edit.keywords.items() if key not in unsaid}
    return LabelledEdit(LETTERINGS[name].label, edit, (EditCall(name, told),))
