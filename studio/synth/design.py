"""Poster-like layouts: a background and up to twelve soft, patterned, translucent items, each one RGBA layer.

World units as in scenes: the picture is 1 high and `aspect` wide. Items are ordered bottom to top.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from studio.synth.caption import Span
from studio.synth.codec import decode, encode
from studio.synth.dice import Dice
from studio.synth.generate import Recipe, draw_backdrop
from studio.synth.palette import ANCHORS, RGB, jittered, mixed, to_oklab, tones
from studio.synth.placement import Box
from studio.synth.scene import Backdrop
from studio.synth.vocabulary import TRAITS, Biome, ColorName, ObjectClass, Pattern, Time

FORMAT_VERSION = 1


class Shape(StrEnum):
    CIRCLE = "circle"
    ELLIPSE = "ellipse"
    TRIANGLE = "triangle"
    SQUARE = "square"
    HEXAGON = "hexagon"
    STAR = "star"
    HEART = "heart"
    BLOB = "blob"
    RING = "ring"
    GLASS = "glass panel"
    GLOW = "glow"
    WORD = "word"
    PICTURE = "picture"


class Ground(StrEnum):
    """What the background shows."""

    GRADIENT = "gradient"
    CLOUDY = "cloudy"
    CHECKER = "checker"
    RAYS = "rays"
    SCENE = "scene"


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Two colours and how they are laid out; a scene's stage for SCENE."""

    ground: Ground
    first: RGB
    second: RGB
    angle: float = 0.0
    seed: int = 0
    stage: Backdrop | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DropShadow:
    """Strength 0..1; offset and blur in world units. It is part of its item's layer."""

    strength: float
    dx: float
    dy: float
    blur: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One layer: a shape centred at (x, y), `width` x `height`, turned by `angle` degrees.

    `text` is the word of a WORD, `kind` the object of a PICTURE. `softness` blurs the edge (world units).
    """

    id: int
    shape: Shape
    color: ColorName
    rgb: RGB
    x: float
    y: float
    width: float
    height: float
    pattern: Pattern = Pattern.PLAIN
    angle: float = 0.0
    opacity: float = 1.0
    softness: float = 0.0
    shadow: DropShadow | None = None
    text: str = ""
    kind: ObjectClass | None = None
    variant: int = 0

    @property
    def name(self) -> str:
        """For instance "red striped star" or the word itself in quotes."""
        if self.shape is Shape.WORD:
            return f"{self.color} “{self.text}”"
        what = self.kind if self.kind is not None else self.shape
        words = [self.color, "" if self.pattern is Pattern.PLAIN else self.pattern, what]
        return " ".join(word for word in words if word)

    @property
    def box(self) -> Box:
        """Around shape and shadow, in world units."""
        turn = math.radians(self.angle)
        wide = abs(self.width * math.cos(turn)) + abs(self.height * math.sin(turn))
        high = abs(self.width * math.sin(turn)) + abs(self.height * math.cos(turn))
        return Box(self.x - wide / 2, self.y - high / 2, self.x + wide / 2, self.y + high / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    background: Background
    items: tuple[Item, ...]
    aspect: float = 1.0
    seed: int = 0


def design_to_json(design: Design) -> str:
    return encode(design, FORMAT_VERSION)


def design_from_json(text: str) -> Design:
    """What `design_to_json` wrote. Raises FileFormatError when the text is not that."""
    return decode(Design, text, FORMAT_VERSION, "a design")


SCENE_TONES: dict[Time, RGB] = {
    Time.DAY: (170, 200, 200),
    Time.SUNSET: (200, 140, 120),
    Time.NIGHT: (40, 52, 96),
    Time.OVERCAST: (170, 175, 175),
}
"""What a scene's stage amounts to, seen from afar."""

WORDS = (
    "SALE",
    "OPEN",
    "HELLO",
    "NEW",
    "JAZZ",
    "TEA",
    "SUN",
    "MOON",
    "LOVE",
    "ART",
    "FEST",
    "COOL",
    "FRESH",
    "ZINE",
    "LAB",
    "MUSIC",
    "PLAY",
    "WOW",
    "24",
    "50%",
)
_SHAPES: tuple[tuple[Shape, float], ...] = (
    (Shape.CIRCLE, 1.0),
    (Shape.ELLIPSE, 0.6),
    (Shape.TRIANGLE, 0.8),
    (Shape.SQUARE, 0.9),
    (Shape.HEXAGON, 0.6),
    (Shape.STAR, 0.9),
    (Shape.HEART, 0.7),
    (Shape.BLOB, 0.9),
    (Shape.RING, 0.7),
    (Shape.GLASS, 1.2),
    (Shape.GLOW, 0.6),
    (Shape.WORD, 2.2),
    (Shape.PICTURE, 1.6),
)
_PATTERNED = (Shape.CIRCLE, Shape.SQUARE, Shape.HEXAGON, Shape.STAR, Shape.HEART, Shape.BLOB, Shape.TRIANGLE)
_TURNING = (Shape.SQUARE, Shape.TRIANGLE, Shape.STAR, Shape.HEXAGON, Shape.ELLIPSE, Shape.GLASS)
_PICTURES = tuple(kind for kind in ObjectClass if kind not in (ObjectClass.CLOUD, ObjectClass.ROCK))


def generate_design(seed: int, items: tuple[int, int] = (1, 12), aspect: float = 1.0) -> Design:
    """The design of a seed, with a number of items between the two bounds (fewer where they would hide each other)."""
    dice = Dice(seed).child("design")
    family = _color_family(dice)
    background = _draw_background(dice.child("background"), family, aspect)
    count = min(items[1], items[0] + int((items[1] - items[0] + 1) * dice.uniform(0.0, 1.0) ** 1.6))
    placed: list[Item] = []
    for attempt in range(30 * count):
        if len(placed) == count:
            break
        item = _draw_item(dice.child("item", attempt), len(placed) + 1, count, family, background, aspect)
        limit = 0.35 + 0.3 * attempt / (30 * count)
        if all(item.box.intersection(other.box) <= limit * min(item.box.area, other.box.area) for other in placed):
            placed.append(item)
    ordered = sorted(placed, key=lambda item: item.shape is Shape.WORD)
    return Design(background=background, items=tuple(ordered), aspect=aspect, seed=seed)


def _color_family(dice: Dice) -> tuple[ColorName, ...]:
    """Three or four colours that the poster is made of."""
    families = (
        (ColorName.RED, ColorName.YELLOW, ColorName.WHITE, ColorName.BLACK),
        (ColorName.BLUE, ColorName.ORANGE, ColorName.WHITE, ColorName.YELLOW),
        (ColorName.PURPLE, ColorName.PINK, ColorName.YELLOW, ColorName.WHITE),
        (ColorName.GREEN, ColorName.BROWN, ColorName.WHITE, ColorName.ORANGE),
        (ColorName.BLACK, ColorName.GRAY, ColorName.RED, ColorName.WHITE),
        (ColorName.BLUE, ColorName.GREEN, ColorName.YELLOW, ColorName.PINK),
    )
    return dice.pick(families)


def _draw_background(dice: Dice, family: tuple[ColorName, ...], aspect: float) -> Background:
    ground = dice.weighted(tuple(Ground), (0.3, 0.2, 0.12, 0.14, 0.24))
    color = dice.pick(family)
    base = mixed(jittered(color, dice), (248, 244, 236), dice.uniform(0.35, 0.75))
    ramp = tones(base)
    stage = None
    if ground is Ground.SCENE:
        biomes = [biome for biome in Biome if biome is not Biome.TABLE]
        stage = draw_backdrop(dice.child("stage"), Recipe(biome=dice.pick(biomes), aspect=aspect))
    return Background(
        ground=ground,
        first=ramp.light,
        second=mixed(ramp.shade, jittered(dice.pick(family), dice), 0.25),
        angle=round(dice.uniform(0.0, 360.0), 3),
        seed=dice.integer(0, 2**31),
        stage=stage,
    )


def _draw_item(
    dice: Dice, number: int, count: int, family: tuple[ColorName, ...], background: Background, aspect: float
) -> Item:
    shape = dice.weighted([shape for shape, _ in _SHAPES], [weight for _, weight in _SHAPES])
    color = _readable_color(shape, family, background, dice)
    hero = number == 1 and count < 9
    size = (dice.uniform(0.36, 0.56) if hero else dice.uniform(0.16, 0.4)) / (1.0 + 0.035 * count)
    kind = dice.pick(_PICTURES) if shape is Shape.PICTURE else None
    text = dice.pick(WORDS) if shape is Shape.WORD else ""
    width, height = _extent(shape, kind, text, size, dice)
    patterned = shape in _PATTERNED or (kind is not None and TRAITS[kind].patterned)
    turns = shape in _TURNING and dice.chance(0.5)
    item = Item(
        id=number,
        shape=shape,
        color=color,
        rgb=jittered(color, dice.child("shade")),
        x=0.5,
        y=0.5,
        width=round(width, 5),
        height=round(height, 5),
        pattern=dice.pick(tuple(Pattern)) if patterned and dice.chance(0.5) else Pattern.PLAIN,
        angle=round(dice.uniform(-30.0, 30.0), 3) if turns else 0.0,
        opacity=_opacity(shape, dice),
        softness=round(dice.uniform(0.002, 0.012), 5) if dice.chance(0.2) and shape is not Shape.WORD else 0.0,
        shadow=_draw_shadow(shape, dice),
        text=text,
        kind=kind,
        variant=dice.integer(0, 2**31),
    )
    half_x, half_y = item.box.width / 2 + 0.02, item.box.height / 2 + 0.02
    x = dice.uniform(half_x, aspect - half_x) if half_x * 2 < aspect else aspect / 2
    y = dice.uniform(half_y, 1.0 - half_y) if half_y * 2 < 1 else 0.5
    return replace(item, x=round(x, 5), y=round(y, 5))


def _readable_color(shape: Shape, family: tuple[ColorName, ...], background: Background, dice: Dice) -> ColorName:
    """A colour of the family that stands out from the background, words most of all; lights are never dark."""
    grounds = [to_oklab(background.first), to_oklab(background.second)]
    if background.stage is not None:
        grounds = [to_oklab(SCENE_TONES[background.stage.time])]

    def contrast(color: ColorName) -> float:
        mine = to_oklab(ANCHORS[color])
        return min(sum((a - b) ** 2 for a, b in zip(mine, ground, strict=True)) ** 0.5 for ground in grounds)

    choices = [c for c in family if shape is not Shape.GLOW or to_oklab(ANCHORS[c])[0] > 0.7] or [ColorName.WHITE]
    limit = 0.3 if shape is Shape.WORD else 0.15
    return dice.pick([c for c in choices if contrast(c) >= limit] or [max(choices, key=contrast)])


def _extent(shape: Shape, kind: ObjectClass | None, text: str, size: float, dice: Dice) -> tuple[float, float]:
    """Width and height for a typical size."""
    if kind is not None:
        height = size / max(1.0, TRAITS[kind].aspect) * 1.1
        return height * TRAITS[kind].aspect, height
    match shape:
        case Shape.ELLIPSE:
            return size * 1.3, size * dice.uniform(0.5, 0.8)
        case Shape.GLASS:
            return size * dice.uniform(1.0, 1.6), size * dice.uniform(0.7, 1.1)
        case Shape.WORD:
            height = size * 0.5
            return min(0.8, height * 0.72 * len(text)), height
        case Shape.GLOW:
            return size * 1.2, size * 1.2
        case _:
            return size, size


def _opacity(shape: Shape, dice: Dice) -> float:
    if shape is Shape.GLASS:
        return round(dice.uniform(0.3, 0.6), 4)
    if shape in (Shape.WORD, Shape.PICTURE):
        return 1.0
    return round(dice.uniform(0.35, 0.9), 4) if dice.chance(0.3) else 1.0


def _draw_shadow(shape: Shape, dice: Dice) -> DropShadow | None:
    if shape is Shape.GLOW or dice.chance(0.45):
        return None
    return DropShadow(
        strength=round(dice.uniform(0.25, 0.55), 4),
        dx=round(dice.uniform(0.004, 0.016), 5),
        dy=round(dice.uniform(0.006, 0.02), 5),
        blur=round(dice.uniform(0.004, 0.016), 5),
    )


@dataclass(frozen=True, slots=True)
class DesignCaption:
    """`spans[k]` covers what is said of `design.items[k]`; None when the caption leaves it out."""

    text: str
    spans: tuple[Span | None, ...]


def describe_design(design: Design, seed: int = 0, most: int = 6) -> DesignCaption:
    """For instance `a poster with a red striped star left of the blue word "SALE", on a pale gradient`."""
    dice = Dice(seed).child("design caption")
    by_area = sorted(range(len(design.items)), key=lambda k: -design.items[k].box.area)
    chosen = dice.shuffled(by_area[:most])
    text = dice.pick(("a poster with ", "a flyer showing ", "a layout of "))
    spans: list[Span | None] = [None] * len(design.items)
    for position, k in enumerate(chosen):
        if position:
            text += _link(design.items[chosen[position - 1]], design.items[k], position == len(chosen) - 1)
        start = len(text)
        text += _item_words(design.items[k])
        spans[k] = (start, len(text))
    return DesignCaption(text + _background_words(design.background), tuple(spans))


def _link(before: Item, after: Item, last: bool) -> str:
    """A true relation between two neighbours in the sentence, or a plain conjunction."""
    if before.box.right <= after.box.left:
        return " left of "
    if before.box.left >= after.box.right:
        return " right of "
    if before.box.bottom <= after.box.top:
        return " above "
    if before.box.top >= after.box.bottom:
        return " below "
    return " and " if last else ", "


def _item_words(item: Item) -> str:
    color = f"{item.color} " if item.pattern is Pattern.PLAIN else f"{item.color} {item.pattern} "
    if item.shape is Shape.WORD:
        return f'the {item.color} word "{item.text}"'
    what = item.kind if item.kind is not None else item.shape
    return f"{'an' if color[0] in 'aeiou' else 'a'} {color}{what}"


def _background_words(background: Background) -> str:
    if background.stage is not None:
        return f", before a {background.stage.biome} at {background.stage.time}"
    return {
        Ground.GRADIENT: ", on a soft gradient",
        Ground.CLOUDY: ", on a cloudy ground",
        Ground.CHECKER: ", on a checkered ground",
        Ground.RAYS: ", on a ground of rays",
    }[background.ground]
