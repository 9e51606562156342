"""The dialog of edge repair: the new edge on black, white, green or in the picture, and the band that it may change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QWidget

from studio.core.document import Document
from studio.core.edits import Lock
from studio.core.geometry import Point, Rect, Size
from studio.core.history import LabelledEdit
from studio.core.layers import GroupLayer, LayerId, RasterLayer, listed
from studio.core.pixels import TILE, PixelBuffer, Pixels
from studio.retouch import RETOUCHES, repair_band, retouch_step
from studio.retouch.edges import Mask
from studio.ui.canvas.overlays import AccentTint
from studio.ui.filtering import text
from studio.ui.filtering.dialog import PreviewDialog, Workplace
from studio.ui.filtering.filters import TargetBox
from studio.ui.filtering.targets import Target, targets, why_no_target
from studio.ui.filtering.text import say
from studio.ui.forms.numbers import NumberBox
from studio.ui.panels.layers.describing import one_line

WIDTH_PX = 360
PATIENCE_MS = 250
"""A repair takes a while, so it waits until a drag has come to rest."""
LOCKS = (Lock.PIXELS, Lock.ALPHA)
NOTHING, ALL, OWN = "", "*", "="
"""What is looked at beside a layer: nothing, the picture of all layers, the layer itself."""


class Ground(StrEnum):
    """What the layer is shown on."""

    STACK = "stack"
    BLACK = "black"
    WHITE = "white"
    GREEN = "green"


GROUNDS = {
    Ground.STACK: text.GROUND_STACK,
    Ground.BLACK: text.GROUND_BLACK,
    Ground.WHITE: text.GROUND_WHITE,
    Ground.GREEN: text.GROUND_GREEN,
}
COLORS = {Ground.BLACK: (0, 0, 0), Ground.WHITE: (255, 255, 255), Ground.GREEN: (0, 177, 64)}
"""Red, green and blue, of 255; the green is that of screens to cut out from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeParams:
    """The values of a repair. `source` is a layer, or one of NOTHING, ALL and OWN."""

    on_mask: bool = False
    source: str = NOTHING
    band_px: float = 4.0
    fringe: bool = True
    shift_px: float = 0.0
    feather_px: float = 0.0


def edge_edit(layer: LayerId, params: EdgeParams) -> LabelledEdit:
    """The repair as a step that a macro can do again."""
    values: dict[str, object] = {
        "layer_id": layer,
        "band_px": params.band_px,
        "source": LayerId(params.source) if params.source not in (NOTHING, ALL, OWN) else None,
        "merged": params.source == ALL,
        "shift_px": params.shift_px,
        "feather_px": params.feather_px,
    }
    if params.on_mask:
        return retouch_step("repair_mask", **values, refine=params.source != NOTHING)
    return retouch_step("repair_edges", **values, fringe=params.fringe)


class EdgeDialog(PreviewDialog):
    """Asks for the values of a repair.

    Args:
        params: the values to begin with.
    """

    def __init__(self, workplace: Workplace, layer: LayerId, parent: QWidget, params: EdgeParams) -> None:
        super().__init__(workplace, layer, RETOUCHES["repair_edges"].label, parent)
        self._wish: tuple[Document, EdgeParams] | None = None
        self._made: tuple[Document, EdgeParams, Document] | None = None
        self._found: tuple[Mask, Point] | None = None
        self._band = AccentTint(self)
        self.canvas.add_overlay(self._band)
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._repair)
        self.target_box = TargetBox(self)
        self.source_box = QComboBox(self)
        self.source_box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.band = NumberBox(1, 250, 0.5, "px", whole=False, fine=True, parent=self)
        self.shift = NumberBox(-50, 50, 0.25, "px", whole=False, parent=self)
        self.feather = NumberBox(0, 50, 0.25, "px", whole=False, fine=True, parent=self)
        self.fringe = QCheckBox(say(text.FRINGE), self)
        self.fringe.setToolTip(say(text.FRINGE_HELP))
        self.ground_box = QComboBox(self)
        for ground, label in GROUNDS.items():
            self.ground_box.addItem(say(label), str(ground))
        self.band_box = QCheckBox(say(text.SHOW_BAND), self)
        self.band_box.setToolTip(say(text.SHOW_BAND_HELP))
        self.band_box.setChecked(True)
        self._lay_out_form()
        self.target_box.offer(targets(self.session.document, layer, *LOCKS))
        if params.on_mask:
            self.target_box.choose(Target.MASK)
        self._offer_sources(OWN if params.on_mask and params.source == NOTHING else params.source)
        self._show(params)
        self.target_box.changed.connect(self._on_target)
        self.source_box.currentIndexChanged.connect(self.changed)
        for box in (self.band, self.shift, self.feather):
            box.changed.connect(lambda _: self.changed())
        self.fringe.toggled.connect(lambda _: self.changed())
        self.ground_box.currentIndexChanged.connect(lambda _: self.changed())
        self.band_box.toggled.connect(lambda _: self._show_band())
        self.resize(WIDTH_PX, self.sizeHint().height())
        self.changed()

    @property
    def params(self) -> EdgeParams:
        return EdgeParams(
            on_mask=self.target_box.target is Target.MASK,
            source=str(self.source_box.currentData() or NOTHING),
            band_px=self.band.value,
            fringe=self.fringe.isChecked(),
            shift_px=self.shift.value,
            feather_px=self.feather.value,
        )

    @property
    def ground(self) -> Ground:
        return Ground(self.ground_box.currentData())

    def edit(self) -> LabelledEdit:
        return edge_edit(self.layer, self.params)

    def changed(self) -> None:
        self.label = self.edit().label
        self.fringe.setEnabled(not self.params.on_mask)
        self.fringe.setToolTip(say(text.FRINGE_NOT_MASK if self.params.on_mask else text.FRINGE_HELP))
        if not self.preview_box.isChecked() or self.why_not():
            self._forget_wish()
        super().changed()

    def look(self) -> None:
        """What was made last is shown at once on the ground that is chosen.

        With other values the band is found first, which takes little, and then the edge is made.
        """
        document, made, params = self.session.document, self._made, self.params
        known = document if made is None or made[0] is not document else made[2]
        self.show_picture(on_ground(known, self.layer, self.ground))
        if self._wish == (document, params):
            return
        self._forget_wish()
        self._wish = (document, params)
        work = partial(repair_band, document, self.layer, params.band_px, on_mask=params.on_mask)
        self._background.ask(work, self._on_band, self._on_failed, stops=True)

    def before(self) -> Document | None:
        return on_ground(self.session.document, self.layer, self.ground)

    def accept(self) -> None:
        self._forget_wish()
        super().accept()

    def reset(self) -> None:
        self._show(EdgeParams())
        self.changed()

    def why_not(self) -> str:
        return why_no_target(self.session.document, self.layer, *LOCKS)

    def document_changed(self) -> None:
        self.target_box.offer(targets(self.session.document, self.layer, *LOCKS))
        self._offer_sources(self.params.source)

    def _forget_wish(self) -> None:
        """What is looked at now is wanted no more."""
        self._wish = None
        self._patience.stop()

    def _on_band(self, found: tuple[Mask, Point]) -> None:
        self._found = found
        self._show_band()
        made = self._made
        if made is None or (made[0], made[1]) != self._wish:
            self._patience.start()

    def _repair(self) -> None:
        if self._wish is not None:
            document, params = self._wish
            self.make(partial(_repaired, document, edge_edit(self.layer, params)), stops=True)

    def _on_made(self, document: Document) -> None:
        if self._wish is not None:
            self._made = (*self._wish, document)
        super()._on_made(on_ground(document, self.layer, self.ground))

    def _on_failed(self, error: Exception) -> None:
        self._forget_wish()
        super()._on_failed(error)

    def _let_go(self) -> None:
        self._patience.stop()
        self.canvas.remove_overlay(self._band)
        super()._let_go()

    def _on_target(self) -> None:
        self._offer_sources(OWN if self.params.on_mask else NOTHING)
        self.changed()

    def _show(self, params: EdgeParams) -> None:
        """Show values other than the target and the source. Nothing is emitted."""
        self.band.set_value(params.band_px)
        self.shift.set_value(params.shift_px)
        self.feather.set_value(params.feather_px)
        before = self.fringe.blockSignals(True)
        self.fringe.setChecked(params.fringe)
        self.fringe.blockSignals(before)

    def _show_band(self) -> None:
        if not self.band_box.isChecked() or self._found is None or self.why_not():
            self._band.set_mask(None)
            return
        inside, origin = self._found
        self._band.set_mask(inside.view(np.uint8) * np.uint8(255), origin)

    def _offer_sources(self, chosen: str) -> None:
        """List what can be looked at; what is chosen stays so where it can."""
        before = self.source_box.blockSignals(True)
        self.source_box.clear()
        document = self.session.document
        if self.params.on_mask:
            self.source_box.addItem(say(text.SOURCE_OWN), OWN)
        self.source_box.addItem(say(text.SOURCE_NOTHING), NOTHING)
        self.source_box.addItem(say(text.SOURCE_ALL), ALL)
        for layer in listed(document.layers):
            if isinstance(layer, RasterLayer) and layer.id != self.layer:
                self.source_box.addItem(one_line(layer.name), layer.id)
        self.source_box.setCurrentIndex(max(0, self.source_box.findData(chosen)))
        self.source_box.blockSignals(before)

    def _lay_out_form(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for label, help, box in (
            (text.SOURCE, text.SOURCE_HELP, self.source_box),
            (text.BAND, text.BAND_HELP, self.band),
            (text.SHIFT, text.SHIFT_HELP, self.shift),
            (text.FEATHER, text.FEATHER_HELP, self.feather),
            (text.GROUND, text.GROUND_HELP, self.ground_box),
        ):
            box.setToolTip(say(help))
            if isinstance(box, NumberBox):
                box.set_name(say(label), say(help))
            else:
                box.setAccessibleName(say(label))
            form.addRow(say(label), box)
        holder = QWidget(self)
        holder.setLayout(form)
        form.setContentsMargins(0, 0, 0, 0)
        form.insertRow(4, "", self.fringe)
        form.addRow("", self.band_box)
        self.body.addWidget(self.target_box)
        self.body.addWidget(holder)
        self.body.addStretch(1)


def _repaired(base: Document, edit: LabelledEdit) -> Document:
    return edit(base)


def on_ground(document: Document, layer_id: LayerId, ground: Ground) -> Document:
    """The document with only that layer, on a colour; the stack is the document itself."""
    if ground is Ground.STACK:
        return document
    layer = document.layer(layer_id)
    if not isinstance(layer, RasterLayer | GroupLayer):  # an adjustment has no picture to look at
        return document
    alone = replace(layer, clipping=False)
    return document.with_layers((RasterLayer(name="", pixels=plain(document, COLORS[ground])), alone))


def plain(document: Document, color: tuple[int, int, int]) -> PixelBuffer:
    """The canvas in one colour (of 255). All tiles but those at the edges are one and the same."""
    size, depth = document.size, document.depth
    factor = depth.top // 255
    sample = np.array([*(value * factor for value in color), depth.top], depth.dtype)
    tiles: dict[tuple[int, int], Pixels] = {}
    kept: dict[Size, Pixels] = {}
    for column, row in size.rect.cells(TILE):
        part = Rect(column * TILE, row * TILE, (column + 1) * TILE, (row + 1) * TILE).intersect(size.rect)
        if part.size not in kept:
            tile = np.zeros((TILE, TILE, 4), depth.dtype)
            tile[: part.height, : part.width] = sample
            tile.setflags(write=False)
            kept[part.size] = tile
        tiles[column, row] = kept[part.size]
    return PixelBuffer(size, depth, 4, 0, tiles)
