"""Clips of several scenes: the same thing in new places, or new things in the same place, one caption per scene."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from studio.core.errors import UsageError
from studio.synth.caption import Caption, Wording, Writer
from studio.synth.dice import Dice
from studio.synth.generate import Pairs, Recipe, depth_of, draw_backdrop, draw_effects
from studio.synth.palette import jittered
from studio.synth.placement import expected_height, is_supported
from studio.synth.scene import Backdrop, Instance, Scene
from studio.synth.vocabulary import TRAITS, Biome, ColorName, Ground, ObjectClass, Pattern, grounds_of
from studio.synth.words import MOTIONS, PLACES, TIMES
from studio.synth.world import held_out_pairs


class ClipKind(StrEnum):
    """CHARACTER: the same entity before new stages; CONTEXT: new entities on the same stage; ANY: both new; SINGLE:
    all shots alike."""

    CHARACTER = "character"
    CONTEXT = "context"
    ANY = "any"
    SINGLE = "single"


@dataclass(frozen=True, slots=True)
class Entity:
    """What a caption says about the mover."""

    kind: ObjectClass
    color: ColorName
    pattern: Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Nuisance:
    """What no caption says, and what all shots of a clip share: how large, how near, where it starts, which shade.

    `scale` multiplies the expected height, `nearness` 0..1 is the place between far and near (low and high in the
    sky), `start` 0..1 the place along the path, `speed` the world units travelled per shot.
    """

    scale: float
    nearness: float
    start: float
    speed: float
    variant: int
    shade: int


@dataclass(frozen=True, slots=True)
class Shot:
    """One scene of a clip: frames that differ only in the mover's place and pose. `direction` is +1 right, -1 left."""

    caption: Caption
    frames: tuple[Scene, ...]
    entity: Entity
    direction: int


@dataclass(frozen=True, slots=True)
class Clip:
    kind: ClipKind
    shots: tuple[Shot, ...]
    nuisance: Nuisance

    @property
    def frames(self) -> tuple[Scene, ...]:
        """All frames, shot after shot."""
        return tuple(frame for shot in self.shots for frame in shot.frames)

    @property
    def merged_caption(self) -> str:
        """All captions as one string, for the baseline that sees them at once."""
        return " Then, ".join(shot.caption.text for shot in self.shots)


def generate_clip(
    seed: int, kind: ClipKind | None = None, shots: int = 2, frames: int = 4, recipe: Recipe | None = None
) -> Clip:
    """The clip of a seed.

    Raises UsageError when there is nothing to show (no shots or frames), or no class of the recipe's world moves.
    """
    if shots < 1 or frames < 1:
        raise UsageError(
            f"A clip of {shots} shots with {frames} frames shows nothing.", "Ask for at least one of each."
        )
    recipe = Recipe() if recipe is None else recipe
    dice = Dice(seed).child("clip")
    kind = dice.pick(tuple(ClipKind)) if kind is None else kind
    nuisance = _draw_nuisance(dice.child("nuisance"))
    plans = _plans(kind, shots, dice, recipe)
    made = tuple(
        _shot(plan, nuisance, frames, recipe.aspect, dice.child("shot", 0 if kind is ClipKind.SINGLE else number))
        for number, plan in enumerate(plans)
    )
    return Clip(kind, made, nuisance)


@dataclass(frozen=True, slots=True)
class _Plan:
    entity: Entity
    backdrop: Backdrop
    direction: int


def _draw_nuisance(dice: Dice) -> Nuisance:
    return Nuisance(
        scale=round(math.exp(dice.uniform(-0.18, 0.18)), 5),
        nearness=round(dice.uniform(0.0, 1.0), 5),
        start=round(dice.uniform(0.0, 1.0), 5),
        speed=round(dice.uniform(0.22, 0.4), 5),
        variant=dice.integer(0, 2**31),
        shade=dice.integer(0, 2**31),
    )


def _plans(kind: ClipKind, shots: int, dice: Dice, recipe: Recipe) -> list[_Plan]:
    movers = [m for m in MOTIONS if m in recipe.world.classes and _biomes(m, recipe)]
    if not movers:
        raise UsageError("No class of this world moves by itself.", f"Allow one of: {', '.join(MOTIONS)}.")
    first_kind = dice.pick(movers)
    biome = dice.pick(_biomes(first_kind, recipe))
    entity = _draw_entity(first_kind, dice.child("entity"), recipe)
    plans = [_Plan(entity, _stage(biome, dice.child("stage"), recipe), dice.sign())]
    for number in range(1, shots):
        own = dice.child(number)
        last = plans[-1]
        backdrop, who = last.backdrop, last.entity
        if kind is ClipKind.CHARACTER:
            backdrop = _other_stage(last.backdrop, _biomes(who.kind, recipe), own, recipe)
        elif kind is ClipKind.CONTEXT:
            fitting = [m for m in movers if last.backdrop.biome in _biomes(m, recipe)]
            who = _other_entity(who, fitting, own, recipe)
        elif kind is ClipKind.ANY:
            biome = own.pick(_biomes(own.pick(movers), recipe))
            backdrop = _stage(biome, own.child("stage"), recipe)
            fitting = [m for m in movers if biome in _biomes(m, recipe)]
            who = _draw_entity(own.pick(fitting), own.child("entity"), recipe)
        plans.append(_Plan(who, backdrop, last.direction if kind is ClipKind.SINGLE else own.sign()))
    return plans


def _biomes(kind: ObjectClass, recipe: Recipe) -> list[Biome]:
    """Where the class lives and has room to move: no boat on a pond, no balloon in a street."""
    homes = [b for b in recipe.world.biomes if grounds_of(b, kind)]
    cramped = {Biome.MEADOW: grounds_of(Biome.MEADOW, kind) == (Ground.WATER,)}
    cramped[Biome.STREET] = kind in (ObjectClass.BALLOON, ObjectClass.CLOUD)
    return [b for b in homes if not cramped.get(b, False)]


def _stage(biome: Biome, dice: Dice, recipe: Recipe) -> Backdrop:
    """A stage with room to move: no pond, and a beach whose sea is wide."""
    backdrop = draw_backdrop(dice, replace(recipe, biome=biome))
    if backdrop.shore is not None:
        shore = round(max(backdrop.shore, backdrop.horizon + 0.2), 5)
        return replace(backdrop, shore=shore, slope=round(backdrop.slope * 0.25, 5))
    return replace(backdrop, pond=None)


def _other_stage(old: Backdrop, biomes: list[Biome], dice: Dice, recipe: Recipe) -> Backdrop:
    """A stage whose biome or time differs, both where possible."""
    biome = dice.pick([b for b in biomes if b is not old.biome] or biomes)
    times = [t for t in recipe.world.times if t is not old.time] or list(recipe.world.times)
    return _stage(biome, dice.child("stage"), replace(recipe, time=dice.pick(times)))


def _draw_entity(kind: ObjectClass, dice: Dice, recipe: Recipe) -> Entity:
    allowed = [c for c in recipe.world.colors if recipe.pairs is not Pairs.TRAINED or (kind, c) not in held_out_pairs()]
    color = dice.pick(allowed or list(recipe.world.colors))
    patterns = recipe.world.patterns if TRAITS[kind].patterned else (Pattern.PLAIN,)
    return Entity(kind, color, dice.pick(patterns) if dice.chance(0.5) else patterns[0])


def _other_entity(old: Entity, kinds: list[ObjectClass], dice: Dice, recipe: Recipe) -> Entity:
    kind = dice.pick([k for k in kinds if k is not old.kind] or kinds)
    for attempt in range(20):
        entity = _draw_entity(kind, dice.child("entity", attempt), recipe)
        if entity.color is not old.color:
            return entity
    return _draw_entity(kind, dice.child("entity"), recipe)


def _shot(plan: _Plan, nuisance: Nuisance, frames: int, aspect: float, dice: Dice) -> Shot:
    """The mover crosses the stage in a straight line."""
    instance = _entity_instance(plan, nuisance, aspect)
    instance = replace(instance, effects=draw_effects(instance, plan.backdrop, dice.child("effects")))
    scenes = []
    for number in range(frames):
        moved = plan.direction * nuisance.speed * (number / max(1, frames - 1) - 0.5)
        pose = _pose(instance, moved, number / frames)
        frame = replace(instance, x=round(instance.x + moved, 5), pose=pose)
        scenes.append(Scene(backdrop=plan.backdrop, instances=(frame,), aspect=aspect, seed=dice.seed))
    return Shot(_motion_caption(scenes[0], plan.direction, dice), tuple(scenes), plan.entity, plan.direction)


def _pose(instance: Instance, moved: float, beat: float) -> float:
    if instance.kind is ObjectClass.BALL:
        return round(-moved / (math.pi * instance.height) % 1.0, 5)
    return round(beat % 1.0, 5) if instance.kind is ObjectClass.BIRD else 0.0


def _entity_instance(plan: _Plan, nuisance: Nuisance, aspect: float) -> Instance:
    """The mover in the middle of its path, as near as the nuisance says and the stage allows."""
    kind, backdrop = plan.entity.kind, plan.backdrop
    path = (0.5 * nuisance.speed, aspect - 0.5 * nuisance.speed)
    candidates = []
    for step in range(41):
        y = 0.14 + 0.84 * step / 40
        height = expected_height(backdrop, kind, y) * nuisance.scale
        reach = TRAITS[kind].aspect * height / 2
        low, high = path[0] + reach, path[1] - reach
        x = low + (high - low) * nuisance.start
        ends = (x - 0.5 * nuisance.speed, x, x + 0.5 * nuisance.speed)
        fits = high > low and height > 0.06 and y - height > 0.01
        if fits and all(is_supported(backdrop, kind, place, y, height) for place in ends):
            candidates.append((x, y, height))
    if not candidates:
        raise UsageError(f"A {kind} cannot cross this {backdrop.biome}.", detail=f"{backdrop}")
    x, y, height = candidates[min(len(candidates) - 1, int(nuisance.nearness * len(candidates)))]
    grounds = grounds_of(backdrop.biome, kind)
    return Instance(
        id=1,
        kind=kind,
        color=plan.entity.color,
        rgb=jittered(plan.entity.color, Dice(nuisance.shade)),
        x=round(x, 5),
        y=round(y, 5),
        height=round(height, 5),
        ground=grounds[0],
        depth=depth_of(kind, y),
        pattern=plan.entity.pattern,
        flip=plan.direction < 0,
        variant=nuisance.variant,
    )


def _motion_caption(scene: Scene, direction: int, dice: Dice) -> Caption:
    """For instance "a red striped balloon drifts to the left over a meadow at sunset"."""
    mover = scene.instances[0]
    writer = Writer(dice.child("caption"), Wording(synonyms=0.0))
    writer.name((mover,))
    writer.say(f" {MOTIONS[mover.kind]} to the {'right' if direction > 0 else 'left'} ")
    before, place = PLACES[scene.backdrop.biome][0]
    writer.say(("over" if TRAITS[mover.kind].flies else before) + " ")
    writer.place = writer.say(place)
    before, hour = TIMES[scene.backdrop.time][0]
    writer.say(f" {before} ")
    writer.hour = writer.say(hour)
    return writer.caption()
