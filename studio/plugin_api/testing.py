"""The conformance kit: what every plugin must do, as checks that its own tests call.

Each check raises AssertionError with a sentence that says what is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from studio.core.errors import JobCancelled, UsageError
from studio.core.layers import GroupLayer, Layer, RasterLayer, walk
from studio.plugin_api.context import Context
from studio.plugin_api.manifest import load_manifest
from studio.plugin_api.params import ParamsClass, from_json, json_schema, problems, specs, to_json
from studio.plugin_api.results import Results

MakeContext = Callable[[], Context]
P = TypeVar("P", bound=ParamsClass)


def check_manifest(folder: Path) -> None:
    """The manifest is valid, its folder has its name, and every engine says what it is good at."""
    manifest = load_manifest(folder)
    assert manifest.id == folder.name, f"plugin.toml says {manifest.id}, the folder {folder.name}"
    for engine in manifest.engines:
        assert engine.good_at, f"engine {engine.id} does not say what it is good at"
        assert engine.licence, f"engine {engine.id} does not name its licence"


def check_params(params_class: type[ParamsClass]) -> None:
    """Defaults are allowed, JSON gives back the same value, unknown names are refused, the schema names everything."""
    defaults = params_class()
    told = json.loads(to_json(defaults))
    assert from_json(params_class, told) == defaults, "the defaults do not survive JSON"
    described = json_schema(params_class)["properties"]
    assert isinstance(described, Mapping)
    missing = [spec.name for spec in specs(params_class) if spec.name not in described]
    assert not missing, f"the schema lacks {missing}"
    strange = sorted(set(problems(defaults)) - {spec.name for spec in specs(params_class)})
    assert not strange, f"check() names {strange}, which are no parameters"
    try:
        from_json(params_class, {**told, "no_such_parameter": 1})
    except UsageError:
        return
    raise AssertionError("an unknown parameter was accepted")


def check_run(run: Callable[[Context, P], Results], params: P, make_context: MakeContext) -> Results:
    """A run gives sound, named layers with provenance; the same seed gives the same pixels; returns the results."""
    first, second = run(make_context(), params), run(make_context(), params)
    context = make_context()
    faults = context.document.with_layers(first.layers).check()
    assert not faults, f"the layers break the document: {faults}"
    for layer in walk(first.layers):
        assert layer.name.strip(), "a layer has no name"
        assert isinstance(layer, GroupLayer) or layer.provenance is not None, f"“{layer.name}” has no provenance"
    assert same_pixels(first, second), "two runs with one seed differ"
    return first


def check_cancel(run: Callable[[Context, P], Results], params: P, make_context: MakeContext) -> None:
    """Cancelled at its second report it stops with JobCancelled; the next run is as if nothing had happened."""
    clean = run(make_context(), params)
    reports = 0

    def count(stage: str, fraction: float | None, step: int = 0, steps: int = 0) -> None:
        nonlocal reports
        reports += 1

    context = replace(make_context(), on_progress=count, is_cancelled=lambda: reports >= 2)
    try:
        run(context, params)
    except JobCancelled:
        pass
    else:
        raise AssertionError("the run did not stop when it was cancelled")
    assert same_pixels(clean, run(make_context(), params)), "a run after a cancelled one differs from a clean one"


def same_pixels(first: Results, second: Results) -> bool:
    """Whether two results have the same tree of names, places and pixels; ids and times are not compared."""
    return [_comparable(layer) for layer in walk(first.layers)] == [_comparable(layer) for layer in walk(second.layers)]


def _comparable(layer: Layer) -> tuple[object, ...]:
    pixels = (layer.pixels, layer.origin) if isinstance(layer, RasterLayer) else ()
    return (type(layer), layer.name, layer.blend, layer.opacity, layer.mask, *pixels)
