"""What the jobs panel and its notices say, in English; studio/ui/translations holds the other languages."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from studio.jobs.eta import Estimate

CONTEXT = "jobs"

# The panel
LIST = "Jobs"
NOTHING_YET = "No jobs yet"
NOTHING_YET_HINT = "What you decompose or generate is listed here while it waits and runs, and when it is done."
NOT_READY = "Jobs cannot run"
NOT_READY_HINT = "The job queue could not be opened. Another Lamina may have it open."
SUMMARY_IDLE = "Nothing to do"
SUMMARY_RUNNING = "Running"
SUMMARY_WAITING = "{count} waiting"
SUMMARY_BOTH = "Running, {count} waiting"
PAUSED = "Paused"
PAUSED_BANNER = "Paused: waiting jobs do not start."
PAUSE = "Pause the queue"
PAUSE_HELP = "Start no further job until you resume, not even after a restart. The running one goes on."
RESUME = "Resume"
RESUME_HELP = "Let waiting jobs run"
CLEAR = "Clear what has ended"
CLEAR_HELP = "Take finished, failed and cancelled jobs out of the list. Results that wait for you stay."
CLEAR_NOTHING = "Nothing has ended yet."

# One job
STARTING = "Starting"
STEP = "step {step} of {steps}"
WAITING = "Waiting"
WAITING_PAUSED = "Waiting, paused"
FINISHED = "Finished in {time}"
FINISHED_WAITS = "Finished, its layers wait to be placed"
CANCELLED = "Cancelled"
FAILED = "Failed: {message}"
ENGINE = "Engine: {engine}"
SPOKEN = "{label}, {status}"
PREVIEW = "Preview of the running job"
PROGRESS = "Progress"
DETAIL = "Chosen job"

# What can be done with it
CANCEL = "Cancel"
CANCEL_HELP = "Stop this job. What it has done so far is dropped; your document stays as it is."
RETRY = "Run again"
RETRY_HELP = "Run this job again from its own request, after those that wait."
SHOW = "Show layers"
SHOW_HELP = "Choose the layers of this result"
PLACE = "Place layers"
PLACE_HELP = "Put the layers of this result into the open document, as one step that can be undone."
OPEN = "Open layers"
OPEN_HELP = "Open the layers of this result as a new document."
DETAILS = "Details…"
DETAILS_HELP = "Everything that is known about this error, to read and to copy"
EARLIER = "Run earlier"
LATER = "Run later"
REMOVE = "Remove from the list"
REMOVE_WAITING = "Remove from the list. Its layers are in no document and go with it."
FIRST_ALREADY = "It is the next one already."
LAST_ALREADY = "It is the last one already."
CANCELLING = "Stopping"

# Times
AMOUNT = "{value} {unit}"
RANGE = "{low}–{high} {unit}"
UNIT_SECONDS = "s"
UNIT_MINUTES = "min"
UNIT_HOURS = "h"
LEFT = "{time} left"
TAKES = "takes {time}"

# Notices
ARRIVED = "“{job}” is done: its layers are in the document."
ARRIVED_NOTHING = "“{job}” is done."
SOURCE_GONE = "The layer it was made from is not there any more, so they were put on top."
SOURCE_CHANGED = "The layer it was made from was changed meanwhile and stays below them."
ELSEWHERE = "“{job}” is done, and its document is not open any more."
ELSEWHERE_HINT = "Its layers wait in the Jobs panel."
WITHHELD_REDO = "“{job}” is done, and its layers wait."
WITHHELD_REDO_HINT = "Placing them now would drop the steps you undid. You can do it later from the Jobs panel."
LEFT_OVER = "Jobs from the last time go on: {count}."
LEFT_OVER_PAUSED = "Jobs from the last time wait: {count}. The queue is paused."
RESULTS_WAIT = "Results from the last time wait in the Jobs panel: {count}."
QUEUED_PAUSED = "“{job}” waits, because the queue is paused."
SHOW_PANEL = "Show jobs"
DESKTOP_TITLE = "Lamina Studio"
DESKTOP_DONE = "“{job}” is done."
DESKTOP_FAILED = "“{job}” failed."

# Closing the window
CLOSING_TITLE = "Close while a job runs?"
CLOSING_TEXT = "“{job}” is still running."
CLOSING_TIME = "It will take {time} more."
CLOSING_HINT = "If you stop it, it stays in the queue and starts again from its request the next time."
CLOSING_WAIT = "Wait, then close"
CLOSING_STOP = "Stop and keep in the queue"
CLOSING_CANCEL = "Do not close"
CLOSING_WAITING = "The window closes when “{job}” has ended."
CLOSING_STAY = "Keep it open"


def say(english: str, **values: object) -> str:
    """One of the sentences above in the user's language, with `{name}` replaced by `values`."""
    said = QCoreApplication.translate(CONTEXT, english)
    return said.format(**values) if values else said


def say_time(seconds: float) -> str:
    """A time that was measured: “8.2 s”, “3 min”, “1.5 h”."""
    per_unit, unit = _unit(seconds)
    value = seconds / per_unit
    fine = value < 9.95 and unit != UNIT_MINUTES
    return say(AMOUNT, value=f"{value:.1f}" if fine else f"{value:.0f}", unit=say(unit))


def say_range(estimate: Estimate) -> str:
    """A range in the unit of its upper end: “10–25 s”, “2–3 min”; one number where both ends come to the same."""
    per_unit, unit = _unit(estimate.high_s)
    low, high = _rounded(estimate.low_s / per_unit), max(_rounded(estimate.high_s / per_unit), 1)
    if low == high:
        return say(AMOUNT, value=high, unit=say(unit))
    return say(RANGE, low=low, high=high, unit=say(unit))


def _unit(seconds: float) -> tuple[int, str]:
    """Seconds in the unit that suits a time of this length, and the unit."""
    if seconds < 100:
        return 1, UNIT_SECONDS
    return (60, UNIT_MINUTES) if seconds < 6000 else (3600, UNIT_HOURS)


def _rounded(value: float) -> int:
    """To whole numbers, in steps of five from twenty on: a range should not look more certain than it is."""
    return round(value) if value < 20 else 5 * round(value / 5)
