"""Objects by a box or a point: nearly the pixels that were drawn, and clear words where there is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import DocumentError, StudioError
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.core.selection import Combine
from studio.retouch import select_object

BOX = Rect(44, 24, 120, 96)


@pytest.fixture(scope="module")
def scene() -> tuple[Document, np.ndarray]:
    """A red ellipse on green ground with grain, and which pixels it covers."""
    truth = np.zeros((120, 160), np.uint8)
    cv2.ellipse(truth, (82, 60), (30, 24), 20, 0, 360, 1, -1)
    grain = np.random.default_rng(1).standard_normal((120, 160, 3)) * 7
    color = np.where(truth[..., None] > 0, (190, 60, 50), (70, 120, 80)) + grain
    samples = np.dstack([np.clip(color, 0, 255), np.full(truth.shape, 255)]).astype(np.uint8)
    layer = RasterLayer(id=LayerId("photo"), pixels=PixelBuffer.from_array(samples))
    return Document(size=Size(160, 120), layers=(layer,)), truth > 0


@pytest.mark.parametrize("told", [{"box": BOX}, {"point": Point(82, 60)}, {"box": BOX, "source": LayerId("photo")}])
def test_the_object_is_found(scene: tuple[Document, np.ndarray], told: dict[str, object]) -> None:
    document, truth = scene
    out = select_object(document, **told)  # pyright: ignore[reportArgumentType] - the parameters by name
    assert out.selection is not None
    found = out.selection.read() > 127
    assert (found & truth).sum() / (found | truth).sum() > 0.93


def test_it_combines_like_any_selection(scene: tuple[Document, np.ndarray]) -> None:
    document, _ = scene
    right = edits.select_rectangle(document, Rect(82, 0, 160, 120))
    out = select_object(right, box=BOX, combine=Combine.INTERSECT)
    assert out.selection is not None
    assert not out.selection.read()[:, :82].any()
    assert out.selection.read()[60, 90] == 255


def test_refusals(scene: tuple[Document, np.ndarray]) -> None:
    document, _ = scene
    for told in ({}, {"box": BOX, "point": Point(1, 1)}, {"point": Point(-1, 0)}):
        with pytest.raises(DocumentError):
            select_object(document, **told)  # pyright: ignore[reportArgumentType] - the parameters by name
    with pytest.raises(StudioError):
        select_object(document, box=Rect(300, 300, 310, 310))
