"""Walking and rebuilding the tree of layers."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from studio.core.errors import DocumentError
from studio.core.geometry import EMPTY, Point, Rect, Size
from studio.core.layers import (
    BlendMode,
    GroupLayer,
    Layer,
    LayerId,
    Layers,
    Place,
    RasterLayer,
    clipping_runs,
    find,
    inserted,
    listed,
    mapped,
    new_layer_id,
    path_to,
    place_of,
    walk,
)
from studio.core.pixels import Depth, PixelBuffer


def leaf(name: str, *, clipping: bool = False) -> RasterLayer:
    pixels = PixelBuffer(Size(4, 4), Depth.EIGHT)
    return RasterLayer(id=LayerId(name), name=name, pixels=pixels, origin=Point(len(name), 2), clipping=clipping)


def group(name: str, *children: Layer) -> GroupLayer:
    return GroupLayer(id=LayerId(name), name=name, children=children)


TREE: Layers = (leaf("a"), group("g", leaf("b"), group("h", leaf("c")), leaf("d")), leaf("e"))


def names(layers: Layers) -> str:
    """The tree as text: groups in brackets."""
    return "".join(
        f"{layer.name}({names(layer.children)})" if isinstance(layer, GroupLayer) else layer.name for layer in layers
    )


def test_walk_is_bottom_to_top_with_groups_first() -> None:
    assert [layer.id for layer in walk(TREE)] == ["a", "g", "b", "h", "c", "d", "e"]


def test_listed_is_top_to_bottom_with_groups_first() -> None:
    assert "".join(layer.name for layer in listed(TREE)) == "egdhcba"


def test_find_and_path() -> None:
    for layer in walk(TREE):
        assert find(TREE, layer.id) is layer
        assert path_to(TREE, layer.id)[-1] is layer
    assert [layer.id for layer in path_to(TREE, LayerId("c"))] == ["g", "h", "c"]
    assert find(TREE, LayerId("x")) is None
    assert path_to(TREE, LayerId("x")) == ()


def test_places() -> None:
    assert place_of(TREE, LayerId("a")) == Place(None, 0)
    assert place_of(TREE, LayerId("d")) == Place(LayerId("g"), 2)
    assert place_of(TREE, LayerId("c")) == Place(LayerId("h"), 0)
    assert place_of(TREE, LayerId("x")) is None


def test_a_changed_layer_shares_all_others() -> None:
    out = mapped(TREE, LayerId("c"), lambda layer: replace(layer, name="C"))
    assert names(out) == "ag(bh(C)d)e"
    assert out[0] is TREE[0]
    assert out[2] is TREE[2]
    assert find(out, LayerId("b")) is find(TREE, LayerId("b"))
    assert names(TREE) == "ag(bh(c)d)e"


def test_taking_out() -> None:
    assert names(mapped(TREE, LayerId("h"), lambda _: None)) == "ag(bd)e"
    with pytest.raises(DocumentError, match="no longer"):
        mapped(TREE, LayerId("x"), lambda _: None)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place(None, 0), "xag(bh(c)d)e"),
        (Place(None, 99), "ag(bh(c)d)ex"),
        (Place(None, -5), "xag(bh(c)d)e"),
        (Place(LayerId("h"), 0), "ag(bh(xc)d)e"),
        (Place(LayerId("g"), 2), "ag(bh(c)xd)e"),
    ],
)
def test_inserting(place: Place, expected: str) -> None:
    assert names(inserted(TREE, place, [leaf("x")])) == expected


def test_only_groups_hold_layers() -> None:
    with pytest.raises(DocumentError, match="not a group"):
        inserted(TREE, Place(LayerId("a"), 0), [leaf("x")])
    with pytest.raises(DocumentError, match="no longer"):
        inserted(TREE, Place(LayerId("x"), 0), [leaf("y")])


@pytest.mark.parametrize(
    ("clips", "runs"),
    [("", []), ("-", [1]), ("---", [1, 1, 1]), ("-cc-c", [3, 2]), ("cc-", [2, 1]), ("-c", [2])],
)
def test_clipping_runs(clips: str, runs: list[int]) -> None:
    siblings = tuple(leaf(str(index), clipping=mark == "c") for index, mark in enumerate(clips))
    found = list(clipping_runs(siblings))
    assert [len(run) for run in found] == runs
    assert tuple(layer for run in found for layer in run) == siblings
    assert all(layer.clipping for run in found for layer in run[1:])


def test_bounds() -> None:
    assert leaf("a").bounds == Rect(1, 2, 5, 6)
    assert group("g", leaf("a"), leaf("aaa")).bounds == Rect(1, 2, 7, 6)
    assert group("g").bounds == EMPTY


def test_layers_are_frozen_and_groups_pass_through() -> None:
    with pytest.raises(FrozenInstanceError):
        leaf("a").name = "b"  # pyright: ignore[reportAttributeAccessIssue]  # that it cannot be set is the point
    assert group("g").blend is BlendMode.PASS_THROUGH
    assert leaf("a").blend is BlendMode.NORMAL
    assert new_layer_id() != new_layer_id()
