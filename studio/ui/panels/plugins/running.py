"""Seed, steps, Run and Cancel, and what the run is at."""

from __future__ import annotations

import random
from enum import StrEnum

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.jobs.request import MOST_STEPS, TOP_SEED
from studio.ui import theme
from studio.ui.forms import text
from studio.ui.forms.field import IconButton, still, tint, tip
from studio.ui.forms.text import say
from studio.ui.icons import icon

VARIATIONS = (2, 4, 8)


class Mood(StrEnum):
    """How what is said is meant."""

    PLAIN = "plain"
    ERROR = "error"
    GOOD = "good"


class SeedRow(QWidget):
    """Seed with dice and lock, and steps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._has_run = False
        self._make_seed()
        self._make_steps()
        self._lay_out()

    @property
    def seed(self) -> int:
        return int(self.seed_box.value())

    @property
    def steps(self) -> int | None:
        """None for the engine's own number."""
        return self.steps_box.value() or None if self.steps_box.isEnabled() else None

    @property
    def is_locked(self) -> bool:
        return self.lock.isChecked()

    def show_seed(self, seed: int, steps: int | None, *, locked: bool) -> None:
        """Show a seed and steps, such as a recipe's, within the limits of `studio.jobs.request`."""
        self.seed_box.setValue(seed)
        self.steps_box.setValue(steps or 0)
        self.lock.setChecked(locked)
        self._has_run = False

    def allow_steps(self, allowed: bool) -> None:
        """Whether the engine has steps."""
        self.steps_box.setEnabled(allowed)
        self.steps_box.setToolTip("" if allowed else say(text.STEPS_NONE))

    def next_seed(self) -> int:
        """The seed of the run that begins: a new one where the last is not to be kept and was used already."""
        if self._has_run and not self.is_locked:
            self.roll()
        self._has_run = True
        return self.seed

    def roll(self) -> None:
        """Another seed."""
        self.seed_box.setValue(random.SystemRandom().randint(0, TOP_SEED))
        self._has_run = False

    def _make_seed(self) -> None:
        self.seed_box = QDoubleSpinBox(self)  # a QSpinBox ends at half of the range
        self.seed_box.setDecimals(0)
        self.seed_box.setRange(0, TOP_SEED)
        self.seed_box.setAccessibleName(say(text.SEED))
        self.seed_box.setAccessibleDescription(say(text.SEED_HELP))
        self.seed_box.setToolTip(tip(say(text.SEED_HELP)))
        still(self.seed_box)
        self.dice = IconButton("dice", text.SEED_DICE, self.roll, self)
        self.lock = _LockButton(self)

    def _make_steps(self) -> None:
        self.steps_box = QSpinBox(self)
        self.steps_box.setRange(0, MOST_STEPS)
        self.steps_box.setSpecialValueText(say(text.STEPS_OWN))
        self.steps_box.setAccessibleName(say(text.STEPS))
        still(self.steps_box)

    def _lay_out(self) -> None:
        seed_label, steps_label = QLabel(say(text.SEED), self), QLabel(say(text.STEPS), self)
        seed_label.setBuddy(self.seed_box)
        steps_label.setBuddy(self.steps_box)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        grid.setColumnStretch(1, 1)
        for column, part in enumerate((seed_label, self.seed_box, self.dice, self.lock)):
            grid.addWidget(part, 0, column)
        grid.addWidget(steps_label, 1, 0)
        grid.addWidget(self.steps_box, 1, 1)


class RunBar(QWidget):
    """`run` asks for a run, `vary` for several with other seeds, `cancel` to stop, `details` for more of a failure."""

    run = Signal()
    vary = Signal(int)
    cancel = Signal()
    details = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reason = ""
        self._note = ""
        self._told = ""
        self._running = False
        self._make_buttons()
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName(say(text.RUN_PROGRESS))
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.details_button = QPushButton(say(text.RUN_DETAILS), self)
        self.details_button.setFlat(True)
        self.details_button.clicked.connect(self.details)
        self._lay_out()
        self.show_idle()

    # State

    def allow(self, reason: str, label: str, note: str = "") -> None:
        """Let Run be pressed, or say why not; `label` is what it does, `note` what is worth knowing before."""
        self._reason, self._note = reason, note
        self.run_button.setText(label)
        self._show_buttons()

    def show_idle(self, words: str = "", mood: Mood = Mood.PLAIN, *, has_details: bool = False) -> None:
        """Nothing runs; say how the last run ended, or nothing."""
        self._running = False
        self.progress.hide()
        self._say(words, mood)
        self.details_button.setVisible(has_details)
        self._show_buttons()

    def show_running(self, words: str, fraction: float | None) -> None:
        """A run waits or works; `fraction` of all of it, 0..1, or None where it is not known."""
        self._running = True
        self.progress.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self.progress.setValue(round(1000 * fraction))
        self.progress.show()
        self._say(words, Mood.PLAIN)
        self.details_button.hide()
        self._show_buttons()

    def _say(self, words: str, mood: Mood) -> None:
        look = theme.current()
        self._told, self._mood = words, mood
        tint(self.words, {Mood.PLAIN: look.muted, Mood.ERROR: look.danger, Mood.GOOD: look.good}[mood])

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_mood"):
            self._say(self._told, self._mood)
            self.vary_button.setIcon(icon("chevron-down"))
        super().changeEvent(event)

    def _show_buttons(self) -> None:
        self.cancel_button.setVisible(self._running)
        for button in (self.run_button, self.vary_button):
            button.setVisible(not self._running)
            button.setEnabled(not self._reason)
        self.run_button.setToolTip(self._reason)
        self.vary_button.setToolTip(self._reason or tip(say(text.VARIATIONS_HELP)))
        shown = self._told if self._running else self._reason or self._told or self._note
        self.words.setText(shown)
        self.words.setVisible(bool(shown))
        self.run_button.setAccessibleDescription(self._reason)

    # The parts

    def _make_buttons(self) -> None:
        self.run_button = QPushButton(self)
        self.run_button.setDefault(True)
        self.run_button.setAutoDefault(False)
        self.run_button.setProperty("prominent", True)
        self.run_button.clicked.connect(self.run)
        self.cancel_button = QPushButton(say(text.CANCEL), self)
        self.cancel_button.clicked.connect(self.cancel)
        self.vary_button = QToolButton(self)
        self.vary_button.setIcon(icon("chevron-down"))
        self.vary_button.setAccessibleName(say(text.VARIATIONS))
        self.vary_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.vary_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.vary_button)
        for count in VARIATIONS:
            menu.addAction(say(text.VARIATIONS_RUN, count=count), lambda count=count: self.vary.emit(count))
        self.vary_button.setMenu(menu)

    def _lay_out(self) -> None:
        buttons, said = QHBoxLayout(), QHBoxLayout()
        for row in (buttons, said):
            row.setSpacing(4)
        buttons.addWidget(self.run_button, 1)
        buttons.addWidget(self.cancel_button, 1)
        buttons.addWidget(self.vary_button)
        said.addWidget(self.words, 1)
        said.addWidget(self.details_button)
        column = QVBoxLayout(self)
        gap = theme.current().spacing_px
        column.setContentsMargins(gap + 2, gap, gap + 2, gap)
        column.setSpacing(6)
        column.addLayout(buttons)
        column.addWidget(self.progress)
        column.addLayout(said)


class _LockButton(QToolButton):
    """Keeps the seed while it is down."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(say(text.SEED_LOCK))
        self.setToolTip(f"{say(text.SEED_LOCK)}\n{say(text.SEED_HELP)}")
        self.toggled.connect(lambda _: self._dress())
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        self.setIcon(icon("lock" if self.isChecked() else "unlock"))
