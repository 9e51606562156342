"""Every widget of the window on fake data: `python -m studio.ui.gallery` shows them, `-o FILE.png` saves a picture.

A look at themes, icons, notices and controls without opening anything.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from PySide6.QtCore import Qt
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

from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.geometry import Size
from studio.documents import Recoverable
from studio.ui import icons, theme
from studio.ui.app import application
from studio.ui.notices import NoticeCard, Offer, Told, of_error
from studio.ui.settings import SettingsFile
from studio.ui.status import StatusBar
from studio.ui.welcome import Welcome

ICON_COLUMNS = 14
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
    whole.resize(1360, 820)
    return whole


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
        return app.exec()
    QApplication.processEvents()
    page.grab().save(str(told.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
