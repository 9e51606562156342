"""What stands in the middle of the window: the open document, the welcome while there is none, a file's own picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from studio.session import Session
from studio.ui.canvas.view import CanvasView
from studio.ui.glimpse import Glimpse
from studio.ui.welcome import Welcome


class Middle(QStackedWidget):
    """The canvas, the welcome and the glimpse of a file that is being read, one at a time."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.canvas = CanvasView(session, self)
        self.page = QWidget(self)
        column = QVBoxLayout(self.page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        self.addWidget(self.page)
        self.glimpse = Glimpse(self)
        self.addWidget(self.glimpse)

    def make_welcome(self, actions: Callable[[str], QAction]) -> Welcome:
        """The page that is shown while nothing is open, with the window's actions."""
        self.welcome = Welcome(actions, self)
        self.addWidget(self.welcome)
        return self.welcome

    def show_file(self, recent: Sequence[Path]) -> None:
        """Show the document if one is open, else the welcome with these files; a glimpse of the coming one stays."""
        if self._session.has_document:
            self.setCurrentWidget(self.page)
        elif self.currentWidget() is not self.glimpse:
            self.welcome.show_recent(recent)
            self.setCurrentWidget(self.welcome)

    def show_glimpse(self, image: QImage) -> None:
        """Show what a file keeps of itself until its layers are read, or cannot be."""
        self.glimpse.show_image(image)
        self.setCurrentWidget(self.glimpse)

    def end_glimpse(self) -> None:
        """The file is read, or could not be."""
        if self.currentWidget() is self.glimpse:
            self.glimpse.show_image(QImage())
            self.setCurrentWidget(self.page if self._session.has_document else self.welcome)
