"""A button of an option line that opens a page of more controls below itself."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QSizePolicy, QToolButton, QVBoxLayout, QWidget

INSET_PX = 10


class Flyout(QToolButton):
    """`page` is what is open, made anew each time; Escape and a click elsewhere close it.

    Args:
        make: makes the page, given its parent.
    """

    def __init__(
        self, label: str, help_: str, make: Callable[[QWidget], QWidget], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._make = make
        self.page: QWidget | None = None
        self.setText(f"{label}…")
        self.setAccessibleName(label)
        self.setToolTip(help_)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.open)

    def open(self) -> None:
        """Show the page below the button, with its first control ready for keys."""
        frame = QFrame(self, Qt.WindowType.Popup)
        frame.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        frame.setFrameShape(QFrame.Shape.StyledPanel)
        frame.setWindowTitle(self.accessibleName())
        frame.setAccessibleName(self.accessibleName())
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(INSET_PX, INSET_PX, INSET_PX, INSET_PX)
        self.page = self._make(frame)
        self.page.destroyed.connect(self._forget)
        inside.addWidget(self.page)
        frame.adjustSize()
        frame.move(self.mapToGlobal(QPoint(0, self.height() + 2)))
        frame.show()
        frame.focusNextChild()

    def _forget(self) -> None:
        self.page = None
