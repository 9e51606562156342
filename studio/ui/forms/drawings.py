"""Fields whose entries are drawn on the canvas: marked objects, regions, the objects of a scene, operations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QComboBox, QFileDialog, QLineEdit, QMenu, QPushButton, QWidget

from studio.core.compositing import composite_layers
from studio.core.errors import StudioError
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import BlendMode, GroupLayer, Layer, LayerId
from studio.core.pixels import Depth, to_depth
from studio.io.images.inputs import read_mask
from studio.plugin_api.interactions import (
    Box,
    ObjectEntry,
    ObjectList,
    Operation,
    OperationKind,
    Operations,
    Region,
    Regions,
)
from studio.plugin_api.params import BoxPick, LayerFilter, MaskPick, Pick, PointPick
from studio.ui.canvas.interactions.boxes import BoxInteraction
from studio.ui.canvas.interactions.operations import OperationsInteraction
from studio.ui.canvas.interactions.picks import PicksInteraction
from studio.ui.canvas.interactions.regions import COLORS, ObjectsInteraction, RegionsInteraction
from studio.ui.forms import text
from studio.ui.forms.field import IconButton, still
from studio.ui.forms.host import FormHost, Mask
from studio.ui.forms.lists import BoxEditor, ListField, RowText, swatch
from studio.ui.forms.sources import LayerBox
from studio.ui.forms.text import say


class PicksField(ListField[Pick]):
    """Objects marked by box, point or mask, front-most first."""

    front_first = True
    hint = text.PICKS_EMPTY

    def make_tool(self) -> BoxInteraction[tuple[Pick, ...]]:
        self._shown_masks: dict[str, int] = {}
        self.picks = PicksInteraction(parent=self)
        self.picks.masked.connect(self._keep_mask)
        return self.picks

    def row_of(self, entry: Pick, number: int) -> RowText:
        kind = {"mask": text.PICK_MASK, "box": text.PICK_BOX, "point": text.PICK_POINT}[entry.kind]
        return RowText(shown=say(kind, name=entry.name or say(text.PICK_NUMBER, number=number)), name=entry.name)

    def renamed(self, entry: Pick, name: str) -> Pick:
        return replace(entry, name=name)

    def fill_editor(self) -> None:
        self.name_line = _name_line(self.editor, text.PICK_NAME, lambda name: self._rename(name))
        self.box_editor = BoxEditor(self.spec.label, self.editor)
        self.box_editor.changed.connect(self._moved)
        self.editor_form.addRow(say(text.PICK_NAME), self.name_line)
        self.editor_form.addRow(self.box_editor)

    def show_in_editor(self, entry: Pick) -> None:
        _show_name(self.name_line, entry.name)
        match entry:
            case BoxPick():
                self.box_editor.show_rect(Rect.at(Point(entry.x, entry.y), Size(entry.width, entry.height)))
            case PointPick():
                self.box_editor.show_rect(Rect.at(Point(entry.x, entry.y), Size(1, 1)), is_point=True)
            case MaskPick():
                pass
        self.box_editor.setVisible(not isinstance(entry, MaskPick))

    def more_buttons(self) -> list[QWidget]:
        self.mask_button = IconButton("mask", text.PICK_ADD_MASK, self._offer_masks)
        return [self.mask_button]

    def fault(self) -> str:
        lost = [pick for pick in self.value if isinstance(pick, MaskPick) and pick.array not in self.host.arrays]
        return say(text.PICK_LOST, name=lost[0].name or lost[0].array) if lost else ""

    def refresh(self) -> None:
        super().refresh()
        named = {pick.array for pick in self.value if isinstance(pick, MaskPick)}
        known = {name: mask for name, mask in self.host.arrays.items() if name in named}
        if {name: id(mask) for name, mask in known.items()} != self._shown_masks:
            self._shown_masks = {name: id(mask) for name, mask in known.items()}
            self.picks.set_masks(known)

    def _on_drawn(self, value: object) -> None:
        self.host.arrays.update(self.picks.masks)  # a click on an object marks it by a mask
        super()._on_drawn(value)

    def add_mask(self, mask: Mask, name: str) -> None:
        """Mark what a canvas-sized mask covers, 128 and up."""
        number = next(n for n in range(1, len(self.host.arrays) + 2) if f"mask{n}" not in self.host.arrays)
        self.host.arrays[f"mask{number}"] = mask
        self.add(MaskPick(array=f"mask{number}", name=name))

    def _keep_mask(self, name: str, mask: Mask) -> None:
        """An object that was clicked on the canvas: the next value names it."""
        self.host.arrays[name] = mask

    def _rename(self, name: str) -> None:
        if self.current is not None:
            self.change_current(replace(self.value[self.current], name=name))

    def _moved(self, rect: Rect) -> None:
        entry = None if self.current is None else self.value[self.current]
        if isinstance(entry, BoxPick):
            self.change_current(replace(entry, x=rect.left, y=rect.top, width=rect.width, height=rect.height))
        elif isinstance(entry, PointPick):
            self.change_current(replace(entry, x=rect.left, y=rect.top))

    def _offer_masks(self) -> None:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        chosen = _chosen_layers(self.host)
        layer = menu.addAction(say(text.PICK_MASK_OF_LAYER), lambda: self._add_layer(chosen[0]))
        layer.setEnabled(bool(chosen))
        layer.setToolTip("" if chosen else say(text.NEEDS_LAYER))
        menu.addAction(say(text.PICK_MASK_OF_FILE), self._choose_mask)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mask_button.mapToGlobal(self.mask_button.rect().bottomLeft()))

    def _add_layer(self, layer: Layer) -> None:
        document = self.host.session.document
        alone = composite_layers(document, (replace(_opaque(layer), visible=True, clipping=False),))
        self.add_mask(cast("Mask", np.ascontiguousarray(to_depth(alone, Depth.EIGHT)[..., 3])), layer.name)

    def _choose_mask(self) -> None:
        dialog = QFileDialog(self, say(text.PICK_MASK_OF_FILE))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.fileSelected.connect(self._add_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _add_file(self, path: str) -> None:
        mask = read_mask(Path(path))
        size = self.host.session.document.size if self.host.session.has_document else None
        if size is not None and mask.shape != (size.height, size.width):
            raise StudioError(
                say(text.MASK_SIZE, width=mask.shape[1], height=mask.shape[0]),
                say(text.MASK_SIZE_HINT, width=size.width, height=size.height),
            )
        self.add_mask(mask, Path(path).stem)


def _opaque(layer: Layer) -> Layer:
    """The layer, and what is in it, as if nothing but its own pixels and masks decided where it is."""
    if isinstance(layer, GroupLayer):
        layer = replace(layer, children=tuple(_opaque(child) for child in layer.children))
    blend = BlendMode.PASS_THROUGH if layer.blend is BlendMode.PASS_THROUGH else BlendMode.NORMAL
    return replace(layer, opacity=1.0, fill=1.0, blend=blend)


class RegionsField(ListField[Region]):
    """Labelled boxes."""

    hint = text.REGIONS_EMPTY

    def make_tool(self) -> BoxInteraction[tuple[Region, ...]]:
        return RegionsInteraction(cast("Regions", self.spec.default), self)

    def row_of(self, entry: Region, number: int) -> RowText:
        shown = entry.label or say(text.REGION_NUMBER, number=number)
        return RowText(shown=shown, name=entry.label, color=QColor(COLORS[(number - 1) % len(COLORS)]))

    def renamed(self, entry: Region, name: str) -> Region:
        return replace(entry, label=name)

    def fill_editor(self) -> None:
        self.name_line = _name_line(self.editor, text.REGION_LABEL, self._rename)
        self.box_editor = BoxEditor(self.spec.label, self.editor)
        self.box_editor.changed.connect(self._moved)
        self.editor_form.addRow(say(text.REGION_LABEL), self.name_line)
        self.editor_form.addRow(self.box_editor)

    def show_in_editor(self, entry: Region) -> None:
        _show_name(self.name_line, entry.label)
        self.box_editor.show_rect(entry.box.rect)

    def _rename(self, name: str) -> None:
        if self.current is not None:
            self.change_current(replace(self.value[self.current], label=name))

    def _moved(self, rect: Rect) -> None:
        if self.current is not None:
            self.change_current(replace(self.value[self.current], box=Box.of(rect)))


class ObjectsField(ListField[ObjectEntry]):
    """The objects of a scene: box, phrase, colour, and the layer each is drawn on."""

    hint = text.OBJECTS_EMPTY

    def make_tool(self) -> BoxInteraction[ObjectList]:
        return ObjectsInteraction(cast("ObjectList", self.spec.default), self)

    def row_of(self, entry: ObjectEntry, number: int) -> RowText:
        shown = entry.phrase or say(text.OBJECT_NUMBER, number=number)
        return RowText(shown=shown, name=entry.phrase, color=QColor(entry.color))

    def renamed(self, entry: ObjectEntry, name: str) -> ObjectEntry:
        return replace(entry, phrase=name)

    def fill_editor(self) -> None:
        self.name_line = _name_line(self.editor, text.OBJECT_PHRASE, lambda name: self._change(phrase=name))
        self.color_button = QPushButton(self.editor)
        self.color_button.clicked.connect(self._choose_color)
        self.layer_box = LayerBox(self.host, LayerFilter.ANY, self.editor)
        self.layer_box.setAccessibleName(say(text.OBJECT_LAYER))
        self.layer_box.currentIndexChanged.connect(lambda _: self._change(layer=self.layer_box.layer))
        self.box_editor = BoxEditor(self.spec.label, self.editor)
        self.box_editor.changed.connect(lambda rect: self._change(box=Box.of(rect)))
        self.editor_form.addRow(say(text.OBJECT_PHRASE), self.name_line)
        self.editor_form.addRow(say(text.OBJECT_COLOR), self.color_button)
        self.editor_form.addRow(say(text.OBJECT_LAYER), self.layer_box)
        self.editor_form.addRow(self.box_editor)

    def show_in_editor(self, entry: ObjectEntry) -> None:
        _show_name(self.name_line, entry.phrase)
        self.color_button.setText(entry.color)
        self.color_button.setIcon(swatch(QColor(entry.color)))
        self.color_button.setAccessibleName(say(text.OBJECT_COLOR_NAMED, color=entry.color))
        self.layer_box.set_layer(entry.layer)
        self.box_editor.show_rect(entry.box.rect)

    def fault(self) -> str:
        session = self.host.session
        lost = [one for one in self.value if one.layer and not _has_layer(session.has_document, self.host, one.layer)]
        return say(text.OBJECT_LOST, name=lost[0].phrase) if lost else ""

    def _change(self, **changes: object) -> None:
        if self.current is not None:
            self.change_current(replace(self.value[self.current], **changes))  # pyright: ignore[reportArgumentType] - fields of the entry

    def _choose_color(self) -> None:
        if self.current is None:
            return
        dialog = QColorDialog(QColor(self.value[self.current].color), self)
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.colorSelected.connect(lambda color: self._change(color=color.name()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


_KIND_WORDS = {
    OperationKind.PLACE: text.OPERATION_PLACE,
    OperationKind.DUPLICATE: text.OPERATION_DUPLICATE,
    OperationKind.FLIP: text.OPERATION_FLIP,
    OperationKind.REMOVE: text.OPERATION_REMOVE,
}


class OperationsField(ListField[Operation]):
    """What shall be done with which layer: the chosen layers are taken in, then dragged on the canvas."""

    renames = False
    hint = text.OPERATIONS_EMPTY

    def make_tool(self) -> BoxInteraction[Operations]:
        return OperationsInteraction(parent=self)

    def row_of(self, entry: Operation, number: int) -> RowText:
        document = self.host.session.document if self.host.session.has_document else None
        layer = None if document is None else document.find(LayerId(entry.layer))
        name = say(text.LAYER_GONE) if layer is None else layer.name
        return RowText(shown=say(text.OPERATION_ROW, layer=name, what=say(_KIND_WORDS[entry.kind])))

    def fill_editor(self) -> None:
        self.kind_box = QComboBox(self.editor)
        self.kind_box.setAccessibleName(say(text.OPERATION_KIND))
        for kind, words in _KIND_WORDS.items():
            self.kind_box.addItem(say(words), kind)
        still(self.kind_box)
        self.kind_box.currentIndexChanged.connect(
            lambda _: self._change(kind=OperationKind(self.kind_box.currentData()))
        )
        self.box_editor = BoxEditor(self.spec.label, self.editor)
        self.box_editor.changed.connect(lambda rect: self._change(target=Box.of(rect)))
        self.editor_form.addRow(say(text.OPERATION_KIND), self.kind_box)
        self.editor_form.addRow(self.box_editor)

    def show_in_editor(self, entry: Operation) -> None:
        blocked = self.kind_box.blockSignals(True)
        self.kind_box.setCurrentIndex(self.kind_box.findData(entry.kind))
        self.kind_box.blockSignals(blocked)
        self.box_editor.show_rect(entry.target.rect)
        self.box_editor.setVisible(entry.kind is not OperationKind.REMOVE)

    def more_buttons(self) -> list[QWidget]:
        self.add_button = IconButton("layer-new", text.OPERATION_ADD, self._add_chosen)
        self.host.document_changed.connect(self._show_add)
        self._show_add()
        return [self.add_button]

    def fault(self) -> str:
        lost = [one for one in self.value if not _has_layer(self.host.session.has_document, self.host, one.layer)]
        return say(text.OPERATION_LOST) if lost else ""

    def _add_chosen(self) -> None:
        for layer in reversed(_chosen_layers(self.host)):
            if not layer.bounds.is_empty:
                box = Box.of(layer.bounds)
                self.add(Operation(layer=layer.id, source=box, target=box))

    def _show_add(self) -> None:
        self.add_button.allow("" if _chosen_layers(self.host) else say(text.NEEDS_LAYER))

    def _change(self, **changes: object) -> None:
        if self.current is not None:
            self.change_current(replace(self.value[self.current], **changes))  # pyright: ignore[reportArgumentType] - fields of the entry


def _has_layer(has_document: bool, host: FormHost, layer: str) -> bool:
    return has_document and host.session.document.find(LayerId(layer)) is not None


def _chosen_layers(host: FormHost) -> list[Layer]:
    """The layers that are chosen in the layer panel, topmost first."""
    if not host.session.has_document:
        return []
    found = [host.session.document.find(layer) for layer in host.session.selection]
    return [layer for layer in found if layer is not None]


def _name_line(parent: QWidget, name: str, rename: object) -> QLineEdit:
    line = QLineEdit(parent)
    line.setAccessibleName(say(name))
    line.textEdited.connect(rename)
    return line


def _show_name(line: QLineEdit, name: str) -> None:
    """Show a name, and leave the cursor where it is when it is the one being typed."""
    if line.text().strip() != name:
        line.setText(name)
