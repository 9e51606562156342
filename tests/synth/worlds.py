"""Scenes that the tests of the practice world share."""

from __future__ import annotations

from studio.synth.scene import Backdrop, Effects, Instance, Light, Pond, Scene
from studio.synth.splits import Split, split_scene
from studio.synth.vocabulary import Biome, ColorName, Ground, ObjectClass, Time


def varied_scenes(count: int = 3) -> list[Scene]:
    """`count` scenes of every split."""
    return [split_scene(split, index) for split in Split for index in range(count)]


def meadow(time: Time = Time.DAY, pond: bool = False) -> Backdrop:
    """A meadow whose horizon lies at 0.45, lit from the right."""
    water = Pond(x=0.3, y=0.66, rx=0.25, ry=0.08) if pond else None
    return Backdrop(
        biome=Biome.MEADOW, time=time, horizon=0.45, eye=0.45, light=Light(x=0.8, elevation=0.6), pond=water, seed=5
    )


def tree(number: int, x: float, y: float, color: ColorName = ColorName.GREEN, height: float = 0.4) -> Instance:
    return Instance(
        id=number,
        kind=ObjectClass.TREE,
        color=color,
        rgb=(82, 160, 74) if color is ColorName.GREEN else (212, 50, 46),
        x=x,
        y=y,
        height=height,
        ground=Ground.LAND,
        depth=y,
        variant=number,
        effects=Effects(shadow=0.5),
    )


def two_trees() -> Scene:
    """A green tree, and a red one before it to its right that hides a part."""
    return Scene(backdrop=meadow(), instances=(tree(1, 0.42, 0.8), tree(2, 0.58, 0.9, ColorName.RED)))
