"""How one row of the layer list looks and where its parts lie; painted by a delegate, with no widget per row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QIcon, QKeyEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from studio.core.adjustments import (
    Adjustment,
    BrightnessContrast,
    ColorBalance,
    Curves,
    Exposure,
    GradientMap,
    HueSaturation,
    Invert,
    Levels,
    Posterize,
    Threshold,
)
from studio.core.layers import AdjustmentLayer, ColorLabel, GroupLayer, Layer, Mask, RasterLayer
from studio.ui import icons, theme
from studio.ui.canvas.paints import PaintTarget
from studio.ui.panels.layers import text
from studio.ui.panels.layers.describing import mixing, one_line
from studio.ui.panels.layers.model import Column, LayerModel
from studio.ui.panels.layers.text import say
from studio.ui.panels.layers.thumbnails import Thumbnails
from studio.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
ROW_PX = 36
EYE_PX = 30
PICTURE_PX = 28
SMALL_PX = 20
ICON_PX = 16
LINK_PX = 14
GAP_PX = 6
NARROW_PX = 170
"""Below this width a row draws small pictures, so that deep nesting leaves room for the name."""
LEAST_NAME_PX = 72
"""What badges leave of the name; those that find no room are told by the tool tip and the controls."""
ADJUSTMENT_ICONS: dict[type[Adjustment], str] = {
    Levels: "levels",
    Curves: "curves",
    HueSaturation: "hue",
    BrightnessContrast: "brightness",
    ColorBalance: "balance",
    Exposure: "exposure",
    Invert: "invert",
    Threshold: "threshold",
    Posterize: "posterize",
    GradientMap: "gradient-map",
}
LABEL_COLORS = {
    ColorLabel.RED: "#d9534f",
    ColorLabel.ORANGE: "#e08a3c",
    ColorLabel.YELLOW: "#d6b93a",
    ColorLabel.GREEN: "#5aa65a",
    ColorLabel.BLUE: "#4a86c8",
    ColorLabel.VIOLET: "#8e6bbf",
    ColorLabel.GRAY: "#8a8a8a",
}


class Part(StrEnum):
    """What a click in a row can hit."""

    EYE = "eye"
    PICTURE = "picture"
    LINK = "link"
    MASK = "mask"
    BADGE = "badge"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class RowParts:
    """Where the parts of a row lie in the list; `badges` are (icon, place), from the right."""

    clip: QRect
    picture: QRect
    link: QRect
    mask: QRect
    name: QRect
    badges: tuple[tuple[str, QRect], ...]

    def hit(self, point: QPoint) -> Part:
        """The part under a point; the name is everything else."""
        for part, rect in ((Part.PICTURE, self.picture), (Part.LINK, self.link), (Part.MASK, self.mask)):
            if rect.contains(point):
                return part
        return Part.BADGE if any(rect.contains(point) for _, rect in self.badges) else Part.NAME


def parts_of(layer: Layer, rect: QRect) -> RowParts:
    """The parts of a layer's row; `rect` is what the tree leaves of it after indentation."""
    narrow = rect.width() < NARROW_PX
    side = SMALL_PX if narrow else PICTURE_PX
    x, middle = rect.left() + 2, rect.center().y() + 1

    def take(width: int, gap: int = GAP_PX, height: int = 0) -> QRect:
        nonlocal x
        height = height or width
        place = QRect(x, middle - height // 2, width, height)
        x += width + (gap if width else 0)
        return place

    clip = take(ICON_PX if layer.clipping else 0, 2)
    picture = take(side)
    masked = layer.mask is not None
    link = take(LINK_PX if masked else 0, 2, side)
    mask = take(side if masked else 0)
    right = rect.right() - 6
    badges: list[tuple[str, QRect]] = []
    for name in badge_names(layer):
        if right - ICON_PX - x < LEAST_NAME_PX:
            break
        badges.append((name, QRect(right - ICON_PX, middle - ICON_PX // 2, ICON_PX, ICON_PX)))
        right -= ICON_PX + 4
    return RowParts(clip, picture, link, mask, QRect(x, rect.top(), max(0, right - x), rect.height()), tuple(badges))


def badge_names(layer: Layer) -> list[str]:
    """Icons of what is special about a layer, the most important one first."""
    locks = layer.locks
    lock = "lock" if locks.pixels else "lock-position" if locks.position else "lock-alpha" if locks.alpha else ""
    told = (
        (lock, bool(lock)),
        ("ai-eye-off", not layer.ai_visible),
        ("ai-edit-off", not layer.ai_editable),
        ("sparkle", layer.provenance is not None),
    )
    return [name for name, shown in told if shown]


class RowDelegate(QStyledItemDelegate):
    """Paints rows and makes the field to rename in."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.target = PaintTarget()
        """What is painted on: its picture is framed in the chosen row."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(EYE_PX if index.column() == Column.EYE else 60, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, LayerModel)
        layer = model.layer_at(index)
        if layer is None:
            return
        painter.save()
        pen = _Pen(painter, option, dimmed=model.is_dimmed(index))
        pen.ground()
        if index.column() == Column.EYE:
            _paint_eye(pen, layer)
        else:
            self._paint_layer(pen, layer)
        painter.restore()

    def _paint_layer(self, pen: _Pen, layer: Layer) -> None:
        parts = parts_of(layer, pen.rect)
        if layer.clipping:
            pen.icon("clip", parts.clip)
        self._paint_picture(pen, layer, parts.picture)
        if layer.mask is not None:
            self._paint_mask(pen, layer, layer.mask, parts)
            if pen.chosen:
                pen.mark(parts.mask if self.target.is_mask(layer) else parts.picture)
        for name, rect in parts.badges:
            pen.icon(name, rect)
        pen.names(layer, parts.name)

    def _paint_picture(self, pen: _Pen, layer: Layer, rect: QRect) -> None:
        match layer:
            case RasterLayer():
                pen.picture(self._thumbnails.of_layer(layer, rect.width() - 2, pen.scale), rect)
            case GroupLayer():
                pen.icon("group", rect, 20)
            case AdjustmentLayer():
                pen.frame(rect)
                pen.icon(ADJUSTMENT_ICONS[type(layer.adjustment)], rect, 20 if rect.width() > SMALL_PX else ICON_PX)

    def _paint_mask(self, pen: _Pen, layer: Layer, mask: Mask, parts: RowParts) -> None:
        if mask.linked:
            pen.icon("link", parts.link, 12)
        pen.picture(self._thumbnails.of_mask(layer, mask, parts.mask.width() - 2, pen.scale), parts.mask)
        if not mask.enabled:
            pen.cross(parts.mask)

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """The mask and its link tell what they are for; the rest of the row tells about the layer."""
        model = index.model()
        layer = model.layer_at(index) if isinstance(model, LayerModel) else None
        if layer is None or layer.mask is None or index.column() == Column.EYE:
            return super().helpEvent(event, view, option, index)
        rect: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]  # missing in the stub
        tips = {Part.MASK: text.MASK_TIP, Part.LINK: text.LINK_TIP}
        part = parts_of(layer, rect).hit(event.pos())
        if event.type() != QEvent.Type.ToolTip or part not in tips:
            return super().helpEvent(event, view, option, index)
        QToolTip.showText(event.globalPos(), say(tips[part]), view)
        return True

    # Renaming

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        field = QLineEdit(parent)
        field.setAccessibleName(say(text.COLUMN_LAYER))
        return field

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        if editor.isModified():
            return  # the layer changed meanwhile: what the user types stays
        editor.setText(str(index.data(Qt.ItemDataRole.EditRole)))
        editor.selectAll()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        layer = model.layer_at(index) if isinstance(model, LayerModel) else None
        if layer is None:
            return
        name = parts_of(layer, option.rect).name  # pyright: ignore[reportAttributeAccessIssue]  # missing in the stub
        height = editor.sizeHint().height()
        left = min(name.left() - 4, name.right() - 80)
        editor.setGeometry(left, name.center().y() - height // 2, name.right() - left, height)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # what is typed into a name is no shortcut
            return False
        return super().eventFilter(editor, event)

    def editorEvent(self, event: QEvent, model: object, option: QStyleOptionViewItem, index: Index) -> bool:
        return False  # the tree handles clicks


class _Pen:
    """One row's painter, colours and fonts."""

    def __init__(self, painter: QPainter, option: QStyleOptionViewItem, *, dimmed: bool) -> None:
        self.rect: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]  # missing in the stub
        self._painter = painter
        self._font: QFont = option.font  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        self._look = theme.current()
        self._chosen = bool(state & QStyle.StateFlag.State_Selected)
        self._hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        self._dimmed = dimmed
        device = painter.device()
        self.scale = device.devicePixelRatioF() if device is not None else 1.0

    @property
    def look(self) -> Theme:
        return self._look

    @property
    def chosen(self) -> bool:
        return self._chosen

    @property
    def hovered(self) -> bool:
        return self._hovered

    def ground(self) -> None:
        """The selection, or a hint of it under the pointer, and a hair line between rows."""
        if self._chosen:
            self._painter.fillRect(self.rect, QColor(self._look.selection))
        elif self._hovered:
            self._painter.fillRect(self.rect, faint(self._look.text, 18))
        self._painter.fillRect(
            QRect(self.rect.left(), self.rect.bottom(), self.rect.width(), 1), faint(self._look.border, 120)
        )

    def fill(self, rect: QRect, color: QColor) -> None:
        self._painter.fillRect(rect, color)

    def icon(self, name: str, rect: QRect, side_px: int = ICON_PX, color: str = "") -> None:
        """An icon in the middle of `rect`."""
        picture = drawn(name, color or self._words.name(), side_px, self.scale)
        corner = rect.center() - QPoint(side_px // 2 - 1, side_px // 2 - 1)
        self._painter.drawPixmap(corner, picture)

    def frame(self, rect: QRect) -> None:
        """A thin frame around a picture."""
        self._painter.setPen(QPen(QColor(self._look.border if not self._chosen else self._look.selection_text), 1))
        self._painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def mark(self, rect: QRect) -> None:
        """A thick frame around the picture that is painted on."""
        self._painter.setPen(QPen(QColor(self._look.selection_text), 2))
        self._painter.drawRect(rect.adjusted(-1, -1, 1, 1))

    def picture(self, picture: QPixmap | None, rect: QRect) -> None:
        """A picture in a frame, faded when the layer is hidden."""
        if picture is not None:
            self._painter.setOpacity(0.4 if self._dimmed else 1.0)
            self._painter.drawPixmap(rect.adjusted(1, 1, -1, -1), picture)
            self._painter.setOpacity(1.0)
        self.frame(rect)

    def cross(self, rect: QRect) -> None:
        """Strike a picture out."""
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setPen(QPen(QColor(self._look.danger), 2))
        inner = rect.adjusted(4, 4, -5, -5)
        self._painter.drawLine(inner.topLeft(), inner.bottomRight())
        self._painter.drawLine(inner.topRight(), inner.bottomLeft())

    def names(self, layer: Layer, rect: QRect) -> None:
        """The name, and below it mode and opacity where they are unusual."""
        small = QFont(self._font)
        small.setPointSizeF(max(6.0, 0.85 * small.pointSizeF()))
        below = mixing(layer)
        name_height, small_height = QFontMetrics(self._font).height(), QFontMetrics(small).height()
        top = rect.center().y() + 1 - (name_height + (small_height if below else 0)) // 2
        self._line(one_line(layer.name), QRect(rect.left(), top, rect.width(), name_height), self._font, self._words)
        if below:
            place = QRect(rect.left(), top + name_height, rect.width(), small_height)
            self._line(below, place, small, self._quiet)

    def _line(self, words: str, rect: QRect, font: QFont, color: QColor) -> None:
        self._painter.setFont(font)
        self._painter.setPen(color)
        shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter
        self._painter.drawText(rect, flags | Qt.TextFlag.TextSingleLine, shown)

    @property
    def _words(self) -> QColor:
        if self._chosen:
            return QColor(self._look.selection_text)
        return QColor(self._look.muted if self._dimmed else self._look.text)

    @property
    def _quiet(self) -> QColor:
        return QColor(self._look.selection_text if self._chosen else self._look.muted)


def _paint_eye(pen: _Pen, layer: Layer) -> None:
    if layer.label in LABEL_COLORS and not pen.chosen:
        pen.fill(pen.rect.adjusted(0, 0, 0, -1), faint(LABEL_COLORS[layer.label], 150))
    elif layer.label in LABEL_COLORS:
        pen.fill(QRect(pen.rect.left(), pen.rect.top(), 5, pen.rect.height() - 1), QColor(LABEL_COLORS[layer.label]))
    if layer.visible:
        pen.icon("eye", pen.rect)
    elif pen.hovered or pen.chosen:
        pen.icon("eye-off", pen.rect, ICON_PX, pen.look.selection_text if pen.chosen else pen.look.muted)


def faint(color: str, alpha: int) -> QColor:
    """A colour with an alpha of 0..255."""
    out = QColor(color)
    out.setAlpha(alpha)
    return out


@lru_cache(maxsize=256)
def drawn(name: str, color: str, side_px: int, scale: float) -> QPixmap:
    """An icon in one colour, drawn once."""
    return icons.drawn(name, color, side_px, scale)


def label_icon(label: ColorLabel) -> QIcon:
    """A round patch of a colour label; a ring for none."""
    side, scale = ICON_PX, 2
    picture = QPixmap(side * scale, side * scale)
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.current().muted), 1.5))
    if label in LABEL_COLORS:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(LABEL_COLORS[label]))
    painter.drawEllipse(2, 2, side - 4, side - 4)
    painter.end()
    return QIcon(picture)
