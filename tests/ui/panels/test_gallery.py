"""The gallery shows the panels on real layers, settled, and lets go of them."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.jobs.messages import JobState
from studio.ui.gallery import jobs, layered, panels, release, settle
from studio.ui.panels.history import HistoryPanel
from studio.ui.panels.jobs import JobsPanel
from studio.ui.panels.layers import LayersPanel
from studio.ui.panels.properties import PropertiesPanel


def test_panels_on_the_sample_picture(qtbot: QtBot, qapp: QApplication) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    row = QHBoxLayout(page)
    layers, properties, history = panels(page)
    for panel in (layers, properties, history):
        row.addWidget(panel)
    page.resize(900, 600)
    page.show()
    qtbot.waitExposed(page)
    settle(page)
    assert isinstance(layers, LayersPanel)
    assert isinstance(properties, PropertiesPanel)
    assert isinstance(history, HistoryPanel)
    assert layers.tree.thumbnails.made >= 4
    assert history.steps.rowCount() == 5
    release(page)


def test_a_job_in_every_state(qtbot: QtBot, qapp: QApplication) -> None:
    page = jobs()
    qtbot.addWidget(page)
    running, failed = page.findChildren(JobsPanel)
    assert {entry.record.state for entry in running.model.entries} == set(JobState)
    assert running.detail.status.text() == "Denoising · step 12 of 30 · 8–17 s left"
    assert failed.detail.hint.text()
    release(page)


def test_the_document_is_sound() -> None:
    assert layered().check() == []
