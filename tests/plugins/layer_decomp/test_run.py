"""The plugin on the whole line: open, request, job, layers, undo, export, reopen; and the conformance checks."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from plugins.layer_decomp.params import Params
from plugins.layer_decomp.run import run
from studio import resources
from studio.core import difference, edits
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.geometry import Point, Size
from studio.core.layers import BlendMode, GroupLayer, RasterLayer
from studio.core.pixels import Depth, PixelBuffer, Pixels
from studio.io.formats import open_document
from studio.plugin_api.context import Context, Identity
from studio.plugin_api.params import BoxPick, MaskPick, Pick, PointPick
from studio.plugin_api.testing import check_cancel, check_manifest, check_params, check_run
from studio.requests import PluginRun
from studio.session import Session


def scene(depth: Depth = Depth.EIGHT) -> tuple[Pixels, np.ndarray, np.ndarray]:
    """A red ball before a blue one on speckled ground, each with a soft shadow: (H, W, 4) picture and two masks."""
    rng = np.random.default_rng(5)
    height, width = 120, 180
    ground = np.full((height, width, 3), (0.62, 0.55, 0.45)) + rng.normal(0, 0.03, (height, width, 1))
    masks = []
    for (x, y), radius, colour in (((128, 42), 22, (0.15, 0.3, 0.7)), ((58, 74), 20, (0.8, 0.15, 0.1))):
        shade = np.zeros((height, width))
        cv2.ellipse(shade, (x + radius, y + radius), (int(radius * 1.3), radius // 3), 0, 0, 360, 0.45, -1)
        ground *= 1 - cv2.GaussianBlur(shade, (0, 0), 3)[..., None]
        rows, columns = np.indices((height, width))
        away = np.hypot(columns - x, rows - y)
        alpha = np.clip(radius + 0.5 - away, 0, 1)[..., None]
        ball = np.array(colour) * np.clip(1.25 - away[..., None] / (2 * radius), 0.4, 1.2)
        ground = (1 - alpha) * ground + alpha * ball
        masks.append((away < radius).astype(np.uint8) * 255)
    top = depth.top
    picture = np.full((height, width, 4), top, depth.dtype)
    picture[..., :3] = np.rint(np.clip(ground, 0, 1) * top)
    return picture, masks[1], masks[0]


def session_with(depth: Depth) -> tuple[Session, Pixels, PluginRun]:
    picture, front, back = scene(depth)
    session = Session()
    layer = RasterLayer(name="Photo", pixels=PixelBuffer.from_array(picture))
    session.start(Document(size=Size(picture.shape[1], picture.shape[0]), depth=depth, layers=(layer,)))
    objects = [{"kind": "mask", "array": "front", "name": "Red"}, {"kind": "mask", "array": "back", "name": "Blue"}]
    run = PluginRun(plugin="layer_decomp", params={"objects": objects}, arrays={"front": front, "back": back})
    return session, picture, run


@pytest.mark.parametrize("depth", list(Depth))
def test_photo_to_psd_and_back(tmp_path: Path, depth: Depth) -> None:
    session, picture, request = session_with(depth)
    before = session.document
    report = session.run_plugin(request)
    assert difference.measure(composite(session.document), picture).max_255 <= 1
    assert float(str(report.figures["recomposition_max_255"])) <= 1
    (stack,) = session.document.layers
    assert isinstance(stack, GroupLayer)
    assert stack.blend is BlendMode.PASS_THROUGH
    background, blue, red = stack.children
    assert [layer.name for layer in stack.children] == ["Background", "Blue", "Red"]
    assert isinstance(background, RasterLayer)
    assert background.bounds == session.document.canvas
    assert (background.pixels.read()[..., 3] == depth.top).all()
    for group in (blue, red):
        assert isinstance(group, GroupLayer)
        assert group.blend is BlendMode.PASS_THROUGH
        assert group.children[0].blend is BlendMode.MULTIPLY
        assert group.children[-1].name == group.name
        assert all(child.mask is None and child.opacity == 1 and child.provenance for child in group.children)
    out = tmp_path / "out.psd"
    session.save(out)
    read = open_document(out).document
    assert [layer.name for layer in read.walk()] == [layer.name for layer in session.document.walk()]
    assert difference.measure(composite(read), picture).max_255 <= 1
    made = read.layers[0].provenance
    assert made is not None
    assert json.loads(made.parameters)["mode"] == "exact"
    session.history.undo()
    assert session.document == before


def test_far_from_objects_and_effects_the_background_is_the_photo() -> None:
    session, picture, request = session_with(Depth.EIGHT)
    session.run_plugin(request)
    (stack,) = session.document.layers
    assert isinstance(stack, GroupLayer)
    background, *objects = stack.children
    assert isinstance(background, RasterLayer)
    covered = np.zeros(picture.shape[:2], bool)
    for layer in (child for group in objects if isinstance(group, GroupLayer) for child in group.children):
        assert isinstance(layer, RasterLayer)
        covered |= layer.pixels.read(session.document.canvas.moved(-layer.origin))[..., 3] > 0
    assert covered.mean() < 0.6
    assert (background.pixels.read()[~covered] == picture[~covered]).all()


def test_a_moved_object_takes_its_shadow_along() -> None:
    session, picture, request = session_with(Depth.EIGHT)
    session.run_plugin(request)
    (stack,) = session.document.layers
    assert isinstance(stack, GroupLayer)
    red = stack.children[-1]
    moved = composite(edits.translate(session.document, [red.id], Point(0, -30)))
    shadow, vacated = (slice(90, 96), slice(82, 96)), (slice(70, 78), slice(50, 58))
    assert picture[shadow][..., :3].mean() < moved[shadow][..., :3].mean() - 15  # the old shadow has gone
    assert moved[vacated][..., 0].mean() - moved[vacated][..., 2].mean() < 70  # and so has the red


def make_context(objects: tuple[Pick, ...] = (MaskPick(array="front"),)) -> Context:
    picture, front, back = scene()
    layer = RasterLayer(name="Photo", pixels=PixelBuffer.from_array(picture))
    document = Document(size=Size(picture.shape[1], picture.shape[0]), layers=(layer,))
    identity = Identity(plugin="layer_decomp", plugin_version="1", engine="classical")
    return Context(document=document, identity=identity, arrays={"front": front, "back": back})


def test_conformance() -> None:
    check_manifest(resources.plugins_dir() / "layer_decomp")
    check_params(Params)
    params = Params(objects=(MaskPick(array="front"),))
    check_run(run, params, make_context)
    check_cancel(run, params, make_context)


@pytest.mark.parametrize("pick", [BoxPick(x=33, y=49, width=50, height=52), PointPick(x=58, y=74)])
def test_a_box_or_a_point_finds_the_object(pick: Pick) -> None:
    results = run(make_context(), Params(objects=(pick,)))
    (stack,) = results.layers
    assert isinstance(stack, GroupLayer)
    (group,) = stack.children[1:]
    assert isinstance(group, GroupLayer)
    body = group.children[-1]
    assert isinstance(body, RasterLayer)
    found = np.zeros((120, 180), bool)
    found[body.bounds.slices()] = body.pixels.read()[..., 3] > 127
    truth = scene()[1] > 0
    assert (found & truth).sum() / (found | truth).sum() > 0.85


@pytest.mark.parametrize(
    ("objects", "words"),
    [
        ((), "No object is marked"),
        ((MaskPick(array="missing"),), "did not come"),
        ((MaskPick(array="small"),), "does not fit"),
        ((MaskPick(array="empty"),), "empty"),
        ((MaskPick(array="full"),), "whole picture"),
        ((BoxPick(x=500, y=10, width=20, height=20),), "enough of the picture"),
        ((PointPick(x=-4, y=10),), "outside"),
    ],
)
def test_wrong_objects_are_named(objects: tuple[Pick, ...], words: str) -> None:
    context = make_context()
    context.arrays = {
        "small": np.full((10, 10), 255, np.uint8),
        "empty": np.zeros((120, 180), np.uint8),
        "full": np.full((120, 180), 255, np.uint8),
    }
    with pytest.raises(StudioError, match=words):
        run(context, Params(objects=objects))


def test_transparent_parts_are_put_on_white_and_said() -> None:
    picture, _, _ = scene()
    picture[:20, :20, 3] = 0
    context = make_context()
    layer = RasterLayer(name="Photo", pixels=PixelBuffer.from_array(picture))
    context.document = context.document.with_layers((layer,))
    results = run(context, Params(objects=(MaskPick(array="front"),)))
    assert "white" in results.notices[0]
    (stack,) = results.layers
    assert isinstance(stack, GroupLayer)
    background = stack.children[0]
    assert isinstance(background, RasterLayer)
    assert (background.pixels.read()[:10, :10] == 255).all()
