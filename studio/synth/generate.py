"""From a seed to a scene: a stage, then objects that live there, at the size their place asks for."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from studio.core.errors import UsageError
from studio.synth.dice import Dice
from studio.synth.palette import jittered
from studio.synth.placement import Box, box_at, expected_height, is_supported
from studio.synth.scene import Backdrop, Effects, Instance, Light, Pond, Scene
from studio.synth.terrain import SKYLINE, ground_at
from studio.synth.vocabulary import (
    RARE_CLASSES,
    TRAITS,
    Biome,
    ColorName,
    Ground,
    ObjectClass,
    Pattern,
    Time,
    grounds_of,
)
from studio.synth.world import WHOLE_WORLD, World, held_out_pairs


class Pairs(StrEnum):
    """Which (class, colour) pairs a scene may show."""

    ANY = "any"
    TRAINED = "trained"
    HELD_OUT = "held_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What kind of scenes to draw. `counts` are (number of objects, weight) pairs.

    `small` places objects far away, so that each covers less than 2 % of the picture; `rare` draws from the rare
    classes; `overlap` is the largest share of a box that another may cover.
    """

    world: World = WHOLE_WORLD
    counts: tuple[tuple[int, float], ...] = ((1, 0.25), (2, 0.35), (3, 0.25), (4, 0.1), (6, 0.05))
    pairs: Pairs = Pairs.TRAINED
    small: bool = False
    rare: bool = False
    overlap: float = 0.3
    aspect: float = 1.0
    biome: Biome | None = None
    time: Time | None = None


_HORIZONS: dict[Biome, tuple[float, float]] = {
    Biome.MEADOW: (0.42, 0.54),
    Biome.DESERT: (0.42, 0.54),
    Biome.SNOW: (0.42, 0.54),
    Biome.BEACH: (0.38, 0.46),
    Biome.SEA: (0.40, 0.56),
    Biome.FOREST: (0.5, 0.58),
    Biome.STREET: (0.55, 0.6),
    Biome.TABLE: (0.52, 0.60),
}
_TIME_WEIGHTS = {Time.DAY: 0.4, Time.SUNSET: 0.22, Time.NIGHT: 0.22, Time.OVERCAST: 0.16}
_SHADOWS = {Time.DAY: (0.45, 0.62), Time.SUNSET: (0.42, 0.6), Time.NIGHT: (0.4, 0.55), Time.OVERCAST: (0.22, 0.34)}


_TAKES = 200


def generate(seed: int, recipe: Recipe | None = None) -> Scene:
    """The scene of a seed; the same seed and recipe always give the same scene.

    Raises UsageError when the recipe asks for objects that its world cannot hold.
    """
    recipe = Recipe() if recipe is None else recipe
    dice = Dice(seed)
    fewest = min(count for count, _ in recipe.counts)
    for take in range(_TAKES):
        backdrop = draw_backdrop(dice.child("stage", take), recipe)
        count = dice.weighted([n for n, _ in recipe.counts], [w for _, w in recipe.counts])
        instances = populate(backdrop, count, dice.child("objects", take), recipe)
        if len(instances) >= fewest:
            return Scene(backdrop=backdrop, aspect=recipe.aspect, seed=seed).with_instances(instances)
    raise UsageError(
        f"No scene with {fewest} or more objects fits this recipe.",
        "Allow more classes or biomes, fewer objects, or another rule for pairs.",
        f"seed {seed}, {recipe}",
    )


def draw_backdrop(dice: Dice, recipe: Recipe) -> Backdrop:
    """An empty stage."""
    biomes = [b for b in recipe.world.biomes if _can_host(b, recipe)]
    if not biomes:
        raise UsageError("No class of this world lives in any of its biomes.", "Allow more classes or biomes.")
    biome = recipe.biome or dice.weighted(biomes, [0.5 if biome is Biome.TABLE else 1.0 for biome in biomes])
    times = recipe.world.times
    time = recipe.time or dice.weighted(times, [_TIME_WEIGHTS[time] for time in times])
    horizon = _rounded(dice.uniform(*_HORIZONS[biome]))
    elevation = {Time.SUNSET: (0.1, 0.35), Time.OVERCAST: (0.6, 0.95)}.get(time, (0.45, 0.95))
    light = Light(x=_rounded(dice.uniform(0.08, 0.92) * recipe.aspect), elevation=_rounded(dice.uniform(*elevation)))
    shore, pond, road, slope, eye = None, None, None, 0.0, horizon
    match biome:
        case Biome.BEACH:
            shore, slope = _rounded(horizon + dice.uniform(0.14, 0.24)), _rounded(dice.uniform(-0.16, 0.16))
        case Biome.MEADOW if dice.chance(0.4):
            y = horizon + dice.uniform(0.15, 0.24)
            pond = Pond(
                x=_rounded(dice.uniform(0.22, 0.78) * recipe.aspect),
                y=_rounded(y),
                rx=_rounded(dice.uniform(0.22, 0.32)),
                ry=_rounded((y - horizon) * dice.uniform(0.34, 0.46)),
            )
        case Biome.STREET:
            road, eye = (_rounded(horizon + 0.07), _rounded(horizon + 0.25)), _rounded(horizon - 0.14)
        case Biome.TABLE:
            eye = _rounded(horizon - 0.4)
        case _:
            pass
    return Backdrop(
        biome=biome,
        time=time,
        horizon=horizon,
        eye=eye,
        light=light,
        mood=_rounded(dice.uniform(-1.0, 1.0)),
        shore=shore,
        slope=slope,
        pond=pond,
        road=road,
        seed=dice.integer(0, 2**48),
    )


def _can_host(biome: Biome, recipe: Recipe) -> bool:
    """Whether some class of the world (a rare one, where those are asked for) lives in the biome."""
    return any(not recipe.rare or kind in RARE_CLASSES for kind in recipe.world.living_in(biome))


def populate(backdrop: Backdrop, count: int, dice: Dice, recipe: Recipe, first_id: int = 1) -> tuple[Instance, ...]:
    """Up to `count` objects that fit on the stage without losing each other."""
    placed: list[Instance] = []
    for attempt in range(40 * count):
        if len(placed) == count:
            break
        overlap = recipe.overlap * (1.0 + attempt / (20 * count))
        instance = _candidate(backdrop, placed, dice.child(attempt), recipe, first_id + len(placed))
        if instance is not None and _fits(instance, placed, overlap, recipe.aspect):
            placed.append(instance)
    return tuple(placed)


def _candidate(backdrop: Backdrop, placed: list[Instance], dice: Dice, recipe: Recipe, number: int) -> Instance | None:
    kind = _draw_class(backdrop, placed, dice, recipe)
    if kind is None:
        return None
    held_out = recipe.pairs is Pairs.HELD_OUT and not placed
    color = _draw_color(kind, backdrop, dice, recipe, held_out)
    place = _draw_place(kind, backdrop, dice, recipe, crowded=len(placed) >= 2)
    if color is None or place is None:
        return None
    x, y, height, ground = place
    instance = Instance(
        id=number,
        kind=kind,
        color=color,
        rgb=jittered(color, dice.child("shade")),
        x=_rounded(x),
        y=_rounded(y),
        height=_rounded(height),
        ground=ground,
        depth=depth_of(kind, y),
        pattern=_draw_pattern(kind, dice, recipe.world),
        flip=dice.chance(0.5),
        variant=dice.integer(0, 2**31),
        pose=_rounded(dice.uniform(0.0, 1.0)),
    )
    return replace(instance, effects=draw_effects(instance, backdrop, dice.child("effects")))


def _draw_class(backdrop: Backdrop, placed: list[Instance], dice: Dice, recipe: Recipe) -> ObjectClass | None:
    kinds = [kind for kind in recipe.world.living_in(backdrop.biome) if _may_join(kind, backdrop, placed)]
    if recipe.rare and not placed:
        kinds = [kind for kind in kinds if kind in RARE_CLASSES]
    if not kinds:
        return None
    return dice.weighted(kinds, [recipe.world.frequency(kind) for kind in kinds])


def _may_join(kind: ObjectClass, backdrop: Backdrop, placed: list[Instance]) -> bool:
    """One sun or moon at most, at its time of day; boats only where there is water."""
    lights = (ObjectClass.SUN, ObjectClass.MOON)
    if kind in lights:
        hour = {ObjectClass.SUN: (Time.DAY, Time.SUNSET), ObjectClass.MOON: (Time.NIGHT, Time.SUNSET)}[kind]
        return backdrop.time in hour and not any(other.kind in lights for other in placed)
    if grounds_of(backdrop.biome, kind) == (Ground.WATER,) and backdrop.biome is Biome.MEADOW:
        return backdrop.pond is not None
    return True


def _draw_color(kind: ObjectClass, backdrop: Backdrop, dice: Dice, recipe: Recipe, held_out: bool) -> ColorName | None:
    """A colour that the pair rule allows and that can be told from the stage."""
    weights = []
    for color, weight in zip(recipe.world.colors, recipe.world.color_weights(kind), strict=True):
        secret = (kind, color) in held_out_pairs()
        allowed = recipe.pairs is Pairs.ANY or (secret if held_out else not secret or recipe.pairs is Pairs.HELD_OUT)
        weights.append(weight * _contrast(kind, color, backdrop) if allowed else 0.0)
    return dice.weighted(recipe.world.colors, weights) if sum(weights) > 0 else None


def _contrast(kind: ObjectClass, color: ColorName, backdrop: Backdrop) -> float:
    """Below 1 for colours that sink into the stage."""
    sky = TRAITS[kind].flies
    lost = {
        (Biome.SNOW, ColorName.WHITE): not sky,
        (Biome.DESERT, ColorName.ORANGE): not sky and backdrop.time is Time.SUNSET,
        (Biome.BEACH, ColorName.ORANGE): not sky and backdrop.time is Time.SUNSET,
    }
    if lost.get((backdrop.biome, color), False):
        return 0.1
    if backdrop.time is Time.NIGHT and color is ColorName.BLACK:
        return 0.15
    if sky and backdrop.time is Time.OVERCAST and color in (ColorName.GRAY, ColorName.WHITE):
        return 0.4
    return 1.0


def _draw_pattern(kind: ObjectClass, dice: Dice, world: World) -> Pattern:
    fancy = [pattern for pattern in world.patterns if pattern is not Pattern.PLAIN]
    if not TRAITS[kind].patterned or not fancy or (Pattern.PLAIN in world.patterns and dice.chance(0.55)):
        return Pattern.PLAIN
    return dice.pick(fancy)


def _draw_place(
    kind: ObjectClass, backdrop: Backdrop, dice: Dice, recipe: Recipe, crowded: bool
) -> tuple[float, float, float, Ground] | None:
    """Base point, height and ground of a plausible place; None when twelve tries find none."""
    homes = grounds_of(backdrop.biome, kind)
    for _ in range(12):
        x, y = dice.uniform(0.06, 0.94) * recipe.aspect, _draw_base(kind, backdrop, dice, recipe, crowded)
        if kind in (ObjectClass.SUN, ObjectClass.MOON):
            x = backdrop.light.x
        height = expected_height(backdrop, kind, y) * math.exp(dice.uniform(-0.11, 0.11))
        box = box_at(kind, x, y, height)
        inside = box.left > 0.01 and box.right < recipe.aspect - 0.01 and box.top > 0.01 and box.bottom < 0.985
        if (
            inside
            and height > 0.045
            and is_supported(backdrop, kind, x, y, height)
            and (not recipe.small or _is_small(kind, box, recipe))
        ):
            return x, y, height, next(ground for ground in homes if _is_home(ground, homes, backdrop, x, y))
    return None


def _is_small(kind: ObjectClass, box: Box, recipe: Recipe) -> bool:
    """Whether the drawing will cover less than 2 % of the picture (no drawing fills more than 0.8 of its box)."""
    return 0.8 * box.area / recipe.aspect < 0.02


def _is_home(ground: Ground, homes: tuple[Ground, ...], backdrop: Backdrop, x: float, y: float) -> bool:
    return len(homes) == 1 or ground is ground_at(backdrop, x, y)


def _draw_base(kind: ObjectClass, backdrop: Backdrop, dice: Dice, recipe: Recipe, crowded: bool) -> float:
    """The y of the base: near the viewer in sparse scenes, spread in depth in crowded ones."""
    horizon = backdrop.horizon
    if TRAITS[kind].flies:
        if kind in (ObjectClass.SUN, ObjectClass.MOON):
            lowest, highest = horizon - SKYLINE[backdrop.biome] - 0.02, 0.2
            return lowest + (highest - lowest) * backdrop.light.elevation
        return horizon * dice.uniform(0.25, 0.9)
    nearest = min(0.46, 0.975 - horizon)
    farthest = 0.05 if backdrop.biome is Biome.TABLE else 0.075
    if backdrop.road is not None and kind is ObjectClass.CAR:
        return dice.uniform(backdrop.road[0] + 0.05, backdrop.road[1] - 0.01)
    if recipe.small:
        return horizon + dice.uniform(farthest, farthest + 0.45 * (nearest - farthest))
    if crowded:
        return horizon + farthest + (nearest - farthest) * dice.uniform(0.0, 1.0)
    return horizon + nearest - (nearest - farthest) * dice.uniform(0.0, 0.8) ** 1.4


def depth_of(kind: ObjectClass, y: float) -> float:
    """Drawing order: sun and moon behind clouds, these behind what flies, then the ground from far to near."""
    base = {ObjectClass.SUN: -3.0, ObjectClass.MOON: -3.0, ObjectClass.CLOUD: -2.0}
    if TRAITS[kind].flies:
        return base.get(kind, -1.0) + 0.1 * (1.0 - y)
    return _rounded(y)


def draw_effects(instance: Instance, backdrop: Backdrop, dice: Dice) -> Effects:
    """The shadow, reflection and glow that suit an object at its place and time."""
    low, high = _SHADOWS[backdrop.time]
    stands = instance.ground in (Ground.LAND, Ground.ROAD, Ground.TABLE)
    shadow = dice.uniform(low, high) if stands else 0.0
    softness = dice.uniform(0.7, 1.0) if backdrop.time is Time.OVERCAST else dice.uniform(0.2, 0.6)
    reflection, glow = 0.0, 0.0
    if instance.ground is Ground.WATER:
        reflection = dice.uniform(0.25, 0.4)
    elif instance.ground is Ground.TABLE:
        reflection = dice.uniform(0.14, 0.34)
    dark = backdrop.time in (Time.NIGHT, Time.SUNSET)
    if instance.kind is ObjectClass.LAMP:
        glow = dice.uniform(0.6, 0.9) if dark else 0.0
    elif instance.kind in (ObjectClass.SUN, ObjectClass.MOON):
        glow = dice.uniform(0.5, 0.8)
        if backdrop.biome in (Biome.SEA, Biome.BEACH):
            reflection = dice.uniform(0.25, 0.4)
    return Effects(
        shadow=_rounded(shadow), softness=_rounded(softness), reflection=_rounded(reflection), glow=_rounded(glow)
    )


def _fits(instance: Instance, placed: list[Instance], overlap: float, aspect: float) -> bool:
    """Whether the object neither hides nor is hidden too much, and does not stand inside another one."""
    box = box_at(instance.kind, instance.x, instance.y, instance.height)
    for other in placed:
        against = box_at(other.kind, other.x, other.y, other.height)
        smaller = min(box.area, against.area)
        if box.intersection(against) > overlap * smaller:
            return False
        if {instance.kind, other.kind} == {ObjectClass.BOAT, ObjectClass.SAILBOAT} and abs(instance.y - other.y) < 0.01:
            return False
    return 0 < box.width < aspect


def _rounded(value: float) -> float:
    """Five decimals: far below a pixel, and short in JSON."""
    return round(value, 5)
