"""The document's look-ups and what `check` finds."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from studio.core.document import MAX_SIDE_PX, Document
from studio.core.errors import DocumentError
from studio.core.geometry import Rect, Size
from studio.core.layers import BlendMode, GroupLayer, LayerId, Mask, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from tests.support.documents import every_mode_document, random_document

EIGHT = PixelBuffer(Size(4, 4), Depth.EIGHT)
ONE = RasterLayer(id=LayerId("one"), name="One", pixels=EIGHT)


def faults(*layers: RasterLayer | GroupLayer) -> str:
    return " ".join(Document(size=Size(9, 9), layers=layers).check())


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("seed", range(5))
def test_sound_documents(seed: int, depth: Depth) -> None:
    document = random_document(seed, depth)
    assert document.check() == []
    assert document == random_document(seed, depth)
    assert every_mode_document(depth).check() == []


def test_looking_up() -> None:
    document = Document(size=Size(9, 8), layers=(GroupLayer(children=(ONE,)),))
    assert document.layer(LayerId("one")) is ONE
    assert document.find(LayerId("two")) is None
    assert document.canvas == Rect(0, 0, 9, 8)
    with pytest.raises(DocumentError, match="no longer"):
        document.layer(LayerId("two"))


@pytest.mark.parametrize("size", [Size(0, 5), Size(5, 0), Size(MAX_SIDE_PX + 1, 5), Size(-1, 5)])
def test_impossible_canvases(size: Size) -> None:
    assert "canvas" in " ".join(Document(size=size).check())


def test_broken_layers() -> None:
    assert faults(ONE) == ""
    assert "used 2 times" in faults(ONE, GroupLayer(children=(ONE,)))
    assert "opacity" in faults(replace(ONE, opacity=1.5))
    assert "opacity" in faults(replace(ONE, opacity=math.nan))
    assert "fill" in faults(replace(ONE, fill=-0.1))
    assert "pass through" in faults(replace(ONE, blend=BlendMode.PASS_THROUGH))
    assert "8-bit RGBA" in faults(replace(ONE, pixels=EIGHT.to_depth(Depth.SIXTEEN)))
    assert "8-bit RGBA" in faults(replace(ONE, pixels=PixelBuffer(Size(4, 4), Depth.EIGHT, 1)))
    assert "transparent outside" in faults(replace(ONE, pixels=PixelBuffer(Size(4, 4), Depth.EIGHT, 4, 255)))


def test_broken_masks() -> None:
    plain = Mask(pixels=PixelBuffer.from_array(np.ones((3, 3), np.uint8), 255))
    assert faults(replace(ONE, mask=plain)) == ""
    assert "mask is not one 8-bit channel" in faults(replace(ONE, mask=Mask(pixels=EIGHT)))
    sixteen = Mask(pixels=plain.pixels.to_depth(Depth.SIXTEEN))
    assert "mask is not one 8-bit channel" in faults(replace(ONE, mask=sixteen))
    assert "density" in faults(replace(ONE, mask=replace(plain, density=2.0)))
