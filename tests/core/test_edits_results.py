"""What models see, where results go, and what they must not touch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from studio.core import edits
from studio.core.document import Document
from studio.core.edits import Harm
from studio.core.geometry import ORIGIN, Point, Rect, Size
from studio.core.layers import BlendMode, ForeignBlock, GroupLayer, Layer, LayerId, Layers, Mask, Place, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from tests.support.documents import random_document


def leaf(name: str, depth: Depth = Depth.EIGHT, **more: object) -> RasterLayer:
    pixels = PixelBuffer.from_array(np.full((4, 4, 4), 200, np.uint8)).to_depth(depth)
    return replace(RasterLayer(id=LayerId(name), name=name, pixels=pixels), **more)


def group(name: str, *children: Layer, **more: object) -> GroupLayer:
    return replace(GroupLayer(id=LayerId(name), name=name, children=children), **more)


def names(layers: Layers) -> str:
    return "".join(
        f"{layer.name}({names(layer.children)})" if isinstance(layer, GroupLayer) else layer.name for layer in layers
    )


def stack(*layers: Layer) -> Document:
    return Document(size=Size(9, 9), layers=layers)


class TestPlacing:
    def test_one_pass_through_group_above_the_layer(self) -> None:
        document = stack(leaf("a"), leaf("b"))
        placed = edits.place_results(document, "R", [leaf("x"), leaf("y")], LayerId("a"), group_id=LayerId("r"))
        assert names(placed.layers) == "aR(xy)b"
        assert placed.layer(LayerId("r")).blend is BlendMode.PASS_THROUGH

    @pytest.mark.parametrize("above", [None, LayerId("gone")])
    def test_on_top_when_there_is_no_such_layer(self, above: LayerId | None) -> None:
        assert names(edits.place_results(stack(leaf("a"), leaf("b")), "R", [leaf("x")], above).layers) == "abR(x)"

    def test_inside_the_same_group_and_above_what_is_clipped(self) -> None:
        document = stack(group("g", leaf("a"), leaf("c", clipping=True), leaf("b")), leaf("d"))
        for above in "ac":
            placed = edits.place_results(document, "R", [leaf("x")], LayerId(above))
            assert names(placed.layers) == "g(acR(x)b)d"

    def test_a_protected_group_is_not_entered(self) -> None:
        document = stack(group("g", group("h", leaf("a"), leaf("b")), ai_editable=False), leaf("d"))
        placed = edits.place_results(document, "R", [leaf("x")], LayerId("a"))
        assert names(placed.layers) == "g(h(ab))R(x)d"
        assert edits.protected_violations(document, placed) == []

    def test_a_group_of_that_name_is_not_wrapped_again(self) -> None:
        placed = edits.place_results(stack(leaf("a")), "R", [group("R", leaf("x"))])
        assert names(placed.layers) == "aR(x)"
        assert names(edits.place_results(stack(leaf("a")), "S", [group("R", leaf("x"))]).layers) == "aS(R(x))"

    def test_depth_and_ids_are_fitted(self) -> None:
        document = stack(leaf("a"))
        mask = Mask(pixels=PixelBuffer(Size(2, 2), Depth.SIXTEEN, 1, 65535))
        results = [group("G", leaf("a", Depth.SIXTEEN, mask=mask), leaf("new", Depth.SIXTEEN))]
        placed = edits.place_results(document, "R", results)
        assert placed.check() == []
        again = edits.place_results(placed, "R", results)
        assert again.check() == []
        assert names(again.layers) == "aR(G(anew))R(G(anew))"

    def test_undoing_and_placing_again_keeps_the_ids(self) -> None:
        document = stack(leaf("a"))
        results = [leaf("x")]
        placed = edits.place_results(document, "R", results, group_id=LayerId("r"))
        assert placed.layer(LayerId("x")) == leaf("x")


class TestWithholding:
    @pytest.mark.parametrize(
        ("layers", "seen"),
        [
            ((leaf("a"), leaf("b", ai_visible=False)), "a"),
            ((group("g", leaf("a", ai_visible=False), leaf("b")),), "g(b)"),
            ((group("g", leaf("a"), group("h", leaf("b")), ai_visible=False), leaf("c")), "c"),
            ((leaf("a"), leaf("b", ai_visible=False), leaf("c", clipping=True), leaf("d")), "ad"),
            ((leaf("a"), leaf("b", clipping=True, ai_visible=False), leaf("c", clipping=True)), "ac"),
        ],
    )
    def test_hidden_layers_and_what_hangs_on_them_are_gone(self, layers: Layers, seen: str) -> None:
        assert names(edits.withhold(stack(*layers)).layers) == seen

    def test_previews_of_the_file_are_gone(self) -> None:
        document = replace(stack(leaf("a")), foreign=(ForeignBlock("psd", "thumbnail", b"x"),))
        assert edits.withhold(document) == stack(leaf("a"))

    def test_selection_and_channels_are_withheld(self) -> None:
        start = stack(leaf("a"))
        document = edits.save_selection(edits.select_rectangle(start, Rect(0, 0, 3, 3)), "outline")
        assert edits.withhold(document) == start

    @pytest.mark.parametrize("seed", range(8))
    def test_random_documents(self, seed: int) -> None:
        seen = edits.withhold(random_document(seed, layers=14))
        assert seen.check() == []
        assert all(layer.ai_visible for layer in seen.walk())


class TestProtection:
    @pytest.fixture
    def document(self) -> Document:
        """a p g(q b) c, where p and q are protected."""
        inner = group("g", leaf("q", ai_editable=False), leaf("b"))
        return stack(leaf("a"), leaf("p", ai_editable=False), inner, leaf("c"))

    @pytest.mark.parametrize(
        "edit",
        [
            lambda d: edits.write_pixels(d, LayerId("a"), ORIGIN, np.zeros((2, 2, 4), np.uint8)),
            lambda d: edits.remove_layers(d, [LayerId("a"), LayerId("b")]),
            lambda d: edits.set_opacity(d, LayerId("g"), 0.5),
            lambda d: edits.place_results(d, "R", [leaf("x")], LayerId("p")),
            lambda d: edits.move_layers(d, [LayerId("c")], Place(None, 0)),
            lambda d: d,
        ],
        ids=["paint another", "remove others", "the group's own opacity", "place", "move another past", "nothing"],
    )
    def test_what_leaves_them_alone(self, document: Document, edit: Callable[[Document], Document]) -> None:
        assert edits.protected_violations(document, edit(document)) == []

    @pytest.mark.parametrize(
        ("edit", "harmed"),
        [
            (
                lambda d: edits.write_pixels(d, LayerId("p"), Point(1, 1), np.zeros((1, 1, 4), np.uint8)),
                {"p": Harm.CHANGED},
            ),
            (lambda d: edits.rename(d, LayerId("q"), "x"), {"q": Harm.CHANGED}),
            (lambda d: edits.set_ai_editable(d, LayerId("q"), True), {"q": Harm.CHANGED}),
            (lambda d: edits.translate(d, [LayerId("g")], Point(0, 1)), {"q": Harm.CHANGED}),
            (lambda d: edits.remove_layers(d, [LayerId("g")]), {"q": Harm.REMOVED}),
            (lambda d: edits.flatten(d), {"p": Harm.REMOVED, "q": Harm.REMOVED}),
            (lambda d: edits.ungroup(d, LayerId("g")), {"q": Harm.MOVED}),
            (lambda d: edits.move_layers(d, [LayerId("q")], Place(None, 0)), {"q": Harm.MOVED}),
        ],
    )
    def test_what_harms_them(
        self, document: Document, edit: Callable[[Document], Document], harmed: dict[str, Harm]
    ) -> None:
        found = edits.protected_violations(document, edit(document))
        assert {violation.layer: violation.harm for violation in found} == harmed
        assert all(str(violation).startswith(f"“{violation.name}” was ") for violation in found)

    def test_an_equal_copy_is_no_harm_and_one_sample_is(self, document: Document) -> None:
        old = document.layer(LayerId("p"))
        assert isinstance(old, RasterLayer)
        copy = edits.replace_pixels(document, LayerId("p"), PixelBuffer.from_array(old.pixels.read()))
        assert edits.protected_violations(document, copy) == []
        samples = old.pixels.read()
        samples[3, 3, 2] += 1
        near = edits.replace_pixels(document, LayerId("p"), PixelBuffer.from_array(samples))
        assert [violation.harm for violation in edits.protected_violations(document, near)] == [Harm.CHANGED]

    def test_a_protected_group_protects_what_is_in_it(self) -> None:
        document = stack(group("g", leaf("a"), leaf("b"), ai_editable=False))
        painted = edits.set_opacity(document, LayerId("a"), 0.5)
        assert {violation.layer for violation in edits.protected_violations(document, painted)} == {"g", "a"}
        added = edits.add_layers(document, [leaf("x")], Place(LayerId("g"), 0))
        assert {violation.layer for violation in edits.protected_violations(document, added)} == {"g"}

    def test_their_order_among_themselves_counts(self) -> None:
        document = stack(leaf("p", ai_editable=False), leaf("a"), leaf("q", ai_editable=False))
        swapped = edits.move_layers(document, [LayerId("p")], Place(None, 3))
        assert {violation.harm for violation in edits.protected_violations(document, swapped)} == {Harm.MOVED}
