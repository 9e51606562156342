"""The icons of this project: SVG line drawings on a 20 px grid, drawn in the colours of the theme.

button.setIcon(icon("eye"))       again on QEvent.Type.PaletteChange: an icon keeps the colours it was made in
"""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from studio import resources
from studio.ui import theme

SIZES_PX = (16, 20, 40)
_SCALES = (1, 2)


def names() -> list[str]:
    """Every icon there is."""
    return sorted(path.stem for path in (resources.assets_dir() / "icons").glob("*.svg"))


def icon(name: str) -> QIcon:
    """The icon in the current theme's colours, greyed when disabled. Raises FileNotFoundError for an unknown name."""
    look = theme.current()
    return tinted(name, look.text, look.disabled, look.selection_text)


@cache
def tinted(name: str, color: str, disabled: str, chosen: str) -> QIcon:
    """The icon in these colours (#rrggbb): as it is, disabled, and on a selection."""
    out = QIcon()
    for size in SIZES_PX:
        for scale in _SCALES:
            for tint, mode, state in (
                (color, QIcon.Mode.Normal, QIcon.State.Off),
                (disabled, QIcon.Mode.Disabled, QIcon.State.Off),
                (chosen, QIcon.Mode.Normal, QIcon.State.On),
            ):
                out.addPixmap(drawn(name, tint, size, scale), mode, state)
    return out


def drawn(name: str, color: str, size_px: int, scale: float = 1) -> QPixmap:
    """One drawing of `size_px` logical pixels at a screen scale. Raises FileNotFoundError for an unknown name."""
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", color).encode()))
    pixmap = QPixmap(round(size_px * scale), round(size_px * scale))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap


@cache
def _source(name: str) -> str:
    return (resources.assets_dir() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
