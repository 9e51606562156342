"""What the window's process tells a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from studio.jobs.request import JobId
from studio.jobs.transport import Parcel


@dataclass(frozen=True, slots=True)
class RunJob:
    """Run the packed request. In the interactive lane a newer request takes the place of an older one."""

    job: JobId
    request: Parcel
    interactive: bool = False


@dataclass(frozen=True, slots=True)
class CancelJob:
    """Stop that job at its next step, or before it starts; other jobs are not touched."""

    job: JobId


@dataclass(frozen=True, slots=True)
class Quit:
    """Stop what is running and end the process."""


Order: TypeAlias = RunJob | CancelJob | Quit
