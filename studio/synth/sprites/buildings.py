"""House, lighthouse and lamp."""

from __future__ import annotations

from studio.synth.painter import Painter
from studio.synth.palette import RGB, Tones, mixed, tones
from studio.synth.shapes import arc, box, circle, curve, ellipse, rounded_box
from studio.synth.sprites.look import CREAM, IRON, LAMPLIGHT, SLATE, STONE, WOOD, Look, window
from studio.synth.vocabulary import Ground


def draw_house(p: Painter, look: Look) -> None:
    """One of three: a cottage seen from its corner, a hipped house seen from the front, a tall gabled one."""
    (_corner_cottage, _hipped_house, _gabled_house)[look.dice.weighted((0, 1, 2), (0.5, 0.3, 0.2))](p, look)


def _roof_ramp(look: Look) -> Tones:
    return tones(mixed(mixed(look.ramp.deep, look.ramp.base, 0.2), SLATE, 0.38))


def _door(p: Painter, look: Look, cx: float, width: float, height: float) -> None:
    left, right = cx - width / 2, cx + width / 2
    p.fill(box(left - 0.018, 0.0, right + 0.018, height - width / 2), CREAM)
    p.fill(circle(cx, height - width / 2, width / 2 + 0.018), CREAM)
    p.fill(box(left, 0.0, right, height - width / 2), WOOD.shade)
    p.fill(circle(cx, height - width / 2, width / 2), WOOD.shade)
    p.fill(box(left + width * 0.46, 0.0, left + width * 0.54, height), WOOD.deep)
    p.fill(circle(right - width * 0.2, height * 0.42, width * 0.07, 10), LAMPLIGHT)


def _corner_cottage(p: Painter, look: Look) -> None:
    ramp, roof = look.ramp, _roof_ramp(look)
    facing, away = (look.ramp, look.dark_side) if look.light < 0 else (look.dark_side, look.ramp)
    p.fill(box(0.22, 0.6, 0.33, 1.0), mixed(STONE.base, roof.base, 0.4))
    p.fill(box(0.205, 0.955, 0.345, 1.0), mixed(STONE.shade, roof.deep, 0.4))
    p.fill(box(0.0, 0.0, 0.53, 0.5), away.base)
    side = p.stencil(box(0.0, 0.0, 0.53, 0.5))
    look.decorate(p, side, (0.0, 0.04, 0.53, 0.5), 0.13)
    p.glaze(box(0.0, 0.0, 0.53, 0.5), ramp.deep, 0.16 if look.light < 0 else 0.0)
    gable = [(-0.54, 0.0), (0.0, 0.0), (0.0, 0.48), (-0.27, 0.9), (-0.54, 0.48)]
    p.fill(gable, facing.base)
    look.decorate(p, p.stencil(gable), (-0.54, 0.04, 0.0, 0.9), 0.13)
    if look.light > 0:
        p.glaze(gable, ramp.deep, 0.12)
    p.fill(box(-0.55, 0.0, 0.54, 0.045), mixed(ramp.deep, STONE.shade, 0.5))
    p.glaze([(0.0, 0.36), (0.53, 0.36), (0.53, 0.5), (0.0, 0.5)], ramp.deep, 0.35)
    slab = [(-0.27, 0.95), (0.33, 0.95), (0.61, 0.44), (0.05, 0.44)]
    p.fill(slab, roof.base if look.light > 0 else roof.shade)
    for step in range(1, 5):
        share = step / 5
        x0, x1, y = -0.27 + 0.32 * share, 0.33 + 0.28 * share, 0.95 - 0.51 * share
        p.line([(x0, y), (x1, y)], 0.014, roof.deep)
    p.fill([(-0.63, 0.42), (-0.57, 0.39), (-0.27, 0.87), (-0.27, 0.97)], roof.light if look.light < 0 else roof.base)
    p.fill([(0.09, 0.42), (0.03, 0.39), (-0.27, 0.87), (-0.27, 0.97)], roof.deep)
    _door(p, look, -0.27, 0.15, 0.33)
    window(p, look, -0.27, 0.56, 0.10, 0.11)
    for cx in (0.16, 0.39):
        window(p, look, cx, 0.23, 0.10, 0.14)


def _hipped_house(p: Painter, look: Look) -> None:
    ramp, roof = look.ramp, _roof_ramp(look)
    p.fill(box(-0.33, 0.7, -0.22, 1.0), mixed(STONE.base, roof.base, 0.4))
    p.fill(box(-0.345, 0.955, -0.205, 1.0), mixed(STONE.shade, roof.deep, 0.4))
    wall = box(-0.5, 0.0, 0.5, 0.6)
    p.fill(wall, ramp.base)
    look.decorate(p, p.stencil(wall), (-0.5, 0.05, 0.5, 0.6), 0.14)
    p.glaze(box(-0.5, 0.47, 0.5, 0.58), ramp.deep, 0.4)
    p.glaze(box(0.2, 0.0, 0.5, 0.58) if look.light < 0 else box(-0.5, 0.0, -0.2, 0.58), ramp.deep, 0.12)
    p.fill(box(-0.52, 0.0, 0.52, 0.05), mixed(ramp.deep, STONE.shade, 0.5))
    p.fill([(-0.6, 0.55), (-0.36, 0.9), (0.36, 0.9), (0.6, 0.55)], roof.base)
    lit = [(-0.6, 0.55), (-0.36, 0.9), (-0.3, 0.55)] if look.light < 0 else [(0.6, 0.55), (0.36, 0.9), (0.3, 0.55)]
    p.fill(lit, roof.light)
    for y in (0.64, 0.73, 0.82):
        half = 0.6 - 0.24 * (y - 0.55) / 0.35
        p.line([(-half, y), (half, y)], 0.014, roof.deep)
    p.fill(box(-0.6, 0.535, 0.6, 0.57), roof.deep)
    p.fill([(-0.15, 0.6), (0.0, 0.82), (0.15, 0.6)], roof.deep)
    p.fill([(-0.1, 0.6), (0.0, 0.745), (0.1, 0.6)], ramp.base)
    p.fill(circle(0.0, 0.645, 0.033, 16), look.pane)
    _door(p, look, 0.0, 0.16, 0.38)
    for cx in (-0.3, 0.3):
        window(p, look, cx, 0.29, 0.12, 0.17)
        for side in (-1, 1):
            x = cx + side * 0.12
            p.fill(box(x - 0.028, 0.185, x + 0.028, 0.395), roof.base)


def _gabled_house(p: Painter, look: Look) -> None:
    ramp, roof = look.ramp, _roof_ramp(look)
    p.fill(box(0.17, 0.6, 0.27, 0.93), mixed(STONE.base, roof.base, 0.4))
    p.fill(box(0.155, 0.89, 0.285, 0.93), mixed(STONE.shade, roof.deep, 0.4))
    wall = [(-0.37, 0.0), (0.37, 0.0), (0.37, 0.54), (0.0, 0.93), (-0.37, 0.54)]
    p.fill(wall, ramp.base)
    look.decorate(p, p.stencil(wall), (-0.37, 0.05, 0.37, 0.93), 0.14)
    shaded = box(0.08, 0.0, 0.37, 0.6) if look.light < 0 else box(-0.37, 0.0, -0.08, 0.6)
    p.glaze(shaded, ramp.deep, 0.14)
    p.fill(box(-0.39, 0.0, 0.39, 0.05), mixed(ramp.deep, STONE.shade, 0.5))
    left_tone, right_tone = (roof.light, roof.deep) if look.light < 0 else (roof.shade, roof.light)
    p.fill([(-0.47, 0.48), (-0.4, 0.42), (0.0, 0.86), (0.0, 1.0)], left_tone)
    p.fill([(0.47, 0.48), (0.4, 0.42), (0.0, 0.86), (0.0, 1.0)], right_tone)
    _door(p, look, -0.14 if look.dice.chance(0.5) else 0.14, 0.16, 0.32)
    for cx in (-0.17, 0.17):
        window(p, look, cx, 0.47, 0.10, 0.12)
    p.fill(circle(0.0, 0.69, 0.055, 18), CREAM)
    p.fill(circle(0.0, 0.69, 0.04, 18), look.pane)


def draw_lighthouse(p: Painter, look: Look) -> None:
    """A tapering tower on a rock, with a gallery and a glazed lantern."""
    ramp, roof = look.ramp, _roof_ramp(look)
    rock = curve([(-0.21, 0.0), (-0.19, 0.06), (-0.11, 0.1), (0.0, 0.115), (0.1, 0.1), (0.18, 0.055), (0.21, 0.0)])
    p.fill(rock, STONE.shade)
    p.fill([(-0.19, 0.0), (-0.15, 0.07), (-0.05, 0.1), (0.02, 0.05), (-0.04, 0.0)], STONE.base)
    p.fill([(0.05, 0.0), (0.1, 0.07), (0.17, 0.04), (0.19, 0.0)], STONE.deep)
    tower = [(-0.135, 0.07), (0.135, 0.07), (0.095, 0.75), (-0.095, 0.75)]
    p.fill(tower, ramp.base)
    inside = p.stencil(tower)
    look.decorate(p, inside, (-0.14, 0.09, 0.14, 0.74), 0.2)
    dark = 1 if look.light < 0 else -1
    p.glaze(
        [(0.135 * dark, 0.07), (0.045 * dark, 0.07), (0.03 * dark, 0.75), (0.095 * dark, 0.75)], ramp.deep, 0.42, inside
    )
    p.glaze(
        [(-0.11 * dark, 0.07), (-0.075 * dark, 0.07), (-0.055 * dark, 0.75), (-0.08 * dark, 0.75)], CREAM, 0.3, inside
    )
    p.fill(box(-0.035, 0.07, 0.035, 0.16), WOOD.deep)
    p.fill(circle(0.0, 0.16, 0.035, 16), WOOD.deep)
    for y in (0.33, 0.55):
        p.fill(box(-0.02, y, 0.02, y + 0.05), SLATE if not look.lit else LAMPLIGHT)
        p.fill(circle(0.0, y + 0.05, 0.02, 12), SLATE if not look.lit else LAMPLIGHT)
    p.fill(box(-0.105, 0.715, 0.105, 0.755), ramp.shade)
    p.fill(box(-0.15, 0.745, 0.15, 0.772), roof.deep)
    for k in range(7):
        x = -0.14 + 0.28 * k / 6
        p.fill(box(x - 0.005, 0.77, x + 0.005, 0.815), roof.deep)
    p.fill(box(-0.15, 0.812, 0.15, 0.824), roof.deep)
    p.fill(box(-0.07, 0.772, 0.07, 0.885), LAMPLIGHT if look.lit else (206, 226, 232))
    p.fill(box(-0.012, 0.772, 0.012, 0.885), roof.base)
    for x in (-0.066, 0.066):
        p.fill(box(x - 0.008, 0.772, x + 0.008, 0.885), roof.base)
    p.fill(np_dome(0.0, 0.885, 0.095, 0.085), ramp.shade)
    p.fill(np_dome(0.03 * look.light, 0.89, 0.055, 0.065), ramp.base)
    p.fill(box(-0.1, 0.876, 0.1, 0.892), roof.deep)
    p.fill(box(-0.006, 0.96, 0.006, 1.0), roof.deep)


def np_dome(cx: float, y: float, rx: float, ry: float) -> list[tuple[float, float]]:
    """The upper half of an ellipse."""
    return [(float(px), float(py)) for px, py in arc(cx, y, rx, ry, 0.0, 180.0, 16)]


def draw_lamp(p: Painter, look: Look) -> None:
    """A shaded lamp on a table, a lantern on a post outdoors."""
    (_table_lamp if look.ground is Ground.TABLE else _street_lantern)(p, look)


def _bulb(look: Look) -> RGB:
    return LAMPLIGHT if look.lit else (250, 240, 214)


def _table_lamp(p: Painter, look: Look) -> None:
    ramp = look.ramp
    foot = mixed(ramp.deep, IRON.base, 0.35)
    p.fill(ellipse(0.0, 0.03, 0.15, 0.035), mixed(foot, SLATE, 0.5))
    p.fill(ellipse(0.0, 0.045, 0.14, 0.032), foot)
    body = curve(
        [
            (-0.03, 0.05),
            (-0.085, 0.16),
            (-0.075, 0.27),
            (-0.02, 0.37),
            (0.02, 0.37),
            (0.075, 0.27),
            (0.085, 0.16),
            (0.03, 0.05),
        ]
    )
    p.fill(body, ramp.shade)
    p.fill(ellipse(0.025 * look.light, 0.21, 0.04, 0.1), ramp.base)
    p.fill(ellipse(0.045 * look.light, 0.25, 0.014, 0.045), ramp.light)
    p.fill(box(-0.014, 0.36, 0.014, 0.52), IRON.base)
    p.fill(ellipse(0.0, 0.5, 0.262, 0.045), _bulb(look))
    shade = [
        (-0.27, 0.5),
        *arc(0.0, 0.5, 0.27, 0.045, 180.0, 360.0, 16),
        (0.15, 0.985),
        *arc(0.0, 0.985, 0.15, 0.02, 0.0, 180.0, 12),
    ]
    p.fill(shade, ramp.base)
    inside = p.stencil(shade)
    look.decorate(p, inside, (-0.27, 0.46, 0.27, 1.0), 0.15)
    p.glaze(
        [(0.27 * look.light, 0.46), (0.15 * look.light, 1.0), (0.06 * look.light, 1.0), (0.11 * look.light, 0.46)],
        ramp.light,
        0.45,
        inside,
    )
    p.glaze(
        [(-0.27 * look.light, 0.46), (-0.15 * look.light, 1.0), (-0.09 * look.light, 1.0), (-0.16 * look.light, 0.46)],
        ramp.deep,
        0.3,
        inside,
    )
    if look.lit:
        p.glaze(ellipse(0.0, 0.62, 0.17, 0.14), LAMPLIGHT, 0.35, inside)
    p.line([(-0.262, 0.475), *arc(0.0, 0.5, 0.262, 0.045, 190.0, 350.0, 14), (0.262, 0.475)], 0.018, ramp.shade)


def _street_lantern(p: Painter, look: Look) -> None:
    ramp = look.ramp
    dark = -0.02 * look.light
    p.fill([(-0.1, 0.0), (0.1, 0.0), (0.075, 0.06), (-0.075, 0.06)], ramp.deep)
    p.fill(box(-0.055, 0.05, 0.055, 0.15), ramp.shade)
    p.fill(box(-0.032, 0.14, 0.032, 0.7), ramp.base)
    p.fill(box(min(dark, -0.032 if dark < 0 else dark), 0.14, max(0.032 if dark > 0 else dark, dark), 0.7), ramp.shade)
    for y in (0.15, 0.42, 0.66):
        p.fill(rounded_box(-0.05, y, 0.05, y + 0.028, 0.012), ramp.deep)
    p.line([(-0.15, 0.6), (0.15, 0.6)], 0.022, ramp.deep)
    for x in (-0.15, 0.15):
        p.fill(circle(x, 0.6, 0.022, 12), ramp.deep)
    p.fill([(-0.075, 0.69), (0.075, 0.69), (0.165, 0.91), (-0.165, 0.91)], ramp.base)
    glass = [(-0.055, 0.712), (0.055, 0.712), (0.13, 0.89), (-0.13, 0.89)]
    p.fill(glass, _bulb(look))
    p.fill(ellipse(0.0, 0.79, 0.035, 0.055), (255, 246, 214))
    p.fill([(-0.012, 0.7), (0.012, 0.7), (0.014, 0.9), (-0.014, 0.9)], ramp.shade)
    cap = [(-0.2, 0.895), (0.2, 0.895), (0.06, 0.975), (-0.06, 0.975)]
    p.fill(cap, ramp.base)
    look.decorate(p, p.stencil(cap), (-0.2, 0.89, 0.2, 0.98), 0.05)
    p.fill(
        [(0.2 * look.light, 0.895), (0.06 * look.light, 0.975), (0.02 * look.light, 0.975), (0.09 * look.light, 0.895)],
        ramp.light,
    )
    p.fill(box(-0.205, 0.885, 0.205, 0.903), ramp.deep)
    p.fill(circle(0.0, 0.98, 0.02, 12), ramp.deep)
