"""The icons of this project: SVG line drawings on a 20 px grid, drawn in the colours of the theme.

button.setIcon(icon("eye"))       again on QEvent.Type.PaletteChange: an icon keeps the colours it was made in
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from studio import resources
from studio.ui import theme


def names() -> list[str]:
    """Every icon there is."""
    return sorted(path.stem for path in (resources.assets_dir() / "icons").glob("*.svg"))


def icon(name: str) -> QIcon:
    """The icon in the current theme's colours, greyed when disabled. Raises FileNotFoundError for an unknown name."""
    look = theme.current()
    return tinted(name, look.text, look.disabled, look.selection_text)


@cache
def tinted(name: str, color: str, disabled: str, chosen: str) -> QIcon:
    """The icon in these colours (#rrggbb): as it is, disabled, and on a selection.

    Raises FileNotFoundError for an unknown name.
    """
    _source(name)
    return QIcon(_Drawing(name, color, disabled, chosen))


def drawn(name: str, color: str, size_px: int, scale: float = 1) -> QPixmap:
    """One drawing of `size_px` logical pixels at a screen scale. Raises FileNotFoundError for an unknown name."""
    pixmap = _rendered(name, color, QSize(round(size_px * scale), round(size_px * scale)))
    pixmap.setDevicePixelRatio(scale)
    return pixmap


_cloned: list[QIconEngine] = []
"""Held for good, because PySide 6.11 deletes what `clone` returns with its last reference, though it is Qt's by then.
Qt clones when something is added to an icon, which nothing here does."""


class _Drawing(QIconEngine):
    """Draws an icon when it is shown, in the size that is asked for: a window has hundreds and shows few at once."""

    def __init__(self, name: str, color: str, disabled: str, chosen: str) -> None:
        super().__init__()
        self._name, self._color, self._disabled, self._chosen = name, color, disabled, chosen
        self._made: dict[tuple[int, int, str], QPixmap] = {}

    def clone(self) -> QIconEngine:
        copy = _Drawing(self._name, self._color, self._disabled, self._chosen)
        _cloned.append(copy)
        return copy

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """`size` in device pixels; drawings are square, so the shorter side counts."""
        if size.isEmpty():
            return QPixmap()
        color = self._tint(mode, state)
        key = size.width(), size.height(), color
        made = self._made.get(key)
        if made is None:
            side = min(size.width(), size.height())
            made = self._made[key] = _rendered(self._name, color, QSize(side, side))
        return made

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        scale = painter.device().devicePixelRatioF()
        side = min(rect.width(), rect.height())
        if side <= 0:
            return
        square = QRect(0, 0, side, side)
        square.moveCenter(rect.center())
        painter.drawPixmap(square, self.pixmap(QSize(round(side * scale), round(side * scale)), mode, state))

    def _tint(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        if mode is QIcon.Mode.Disabled:
            return self._disabled
        return self._chosen if mode is QIcon.Mode.Selected or state is QIcon.State.On else self._color


def _rendered(name: str, color: str, size: QSize) -> QPixmap:
    """A drawing that fills so many device pixels."""
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", color).encode()))
    pixmap = QPixmap(size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(pixmap.rect()))
    painter.end()
    return pixmap


@cache
def _source(name: str) -> str:
    return (resources.assets_dir() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
