"""Documents for tests: random trees that hold every feature of the layer model, and one stack with every blend mode.

The same seed gives the same document, ids included.
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from studio.core.adjustments import (
    Adjustment,
    BrightnessContrast,
    ColorBalance,
    Curves,
    HueRange,
    HueSaturation,
    Levels,
    LevelsBand,
)
from studio.core.document import Document
from studio.core.geometry import Point, Size
from studio.core.layers import (
    AdjustmentLayer,
    BlendMode,
    ColorLabel,
    GroupLayer,
    Layer,
    LayerId,
    Layers,
    Locks,
    Mask,
    Provenance,
    RasterLayer,
)
from studio.core.pixels import Depth, PixelBuffer, Pixels

NAMES = (
    "Background",
    'Tree & <sky> "one"',
    "背景",
    "乗算レイヤー",
    "图层 1",
    "배경",
    "خلفية",
    "צל",
    "Ünïcödé ﬁ",
    "🌈 arc-en-ciel 👩‍👩‍👧",
    "тень",
    "e\u0301 combining",
    " spaces at both ends ",
    "x" * 120,
)
SMALL = Size(96, 64)
SMALLER = Size(48, 40)
MODES = tuple(mode for mode in BlendMode if mode is not BlendMode.PASS_THROUGH)


def random_document(seed: int, depth: Depth = Depth.EIGHT, size: Size = SMALL, *, layers: int = 8) -> Document:
    """A sound document of about `layers` layers: nested groups, masks, clipping, off-canvas pixels, provenance."""
    rng = np.random.default_rng(seed)
    bottom = RasterLayer(
        id=_id(rng), name="Background", pixels=PixelBuffer.from_array(_opaque(noise(rng, size, depth)))
    )
    document = Document(
        size=size,
        depth=depth,
        layers=(bottom, *_siblings(rng, depth, size, layers - 1, nesting=3)),
        ppi=float(rng.choice([72.0, 96.0, 300.0])),
        metadata=(("author", "Ève 作者"), ("title", f"Seed {seed}")) if rng.random() < 0.5 else (),
    )
    assert document.check() == []
    return document


def every_mode_document(depth: Depth = Depth.EIGHT, size: Size = SMALLER) -> Document:
    """Noise over an opaque background: one raster layer per blend mode, named after it, each at 60 % opacity."""
    rng = np.random.default_rng(27)
    bottom = RasterLayer(
        id=_id(rng), name="Background", pixels=PixelBuffer.from_array(_opaque(noise(rng, size, depth)))
    )
    stack = [
        RasterLayer(
            id=_id(rng),
            name=str(mode),
            blend=mode,
            opacity=0.6,
            pixels=PixelBuffer.from_array(noise(rng, size, depth)),
        )
        for mode in MODES
    ]
    return Document(size=size, depth=depth, layers=(bottom, *stack))


def noise(rng: np.random.Generator, size: Size, depth: Depth, channels: int = 4) -> Pixels:
    """(H, W, channels) uniform noise over the whole range, with some fully transparent and fully opaque pixels."""
    shape = (size.height, size.width, channels)
    samples = rng.integers(0, depth.top + 1, shape, dtype=depth.dtype)
    last = samples[:, :, -1]
    pick = rng.random(last.shape)
    last[pick < 0.2] = 0
    last[pick > 0.7] = depth.top
    return samples


def random_adjustment(rng: np.random.Generator) -> Adjustment:
    """One adjustment of any of the five kinds, with values inside Photoshop's ranges."""

    def whole(low: int, high: int) -> int:
        return int(rng.integers(low, high + 1))

    def band() -> LevelsBand:
        return LevelsBand(
            black=whole(0, 60),
            white=whole(180, 255),
            gamma=whole(50, 200) / 100,
            out_black=whole(0, 20),
            out_white=whole(200, 255),
        )

    def triple() -> tuple[int, int, int]:
        return whole(-100, 100), whole(-100, 100), whole(-100, 100)

    match whole(0, 4):
        case 0:
            return Levels(rgb=band(), red=band(), blue=band())
        case 1:
            return Curves(rgb=((0, whole(0, 40)), (100, whole(60, 160)), (255, whole(200, 255))))
        case 2:
            return HueSaturation(
                hue=whole(-180, 180),
                saturation=whole(-100, 100),
                lightness=whole(-50, 50),
                ranges=(HueRange(hue=whole(-90, 90), saturation=whole(-50, 50), angles=(315, 345, 15, 45)),),
            )
        case 3:
            return BrightnessContrast(brightness=whole(-100, 100), contrast=whole(-50, 100))
        case _:
            return ColorBalance(
                shadows=triple(), midtones=triple(), highlights=triple(), preserve_luminosity=bool(rng.random() < 0.5)
            )


def random_provenance(rng: np.random.Generator) -> Provenance:
    """A full record, prompt in several scripts."""
    return Provenance(
        plugin="layer_decomp",
        engine="classical",
        plugin_version="1.2",
        model_id="none/at-all" if rng.random() < 0.5 else "",
        prompt='a "red" ball, 赤いボール <&>',
        seed=int(rng.integers(0, 2**62)) if rng.random() < 0.7 else None,
        parameters='{"mode": "exact", "strength": 0.7}',
        inputs=(("image", rng.bytes(16).hex()), ("mask", rng.bytes(16).hex())),
        created="2026-05-04T03:02:01Z",
    )


def _siblings(rng: np.random.Generator, depth: Depth, canvas: Size, budget: int, nesting: int) -> Layers:
    """About `budget` layers in one group; the lowest of them never clips."""
    out: list[Layer] = []
    while budget > 0:
        kind = rng.random()
        if kind < 0.25 and nesting > 0 and budget > 2:
            inside = int(rng.integers(0, budget))
            out.append(_group(rng, depth, canvas, inside, nesting - 1))
            budget -= inside + 1
            continue
        layer = _adjustment(rng, depth, canvas) if kind < 0.4 else _raster(rng, depth, canvas)
        out.append(layer)
        budget -= 1
    return tuple(out)


def _group(rng: np.random.Generator, depth: Depth, canvas: Size, inside: int, nesting: int) -> GroupLayer:
    common = _common(rng, depth, canvas)
    common["clipping"] = False
    if rng.random() < 0.5:
        common["blend"] = BlendMode.PASS_THROUGH
    children = _siblings(rng, depth, canvas, inside, nesting)
    return GroupLayer(**common, children=children, expanded=bool(rng.random() < 0.5))


def _raster(rng: np.random.Generator, depth: Depth, canvas: Size) -> RasterLayer:
    size = _size(rng, canvas)
    return RasterLayer(
        **_common(rng, depth, canvas),
        pixels=PixelBuffer.from_array(noise(rng, size, depth)),
        origin=_origin(rng, size, canvas),
    )


def _adjustment(rng: np.random.Generator, depth: Depth, canvas: Size) -> AdjustmentLayer:
    common = _common(rng, depth, canvas)
    common["fill"] = 1.0
    return AdjustmentLayer(**common, adjustment=random_adjustment(rng))


class _Common(TypedDict):
    """The fields that every kind of layer has."""

    id: LayerId
    name: str
    visible: bool
    opacity: float
    fill: float
    blend: BlendMode
    clipping: bool
    mask: Mask | None
    locks: Locks
    label: ColorLabel
    ai_visible: bool
    ai_editable: bool
    provenance: Provenance | None


def _common(rng: np.random.Generator, depth: Depth, canvas: Size) -> _Common:
    """Random values of them."""

    def chance(share: float) -> bool:
        return bool(rng.random() < share)

    return {
        "id": _id(rng),
        "name": str(rng.choice(NAMES)),
        "visible": chance(0.85),
        "opacity": int(rng.integers(0, 256)) / 255 if chance(0.5) else 1.0,
        "fill": int(rng.integers(0, 256)) / 255 if chance(0.2) else 1.0,
        "blend": _mode(rng),
        "clipping": chance(0.2),
        "mask": _mask(rng, depth, canvas) if chance(0.35) else None,
        "locks": Locks(alpha=chance(0.2), pixels=chance(0.2), position=chance(0.2)),
        "label": ColorLabel(str(rng.choice([str(label) for label in ColorLabel]))),
        "ai_visible": chance(0.8),
        "ai_editable": chance(0.8),
        "provenance": random_provenance(rng) if chance(0.3) else None,
    }


def _mask(rng: np.random.Generator, depth: Depth, canvas: Size) -> Mask:
    size = _size(rng, canvas)
    fill = int(rng.choice([0, depth.top]))
    return Mask(
        pixels=PixelBuffer.from_array(noise(rng, size, depth, channels=1), fill),
        origin=_origin(rng, size, canvas),
        enabled=bool(rng.random() < 0.8),
        linked=bool(rng.random() < 0.7),
        density=int(rng.integers(0, 256)) / 255 if rng.random() < 0.3 else 1.0,
    )


def _mode(rng: np.random.Generator) -> BlendMode:
    return BlendMode.NORMAL if rng.random() < 0.3 else BlendMode(str(rng.choice([str(mode) for mode in MODES])))


def _size(rng: np.random.Generator, canvas: Size) -> Size:
    return Size(int(rng.integers(1, canvas.width * 5 // 4 + 2)), int(rng.integers(1, canvas.height * 5 // 4 + 2)))


def _origin(rng: np.random.Generator, size: Size, canvas: Size) -> Point:
    """Anywhere from nearly all off the canvas at the top left to nearly all off it at the bottom right."""
    return Point(int(rng.integers(-size.width, canvas.width + 1)), int(rng.integers(-size.height, canvas.height + 1)))


def _opaque(samples: Pixels) -> Pixels:
    samples[:, :, -1] = Depth.of(samples).top
    return samples


def _id(rng: np.random.Generator) -> LayerId:
    return LayerId(rng.bytes(16).hex())
