"""What is asked of a plugin: from a run to its complete request, and from a layer that was made back to its recipe."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import StudioError, UsageError
from studio.core.generative import root_of, without_result
from studio.core.history import EditCall, History
from studio.core.layers import LayerId
from studio.io.images.inputs import read_rgba
from studio.jobs.request import Asked, JobRequest, refuse_numbers
from studio.plugin_api.params import ParamKind, ParamsClass, from_json, problems, specs
from studio.plugin_host.consents import Consents
from studio.plugin_host.registry import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginRun:
    """What to run: `engine` None is the plugin's default; `arrays` are the (H, W) masks that `params` name.

    `in_place_of` is the outermost layer of an older result that the new one shall take the place of. A run that is
    `kept_aside` puts nothing into the document: its result waits among the jobs to be compared and taken.
    """

    plugin: str
    params: Mapping[str, object] = field(default_factory=dict[str, object])
    engine: str | None = None
    seed: int = 0
    steps: int | None = None
    arrays: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict[str, NDArray[np.uint8]])
    in_place_of: LayerId | None = None
    kept_aside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How layers of the document were made: what to run to make them again. `root` is the outermost of them.

    `arrays` holds those of the run that are still kept.
    """

    root: LayerId
    plugin: str
    engine: str
    params: Mapping[str, object]
    seed: int
    steps: int | None
    arrays: Mapping[str, NDArray[np.uint8]]


def request_of(run: PluginRun, document: Document, registry: Registry, consents: Consents) -> JobRequest:
    """The complete request of a run: engine filled in, document reduced to what the model may see.

    Raises UsageError for a wrong plugin, engine, parameter, seed or number of steps, StudioError when a licence was not
    accepted or a file of the parameters cannot be read.
    """
    plugin = registry.get(run.plugin)
    engine = plugin.engine(run.engine)
    if waiting := engine.unaccepted(consents.accepted):
        raise StudioError(
            f"The licence of {waiting[0].title} was not accepted yet.",
            "Choose the engine in the window's panel, where its licence can be read.",
            waiting[0].licence_url,
        )
    params = from_json(plugin.params_class, run.params)
    _refuse_problems(params)
    refuse_numbers(run.seed, run.steps)
    return JobRequest(
        plugin=run.plugin,
        engine=engine.id,
        params=run.params,
        document=edits.withhold(document),
        arrays={**_pictures(params, run.arrays), **run.arrays},
        seed=run.seed,
        steps=run.steps,
        in_place_of=run.in_place_of or "",
    )


def recipe_of(
    document: Document, layer_id: LayerId, arrays: Callable[[str], Mapping[str, NDArray[np.uint8]]]
) -> Recipe | None:
    """How the layer was made; None for a layer that no plugin of ours made.

    Args:
        arrays: what came with the request of a job, empty when that is not kept.
    Raises:
        StudioError: what was written down of it cannot be read.
    """
    root = root_of(document, layer_id)
    made = None if root is None else root.provenance
    if root is None or made is None:
        return None
    try:
        params = cast("object", json.loads(made.parameters))
    except (ValueError, RecursionError) as error:  # written by another program, or damaged
        message = f"How “{root.name}” was made cannot be read."
        raise StudioError(message, "Choose the plugin and run it anew.", repr(error)) from error
    return Recipe(
        root=root.id,
        plugin=made.plugin,
        engine=made.engine,
        params=cast("dict[str, object]", params) if isinstance(params, dict) else {},
        seed=made.seed or 0,
        steps=made.steps,
        arrays=arrays(made.job),
    )


def input_of(root: LayerId, history: History, asked: Callable[[str], Document | None]) -> Document:
    """What an older result was made from: the document without it or, where it took the place of its source, what its
    request held, else what the history does.

    Args:
        asked: the document of a job's request, None when that is not kept.
    Raises:
        StudioError: the result is not there, or what it was made from is not known any more.
    """
    document = history.document
    layer = document.find(root)
    made = None if layer is None else layer.provenance
    if layer is None or made is None or not made.run:
        raise StudioError("The result that was to be made again is not in the document any more.", "Run it anew.")
    if not made.replaces:
        return document.with_layers(without_result(document.layers, made.run))
    if (kept := asked(made.job)) is not None:
        return kept
    older: Document | None = None
    for _, step in history.steps:
        if any(one.provenance is not None and one.provenance.run == made.run for one in step.walk()):
            break
        older = step
    else:
        older = None
    if older is None:
        raise StudioError(
            f"What “{layer.name}” was made from is not kept any more.", "Open the picture and run it there."
        )
    return older


def calls_of(told: Asked) -> tuple[EditCall, ...]:
    """A request in words of the command table; none when it holds pixels, which a command cannot tell."""
    if told.has_arrays:
        return ()
    arguments: dict[str, object] = {
        "plugin": told.plugin,
        "params": dict(told.params),
        "engine": told.engine,
        "seed": told.seed,
        "steps": told.steps,
    }
    return (EditCall("run_plugin", arguments),)


def _refuse_problems(params: ParamsClass) -> None:
    """Raises UsageError with the first thing that keeps the parameters from being run."""
    found = problems(params)
    for spec in specs(type(params)):
        if spec.name in found:
            raise UsageError(f"{spec.label}: {found[spec.name]}", spec.help)
    for sentence in found.values():
        raise UsageError(sentence)


def _pictures(params: ParamsClass, given: Mapping[str, NDArray[np.uint8]]) -> dict[str, NDArray[np.uint8]]:
    """The pixels of picture files that the parameters name, unless they came with the run. Raises StudioError."""
    return {
        spec.name: read_rgba(Path(path))
        for spec in specs(type(params))
        if spec.kind is ParamKind.FILE and spec.name not in given and (path := str(getattr(params, spec.name)))
    }
