"""From a request to results: build the context, call the plugin, check what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.generative import marked
from studio.core.layers import Provenance, RasterLayer, walk
from studio.jobs.request import JobRequest
from studio.plugin_api.context import Context, Identity, OnPreview, OnProgress, no_preview
from studio.plugin_api.manifest import EngineInfo
from studio.plugin_api.params import from_json, to_json
from studio.plugin_api.results import Placement, Results
from studio.plugin_host.registry import Plugin, Registry

MAX_NESTING = 4


class Executor:
    """Runs requests with the plugins of one registry."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def __call__(
        self,
        request: JobRequest,
        on_progress: OnProgress,
        is_cancelled: Callable[[], bool],
        on_preview: OnPreview = no_preview,
    ) -> Results:
        """Run the request's plugin. Raises StudioError, JobCancelled, or whatever the plugin raises."""
        results = self._run(request, on_progress, is_cancelled, on_preview, depth=0)
        made = replace(self._made(request), replaces=results.placement is Placement.REPLACE_SOURCE)
        return replace(results, layers=marked(results.layers, made))

    def _made(self, request: JobRequest) -> Provenance:
        """What is true of every layer of a result, and all there is of those that the plugin says nothing about."""
        plugin = self._registry.get(request.plugin)
        identity = _identity(plugin, plugin.engine(request.engine))
        return Provenance(
            plugin=identity.plugin,
            plugin_version=identity.plugin_version,
            engine=identity.engine,
            model_id=identity.model_id,
            licence=identity.licence,
            seed=request.seed,
            parameters=to_json(from_json(plugin.params_class, request.params)),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            steps=request.steps,
            run=request.id,
            job=request.id,
            canvas_width=request.document.size.width,
            canvas_height=request.document.size.height,
        )

    def _run(
        self,
        request: JobRequest,
        on_progress: OnProgress,
        is_cancelled: Callable[[], bool],
        on_preview: OnPreview,
        depth: int,
    ) -> Results:
        if depth > MAX_NESTING:
            raise StudioError(
                f"Plugins call each other more than {MAX_NESTING} deep.", "Ask the plugin's author to mend it."
            )
        plugin = self._registry.get(request.plugin)

        def nested(
            plugin_id: str, params: Mapping[str, object], document: Document, arrays: Mapping[str, NDArray[np.uint8]]
        ) -> Results:
            inner = replace(
                request,
                plugin=plugin_id,
                engine=self._registry.get(plugin_id).engine(None).id,
                params=params,
                document=document,
                arrays=arrays,
                steps=None,
            )
            return self._run(inner, on_progress, is_cancelled, on_preview, depth + 1)

        context = Context(
            document=request.document,
            identity=_identity(plugin, plugin.engine(request.engine)),
            seed=request.seed,
            steps=request.steps,
            arrays=request.arrays,
            on_progress=on_progress,
            on_preview=on_preview,
            is_cancelled=is_cancelled,
            nested=nested,
        )
        results = plugin.run(context, from_json(plugin.params_class, request.params))
        check_results(results, request.document)
        return results


def _identity(plugin: Plugin, engine: EngineInfo) -> Identity:
    return Identity(
        plugin=plugin.manifest.id,
        plugin_version=plugin.manifest.version,
        engine=engine.id,
        model_id=engine.model_ids[0] if engine.model_ids else "",
        licence=engine.licence if engine.model_ids else "",
    )


def check_results(results: Results, document: Document) -> None:
    """Refuse layers that would break the document they are meant for. Raises StudioError that names the layer."""
    faults = document.with_layers(results.layers).check()
    if faults:
        raise StudioError(
            "The plugin gave back layers that do not fit the document.", "Ask its author to mend it.", "; ".join(faults)
        )
    for layer in walk(results.layers):
        if isinstance(layer, RasterLayer) and not layer.name.strip():
            raise StudioError("The plugin gave back a layer without a name.", "Ask its author to mend it.")
