"""What stands where in the panel: the page of one plugin, and the one that offers all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from studio.plugin_api.manifest import Manifest
from studio.ui import theme
from studio.ui.forms import text
from studio.ui.forms.field import still
from studio.ui.forms.form import ParamsForm
from studio.ui.forms.text import say
from studio.ui.panels.plugins.engines import EngineBox
from studio.ui.panels.plugins.keeping import PresetButton
from studio.ui.panels.plugins.recipes import RecipeStrip
from studio.ui.panels.plugins.running import RunBar, SeedRow
from studio.ui.panels.results.gallery import ResultGallery
from studio.ui.spoken import spoken_manifest


class Chooser(QWidget):
    """All plugins with what they do, for as long as none is chosen. `chosen` brings an id."""

    chosen = Signal(str)

    def __init__(self, manifests: Iterable[Manifest], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        gap = theme.current().spacing_px
        inside = QWidget(self)
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(gap + 2, gap + 2, gap + 2, gap)
        self._column.setSpacing(gap)
        known = [spoken_manifest(manifest) for manifest in manifests]
        self._column.addWidget(_wrapped(say(text.PLUGIN_CHOOSE if known else text.PLUGIN_NONE), inside))
        self.offers: Mapping[str, QPushButton] = {manifest.id: self._offer(manifest, inside) for manifest in known}
        self._column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(inside))

    def _offer(self, manifest: Manifest, parent: QWidget) -> QPushButton:
        button = QPushButton(manifest.title, parent)
        button.setAccessibleDescription(manifest.summary)
        button.clicked.connect(lambda: self.chosen.emit(manifest.id))
        summary = _wrapped(manifest.summary, parent)
        summary.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._column.addWidget(button)
        self._column.addWidget(summary)
        return button


class PluginPage(QWidget):
    """One plugin: method and presets above, engine, form, seed and results in a scrolling part, Run below.

    `chosen` brings the id of another plugin.
    """

    chosen = Signal(str)

    def __init__(self, manifests: Iterable[Manifest], results: ResultGallery, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choice = QComboBox(self)
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setAccessibleName(say(text.PLUGIN_LIST))
        still(self.choice)
        for manifest in map(spoken_manifest, manifests):
            self.choice.addItem(manifest.title, manifest.id)
        self.choice.setCurrentIndex(-1)
        self.choice.currentIndexChanged.connect(lambda index: self.chosen.emit(str(self.choice.itemData(index))))
        self.preset_button = PresetButton(self)
        self.summary = _wrapped("", self)
        self.summary.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.strip = RecipeStrip(self)
        self.engines = EngineBox(parent=self)
        self.seed_row = SeedRow(self)
        self.results = results
        self.run_bar = RunBar(self)
        self._form_place = QVBoxLayout()
        self._lay_out()

    def show_choice(self, plugin: str) -> None:
        """Show which plugin is chosen; nothing is emitted."""
        blocked = self.choice.blockSignals(True)
        self.choice.setCurrentIndex(self.choice.findData(plugin))
        self.choice.blockSignals(blocked)

    def show_manifest(self, manifest: Manifest) -> None:
        """Show what a plugin does, and its engines."""
        manifest = spoken_manifest(manifest)
        self.summary.setText(manifest.summary)
        paper = manifest.paper
        self.summary.setToolTip("" if paper is None else say(text.PLUGIN_PAPER, title=paper.title, year=paper.year))
        self.engines.show_manifest(manifest)

    def put_form(self, form: ParamsForm, old: ParamsForm | None) -> None:
        """Put a form in the place of another one, which is let go."""
        if old is not None:
            old.release()
            self._form_place.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._form_place.addWidget(form)

    def _lay_out(self) -> None:
        gap = theme.current().spacing_px
        head = QHBoxLayout()
        head.setContentsMargins(gap + 2, gap, gap + 2, 0)
        head.setSpacing(4)
        head.addWidget(self.choice, 1)
        head.addWidget(self.preset_button)
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(gap + 2, gap, gap + 2, gap)
        column.setSpacing(gap + 6)
        for part in (self.summary, self.strip, self.engines):
            column.addWidget(part)
        column.addLayout(self._form_place)
        column.addWidget(self.seed_row)
        column.addWidget(self.results)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addWidget(scrolling(inside), 1)
        whole.addWidget(_line(self))
        whole.addWidget(self.run_bar)


def scrolling(inside: QWidget) -> QScrollArea:
    """An area that scrolls up and down only."""
    area = QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setMinimumSize(QSize(0, 80))
    return area


def _wrapped(words: str, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setWordWrap(True)
    return label


def _line(parent: QWidget) -> QFrame:
    line = QFrame(parent)
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Plain)
    line.setForegroundRole(QPalette.ColorRole.Mid)
    return line
