"""One open document with its history, and the services it needs. Only here are they wired together. No Qt, no torch."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from studio.core import edits
from studio.core.changes import surviving
from studio.core.document import Document
from studio.core.errors import JobCancelled, ProtectedLayerError, StudioError
from studio.core.events import DocumentChanged, Event, Subscriptions
from studio.core.history import EditCall, History, LabelledEdit
from studio.core.layers import LayerId
from studio.io import formats
from studio.io.delivery import Adjustments
from studio.io.report import Notice, Written
from studio.jobs.center import JobCenter, JobChanged, Post
from studio.jobs.inline import InlineRunner, ignore_message
from studio.jobs.messages import Failed, Finished, JobState, Message, Outcome
from studio.jobs.queue import JobQueue
from studio.jobs.request import Asked, JobId, JobRequest
from studio.outlook import Made, ReadResult, as_made_later, kept, reading
from studio.placing import Remade, ResultNames, Source
from studio.plugin_api.interactions import Candidates, LabelMap, Suggestions
from studio.plugin_api.results import Figure, Results
from studio.plugin_host.consents import Consents
from studio.plugin_host.registry import Registry, discover
from studio.requests import PluginRun, Recipe, calls_of, input_of, recipe_of, request_of
from studio.worker.execution import Executor
from studio.worker.loop import main as worker_main

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What was run, with every default filled in, what the plugin measured, and the places it suggests."""

    plugin: str
    engine: str
    seed: int
    seconds: float
    figures: Mapping[str, Figure]
    notices: tuple[str, ...]
    suggestions: Mapping[str, Candidates] = field(default_factory=dict[str, Candidates])


WorkerEntry = Callable[[Connection], None]
"""A worker's main function: it serves the pipe until that closes."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A job's layers came into the document. Where its source is gone or has changed, they were put on top of it all,
    or right above it, and took nothing's place.
    """

    job: JobId
    layers: tuple[LayerId, ...]
    source: Source


class Withheld(StrEnum):
    """Why a finished job's layers were not put into the document: it is another one, or undone steps would be lost."""

    ELSEWHERE = "elsewhere"
    REDO = "redo"


@dataclass(frozen=True, slots=True)
class Offered:
    """A job is finished and its layers wait for `Session.take`."""

    job: JobId
    why: Withheld


@dataclass(frozen=True, slots=True)
class DocumentOpened:
    """Another document is open now, with a history of its own; `path` is None for one that was never saved."""

    document: Document
    path: Path | None
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class LayersSelected:
    """The layers that commands act on, topmost first; the first one is the active layer."""

    layers: tuple[LayerId, ...]


class Pending(Protocol):
    """What a tool shows and the document does not have yet."""

    @property
    def is_pending(self) -> bool: ...

    def settle(self) -> bool:
        """Make it a part of the document; False where that cannot be, which was told then."""
        ...


class Session:
    """Opens, edits, runs plugins on and saves one document. Every change goes through the history.

    `opened`, `was_shut`, `document_changed` and `selected` tell who listens, in this order when several are due;
    `troubled` brings errors of work that nobody waits for, such as a result that could not be placed, `arrived` and
    `offered` what became of a finished job's layers, `delayed` those that wait for a drag to end, and `remade` what
    became of a result that was made again in place. Whoever edits the document from outside the canvas calls `settle`
    first; `pending` is what the window puts there for its canvas.

    Args:
        consents: the licences that were accepted; the user's own unless given.
    """

    def __init__(self, registry: Registry | None = None, consents: Consents | None = None) -> None:
        self.registry = discover() if registry is None else registry
        self.consents = Consents() if consents is None else consents
        self.runner = InlineRunner(Executor(self.registry))
        self.names = ResultNames()
        self.pending: Pending = _NothingPending()
        self.path: Path | None = None
        self.opened = Event("session.opened", DocumentOpened)
        self.was_shut = Event("session.was_shut", type(None))
        self.document_changed = Event("session.document_changed", DocumentChanged)
        self.selected = Event("session.selected", LayersSelected)
        self.troubled = Event("session.troubled", StudioError)
        self.remade = Event("session.remade", Remade)
        self.arrived = Event("session.arrived", Arrived)
        self.offered = Event("session.offered", Offered)
        self.delayed = Event("session.delayed", str)
        self._history: History | None = None
        self._selection: tuple[LayerId, ...] = ()
        self._jobs: JobCenter | None = None
        self._awaited: dict[JobId, Document] = {}  # with the root that each was asked for
        self._delayed: list[Callable[[], None]] = []  # what came in the middle of an edit
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="lamina-results")
        self._post: Post | None = None
        self._subscriptions = Subscriptions()

    @property
    def history(self) -> History:
        """Raises StudioError when nothing is open."""
        if self._history is None:
            raise StudioError("No document is open.", "Open a file first.")
        return self._history

    @property
    def document(self) -> Document:
        """The current root. Raises StudioError when nothing is open."""
        return self.history.document

    @property
    def has_document(self) -> bool:
        """Whether anything is open."""
        return self._history is not None

    @property
    def selection(self) -> tuple[LayerId, ...]:
        """The selected layers, topmost first; the first one is the active layer."""
        return self._selection

    def start(self, document: Document, path: Path | None = None, notices: tuple[Notice, ...] = ()) -> None:
        """Make `document` the open one, with an empty history and its topmost layer selected."""
        self._begin(History(document, on_change=self._on_change, on_rest=self._on_rest), path, notices)

    def restore(
        self,
        steps: Sequence[tuple[str, Document]],
        cursor: int,
        *,
        saved: bool,
        path: Path | None = None,
        notices: tuple[Notice, ...] = (),
    ) -> None:
        """Open a document with the history it had, such as a project's; see `History.restored`."""
        self._begin(
            History.restored(steps, cursor, saved=saved, on_change=self._on_change, on_rest=self._on_rest),
            path,
            notices,
        )

    def shut(self) -> None:
        """Have nothing open. Jobs go on; what they make is offered and not placed."""
        self._history = None
        self.path = None
        self._selection = ()
        self._awaited.clear()
        self.was_shut.emit(None)
        self._on_rest()

    def _begin(self, history: History, path: Path | None, notices: tuple[Notice, ...]) -> None:
        self._history = history
        self.path = path
        self._selection = tuple(layer.id for layer in history.document.layers[-1:])
        self._awaited.clear()
        self.opened.emit(DocumentOpened(history.document, path, notices))
        self._on_rest()

    def open(self, path: Path) -> tuple[Notice, ...]:
        """Read a file of any known format; returns what could not be kept. Raises StudioError."""
        read = formats.open_document(path)
        self.start(read.document, path, read.notices)
        return read.notices

    def select(self, layers: Sequence[LayerId]) -> None:
        """Choose the layers that commands act on; those that are not in the document are left out."""
        present = {layer.id for layer in self.document.walk()}
        chosen = tuple(layer for layer in layers if layer in present)
        if chosen != self._selection:
            self._selection = chosen
            self.selected.emit(LayersSelected(chosen))

    def _on_change(self, change: DocumentChanged) -> None:
        before, self._selection = self._selection, surviving(self._selection, change.old, change.new)
        self.document_changed.emit(change)
        if self._selection != before:
            self.selected.emit(LayersSelected(self._selection))
        self._on_rest()

    def save(self, path: Path, adjustments: Adjustments = Adjustments.BAKED) -> Written:
        """Write the document in the format that the extension asks for; `adjustments` matter to a PSD only.

        Raises StudioError.
        """
        return formats.save_document(self.document, path, adjustments)

    def settle(self) -> bool:
        """Make what a tool has pending a part of the document, before anything else is done to it.

        False where that cannot be: the user was told, and nothing else should be done.
        """
        return self.pending.settle()

    def apply(self, label: str, edit: Callable[[Document], Document]) -> None:
        """Change the document as one undo step."""
        self.history.apply(edit, label=label)

    def run_plugin(self, run: PluginRun, listener: Callable[[Message], None] = ignore_message) -> RunReport:
        """Run a plugin here and now, and put its layers into the document as one undo step.

        Raises UsageError for a wrong name or parameter, StudioError when the plugin fails, JobCancelled.
        """
        request = self.request(run)
        outcome = self.runner.run(request, listener)
        if isinstance(outcome, Failed):
            raise StudioError(outcome.message, outcome.hint, outcome.detail)
        if not isinstance(outcome, Finished):
            raise JobCancelled
        self._put(request.asked, self._read_here(outcome.results, run.in_place_of))
        return RunReport(
            plugin=run.plugin,
            engine=request.engine,
            seed=run.seed,
            seconds=outcome.seconds,
            figures=outcome.results.figures,
            notices=outcome.results.notices,
            suggestions={name: told.candidates for name, told in outcome.results.suggestions.items()},
        )

    def _read_here(self, results: Results, in_place_of: LayerId | None) -> ReadResult:
        """A result that was just made from the document, for its place there."""
        if in_place_of is None or not self.has_jobs:
            return ReadResult(results, self.document, in_place_of)
        return ReadResult(results, None, in_place_of, as_made_later(self.document, in_place_of, self.jobs)())

    def request(self, run: PluginRun) -> JobRequest:
        """The complete request of a run: engine filled in, document reduced to what the model may see.

        Raises UsageError for a wrong plugin, engine or parameter, StudioError when a licence was not accepted, a file
        of the parameters cannot be read, or what the older result was made from is not known any more.
        """
        document = self.document if run.in_place_of is None else input_of(run.in_place_of, self.history, self._asked_of)
        return request_of(run, document, self.registry, self.consents)

    def recipe(self, layer_id: LayerId) -> Recipe | None:
        """How the layer was made, and what came with it; None for a layer that no plugin of ours made.

        Raises StudioError when what was written down of it cannot be read.
        """
        return recipe_of(self.document, layer_id, self._arrays_of)

    def _arrays_of(self, job: str) -> Mapping[str, NDArray[np.uint8]]:
        stored = kept(self.jobs, job) if self.has_jobs else None
        return {} if stored is None else self.jobs.arrays(stored)

    def _asked_of(self, job: str) -> Document | None:
        stored = kept(self.jobs, job) if self.has_jobs else None
        return None if stored is None else self.jobs.request(stored).document

    @property
    def has_jobs(self) -> bool:
        """Whether jobs run in a worker; see `use_worker`."""
        return self._jobs is not None

    @property
    def jobs(self) -> JobCenter:
        """The queue and its worker. Raises StudioError before `use_worker`."""
        if self._jobs is None:
            raise StudioError("The job queue is not running.")
        return self._jobs

    def use_worker(self, folder: Path, post: Post, entry: WorkerEntry | None = None) -> None:
        """Run jobs in a worker process from now on, queued in `folder`; `post` brings news to the main thread.

        Args:
            entry: the worker's main function; one that serves the installed plugins unless given.
        """
        self._jobs, self._post = JobCenter(JobQueue(folder), entry or worker_main, post), post
        self._subscriptions.listen(self._jobs.changed, self._on_job)

    def find_objects(self, picture: Document, answer: Callable[[tuple[LabelMap, ...] | None], None]) -> None:
        """Ask the worker, beside the queue, what a click on a picture would choose: whole objects first, then finer.

        `answer` gets None when that failed or something newer was asked, and at once when nobody can tell.
        """
        selector = self.registry.selector
        if selector is None or self._jobs is None:
            answer(None)
            return
        engine = selector.manifest.default_engine.id
        request = JobRequest(plugin=selector.manifest.id, engine=engine, params={}, document=picture)
        self._jobs.ask(
            request, lambda outcome: answer(outcome.results.label_maps if isinstance(outcome, Finished) else None)
        )

    def find_places(
        self,
        picture: Document,
        layer: LayerId,
        answer: Callable[[Suggestions | StudioError | None], None],
        at: tuple[float, float] | None = None,
    ) -> None:
        """Ask the worker, beside the queue, where a layer of a picture fits, or how large it is with its centre `at`.

        `answer` gets an error where there is no answer, and None when something newer was asked.
        """
        placer = self.registry.placer
        if placer is None:
            answer(StudioError("Nothing here can tell where an object fits.", "Install a plugin for object placement."))
            return
        if self._jobs is None:
            answer(StudioError("The job queue is not running.", "Close the window and open it again."))
            return
        params: dict[str, object] = {"layer": layer, "suggest": True}
        if at is not None:
            params["at"] = f"{at[0]:.2f},{at[1]:.2f}"
        engine = placer.manifest.default_engine.id
        request = JobRequest(plugin=placer.manifest.id, engine=engine, params=params, document=picture)
        self._jobs.ask(request, lambda outcome: answer(_suggested(outcome)))

    def submit(self, run: PluginRun) -> JobId:
        """Queue a run; its layers come into the document when it is finished, as one undo step.

        Raises UsageError for a wrong plugin, engine or parameter, StudioError when it cannot be stored.
        """
        request = self.request(run)
        if not run.kept_aside:
            self._awaited[request.id] = request.document
        title = self.registry.get(run.plugin).manifest.title
        return self.jobs.submit(request, title, kept_aside=run.kept_aside)

    def awaits(self, job: JobId) -> bool:
        """Whether the job's layers are to come into the document that is open now."""
        return job in self._awaited

    def take(self, job: JobId, in_place_of: LayerId | None = None) -> None:
        """Put a finished job's layers into the document, as one undo step. Raises StudioError.

        What a tool has pending comes first; nothing is taken where that cannot be settled.

        Args:
            in_place_of: the outermost layer of an older result; the one that the job was asked for unless given.
        """
        if self.settle():
            self._take(job, self._reading(job, in_place_of)())

    def take_soon(self, job: JobId, in_place_of: LayerId | None = None) -> None:
        """As `take`, with the files read beside the window; what goes wrong then is told by `troubled`.

        Raises StudioError when there is no such result.
        """
        if not self.settle():
            return
        history = self.history

        def take(read: ReadResult, made: _MadeOf) -> None:
            if self._history is history:  # and no other document was opened meanwhile
                self._take(job, read, made)

        self._read(job, self._reading(job, in_place_of), take)

    def with_result_later(
        self, job: JobId, in_place_of: LayerId | None = None
    ) -> Callable[[], tuple[Document, Results]]:
        """A function that tells the document of now as `take` would make it, and the result; call it on any thread.

        It reads files. Raises StudioError when there is no such result, and so does the function.
        """
        document, names = self.document, self.names
        read = self._reading(job, in_place_of, only_looks=True)

        def told() -> tuple[Document, Results]:
            result = read()
            return result.placed_in(document, names).new, result.results

        return told

    def _reading(
        self, job: JobId, in_place_of: LayerId | None, asked: Document | None = None, *, only_looks: bool = False
    ) -> Callable[[], ReadResult]:
        target = in_place_of or LayerId(self.jobs.target(job)) or None
        return reading(self.document, self.jobs, job, target, asked, only_looks=only_looks)

    def _read(self, job: JobId, read: Callable[[], ReadResult], then: Callable[[ReadResult, _MadeOf], None]) -> None:
        """Read a job's result and place it in the document of now beside the window; `then` comes between two edits."""
        assert self._post is not None, "a worker was given with it"
        document, names, post = self.document, self.names, self._post

        def work() -> tuple[ReadResult, _MadeOf]:
            result = read()
            return result, _MadeOf(document, result.placed_in(document, names))

        def come(found: Future[tuple[ReadResult, _MadeOf]]) -> None:
            def deed() -> None:
                self._telling_trouble(lambda: then(*found.result()))  # raises what went wrong, here where it is heard

            if found.exception() is None:
                self._once_at_rest(job, deed)
            else:
                deed()

        def done(found: Future[tuple[ReadResult, _MadeOf]]) -> None:
            if not found.cancelled():
                post(lambda: come(found))

        self._reader.submit(work).add_done_callback(done)

    def _take(self, job: JobId, read: ReadResult, made: _MadeOf | None = None) -> None:
        told = self.jobs.asked(job)
        known = {layer.id for layer in self.document.layers}
        became = self._put(told, read, made)
        self.jobs.accept(job)
        new = tuple(layer.id for layer in self.document.layers if layer.id not in known)
        self.arrived.emit(Arrived(job, new, became))

    def _telling_trouble(self, deed: Callable[[], None]) -> None:
        try:
            deed()
        except StudioError as error:
            self.troubled.emit(error)

    def close(self) -> None:
        """Stop the worker and hear nothing more. A running job starts again next time."""
        self._subscriptions.close()
        self._reader.shutdown(wait=True, cancel_futures=True)
        if self._jobs is not None:
            self._jobs.close()

    def _on_job(self, news: JobChanged) -> None:
        record = news.record
        if record is None or not record.state.is_final:
            return
        if record.state is not JobState.FINISHED or record.accepted or record.kept_aside:
            return  # one that failed or was cancelled may be run again, and is still awaited then
        if self.awaits(news.job):
            self._once_at_rest(news.job, lambda: self._deliver(news.job))
        else:
            self._deliver(news.job)

    def _deliver(self, job: JobId) -> None:
        """Put a finished job's layers where they were asked for, or offer them."""
        asked = self._awaited.get(job)
        if asked is None:
            self._end_delivery(job)
        else:
            self._telling_trouble(lambda: self._deliver_to(job, asked))

    def _deliver_to(self, job: JobId, asked: Document) -> None:
        read = self._reading(job, None, asked)
        if self.jobs.is_at_hand(job) and not self.jobs.target(job):
            self._end_delivery(job, read())
        else:
            self._read(job, read, lambda result, made: self._end_delivery(job, result, made))

    def _end_delivery(self, job: JobId, read: ReadResult | None = None, made: _MadeOf | None = None) -> None:
        """What comes of a result that was read for the document that awaited it, if it is still there."""
        if not any(record.id == job and not record.accepted for record in self.jobs.records()):
            return  # it was taken or forgotten by hand meanwhile
        if self._awaited.pop(job, None) is None or read is None:
            self.offered.emit(Offered(job, Withheld.ELSEWHERE))
        elif self.history.can_redo and read.results.layers:
            self.offered.emit(Offered(job, Withheld.REDO))
        else:
            self._take(job, read, made)

    def _once_at_rest(self, job: JobId, deed: Callable[[], None]) -> None:
        """Do it now, or when what is being edited is over; the edit's own news are out by then."""
        if self.has_document and not self.history.is_at_rest:
            self._delayed.append(deed)
            self.delayed.emit(job)
        else:
            deed()

    def _do_delayed(self) -> None:
        if not self._delayed or (self.has_document and not self.history.is_at_rest):
            return
        deeds, self._delayed = self._delayed, []
        for deed in deeds:
            deed()

    def _on_rest(self) -> None:
        if self._delayed and self._post is not None:
            self._post(self._do_delayed)

    def _put(self, told: Asked, read: ReadResult, made: _MadeOf | None = None) -> Source:
        """Make a result part of the document; one without layers changes nothing.

        Args:
            made: what it makes of a document, which may be another one by now.
        """
        if not read.results.layers:
            return Source.AS_ASKED
        document = self.document
        new = made.made if made is not None and made.base is document else read.placed_in(document, self.names)
        calls = () if read.in_place_of is not None else calls_of(told)
        self.accept(self.registry.get(told.plugin).manifest.title, new.new, calls)
        if new.remade is not None:
            self.remade.emit(new.remade)
        return new.source

    def accept(self, label: str, new: Document, calls: tuple[EditCall, ...] = ()) -> None:
        """Make a model's result the document, as one undo step; `calls` say how to come to it again, where known.

        Raises ProtectedLayerError when a layer that may not be changed by the model would not stay bit-identical.
        """
        if violations := edits.protected_violations(self.document, new):
            names = ", ".join(f"“{layer.name}”" for layer in violations)
            raise ProtectedLayerError(
                f"The result would change {names}, which the model may not change.",
                "Allow it in the layer's settings, or work on another layer.",
            )
        self.history.apply(LabelledEdit(label, lambda document: new, calls))


@dataclass(frozen=True, slots=True, eq=False)
class _MadeOf:
    """What a result made of a document."""

    base: Document
    made: Made


class _NothingPending:
    """Without a canvas there is no tool that has anything pending."""

    is_pending = False

    def settle(self) -> bool:
        return True


def _suggested(outcome: Outcome) -> Suggestions | StudioError | None:
    match outcome:
        case Finished(results=results):
            return results.suggestions.get("places")
        case Failed(message=message, hint=hint, detail=detail):
            return StudioError(message, hint, detail)
        case _:
            return None
