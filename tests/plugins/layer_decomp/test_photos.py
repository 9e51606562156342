"""Every real photo at hand: all layers on is the photo, and far from the objects the background is untouched."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from studio.commands import RunPlugin, run_plugin
from studio.core import difference
from studio.core.compositing import composite
from studio.core.layers import GroupLayer, RasterLayer
from studio.session import Session

PHOTOS = Path(__file__).resolve().parents[4] / "shared" / "photos"
BOXES: dict[str, tuple[int, int, int, int] | None] = {
    "ball.jpg": None,
    "ring.jpg": None,
    "teddy.jpg": None,
    "horse.jpg": (90, 115, 620, 400),
    "truck.jpg": (80, 270, 1560, 560),
    "dog_on_bench.png": (185, 110, 140, 270),
    "lemur.png": (60, 20, 400, 470),
    "boat.jpg": (150, 90, 1060, 510),
    "road.jpg": (560, 240, 1050, 240),
}
"""A box around an object; None takes the masks that lie beside the photo."""


def request_for(photo: Path) -> RunPlugin:
    box = BOXES[photo.name]
    if box is not None:
        x, y, width, height = box
        picked = {"kind": "box", "x": x, "y": y, "width": width, "height": height}
        return RunPlugin(plugin="layer_decomp", params={"objects": [picked]})
    masks = sorted(path for path in photo.parent.iterdir() if re.fullmatch(rf"{photo.stem}_mask\d*\.\w+", path.name))
    return RunPlugin(plugin="layer_decomp", masks=tuple(str(path) for path in masks))


@pytest.mark.slow
@pytest.mark.parametrize("name", BOXES)
@pytest.mark.parametrize("mode", ["exact", "clean"])
def test_the_stack_is_the_photo(name: str, mode: str) -> None:
    photo = PHOTOS / name
    if not photo.exists():
        pytest.skip(f"needs {name} in the folder shared/photos beside the checkout")
    session = Session()
    session.open(photo)
    picture = composite(session.document)
    request = request_for(photo)
    report = run_plugin(
        session, RunPlugin(plugin="layer_decomp", params={**request.params, "mode": mode}, masks=request.masks)
    )
    found = difference.measure(composite(session.document), picture)
    print(name, mode, f"max {found.max_255:.3g}/255, {found.psnr_db:.1f} dB, {report.seconds:.1f} s")
    assert report.figures["recomposition_psnr_db"] == pytest.approx(found.psnr_db)
    if mode == "clean":
        assert found.psnr_db > 35
        return
    assert found.max_255 <= 1
    (stack,) = session.document.layers
    assert isinstance(stack, GroupLayer)
    background, *objects = stack.children
    assert isinstance(background, RasterLayer)
    covered = np.zeros(picture.shape[:2], bool)
    for layer in (child for group in objects if isinstance(group, GroupLayer) for child in group.children):
        assert isinstance(layer, RasterLayer)
        covered |= layer.pixels.read(session.document.canvas.moved(-layer.origin))[..., 3] > 0
    assert not covered.all()
    assert (background.pixels.read()[~covered] == picture[~covered]).all()
