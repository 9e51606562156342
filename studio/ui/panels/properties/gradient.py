"""Gradient map: a ramp whose stops are dragged, added and coloured, ready-made ramps, and which end is for black."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QBrush,
    QColor,
    QFocusEvent,
    QIcon,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QWidget,
)

from studio.core.adjustments import GradientMap
from studio.core.gradients import BLACK_TO_WHITE, Gradient, GradientStop, gradient_at
from studio.ui import theme
from studio.ui.forms.lists import TAKE_AWAY, keeps_key
from studio.ui.icons import icon
from studio.ui.panels.layers import text
from studio.ui.panels.layers.text import say
from studio.ui.panels.properties.editor import Editor

RAMP_PX, HANDLE_PX, MARGIN_PX = 30, 7, 10
OUT_PX = 40
"""How far below the ramp a stop must be dragged to be taken away."""
SWATCH = QSize(36, 16)
MOST_STOPS = 32
KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_Up: 1}


def ramp(*colors: str, places: Sequence[float] = ()) -> Gradient:
    """A gradient of colours (#rrggbb) at even places, or at these."""
    at = places or [index / (len(colors) - 1) for index in range(len(colors))]
    parts = (QColor(color) for color in colors)
    return tuple(
        GradientStop(position=place, color=(color.redF(), color.greenF(), color.blueF()))
        for place, color in zip(at, parts, strict=True)
    )


PRESETS: tuple[tuple[str, Gradient], ...] = (
    (text.GRADIENT_GREY, BLACK_TO_WHITE),
    (text.GRADIENT_SEPIA, ramp("#1c1009", "#8a6238", "#f6e8cf")),
    (text.GRADIENT_CYANOTYPE, ramp("#041a33", "#2c6a9b", "#eef6f8")),
    (text.GRADIENT_DUSK, ramp("#1b1145", "#a3386f", "#f7a15c", "#fff3d6", places=(0, 0.4, 0.75, 1))),
    (text.GRADIENT_FOREST, ramp("#0b1d16", "#3c6b45", "#c9d18a", "#fbf8e2", places=(0, 0.4, 0.8, 1))),
    (text.GRADIENT_FIRE, ramp("#000000", "#8f0f05", "#f36b0a", "#ffd84a", "#ffffff")),
    (text.GRADIENT_NEGATIVE, ramp("#ffffff", "#000000")),
)
"""Name and stops of the ready-made ones."""


class GradientBar(QWidget):
    """`dragged` brings the next gradient, `released` ends a gesture, `picked` the chosen stop, `color_wanted` asks for
    its colour to be changed.
    """

    dragged = Signal(object)
    released = Signal()
    picked = Signal(int)
    color_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stops: Gradient = BLACK_TO_WHITE
        self._reverse = False
        self._chosen = 0
        self._held = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(say(text.GRADIENT))
        self.setToolTip(say(text.GRADIENT_HELP))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, RAMP_PX + 2 * HANDLE_PX + 8)

    @property
    def chosen(self) -> int:
        """Index of the stop that keys move."""
        return self._chosen

    def show_gradient(self, stops: Gradient, *, reverse: bool) -> None:
        self._stops, self._reverse = stops, reverse
        self._chosen = min(self._chosen, len(stops) - 1)
        self._tell()
        self.update()

    def place(self, position: float) -> QPointF:
        """Where the handle of a position (0..1) is held."""
        share = 1 - position if self._reverse else position
        return QPointF(MARGIN_PX + (self.width() - 2 * MARGIN_PX) * share, RAMP_PX + HANDLE_PX + 4)

    def set_chosen(self, *, position: float | None = None, color: tuple[float, float, float] | None = None) -> None:
        """Move or colour the chosen stop; it may pass others."""
        old = self._stops[self._chosen]
        new = replace(
            old,
            position=old.position if position is None else min(1.0, max(0.0, position)),
            color=old.color if color is None else color,
        )
        others = [*self._stops[: self._chosen], *self._stops[self._chosen + 1 :]]
        self._take(others, new)

    def remove_chosen(self) -> None:
        """Take the chosen stop away; two stay."""
        if len(self._stops) > 2:
            stops = (*self._stops[: self._chosen], *self._stops[self._chosen + 1 :])
            self._chosen = max(0, self._chosen - 1)
            self._emit(stops)
            self.released.emit()

    # Pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        at = event.position()
        distances = [abs(self.place(stop.position).x() - at.x()) for stop in self._stops]
        nearest = min(range(len(distances)), key=distances.__getitem__)
        self._held = True
        if distances[nearest] <= HANDLE_PX + 2:
            self._choose(nearest)
        else:
            self._held = self._add(self._position(at.x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._held:
            return
        if event.position().y() > RAMP_PX + OUT_PX + HANDLE_PX and len(self._stops) > 2:
            self._held = False
            self.remove_chosen()
            return
        self.set_chosen(position=self._position(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._held:
            self._held = False
            self.released.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.color_wanted.emit()

    # Keys

    def event(self, event: QEvent) -> bool:
        return keeps_key(event, TAKE_AWAY) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = 0.1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0.01
        key = Qt.Key(event.key())
        if key in KEYS:
            turn = -1 if self._reverse else 1
            self.set_chosen(position=round(self._stops[self._chosen].position + KEYS[key] * turn * step, 4))
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self._choose((self._chosen + (1 if key == Qt.Key.Key_PageUp else -1)) % len(self._stops))
        elif key in TAKE_AWAY:
            self.remove_chosen()
        elif key == Qt.Key.Key_Insert:
            self._insert()
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.color_wanted.emit()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        super().keyReleaseEvent(event)
        if not event.isAutoRepeat() and Qt.Key(event.key()) in KEYS:
            self.released.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _position(self, x: float) -> float:
        share = min(1.0, max(0.0, (x - MARGIN_PX) / max(1, self.width() - 2 * MARGIN_PX)))
        return 1 - share if self._reverse else share

    def _insert(self) -> None:
        """A new stop in the middle of the widest gap."""
        gaps = [b.position - a.position for a, b in zip(self._stops, self._stops[1:], strict=False)]
        if gaps:
            left = max(range(len(gaps)), key=gaps.__getitem__)
            self._add(self._stops[left].position + gaps[left] / 2)

    def _add(self, position: float) -> bool:
        """A new stop in the colour that is there, chosen; False where there is no room for it."""
        if len(self._stops) >= MOST_STOPS:
            return False
        red, green, blue, opacity = (float(value) for value in gradient_at(self._stops, np.array([position]))[0])
        self._take(self._stops, GradientStop(position=position, color=(red, green, blue), opacity=opacity))
        return True

    def _take(self, others: Sequence[GradientStop], new: GradientStop) -> None:
        """These stops and one more, which becomes the chosen one."""
        before = [stop for stop in others if stop.position <= new.position]
        self._chosen = len(before)
        self._emit((*before, new, *others[len(before) :]))

    def _choose(self, index: int) -> None:
        self._chosen = index
        self._tell()
        self.update()
        self.picked.emit(index)

    def _emit(self, stops: Gradient) -> None:
        if stops != self._stops:
            self._stops = stops
            self._tell()
            self.update()
            self.dragged.emit(stops)
            self.picked.emit(self._chosen)

    def _tell(self) -> None:
        """Say the chosen stop to screen readers."""
        stop = self._stops[self._chosen]
        words = say(
            text.GRADIENT_STOP,
            number=self._chosen + 1,
            count=len(self._stops),
            color=_qcolor(stop).name(),
            percent=round(100 * stop.position),
        )
        if self.accessibleDescription() != words:
            self.setAccessibleDescription(words)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(MARGIN_PX, 1, self.width() - 2 * MARGIN_PX, RAMP_PX - 1)
        stops = tuple(replace(stop, opacity=1.0) for stop in self._stops)  # a gradient map has no use for them
        painter.drawImage(frame, ramp_image(stops, reverse=self._reverse))
        painter.setPen(QPen(QColor(look.border), 1))
        painter.drawRect(frame)
        order = [*(i for i in range(len(self._stops)) if i != self._chosen), self._chosen]
        for index in order:
            at, half = self.place(self._stops[index].position), float(HANDLE_PX)
            tip = QPointF(at.x(), RAMP_PX + 1)
            house = [tip, tip + QPointF(half, half), tip + QPointF(half, 2.6 * half)]
            house += [tip + QPointF(-half, 2.6 * half), tip + QPointF(-half, half)]
            chosen = index == self._chosen
            painter.setPen(QPen(QColor(look.accent if chosen else look.text), 2.4 if chosen else 1.2))
            painter.setBrush(QBrush(_qcolor(self._stops[index])))
            painter.drawPolygon(QPolygonF(house))
        if self.hasFocus():
            painter.setPen(QPen(QColor(look.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, -0.5, -0.5, -0.5), 4, 4)
        painter.end()


class GradientMapEditor(Editor[GradientMap]):
    """The ramp, the chosen stop as numbers, ready-made ramps, and which end is for black."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = GradientMap()
        self.presets = self.choice(say(text.GRADIENT_PRESET), (say(text.GRADIENT_OWN),))
        self.presets.setIconSize(SWATCH)
        for name, stops in PRESETS:
            self.presets.addItem(icon_of(stops), say(name), stops)
        self.bar = GradientBar(self)
        self.column.addWidget(self.bar)
        self.color_button = QToolButton(self)
        self.color_button.setIconSize(SWATCH)
        self.color_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.color_button.setToolTip(say(text.STOP_COLOR_HELP))
        self.position = QSpinBox(self)
        self.position.setRange(0, 100)
        self.position.setSuffix(say(text.PERCENT))
        self.position.setKeyboardTracking(False)
        self.position.setAccessibleName(say(text.STOP_POSITION))
        self.position.setToolTip(say(text.STOP_POSITION_HELP))
        self.remove_button = QToolButton(self)
        self.remove_button.setIcon(icon("trash"))
        self.remove_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.remove_button.setAccessibleName(say(text.STOP_REMOVE))
        self.reverse = QCheckBox(say(text.REVERSE), self)
        self.reverse.setToolTip(say(text.REVERSE_HELP))
        self._lay_out_stop()
        self.column.addWidget(self.reverse)
        self.presets.activated.connect(self._use_preset)
        self.bar.dragged.connect(self._take)
        self.bar.released.connect(self.settled)
        self.bar.picked.connect(lambda _: self._show_stop())
        self.bar.color_wanted.connect(self.choose_color)
        self.color_button.clicked.connect(self.choose_color)
        self.position.valueChanged.connect(lambda percent: self.bar.set_chosen(position=percent / 100))
        self.position.editingFinished.connect(self.settled)
        self.remove_button.clicked.connect(self.bar.remove_chosen)
        self.reverse.clicked.connect(self._switch)
        self.show_adjustment(self._value)

    def show_adjustment(self, adjustment: GradientMap) -> None:
        self._value = adjustment
        self.bar.show_gradient(adjustment.gradient, reverse=adjustment.reverse)
        self.reverse.setChecked(adjustment.reverse)
        known = next((i for i, (_, stops) in enumerate(PRESETS, 1) if stops == adjustment.gradient), 0)
        self.presets.setCurrentIndex(known)
        self._show_stop()

    def choose_color(self) -> None:
        """Ask for the chosen stop's colour; the picture follows meanwhile."""
        before = self._value.gradient[self.bar.chosen]
        dialog = QColorDialog(_qcolor(before), self)
        dialog.setObjectName("stop_color")
        dialog.setWindowTitle(say(text.STOP_COLOR))
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.currentColorChanged.connect(self._color)
        dialog.rejected.connect(lambda: self.bar.set_chosen(color=before.color))
        dialog.finished.connect(lambda _: self.settled.emit())
        dialog.open()

    def _color(self, color: QColor) -> None:
        self.bar.set_chosen(color=(color.redF(), color.greenF(), color.blueF()))

    def _take(self, stops: Gradient) -> None:
        self.changed.emit(replace(self._value, gradient=stops))

    def _use_preset(self, index: int) -> None:
        stops = self.presets.itemData(index)
        if stops is None:
            self.show_adjustment(self._value)  # one's own is what it is already
            return
        self.changed.emit(replace(self._value, gradient=tuple(stops)))
        self.settled.emit()

    def _switch(self, on: bool) -> None:
        self.changed.emit(replace(self._value, reverse=on))
        self.settled.emit()

    def _show_stop(self) -> None:
        stops = self._value.gradient
        stop = stops[min(self.bar.chosen, len(stops) - 1)]
        self.position.blockSignals(True)
        self.position.setValue(round(100 * stop.position))
        self.position.blockSignals(False)
        self.color_button.setIcon(icon_of((replace(stop, opacity=1.0),)))
        self.color_button.setAccessibleName(say(text.STOP_COLOR_NAMED, color=_qcolor(stop).name()))
        removable = len(stops) > 2
        self.remove_button.setEnabled(removable)
        self.remove_button.setToolTip(say(text.STOP_REMOVE if removable else text.STOP_NEEDS_TWO))

    def _lay_out_stop(self) -> None:
        row = QHBoxLayout()
        for label, box in ((text.STOP_COLOR, self.color_button), (text.STOP_POSITION, self.position)):
            words = QLabel(say(label), self)
            words.setBuddy(box)
            row.addWidget(words)
            row.addWidget(box)
        row.addStretch(1)
        row.addWidget(self.remove_button)
        self.column.addLayout(row)


def ramp_image(stops: Gradient, *, reverse: bool = False, width: int = 256) -> QImage:
    """A row of the gradient's colours."""
    places = np.linspace(0.0, 1.0, width)
    colors = gradient_at(stops, places[::-1] if reverse else places)
    row = np.ascontiguousarray(np.rint(colors * 255).astype(np.uint8)[None])
    return QImage(row.data, width, 1, 4 * width, QImage.Format.Format_RGBA8888).copy()


def icon_of(stops: Gradient) -> QIcon:
    """A small picture of a gradient, or of one colour."""
    pixmap = QPixmap(SWATCH * 2)
    painter = QPainter(pixmap)
    painter.drawImage(pixmap.rect(), ramp_image(stops))
    painter.end()
    pixmap.setDevicePixelRatio(2)
    return QIcon(pixmap)


def _qcolor(stop: GradientStop) -> QColor:
    return QColor.fromRgbF(*stop.color)
