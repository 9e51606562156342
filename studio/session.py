"""One open document with its history, and the services it needs. Only here are they wired together. No Qt, no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import JobCancelled, ProtectedLayerError, StudioError
from studio.core.history import History
from studio.core.layers import Layers, RasterLayer
from studio.io import formats
from studio.io.report import Notice, Written
from studio.jobs.inline import InlineRunner, ignore_message
from studio.jobs.messages import Failed, Finished, Message
from studio.jobs.request import JobRequest
from studio.plugin_api.params import from_json
from studio.plugin_api.results import Figure, Placement, Results
from studio.plugin_host.registry import Registry, discover
from studio.worker.execution import Executor


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


class Session:
    """Opens, edits, runs plugins on and saves one document. Every change goes through the history."""

    def __init__(self, registry: Registry | None = None) -> None:
        self.registry = discover() if registry is None else registry
        self.runner = InlineRunner(Executor(self.registry))
        self._history: History | None = None

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

    def start(self, document: Document) -> None:
        """Make `document` the open one, with an empty history."""
        self._history = History(document)

    def open(self, path: Path) -> tuple[Notice, ...]:
        """Read a file of any known format; returns what could not be kept. Raises StudioError."""
        opened = formats.open_document(path)
        self.start(opened.document)
        return opened.notices

    def save(self, path: Path) -> Written:
        """Write the document in the format that the extension asks for. Raises StudioError."""
        return formats.save_document(self.document, path)

    def apply(self, label: str, edit: Callable[[Document], Document]) -> None:
        """Change the document as one undo step."""
        self.history.apply(edit, label=label)

    def run_plugin(self, run: PluginRun, listener: Callable[[Message], None] = ignore_message) -> RunReport:
        """Run a plugin on what the model may see and put its layers into the document as one undo step.

        Raises UsageError for a wrong name or parameter, StudioError when the plugin fails, JobCancelled.
        """
        plugin = self.registry.get(run.plugin)
        engine = plugin.engine(run.engine)
        from_json(plugin.params_class, run.params)
        request = JobRequest(
            plugin=run.plugin,
            engine=engine.id,
            params=run.params,
            document=edits.withhold(self.document),
            arrays=run.arrays,
            seed=run.seed,
            steps=run.steps,
        )
        outcome = self.runner.run(request, listener)
        if isinstance(outcome, Failed):
            raise StudioError(outcome.message, outcome.hint, outcome.detail)
        if not isinstance(outcome, Finished):
            raise JobCancelled
        layers = placed(self.document.layers, outcome.results)
        self.accept(plugin.manifest.title, self.document.with_layers(layers))
        return RunReport(
            plugin=run.plugin,
            engine=engine.id,
            seed=run.seed,
            seconds=outcome.seconds,
            figures=outcome.results.figures,
            notices=outcome.results.notices,
        )

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
