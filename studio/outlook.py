"""What a finished job would make of a document: what is to be read for that, as functions for any thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.layers import Layer, LayerId
from studio.jobs.center import JobCenter
from studio.jobs.messages import JobState
from studio.jobs.request import JobId, JobRequest
from studio.placing import Remade, ResultNames, Source, placed, placed_again, unknown
from studio.plugin_api.results import Placement, Results

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A document with a result in it, and how that went in: `remade` where it took an older one's place."""

    new: Document
    source: Source = Source.AS_ASKED
    remade: Remade | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ReadResult:
    """A finished job's result with everything that placing it takes, no file among it.

    Args:
        asked: what it was made from; None where that is lost, and it takes nothing's place.
        in_place_of: the outermost layer of the older result whose place it takes; a place of its own for None.
        as_made: that older result's layers as they came out, none where those are not kept.
    """

    results: Results
    asked: Document | None = None
    in_place_of: LayerId | None = None
    as_made: Sequence[Layer] = ()

    def placed_in(self, document: Document, names: ResultNames) -> Made:
        """What it makes of a document; may be called on any thread."""
        if not self.results.layers:
            return Made(document)
        results = replace(self.results, layers=names.named(self.results.layers))
        if self.in_place_of is not None:
            new, remade = placed_again(document, results, self.in_place_of, self.as_made, names)
            return Made(new, remade=remade)
        asked = unknown(document, results) if self.asked is None else self.asked
        return Made(*placed(document, results, asked))


def reading(
    document: Document,
    jobs: JobCenter,
    job: JobId,
    in_place_of: LayerId | None,
    asked: Document | None = None,
    *,
    only_looks: bool = False,
) -> Callable[[], ReadResult]:
    """A function that reads a job's result and what placing it in a document takes.

    Args:
        in_place_of: as in `ReadResult`.
        asked: what it was made from, where that is known already; else it is read, too.
        only_looks: leave out what changes nothing of how the document looks, but what is told of the source.
    Raises:
        StudioError: there is no such result. The function raises it, too, where its files cannot be read.
    """
    read, request = jobs.results_later(job), jobs.request_later(job)
    as_made = None if in_place_of is None else as_made_later(document, in_place_of, jobs)

    def told() -> ReadResult:
        results = read()
        if as_made is not None:
            return ReadResult(results, asked, in_place_of, as_made())
        replaces = results.placement is Placement.REPLACE_SOURCE  # else it comes on top, whatever it was made from
        if asked is not None or not results.layers or (only_looks and not replaces):
            return ReadResult(results, asked)
        return ReadResult(results, _document_of(request, job))

    return told


def _document_of(request: Callable[[], JobRequest], job: JobId) -> Document | None:
    try:
        return request().document
    except StudioError as error:
        _log.warning("cannot read what job %s was made from: %s", job, error)
        return None


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
