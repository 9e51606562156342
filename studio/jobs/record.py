"""What the queue remembers of a job."""

from __future__ import annotations

from dataclasses import dataclass

from studio.jobs.messages import JobState
from studio.jobs.request import JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """One row of the queue, without its pixels.

    `place` orders waiting jobs, smallest first. `attempts` counts how often it was started. `message`, `hint` and
    `detail` say why it failed. `accepted` means that the results are in a document, or were turned down.
    Times are seconds since the epoch, 0 for not yet. `megapixels` is the size of the canvas it was asked for on, 0 when
    that is not known. `kept_aside` results wait to be compared and taken, and go into no document by themselves.
    """

    id: JobId
    label: str
    plugin: str
    engine: str
    state: JobState
    place: float
    attempts: int = 0
    created_s: float = 0.0
    started_s: float = 0.0
    ended_s: float = 0.0
    message: str = ""
    hint: str = ""
    detail: str = ""
    accepted: bool = False
    megapixels: float = 0.0
    kept_aside: bool = False
