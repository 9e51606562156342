"""Edits of the tree."""

from __future__ import annotations

import pytest

from studio.core import edits
from studio.core.document import Document
from studio.core.edits import EDITS
from studio.core.errors import DocumentError
from studio.core.geometry import Size
from studio.core.history import LabelledEdit
from studio.core.layers import BlendMode, GroupLayer, Layer, LayerId, Layers, Locks, Place, RasterLayer
from studio.core.pixels import Depth, PixelBuffer


def leaf(name: str, locks: Locks | None = None, depth: Depth = Depth.EIGHT) -> RasterLayer:
    return RasterLayer(id=LayerId(name), name=name, pixels=PixelBuffer(Size(4, 4), depth), locks=locks or Locks())


def group(name: str, *children: Layer) -> GroupLayer:
    return GroupLayer(id=LayerId(name), name=name, children=children)


def names(layers: Layers) -> str:
    """The tree as text: groups in brackets."""
    return "".join(
        f"{layer.name}({names(layer.children)})" if isinstance(layer, GroupLayer) else layer.name for layer in layers
    )


def ids(text: str) -> list[LayerId]:
    return [LayerId(letter) for letter in text]


def at(parent: str, index: int) -> Place:
    return Place(LayerId(parent) if parent else None, index)


@pytest.fixture
def tree() -> Document:
    """a g(b h(c) d) e"""
    return Document(
        size=Size(9, 9), layers=(leaf("a"), group("g", leaf("b"), group("h", leaf("c")), leaf("d")), leaf("e"))
    )


def test_adding(tree: Document) -> None:
    assert names(edits.add_layers(tree, [leaf("x"), leaf("y")], at("g", 1)).layers) == "ag(bxyh(c)d)e"
    with pytest.raises(DocumentError, match="used 2 times"):
        edits.add_layers(tree, [group("x", leaf("c"))], at("", 0))
    with pytest.raises(DocumentError, match="8-bit RGBA"):
        edits.add_layers(tree, [leaf("x", depth=Depth.SIXTEEN)], at("", 0))
    with pytest.raises(DocumentError, match="not a group"):
        edits.add_layers(tree, [leaf("x")], at("a", 0))


def test_removing(tree: Document) -> None:
    assert names(edits.remove_layers(tree, ids("ac")).layers) == "g(bh()d)e"
    assert names(edits.remove_layers(tree, ids("ghc")).layers) == "ae"
    assert names(edits.remove_layers(tree, ids("age")).layers) == ""
    with pytest.raises(DocumentError, match="No layer is chosen"):
        edits.remove_layers(tree, [])
    with pytest.raises(DocumentError, match="no longer"):
        edits.remove_layers(tree, ids("ax"))


def test_layers_with_locked_pixels_are_not_deleted(tree: Document) -> None:
    locked = edits.set_locks(tree, LayerId("c"), Locks(pixels=True))
    for choice in ("c", "h", "g", "ag"):
        with pytest.raises(DocumentError, match=r"“c” has its pixels locked") as raised:
            edits.remove_layers(locked, ids(choice))
        assert raised.value.hint
    assert names(edits.remove_layers(locked, ids("d")).layers) == "ag(bh(c))e"


@pytest.mark.parametrize(
    ("moving", "place", "expected"),
    [
        ("a", at("", 3), "g(bh(c)d)ea"),
        ("e", at("", 0), "eag(bh(c)d)"),
        ("a", at("", 1), "ag(bh(c)d)e"),
        ("a", at("", 2), "g(bh(c)d)ae"),
        ("ea", at("g", 1), "g(baeh(c)d)"),
        ("c", at("", 0), "cag(bh()d)e"),
        ("bd", at("g", 3), "ag(h(c)bd)e"),
        ("bd", at("h", 0), "ag(h(bdc))e"),
        ("h", at("", 99), "ag(bd)eh(c)"),
        ("hc", at("", 0), "h(c)ag(bd)e"),
    ],
)
def test_moving(tree: Document, moving: str, place: Place, expected: str) -> None:
    moved = edits.move_layers(tree, ids(moving), place)
    assert names(moved.layers) == expected
    assert {layer.id for layer in moved.walk()} == {layer.id for layer in tree.walk()}


@pytest.mark.parametrize("place", [at("g", 0), at("h", 0)])
def test_a_group_never_goes_into_itself(tree: Document, place: Place) -> None:
    with pytest.raises(DocumentError, match="into itself"):
        edits.move_layers(tree, ids("g"), place)


def test_duplicating(tree: Document) -> None:
    twice = edits.duplicate_layers(tree, ids("ga"))
    assert names(twice.layers) == "aa copyg(bh(c)d)g copy(bh(c)d)e"
    assert twice.check() == []
    copy = twice.layers[1]
    assert isinstance(copy, RasterLayer)
    original = tree.layer(LayerId("a"))
    assert isinstance(original, RasterLayer)
    assert copy.pixels is original.pixels


def test_grouping(tree: Document) -> None:
    grouped = edits.group_layers(tree, ids("ab"), "n", group_id=LayerId("n"))
    assert names(grouped.layers) == "g(n(ab)h(c)d)e"
    assert grouped.layer(LayerId("n")).blend is BlendMode.PASS_THROUGH
    assert names(edits.group_layers(tree, ids("dea"), "n").layers) == "g(bh(c))n(ade)"
    assert names(edits.group_layers(tree, ids("gc"), "n").layers) == "an(g(bh(c)d))e"
    with pytest.raises(DocumentError, match="used 2 times"):
        edits.group_layers(tree, ids("a"), group_id=LayerId("e"))


def test_ungrouping(tree: Document) -> None:
    assert names(edits.ungroup(tree, LayerId("g")).layers) == "abh(c)de"
    assert names(edits.ungroup(tree, LayerId("h")).layers) == "ag(bcd)e"
    with pytest.raises(DocumentError, match="not a group"):
        edits.ungroup(tree, LayerId("a"))


def test_grouping_and_ungrouping_siblings_is_nothing(tree: Document) -> None:
    grouped = edits.group_layers(tree, ids("ga"), group_id=LayerId("n"))
    assert edits.ungroup(grouped, LayerId("n")) == tree


class TestTheTable:
    def test_ids_are_the_functions_names_and_labels_are_sentence_case(self) -> None:
        for key, edit in EDITS.items():
            assert edit.id == key == edit.function.__name__
            assert getattr(edits, key) is edit.function
            assert edit.label[0].isupper()
            assert edit.label[1:] == edit.label[1:].lower()

    def test_a_step_carries_its_arguments_and_label(self, tree: Document) -> None:
        step = edits.step(edits.rename, LayerId("a"), name="x")
        assert isinstance(step, LabelledEdit)
        assert step.label == "Rename layer"
        assert step(tree) == edits.rename(tree, LayerId("a"), "x")
