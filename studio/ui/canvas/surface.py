"""The widget that shows the picture with everything over it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QFocusEvent, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QRegion, QResizeEvent
from PySide6.QtWidgets import QWidget

from studio.core.document import Document
from studio.core.geometry import EMPTY, Rect, Size
from studio.ui import theme
from studio.ui.canvas import text
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.mosaic import qrect, rect_of, rects_of
from studio.ui.canvas.picture import Picture, qtransform
from studio.ui.canvas.text import say
from studio.ui.canvas.tool import Overlay
from studio.ui.canvas.transform import ViewTransform

CHECKER_PX = 8
GRID_ZOOM = 8.0
"""From here on lines between the pixels can be shown."""


class CanvasSurface(QWidget):
    """Paints picture, pixel grid and overlays. `transform_changed` comes after every change of what is seen."""

    transform_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas_surface")
        self.setAccessibleName(say(text.CANVAS))
        self.setAccessibleDescription(say(text.CANVAS_HELP))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.setMinimumSize(64, 64)
        self.picture = Picture()
        self.picture.changed.connect(self._on_picture)
        self.look = CanvasLook.of(theme.current())
        self._checker = _checkerboard(self.look)
        self._canvas = EMPTY
        self._transform = ViewTransform(pixel_ratio=self.devicePixelRatioF())
        self._focus: tuple[float, float] | None = None
        self._overlays: list[Overlay] = []
        self._pixel_grid = True
        self._ringed = False

    @property
    def transform(self) -> ViewTransform:
        return self._transform

    @property
    def view_size(self) -> Size:
        """Logical pixels."""
        return Size(self.width(), self.height())

    @property
    def canvas(self) -> Rect:
        """The canvas of the shown document; empty when there is none."""
        return self._canvas

    def set_transform(self, transform: ViewTransform) -> None:
        """Show another part of the canvas, or show it differently."""
        if transform == self._transform:
            return
        self._transform = transform
        self._look()
        self.update()
        self.transform_changed.emit()

    def set_focus_point(self, x: float, y: float) -> None:
        """Where the user looks (canvas point): what is near it is composited first."""
        self._focus = (x, y)

    def show_document(self, document: Document | None) -> None:
        """Show another document, or none."""
        self._canvas = EMPTY if document is None else document.canvas
        self._focus = None
        self._look()
        self.picture.open(document)
        self.update()

    def update_document(self, document: Document, dirty: Rect) -> None:
        """The shown document changed within `dirty` (canvas pixels)."""
        resized = document.canvas != self._canvas
        self._canvas = document.canvas
        if resized:
            self._look()
            self.update()
        self.picture.update(document, dirty)

    def add_overlay(self, overlay: Overlay) -> None:
        """Paint something above all others."""
        self._overlays.append(overlay)
        overlay.repaint.connect(self.repaint_canvas)
        self.update()

    def remove_overlay(self, overlay: Overlay) -> None:
        """Paint it no more. Nothing happens when it is not there."""
        if overlay in self._overlays:
            self._overlays.remove(overlay)
            overlay.repaint.disconnect(self.repaint_canvas)
            self.update()

    def set_pixel_grid(self, shown: bool) -> None:
        """Show lines between the pixels at high zoom."""
        self._pixel_grid = shown
        self.update()

    def repaint_canvas(self, rect: Rect | None) -> None:
        """Paint a canvas rectangle again, with a little around it for handles and lines; None is everything."""
        if rect is None:
            self.update()
        elif not rect.is_empty:
            self.update(qrect(self._transform.covered(rect).grown(3)))

    def _on_picture(self, rect: Rect) -> None:
        step = 1 << self._transform.level  # smooth scaling reaches one level pixel further
        self.update(qrect(self._transform.covered(rect.grown(step)).grown(1)))

    def _look(self) -> None:
        seen = self._transform.seen(Rect(0, 0, self.width(), self.height())).intersect(self._canvas)
        middle = self._transform.to_canvas(self.width() / 2, self.height() / 2)
        self.picture.look_at(seen, self._transform.level, self._focus or middle)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is in the middle there."""
        old, new = event.oldSize(), event.size()
        if old.isValid() and not old.isEmpty():
            moved = self._transform.panned((new.width() - old.width()) / 2, (new.height() - old.height()) / 2)
            self.set_transform(moved)
        self._look()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.look = CanvasLook.of(theme.current())
            self._checker = _checkerboard(self.look)
            self.update()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.set_transform(self._transform.at_ratio(self.devicePixelRatioF()))
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show that keys go here, if it was a key that brought the focus."""
        self._ringed = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._ringed = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_surround(painter, event.region())
        if not self._canvas.is_empty:
            self._paint_picture(painter)
            if self._pixel_grid and self._transform.zoom >= GRID_ZOOM:
                self._paint_grid(painter, event.rect())
            self._paint_border(painter)
            for overlay in self._overlays:
                painter.save()
                overlay.paint(painter, self._transform, self.look)
                painter.restore()
        if self._ringed:
            painter.setPen(QPen(self.look.accent, 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def _outline(self) -> QPolygonF:
        return QPolygonF([QPointF(x, y) for x, y in self._transform.corners(self._canvas)])

    def _paint_surround(self, painter: QPainter, exposed: QRegion) -> None:
        """Fill what the picture does not cover."""
        if self._transform.is_upright and self.picture.is_complete and not self._canvas.is_empty:
            inside = self._transform.covered(self._canvas).grown(-1)  # its edge may lie between two pixels
            exposed = exposed - QRegion(qrect(inside))
        for rect in rects_of(exposed):
            painter.fillRect(qrect(rect), self.look.surround)

    def _paint_picture(self, painter: QPainter) -> None:
        painter.save()
        painter.setTransform(qtransform(self._transform.affine), combine=True)
        painter.setClipRect(qrect(self._canvas), Qt.ClipOperation.IntersectClip)
        painter.resetTransform()
        if self.picture.is_clear:
            corner_x, corner_y = self._transform.to_view(0, 0)
            painter.setBrushOrigin(QPointF(round(corner_x), round(corner_y)))
            painter.fillRect(self.rect(), self._checker)
        self.picture.paint(painter, self._transform)
        painter.restore()

    def _paint_grid(self, painter: QPainter, exposed: QRect) -> None:
        """One thin line between each two pixels; it gets clearer with the zoom."""
        seen = self._transform.seen(rect_of(exposed)).intersect(self._canvas)
        painter.save()
        painter.setTransform(qtransform(self._transform.affine), combine=True)
        strength = min(1.0, self._transform.zoom / (4 * GRID_ZOOM))
        for color, style in (
            (Qt.GlobalColor.black, Qt.PenStyle.SolidLine),
            (Qt.GlobalColor.white, Qt.PenStyle.DotLine),
        ):
            pen = QPen(color, 0, style)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setOpacity(0.30 * strength)
            for x in range(seen.left, seen.right + 1):
                painter.drawLine(QPointF(x, seen.top), QPointF(x, seen.bottom))
            for y in range(seen.top, seen.bottom + 1):
                painter.drawLine(QPointF(seen.left, y), QPointF(seen.right, y))
        painter.restore()

    def _paint_border(self, painter: QPainter) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not self._transform.is_upright)
        painter.setPen(QPen(self.look.border, 1))
        if self._transform.is_upright:
            box = QRectF(self._outline().boundingRect()).adjusted(-0.5, -0.5, 0.5, 0.5)
            painter.drawRect(box)
        else:
            painter.drawPolygon(self._outline())
        painter.restore()


def _checkerboard(look: CanvasLook) -> QBrush:
    """Squares that show what is transparent."""
    tile = QPixmap(2 * CHECKER_PX, 2 * CHECKER_PX)
    tile.fill(look.checker_light)
    painter = QPainter(tile)
    painter.fillRect(0, 0, CHECKER_PX, CHECKER_PX, look.checker_dark)
    painter.fillRect(CHECKER_PX, CHECKER_PX, CHECKER_PX, CHECKER_PX, look.checker_dark)
    painter.end()
    return QBrush(tile)
