"""What a sprite is told about its surroundings, and the materials that every class shares."""

from __future__ import annotations

from dataclasses import dataclass

from studio.synth.dice import Dice
from studio.synth.painter import Painter, Stencil, accent_of, paint_pattern
from studio.synth.palette import RGB, Tones, mixed, to_oklab, tones
from studio.synth.shapes import box
from studio.synth.vocabulary import Biome, Ground, Pattern

WOOD = tones((132, 94, 66))
BARK = tones((112, 82, 64))
LEAF = tones((92, 150, 78))
CREAM: RGB = (246, 238, 220)
SLATE: RGB = (78, 76, 92)
IRON = tones((72, 74, 84))
GLASS_DAY: RGB = (168, 206, 226)
GLASS_DARK: RGB = (86, 112, 140)
LAMPLIGHT: RGB = (255, 218, 128)
STONE = tones((150, 146, 142))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`light` is the side the light comes from in the sprite's own space: +1 right, -1 left."""

    ramp: Tones
    pattern: Pattern
    light: float
    lit: bool
    biome: Biome
    ground: Ground
    pose: float
    dice: Dice

    @property
    def accent(self) -> RGB:
        return accent_of(self.ramp, to_oklab(self.ramp.base)[0])

    @property
    def pane(self) -> RGB:
        """A window: lamplight when it is dark outside."""
        return LAMPLIGHT if self.lit else GLASS_DARK

    @property
    def dark_side(self) -> Tones:
        """The ramp of a wall that faces away from the light."""
        return tones(mixed(self.ramp.base, self.ramp.shade, 0.75))

    def decorate(
        self, painter: Painter, within: Stencil, bounds: tuple[float, float, float, float], pitch: float
    ) -> None:
        """Lay the object's pattern over a region."""
        paint_pattern(painter, within, bounds, self.pattern, self.accent, pitch)


def window(painter: Painter, look: Look, cx: float, cy: float, width: float, height: float) -> None:
    """A framed window with a cross bar and a sill."""
    left, right, bottom, top = cx - width / 2, cx + width / 2, cy - height / 2, cy + height / 2
    rim = 0.16 * width
    painter.fill(box(left - rim, bottom - rim, right + rim, top + rim), CREAM)
    painter.fill(box(left, bottom, right, top), look.pane)
    if not look.lit:
        painter.fill([(left, top), (left, bottom + height * 0.35), (right, top)], mixed(look.pane, GLASS_DAY, 0.6))
    bar = 0.10 * width
    painter.fill(box(cx - bar / 2, bottom, cx + bar / 2, top), CREAM)
    painter.fill(box(left, cy - bar / 2, right, cy + bar / 2), CREAM)
    painter.fill(box(left - rim * 1.6, bottom - rim * 2.0, right + rim * 1.6, bottom - rim), mixed(CREAM, SLATE, 0.3))
