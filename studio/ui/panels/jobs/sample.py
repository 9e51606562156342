"""The jobs panel with a job in every state, for looking at; nothing of it runs."""

from __future__ import annotations

import numpy as np

from studio.jobs.center import JobProgress
from studio.jobs.eta import Estimate
from studio.jobs.messages import JobState
from studio.jobs.record import JobRecord
from studio.jobs.request import JobId
from studio.plugin_host.registry import Registry
from studio.session import Session
from studio.ui.panels.jobs.panel import JobsPanel

LONG = "ART: layers from a prompt, with a title that goes on and does not want to end"
MEMORY = "There is not enough memory: the smallest plan needs 14.2 GiB, and 6.1 GiB are free on this machine now."


def sample_panel(chosen: JobState = JobState.RUNNING) -> JobsPanel:
    """The panel with the job in this state chosen."""
    panel = JobsPanel(Session(Registry()))
    panel.show_records(_records(), paused=False)
    running = JobId("running")
    panel.model.show_progress(JobProgress(running, "Denoising", 0.4, 12, 30), Estimate(8.2, 17.4))
    panel.model.show_estimate(JobId("queued"), Estimate(70, 130))
    panel.choose(JobId(chosen))
    panel.show_current()
    if chosen is JobState.RUNNING:
        panel.detail.show_preview(_picture())
    return panel


def _records() -> list[JobRecord]:
    def record(state: JobState, label: str, place: float, **more: object) -> JobRecord:
        values = {"plugin": "art", "engine": "tiny", "started_s": 1e9, "ended_s": 1e9 + 8.2 - place, **more}
        return JobRecord(id=JobId(state), label=label, state=state, place=place, **values)  # pyright: ignore[reportArgumentType]  # each has its field's type

    failed = {"message": MEMORY, "hint": "Close other programs, or choose a smaller engine.", "detail": "none"}
    return [
        record(JobState.FINISHED, "Decompose into layers", 1, accepted=True),
        record(JobState.FAILED, "Place an object", 2, **failed),
        record(JobState.CANCELLED, "Structured guidance", 3),
        record(JobState.RUNNING, "Sketch to scene", 4),
        record(JobState.QUEUED, LONG, 5),
    ]


def _picture() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A sunset, (60, 80, 4)."""
    y, x = np.mgrid[0:60, 0:80]
    red, green, blue = 250 - y, 90 + 2 * np.abs(30 - y), 60 + 3 * y
    sun = (x - 52) ** 2 + (y - 26) ** 2 < 90
    samples = np.dstack([red, green, blue, np.full_like(x, 255)]).clip(0, 255).astype(np.uint8)
    samples[sun, :3] = (255, 236, 170)
    return samples
