"""One open document with its history, and the services it needs. Only here are they wired together. No Qt, no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import JobCancelled, ProtectedLayerError, StudioError
from studio.core.events import DocumentChanged, Event, Subscriptions
from studio.core.history import History
from studio.core.layers import LayerId, Layers, RasterLayer
from studio.io import formats
from studio.io.report import Notice, Written
from studio.jobs.center import JobCenter, JobChanged, Post
from studio.jobs.inline import InlineRunner, ignore_message
from studio.jobs.messages import Failed, Finished, JobState, Message
from studio.jobs.queue import JobQueue
from studio.jobs.request import JobId, JobRequest
from studio.plugin_api.params import from_json
from studio.plugin_api.results import Figure, Placement, Results
from studio.plugin_host.registry import Registry, discover
from studio.worker.execution import Executor
from studio.worker.loop import main as worker_main


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginRun:
    """What to run: `engine` None is the plugin's default; `arrays` are the (H, W) masks that `params` name."""

    plugin: str
    params: Mapping[str, object] = field(default_factory=dict[str, object])
    engine: str | None = None
    seed: int = 0
    steps: int | None = None
    arrays: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict[str, NDArray[np.uint8]])


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What was run, with every default filled in, and what the plugin measured."""

    plugin: str
    engine: str
    seed: int
    seconds: float
    figures: Mapping[str, Figure]
    notices: tuple[str, ...]


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


class Session:
    """Opens, edits, runs plugins on and saves one document. Every change goes through the history.

    `opened`, `was_shut`, `document_changed` and `selected` tell who listens, in this order when several are due;
    `troubled` brings errors of work that nobody waits for, such as a result that could not be placed.
    """

    def __init__(self, registry: Registry | None = None) -> None:
        self.registry = discover() if registry is None else registry
        self.runner = InlineRunner(Executor(self.registry))
        self.path: Path | None = None
        self.opened = Event("session.opened", DocumentOpened)
        self.was_shut = Event("session.was_shut", type(None))
        self.document_changed = Event("session.document_changed", DocumentChanged)
        self.selected = Event("session.selected", LayersSelected)
        self.troubled = Event("session.troubled", StudioError)
        self._history: History | None = None
        self._selection: tuple[LayerId, ...] = ()
        self._jobs: JobCenter | None = None
        self._awaited: set[JobId] = set()
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
        self._begin(History(document, on_change=self._on_change), path, notices)

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
        self._begin(History.restored(steps, cursor, saved=saved, on_change=self._on_change), path, notices)

    def shut(self) -> None:
        """Have nothing open. Jobs go on; what they make is offered and not placed."""
        self._history = None
        self.path = None
        self._selection = ()
        self._awaited.clear()
        self.was_shut.emit(None)

    def _begin(self, history: History, path: Path | None, notices: tuple[Notice, ...]) -> None:
        self._history = history
        self.path = path
        self._selection = tuple(layer.id for layer in history.document.layers[-1:])
        self._awaited.clear()
        self.opened.emit(DocumentOpened(history.document, path, notices))

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

    def save(self, path: Path) -> Written:
        """Write the document in the format that the extension asks for. Raises StudioError."""
        return formats.save_document(self.document, path)

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
        self._place(request.plugin, outcome.results)
        return RunReport(
            plugin=run.plugin,
            engine=request.engine,
            seed=run.seed,
            seconds=outcome.seconds,
            figures=outcome.results.figures,
            notices=outcome.results.notices,
        )

    def request(self, run: PluginRun) -> JobRequest:
        """The complete request of a run: engine filled in, document reduced to what the model may see.

        Raises UsageError for a wrong plugin, engine or parameter.
        """
        plugin = self.registry.get(run.plugin)
        engine = plugin.engine(run.engine)
        from_json(plugin.params_class, run.params)
        return JobRequest(
            plugin=run.plugin,
            engine=engine.id,
            params=run.params,
            document=edits.withhold(self.document),
            arrays=run.arrays,
            seed=run.seed,
            steps=run.steps,
        )

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

    def use_worker(self, folder: Path, post: Post) -> None:
        """Run jobs in a worker process from now on, queued in `folder`; `post` brings news to the main thread."""
        self._jobs = JobCenter(JobQueue(folder), worker_main, post)
        self._subscriptions.listen(self._jobs.changed, self._on_job)

    def submit(self, run: PluginRun) -> JobId:
        """Queue a run; its layers come into the document when it is finished, as one undo step.

        Raises UsageError for a wrong plugin, engine or parameter, StudioError when it cannot be stored.
        """
        request = self.request(run)
        self._awaited.add(request.id)
        return self.jobs.submit(request, self.registry.get(run.plugin).manifest.title)

    def take(self, job: JobId) -> None:
        """Put a finished job's layers into the document, as one undo step. Raises StudioError."""
        self._place(self.jobs.record(job).plugin, self.jobs.results(job).results)
        self.jobs.accept(job)

    def close(self) -> None:
        """Stop the worker and hear nothing more. A running job starts again next time."""
        self._subscriptions.close()
        if self._jobs is not None:
            self._jobs.close()

    def _on_job(self, news: JobChanged) -> None:
        if news.record is None or not news.record.state.is_final or news.job not in self._awaited:
            return
        self._awaited.discard(news.job)
        if news.record.state is JobState.FINISHED:
            try:
                self.take(news.job)
            except StudioError as error:
                self.troubled.emit(error)

    def _place(self, plugin_id: str, results: Results) -> None:
        layers = placed(self.document.layers, results)
        self.accept(self.registry.get(plugin_id).manifest.title, self.document.with_layers(layers))

    def accept(self, label: str, new: Document) -> None:
        """Make a model's result the document, as one undo step.

        Raises ProtectedLayerError when a layer that may not be changed by the model would not stay bit-identical.
        """
        if violations := edits.protected_violations(self.document, new):
            names = ", ".join(f"“{layer.name}”" for layer in violations)
            raise ProtectedLayerError(
                f"The result would change {names}, which the model may not change.",
                "Allow it in the layer's settings, or work on another layer.",
            )
        self.apply(label, lambda document: new)


def surviving(selection: tuple[LayerId, ...], old: Document, new: Document) -> tuple[LayerId, ...]:
    """The selected layers that are still there; when none is, the nearest below the first of them,
    else above it, else the topmost."""
    present = {layer.id for layer in new.walk()}
    kept = tuple(layer for layer in selection if layer in present)
    if kept or not selection:
        return kept
    order = [layer.id for layer in old.walk()]
    at = order.index(selection[0]) if selection[0] in order else len(order)
    near = [layer for layer in (*reversed(order[:at]), *order[at + 1 :]) if layer in present]
    return tuple(near[:1]) or tuple(layer.id for layer in new.layers[-1:])


def placed(layers: Layers, results: Results) -> Layers:
    """The top level with a result in it: in place of its one source layer, or on top of everything.

    Only a lone raster layer that the model may see and change is replaced; whatever else there is stays below.
    """
    sources = [layer for layer in layers if layer.visible and layer.ai_visible]
    if results.placement is Placement.REPLACE_SOURCE and len(sources) == 1:
        source = sources[0]
        if isinstance(source, RasterLayer) and source.ai_editable:
            at = layers.index(source)
            return (*layers[:at], *results.layers, *layers[at + 1 :])
    return (*layers, *results.layers)
