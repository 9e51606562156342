"""States of a job, and what a runner says while it works. A message for a job in a final state is dropped."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from studio.jobs.request import JobId
from studio.plugin_api.results import Results


class JobState(StrEnum):
    """queued -> running -> finished | failed | cancelled; queued may go straight to cancelled."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in (JobState.FINISHED, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Started:
    job: JobId


@dataclass(frozen=True, slots=True)
class Progress:
    """`fraction` of the whole run, 0..1, or None when it is not known."""

    job: JobId
    stage: str
    fraction: float | None


@dataclass(frozen=True, slots=True)
class Finished:
    """`seconds` is the wall time of the run."""

    job: JobId
    results: Results
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """Words for the user (`message`, `hint`), and `detail` for the log."""

    job: JobId
    message: str
    hint: str
    detail: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    job: JobId


Message: TypeAlias = Started | Progress | Finished | Failed | Cancelled
Outcome: TypeAlias = Finished | Failed | Cancelled
