"""States of a job, and what a runner says while it works. A message for a job in a final state is dropped."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import Rect
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
    """`fraction` of the whole run, 0..1, or None when it is not known; `step` of `steps` of this stage, 0 for none."""

    job: JobId
    stage: str
    fraction: float | None
    step: int = 0
    steps: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """What the run has come to: a small (h, w, 4) straight RGBA picture, and the canvas pixels it stands for."""

    job: JobId
    samples: NDArray[np.uint8]
    area: Rect


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


Message: TypeAlias = Started | Progress | Preview | Finished | Failed | Cancelled
Outcome: TypeAlias = Finished | Failed | Cancelled
