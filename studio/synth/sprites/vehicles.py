"""Car, boat and sailboat, all facing right."""

from __future__ import annotations

from studio.synth.painter import Painter
from studio.synth.palette import mixed, tones
from studio.synth.shapes import box, circle, curve, ellipse, rounded_box, shifted
from studio.synth.sprites.look import CREAM, GLASS_DARK, GLASS_DAY, IRON, LAMPLIGHT, SLATE, WOOD, Look


def draw_car(p: Painter, look: Look) -> None:
    """A small saloon in profile."""
    ramp = look.ramp
    body = curve(
        [
            (-1.0, 0.24),
            (-0.99, 0.46),
            (-0.9, 0.56),
            (-0.66, 0.6),
            (-0.5, 0.86),
            (-0.3, 0.97),
            (0.12, 0.985),
            (0.34, 0.88),
            (0.56, 0.62),
            (0.86, 0.55),
            (0.99, 0.44),
            (1.01, 0.25),
            (0.9, 0.17),
            (0.0, 0.155),
            (-0.9, 0.17),
        ],
        steps=5,
    )
    p.fill(body, ramp.base)
    inside = p.stencil(body)
    look.decorate(p, inside, (-1.0, 0.16, 1.0, 1.0), 0.24)
    p.fill(box(-1.1, 0.1, 1.1, 0.27), ramp.shade, inside)
    p.glaze(box(-1.1, 0.27, 1.1, 0.4), ramp.deep, 0.22, inside)
    p.line([(-0.97, 0.5), (-0.6, 0.55), (0.5, 0.56), (0.97, 0.44)], 0.03, ramp.light, inside)
    _windows(p, look)
    p.line([(-0.02, 0.24), (-0.02, 0.6)], 0.018, ramp.deep)
    p.line([(0.44, 0.26), (0.5, 0.58)], 0.018, ramp.deep)
    p.fill(rounded_box(0.06, 0.49, 0.18, 0.525, 0.015), ramp.deep)
    p.fill(rounded_box(0.86, 0.38, 1.0, 0.48, 0.04), LAMPLIGHT if look.lit else CREAM)
    p.fill(rounded_box(-1.0, 0.4, -0.9, 0.5, 0.03), (196, 60, 52))
    p.fill(rounded_box(0.82, 0.17, 1.02, 0.25, 0.03), IRON.base)
    p.fill(rounded_box(-1.02, 0.17, -0.8, 0.25, 0.03), IRON.base)
    for cx in (-0.58, 0.6):
        p.fill(circle(cx, 0.205, 0.245, 32), mixed(ramp.deep, (30, 30, 38), 0.6), inside)
        p.fill(circle(cx, 0.2, 0.2, 32), (42, 42, 50))
        p.fill(circle(cx, 0.2, 0.115, 24), (176, 180, 188))
        p.fill(circle(cx, 0.2, 0.075, 20), (120, 124, 134))
        p.fill(circle(cx, 0.2, 0.03, 12), (210, 212, 216))


def _windows(p: Painter, look: Look) -> None:
    pane = (70, 84, 108) if look.lit else GLASS_DARK
    rear = curve([(-0.55, 0.62), (-0.44, 0.82), (-0.29, 0.895), (-0.09, 0.905), (-0.08, 0.62)], steps=3)
    front = curve([(0.02, 0.62), (0.02, 0.905), (0.12, 0.9), (0.27, 0.82), (0.44, 0.63)], steps=3)
    for glass in (rear, front):
        p.fill(glass, pane)
        inside = p.stencil(glass)
        p.glaze([(-0.5, 1.0), (-0.2, 1.0), (-0.42, 0.55), (-0.62, 0.55)], GLASS_DAY, 0.6, inside)
        p.glaze([(0.12, 1.0), (0.28, 1.0), (0.1, 0.55), (0.0, 0.55)], GLASS_DAY, 0.6, inside)


def draw_boat(p: Painter, look: Look) -> None:
    """A fishing boat: curved hull, wheelhouse, mast with a flag."""
    ramp = look.ramp
    cabin = tones((240, 232, 214))
    p.line([(-0.16, 0.3), (-0.16, 1.0)], 0.03, WOOD.deep)
    p.fill([(-0.16, 0.99), (-0.16, 0.86), (-0.42, 0.925)], ramp.base)
    p.line([(-0.16, 0.9), (0.6, 0.5)], 0.012, SLATE)
    p.fill(box(-0.34, 0.34, 0.2, 0.7), cabin.base)
    p.glaze(box(-0.34, 0.34, -0.1, 0.7) if look.light > 0 else box(-0.05, 0.34, 0.2, 0.7), cabin.deep, 0.4)
    p.fill(rounded_box(-0.4, 0.68, 0.26, 0.745, 0.025), ramp.shade)
    for cx in (-0.22, 0.0):
        p.fill(rounded_box(cx - 0.07, 0.5, cx + 0.07, 0.63, 0.03), look.pane)
    p.fill(rounded_box(0.1, 0.5, 0.2, 0.63, 0.02), look.pane)
    hull = curve(
        [
            (-0.74, 0.43),
            (-0.4, 0.37),
            (0.0, 0.36),
            (0.4, 0.4),
            (0.8, 0.54),
            (0.7, 0.24),
            (0.5, 0.03),
            (0.2, -0.01),
            (-0.4, -0.01),
            (-0.6, 0.06),
            (-0.7, 0.22),
        ],
        steps=5,
    )
    p.fill(hull, ramp.base)
    inside = p.stencil(hull)
    look.decorate(p, inside, (-0.74, 0.02, 0.8, 0.4), 0.16)
    p.fill(box(-1.0, -0.1, 1.0, 0.1), ramp.deep, inside)
    p.glaze(
        curve([(-0.7, 0.2), (-0.2, 0.16), (0.4, 0.18), (0.74, 0.3), (0.6, 0.05), (0.0, 0.0), (-0.6, 0.0)]),
        ramp.deep,
        0.35,
        inside,
    )
    rail = [(-0.76, 0.42), (-0.4, 0.365), (0.0, 0.355), (0.4, 0.395), (0.82, 0.53)]
    p.line(curve(rail, closed=False), 0.055, CREAM)
    p.line(shifted(curve(rail, closed=False), 0.0, -0.035), 0.02, ramp.shade, inside)
    for cx in (-0.45, -0.15, 0.15):
        p.fill(circle(cx, 0.24, 0.042, 16), CREAM)
        p.fill(circle(cx, 0.24, 0.026, 14), GLASS_DARK)
    p.fill(ellipse(0.62, 0.36, 0.035, 0.05), IRON.deep)


def draw_sailboat(p: Painter, look: Look) -> None:
    """A dinghy with a large mainsail and a jib; the sails carry the colour."""
    ramp = look.ramp
    main = curve(
        [(-0.035, 0.24), (-0.03, 0.6), (-0.015, 0.96), (-0.14, 0.74), (-0.29, 0.46), (-0.42, 0.245), (-0.22, 0.215)],
        steps=5,
    )
    jib = curve(
        [(0.04, 0.25), (0.03, 0.55), (0.02, 0.88), (0.16, 0.62), (0.29, 0.42), (0.4, 0.27), (0.2, 0.225)], steps=5
    )
    lit, dark = (jib, main) if look.light > 0 else (main, jib)
    for sail in (main, jib):
        p.fill(sail, ramp.base)
        look.decorate(p, p.stencil(sail), (-0.44, 0.22, 0.42, 0.97), 0.17)
    p.glaze(shifted(lit, 0.05 * look.light, 0.02), ramp.light, 0.55, p.stencil(lit))
    p.glaze(dark, ramp.shade, 0.55)
    seam = p.stencil(main) | p.stencil(jib)
    for y in (0.42, 0.6, 0.76):
        p.line([(-0.4, y - 0.03), (0.0, y)], 0.008, ramp.shade, seam)
        p.line([(0.0, y - 0.01), (0.4, y - 0.05)], 0.008, ramp.shade, seam)
    p.line([(0.0, 0.12), (0.0, 0.985)], 0.022, WOOD.deep)
    p.line([(-0.42, 0.225), (0.02, 0.2)], 0.018, WOOD.shade)
    p.fill([(0.0, 1.0), (0.0, 0.945), (0.11, 0.97)], ramp.shade)
    hull = curve(
        [
            (-0.4, 0.17),
            (-0.1, 0.145),
            (0.2, 0.15),
            (0.46, 0.19),
            (0.38, 0.07),
            (0.26, -0.004),
            (-0.24, -0.004),
            (-0.35, 0.06),
        ],
        steps=5,
    )
    p.fill(hull, WOOD.base)
    inside = p.stencil(hull)
    p.fill(box(-0.5, -0.1, 0.5, 0.05), WOOD.shade, inside)
    p.line([(-0.4, 0.165), (-0.1, 0.14), (0.2, 0.146), (0.46, 0.185)], 0.034, CREAM)
    p.line([(-0.38, 0.1), (0.0, 0.085), (0.41, 0.11)], 0.02, ramp.base, inside)
