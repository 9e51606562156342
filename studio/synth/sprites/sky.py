"""Bird, balloon, cloud, sun and moon: what hangs or flies in the sky."""

from __future__ import annotations

import math

import numpy as np

from studio.synth.painter import Painter
from studio.synth.palette import RGB, mixed
from studio.synth.shapes import Outline, Points, arc, box, circle, curve, ellipse, rounded_box, shifted, turned
from studio.synth.sprites.look import CREAM, SLATE, WOOD, Look


def draw_bird(p: Painter, look: Look) -> None:
    """A songbird in flight, facing right; the pose beats its wings."""
    ramp = look.ramp
    beat = math.sin(look.pose * math.tau)
    far, near = 16 + 14 * beat, -4 + 20 * beat
    _wing(p, (0.17, 0.34), 1.1, far, mixed(ramp.shade, ramp.deep, 0.45), ramp.deep)
    tail = [(-0.47, 0.26), (-0.89, 0.41), (-0.77, 0.29), (-0.94, 0.21), (-0.5, 0.14)]
    p.fill(tail, ramp.shade)
    spine = [(-0.59, 0.24), (-0.25, 0.37), (0.2, 0.46), (0.49, 0.56), (0.71, 0.46), (0.67, 0.29)]
    body = curve([*spine, (0.4, 0.09), (0.0, 0.01), (-0.37, 0.11)])
    p.fill(body, ramp.base)
    inside = p.stencil(body)
    p.fill(curve([(-0.37, 0.09), (0.12, 0.16), (0.57, 0.26), (0.5, -0.04), (0.0, -0.06)]), ramp.light, inside)
    p.fill([(0.68, 0.5), (0.92, 0.4), (0.68, 0.35)], (240, 158, 52))
    p.fill([(0.68, 0.42), (0.92, 0.4), (0.68, 0.35)], (206, 120, 40))
    eye = CREAM if sum(ramp.base) < 240 else (34, 34, 42)
    p.fill(circle(0.56, 0.46, 0.045, 16), eye)
    p.fill(circle(0.57, 0.473, 0.016, 8), CREAM if sum(eye) < 300 else (34, 34, 42))
    _wing(p, (0.05, 0.34), 1.25, near, ramp.base, ramp.shade)


def _wing(p: Painter, root: tuple[float, float], size: float, angle: float, tone: RGB, edge: RGB) -> None:
    front = [(0.14, -0.08), (0.14, 0.12), (0.0, 0.34), (-0.26, 0.5)]
    feathers = [(-0.27, 0.38), (-0.33, 0.32), (-0.29, 0.22), (-0.33, 0.12), (-0.24, 0.04), (-0.18, -0.08)]

    def placed(points: Points) -> Outline:
        return shifted(turned(np.asarray(points) * size, angle), *root)

    shape = placed(curve([*front, *feathers], steps=4))
    p.fill(shape, tone)
    inside = p.stencil(shape)
    for start, end in (((-0.02, 0.1), (-0.27, 0.36)), ((-0.04, 0.05), (-0.31, 0.22)), ((-0.06, 0.0), (-0.3, 0.1))):
        p.line(placed([start, end]), 0.027, edge, inside)
    p.line(placed([(0.13, 0.12), (0.0, 0.33), (-0.25, 0.49)]), 0.025, edge, inside)


def draw_balloon(p: Painter, look: Look) -> None:
    """A hot-air balloon: gores of two tones, ropes and a basket."""
    ramp = look.ramp
    for x in (-0.06, 0.06):
        p.line([(x * 1.9, 0.3), (x, 0.12)], 0.01, SLATE)
    p.line([(0.0, 0.3), (0.0, 0.12)], 0.008, SLATE)
    envelope = _envelope(1.0)
    p.fill(envelope, ramp.base)
    inside = p.stencil(envelope)
    for k, edge in enumerate((0.78, 0.5, 0.18)):
        if k % 2 == 0:
            p.fill(_envelope(edge), ramp.light, inside)
        else:
            p.fill(_envelope(edge), ramp.base, inside)
    look.decorate(p, inside, (-0.34, 0.24, 0.34, 1.0), 0.2)
    shadow = p.stencil(shifted(_envelope(1.0), 0.13 * look.light, 0.03))
    p.glaze(envelope, ramp.deep, 0.36, inside & ~shadow)
    p.glaze(ellipse(0.13 * look.light, 0.78, 0.06, 0.11, -16 * look.light), CREAM, 0.42, inside)
    for edge in (0.93, 0.78, 0.5, 0.18):
        for side in (-1, 1):
            half = _profile(edge) * (side, 1.0)
            p.line(half, 0.007, ramp.shade, inside)
    p.fill(box(-0.105, 0.225, 0.105, 0.262), ramp.deep)
    p.fill(box(-0.072, 0.0, 0.072, 0.125), WOOD.base)
    p.fill(shifted(box(-0.072, 0.0, 0.072, 0.125) * (0.5, 1.0), -0.036 * look.light, 0.0), WOOD.shade)
    for y in (0.03, 0.065):
        p.line([(-0.072, y), (0.072, y)], 0.008, WOOD.deep)
    p.fill(box(-0.082, 0.112, 0.082, 0.14), WOOD.deep)


def _profile(share: float) -> Outline:
    """The right edge of the envelope from top to mouth, its width scaled by `share`."""
    dome = arc(0.0, 0.665, 0.335 * share, 0.335, 90.0, -20.0, 18)
    throat = curve([tuple(dome[-1]), (0.22 * share, 0.4), (0.1 * share, 0.24)], closed=False)
    return np.concatenate([dome, throat])


def _envelope(share: float) -> Outline:
    right = _profile(share)
    return np.concatenate([right, right[::-1] * (-1.0, 1.0)])


def draw_cloud(p: Painter, look: Look) -> None:
    """A heap of unequal puffs over a flat base, shaded below and lit from one side."""
    dice, ramp = look.dice, look.ramp
    heap = dice.pick(
        (
            ((-0.6, 0.2, 0.2), (-0.3, 0.42, 0.3), (0.12, 0.6, 0.4), (0.5, 0.34, 0.27), (0.74, 0.17, 0.17)),
            ((-0.7, 0.18, 0.18), (-0.4, 0.36, 0.27), (0.0, 0.55, 0.35), (0.34, 0.62, 0.3), (0.62, 0.28, 0.24)),
            ((-0.62, 0.22, 0.22), (-0.16, 0.6, 0.4), (0.2, 0.4, 0.3), (0.52, 0.36, 0.24), (0.76, 0.16, 0.16)),
        )
    )
    puffs = [(x, y * dice.uniform(0.94, 1.04), r * dice.uniform(0.95, 1.03)) for x, y, r in heap]
    high = max(y + r for _, y, r in puffs)
    puffs = [(x, y / high, r / high) for x, y, r in puffs]
    foot = rounded_box(-0.86, 0.0, 0.9, 0.3, 0.15)
    p.fill(foot, ramp.shade)
    p.fill(ellipse(0.0, 0.3, 0.5, 0.28), ramp.shade)
    for x, y, r in puffs:
        p.fill(circle(x, y, r, 36), ramp.shade)
    inside = p.painted()
    for x, y, r in puffs:
        p.fill(circle(x + 0.02 * look.light, y + 0.1, r * 0.98, 36), ramp.base, inside)
    p.fill(shifted(foot, 0.02 * look.light, 0.12), ramp.base, inside)
    p.fill(ellipse(0.0, 0.36, 0.5, 0.26), ramp.base, inside)
    for x, y, r in puffs:
        p.fill(circle(x + 0.22 * r * look.light, y + r * 0.3, r * 0.62, 30), ramp.light, inside)
    p.cut([(-2.0, -0.5), (2.0, -0.5), (2.0, 0.0), (-2.0, 0.0)])


def draw_sun(p: Painter, look: Look) -> None:
    """A disc with a lighter heart and tapering rays."""
    ramp = look.ramp
    turn = look.dice.uniform(0.0, 30.0)
    for k in range(12):
        length = 0.5 if k % 2 == 0 else 0.455
        ray = shifted(turned(np.array([(0.345, -0.055), (length, 0.0), (0.345, 0.055)]), turn + 30.0 * k), 0.0, 0.5)
        p.fill(ray, ramp.base)
    p.fill(circle(0.0, 0.5, 0.325, 48), ramp.shade)
    p.fill(circle(0.0, 0.5, 0.305, 48), ramp.base)
    p.fill(circle(0.0, 0.5, 0.225, 40), mixed(ramp.base, ramp.light, 0.6))
    p.fill(circle(0.0, 0.5, 0.13, 32), ramp.light)


def draw_moon(p: Painter, look: Look) -> None:
    """A crescent with craters; its width varies."""
    ramp, dice = look.ramp, look.dice
    offset = dice.uniform(0.22, 0.36)
    disc = circle(0.0, 0.5, 0.5, 64)
    p.fill(disc, ramp.base)
    inside = p.stencil(disc)
    p.glaze(circle(0.2, 0.5, 0.44, 48), ramp.shade, 0.6, inside)
    for x, y, r in (
        (-0.3, 0.66, 0.07),
        (-0.36, 0.38, 0.055),
        (-0.14, 0.2, 0.06),
        (-0.12, 0.86, 0.045),
        (-0.22, 0.5, 0.035),
    ):
        p.fill(circle(x, y, r, 18), ramp.shade)
        p.fill(circle(x - 0.012, y - 0.012, r * 0.75, 16), mixed(ramp.base, ramp.shade, 0.45))
    p.cut(circle(offset, 0.56, 0.42, 56))
