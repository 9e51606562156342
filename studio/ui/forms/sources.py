"""Fields for a picture file and for a layer of the document."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImageReader, QPixmap
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QLineEdit, QWidget

from studio.core.layers import GroupLayer, Layer, LayerId, RasterLayer, listed
from studio.plugin_api.params import LayerFilter, ParamSpec
from studio.ui.forms import text
from studio.ui.forms.field import Field, IconButton, still
from studio.ui.forms.host import FormHost
from studio.ui.forms.text import say

THUMBNAIL_PX = 28


class FileField(Field):
    """A picture file: typed, chosen or dropped. Another picture under the name counts from the next run on."""

    def __init__(self, spec: ParamSpec, host: FormHost, parent: QWidget | None = None) -> None:
        super().__init__(spec, host, parent)
        self.setAcceptDrops(True)
        self.picture = QLabel(self)
        self.picture.setFixedSize(THUMBNAIL_PX, THUMBNAIL_PX)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.line = QLineEdit(self)
        self.line.setAccessibleName(spec.label)
        self.line.setAccessibleDescription(spec.help)
        self.line.setPlaceholderText(say(text.FILE_HINT))
        self.line.editingFinished.connect(self._typed)
        self.choose_button = IconButton("open", text.FILE_CHOOSE, self.choose, self)
        self.clear_button = IconButton("close", text.FILE_CLEAR, lambda: self._take(""), self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for part in (self.picture, self.line, self.choose_button, self.clear_button):
            row.addWidget(part, 1 if part is self.line else 0)
        self._value = ""
        self._show()
        self.setFocusProxy(self.line)

    @property
    def value(self) -> str:
        return self._value

    def set_value(self, value: object) -> None:
        self._value = str(value)
        self._show()

    def fault(self) -> str:
        kept = self.spec.name in self.host.arrays
        return "" if not self._value or kept or _is_file(self._value) else say(text.FILE_MISSING)

    def choose(self) -> None:
        """Ask for a file."""
        dialog = QFileDialog(self, say(text.FILE_CHOOSE), str(Path(self._value).parent) if self._value else "")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._take)
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self._take(next(url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()))

    def _typed(self) -> None:
        told = self.line.text().strip()
        if told != Path(self._value).name and told != self._value:
            self._take(told)

    def _take(self, path: str) -> None:
        self.host.arrays.pop(self.spec.name, None)  # pixels of the picture that was named before
        self._value = path
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        self.line.setText(Path(self._value).name)
        self.line.setToolTip(self._value)
        self.clear_button.setEnabled(bool(self._value))
        pixmap = _thumbnail(self._value)
        self.picture.setVisible(not pixmap.isNull())
        self.picture.setPixmap(pixmap)


def _is_file(path: str) -> bool:
    """Whether there is such a file; a name that no file can have is none."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def _thumbnail(path: str) -> QPixmap:
    """A small picture of what Qt can read; an empty one of everything else."""
    if not path or not _is_file(path):
        return QPixmap()
    reader = QImageReader(path)
    size = reader.size()
    if not size.isValid():
        return QPixmap()
    reader.setAutoTransform(True)
    reader.setScaledSize(size.scaled(QSize(THUMBNAIL_PX, THUMBNAIL_PX), Qt.AspectRatioMode.KeepAspectRatio))
    return QPixmap.fromImage(reader.read())


class LayerBox(QComboBox):
    """The document's layers of one kind, topmost first, and none of them."""

    def __init__(self, host: FormHost, kind: LayerFilter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._host = host
        self._kind = kind
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        still(self)
        self._wanted = ""
        host.document_changed.connect(self.refresh)
        self.refresh()
        self.currentIndexChanged.connect(self._picked)

    @property
    def layer(self) -> str:
        """The id of the chosen layer; empty for none."""
        return self._wanted

    @property
    def is_lost(self) -> bool:
        """Whether the chosen layer is not in the document, or not of the kind."""
        return bool(self._wanted) and self.findData(self._wanted) < 0

    def set_layer(self, layer: str) -> None:
        """Choose another layer; nothing is emitted but Qt's own signals."""
        self._wanted = layer
        self.refresh()

    def refresh(self) -> None:
        """List the layers as they are now."""
        before = self.blockSignals(True)
        self.clear()
        self.addItem(say(text.LAYER_NONE), "")
        session = self._host.session
        layers = session.document.layers if session.has_document else ()
        for layer in listed(layers):
            if fits(layer, self._kind):
                self.addItem(layer.name if layer.ai_visible else say(text.LAYER_CLOSED, name=layer.name), layer.id)
        self.setCurrentIndex(self.findData(self._wanted) if not self.is_lost else -1)
        self.blockSignals(before)

    def _picked(self, index: int) -> None:
        if index >= 0:
            self._wanted = str(self.itemData(index))


def fits(layer: Layer, kind: LayerFilter) -> bool:
    """Whether a layer is of the kind that is asked for."""
    match kind:
        case LayerFilter.PIXELS:
            return isinstance(layer, RasterLayer)
        case LayerFilter.GROUP:
            return isinstance(layer, GroupLayer)
        case LayerFilter.MASKED:
            return layer.mask is not None
        case _:
            return True


_EXPECTED = {
    LayerFilter.PIXELS: text.LAYER_NO_PIXELS,
    LayerFilter.GROUP: text.LAYER_NO_GROUP,
    LayerFilter.MASKED: text.LAYER_NO_MASK,
    LayerFilter.ANY: text.NEEDS_LAYER,
}


class LayerField(Field):
    """A layer, from a list or the one that is chosen in the layer panel."""

    def __init__(self, spec: ParamSpec, host: FormHost, parent: QWidget | None = None) -> None:
        super().__init__(spec, host, parent)
        self.box = LayerBox(host, spec.layers, self)
        self.box.setAccessibleName(spec.label)
        self.box.setAccessibleDescription(spec.help)
        self.active_button = IconButton("picker", text.LAYER_USE_ACTIVE, self._take_active, self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.box, 1)
        row.addWidget(self.active_button)
        self.box.currentIndexChanged.connect(lambda _: self.changed.emit())
        host.document_changed.connect(self._show_active)
        self._show_active()
        self.setFocusProxy(self.box)

    @property
    def value(self) -> str:
        return self.box.layer

    def set_value(self, value: object) -> None:
        self.box.set_layer(str(value))

    def fault(self) -> str:
        return say(text.LAYER_LOST) if self.box.is_lost else ""

    def _active(self) -> Layer | None:
        session = self.host.session
        chosen = session.selection[:1] if session.has_document else ()
        return session.document.find(LayerId(chosen[0])) if chosen else None

    def _take_active(self) -> None:
        layer = self._active()
        if layer is not None and fits(layer, self.spec.layers):
            self.box.set_layer(layer.id)
            self.changed.emit()

    def _show_active(self) -> None:
        layer = self._active()
        if layer is None:
            self.active_button.allow(say(text.NEEDS_LAYER))
        else:
            self.active_button.allow("" if fits(layer, self.spec.layers) else say(_EXPECTED[self.spec.layers]))
