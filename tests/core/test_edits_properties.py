"""Edits of single properties."""

from __future__ import annotations

import math

import numpy as np
import pytest

from studio.core import edits
from studio.core.adjustments import Adjustment, BrightnessContrast, ColorBalance
from studio.core.document import Document
from studio.core.errors import DocumentError
from studio.core.geometry import Size
from studio.core.layers import (
    AdjustmentLayer,
    BlendMode,
    ColorLabel,
    GroupLayer,
    LayerId,
    Locks,
    Mask,
    Provenance,
    RasterLayer,
    path_to,
)
from studio.core.pixels import Depth, PixelBuffer
from tests.support.documents import random_document

A, C, G = LayerId("a"), LayerId("c"), LayerId("g")


@pytest.fixture
def document() -> Document:
    """g(a c): a group of a pixel layer and an adjustment."""
    pixels = PixelBuffer.from_array(np.full((4, 4, 4), 200, np.uint8))
    curves = AdjustmentLayer(id=C, name="c", adjustment=BrightnessContrast())
    return Document(
        size=Size(9, 9),
        layers=(GroupLayer(id=G, name="g", children=(RasterLayer(id=A, name="a", pixels=pixels), curves)),),
    )


def test_each_sets_its_own_field(document: Document) -> None:
    record = Provenance(plugin="p", engine="e")
    values = {
        "name": edits.rename(document, A, "x"),
        "visible": edits.set_visible(document, A, False),
        "opacity": edits.set_opacity(document, A, 0.25),
        "fill": edits.set_fill(document, A, 0.0),
        "blend": edits.set_blend(document, A, BlendMode.SCREEN),
        "clipping": edits.set_clipping(document, A, True),
        "label": edits.set_label(document, A, ColorLabel.RED),
        "locks": edits.set_locks(document, A, Locks(alpha=True)),
        "ai_visible": edits.set_ai_visible(document, A, False),
        "ai_editable": edits.set_ai_editable(document, A, False),
        "provenance": edits.set_provenance(document, A, record),
    }
    expected = ["x", False, 0.25, 0.0, BlendMode.SCREEN, True, ColorLabel.RED, Locks(alpha=True), False, False, record]
    old = document.layer(A)
    for (field, new), value in zip(values.items(), expected, strict=True):
        layer = new.layer(A)
        assert getattr(layer, field) == value
        others = [name for name in values if name != field]
        assert all(getattr(layer, name) is getattr(old, name) for name in others)


@pytest.mark.parametrize("value", [-0.01, 1.01, math.nan, math.inf])
def test_shares_outside_their_range_are_refused(document: Document, value: float) -> None:
    for edit in (edits.set_opacity, edits.set_fill):
        with pytest.raises(DocumentError, match="not between 0 and 1"):
            edit(document, A, value)


def test_what_does_not_fit_the_kind_is_refused(document: Document) -> None:
    assert edits.set_blend(document, G, BlendMode.PASS_THROUGH) == document
    with pytest.raises(DocumentError, match="pass through"):
        edits.set_blend(document, A, BlendMode.PASS_THROUGH)
    with pytest.raises(DocumentError, match="not a group"):
        edits.set_expanded(document, A, False)
    with pytest.raises(DocumentError, match="not an adjustment"):
        edits.set_adjustment(document, A, ColorBalance())
    with pytest.raises(DocumentError, match="needs a name"):
        edits.rename(document, A, "")


def test_adjustments_and_groups(document: Document) -> None:
    balance: Adjustment = ColorBalance(midtones=(1, 2, 3))
    layer = edits.set_adjustment(document, C, balance).layer(C)
    assert isinstance(layer, AdjustmentLayer)
    assert layer.adjustment == balance
    folded = edits.set_expanded(document, G, False).layer(G)
    assert isinstance(folded, GroupLayer)
    assert not folded.expanded


def test_document_properties(document: Document) -> None:
    assert edits.set_metadata(document, (("title", "T"),)).metadata == (("title", "T"),)
    assert edits.set_icc(document, b"profile").icc == b"profile"
    assert edits.set_ppi(document, 300.0).ppi == 300.0
    for wrong in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(DocumentError, match="resolution"):
            edits.set_ppi(document, wrong)


@pytest.mark.parametrize("seed", range(5))
def test_depth_there_and_back_is_the_same_document(seed: int) -> None:
    document = random_document(seed)
    sixteen = edits.convert_depth(document, Depth.SIXTEEN)
    assert sixteen.depth is Depth.SIXTEEN
    assert sixteen.check() == []
    assert edits.convert_depth(sixteen, Depth.EIGHT) == document


def test_mask_fill_is_converted(document: Document) -> None:
    masked = edits.set_mask(document, A, Mask(pixels=PixelBuffer(Size(2, 2), Depth.EIGHT, 1, 255)))
    mask = edits.convert_depth(masked, Depth.SIXTEEN).layer(A).mask
    assert mask is not None
    assert mask.pixels.fill == 65535


class TestShowOnly:
    def test_shows_the_layer_with_its_groups_and_hides_the_rest(self) -> None:
        document = random_document(3)
        inner = next(layer for layer in document.walk() if layer not in document.layers)
        shown = edits.show_only(document, [inner.id])
        path = {layer.id for layer in path_to(shown.layers, inner.id)}
        assert all(layer.visible for layer in path_to(shown.layers, inner.id))
        assert not any(layer.visible for layer in shown.layers if layer.id not in path)

    def test_leaves_what_is_inside_as_it_is(self, document: Document) -> None:
        document = edits.set_visible(document, C, False)
        assert edits.show_only(document, [G]) == document
        assert [layer.visible for layer in edits.show_only(document, [C]).walk()] == [True, False, True]

    def test_refuses_nothing(self, document: Document) -> None:
        with pytest.raises(DocumentError, match="No layer is chosen"):
            edits.show_only(document, [])


def test_each_does_one_edit_to_several_layers(document: Document) -> None:
    change = edits.each(edits.set_opacity, [A, C], 0.5)
    assert change.label == "Change opacity"
    assert [layer.opacity for layer in change(document).walk()] == [1.0, 0.5, 0.5]
