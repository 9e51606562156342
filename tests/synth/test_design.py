from __future__ import annotations

import numpy as np
import pytest

from studio.core.compositing import composite
from studio.core.errors import UsageError
from studio.core.geometry import Rect
from studio.synth.compose import lay, to_bytes, to_float
from studio.synth.design import Shape, describe_design, generate_design
from studio.synth.design_render import design_document, render_design


def test_same_seed_same_design() -> None:
    assert generate_design(9) == generate_design(9)
    assert generate_design(9) != generate_design(10)


def test_designs_hold_one_to_twelve_items_of_every_shape() -> None:
    designs = [generate_design(seed) for seed in range(120)]
    counts = {len(design.items) for design in designs}
    assert min(counts) == 1
    assert max(counts) >= 10
    assert {item.shape for design in designs for item in design.items} == set(Shape)


@pytest.mark.parametrize("seed", range(8))
def test_layers_give_the_composite(seed: int) -> None:
    design = generate_design(seed)
    drawn = render_design(design, 96)
    picture = to_float(drawn.background)
    for layer in drawn.layers:
        lay(picture, layer)
    assert np.array_equal(to_bytes(picture), drawn.composite)
    document = design_document(design, 96)
    assert document.check() == []
    assert np.abs(composite(document)[:, :, :3].astype(int) - drawn.composite).max() <= 1


def test_shadows_and_soft_edges_lie_inside_the_box() -> None:
    for seed in range(12):
        drawn = render_design(generate_design(seed), 96)
        for layer, box in zip(drawn.layers, drawn.boxes, strict=True):
            alpha = layer.on_canvas(drawn.size)[:, :, 3]
            alpha[box.slices()] = 0
            assert not alpha.any()


def test_glass_is_translucent_and_pictures_are_solid() -> None:
    glass = pictures = 0
    for seed in range(60):
        design = generate_design(seed)
        drawn = render_design(design, 64)
        for item, layer in zip(design.items, drawn.layers, strict=True):
            top = int(layer.pixels[:, :, 3].max())
            if item.shape is Shape.GLASS and item.shadow is None:
                glass += 1
                assert 50 < top < 170
            if item.shape is Shape.PICTURE and not item.softness:
                pictures += 1
                assert top == 255
    assert glass > 3
    assert pictures > 10


def test_token_boxes_are_whole_tokens_around_the_boxes() -> None:
    drawn = render_design(generate_design(5), 128)
    for jitter in (0, 2):
        for tight, box in zip(drawn.boxes, drawn.token_boxes(8, jitter, seed=1), strict=True):
            assert box.contains(tight)
            assert all(side % 8 == 0 for side in (box.left, box.top, box.right, box.bottom))
            assert Rect(0, 0, 128, 128).contains(box)
            assert tight.left - box.left < 8 * (1 + jitter)


def test_captions_name_items_where_the_spans_say() -> None:
    for seed in range(30):
        design = generate_design(seed)
        caption = describe_design(design, seed, most=12)
        assert all(span is not None for span in caption.spans)
        for item, span in zip(design.items, caption.spans, strict=True):
            assert span is not None
            said = caption.text[span[0] : span[1]]
            assert item.color in said
            assert (item.text if item.text else item.kind or item.shape) in said
        short = describe_design(design, seed, most=2)
        assert sum(span is not None for span in short.spans) == min(2, len(design.items))


def test_wide_designs_and_impossible_sizes() -> None:
    drawn = render_design(generate_design(3, aspect=1.5), 64)
    assert drawn.composite.shape == (64, 96, 3)
    with pytest.raises(UsageError, match="cannot be drawn"):
        render_design(generate_design(3), 5)
