"""What the fields of all kinds of parameters have in common."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QAbstractSlider, QAbstractSpinBox, QComboBox, QLabel, QToolButton, QWidget

from studio.plugin_api.params import ParamSpec
from studio.ui.forms.host import FormHost
from studio.ui.forms.text import say
from studio.ui.icons import icon


class Field(QWidget):
    """Asks for one parameter. `changed` tells that the user gave another value; `set_value` tells nothing."""

    changed = Signal()

    def __init__(self, spec: ParamSpec, host: FormHost, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.host = host

    @property
    def value(self) -> object:
        """The parameter's value, of the type that its dataclass field has."""
        raise NotImplementedError

    def set_value(self, value: object) -> None:
        """Show another value."""
        raise NotImplementedError

    def fault(self) -> str:
        """What is wrong with the value here and now, in words; empty when nothing is."""
        return ""

    def release(self) -> None:
        """Let go of the canvas; the field goes away."""


class IconButton(QToolButton):
    """A small flat button with an icon, which follows the theme. `name` is its tooltip and what is read out."""

    def __init__(self, icon_name: str, name: str, run: Callable[[], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self.setIcon(icon(icon_name))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoRaise(True)
        self.name = ""
        self.set_name(say(name))
        self.clicked.connect(lambda: run())

    def set_name(self, name: str) -> None:
        """Another name, already in the user's language."""
        self.name = name
        self.setToolTip(name)
        self.setAccessibleName(name)

    def set_icon(self, icon_name: str) -> None:
        """Another icon."""
        self._icon_name = icon_name
        self.setIcon(icon(icon_name))

    def allow(self, reason: str) -> None:
        """Enable it, or disable it with a reason, already in the user's language."""
        self.setEnabled(not reason)
        self.setToolTip(f"{self.name}\n{reason}" if reason else self.name)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_icon_name"):
            self.setIcon(icon(self._icon_name))
        super().changeEvent(event)


class _Stillness(QObject):
    """Keeps the wheel from changing what it only passes over while the form scrolls."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def still(widget: QAbstractSpinBox | QAbstractSlider | QComboBox) -> None:
    """Let the wheel change a control only while it has the focus."""
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(_Stillness(widget))


def tint(label: QLabel, color: str) -> None:
    """Give words a colour of the theme. Not by the palette: Qt puts the old one back when the theme changes."""
    label.setStyleSheet(f"color: {color};")


def tip(words: str) -> str:
    """A tooltip that breaks its lines."""
    return f"<p>{words.replace('&', '&amp;').replace('<', '&lt;')}</p>"
