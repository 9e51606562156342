"""Things painted over the picture: outlines of masks, tints, heat maps, previews of jobs, the brush."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen, QRegion, QTransform

from studio.core.geometry import EMPTY, ORIGIN, Affine, Point, Rect, Size
from studio.plugin_api.interactions import HeatMap
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.mosaic import qrect
from studio.ui.canvas.outline import MaskSamples, cells_along, line_bands, path_of
from studio.ui.canvas.picture import qtransform
from studio.ui.canvas.rendering import for_screen
from studio.ui.canvas.tool import Overlay
from studio.ui.canvas.transform import ViewTransform

ANT_PX = 4
"""Length of a dash of the marching ants, in logical pixels."""
_MARCH_MS = 120
_CALM_ELEMENTS = 60_000
"""An outline of more lines than half of this is drawn still: marching would cost too much."""
CELL_PX = 32
"""Side of the squares, in pixels of the detail that is shown, in which an outline is painted again."""
TINT_ALPHA = 64
RUBY = QColor(230, 20, 40, 120)
"""What a mask hides is tinted with this."""


class Outline(Overlay):
    """The outline of a mask. It is found in small pieces between events, at a detail that fits the zoom."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mask: MaskSamples | None = None
        self._origin = ORIGIN
        self._path = QPainterPath()
        self._cells: list[Rect] = []
        self._step = 0
        self._bands: Iterator[NDArray[np.float64]] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._find_more)

    def set_mask(self, mask: MaskSamples | None, origin: Point = ORIGIN) -> None:
        """Outline where `mask` (h, w) is 128 or more, its first pixel at `origin`; None takes the outline away."""
        self._mask, self._origin = mask, origin
        self._step = 0
        self._path, self._cells = QPainterPath(), []
        self._timer.stop()
        self.repaint.emit(None)

    @property
    def bounds(self) -> Rect:
        """Where the mask lies on the canvas."""
        if self._mask is None:
            return EMPTY
        return Rect.at(self._origin, Size(self._mask.shape[1], self._mask.shape[0]))

    def set_origin(self, origin: Point) -> None:
        """Show the same outline elsewhere."""
        if origin == self._origin:
            return
        self.repaint_along()
        self._origin = origin
        self.repaint_along()

    def repaint_along(self) -> None:
        """Ask for what the outline passes to be painted again, and not for what it surrounds."""
        for cell in self._cells:
            self.repaint.emit(cell.moved(self._origin))

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        if self._mask is None:
            return
        step = 1 << transform.level
        if step != self._step:
            self._begin(self._mask, step)
        painter.setTransform(
            qtransform(Affine.translation(self._origin.x, self._origin.y).then(transform.affine)), combine=True
        )
        self.stroke(painter, self._path, look)

    def stroke(self, painter: QPainter, path: QPainterPath, look: CanvasLook) -> None:
        """Draw the path; the painter is in mask coordinates."""
        raise NotImplementedError

    def _begin(self, mask: MaskSamples, step: int) -> None:
        """Find the outline at another detail; what the last one found is shown until the first piece is there."""
        self._step = step
        self._bands = line_bands(mask, step)
        self._path, self._cells = QPainterPath(), []
        self._take(next(self._bands, np.empty((0, 4))))
        self._timer.start()

    def _find_more(self) -> None:
        band = next(self._bands, None) if self._bands is not None else None
        if band is None:
            self._timer.stop()
            self._bands = None
            return
        self._take(band)
        self.repaint.emit(self.bounds)

    def _take(self, lines: NDArray[np.float64]) -> None:
        self._path.addPath(path_of(lines))
        self._cells += cells_along(lines, CELL_PX * self._step)


def draw_ants(painter: QPainter, path: QPainterPath, phase: int = 0) -> None:
    """Stroke a path in black and white dashes that belong to the view, however the painter is turned and scaled."""
    brush = QBrush(_stripes())
    to_path = painter.worldTransform().inverted()[0]
    brush.setTransform(QTransform.fromTranslate(phase, 0) * to_path)
    pen = QPen(brush, 1)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.drawPath(path)


class MarchingAnts(Outline):
    """The selection: black and white dashes that walk along its edge."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._phase = 0
        self._march = QTimer(self)
        self._march.setSingleShot(True)
        self._march.setInterval(_MARCH_MS)
        self._march.timeout.connect(self._step_on)

    def stroke(self, painter: QPainter, path: QPainterPath, look: CanvasLook) -> None:
        draw_ants(painter, path, self._phase)
        if path.elementCount() <= _CALM_ELEMENTS and not self._march.isActive():
            self._march.start()  # from painting to painting, so that what nobody sees stands still

    def _step_on(self) -> None:
        self._phase = (self._phase + 1) % (2 * ANT_PX)
        self.repaint_along()


class HoverOutline(Outline):
    """What a click would choose: an accent line with a light edge."""

    def stroke(self, painter: QPainter, path: QPainterPath, look: CanvasLook) -> None:
        for color, width in ((QColor(255, 255, 255, 220), 4), (look.accent, 2)):
            pen = QPen(color, width)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPath(path)


class AccentTint(Overlay):
    """What a mask covers, tinted in the accent colour. The samples are drawn in place, so they must not change."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._samples: MaskSamples | None = None
        self._origin = ORIGIN

    def set_mask(self, mask: MaskSamples | None, origin: Point = ORIGIN) -> None:
        """Tint where `mask` (h, w) is 255, its first pixel at `origin`; None tints nothing."""
        self._samples = None if mask is None else np.ascontiguousarray(mask)
        self._origin = origin
        self.repaint.emit(None)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        if self._samples is None:
            return
        height, width = self._samples.shape
        image = QImage(self._samples.data, width, height, self._samples.strides[0], QImage.Format.Format_Indexed8)
        color = QColor(look.accent)
        color.setAlpha(TINT_ALPHA)
        image.setColorTable([*[0] * 255, color.rgba()])
        painter.setTransform(qtransform(transform.affine), combine=True)
        painter.drawImage(QPointF(self._origin.x, self._origin.y), image)


class MaskTint(Overlay):
    """A mask as rubylith: what it hides is tinted red. The samples are drawn in place, so they must not change."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._samples: MaskSamples | None = None
        self._image = QImage()
        self._origin = ORIGIN
        self._outside = 0
        self._canvas = EMPTY

    def set_mask(
        self, mask: MaskSamples | None, origin: Point = ORIGIN, *, outside: int = 0, canvas: Rect = EMPTY
    ) -> None:
        """Show `mask` (h, w), its first pixel at `origin`; the rest of `canvas` has the value `outside`.

        None shows nothing.
        """
        self._samples, self._origin, self._outside, self._canvas = mask, origin, outside, canvas
        if mask is not None:
            self._samples = np.ascontiguousarray(mask)
            height, width = mask.shape
            stride = self._samples.strides[0]
            self._image = QImage(self._samples.data, width, height, stride, QImage.Format.Format_Indexed8)
            self._image.setColorTable([_tint(value).rgba() for value in range(256)])
        self.repaint.emit(None)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        if self._samples is None:
            return
        height, width = self._samples.shape
        here = Rect.at(self._origin, Size(width, height))
        painter.setTransform(qtransform(transform.affine), combine=True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, transform.zoom < 1)
        painter.drawImage(QPointF(here.left, here.top), self._image)
        if self._outside < 255:
            painter.setClipRegion(QRegion(qrect(self._canvas)) - QRegion(qrect(here)), Qt.ClipOperation.IntersectClip)
            painter.fillRect(qrect(self._canvas), _tint(self._outside))


class HeatOverlay(Overlay):
    """A map of how good each place is, from cold and clear to hot and strong."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._map: HeatMap | None = None
        self._image = QImage()

    def set_map(self, heat: HeatMap | None) -> None:
        """Show a map, or none."""
        self._map = heat
        self._image = QImage() if heat is None else _heat_image(heat)
        self.repaint.emit(None)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        if self._map is None:
            return
        area = self._map.area
        painter.setTransform(qtransform(transform.affine), combine=True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(area.x, area.y, area.width, area.height), self._image)


class Preview(Overlay):
    """A picture that is not in the document yet, such as the present step of a job, at its place on the canvas."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._area = EMPTY

    def set_picture(self, samples: NDArray[np.uint8] | None, area: Rect = EMPTY) -> None:
        """Show (h, w, 4) straight RGBA stretched over `area` (canvas pixels), or nothing."""
        before, self._area = self._area, EMPTY if samples is None else area
        self._image = QImage() if samples is None else for_screen(samples, opaque=False)
        self.repaint.emit(Rect.union((before, self._area)))

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        if self._area.is_empty:
            return
        painter.setTransform(qtransform(transform.affine), combine=True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(qrect(self._area)), self._image)
        pen = QPen(look.accent, 1, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawRect(qrect(self._area))


class BrushOutline(Overlay):
    """The brush where the pointer is: its tip, and its soft edge as a second, finer line."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._diameter_px = 0.0
        self._hardness = 1.0
        self._roundness, self._angle = 1.0, 0.0
        self._at: tuple[float, float] | None = None

    def set_brush(self, diameter_px: float, hardness: float = 1.0, roundness: float = 1.0, angle: float = 0.0) -> None:
        """In canvas pixels and degrees clockwise; hardness 0..1 is the share of the radius that is solid."""
        self._tell()
        self._diameter_px, self._hardness = diameter_px, hardness
        self._roundness, self._angle = roundness, angle
        self._tell()

    def set_position(self, at: tuple[float, float] | None) -> None:
        """Canvas point of the middle; None hides it."""
        self._tell()
        self._at = at
        self._tell()

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        if self._at is None or self._diameter_px <= 0:
            return
        middle = QPointF(*transform.to_view(*self._at))
        radius = self._diameter_px / 2 * transform.scale
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        if radius < 2:  # too small to be seen as a circle
            for arm in (QPointF(5, 0), QPointF(0, 5)):
                shape.moveTo(middle - arm)
                shape.lineTo(middle + arm)
        else:
            shape = self._tip(transform, 1.0)
        painter.strokePath(shape, QPen(QColor(0, 0, 0, 160), 2.5))
        painter.strokePath(shape, QPen(QColor(255, 255, 255, 235), 1))
        if self._hardness < 1 and radius >= 2:
            painter.setPen(QPen(QColor(255, 255, 255, 150), 1, Qt.PenStyle.DotLine))
            painter.drawPath(self._tip(transform, self._hardness))

    def _tip(self, transform: ViewTransform, share: float) -> QPainterPath:
        """The tip in the view, or a share of it about the same middle."""
        assert self._at is not None
        radius = self._diameter_px / 2 * share
        turned = QTransform.fromTranslate(*self._at).rotate(self._angle)
        path = QPainterPath()
        path.addEllipse(QPointF(0, 0), radius, radius * self._roundness)
        return (turned * qtransform(transform.affine)).map(path)

    def _tell(self) -> None:
        """Ask for the place to be painted again."""
        if self._at is None:
            return
        reach = int(self._diameter_px / 2) + 8
        x, y = int(self._at[0]), int(self._at[1])
        self.repaint.emit(Rect(x - reach, y - reach, x + reach + 1, y + reach + 1))


@cache
def _stripes() -> QImage:
    """Diagonal black and white stripes, a period of two dashes."""
    side = 2 * ANT_PX
    y, x = np.mgrid[0:side, 0:side]
    samples = np.where((x + y) % side < ANT_PX, 255, 0).astype(np.uint8)
    return QImage(samples.data, side, side, side, QImage.Format.Format_Grayscale8).copy()


def _tint(value: int) -> QColor:
    """What is drawn over a pixel where the mask has this value."""
    color = QColor(RUBY)
    color.setAlpha(round(RUBY.alpha() * (255 - value) / 255))
    return color


def _heat_image(heat: HeatMap) -> QImage:
    """Cold is clear; then blue, yellow, red and ever stronger."""
    values = np.clip(np.nan_to_num(heat.values), 0, 1)
    stops = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    channels = (
        np.interp(values, stops, [40, 60, 60, 250, 255]),
        np.interp(values, stops, [60, 130, 200, 210, 70]),
        np.interp(values, stops, [160, 235, 160, 60, 40]),
        np.interp(values, stops, [0, 70, 110, 140, 165]),
    )
    samples = np.ascontiguousarray(np.stack(channels, axis=-1).astype(np.uint8))
    height, width = values.shape
    read = QImage(samples.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return read.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
