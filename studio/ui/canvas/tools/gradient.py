"""The gradient tool: a drag draws its line, and the gradient is seen while it is drawn."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QCursor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.core import edits
from studio.core.document import Document
from studio.core.edits.areas import selected_area
from studio.core.edits.samples import written
from studio.core.edits.targets import Lock, changed, lock_holder, raster, require_unlocked
from studio.core.geometry import ORIGIN, Affine, Point, Rect
from studio.core.gradients import gradient_at
from studio.core.history import LabelledEdit
from studio.core.homography import Homography
from studio.core.layers import BlendMode, GroupLayer, LayerId, Mask, RasterLayer
from studio.core.moved import moved
from studio.core.painting.mixing import Reals, brightness, toned
from studio.core.painting.shading import GradientShape, Spot, positions
from studio.core.pixels import PixelBuffer, Pixels
from studio.core.resampling import Sampling
from studio.core.selection import FULL
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.paints import Paints
from studio.ui.canvas.tool import PointerEvent
from studio.ui.canvas.tools import paint_text as text
from studio.ui.canvas.tools.brush_line import PERCENT
from studio.ui.canvas.tools.eyedropper import pick
from studio.ui.canvas.tools.flyout import Flyout
from studio.ui.canvas.tools.gradient_settings import GradientColors, GradientSettings
from studio.ui.canvas.tools.option_line import OptionLine
from studio.ui.canvas.tools.paint_text import say
from studio.ui.canvas.tools.strokes import PaintTool
from studio.ui.canvas.transform import ViewTransform

LEAST_PX = 3
"""A drag of fewer logical pixels draws nothing."""
STEP_DEG = 45.0
"""What Shift turns by."""
SHADES = 1024
"""Steps of a preview."""
PREVIEW_PIXELS = 600_000
"""A preview is computed at so many pixels at most, which then are repeated."""


@dataclass(slots=True)
class _Drag:
    layer: LayerId | None
    """None: the selection is what it is drawn on."""
    on_mask: bool
    document: Document
    start: Spot
    end: Spot


class GradientTool(PaintTool):
    """Press where the gradient begins and let go where it ends; Shift keeps to steps of 45 degrees, Alt picks."""

    def __init__(self, kit: ToolKit) -> None:
        super().__init__(kit)
        self.settings = kit.options("gradient", GradientSettings())
        self.work = kit.work
        self.work.busy_changed.connect(self._on_busy)
        self._drag: _Drag | None = None
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._preview)

    @property
    def name(self) -> str:
        return say(text.GRADIENT)

    @property
    def cursor(self) -> QCursor:
        return QCursor(Qt.CursorShape.CrossCursor)

    def paint(self, painter: QPainter, transform: ViewTransform, look: CanvasLook) -> None:
        if self._drag is None:
            return
        start, end = (QPointF(*transform.to_view(*spot)) for spot in (self._drag.start, self._drag.end))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for color, width in ((QColor(0, 0, 0, 170), 3.0), (QColor(255, 255, 255), 1.2)):
            painter.setPen(QPen(color, width))
            painter.drawLine(start, end)
        painter.setPen(QPen(QColor(0, 0, 0, 170), 1))
        for at, color in ((start, QColor(255, 255, 255)), (end, look.accent)):
            painter.setBrush(color)
            painter.drawEllipse(at, 4, 4)

    # The gesture

    def press(self, event: PointerEvent) -> None:
        session = self.host.session
        if event.alt:
            color = pick(session, self.kit, event)
            if color is not None:
                self.kit.colors.options.change(foreground=color)
            return
        here = (event.x, event.y)
        if self.kit.target.is_selection and session.has_document:
            self._drag = _Drag(None, True, session.document, here, here)
            return
        layer = self.paintable()
        if layer is None:
            return
        on_mask = self.kit.target.is_mask(layer)
        if on_mask or self.try_to(lambda: require_unlocked(session.document, layer.id, Lock.PIXELS)):
            self._drag = _Drag(layer.id, on_mask, session.document, here, here)

    def move(self, event: PointerEvent) -> None:
        if self._drag is None:
            return
        self._drag.end = _kept(self._drag.start, (event.x, event.y), straight=event.shift)
        self.repaint.emit(None)
        if not self._soon.isActive():
            self._soon.start()

    def release(self, event: PointerEvent) -> None:
        drag = self._drag
        if drag is None:
            return
        self.move(event)
        self._end()
        if math.dist(drag.start, drag.end) * self.host.transform.scale < LEAST_PX:
            self.host.show_preview(None, drag.document.canvas)
            return
        self._show(drag)
        self.work.do(self.host, drag.layer, self._edit(drag))
        self.kit.colors.used(self.kit.colors.now.foreground)

    def _edit(self, drag: _Drag) -> LabelledEdit:
        settings = self.settings.now
        line = settings.gradient(self.kit.colors.now), drag.start, drag.end
        look = {"shape": settings.shape, "opacity": settings.opacity, "dither": settings.dither}
        if drag.layer is None:
            return edits.step(edits.shade_selection, *line, **look)
        return edits.step(edits.draw_gradient, drag.layer, *line, **look, on_mask=drag.on_mask)

    def cancel(self) -> None:
        drag = self._drag
        if drag is not None:
            self._end()
            self.host.show_preview(None, drag.document.canvas)

    def deactivate(self) -> None:
        if self.work.is_busy and self.host.session.has_document:  # the next tool may show something itself
            self.host.show_preview(None, self.host.session.document.canvas)
        super().deactivate()

    def _end(self) -> None:
        self._drag = None
        self._soon.stop()
        self.repaint.emit(None)

    def _preview(self) -> None:
        if self._drag is not None:
            self._show(self._drag)

    def _show(self, drag: _Drag) -> None:
        """Show what the gradient will make of what is seen."""
        session, size = self.host.session, self.host.view_size
        if not session.has_document or session.document is not drag.document or drag.start == drag.end:
            return
        if drag.layer is None:  # the quick mask is shown by its tint, which only the selection itself changes
            return
        seen = self.host.transform.seen(Rect(0, 0, size.width, size.height)).intersect(drag.document.canvas)
        shown = gradient_preview(drag.document, drag.layer, self.settings.now, self.kit.colors.now, drag, seen)
        self.host.show_preview(shown, seen)

    def _on_busy(self, busy: bool) -> None:
        if not busy and self._drag is None and self.is_active and self.host.session.has_document:
            self.host.show_preview(None, self.host.session.document.canvas)

    # What is set

    def options(self, parent: QWidget) -> QWidget:
        line = OptionLine(parent)
        shapes: dict[object, str] = {GradientShape.LINEAR: say(text.LINEAR), GradientShape.RADIAL: say(text.RADIAL)}
        line.choice(self.settings, "shape", shapes, say(text.SHAPE), help_=say(text.SHAPE_HELP))
        line.choice(
            self.settings,
            "colors",
            {
                GradientColors.TO_BACKGROUND: say(text.TO_BACKGROUND),
                GradientColors.TO_CLEAR: say(text.TO_CLEAR),
                GradientColors.OWN: say(text.OWN_GRADIENT),
            },
            say(text.COLORS),
            help_=say(text.COLORS_HELP),
        )
        line.add(Flyout(say(text.EDIT_GRADIENT), say(text.EDIT_GRADIENT_HELP), self._page, line))
        line.amount(
            self.settings, "opacity", say(text.OPACITY), 1, 100, unit=0.01, suffix=PERCENT,
            help_=say(text.OPACITY_HELP),
        )  # fmt: skip
        line.switch(self.settings, "reversed", say(text.REVERSED), help_=say(text.REVERSED_HELP))
        line.switch(self.settings, "dither", say(text.DITHER), help_=say(text.DITHER_HELP))
        line.end()
        return line

    def _page(self, parent: QWidget) -> QWidget:
        # Here, because few open it, and the start of the tool need not wait for it.
        from studio.ui.canvas.tools.gradient_page import GradientPage

        return GradientPage(self.settings, parent)


def gradient_preview(
    document: Document, layer_id: LayerId, settings: GradientSettings, paints: Paints, ends: _Drag, seen: Rect
) -> Document:
    """The document as it looks with the gradient on what is `seen` (canvas pixels).

    The gradient lies in a layer above the one it is drawn on, in a group with it, in large pixels and few shades. On a
    mask those are laid over it.
    """
    area = selected_area(document).intersect(seen)
    if area.is_empty:
        return document
    side = max(1, math.ceil(math.sqrt(area.area / PREVIEW_PIXELS)))
    samples = _shaded(settings, paints, ends, area, side, document)
    if ends.on_mask:
        return _masked(document, layer_id, samples, area, side, settings.opacity)
    pixels, origin = _enlarged(PixelBuffer.from_array(samples), area, side)
    layer = raster(document, layer_id)
    selection = document.selection
    mask = None if selection is None else Mask(pixels=selection.pixels.to_depth(document.depth))
    shade = RasterLayer(
        pixels=pixels,
        origin=origin,
        opacity=settings.opacity,
        clipping=lock_holder(document, layer_id, Lock.ALPHA) is not None,
        mask=mask,
    )
    bare = replace(layer, visible=True, opacity=1.0, fill=1.0, blend=BlendMode.NORMAL, clipping=False, mask=None)
    group = GroupLayer(
        name=layer.name,
        visible=layer.visible,
        opacity=layer.opacity,
        fill=layer.fill,
        blend=layer.blend,
        clipping=layer.clipping,
        mask=layer.mask,
        children=(bare, shade),
    )
    return changed(document, layer_id, lambda _: group)


def _masked(document: Document, layer_id: LayerId, samples: Pixels, area: Rect, side: int, opacity: float) -> Document:
    """The document with the brightness of (h, w, 4) samples laid over the layer's mask, which is all that is seen.

    Where samples stand for several pixels, so does one pixel of the mask for those around it.
    """
    mask = document.layer(layer_id).mask
    assert mask is not None, "the mask is what is drawn on"
    shares = samples.astype(np.float32) / np.float32(document.depth.top)
    alpha: Reals = np.multiply(shares[..., 3], np.float32(opacity))
    if document.selection is not None:
        alpha = np.multiply(alpha, document.selection.read(area)[::side, ::side].astype(np.float32) / np.float32(FULL))
    under = mask.pixels.read(area.moved(-mask.origin))[::side, ::side]
    new_values = toned(under, brightness(shares[..., :3]), alpha)
    if side == 1:
        pixels, origin = written(mask.pixels, mask.origin, area.origin, new_values)
    else:
        pixels, origin = _enlarged(PixelBuffer.from_array(new_values, mask.pixels.fill), area, side)
    new = replace(mask, pixels=pixels, origin=origin)
    return changed(document, layer_id, lambda layer: replace(layer, mask=new))


def _shaded(
    settings: GradientSettings, paints: Paints, ends: _Drag, area: Rect, side: int, document: Document
) -> Pixels:
    """(h, w, 4) samples of an area, one for `side` x `side` pixels."""
    small = Rect(0, 0, -(-area.width // side), -(-area.height // side))
    start, end = (((x - area.left) / side, (y - area.top) / side) for x, y in (ends.start, ends.end))
    steps = np.linspace(0.0, 1.0, SHADES)
    shades = np.rint(gradient_at(settings.gradient(paints), steps) * document.depth.top).astype(document.depth.dtype)
    places = (positions(small, start, end, settings.shape) * (SHADES - 1)).astype(np.intp)
    return shades[places]


def _enlarged(small: PixelBuffer, area: Rect, side: int) -> tuple[PixelBuffer, Point]:
    """Each pixel as `side` x `side` of them from the corner of an area on, worked out where it is drawn."""
    move = Affine.scale(side, side).then(Affine.translation(area.left, area.top))
    return moved(small, ORIGIN, Homography.of(move), Sampling.NEAREST)


def _kept(start: Spot, end: Spot, *, straight: bool) -> Spot:
    """The end of the line, turned to the nearest step when it shall be straight."""
    if not straight:
        return end
    across, down = end[0] - start[0], end[1] - start[1]
    angle = math.radians(round(math.degrees(math.atan2(down, across)) / STEP_DEG) * STEP_DEG)
    length = across * math.cos(angle) + down * math.sin(angle)
    return start[0] + length * math.cos(angle), start[1] + length * math.sin(angle)
