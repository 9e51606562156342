"""Tree, pine, bush, flower, mushroom and rock: what grows or lies on land."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from studio.synth.dice import Dice
from studio.synth.painter import Painter
from studio.synth.palette import Tones, mixed, tones
from studio.synth.shapes import arc, circle, curve, ellipse, scalloped, shifted, stroke, turned
from studio.synth.sprites.look import BARK, CREAM, LEAF, Look
from studio.synth.vocabulary import Pattern

Puff = tuple[float, float, float]
"""Centre and radius of one lobe of foliage."""


def draw_tree(p: Painter, look: Look) -> None:
    """A broad-leaved tree: flared trunk, two limbs, and a crown of lobes lit from one side."""
    lean = look.dice.uniform(-0.02, 0.02)
    p.fill(
        curve(
            [
                (-0.085, 0.0),
                (-0.045, 0.1),
                (-0.035 + lean, 0.42),
                (0.035 + lean, 0.42),
                (0.045, 0.1),
                (0.085, 0.0),
                (0.0, 0.012),
            ]
        ),
        BARK.base,
    )
    side = -look.light
    p.fill(
        [
            (0.085 * side, 0.0),
            (0.045 * side, 0.1),
            (0.035 * side + lean, 0.42),
            (0.008 * side + lean, 0.42),
            (0.012 * side, 0.05),
        ],
        BARK.shade,
    )
    p.fill(stroke([(0.0, 0.26), (0.1, 0.42), (0.14, 0.52)], (0.05, 0.035, 0.02)), BARK.shade)
    p.fill(stroke([(0.0, 0.3), (-0.08, 0.44), (-0.13, 0.54)], (0.05, 0.035, 0.02)), BARK.base)
    _foliage(p, look.ramp, _crown(look.dice), look.light, look.dice, 0.03)


def _crown(dice: Dice) -> list[Puff]:
    """Lobes around the centre of the crown; round, tall or spreading."""
    wide, tall, low = dice.pick(((0.29, 0.22, 0.63), (0.22, 0.27, 0.62), (0.3, 0.17, 0.68)))
    count = dice.integer(6, 8)
    turn = dice.uniform(0.0, math.tau)
    puffs = [(0.0, low, 0.2)]
    for k in range(count):
        angle = turn + math.tau * k / count
        radius = dice.uniform(0.125, 0.165)
        puffs.append((math.cos(angle) * (wide - 0.05), low + math.sin(angle) * (tall - 0.02), radius))
    top = max(y + r for _, y, r in puffs)
    return [(x, y + 0.985 - top, r) for x, y, r in puffs]


def _foliage(p: Painter, ramp: Tones, puffs: list[Puff], light: float, dice: Dice, shift: float) -> None:
    """Shaded mass first, then each lobe's lit side from below upwards, then highlights and hints of leaves."""
    inside = p.painted()
    inside[:] = 0
    for x, y, r in puffs:
        lobe = scalloped(x, y, r * 1.04, r * 1.04, 9, 0.13, dice.uniform(0.0, math.tau))
        p.fill(lobe, ramp.shade)
        inside |= p.stencil(lobe)
    low = min(y - r for _, y, r in puffs)
    high = max(y + r for _, y, r in puffs)
    p.glaze(ellipse(-light * 0.14, low + 0.03, 0.42, (high - low) * 0.3), ramp.deep, 0.5, inside)
    for x, y, r in sorted(puffs, key=lambda puff: puff[1]):
        lobe = scalloped(x + light * shift, y + shift * 1.15, r * 0.88, r * 0.86, 8, 0.15, dice.uniform(0.0, math.tau))
        p.fill(lobe, ramp.base, inside)
    for x, y, r in puffs:
        if (y - low) / (high - low) + light * x > 0.4:
            lobe = scalloped(
                x + light * shift * 2.3, y + shift * 2.6, r * 0.52, r * 0.46, 6, 0.2, dice.uniform(0.0, math.tau)
            )
            p.fill(lobe, mixed(ramp.base, ramp.light, 0.75), inside)
    width = 0.02 * (high - low) / 0.6
    for _ in range(9):
        x, y, r = dice.pick(puffs)
        cx, cy = x + r * dice.uniform(-0.6, 0.6), y + r * dice.uniform(-0.5, 0.5)
        upper = (cy - low) / (high - low) + light * cx > 0.5
        hint = arc(cx, cy, r * 0.2, r * 0.17, 200.0, 340.0, 7)
        p.line(hint, width, ramp.shade if upper else mixed(ramp.shade, ramp.base, 0.6), inside)


def draw_pine(p: Painter, look: Look) -> None:
    """A conifer of drooping tiers; each throws a shadow on the one below."""
    ramp, dice = look.ramp, look.dice
    p.fill([(-0.06, 0.0), (0.06, 0.0), (0.035, 0.2), (-0.035, 0.2)], BARK.base)
    p.fill([(-0.06 * look.light, 0.0), (-0.005, 0.0), (-0.005, 0.2), (-0.035 * look.light, 0.2)], BARK.deep)
    tiers = dice.integer(3, 4)
    for k in range(tiers):
        share = k / tiers
        bottom = 0.12 + 0.66 * share
        top = 1.0 if k == tiers - 1 else bottom + (1.0 - bottom) * 0.62
        _pine_tier(p, ramp, look.light, bottom, top, 0.315 * (1.0 - 0.72 * share), tiers + 2 - k)


def _pine_tier(p: Painter, ramp: Tones, light: float, bottom: float, top: float, half: float, lobes: int) -> None:
    """Concave sides running out into tips, a hem of hanging arcs."""
    side = [
        (0.0, top),
        (half * 0.2, bottom + (top - bottom) * 0.62),
        (half * 0.52, bottom + (top - bottom) * 0.27),
        (half, bottom + 0.02),
    ]
    right = curve(side, closed=False, steps=4)
    pitch = 2 * half / lobes
    hem = [arc(half - pitch * (j + 0.5), bottom + 0.02, pitch / 2, pitch * 0.42, 0.0, -180.0, 6) for j in range(lobes)]
    outline = np.concatenate([right, *hem, (right * (-1.0, 1.0))[::-1]])
    p.glaze(shifted(outline * (0.97, 1.0), 0.0, -0.045), ramp.deep, 0.8)
    p.fill(outline, ramp.base)
    inside = p.stencil(outline)
    p.fill(
        [
            (0.0, top + 0.01),
            (-light * 0.04, bottom - 0.1),
            (-light * half * 1.3, bottom - 0.1),
            (-light * half * 1.1, top),
        ],
        ramp.shade,
        inside,
    )
    crest = right * (light * 0.98, 1.0)
    lit = np.concatenate([crest[2:-1], shifted(crest[2:-1] * (0.5, 1.0), 0.0, 0.012)[::-1]])
    p.fill(lit, ramp.light, inside)


def draw_bush(p: Painter, look: Look) -> None:
    """A low mass of foliage, some with berries."""
    dice = look.dice
    puffs: list[Puff] = [(0.0, 0.5, 0.42)]
    for k in range(dice.integer(4, 5)):
        x = -0.52 + 1.04 * k / 4
        puffs.append((x, 0.3 + 0.16 * (1 - abs(x) / 0.6) + dice.uniform(-0.03, 0.05), dice.uniform(0.24, 0.3)))
    puffs += [(x, 0.2, 0.24) for x in (-0.45, 0.0, 0.45)]
    puffs.append((dice.uniform(-0.2, 0.2), 0.68, 0.3))
    _foliage(p, look.ramp, puffs, look.light, dice, 0.05)
    p.cut([(-1.0, -0.3), (1.0, -0.3), (1.0, 0.0), (-1.0, 0.0)])
    if dice.chance(0.4):
        for _ in range(9):
            x, y, r = dice.pick(puffs)
            p.fill(circle(x + dice.uniform(-0.6, 0.6) * r, y + dice.uniform(-0.4, 0.7) * r, 0.032, 12), look.accent)


def draw_flower(p: Painter, look: Look) -> None:
    """One large blossom on a stem with two leaves: a daisy, a tulip or a poppy."""
    dice = look.dice
    sway = dice.uniform(-0.07, 0.07)
    stem = curve([(0.0, 0.0), (sway * 0.3, 0.2), (sway * 0.6, 0.45), (sway, 0.68)], closed=False)
    p.fill(stroke(stem, 0.05), LEAF.shade)
    p.fill(stroke(shifted(stem, 0.009 * look.light, 0.0), 0.02), LEAF.base)
    for side, reach in ((-1, 0.26), (1, 0.22)):
        leaf = curve([(0.0, 0.05), (side * reach * 0.5, 0.12), (side * reach, 0.36), (side * reach * 0.35, 0.25)])
        p.fill(leaf, LEAF.base if side * look.light > 0 else LEAF.shade)
        p.line([(0.0, 0.06), (side * reach * 0.55, 0.2), (side * reach * 0.9, 0.32)], 0.012, LEAF.deep)
    (_daisy, _tulip, _poppy)[dice.integer(0, 2)](p, look, sway)


def _daisy(p: Painter, look: Look, x: float) -> None:
    ramp, y = look.ramp, 0.69
    count = 9
    for layer, (reach, width, ring_tone) in enumerate(((0.21, 0.078, ramp.shade), (0.2, 0.07, ramp.base))):
        for k in range(count):
            angle = 360.0 * (k + 0.5 * layer) / count
            petal = shifted(turned(ellipse(reach * 0.92, 0.0, 0.115, width, 0.0, 18), angle), x, y)
            facing = math.cos(math.radians(angle)) * look.light + math.sin(math.radians(angle))
            p.fill(petal, ramp.light if layer and facing > 0.75 else ring_tone)
    heart = tones((250, 200, 70)) if look.ramp.base[2] > 110 or look.ramp.base[0] < 180 else tones((122, 78, 50))
    p.fill(circle(x, y, 0.1, 24), heart.shade)
    p.fill(circle(x + 0.012 * look.light, y + 0.014, 0.08, 24), heart.base)
    p.fill(circle(x + 0.03 * look.light, y + 0.035, 0.03, 14), heart.light)


def _tulip(p: Painter, look: Look, x: float) -> None:
    ramp = look.ramp
    back = curve([(-0.13, 0.62), (-0.13, 0.86), (-0.05, 0.99), (0.0, 0.9), (0.05, 0.99), (0.13, 0.86), (0.13, 0.62)])
    p.fill(shifted(back, x, 0.0), ramp.shade)
    for side in (-1, 1):
        petal = curve([(0.0, 0.55), (side * 0.2, 0.6), (side * 0.25, 0.8), (side * 0.19, 0.97), (side * 0.04, 0.78)])
        p.fill(shifted(petal, x, 0.0), ramp.light if side * look.light > 0 else mixed(ramp.base, ramp.shade, 0.5))
    p.fill(
        shifted(curve([(0.0, 0.53), (0.13, 0.62), (0.12, 0.8), (0.0, 0.94), (-0.12, 0.8), (-0.13, 0.62)]), x, 0.0),
        ramp.base,
    )
    p.glaze(
        shifted(curve([(0.03, 0.6), (0.09, 0.7), (0.05, 0.84), (0.01, 0.7)]) * (look.light, 1.0), x, 0.0),
        ramp.light,
        0.6,
    )


def _poppy(p: Painter, look: Look, x: float) -> None:
    ramp, y = look.ramp, 0.71
    for layer in (0, 1):
        for k in range(5):
            angle = 72.0 * k + 18.0 + 36.0 * layer
            facing = math.cos(math.radians(angle)) * look.light + math.sin(math.radians(angle))
            petal = shifted(
                turned(ellipse(0.165 - 0.02 * layer, 0.0, 0.135, 0.118 - 0.012 * layer, 0.0, 24), angle), x, y
            )
            p.fill(petal, ramp.shade if not layer else ramp.light if facing > 0.7 else ramp.base)
            tip = (x + 0.2 * math.cos(math.radians(angle)), y + 0.2 * math.sin(math.radians(angle)))
            if layer:
                p.line([(x, y), tip], 0.014, ramp.shade)
    heart = (60, 52, 62) if sum(look.ramp.base) > 240 else CREAM
    p.fill(circle(x, y, 0.085, 20), heart)
    for k in range(7):
        angle = math.tau * k / 7
        p.fill(
            circle(x + 0.055 * math.cos(angle), y + 0.055 * math.sin(angle), 0.012, 8),
            mixed(heart, (250, 210, 90), 0.8),
        )


def draw_mushroom(p: Painter, look: Look) -> None:
    """A bulging cream stem under a domed cap."""
    ramp = look.ramp
    flesh = tones((238, 226, 204))
    stem = curve(
        [
            (-0.15, 0.0),
            (-0.18, 0.1),
            (-0.11, 0.3),
            (-0.1, 0.5),
            (0.1, 0.5),
            (0.11, 0.3),
            (0.18, 0.1),
            (0.15, 0.0),
            (0.0, -0.01),
        ]
    )
    p.fill(stem, flesh.base)
    p.glaze(
        curve([(-0.16, 0.0), (-0.18, 0.1), (-0.1, 0.34), (-0.09, 0.5), (-0.03, 0.5), (-0.04, 0.2), (-0.05, 0.0)])
        * (look.light, 1.0),
        flesh.deep,
        0.45,
    )
    p.fill(ellipse(0.0, 0.43, 0.4, 0.085), flesh.deep)
    p.fill(ellipse(0.0, 0.45, 0.36, 0.055), flesh.shade)
    cap = [*arc(0.0, 0.44, 0.49, 0.55, 0.0, 180.0, 30), *arc(0.0, 0.455, 0.49, 0.1, 180.0, 360.0, 20)]
    p.fill(cap, ramp.base)
    inside = p.stencil(cap)
    if look.pattern is Pattern.PLAIN:
        for x, y, r in ((-0.24, 0.62, 0.05), (0.05, 0.82, 0.06), (0.27, 0.58, 0.045)):
            p.fill(ellipse(x, y, r * 1.15, r * 0.85, 0.0, 18), ramp.light, inside)
    else:
        look.decorate(p, inside, (-0.49, 0.36, 0.49, 1.0), 0.26)
    p.glaze(ellipse(-look.light * 0.5, 0.44, 0.34, 0.4), ramp.deep, 0.38, inside)
    p.glaze(ellipse(look.light * 0.16, 0.8, 0.2, 0.1, -look.light * 18), CREAM, 0.3, inside)


def draw_rock(p: Painter, look: Look) -> None:
    """A boulder of flat facets, lighter where they face the light, and a small stone beside it."""
    dice = look.dice
    peak = dice.uniform(-0.22, 0.22)
    _boulder(
        p,
        look,
        [
            (0.7, 0.0),
            (0.66, 0.34),
            (0.44, 0.7),
            (peak + 0.16, 0.97),
            (peak - 0.12, 1.0),
            (-0.4, 0.76),
            (-0.62, 0.4),
            (-0.7, 0.0),
        ],
        0.06,
    )
    side = dice.sign()
    small = [(0.2, 0.0), (0.19, 0.14), (0.08, 0.25), (-0.09, 0.24), (-0.19, 0.12), (-0.21, 0.0)]
    _boulder(p, look, [(x + side * 0.5, y - 0.02) for x, y in small], 0.03)


def _boulder(p: Painter, look: Look, rim: list[tuple[float, float]], jitter: float) -> None:
    dice, ramp = look.dice, look.ramp
    last = len(rim) - 1
    outline = [
        (x + dice.uniform(-jitter, jitter), y if k in (0, last) else min(1.0, y + dice.uniform(-jitter, jitter)))
        for k, (x, y) in enumerate(rim)
    ]
    centre = sum(x for x, _ in outline) / len(outline)
    high, half = max(y for _, y in outline), (max(x for x, _ in outline) - min(x for x, _ in outline)) / 2
    p.fill(outline, ramp.base)
    ridge = [
        (centre + 0.5 * half, 0.42 * high),
        (centre + dice.uniform(-0.12, 0.12) * half, 0.63 * high),
        (centre - 0.48 * half, 0.46 * high),
    ]
    for first, second in pairwise(outline):
        middle = ((first[0] + second[0]) / 2, (first[1] + second[1]) / 2)
        anchor = min(ridge, key=lambda point: (point[0] - middle[0]) ** 2 + (point[1] - middle[1]) ** 2)
        facing = 0.75 * look.light * (middle[0] - centre) / half + 0.75 * (middle[1] / high - 0.45)
        p.fill([first, second, anchor], ramp.light if facing > 0.3 else ramp.base if facing > -0.12 else ramp.shade)
    p.fill([outline[0], *ridge, outline[-1]], mixed(ramp.base, ramp.shade, 0.45))
    dark = ridge[2] if look.light > 0 else ridge[0]
    foot = outline[-1] if look.light > 0 else outline[0]
    p.fill([foot, dark, ridge[1], (centre, 0.0)], ramp.shade)
    crack = [ridge[1], (centre + 0.06 * half, 0.32 * high), (centre - 0.08 * half, 0.18 * high)]
    p.line(crack, 0.028 * half, ramp.deep)
