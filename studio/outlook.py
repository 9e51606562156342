"""What a finished job would make of a document: what is to be read for that, as functions for any thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.layers import Layer, LayerId
from studio.jobs.center import JobCenter
from studio.jobs.messages import JobState
from studio.jobs.request import JobId
from studio.placing import ResultNames, placed, placed_again, unknown
from studio.plugin_api.results import Placement, Results

_log = logging.getLogger(__name__)


def outlook(
    document: Document, jobs: JobCenter, job: JobId, in_place_of: LayerId | None, names: ResultNames
) -> Callable[[], tuple[Document, Results]]:
    """A function that tells the document with a job's result in it, and the result.

    Args:
        in_place_of: the outermost layer of the older result whose place it takes; a place of its own for None.
    Raises:
        StudioError: there is no such result. The function raises it, too, where files cannot be read.
    """
    read, source = jobs.results_later(job), source_later(document, jobs, job)
    as_made = None if in_place_of is None else as_made_later(document, in_place_of, jobs)

    def told() -> tuple[Document, Results]:
        results = read()
        if not results.layers:
            return document, results
        if in_place_of is not None and as_made is not None:
            return placed_again(document, results, in_place_of, as_made(), names)[0], results
        replaces = results.placement is Placement.REPLACE_SOURCE  # else it comes on top, whatever it was made from
        asked = source(results) if replaces else unknown(document, results)
        return placed(document, results, asked)[0], results

    return told


def source_later(document: Document, jobs: JobCenter, job: JobId) -> Callable[[Results], Document]:
    """A function that reads what a job's result was made from; where that is lost, the result takes nothing's place.

    Raises StudioError when there is no such job.
    """
    read = jobs.request_later(job)

    def source(results: Results) -> Document:
        try:
            return read().document
        except StudioError as error:
            _log.warning("cannot read what job %s was made from: %s", job, error)
            return unknown(document, results)

    return source


def as_made_later(document: Document, root: LayerId, jobs: JobCenter) -> Callable[[], Sequence[Layer]]:
    """A function that reads the layers of the result below `root` as they came out.

    It gives none when those are not kept: hand edits are then kept whole.
    """
    old = document.find(root)
    made = None if old is None else old.provenance
    stored = None if made is None else kept(jobs, made.job)
    if stored is None or jobs.record(stored).state is not JobState.FINISHED:
        return tuple
    try:
        read = jobs.results_later(stored)
    except StudioError:
        return tuple

    def layers() -> Sequence[Layer]:
        try:
            return read().layers
        except StudioError:
            return ()

    return layers


def kept(jobs: JobCenter, job: str) -> JobId | None:
    """The job, when it is still among the jobs."""
    return JobId(job) if any(record.id == job for record in jobs.records()) else None
