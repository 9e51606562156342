"""How one job of the list looks: a sign for its state, what it is, what it is at, and how far; no widget for a row."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.jobs.messages import JobState
from studio.ui import icons, theme
from studio.ui.panels.jobs.model import ENTRY_ROLE, Entry
from studio.ui.spoken import say_plugin
from studio.ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
PAD_PX = 8
GAP_PX = 3
SIGN_PX = 16
BAR_PX = 4


class JobRows(QStyledItemDelegate):
    """Paints rows of two lines and, for the running job, a bar."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = QFontMetrics(option.font).height() + QFontMetrics(small(option.font)).height()
        entry: Entry | None = index.data(ENTRY_ROLE)
        bar = BAR_PX + 2 * GAP_PX if entry is not None and entry.record.state is JobState.RUNNING else 0
        return QSize(120, 2 * PAD_PX + GAP_PX + lines + bar)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry | None = index.data(ENTRY_ROLE)
        if entry is None:
            return
        look = theme.current()
        rect, state = option.rect, option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(rect, QColor(look.selection))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(look.raised))
        words = QColor(look.selection_text if chosen else look.text)
        inside = rect.adjusted(PAD_PX, PAD_PX, -PAD_PX, -PAD_PX)
        height = QFontMetrics(option.font).height()
        _paint_sign(painter, QRect(inside.left(), inside.top(), SIGN_PX, height), entry, look, chosen)
        left = inside.left() + SIGN_PX + PAD_PX
        line = QRect(left, inside.top(), inside.right() - left + 1, height)
        _write(painter, line, say_plugin(entry.record.label), option.font, words)
        below = small(option.font)
        line = QRect(left, line.bottom() + 1 + GAP_PX, line.width(), QFontMetrics(below).height())
        muted = QColor(look.selection_text if chosen else look.muted)
        _write(painter, line, entry.brief, below, muted)
        if entry.record.state is JobState.RUNNING:
            bar = QRectF(left, line.bottom() + 1 + 2 * GAP_PX, line.width(), BAR_PX)
            _paint_bar(painter, bar, entry.fraction, look, chosen)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QColor(look.accent))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        painter.restore()


def small(font: QFont) -> QFont:
    """The font of a row's second line."""
    out = QFont(font)
    out.setPointSizeF(font.pointSizeF() * 0.9)
    return out


def sign_of(entry: Entry, look: Theme) -> tuple[str, str]:
    """Icon and colour that tell the state; no icon for a waiting job, which shows its place."""
    match entry.record.state:
        case JobState.RUNNING:
            return "play", look.accent
        case JobState.QUEUED:
            return "", look.muted
        case JobState.FINISHED:
            return ("check", look.good) if entry.record.accepted else ("picture", look.accent)
        case JobState.FAILED:
            return "error", look.danger
        case JobState.CANCELLED:
            return "stop", look.muted


def _paint_sign(painter: QPainter, rect: QRect, entry: Entry, look: Theme, chosen: bool) -> None:
    name, color = sign_of(entry, look)
    if chosen:
        color = look.selection_text
    if not name:
        painter.setPen(QColor(color))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(entry.place))
        return
    device = painter.device()
    scale = device.devicePixelRatioF() if device is not None else 1.0
    top = rect.top() + (rect.height() - SIGN_PX) // 2
    painter.drawPixmap(rect.left(), top, icons.drawn(name, color, SIGN_PX, scale))


def _write(painter: QPainter, rect: QRect, words: str, font: QFont, color: QColor) -> None:
    painter.setFont(font)
    painter.setPen(color)
    shown = QFontMetrics(font).elidedText(words.replace("\n", " "), Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def _paint_bar(painter: QPainter, rect: QRectF, fraction: float | None, look: Theme, chosen: bool) -> None:
    """The share that is done; nothing filled while it is not known."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    ground = QColor(look.selection_text if chosen else look.muted)
    ground.setAlpha(70)
    painter.setBrush(ground)
    painter.drawRoundedRect(rect, BAR_PX / 2, BAR_PX / 2)
    if fraction:
        painter.setBrush(QColor(look.selection_text if chosen else look.accent))
        done = QRectF(rect.left(), rect.top(), max(rect.width() * min(fraction, 1.0), BAR_PX), rect.height())
        painter.drawRoundedRect(done, BAR_PX / 2, BAR_PX / 2)


def muted_palette(palette: QPalette, look: Theme) -> QPalette:
    """The palette with quieter text, for what is said beside something else."""
    out = QPalette(palette)
    out.setColor(QPalette.ColorRole.WindowText, QColor(look.muted))
    return out
