"""Recipes of layers: read back, and run again in place from what they were made from; nested in history and files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import ProtectedLayerError, StudioError, UsageError
from studio.core.geometry import Point, Size
from studio.core.layers import GroupLayer, Layer, LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.io.formats import open_document, save_document
from studio.placing import Remade
from studio.plugin_api.manifest import load_manifest
from studio.plugin_host.consents import Consents
from studio.plugin_host.registry import Plugin, Registry
from studio.requests import PluginRun
from studio.session import Session
from tests.support.plugins import write_plugin


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """The plugin that paints a square, alone."""
    folder = write_plugin(tmp_path / "plugins_of_recipes", "square")
    sys.path.insert(0, str(tmp_path))
    yield Registry([Plugin(folder, "plugins_of_recipes.square", load_manifest(folder))])
    sys.path.remove(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("plugins_of_recipes")]:
        del sys.modules[name]


@pytest.fixture
def session(registry: Registry, tmp_path: Path) -> Session:
    """32 x 24 with one grey layer."""
    session = Session(registry, Consents(tmp_path / "licences.toml"))
    grey = np.full((24, 32, 4), (90, 90, 90, 255), np.uint8)
    session.start(Document(size=Size(32, 24), layers=(RasterLayer(name="Photo", pixels=PixelBuffer.from_array(grey)),)))
    return session


def paint(session: Session, side: int, seed: int = 1, *, trouble: str = "", in_place_of: LayerId | None = None) -> None:
    params = {"side": side, "trouble": trouble}
    session.run_plugin(PluginRun(plugin="square", params=params, seed=seed, in_place_of=in_place_of))


def square(session: Session) -> RasterLayer:
    (found,) = [layer for layer in session.document.walk() if layer.name == "Square"]
    assert isinstance(found, RasterLayer)
    return found


def inputs(layer: Layer) -> str:
    assert layer.provenance is not None
    return dict(layer.provenance.inputs)["picture"]


def test_a_layers_recipe_is_what_was_run(session: Session) -> None:
    paint(session, 5, seed=9)
    recipe = session.recipe(square(session).id)
    assert recipe is not None
    assert recipe.root == session.document.layers[-1].id
    assert (recipe.plugin, recipe.engine, recipe.seed, recipe.steps) == ("square", "classical", 9, None)
    assert recipe.params == {"version": 1, "side": 5, "trouble": ""}
    assert session.recipe(session.document.layers[0].id) is None


@pytest.mark.parametrize("parameters", ["", "{cut", "[" * 100_000], ids=["empty", "cut", "deep"])
def test_a_recipe_that_cannot_be_read_is_told(session: Session, parameters: str) -> None:
    """A file of another program may hold anything there."""
    paint(session, 5)
    made = square(session).provenance
    assert made is not None
    foreign = replace(square(session), provenance=replace(made, parameters=parameters))
    session.start(session.document.with_layers((foreign,)))
    with pytest.raises(StudioError, match="How “Square” was made cannot be read"):
        session.recipe(foreign.id)


def test_running_it_unchanged_gives_the_same_pixels_in_one_step(session: Session) -> None:
    paint(session, 5, seed=9)
    before, steps = square(session), len(session.history.labels)
    root = session.document.layers[-1].id
    paint(session, 5, seed=9, in_place_of=root)
    assert len(session.history.labels) == steps + 1
    assert square(session).pixels == before.pixels
    assert square(session).id == before.id
    assert inputs(square(session)) == inputs(before)  # the result itself was not part of what it was made from


def test_the_input_follows_the_document_below(session: Session) -> None:
    paint(session, 5)
    before = inputs(square(session))
    photo = session.document.layers[0].id
    session.apply("Paint", lambda d: edits.write_pixels(d, photo, Point(0, 0), np.full((3, 3, 4), 255, np.uint8)))
    paint(session, 5, in_place_of=session.document.layers[-1].id)
    assert inputs(square(session)) != before


class TestInPlaceOfASource:
    """A result that took the place of the layer it was made from."""

    def test_is_made_again_from_that_layer_which_only_the_history_holds(self, session: Session) -> None:
        paint(session, 5, trouble="replace")
        (group,) = session.document.layers
        before = inputs(square(session))
        for seed in (2, 3):
            paint(session, 7, seed=seed, trouble="replace", in_place_of=group.id)
        assert [layer.id for layer in session.document.layers] == [group.id]
        assert square(session).bounds.size == Size(7, 7)
        assert inputs(square(session)) == before
        session.history.undo()
        session.history.undo()
        session.history.undo()
        assert [layer.name for layer in session.document.layers] == ["Photo"]

    def test_says_so_where_nothing_holds_it(self, session: Session) -> None:
        paint(session, 5, trouble="replace")
        session.start(session.document)
        with pytest.raises(StudioError, match="not kept any more"):
            paint(session, 5, trouble="replace", in_place_of=session.document.layers[0].id)


def test_a_result_that_is_gone_cannot_be_made_again(session: Session) -> None:
    with pytest.raises(StudioError, match="not in the document any more"):
        paint(session, 5, in_place_of=LayerId("gone"))


def test_a_protected_result_stays(session: Session) -> None:
    paint(session, 5)
    session.apply("Protect", lambda d: edits.set_ai_editable(d, square(session).id, False))
    before = session.document
    with pytest.raises(ProtectedLayerError):
        paint(session, 6, in_place_of=session.document.layers[-1].id)
    assert session.document is before


def test_hand_edits_are_kept_and_told(session: Session) -> None:
    told: list[Remade] = []
    held = session.remade.connect(told.append)
    paint(session, 5)
    part, root = square(session), session.document.layers[-1].id
    session.apply("Paint", lambda d: edits.write_pixels(d, part.id, Point(0, 0), np.zeros((2, 2, 4), np.uint8)))
    paint(session, 6, in_place_of=root)
    held.close()
    assert told == [Remade(root, ("Square",))]
    group = session.document.layers[-1]
    assert isinstance(group, GroupLayer)
    assert [child.name for child in group.children] == ["Square", "Square (by hand)"]


@pytest.mark.parametrize("extension", [".lamina", ".ora", ".psd"])
def test_goes_through_a_file_and_can_be_made_again_there(session: Session, tmp_path: Path, extension: str) -> None:
    paint(session, 5, seed=4)
    path = tmp_path / f"made{extension}"
    save_document(session.document, path)
    made = square(session).provenance
    session.start(open_document(path).document)
    assert square(session).provenance == made
    recipe = session.recipe(square(session).id)
    assert recipe is not None
    before = session.document
    paint(session, 5, seed=4, in_place_of=recipe.root)
    assert square(session).pixels == next(
        layer.pixels for layer in before.walk() if isinstance(layer, RasterLayer) and layer.name == "Square"
    )
    assert [layer.name for layer in session.document.walk()] == [layer.name for layer in before.walk()]  # no hand edit


def test_a_licence_is_asked_for_before_the_worker_is(session: Session, registry: Registry) -> None:
    plugin = registry.get("square")
    weights = {"id": "a/b", "title": "Weights", "licence": "NC", "consent": "accept", "repo": "a/b"}
    engine = {"id": "far", "title": "Far", "kind": "public", "good_at": "x", "licence": "NC", "weights": [weights]}
    told = type(plugin.manifest).model_validate({**plugin.manifest.model_dump(), "engines": [engine]})
    session.registry = Registry([replace(plugin, manifest=told)])
    with pytest.raises(StudioError, match="licence of Weights"):
        session.request(PluginRun(plugin="square"))
    session.consents.accept(told.engines[0].weights[0])
    assert session.request(PluginRun(plugin="square")).engine == "far"


def test_parameters_are_refused_before_anything_runs(session: Session) -> None:
    with pytest.raises(UsageError):
        session.request(PluginRun(plugin="square", params={"side": 900}))
