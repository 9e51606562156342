"""Random arguments for every edit of the table, drawn by hypothesis against a given document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from studio.core.document import Document
from studio.core.edits import EDITS, Turn
from studio.core.errors import StudioError
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import (
    AdjustmentLayer,
    BlendMode,
    ColorLabel,
    GroupLayer,
    Layer,
    LayerId,
    Locks,
    Mask,
    Place,
    RasterLayer,
)
from studio.core.pixels import Depth, PixelBuffer, Pixels
from tests.support.documents import noise, random_adjustment, random_provenance
from tests.support.tool_edits import TOOL_ARGUMENTS, Keywords, any_adjustment

T = TypeVar("T")
Arguments = tuple[object, ...]
Draw = Callable[[DrawFn, Document], Arguments]

shares = st.floats(-0.1, 1.1) | st.sampled_from([0.0, 0.5, 1.0])
"""Opacities, some of them outside 0..1."""
offsets = st.builds(Point, st.integers(-70, 70), st.integers(-70, 70))
sizes = st.builds(Size, st.integers(1, 40), st.integers(1, 40))


@st.composite
def edit_calls(draw: DrawFn, document: Document, names: tuple[str, ...] = tuple(EDITS)) -> tuple[str, Arguments]:
    """The id of an edit and arguments for it; they may be ones that the edit must refuse."""
    name = draw(st.sampled_from(names))
    return name, ARGUMENTS[name](draw, document)


def edited(document: Document, name: str, arguments: Arguments) -> Document:
    """The edit's result, or the document itself where it is refused."""
    named = arguments[-1] if arguments and isinstance(arguments[-1], Keywords) else Keywords()
    try:
        return EDITS[name].function(document, *(value for value in arguments if value is not named), **named)
    except StudioError as error:
        assert error.message.endswith("."), error.message
        return document


def unlocked(document: Document) -> Document:
    """The same document with no lock set, so that fewer edits are refused."""

    def free(layer: Layer) -> Layer:
        if isinstance(layer, GroupLayer):
            return replace(layer, locks=Locks(), children=tuple(free(child) for child in layer.children))
        return replace(layer, locks=Locks())

    return document.with_layers(tuple(free(layer) for layer in document.layers))


def samples(draw: DrawFn, depth: Depth, channels: int, most: Size | None = None) -> Pixels:
    """Noise of a drawn size, or one flat value."""
    size = draw(sizes) if most is None else most
    if draw(st.booleans()):
        return noise(np.random.default_rng(draw(st.integers(0, 99))), size, depth, channels)
    value = draw(st.sampled_from([0, depth.top // 2, depth.top]))
    return np.full((size.height, size.width, channels), value, depth.dtype)


def _rng(draw: DrawFn) -> np.random.Generator:
    return np.random.default_rng(draw(st.integers(0, 999)))


def _one(draw: DrawFn, document: Document) -> LayerId:
    """A layer of the document, sometimes one that is not there."""
    ids = [layer.id for layer in document.walk()]
    return draw(st.sampled_from([*ids, *ids, LayerId("gone")]))


def _of_kind(kind: type[Layer] | tuple[type[Layer], ...]) -> Callable[[DrawFn, Document], LayerId]:
    """A layer of one kind where there is any, else any."""

    def pick(draw: DrawFn, document: Document) -> LayerId:
        ids = [layer.id for layer in document.walk() if isinstance(layer, kind)]
        return draw(st.sampled_from(ids)) if ids else _one(draw, document)

    return pick


_raster, _group, _adjustment = _of_kind(RasterLayer), _of_kind(GroupLayer), _of_kind(AdjustmentLayer)


def _masked(draw: DrawFn, document: Document) -> LayerId:
    ids = [layer.id for layer in document.walk() if layer.mask is not None]
    return draw(st.sampled_from(ids)) if ids else _one(draw, document)


def _some(draw: DrawFn, document: Document) -> list[LayerId]:
    ids = [layer.id for layer in document.walk()]
    return draw(st.lists(st.sampled_from(ids), min_size=1, max_size=3)) if ids else []


def _place(draw: DrawFn, document: Document) -> Place:
    groups = [layer.id for layer in document.walk() if isinstance(layer, GroupLayer)]
    return Place(draw(st.sampled_from([None, *groups])), draw(st.integers(-1, 5)))


def _layer(draw: DrawFn, document: Document) -> Layer:
    pixels = PixelBuffer.from_array(samples(draw, document.depth, 4))
    layer = RasterLayer(name="new", pixels=pixels, origin=draw(offsets), blend=draw(st.sampled_from(_RASTER_MODES)))
    match draw(st.integers(0, 3)):
        case 0:
            return AdjustmentLayer(name="new", adjustment=random_adjustment(_rng(draw)))
        case 1:
            return GroupLayer(name="new", children=(layer,), blend=draw(st.sampled_from(BlendMode)))
        case _:
            return layer


def _mask(draw: DrawFn, document: Document) -> Mask:
    fill = draw(st.sampled_from([0, document.depth.top]))
    pixels = PixelBuffer.from_array(samples(draw, document.depth, 1), fill)
    return Mask(
        pixels=pixels, origin=draw(offsets), linked=draw(st.booleans()), density=draw(st.sampled_from([1, 0.5]))
    )


def _rect(draw: DrawFn, _document: Document) -> Rect:
    return Rect.at(draw(offsets), draw(st.builds(Size, st.integers(0, 90), st.integers(0, 90))))


def _write(channels: int, pick: Callable[[DrawFn, Document], LayerId]) -> Draw:
    return lambda draw, document: (pick(draw, document), draw(offsets), samples(draw, document.depth, channels))


def _value(pick: Callable[[DrawFn, Document], LayerId], values: st.SearchStrategy[T]) -> Draw:
    return lambda draw, document: (pick(draw, document), draw(values))


_RASTER_MODES = tuple(mode for mode in BlendMode if mode is not BlendMode.PASS_THROUGH)
_TURNS = st.sampled_from(Turn)

ARGUMENTS: Mapping[str, Draw] = {
    "add_layers": lambda draw, document: ([_layer(draw, document)], _place(draw, document)),
    "remove_layers": lambda draw, document: (_some(draw, document),),
    "move_layers": lambda draw, document: (_some(draw, document), _place(draw, document)),
    "duplicate_layers": lambda draw, document: (
        _some(draw, document),
        _place(draw, document) if draw(st.booleans()) else None,
    ),
    "group_layers": lambda draw, document: (_some(draw, document),),
    "ungroup": lambda draw, document: (_group(draw, document),),
    "rename": _value(_one, st.sampled_from(["", "neu", "名前"])),
    "set_visible": _value(_one, st.booleans()),
    "show_only": lambda draw, document: (_some(draw, document),),
    "set_opacity": _value(_one, shares),
    "set_fill": _value(_one, shares),
    "set_blend": _value(_one, st.sampled_from(BlendMode)),
    "set_clipping": _value(_one, st.booleans()),
    "set_label": _value(_one, st.sampled_from(ColorLabel)),
    "set_locks": _value(
        _one,
        st.builds(lambda a, b, c: Locks(alpha=a, pixels=b, position=c), *[st.integers(0, 3).map(lambda n: n == 3)] * 3),
    ),
    "set_ai_visible": _value(_one, st.booleans()),
    "set_ai_editable": _value(_one, st.booleans()),
    "set_expanded": _value(_group, st.booleans()),
    "set_adjustment": lambda draw, document: (_adjustment(draw, document), any_adjustment(draw)),
    "set_provenance": lambda draw, document: (_one(draw, document), random_provenance(_rng(draw))),
    "set_mask": lambda draw, document: (_one(draw, document), _mask(draw, document)),
    "mask_from_alpha": lambda draw, document: (_raster(draw, document),),
    "remove_mask": lambda draw, document: (_masked(draw, document),),
    "apply_mask": lambda draw, document: (_masked(draw, document),),
    "invert_mask": lambda draw, document: (_masked(draw, document),),
    "write_mask": _write(1, _masked),
    "set_mask_enabled": _value(_masked, st.booleans()),
    "set_mask_linked": _value(_masked, st.booleans()),
    "set_mask_density": _value(_masked, shares),
    "write_pixels": _write(4, _raster),
    "replace_pixels": lambda draw, document: (
        _raster(draw, document),
        PixelBuffer.from_array(samples(draw, document.depth, 4)),
        draw(offsets),
    ),
    "clear": _write(1, _raster),
    "trim": lambda draw, document: (_raster(draw, document),),
    "translate": lambda draw, document: (_some(draw, document), draw(offsets)),
    "turn_layers": lambda draw, document: (_some(draw, document), draw(_TURNS)),
    "turn_canvas": lambda draw, document: (draw(_TURNS),),
    "resize_canvas": lambda draw, document: (draw(sizes), draw(offsets)),
    "crop": lambda draw, document: (_rect(draw, document),),
    "merge_down": lambda draw, document: (_one(draw, document),),
    "merge_layers": lambda draw, document: (_some(draw, document),),
    "merge_visible": lambda draw, document: (),
    "merge_group": lambda draw, document: (_group(draw, document),),
    "flatten": lambda draw, document: (),
    "convert_depth": lambda draw, document: (draw(st.sampled_from(Depth)),),
    "set_metadata": lambda draw, document: ((("title", draw(st.text(max_size=5))),),),
    "set_guides": lambda draw, document: (
        draw(st.lists(st.integers(-50, 500), max_size=3)),
        draw(st.lists(st.integers(-50, 500), max_size=3)),
    ),
    "set_icc": lambda draw, document: (draw(st.none() | st.binary(max_size=4)),),
    "set_ppi": lambda draw, document: (draw(st.floats(-1, 600)),),
    **TOOL_ARGUMENTS,
    "place_results": lambda draw, document: ("Result", [_layer(draw, document)], _one(draw, document)),
}
