"""Krita opens our OpenRaster files as we mean them. Marked `readers`: tests/README.md says what to install."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.geometry import Point, Size
from studio.core.layers import BlendMode, RasterLayer, new_layer_id
from studio.core.pixels import Depth, PixelBuffer, Pixels, to_depth
from studio.io.formats import save_document
from studio.io.images import png
from tests.io.test_ora import STACKS, document_of
from tests.readers import krita
from tests.support.comparing import seen_difference
from tests.support.documents import every_mode_document

pytestmark = [
    pytest.mark.readers,
    pytest.mark.skipif(not krita.available(), reason="Krita with xvfb-run is not installed"),
]
OTHER_FORMULAS = {
    BlendMode.DISSOLVE: "random in Krita",
    BlendMode.DARKER_COLOR: "ties of luminosity",
    BlendMode.LIGHTER_COLOR: "ties of luminosity",
    BlendMode.SOFT_LIGHT: "the W3C formula",
    BlendMode.VIVID_LIGHT: "a few samples where it divides by almost nothing",
    BlendMode.HARD_MIX: "ties",
}
COLUMNS = 7


def as_krita_shows(document: Document, folder: Path) -> Pixels:
    save_document(document, folder / "in.ora")
    krita.export(folder / "in.ora", folder / "out.png", folder)
    data = (folder / "out.png").read_bytes()
    return png.decode(io.BytesIO(data), "out.png", len(data)).samples


def mode_cells() -> tuple[Document, dict[BlendMode, tuple[slice, slice]]]:
    """One cell per mode: noise with alpha in that mode over opaque noise."""
    stack = every_mode_document()
    bottom, width, height = stack.layers[0], stack.size.width, stack.size.height
    assert isinstance(bottom, RasterLayer)
    layers: list[RasterLayer] = []
    cells: dict[BlendMode, tuple[slice, slice]] = {}
    for number, layer in enumerate(stack.layers[1:]):
        assert isinstance(layer, RasterLayer)
        corner = Point(number % COLUMNS * width, number // COLUMNS * height)
        layers.append(RasterLayer(id=new_layer_id(), pixels=bottom.pixels, origin=corner))
        layers.append(RasterLayer(name=layer.name, blend=layer.blend, pixels=layer.pixels, origin=corner))
        cells[layer.blend] = (slice(corner.y, corner.y + height), slice(corner.x, corner.x + width))
    rows = -(-len(cells) // COLUMNS)
    return Document(size=Size(COLUMNS * width, rows * height), layers=tuple(layers)), cells


def test_krita_knows_every_mode_by_the_name_we_write(tmp_path: Path) -> None:
    document, cells = mode_cells()
    shown, ours = as_krita_shows(document, tmp_path), composite(document)
    for mode, cell in cells.items():
        difference = np.abs(shown[cell].astype(int) - ours[cell])
        print(f"{mode:15} max {difference.max():3d} mean {difference.mean():.2f} {OTHER_FORMULAS.get(mode, '')}")
        if mode not in OTHER_FORMULAS:
            assert difference.max() <= 4, mode
        elif mode is not BlendMode.DISSOLVE:
            assert difference.mean() <= 0.5, mode


@pytest.mark.parametrize("case", sorted(set(STACKS) - {"hidden things"}))
def test_krita_shows_the_stand_ins(tmp_path: Path, case: str) -> None:
    document = document_of(*STACKS[case])
    assert seen_difference(as_krita_shows(document, tmp_path), composite(document)) <= 2.0


def test_krita_opens_sixteen_bits_without_asking(tmp_path: Path) -> None:
    # Without a profile in a 16-bit PNG it opens a dialog and waits. What it exports has 8 bits.
    rng = np.random.default_rng(0)
    samples = rng.integers(0, 65536, (40, 50, 4), dtype=np.uint16)
    samples[..., 3] = 65535
    document = Document(
        size=Size(50, 40), depth=Depth.SIXTEEN, layers=(RasterLayer(pixels=PixelBuffer.from_array(samples)),)
    )
    shown = as_krita_shows(document, tmp_path)
    assert seen_difference(to_depth(shown, Depth.EIGHT), to_depth(samples, Depth.EIGHT)) <= 1.0
