"""What the dialogs of filters, adjustments and edge repair share: the result on the canvas first, then one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.events import DocumentChanged, Subscriptions
from studio.core.history import LabelledEdit
from studio.core.layers import LayerId
from studio.session import DocumentOpened, Session
from studio.ui import theme
from studio.ui.canvas.view import CanvasView
from studio.ui.filtering import text
from studio.ui.filtering.background import Background
from studio.ui.filtering.text import say
from studio.ui.forms.field import tint
from studio.ui.panels.layers.describing import one_line
from studio.ui.refusals import say_refusal
from studio.ui.text import say_edit

BUSY_MS = 300
"""A preview that takes longer than this shows that it is being made."""
TITLE_PX = 320
"""The room that a layer's name has in the title."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """What a dialog works with."""

    session: Session
    canvas: CanvasView
    background: Background


class PreviewDialog(QDialog):
    """Shows on the canvas what would become of a layer, and does it when it is accepted.

    It leaves the window usable: the canvas can be zoomed and moved, and what is shown follows. A subclass puts its
    controls into `body`, says by `edit` what is to be done, and by `look` how that is shown; it calls `changed` when a
    value changed. Work that is under way ends with the dialog.

    Args:
        label: what the history calls the edit, in English.
    """

    view_matters = False
    """Whether what is shown depends on what is seen of the canvas."""

    applying = Signal()
    """It is worked out and about to be done."""
    closed = Signal()

    def __init__(self, workplace: Workplace, layer: LayerId, label: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.session, self.canvas, self._background = workplace.session, workplace.canvas, workplace.background
        self.layer = layer
        self.label = label
        self._picture: Document | None = None
        self._applying = False
        self._is_over = False
        self._busy = QTimer(self, singleShot=True, interval=BUSY_MS)
        self._busy.timeout.connect(lambda: self.progress.show())
        self.setObjectName("preview_dialog")
        self.setModal(False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.current().spacing_px)
        self.fault = QLabel(self)
        self.fault.setWordWrap(True)
        self.fault.hide()
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName(say(text.PROGRESS))
        policy = self.progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(policy)
        self.progress.hide()
        self.preview_box = QCheckBox(say(text.PREVIEW), self)
        self.preview_box.setToolTip(say(text.PREVIEW_HELP))
        self.preview_box.setChecked(True)
        self.preview_box.toggled.connect(lambda _: self.changed())
        self.before_button = self._button(text.BEFORE, text.BEFORE_HELP)
        self.before_button.pressed.connect(lambda: self.canvas.show_preview(self.before()))
        self.before_button.released.connect(self._show_picture)
        self.reset_button = self._button(text.RESET, text.RESET_HELP)
        self.reset_button.clicked.connect(self.reset)
        self.cancel_button = self._button(text.CANCEL)
        self.cancel_button.clicked.connect(self.reject)
        self.apply_button = self._button(text.APPLY)
        self.apply_button.setDefault(True)
        self.apply_button.clicked.connect(self.accept)
        self._lay_out()
        self._show_title()
        self._subscriptions = Subscriptions()
        self._subscriptions.listen(self.session.document_changed, self._on_changed)
        self._subscriptions.listen(self.session.opened, self._on_opened)
        self._subscriptions.listen(self.session.was_shut, self._on_shut)
        self.canvas.view_changed.connect(self._on_view)

    # What a subclass says

    def edit(self) -> LabelledEdit:
        """What is to be done, as an edit of the table. It may hold no Qt object."""
        raise NotImplementedError

    def look(self) -> None:
        """Have it shown: by `show_picture` at once, or by `make` in the background."""
        raise NotImplementedError

    def before(self) -> Document | None:
        """What is shown while the button is held down; the document itself for None."""
        return None

    def reset(self) -> None:
        """All values as they were at first."""
        raise NotImplementedError

    def why_not(self) -> str:
        """Why it cannot be applied now; empty when it can."""
        return ""

    # What a subclass uses

    def changed(self) -> None:
        """Show what became of the values."""
        reason = self.why_not()
        self.apply_button.setEnabled(not reason and not self._applying)
        self.apply_button.setToolTip(reason)
        self.before_button.setEnabled(self.preview_box.isChecked())
        self._complain("")
        if self._applying:
            return
        if not self.preview_box.isChecked() or reason:
            self._background.stop()
            self._rest()
            self.show_picture(None)
        else:
            self.look()

    def make(self, work: Callable[[], Document], *, stops: bool = False) -> None:
        """Show what `work` makes, once that is done in the background; a newer wish takes the place of an older one."""
        if not self._busy.isActive() and self.progress.isHidden():
            self._busy.start()
        self.progress.setRange(0, 0)
        self.progress.setAccessibleDescription(say(text.LOOKING))
        self._background.ask(work, self._on_made, self._on_failed, self._on_share, stops=stops)

    def show_picture(self, document: Document | None) -> None:
        """Show this in place of the document; None shows the document as it is."""
        self._picture = document
        self._show_picture()

    # Ending

    def accept(self) -> None:
        """Do it exactly, in the background; then it is one undo step and the dialog closes."""
        if self._applying or self.why_not():
            return
        self._set_applying(True)
        base, edit = self.session.document, replace(self.edit(), label=self.label)

        def done(result: Document) -> None:
            self._let_go()
            self.applying.emit()
            done = finish(self.session, edit, base, result)  # the canvas goes on from the preview to the new document
            self._end()
            self.done(QDialog.DialogCode.Accepted if done else QDialog.DialogCode.Rejected)

        self._background.ask(lambda: edit(base), done, self._on_failed, self._on_share, stops=True)

    def reject(self) -> None:
        """Stop applying; else close, with the document as it is."""
        if self._applying:
            self._background.stop()
            self._set_applying(False)
            self.changed()
            return
        self._end()
        super().reject()

    def release(self) -> None:
        """Let go of the canvas and the session; the window goes away."""
        self._end()

    def _end(self) -> None:
        """Show the document itself again, and hear nothing more. Ending twice is fine."""
        if self._is_over:
            return
        self._is_over, self._applying = True, False
        self._let_go()
        self._background.stop()
        self.canvas.view_changed.disconnect(self._on_view)
        self.canvas.show_preview(None)
        self.closed.emit()

    def _rest(self) -> None:
        """Nothing is being made any more."""
        self._busy.stop()
        self.progress.hide()

    def _let_go(self) -> None:
        """Hear nothing more of the session."""
        self._busy.stop()
        self._subscriptions.close()

    def _set_applying(self, applying: bool) -> None:
        self._applying = applying
        for widget in (self.preview_box, self.before_button, self.reset_button, self.apply_button, *self._controls()):
            widget.setEnabled(not applying)
        self.cancel_button.setText(say(text.STOP if applying else text.CANCEL))
        self._busy.stop()
        self.progress.setRange(0, 0)
        self.progress.setVisible(applying)
        self.progress.setAccessibleDescription(say(text.APPLYING, name=say_edit(self.label)) if applying else "")

    def _controls(self) -> list[QWidget]:
        """The widgets of the body."""
        items = (self.body.itemAt(index) for index in range(self.body.count()))
        return [widget for item in items if item is not None and (widget := item.widget()) is not None]

    # What comes in

    def _on_made(self, document: Document) -> None:
        self._rest()
        self.show_picture(document)

    def _on_failed(self, error: Exception) -> None:
        if self._applying:
            self._set_applying(False)
        self._rest()
        self.show_picture(None)
        told = error if isinstance(error, StudioError) else StudioError(say(text.UNFORESEEN), detail=repr(error))
        self._complain(say_refusal(told))

    def _on_share(self, share: float) -> None:
        self.progress.setRange(0, 1000)
        self.progress.setValue(round(1000 * share))

    def _on_changed(self, news: DocumentChanged) -> None:
        """Another document under way: the preview is made anew; without the layer there is nothing to do."""
        if news.new.find(self.layer) is None:
            self._background.stop()
            self._applying = False
            self.reject()
            return
        self._picture = None
        if self._applying:
            self._background.stop()
            self._set_applying(False)
            self.accept()
        else:
            self._show_title()
            self.document_changed()
            self.changed()

    def document_changed(self) -> None:
        """For what a subclass keeps of the document."""

    def _on_opened(self, _: DocumentOpened) -> None:
        self._applying = False
        self.reject()

    def _on_shut(self, _: None) -> None:
        self._applying = False
        self.reject()

    def _on_view(self) -> None:
        if self.view_matters and not self._applying:
            self.changed()

    def _show_picture(self) -> None:
        if not self.before_button.isDown():
            self.canvas.show_preview(self._picture)

    def _complain(self, words: str) -> None:
        self.fault.setText(words)
        self.fault.setVisible(bool(words))
        tint(self.fault, theme.current().danger)

    def _show_title(self) -> None:
        name = one_line(self.session.document.layer(self.layer).name)
        short = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, TITLE_PX)
        self.setWindowTitle(say(text.TITLE, name=say_edit(self.label), layer=short))

    def _button(self, label: str, help: str = "") -> QPushButton:
        button = QPushButton(say(label), self)
        button.setToolTip(say(help) if help else "")
        button.setAutoDefault(False)
        return button

    def _lay_out(self) -> None:
        gap = theme.current().spacing_px
        look = QHBoxLayout()
        look.addWidget(self.preview_box)
        look.addWidget(self.before_button)
        look.addStretch(1)
        look.addWidget(self.reset_button)
        ends = QHBoxLayout()
        ends.addStretch(1)
        ends.addWidget(self.cancel_button)
        ends.addWidget(self.apply_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap + 4, gap + 4, gap + 4, gap + 4)
        column.setSpacing(gap)
        column.addLayout(self.body, 1)
        column.addWidget(self.fault)
        column.addWidget(self.progress)
        column.addLayout(look)
        column.addLayout(ends)


def finish(session: Session, edit: LabelledEdit, base: Document, result: Document) -> bool:
    """Make a result that was worked out beside the window the next step; False when it cannot be done any more.

    Args:
        base: what `result` was made of; where the document is another one meanwhile, the edit is done to that.
    """

    def change(document: Document) -> Document:
        return result if document is base else edit(document)

    try:
        session.history.apply(replace(edit, function=change))
    except StudioError as error:
        session.troubled.emit(error)
        return False
    return True
