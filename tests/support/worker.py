"""A worker process whose one plugin does what its task says."""

from __future__ import annotations

import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from studio.core.errors import JobCancelled
from studio.jobs.request import JobRequest
from studio.plugin_api.results import Results
from studio.worker.loop import Worker

STEP_S = 0.01


def patient_main(connection: Connection) -> None:
    """Entry of the process."""
    Worker(connection, patient).serve()


def patient(
    request: JobRequest, on_progress: Callable[[str, float | None], None], is_cancelled: Callable[[], bool]
) -> Results:
    """echo: give the layers back. slow echo: a few steps first. wait: until cancelled. hang: for good. raise: fail."""
    task = request.params["task"]
    on_progress("Working", 0.0)
    if task == "raise":
        raise ValueError("the engine coughed")
    if task == "hang":
        time.sleep(3600)
    steps = {"wait": 100_000, "slow echo": 10}.get(str(task), 0)
    for _ in range(steps):
        if is_cancelled():
            raise JobCancelled
        time.sleep(STEP_S)
    return Results(layers=request.document.layers)
