"""Random arguments for the edits of the artist's tools: selections, areas, strokes, transforms, filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from studio.core.adjustments import Adjustment, Exposure, GradientMap, Invert, Posterize, Threshold
from studio.core.document import Document
from studio.core.edits.arranging import Alignment, Anchor, Axis, Frame, Trimming
from studio.core.filters import BoxBlur, GaussianBlur, HighPass, Median, MotionBlur, Noise, Sharpen
from studio.core.geometry import Affine, Point, Rect, Size
from studio.core.gradients import Gradient, GradientStop
from studio.core.homography import Homography
from studio.core.layers import LayerId, RasterLayer
from studio.core.lettering import Lettering, TextAlignment
from studio.core.painting.brush import Brush, StrokePoint
from studio.core.painting.inks import Clone, Erase, Ink, Paint, Tone, ToneRange
from studio.core.painting.shading import GradientShape
from studio.core.resampling import Sampling
from studio.core.selection import Combine, Coverage, Selection
from tests.support.documents import random_adjustment

Told: TypeAlias = "tuple[object, ...]"


class Keywords(dict[str, object]):
    """The last of an edit's drawn arguments, where some of them must be named."""


offsets = st.builds(Point, st.integers(-20, 120), st.integers(-20, 90))
rects = st.builds(Rect.at, offsets, st.builds(Size, st.integers(0, 90), st.integers(0, 90)))
combines = st.sampled_from(Combine)
shares = st.sampled_from([0.0, 0.25, 0.5, 1.0])
colors = st.tuples(shares, shares, shares)
coordinates = st.floats(-40, 140)
names = st.sampled_from(["", "Auswahl", "選択", "edge"])


KINDS_OF_TOOLS: tuple[Adjustment, ...] = (
    Exposure(exposure=1.3, offset=-0.02, gamma=0.8),
    Exposure(exposure=-2.0, offset=0.1, gamma=1.6),
    Invert(),
    Threshold(level=93),
    Posterize(levels=5),
    Posterize(levels=2),
    GradientMap(
        gradient=(
            GradientStop(position=0.1, color=(0.1, 0.0, 0.4)),
            GradientStop(position=0.5, color=(1.0, 0.3, 0.0)),
            GradientStop(position=0.7, color=(0.0, 0.6, 0.2)),
            GradientStop(position=1.0, color=(1.0, 1.0, 0.9)),
        )
    ),
    GradientMap(reverse=True),
)
"""The adjustments that came with the tools; `random_adjustment` keeps to the first five kinds, for old test files."""


def any_adjustment(draw: DrawFn) -> Adjustment:
    """One of any kind."""
    if draw(st.booleans()):
        return random_adjustment(np.random.default_rng(draw(st.integers(0, 99))))
    return draw(st.sampled_from(KINDS_OF_TOOLS))


def _any_layer(draw: DrawFn, document: Document) -> LayerId:
    ids = [layer.id for layer in document.walk()]
    return draw(st.sampled_from([*ids, LayerId("gone")]))


def _raster(draw: DrawFn, document: Document) -> LayerId:
    ids = [layer.id for layer in document.walk() if isinstance(layer, RasterLayer)]
    return draw(st.sampled_from(ids)) if ids else LayerId("gone")


def _source(draw: DrawFn, document: Document) -> LayerId | None:
    return draw(st.none() | st.just(_any_layer(draw, document)))


def _coverage(draw: DrawFn, document: Document) -> Coverage:
    """Noise or an island over the canvas, sometimes nothing."""
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    shape = (document.size.height, document.size.width)
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return rng.integers(0, 256, shape, dtype=np.uint8)
    out = np.zeros(shape, np.uint8)
    if kind > 1:
        out[draw(rects).intersect(document.canvas).slices()] = rng.integers(1, 256)
    return out


def _channel_name(draw: DrawFn, document: Document) -> str:
    return draw(st.sampled_from([*(channel.name for channel in document.channels), "gone"]))


def named(*values: object, **more: object) -> Told:
    """Positional and named arguments, for edits with options that only a name can give."""
    return (*values, Keywords(more))


SELECTIONS: Mapping[str, Callable[[DrawFn, Document], Told]] = {
    "select_all": lambda draw, document: named(),
    "deselect": lambda draw, document: named(),
    "set_selection": lambda draw, document: named(Selection.of(_coverage(draw, document))),
    "combine_selection": lambda draw, document: named(_coverage(draw, document), draw(combines)),
    "invert_selection": lambda draw, document: named(),
    "move_selection": lambda draw, document: named(draw(offsets)),
    "select_rectangle": lambda draw, document: named(draw(rects), combine=draw(combines)),
    "select_ellipse": lambda draw, document: named(draw(rects), antialias=draw(st.booleans()), combine=draw(combines)),
    "select_polygon": lambda draw, document: named(
        draw(st.lists(st.tuples(coordinates, coordinates), max_size=8)),
        antialias=draw(st.booleans()),
        combine=draw(combines),
    ),
    "select_similar": lambda draw, document: named(
        draw(offsets),
        tolerance=draw(st.integers(-1, 255)),
        contiguous=draw(st.booleans()),
        source=_source(draw, document),
        combine=draw(combines),
    ),
    "select_colors": lambda draw, document: named(
        draw(st.lists(colors, max_size=2)), fuzziness=draw(st.integers(0, 255)), source=_source(draw, document)
    ),
    "select_luminosity": lambda draw, document: named(source=_source(draw, document), combine=draw(combines)),
    "select_layer": lambda draw, document: named(_any_layer(draw, document), combine=draw(combines)),
    "select_mask": lambda draw, document: named(_any_layer(draw, document), combine=draw(combines)),
    "feather_selection": lambda draw, document: named(draw(st.floats(0, 30))),
    "grow_selection": lambda draw, document: named(draw(st.floats(0, 30))),
    "shrink_selection": lambda draw, document: named(draw(st.floats(0, 30))),
    "border_selection": lambda draw, document: named(draw(st.floats(0, 30))),
    "smooth_selection": lambda draw, document: named(draw(st.integers(0, 12))),
    "save_selection": lambda draw, document: named(draw(names), combine=draw(combines)),
    "load_channel": lambda draw, document: named(_channel_name(draw, document), combine=draw(combines)),
    "remove_channel": lambda draw, document: named(_channel_name(draw, document)),
    "rename_channel": lambda draw, document: named(_channel_name(draw, document), draw(names)),
    "mask_from_selection": lambda draw, document: named(_any_layer(draw, document), hide=draw(st.booleans())),
}

AREAS: Mapping[str, Callable[[DrawFn, Document], Told]] = {
    "fill_selected": lambda draw, document: named(_raster(draw, document), draw(colors), opacity=draw(shares)),
    "clear_selected": lambda draw, document: named(_raster(draw, document)),
    "layer_via_copy": lambda draw, document: named(_raster(draw, document), cut=draw(st.booleans())),
    "add_adjustment": lambda draw, document: named(any_adjustment(draw), _source(draw, document)),
}

brushes = st.builds(
    Brush,
    size_px=st.floats(0.5, 30),
    hardness=shares,
    opacity=shares,
    flow=st.sampled_from([0.1, 0.6, 1.0]),
    spacing=st.sampled_from([0.0, 0.2, 1.0]),
    string_px=st.sampled_from([0.0, 5.0]),
    size_by_pressure=st.sampled_from([(), ((0.0, 0.3), (1.0, 1.0))]),
)
strokes = st.lists(
    st.builds(StrokePoint, x=coordinates, y=coordinates, pressure=st.floats(0, 1)), min_size=1, max_size=3
)


def _ink(draw: DrawFn, document: Document) -> Ink:
    match draw(st.integers(0, 3)):
        case 0:
            return Paint(color=draw(colors))
        case 1:
            return Erase()
        case 2:
            return Clone(offset=draw(offsets), source=_source(draw, document))
        case _:
            return Tone(exposure=draw(st.floats(-1, 1)), range=draw(st.sampled_from(ToneRange)))


def _gradient(draw: DrawFn) -> Gradient:
    places = draw(st.lists(st.floats(0, 1), max_size=4).map(sorted))
    return tuple(GradientStop(position=place, color=draw(colors), opacity=draw(shares)) for place in places)


STROKES: Mapping[str, Callable[[DrawFn, Document], Told]] = {
    "paint_stroke": lambda draw, document: named(
        _any_layer(draw, document),
        draw(brushes),
        _ink(draw, document),
        draw(strokes),
        on_mask=draw(st.integers(0, 3)) == 0,
    ),
    "paint_selection": lambda draw, document: named(draw(brushes), _ink(draw, document), draw(strokes)),
    "smudge": lambda draw, document: named(
        _any_layer(draw, document),
        draw(brushes),
        draw(strokes),
        strength=draw(shares),
        on_mask=draw(st.integers(0, 3)) == 0,
    ),
    "smudge_selection": lambda draw, document: named(draw(brushes), draw(strokes), strength=draw(shares)),
    "fill_selection": lambda draw, document: named(
        draw(offsets),
        draw(colors),
        tolerance=draw(st.integers(0, 255)),
        contiguous=draw(st.booleans()),
        merged=draw(st.booleans()),
        opacity=draw(shares),
    ),
    "shade_selection": lambda draw, document: named(
        _gradient(draw),
        (draw(coordinates), draw(coordinates)),
        (draw(coordinates), draw(coordinates)),
        shape=draw(st.sampled_from(GradientShape)),
        dither=draw(st.booleans()),
    ),
    "fill_similar": lambda draw, document: named(
        _raster(draw, document),
        draw(offsets),
        draw(colors),
        tolerance=draw(st.integers(0, 255)),
        contiguous=draw(st.booleans()),
        source=_source(draw, document),
        on_mask=draw(st.integers(0, 3)) == 0,
    ),
    "draw_gradient": lambda draw, document: named(
        _raster(draw, document),
        _gradient(draw),
        (draw(coordinates), draw(coordinates)),
        (draw(coordinates), draw(coordinates)),
        shape=draw(st.sampled_from(GradientShape)),
        dither=draw(st.booleans()),
        on_mask=draw(st.integers(0, 3)) == 0,
    ),
}


def _move(draw: DrawFn) -> Homography:
    """Moves, turns, scales, leans; some of them flatten or go behind the viewer."""
    factor = st.sampled_from([-1.0, 0.0, 0.4, 1.0, 2.0])
    affine = Affine.scale(draw(factor), draw(factor)).then(Affine.rotation(draw(st.sampled_from([0.0, 20.0, 90.0]))))
    lean = draw(st.sampled_from([0.0, 0.0, 0.001, 0.1]))
    turned = Homography.of(affine.then(Affine.translation(draw(st.integers(-30, 30)), draw(st.floats(-30, 30)))))
    return turned.then(Homography((1.0, 0.0, 0.0, 0.0, 1.0, 0.0, lean, 0.0, 1.0)))


def _some(draw: DrawFn, document: Document) -> list[LayerId]:
    ids = [layer.id for layer in document.walk()]
    return draw(st.lists(st.sampled_from(ids), min_size=1, max_size=3)) if ids else []


factors = st.sampled_from([-1.5, 0.0, 0.5, 1.0, 1.7])
degrees = st.sampled_from([-90.0, 13.0, 180.0, 720.0])
small_sizes = st.builds(Size, st.integers(0, 90), st.integers(1, 90))

TRANSFORMS: Mapping[str, Callable[[DrawFn, Document], Told]] = {
    "transform_layers": lambda draw, document: named(
        _some(draw, document), _move(draw), sampling=draw(st.sampled_from(Sampling))
    ),
    "transform_selected": lambda draw, document: named(
        _raster(draw, document), _move(draw), sampling=draw(st.sampled_from(Sampling))
    ),
    "transform_outline": lambda draw, document: named(_move(draw), sampling=draw(st.sampled_from(Sampling))),
    "scale_layers": lambda draw, document: named(_some(draw, document), draw(factors), draw(factors)),
    "rotate_layers": lambda draw, document: named(_some(draw, document), draw(degrees)),
    "skew_layers": lambda draw, document: named(_some(draw, document), draw(degrees), draw(st.floats(-60, 60))),
    "distort_layers": lambda draw, document: named(
        _some(draw, document), tuple((draw(coordinates), draw(coordinates)) for _ in range(4))
    ),
    "resize_image": lambda draw, document: named(draw(small_sizes), sampling=draw(st.sampled_from(Sampling))),
    "rotate_canvas": lambda draw, document: named(draw(degrees)),
    "set_canvas_size": lambda draw, document: named(draw(small_sizes), anchor=draw(st.sampled_from(Anchor))),
    "crop_to_selection": lambda draw, document: named(delete_hidden=draw(st.booleans())),
    "crop_turned": lambda draw, document: named(draw(rects), draw(degrees), delete_hidden=draw(st.booleans())),
    "trim_canvas": lambda draw, document: named(by=draw(st.sampled_from(Trimming)), delete_hidden=draw(st.booleans())),
    "reveal_all": lambda draw, document: named(),
    "align_layers": lambda draw, document: named(
        _some(draw, document), draw(st.sampled_from(Alignment)), to=draw(st.sampled_from(Frame))
    ),
    "distribute_layers": lambda draw, document: named(_some(draw, document), draw(st.sampled_from(Axis))),
}

filters = st.one_of(
    st.builds(GaussianBlur, radius_px=st.floats(0, 6)),
    st.builds(BoxBlur, radius_px=st.integers(0, 4)),
    st.builds(MotionBlur, length_px=st.floats(1, 9), angle=st.floats(-90, 90)),
    st.builds(Sharpen, amount=shares, radius_px=st.floats(0.1, 3), threshold=shares),
    st.builds(Noise, amount=shares, even=st.booleans(), seed=st.integers(0, 9)),
    st.builds(HighPass, radius_px=st.floats(0.1, 3)),
    st.builds(Median, radius_px=st.integers(0, 3)),
)
FILTERS: Mapping[str, Callable[[DrawFn, Document], Told]] = {
    "apply_filter": lambda draw, document: named(
        _raster(draw, document), draw(filters), on_mask=draw(st.sampled_from([False, False, True]))
    ),
    "apply_adjustment": lambda draw, document: named(_raster(draw, document), any_adjustment(draw)),
}

TOOL_ARGUMENTS: Mapping[str, Callable[[DrawFn, Document], Told]] = {
    **SELECTIONS,
    **AREAS,
    **STROKES,
    **TRANSFORMS,
    **FILTERS,
}

bands = st.sampled_from([0.5, 2.0, 5.0])
RETOUCH_ARGUMENTS: Mapping[str, Callable[[DrawFn, Document], Told]] = {
    "refine_selection": lambda draw, document: named(draw(bands), source=_source(draw, document)),
    "extract_selected": lambda draw, document: named(_raster(draw, document), decontaminate=draw(st.booleans())),
    "select_object": lambda draw, document: named(
        box=draw(st.none() | rects), point=draw(st.none() | offsets), combine=draw(combines)
    ),
    "repair_edges": lambda draw, document: named(
        _raster(draw, document),
        draw(bands),
        source=_source(draw, document),
        merged=draw(st.sampled_from([False, False, True])),
        fringe=draw(st.booleans()),
        shift_px=draw(st.sampled_from([0.0, -1.5])),
    ),
    "repair_mask": lambda draw, document: named(
        _any_layer(draw, document),
        draw(bands),
        refine=draw(st.booleans()),
        source=_source(draw, document),
        merged=draw(st.sampled_from([False, False, True])),
        feather_px=draw(st.sampled_from([0.0, 1.5])),
    ),
    "heal": lambda draw, document: named(
        _raster(draw, document), draw(brushes), draw(strokes), offset=draw(st.none() | offsets)
    ),
    "match_light": lambda draw, document: named(_raster(draw, document), draw(st.sampled_from([0.0, 0.5, 1.0, 2.0]))),
    "cast_shadow": lambda draw, document: named(
        _any_layer(draw, document),
        across=draw(st.sampled_from([None, -0.8, 0.0, 9.0])),
        down=draw(st.sampled_from([None, -0.4, 0.0, 0.5])),
        depth=draw(st.sampled_from([None, 0.0, 0.6])),
    ),
}
"""The same for the edits of `studio.retouch`."""

letterings = st.builds(
    Lettering,
    text=st.sampled_from(["", "Title", "two\nlines", "題", "a\x00b"]),
    size_px=st.sampled_from([0.0, 8.0, 21.5]),
    weight=st.sampled_from([400, 700]),
    alignment=st.sampled_from(TextAlignment),
    tracking=st.sampled_from([0, 120]),
    color=colors,
)


LETTERING_ARGUMENTS: Mapping[str, Callable[[DrawFn, Document], Told]] = {
    "write_text": lambda draw, document: named(
        draw(letterings), (draw(coordinates), draw(coordinates)), above=_source(draw, document)
    ),
    "change_text": lambda draw, document: named(_raster(draw, document), draw(letterings)),
    "rasterize_text": lambda draw, document: named(_raster(draw, document)),
}
"""The same for the edits of `studio.lettering`."""
