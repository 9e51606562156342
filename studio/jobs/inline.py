"""The runner that works in the caller's own thread: for the command line and tests."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from studio.core.errors import JobCancelled, StudioError
from studio.core.geometry import Rect
from studio.jobs.messages import Cancelled, Failed, Finished, Message, Outcome, Preview, Progress, Started
from studio.jobs.request import JobId, JobRequest
from studio.plugin_api.context import OnPreview, OnProgress
from studio.plugin_api.results import Results

PREVIEW_EVERY_S = 0.1
"""Previews that come sooner after the last one are left out."""


class Execute(Protocol):
    """Runs the plugin that a request names. The worker process and this runner share one implementation."""

    def __call__(
        self, request: JobRequest, on_progress: OnProgress, is_cancelled: Callable[[], bool], on_preview: OnPreview
    ) -> Results: ...


def ignore_message(message: Message) -> None:
    """For callers that only want the outcome."""


class InlineRunner:
    """Runs one request at a time, to its end; `cancel` may come from another thread or from a progress listener."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute
        self._cancelled: set[JobId] = set()

    def cancel(self, job: JobId) -> None:
        """Stop that job at its next step; other jobs are not touched."""
        self._cancelled.add(job)

    def run(self, request: JobRequest, listener: Callable[[Message], None] = ignore_message) -> Outcome:
        """Run to the end; the last message is also returned. A plugin's errors become `Failed`."""
        outcome = self._outcome(request, listener)
        self._cancelled.discard(request.id)
        listener(outcome)
        return outcome

    def _outcome(self, request: JobRequest, listener: Callable[[Message], None]) -> Outcome:
        shown_s = -PREVIEW_EVERY_S

        def on_progress(stage: str, fraction: float | None, step: int = 0, steps: int = 0) -> None:
            listener(Progress(request.id, stage, fraction, step, steps))

        def on_preview(samples: NDArray[np.uint8], area: Rect) -> None:
            nonlocal shown_s
            if time.monotonic() - shown_s >= PREVIEW_EVERY_S:
                shown_s = time.monotonic()
                listener(Preview(request.id, samples, area))

        def is_cancelled() -> bool:
            return request.id in self._cancelled

        if is_cancelled():
            return Cancelled(request.id)
        listener(Started(request.id))
        started = time.perf_counter()
        try:
            results = self._execute(request, on_progress, is_cancelled, on_preview)
        except JobCancelled:
            return Cancelled(request.id)
        except StudioError as error:
            detail = error.detail or "".join(traceback.format_exception(error))
            return Failed(request.id, error.message, error.hint, detail)
        except MemoryError as error:
            hint = "Close other programs, or work on a smaller picture."
            return Failed(request.id, "There is not enough memory for this picture.", hint, repr(error))
        except Exception as error:  # the edge of plugin code: whatever it raises becomes a failed job
            hint = "Run again with --debug and send the report to the plugin's author."
            text = f"The plugin {request.plugin} stopped with an error: {error}."
            return Failed(request.id, text, hint, "".join(traceback.format_exception(error)))
        return Finished(request.id, results, time.perf_counter() - started)
