"""Every widget of the window on fake data: `python -m studio.ui.gallery` shows them, `-o FILE.png` saves a picture.

A look at themes, icons, notices and controls without opening anything.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio import resources
from studio.core import edits
from studio.core.adjustments import Curves, Levels, LevelsBand
from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.geometry import Point, Size
from studio.core.layers import (
    AdjustmentLayer,
    BlendMode,
    ColorLabel,
    GroupLayer,
    LayerId,
    Locks,
    Mask,
    Provenance,
    RasterLayer,
)
from studio.core.pixels import PixelBuffer
from studio.documents import Recoverable
from studio.io import formats
from studio.io.images import read_mask
from studio.jobs.messages import JobState
from studio.session import Session
from studio.ui import icons, layer_actions, theme
from studio.ui.actions import ActionSet, Shell
from studio.ui.app import application
from studio.ui.notices import NoticeCard, Offer, Told, of_error
from studio.ui.panels.colors import ColorsPanel
from studio.ui.panels.history import HistoryPanel
from studio.ui.panels.jobs import JobsPanel
from studio.ui.panels.jobs.sample import sample_panel
from studio.ui.panels.layers import LayersPanel
from studio.ui.panels.plugins import PluginPanel
from studio.ui.panels.plugins.sample import chooser
from studio.ui.panels.plugins.sample import sample_panel as filled_form
from studio.ui.panels.properties import PropertiesPanel
from studio.ui.settings import SettingsFile
from studio.ui.status import StatusBar
from studio.ui.welcome import Welcome

ICON_COLUMNS = 14
PANEL_PX = 300
PATIENCE_S = 10.0
PEAR, SHADOW, TONES = LayerId("pear"), LayerId("shadow"), LayerId("tones")
LONG = "A very long layer name that goes on and on, with 日本語 and ελληνικά in it, and does not want to end"


def gallery() -> QWidget:
    """All of it in one widget."""
    whole = QWidget()
    whole.setWindowTitle("Gallery")
    left, right = QVBoxLayout(), QVBoxLayout()
    for part in (_icons(), _controls(), _status()):
        left.addWidget(part)
    left.addStretch(1)
    for part in (_notices(), _welcome()):
        right.addWidget(part)
    row = QHBoxLayout(whole)
    row.addLayout(left, 1)
    row.addLayout(right, 1)
    for part in (*panels(whole), ColorsPanel(Session()), jobs(), chooser(), filled_form()):
        part.setFixedWidth(PANEL_PX)
        row.addWidget(part)
    whole.resize(1360 + 7 * PANEL_PX, 880)
    return whole


def panels(whole: QWidget) -> list[QWidget]:
    """The panels on layers: the list, properties and history, on the sample picture and a few edits."""
    session = Session()
    session.start(layered())
    shell = SimpleNamespace(
        session=session,
        settings=SettingsFile(Path(os.devnull)),
        show_panel=lambda name: None,
        is_open=lambda group: True,
        canvas=SimpleNamespace(work=SimpleNamespace(is_busy=False)),
    )
    actions = ActionSet(layer_actions.specs(), cast("Shell", shell), whole)
    session.history.apply(edits.step(edits.set_opacity, SHADOW, 0.6))
    session.history.apply(edits.step(edits.set_label, PEAR, ColorLabel.GREEN))
    session.history.mark_saved()
    session.history.apply(edits.step(edits.rename, PEAR, "洋梨"))
    session.history.apply(edits.step(edits.set_visible, PEAR, False))
    session.history.undo()
    session.select([TONES])
    actions.refresh()
    shown = LayersPanel(session), PropertiesPanel(session), HistoryPanel(session)
    for panel in shown[:2]:
        panel.use_actions(actions.__getitem__)
    return list(shown)


def jobs() -> QWidget:
    """The jobs panel, with the running and with a failed job chosen."""
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    for chosen in (JobState.RUNNING, JobState.FAILED):
        column.addWidget(sample_panel(chosen))
    return both


def settle(page: QWidget) -> None:
    """Wait for what panels make between events: thumbnails and histograms."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        lists, properties = page.findChildren(LayersPanel), page.findChildren(PropertiesPanel)
        if all(p.tree.thumbnails.is_idle for p in lists) and all(p.histogram.is_idle for p in properties):
            return


def release(page: QWidget) -> None:
    """Let the panels go."""
    for kind in (LayersPanel, PropertiesPanel, HistoryPanel, ColorsPanel, JobsPanel, PluginPanel):
        for panel in page.findChildren(kind):
            panel.release()


def layered() -> Document:
    """The sample picture in layers: an object in a group with its shadow, masks, locks, provenance, adjustments."""
    photo = formats.open_document(resources.sample("still_life.jpg")).document
    (ground,) = photo.layers
    assert isinstance(ground, RasterLayer)
    samples = ground.pixels.read()
    cover = read_mask(resources.sample("still_life_pear.png")).reshape(*samples.shape[:2])
    samples[..., 3] = cover
    cut, corner = PixelBuffer.from_array(samples).trimmed()
    samples[..., :3] = 40
    record = Provenance(plugin="layer_decomp", engine="classical", prompt="a pear", seed=12, created="2026-05-04")
    mask = Mask(pixels=PixelBuffer.from_array(cover))
    pear = GroupLayer(
        id=PEAR,
        name="Pear",
        children=(
            RasterLayer(
                id=SHADOW,
                name="Shadow",
                pixels=PixelBuffer.from_array(samples),
                origin=Point(40, 20),
                blend=BlendMode.MULTIPLY,
                provenance=record,
            ),
            RasterLayer(
                name="Object", pixels=cut, origin=corner, mask=mask, provenance=record, locks=Locks(pixels=True)
            ),
            RasterLayer(name="صورة ظلية", pixels=cut, origin=corner, clipping=True, visible=False, ai_editable=False),
        ),
    )
    tones = AdjustmentLayer(
        id=TONES, name="Levels", adjustment=Levels(rgb=LevelsBand(black=20, gamma=1.2, white=235)), mask=mask
    )
    curves = AdjustmentLayer(name=LONG, adjustment=Curves(), ai_visible=False, opacity=0.5)
    return photo.with_layers((replace(ground, name="Background", locks=Locks(position=True)), pear, tones, curves))


def _icons() -> QWidget:
    box = QGroupBox("Icons")
    grid = QGridLayout(box)
    grid.setSpacing(2)
    for index, name in enumerate(icons.names()):
        button = QToolButton(box)
        button.setIcon(icons.icon(name))
        button.setIconSize(button.iconSize().__class__(theme.current().icon_px, theme.current().icon_px))
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.setEnabled(index % 9 != 8)
        button.setCheckable(True)
        button.setChecked(index % 11 == 3)
        grid.addWidget(button, index // ICON_COLUMNS, index % ICON_COLUMNS)
    return box


def _controls() -> QWidget:
    box = QGroupBox("Controls")
    form = QFormLayout(box)
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setValue(40)
    combo = QComboBox()
    combo.addItems(["Normal", "Multiply", LONG])
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    off = QPushButton("Not now")
    off.setEnabled(False)
    default = QPushButton("Decompose")
    default.setDefault(True)
    bar = QProgressBar()
    bar.setValue(42)
    spin = QSpinBox()
    spin.setSuffix(" px")
    buttons = QHBoxLayout()
    for button in (default, QPushButton("Cancel"), off):
        buttons.addWidget(button)
    marks = QHBoxLayout()
    for mark in (QCheckBox("Shadow"), QRadioButton("Exact"), QRadioButton("Clean")):
        mark.setChecked(mark.text() != "Clean")
        marks.addWidget(mark)
    tabs = QTabWidget()
    tabs.addTab(QLabel(LONG), "Layers")
    tabs.addTab(QLabel("Second"), "History")
    for label, part in (
        ("Name", QLineEdit(LONG)),
        ("Opacity", slider),
        ("Radius", spin),
        ("Mode", combo),
        ("Effects", marks),
        ("Progress", bar),
        ("", buttons),
        ("", tabs),
    ):
        form.addRow(label, part)
    return box


def _status() -> QWidget:
    bar = StatusBar()
    bar.show_document(Document(size=Size(6000, 4000)))
    bar.show_zoom("66.7 %")
    bar.show_pixel(1204, 877, (196, 120, 64, 255))
    bar.show_work("Denoising 12 of 30", 0.4)
    return bar


def _notices() -> QWidget:
    box = QGroupBox("Notices")
    column = QVBoxLayout(box)
    told = (
        Told(message="Saved still_life.lamina."),
        Told(message="poster.psd was opened with 3 changes.", offer=Offer("Show what changed", lambda: None)),
        of_error(StudioError("Could not write poster.psd: no space left.", "Free some space, or save elsewhere.")),
        Told(message=LONG, hint=LONG),
    )
    for one in told:
        column.addWidget(NoticeCard(one, box))
    return box


def _welcome() -> QWidget:
    actions = {name: QAction(name) for name in ("file.open", "file.sample", "file.new")}
    page = Welcome(actions.__getitem__)
    page.show_recent([Path("still_life.lamina"), Path("poster.psd"), Path(f"{LONG}.png")])
    page.show_left_over([Recoverable(project=Path("x.lamina"), name="photo.jpg", original=None, changed_s=1.7e9)])
    return page


def main(arguments: list[str] | None = None) -> int:
    """Show the gallery, or save it; the exit status."""
    parser = argparse.ArgumentParser(description="Every widget of the window on fake data.")
    parser.add_argument("--theme", choices=list(theme.THEMES), default=theme.DEFAULT)
    parser.add_argument("-o", "--out", type=Path)
    told = parser.parse_args(arguments)
    if told.out is not None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = application(SettingsFile(Path(os.devnull)))
    theme.apply(told.theme)
    page = gallery()
    page.show()
    if told.out is None:
        code = app.exec()
    else:
        QApplication.processEvents()
        settle(page)
        code = 0 if page.grab().save(str(told.out)) else 1
    release(page)
    return code


if __name__ == "__main__":
    sys.exit(main())
