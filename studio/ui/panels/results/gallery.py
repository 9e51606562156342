"""The results of a plugin's runs: to look at, compare with the document, put into it, and delete."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QImage, QKeyEvent, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.geometry import Rect
from studio.core.layers import LayerId
from studio.jobs.messages import JobState
from studio.jobs.request import JobId
from studio.plugin_api.results import Results
from studio.session import Session
from studio.ui.canvas.view import CanvasView
from studio.ui.forms import text
from studio.ui.forms.field import IconButton, still, tip
from studio.ui.forms.lists import TAKE_AWAY, keeps_key
from studio.ui.forms.text import say
from studio.ui.panels.results.comparing import ComparisonOverlay
from studio.ui.panels.results.pictures import thumbnail

SHOWN_PX = 84
MOST = 24
"""Older results stay in the job list."""
COMPARE_SIDE_PX = 4096
RESTING_MS = 800
"""Thumbnails follow the document once it was left alone for this long."""
_SPLIT_STEPS = 1000
_JOB = Qt.ItemDataRole.UserRole


class Background(Protocol):
    """Runs work on a thread, then one of two functions on the main thread."""

    def __call__(
        self, work: Callable[[], object], then: Callable[[object], None], failed: Callable[[BaseException], None]
    ) -> None: ...


@dataclass(slots=True)
class _Known:
    """A finished job. `has_layers` is None until its results were read; they are not kept, only their thumbnail."""

    job: JobId
    ended_s: float
    accepted: bool
    seed: int
    has_layers: bool | None = None
    is_broken: bool = False


class ResultGallery(QWidget):
    """`loaded` brings a result that has just been read, `failed` an error, `recipe_wanted` a job whose settings to use.

    It shows the jobs of one plugin; `target` says in place of what a result would come. A thumbnail shows what taking
    the result would make of the document; after an edit they are all made anew, one at a time, beside the window.
    """

    loaded = Signal(str, object)
    failed = Signal(object)
    recipe_wanted = Signal(str)

    def __init__(self, session: Session, target: Callable[[], LayerId | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._target = target
        self._background: Background = _here
        self._canvas: CanvasView | None = None
        self._plugin = ""
        self._known: dict[JobId, _Known] = {}
        self._due: list[JobId] = []
        self._making: JobId | None = None
        self._is_stale = False
        self._shown_target: LayerId | None = None
        self._resting = QTimer(self, interval=RESTING_MS, singleShot=True)
        self._resting.timeout.connect(self._make_all_again)
        self._overlay = ComparisonOverlay(self)
        self._compared: tuple[JobId, LayerId | None, Document] | None = None
        self._make_parts()
        self._show_buttons()

    def use_window(self, canvas: CanvasView, background: Background) -> None:
        """Compare on this canvas, and read results beside the window."""
        self._canvas = canvas
        self._background = background

    def show_plugin(self, plugin: str) -> None:
        """List the results of another plugin."""
        self.stop_comparing()
        self._plugin = plugin
        self._known.clear()
        self._due.clear()
        self.list.clear()
        self.refresh()

    def refresh(self) -> None:
        """List the finished jobs as they are now."""
        records = self._session.jobs.records() if self._session.has_jobs and self._plugin else []
        mine = [r for r in records if r.plugin == self._plugin and r.state is JobState.FINISHED]
        mine = sorted(mine, key=lambda record: record.ended_s)[-MOST:]
        for job in set(self._known) - {record.id for record in mine}:
            self._forget(job)
        for record in mine:
            known = self._known.get(record.id)
            if known is None:
                seed = self._session.jobs.asked(record.id).seed
                known = self._known[record.id] = _Known(record.id, record.ended_s, record.accepted, seed)
                self._due.insert(0, record.id)
                item = QListWidgetItem()
                item.setData(_JOB, record.id)
                self.list.insertItem(0, item)
            known.accepted = record.accepted
            self._show_item(known)
        self.list.fit()
        self.empty.setVisible(not self._known)
        for part in (self.list, self._bar, self._compare_bar):
            part.setVisible(bool(self._known))
        self._show_buttons()
        self._make_next()

    @property
    def current(self) -> JobId | None:
        """The chosen result's job."""
        item = self.list.currentItem()
        return None if item is None else JobId(item.data(_JOB))

    @property
    def is_settled(self) -> bool:
        """Whether all that is listed was read and shown."""
        return self._making is None and not (self._due and self._session.has_document)

    @property
    def is_waiting(self) -> bool:
        """Whether thumbnails will follow the document once it is left alone."""
        return self._resting.isActive()

    @property
    def is_comparing(self) -> bool:
        """Whether the canvas shows a result."""
        return self._overlay.has_picture

    def choose(self, job: JobId) -> None:
        """Choose a result."""
        item = self._item(job)
        if item is not None:
            self.list.setCurrentItem(item)

    def apply(self) -> None:
        """Put the chosen result into the document, in place of the open recipe's layers where there are some."""
        job = self.current
        if job is None or self._reason():
            return
        self.stop_comparing()
        try:
            self._session.take_soon(job, self._target())
        except StudioError as error:
            self.failed.emit(error)
        self.refresh()

    def delete(self) -> None:
        """Forget the chosen result."""
        job = self.current
        if job is None:
            return
        self.stop_comparing()
        try:
            self._session.jobs.forget(job)
        except StudioError as error:
            self.failed.emit(error)
        self.refresh()

    def stop_comparing(self) -> None:
        """Show the document as it is."""
        self.off_button.setChecked(True)
        self._show_comparison()

    def show_target(self) -> None:
        """In place of what a result would come may have changed."""
        self._show_buttons()
        if self._target() != self._shown_target:
            self._shown_target = self._target()
            self._make_again_soon()

    def follow_document(self) -> None:
        """The document is another one."""
        self.stop_comparing()
        self._make_again_soon()

    # Reading

    def _make_again_soon(self) -> None:
        """Once nothing changes for a while, and this is looked at."""
        self._is_stale = bool(self._known)
        self._due = [job for job in self._due if self._known[job].has_layers is None]
        if self._is_stale and self.isVisible():
            self._resting.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._resting.start()

    def _make_all_again(self) -> None:
        """The chosen one first."""
        self._is_stale = False
        jobs = [job for job, known in self._known.items() if not known.is_broken and known.has_layers is not False]
        self._due = sorted(jobs, key=lambda job: job != self.current)
        self._make_next()

    def _make_next(self) -> None:
        """One at a time, so that a file that is opened meanwhile need not wait for all of them."""
        if self._making is not None or not self._due or not self._session.has_document:
            return
        job = self._making = self._due.pop(0)
        try:
            later = self._session.with_result_later(job, self._target())
        except StudioError as error:
            self._on_unread(job, error)
            return

        def work() -> tuple[Results, QImage]:
            document, results = later()
            return results, thumbnail(document) if results.layers else QImage()

        self._background(work, lambda told: self._on_read(job, told), lambda error: self._on_unread(job, error))

    def _on_read(self, job: JobId, told: object) -> None:
        self._making = None
        known, item = self._known.get(job), self._item(job)
        if known is not None and item is not None:
            assert isinstance(told, tuple)
            results, image = told
            item.setIcon(QIcon(framed(image, self.devicePixelRatioF())))
            is_new, known.has_layers = known.has_layers is None, bool(results.layers)
            self.list.fit()
            self._show_buttons()
            if is_new:
                self.loaded.emit(job, results)
        self._make_next()

    def _on_unread(self, job: JobId, error: BaseException) -> None:
        self._making = None
        if job in self._known:
            self._known[job].is_broken = True
        self.failed.emit(error)
        self._make_next()

    def _forget(self, job: JobId) -> None:
        self._known.pop(job, None)
        self._due = [due for due in self._due if due != job]
        item = self._item(job)
        if item is not None:
            self.list.takeItem(self.list.row(item))

    def _item(self, job: JobId) -> QListWidgetItem | None:
        items = (self.list.item(row) for row in range(self.list.count()))
        return next((item for item in items if item.data(_JOB) == job), None)

    # Comparing

    def _show_comparison(self) -> None:
        splits = self.split_button.isChecked()
        self.slider.setVisible(splits)
        self._overlay.set_split(self.slider.value() / _SPLIT_STEPS if splits else 0.0)
        job, canvas = self.current, self._canvas
        if canvas is None:
            return
        if job is None or self.off_button.isChecked() or self._reason():
            self._compared = None
            canvas.remove_overlay(self._overlay)
            self._overlay.show_picture(QImage(), Rect(0, 0, 0, 0), Rect(0, 0, 0, 0))
            return
        document, target = self._session.document, self._target()
        if self._compared is not None and self._compared[:2] == (job, target) and self._compared[2] is document:
            return
        asked = self._compared = (job, target, document)
        try:
            later = self._session.with_result_later(job, target)
        except StudioError as error:
            self.failed.emit(error)
            return
        self._background(lambda: later()[0], lambda told: self._draw_compared(asked, told), self.failed.emit)

    def _draw_compared(self, asked: object, whole: object) -> None:
        """Have the canvas draw the document with the result, as far as that is still wanted."""
        if self._compared is not asked or self._canvas is None:
            return
        assert isinstance(whole, Document)
        document, canvas = whole, self._canvas
        level = max(0, (max(document.size.width, document.size.height) - 1).bit_length() - COMPARE_SIDE_PX.bit_length())
        step = 1 << level
        area = Rect(0, 0, -(-document.size.width // step) * step, -(-document.size.height // step) * step)
        size = document.canvas
        canvas.request_image(whole, area, level, lambda image: self._on_compared(asked, image, area, size))

    def _on_compared(self, asked: object, image: QImage, area: Rect, size: Rect) -> None:
        if self._compared is not asked or self._canvas is None:
            return
        self._canvas.remove_overlay(self._overlay)
        self._overlay.show_picture(image, area, size)
        self._canvas.add_overlay(self._overlay)

    # Showing

    def _reason(self) -> str:
        """Why the chosen result cannot be put into the document."""
        known = None if self.current is None else self._known.get(self.current)
        if known is None:
            return say(text.RESULT_NEEDS_ONE)
        if not self._session.has_document:
            return say(text.NEEDS_PICTURE)
        if known.has_layers is False:
            return say(text.RESULT_NOT_LAYERS)
        return ""

    def _show_buttons(self) -> None:
        reason = self._reason()
        self.apply_button.setText(say(text.RESULT_APPLY_IN_PLACE if self._target() else text.RESULT_APPLY))
        self.apply_button.setEnabled(not reason)
        self.apply_button.setToolTip(reason)
        chosen = "" if self.current is not None else say(text.RESULT_NEEDS_ONE)
        self.delete_button.allow(chosen)
        self.load_button.allow(chosen)
        for button in (self.off_button, self.flip_button, self.split_button):
            button.setEnabled(not reason)
            button.setToolTip(reason or tip(say(text.COMPARE_HELP)))

    def _show_item(self, known: _Known) -> None:
        item = self._item(known.job)
        if item is None:
            return
        seed = str(known.seed)
        when = time.strftime("%H:%M", time.localtime(known.ended_s))
        words = say(text.RESULT_TAKEN if known.accepted else text.RESULT_NAME, seed=seed, when=when)
        item.setToolTip(words)
        item.setText(seed)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, words)

    def _on_current(self) -> None:
        self._show_buttons()
        self._show_comparison()

    def _make_parts(self) -> None:
        self.title = QLabel(say(text.RESULTS), self)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.empty = QLabel(say(text.RESULTS_EMPTY), self)
        self.empty.setWordWrap(True)
        self.empty.setForegroundRole(self.empty.foregroundRole().PlaceholderText)
        self.list = _ResultList(self)
        self.list.deleted.connect(self.delete)
        self.list.currentItemChanged.connect(lambda *_: self._on_current())
        self.list.itemActivated.connect(lambda _: self.apply())
        self._make_bar()
        self._make_compare_bar()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for part in (self.title, self.empty, self.list, self._bar, self._compare_bar):
            column.addWidget(part)

    def _make_bar(self) -> None:
        self._bar = QWidget(self)
        self.apply_button = QPushButton(self._bar)
        self.apply_button.clicked.connect(self.apply)
        self.load_button = IconButton("settings", text.RESULT_LOAD, self._want_recipe, self._bar)
        self.delete_button = IconButton("trash", text.RESULT_DELETE, self.delete, self._bar)
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.apply_button)
        row.addStretch(1)
        row.addWidget(self.load_button)
        row.addWidget(self.delete_button)

    def _make_compare_bar(self) -> None:
        self._compare_bar = QWidget(self)
        group = QButtonGroup(self)
        self.off_button, self.flip_button, self.split_button = (
            self._compare_button(words, group) for words in (text.COMPARE_OFF, text.COMPARE_FLIP, text.COMPARE_SPLIT)
        )
        self.off_button.setChecked(True)
        group.buttonToggled.connect(lambda _, on: self._show_comparison() if on else None)
        self.slider = QSlider(Qt.Orientation.Horizontal, self._compare_bar)
        self.slider.setRange(0, _SPLIT_STEPS)
        self.slider.setValue(_SPLIT_STEPS // 2)
        self.slider.setPageStep(_SPLIT_STEPS // 10)
        self.slider.setAccessibleName(say(text.COMPARE_PLACE))
        still(self.slider)
        self.slider.valueChanged.connect(lambda _: self._show_comparison())
        self.slider.hide()
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(QLabel(say(text.COMPARE), self._compare_bar))
        for button in (self.off_button, self.flip_button, self.split_button):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self._compare_bar)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.slider)

    def _compare_button(self, words: str, group: QButtonGroup) -> QToolButton:
        button = QToolButton(self._compare_bar)
        button.setText(say(words))
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(f"{say(text.COMPARE)}: {say(words)}")
        group.addButton(button)
        return button

    def _want_recipe(self) -> None:
        if self.current is not None:
            self.recipe_wanted.emit(self.current)


class _ResultList(QListWidget):
    """Thumbnails; Delete asks to forget the chosen one."""

    deleted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(say(text.RESULTS))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setIconSize(QSize(SHOWN_PX, SHOWN_PX))
        self.setGridSize(QSize(SHOWN_PX + 8, SHOWN_PX + 24))
        self.setWordWrap(False)
        self.fit()

    def fit(self) -> None:
        """As high as its rows, two at most."""
        columns = max(1, self.viewport().width() // self.gridSize().width())
        rows = min(2, -(-max(1, self.count()) // columns))
        self.setFixedHeight(rows * self.gridSize().height() + 8)
        self.scheduleDelayedItemsLayout()  # Qt leaves items where their first text and icon put them

    def resizeEvent(self, e: QResizeEvent) -> None:
        super().resizeEvent(e)
        self.fit()

    def event(self, e: QEvent) -> bool:
        return keeps_key(e, TAKE_AWAY) or super().event(e)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in TAKE_AWAY:
            self.deleted.emit()
        else:
            super().keyPressEvent(event)


def framed(image: QImage, ratio: float) -> QPixmap:
    """The picture at the size it is shown at."""
    side = round(SHOWN_PX * ratio)
    if image.isNull():
        return QPixmap()
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    pixmap = QPixmap.fromImage(image.scaled(side, side, keep, smooth))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def _here(work: Callable[[], object], then: Callable[[object], None], failed: Callable[[BaseException], None]) -> None:
    """Without a window, do it now."""
    try:
        told = work()
    except StudioError as error:
        failed(error)
        return
    then(told)
