"""The plugin that says what a click would choose: sound, kept out of the menus, with maps that fit the picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from plugins.find_objects.params import Params
from plugins.find_objects.run import run
from studio.core.document import Document
from studio.core.errors import JobCancelled
from studio.core.geometry import Size
from studio.core.layers import RasterLayer
from studio.core.pixels import Depth, PixelBuffer, to_depth
from studio.plugin_api.context import Context, Identity
from studio.plugin_api.testing import check_manifest, check_params
from studio.plugin_host.registry import Registry, discover

IDENTITY = Identity(plugin="find_objects", plugin_version="1.0.0", engine="classical")


def picture(depth: Depth = Depth.EIGHT, alpha: int = 255) -> Document:
    """160 x 120: a red disc on grey."""
    samples = np.full((120, 160, 4), (150, 155, 160, alpha), np.uint8)
    cv2.circle(samples, (80, 60), 30, (200, 30, 40, 255), -1)
    pixels = PixelBuffer.from_array(to_depth(samples, depth))
    return Document(size=Size(160, 120), depth=depth, layers=(RasterLayer(name="Photo", pixels=pixels),))


def test_is_a_sound_plugin(checkout: Path) -> None:
    check_manifest(checkout / "plugins" / "find_objects")
    check_params(Params)


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("alpha", [255, 0])
def test_maps_whole_objects_and_parts(depth: Depth, alpha: int) -> None:
    results = run(Context(document=picture(depth, alpha), identity=IDENTITY), Params())
    whole, parts = results.label_maps
    assert results.layers == ()
    assert whole.labels.shape == parts.labels.shape == (120, 160)
    assert whole.labels.dtype == parts.labels.dtype == np.int32
    assert whole.at(80, 60) != 0
    assert whole.at(5, 5) == 0
    assert parts.at(5, 5) not in (0, parts.at(80, 60))


def test_stops_when_it_is_cancelled() -> None:
    with pytest.raises(JobCancelled):
        run(Context(document=picture(), identity=IDENTITY, is_cancelled=lambda: True), Params())


def test_is_asked_by_the_window_and_run_by_nobody() -> None:
    registry = discover()
    selector = registry.selector
    assert selector is not None
    assert selector.manifest.id == "find_objects"
    assert "find_objects" not in {plugin.manifest.id for plugin in registry}
    assert registry.get("find_objects") is selector
    assert Registry().selector is None


def test_a_selector_that_comes_later_goes_first() -> None:
    own = discover().get("find_objects")
    manifest = own.manifest.model_copy(update={"id": "mine"})
    later = type(own)(own.folder, own.package, manifest)
    assert Registry([own, later]).selector is later
