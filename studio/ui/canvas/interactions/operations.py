"""Where objects shall go: boxes with handles, and a ghost of the object in each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from studio.core.document import Document
from studio.core.geometry import Affine, Rect
from studio.core.layers import LayerId
from studio.plugin_api.interactions import Box, Operation, OperationKind, Operations
from studio.ui.canvas import text
from studio.ui.canvas.interactions.boxes import BoxInteraction, Item
from studio.ui.canvas.interactions.marks import draw_box
from studio.ui.canvas.look import CanvasLook
from studio.ui.canvas.picture import qtransform
from studio.ui.canvas.text import say
from studio.ui.canvas.tool import CanvasHost
from studio.ui.canvas.transform import ViewTransform

GHOST_SIDE_PX = 1024
"""The ghost of an object is at most so large."""
GHOST_OPACITY = 0.72
_CAPTIONS = {
    OperationKind.PLACE: "",
    OperationKind.DUPLICATE: text.DUPLICATE,
    OperationKind.FLIP: text.FLIP,
    OperationKind.REMOVE: text.REMOVE,
}


@dataclass(frozen=True, slots=True, eq=False)
class _Ghost:
    """An object's picture: the document it was taken from, and the canvas area it shows."""

    document: Document
    area: Rect
    image: QImage


class OperationsInteraction(BoxInteraction[Operations]):
    """Drag the ghost of an object to where it shall go, or its handles to how large it shall be.

    The document stays as it is. Deleting makes the operation one that removes the object; Escape before that leaves it.
    """

    def __init__(self, value: Operations = (), parent: QObject | None = None) -> None:
        super().__init__(value, parent)
        self._ghosts: dict[tuple[str, Box], _Ghost] = {}
        self._asked: set[tuple[str, Box]] = set()

    @property
    def name(self) -> str:
        return say(text.OPERATIONS)

    def activate(self, host: CanvasHost) -> None:
        super().activate(host)
        self._ask_for_ghosts()

    def set_value(self, value: Operations) -> None:
        super().set_value(value)
        self._ask_for_ghosts()

    def items(self, value: Operations) -> tuple[Item, ...]:
        return tuple(Item(rect=_shown_box(entry).rect, caption=self._caption(entry)) for entry in value)

    def with_rect(self, value: Operations, index: int, rect: Rect) -> Operations:
        entry = value[index]
        kind = OperationKind.PLACE if entry.kind is OperationKind.REMOVE else entry.kind
        return (*value[:index], replace(entry, target=Box.of(rect), kind=kind), *value[index + 1 :])

    def without(self, value: Operations, index: int) -> Operations:
        removed = replace(value[index], kind=OperationKind.REMOVE)
        return (*value[:index], removed, *value[index + 1 :])

    def paint_item(
        self, painter: QPainter, transform: ViewTransform, look: CanvasLook, item: Item, *, firm: bool
    ) -> None:
        entry = next(entry for entry in self.value if _shown_box(entry).rect == item.rect)
        source, target = entry.source.rect, item.rect
        if entry.kind is OperationKind.REMOVE:
            _cross_out(painter, transform, source)
        elif source != target:
            draw_box(painter, transform, source, QColor(255, 255, 255, 150), firm=False, dashed=True)
            ghost = self._ghosts.get((entry.layer, entry.source))
            if ghost is not None:
                _paint_ghost(painter, transform, ghost, entry)
            _arrow(painter, transform, source, target, look)
        super().paint_item(painter, transform, look, item, firm=firm)

    def _caption(self, entry: Operation) -> str:
        """The layer's name and what is done."""
        document = self._host.session.document if self._host is not None and self._host.session.has_document else None
        layer = None if document is None else document.find(LayerId(entry.layer))
        name = "" if layer is None else layer.name
        return " · ".join(part for part in (name, say(_CAPTIONS[entry.kind])) if part)

    def _ask_for_ghosts(self) -> None:
        """Have the pictures made of the objects that have none yet."""
        if self._host is None or not self._host.session.has_document:
            return
        document = self._host.session.document
        for entry in self.value:
            key = (entry.layer, entry.source)
            layer = document.find(LayerId(entry.layer))
            area = entry.source.rect
            if layer is None or area.is_empty or key in self._asked:
                continue
            self._asked.add(key)
            level = max(0, (max(area.width, area.height) - 1).bit_length() - GHOST_SIDE_PX.bit_length() + 1)
            alone = document.with_layers((replace(layer, visible=True, clipping=False),))
            whole = _on_level(area, level)
            self._host.request_image(alone, whole, level, partial(self._take_ghost, key, alone, whole))

    def _take_ghost(self, key: tuple[str, Box], document: Document, area: Rect, image: QImage) -> None:
        self._ghosts[key] = _Ghost(document, area, image)
        self.repaint.emit(None)


def _shown_box(entry: Operation) -> Box:
    return entry.source if entry.kind is OperationKind.REMOVE else entry.target


def _on_level(area: Rect, level: int) -> Rect:
    """Widened to whole level pixels."""
    step = 1 << level
    return Rect(
        area.left // step * step, area.top // step * step, -(-area.right // step) * step, -(-area.bottom // step) * step
    )


def _paint_ghost(painter: QPainter, transform: ViewTransform, ghost: _Ghost, entry: Operation) -> None:
    """The object, stretched from its source box to its target."""
    source, target = entry.source, entry.target
    across, down = target.width / source.width, target.height / source.height
    placed = Affine.translation(-source.x, -source.y).then(Affine.scale(across, down))
    if entry.kind is OperationKind.FLIP:
        placed = placed.then(Affine(a=-1, tx=target.width))
    placed = placed.then(Affine.translation(target.x, target.y)).then(transform.affine)
    painter.save()
    painter.setTransform(qtransform(placed), combine=True)
    painter.setOpacity(GHOST_OPACITY)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setClipRect(QRectF(source.x, source.y, source.width, source.height), Qt.ClipOperation.IntersectClip)
    area = ghost.area
    painter.drawImage(QRectF(area.left, area.top, area.width, area.height), ghost.image)
    painter.restore()


def _arrow(painter: QPainter, transform: ViewTransform, source: Rect, target: Rect, look: CanvasLook) -> None:
    """From the middle of one box to the middle of the other."""
    ends = [
        QPointF(*transform.to_view((rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2))
        for rect in (source, target)
    ]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in ((QColor(0, 0, 0, 120), 3.5), (look.accent, 1.5)):
        painter.setPen(QPen(color, width))
        painter.drawLine(*ends)
    painter.setBrush(look.accent)
    painter.drawEllipse(ends[1], 3.5, 3.5)


def _cross_out(painter: QPainter, transform: ViewTransform, rect: Rect) -> None:
    """Two diagonals over what shall go away."""
    corners = [QPointF(x, y) for x, y in transform.corners(rect)]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in ((QColor(0, 0, 0, 130), 4.5), (QColor(235, 60, 50), 2.5)):
        painter.setPen(QPen(color, width))
        painter.drawLine(corners[0], corners[2])
        painter.drawLine(corners[1], corners[3])
