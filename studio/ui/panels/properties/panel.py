"""The properties panel: what the one chosen layer has besides its pixels."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from studio.core import edits
from studio.core.adjustments import Adjustment
from studio.core.events import DocumentChanged, Subscriptions
from studio.core.layers import AdjustmentLayer, Layer
from studio.session import Session
from studio.ui.panels.applying import apply
from studio.ui.panels.layers import text
from studio.ui.panels.layers.controls import Actions
from studio.ui.panels.layers.describing import kind, one_line
from studio.ui.panels.layers.text import say
from studio.ui.panels.properties.editor import Editor
from studio.ui.panels.properties.editors import EDITORS
from studio.ui.panels.properties.histogram import Histogram, below_layer
from studio.ui.panels.properties.parts import MadePart, MaskPart, reset_button


class PropertiesPanel(QWidget):
    """Follows the session; call `release` at the end."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: Layer | None = None
        self.setAccessibleName(say(text.PROPERTIES))
        self.histogram = Histogram(self)
        self.title = QLabel(self)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.reset = reset_button(self)
        self.editors: dict[type[Adjustment], Editor] = {kind: editor(self) for kind, editor in EDITORS.items()}
        self.mask_part = MaskPart(session, self)
        self.made = MadePart(self)
        self.empty = QLabel(say(text.PROPERTIES_EMPTY), self)
        self.empty.setWordWrap(True)
        self.empty.setMargin(24)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self._scrolled())
        self.pages.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pages)
        for editor in self.editors.values():
            editor.changed.connect(self._take)
            editor.settled.connect(self._settle)
            self.histogram.counted.connect(editor.show_histogram)
        self.reset.clicked.connect(self._reset)
        self._subscriptions = Subscriptions()
        self._subscriptions.listen(session.opened, self._on_news)
        self._subscriptions.listen(session.was_shut, self._on_news)
        self._subscriptions.listen(session.selected, self._on_news)
        self._subscriptions.listen(session.document_changed, self._on_changed)
        self.refresh()

    def use_actions(self, actions: Actions) -> None:
        """Make the buttons of the window's actions."""
        self.mask_part.use_actions(actions)
        self._shown = None
        self.refresh()

    def release(self) -> None:
        """Hear nothing more and end what works in the background."""
        self._subscriptions.close()
        self.histogram.release()

    def refresh(self) -> None:
        """Show the active layer as it is now."""
        layer = self._active()
        self.pages.setCurrentIndex(1 if layer is None else 0)
        if layer is not None and layer is not self._shown:
            self._show(layer)
        self._shown = layer
        self._count()

    def _scrolled(self) -> QScrollArea:
        page = QWidget(self)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.reset)
        column = QVBoxLayout(page)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(8)
        column.addLayout(head)
        for editor in self.editors.values():
            column.addWidget(editor)
        column.addWidget(self.mask_part)
        column.addWidget(self.made)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        return area

    def _show(self, layer: Layer) -> None:
        name = self.title.fontMetrics().elidedText(one_line(layer.name), Qt.TextElideMode.ElideRight, 150)
        self.title.setText(name if layer.name == kind(layer) else f"{name} · {kind(layer)}")
        self.title.setToolTip(one_line(layer.name))
        adjustment = layer.adjustment if isinstance(layer, AdjustmentLayer) else None
        for of, editor in self.editors.items():
            editor.setVisible(isinstance(adjustment, of))
        self.reset.setVisible(adjustment is not None)
        if adjustment is not None:
            self.editors[type(adjustment)].show_adjustment(adjustment)
        self.mask_part.show_layer(layer)
        self.made.show_record(layer.provenance)

    def _active(self) -> Layer | None:
        """The one chosen layer."""
        session = self._session
        if not session.has_document or len(session.selection) != 1:
            return None
        return session.document.find(session.selection[0])

    def _count(self) -> None:
        """Count what comes in where somebody looks at it."""
        layer = self._shown
        wanted = isinstance(layer, AdjustmentLayer) and self.editors[type(layer.adjustment)].wants_histogram
        if wanted and layer is not None and self.isVisible():
            self.histogram.follow(below_layer(self._session.document, layer.id))
        else:
            self.histogram.follow(None)

    def showEvent(self, event: QShowEvent) -> None:
        self._count()

    def hideEvent(self, event: QHideEvent) -> None:
        self._count()

    def _take(self, adjustment: Adjustment) -> None:
        layer = self._active()
        if isinstance(layer, AdjustmentLayer):
            apply(self._session, edits.step(edits.set_adjustment, layer.id, adjustment), ("adjustment", layer.id))

    def _settle(self) -> None:
        if self._session.has_document:
            self._session.history.seal()

    def _reset(self) -> None:
        layer = self._active()
        if isinstance(layer, AdjustmentLayer):
            apply(self._session, edits.step(edits.set_adjustment, layer.id, type(layer.adjustment)()))

    # What the session tells

    def _on_news(self, _: object) -> None:
        self.refresh()

    def _on_changed(self, news: DocumentChanged) -> None:
        self.refresh()
