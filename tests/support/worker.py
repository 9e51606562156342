"""A worker process whose one plugin does what its task says."""

from __future__ import annotations

import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import numpy as np

from studio.core.errors import JobCancelled
from studio.core.geometry import Rect
from studio.jobs.request import JobRequest
from studio.plugin_api.context import OnPreview, OnProgress
from studio.plugin_api.results import Results
from studio.worker.loop import Worker

STEP_S = 0.01


def patient_main(connection: Connection) -> None:
    """Entry of the process."""
    Worker(connection, patient).serve()


def patient(
    request: JobRequest, on_progress: OnProgress, is_cancelled: Callable[[], bool], on_preview: OnPreview
) -> Results:
    """echo: give the layers back. slow echo: a few steps first. wait: until cancelled. hang: for good. raise: fail.

    paint: show a red picture over a part of the canvas, then wait.
    """
    task = request.params.get("task") or request.params.get("trouble")
    on_progress("Working", 0.0)
    if task == "raise":
        raise ValueError("the engine coughed")
    if task == "hang":
        time.sleep(3600)
    if task == "paint":
        on_preview(np.full((8, 8, 4), (255, 0, 0, 255), np.uint8), Rect(10, 20, 42, 52))
    steps = {"wait": 100_000, "paint": 100_000, "slow echo": 10}.get(str(task), 0)
    for step in range(steps):
        on_progress("Working", step / steps, step + 1, steps)
        if is_cancelled():
            raise JobCancelled
        time.sleep(STEP_S)
    return Results(layers=request.document.layers)
