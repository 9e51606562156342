"""The scene: a frozen value that says everything a picture shows, in units that no resolution enters.

World units: the picture is 1 high and `aspect` wide; x to the right, y down, origin at the top left. Instances are
ordered back to front. A scene is written to JSON and back without loss.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from studio.core.errors import UsageError
from studio.synth.codec import decode, encode
from studio.synth.palette import RGB
from studio.synth.vocabulary import Biome, ColorName, Ground, ObjectClass, Pattern, Time

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """Where the light comes from: the x of its foot on the horizon and its elevation, 0.1 (low) .. 1 (high)."""

    x: float
    elevation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pond:
    """An ellipse of water on the land: centre and half axes."""

    x: float
    y: float
    rx: float
    ry: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Backdrop:
    """The empty stage.

    `horizon` is the y where the ground begins, `eye` the y of the vanishing line that sizes follow (above the horizon
    for a table, equal to it outdoors). `shore` is the y of a beach's waterline in the middle of the picture, `slope`
    its rise per unit x. `mood` -1..1 shifts the palette from cool to warm. `seed` draws hills, strokes and textures.
    """

    biome: Biome
    time: Time
    horizon: float
    eye: float
    light: Light
    mood: float = 0.0
    shore: float | None = None
    slope: float = 0.0
    pond: Pond | None = None
    road: tuple[float, float] | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """How an object acts on what lies around it; 0 turns an effect off.

    `shadow` is the strength of the cast shadow, `softness` 0..1 how fast its edge blurs with distance, `reflection`
    the share rho of the mirrored picture, `glow` the strength of the light around it.
    """

    shadow: float = 0.0
    softness: float = 0.5
    reflection: float = 0.0
    glow: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One object. (x, y) is the middle of its base, `height` its height in world units.

    `rgb` is its own shade of the term `color`. `depth` grows towards the viewer. `variant` draws its shape, `pose`
    0..1 moves its parts (a bird's wings, a rolling ball).
    """

    id: int
    kind: ObjectClass
    color: ColorName
    rgb: RGB
    x: float
    y: float
    height: float
    ground: Ground
    depth: float
    pattern: Pattern = Pattern.PLAIN
    flip: bool = False
    variant: int = 0
    pose: float = 0.0
    effects: Effects = Effects()

    @property
    def name(self) -> str:
        """For instance "red striped house"."""
        words = [self.color, "" if self.pattern is Pattern.PLAIN else self.pattern, self.kind]
        return " ".join(word for word in words if word)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The window through which the world is seen: its top left corner and its magnification."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A backdrop and its instances, back to front. `seed` says how the generator made it and is kept by edits."""

    backdrop: Backdrop
    instances: tuple[Instance, ...] = ()
    aspect: float = 1.0
    view: View = View()
    seed: int = 0

    def instance(self, instance_id: int) -> Instance:
        """The instance with this id. Raises UsageError when the scene has none."""
        for instance in self.instances:
            if instance.id == instance_id:
                return instance
        known = ", ".join(f"{i.id} ({i.name})" for i in self.instances) or "none"
        raise UsageError(f"The scene has no object {instance_id}.", f"Its objects are: {known}.")

    def without(self, *instance_ids: int) -> Scene:
        """The scene with these instances taken out; nothing else moves."""
        return replace(self, instances=tuple(i for i in self.instances if i.id not in instance_ids))

    def with_instances(self, instances: tuple[Instance, ...]) -> Scene:
        """The scene with these instances, put in order of depth (ties keep the given order)."""
        return replace(self, instances=tuple(sorted(instances, key=lambda instance: instance.depth)))


def to_json(scene: Scene) -> str:
    """The scene as JSON text, keys in a fixed order."""
    return encode(scene, FORMAT_VERSION)


def from_json(text: str) -> Scene:
    """The scene that `to_json` wrote. Raises FileFormatError when the text is not one."""
    return decode(Scene, text, FORMAT_VERSION, "a scene")
