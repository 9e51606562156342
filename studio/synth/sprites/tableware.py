"""Cup, ball and bottle."""

from __future__ import annotations

from studio.synth.painter import Painter
from studio.synth.palette import mixed
from studio.synth.shapes import arc, box, circle, curve, ellipse, rounded_box, shifted, turned
from studio.synth.sprites.look import CREAM, WOOD, Look
from studio.synth.vocabulary import Pattern


def draw_cup(p: Painter, look: Look) -> None:
    """A mug with coffee on a saucer, its handle to the right."""
    ramp = look.ramp
    p.fill(ellipse(0.0, 0.055, 0.62, 0.075), ramp.deep)
    p.fill(ellipse(0.0, 0.08, 0.62, 0.075), ramp.shade)
    p.fill(ellipse(0.0, 0.085, 0.5, 0.052), mixed(ramp.base, ramp.shade, 0.4))
    ring = [*arc(0.4, 0.53, 0.24, 0.24, -90.0, 90.0, 20), *arc(0.4, 0.53, 0.135, 0.145, 90.0, -90.0, 20)]
    p.fill(ring, ramp.shade)
    p.fill(
        [
            (x, y + 0.025)
            for x, y in (*arc(0.4, 0.53, 0.235, 0.21, -10.0, 90.0, 14), *arc(0.4, 0.53, 0.165, 0.17, 90.0, -10.0, 14))
        ],
        ramp.base,
    )
    body = [
        *arc(0.0, 0.13, 0.31, 0.055, 180.0, 360.0, 18),
        *curve([(0.36, 0.3), (0.415, 0.6), (0.43, 0.91)], closed=False),
        *curve([(-0.43, 0.91), (-0.415, 0.6), (-0.36, 0.3)], closed=False),
    ]
    p.fill(body, ramp.base)
    inside = p.stencil(body)
    look.decorate(p, inside, (-0.43, 0.1, 0.43, 0.9), 0.24)
    p.glaze(
        [(-0.43 * look.light, 1.0), (-0.16 * look.light, 1.0), (-0.14 * look.light, 0.0), (-0.43 * look.light, 0.0)],
        ramp.deep,
        0.3,
        inside,
    )
    p.glaze(
        [(-0.43 * look.light, 1.0), (-0.31 * look.light, 1.0), (-0.25 * look.light, 0.0), (-0.43 * look.light, 0.0)],
        ramp.deep,
        0.25,
        inside,
    )
    p.glaze(shifted(rounded_box(-0.035, 0.28, 0.035, 0.78, 0.034), 0.27 * look.light, 0.0), CREAM, 0.5, inside)
    p.fill(ellipse(0.0, 0.905, 0.432, 0.095), ramp.light)
    p.fill(ellipse(0.0, 0.9, 0.385, 0.075), ramp.deep)
    p.fill(ellipse(0.0, 0.885, 0.36, 0.06), (104, 66, 44))
    p.fill(ellipse(0.06 * look.light, 0.89, 0.17, 0.025), (138, 94, 66))


def draw_ball(p: Painter, look: Look) -> None:
    """A ball; plain ones show a seam, the pose rolls it."""
    ramp = look.ramp
    disc = circle(0.0, 0.5, 0.5, 56)
    p.fill(disc, ramp.base)
    inside = p.stencil(disc)
    roll = look.pose * 360.0
    if look.pattern is Pattern.PLAIN:
        for bend in (-0.24, 0.24):
            seam = turned(
                curve([(bend * 2, 0.48), (bend * 0.8, 0.2), (bend * 0.8, -0.2), (bend * 2, -0.48)], closed=False),
                roll + 24.0,
            )
            p.line(shifted(seam, 0.0, 0.5), 0.028, ramp.shade, inside)
    elif look.pattern is Pattern.STRIPED:
        for k in range(6):
            wedge = shifted(
                turned(
                    curve([(0.0, 0.0), (0.2, 0.12), (0.6, 0.24), (0.6, -0.12), (0.2, 0.02)], steps=3), roll + 60.0 * k
                ),
                0.06,
                0.56,
            )
            p.fill(wedge, look.accent, inside)
        p.fill(circle(0.06, 0.56, 0.07, 20), ramp.base)
    else:
        look.decorate(p, inside, (-0.5, 0.0, 0.5, 1.0), 0.27)
    for reach, opacity in ((0.5, 0.22), (0.4, 0.18)):
        lit = p.stencil(circle(0.13 * look.light * (0.5 / reach), 0.5 + 0.1 * (0.5 / reach), reach, 48))
        p.glaze(disc, ramp.deep, opacity, inside & ~lit)
    p.glaze(ellipse(0.19 * look.light, 0.74, 0.14, 0.085, -look.light * 30), (255, 255, 252), 0.5, inside)


def draw_bottle(p: Painter, look: Look) -> None:
    """A glass bottle with a cork and a paper label."""
    ramp = look.ramp
    p.fill(rounded_box(-0.04, 0.93, 0.04, 1.0, 0.012), WOOD.light)
    half = [(0.155, 0.02), (0.165, 0.06), (0.165, 0.5), (0.15, 0.58), (0.085, 0.68), (0.055, 0.76), (0.05, 0.9)]
    outline = [*curve([(x, y) for x, y in half], closed=False), *curve([(-x, y) for x, y in half[::-1]], closed=False)]
    p.fill(outline, ramp.base)
    p.fill(ellipse(0.0, 0.025, 0.158, 0.025), ramp.base)
    inside = p.stencil(outline)
    look.decorate(p, inside, (-0.165, 0.0, 0.165, 0.9), 0.12)
    p.glaze(box(-0.17, 0.0, -0.09, 0.9) * (look.light, 1.0), ramp.deep, 0.45, inside)
    p.glaze(box(-0.17, 0.0, 0.17, 0.05), ramp.deep, 0.4, inside)
    p.fill(rounded_box(-0.062, 0.885, 0.062, 0.94, 0.015), ramp.shade)
    if look.pattern is Pattern.PLAIN:
        p.fill(box(-0.166, 0.2, 0.166, 0.4), CREAM, inside)
        p.fill(
            box(-0.166, 0.2, 0.166, 0.4),
            mixed(CREAM, ramp.deep, 0.25),
            p.stencil(box(-0.17, 0.0, -0.09, 0.9) * (look.light, 1.0)),
        )
        p.fill(circle(0.0, 0.3, 0.05, 18), ramp.shade)
    p.glaze(
        shifted(rounded_box(-0.016, 0.08, 0.016, 0.56, 0.015), 0.105 * look.light, 0.0), (255, 255, 252), 0.55, inside
    )
    p.glaze(
        shifted(rounded_box(-0.009, 0.7, 0.009, 0.86, 0.008), 0.025 * look.light, 0.0), (255, 255, 252), 0.5, inside
    )
