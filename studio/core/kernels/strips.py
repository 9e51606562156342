"""Carries out a program with numpy, strip by strip: the stand-in until the compiled kernels are there.

The same float32 operations in the same order as `studio.core.kernels.rows`, so that both round to the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.core import adjust
from studio.core.blend import ONE, ZERO, Floats, blend
from studio.core.geometry import Rect
from studio.core.kernels.program import CLOSING, OPENING, Program, Step, StepKind
from studio.core.layers import BlendMode, Mask
from studio.core.pixels import Depth, PixelBuffer, Pixels

STRIP_SAMPLES = 1 << 18
"""Pixels of one strip: what a pile needs then stays in the cache."""


def render(program: Program, rect: Rect, depth: Depth) -> Pixels:
    """(h, w, 4) straight RGBA of `rect`, computed in float32 and rounded once."""
    out = np.empty((rect.height, rect.width, 4), depth.dtype)
    rows = max(1, STRIP_SAMPLES // max(1, rect.width))
    for top in range(rect.top, rect.bottom, rows):
        strip = Rect(rect.left, top, rect.right, min(rect.bottom, top + rows))
        out[strip.slices(rect.origin)] = _rounded(piled(program, strip, depth), depth)
    return out


@dataclass(slots=True)
class Pile:
    """Premultiplied colour (3, h, w), alpha (h, w), and in `kept` a sealed pile's alpha. Never changed in place."""

    color: Floats
    alpha: Floats
    kept: Floats

    def straight(self) -> Floats:
        safe = np.where(self.alpha > 0, self.alpha, ONE)
        divided = np.minimum(np.maximum(self.color / safe, ZERO), ONE)
        return np.where(self.alpha < 1, divided, self.color)


def piled(program: Program, rect: Rect, depth: Depth = Depth.EIGHT) -> Pile:
    """What the program leaves in `rect` on an empty pile; some adjustments act by the document's depth."""
    piles = [_empty(rect)]
    for step in program:
        inside = not step.extent.intersect(rect).is_empty
        if step.kind in OPENING:
            piles.append(_opened(step, piles[-1], rect, depth) if inside else _empty(rect))
            continue
        top = piles.pop() if step.kind in CLOSING else piles[-1]
        if inside:
            piles[-1] = _done(step, piles[-1], top, rect, depth)
    return piles[0]


def _empty(rect: Rect) -> Pile:
    zero = np.zeros((rect.height, rect.width), np.float32)
    return Pile(np.zeros((3, rect.height, rect.width), np.float32), zero, zero)


def _opened(step: Step, below: Pile, rect: Rect, depth: Depth) -> Pile:
    full = np.ones((rect.height, rect.width), np.float32)
    if step.kind is StepKind.OPEN_COPY:
        return below
    if step.kind is StepKind.OPEN_BASE and step.pixels is not None:
        color, alpha = _read(step.pixels, rect.moved(-step.origin))
        return Pile(color, full, alpha)
    if step.kind is StepKind.OPEN_ADJUSTED and step.adjustment is not None:
        return Pile(adjust.apply(step.adjustment, below.straight(), depth), full, full)
    return _empty(rect)


def _done(step: Step, pile: Pile, top: Pile, rect: Rect, depth: Depth) -> Pile:
    """The pile after a step that is not an opening one; `top` is the pile taken off, if the step takes one off."""
    coverage = _coverage(step, rect)
    match step.kind:
        case StepKind.DRAW if step.pixels is not None:
            color, alpha = _read(step.pixels, rect.moved(-step.origin))
            return _blended(step, pile, color, alpha * coverage, rect)
        case StepKind.ADJUST if step.adjustment is not None:
            adjusted = adjust.apply(step.adjustment, pile.straight(), depth)
            return _recolored(step, pile, adjusted, coverage, rect)
        case StepKind.SEAL:
            return Pile(pile.straight(), np.ones_like(pile.alpha), pile.alpha)
        case StepKind.CLOSE if step.mode is BlendMode.NORMAL:
            return _laid_over(pile, top, coverage)
        case StepKind.CLOSE:
            return _blended(step, pile, top.straight(), top.alpha * coverage, rect)
        case StepKind.CLOSE_CLIPPED:
            return _blended(step, pile, top.color, top.kept * coverage, rect)
        case StepKind.CLOSE_COPY:
            color = np.add(pile.color, coverage * (top.color - pile.color))
            return Pile(color, np.add(pile.alpha, coverage * (top.alpha - pile.alpha)), pile.kept)
        case StepKind.CLOSE_ADJUSTED:
            return _recolored(step, pile, top.color, coverage, rect)
        case _:
            return pile


def _blended(step: Step, pile: Pile, s: Floats, a: Floats, rect: Rect) -> Pile:
    """The straight colour `s` with alpha `a` blended onto the pile."""
    if step.mode is BlendMode.DISSOLVE:
        a = (a > dissolve_noise(rect)).astype(np.float32)
    rest = ONE - a
    if step.mode in (BlendMode.NORMAL, BlendMode.DISSOLVE):
        return Pile(np.add(pile.color * rest, s * a), np.add(pile.alpha, (ONE - pile.alpha) * a), pile.kept)
    fill = np.float32(step.fill)
    bare = (ONE - pile.alpha) * fill
    mixed = bare * s + pile.alpha * blend(step.mode, pile.straight(), s, step.fill)
    return Pile(np.add(pile.color * rest, a * mixed), np.add(pile.alpha, bare * a), pile.kept)


def _laid_over(pile: Pile, top: Pile, coverage: Floats) -> Pile:
    """A whole pile over another in mode Normal: no division needed."""
    a = top.alpha * coverage
    color = np.add(pile.color * (ONE - a), top.color * coverage)
    return Pile(color, np.add(pile.alpha, (ONE - pile.alpha) * a), pile.kept)


def _recolored(step: Step, pile: Pile, s: Floats, a: Floats, rect: Rect) -> Pile:
    """The straight colour `s` blended onto the pile where there is something; alpha stays."""
    if step.mode is BlendMode.DISSOLVE:
        a = (a > dissolve_noise(rect)).astype(np.float32)
    mixed = pile.alpha * blend(step.mode, pile.straight(), s, step.fill)
    return Pile(np.add(pile.color * (ONE - a), a * mixed), pile.alpha, pile.kept)


def _read(pixels: PixelBuffer, rect: Rect) -> tuple[Floats, Floats]:
    """Straight colour (3, h, w) and alpha (h, w)."""
    samples = np.moveaxis(pixels.read(rect), -1, 0).astype(np.float32, order="C")
    samples *= unit_of(pixels.depth)
    return samples[:3], samples[3]


def _coverage(step: Step, rect: Rect) -> Floats:
    """Opacity times mask, (h, w) or one value; nothing outside the step's extent."""
    opacity = np.float32(step.opacity)
    inside = step.extent.intersect(rect)
    if step.mask is None and inside == rect:
        return np.asarray(opacity)
    out = np.zeros((rect.height, rect.width), np.float32)
    part = inside.slices(rect.origin)
    out[part] = opacity if step.mask is None else opacity * _mask_values(step.mask, inside)
    return out


def _mask_values(mask: Mask, rect: Rect) -> Floats:
    """Mask with density, (h, w), 0..1."""
    values = mask.pixels.read(rect.moved(-mask.origin))[:, :, 0].astype(np.float32)
    return ONE - np.float32(mask.density) * (ONE - values * unit_of(mask.pixels.depth))


def unit_of(depth: Depth) -> np.float32:
    """The float step of one sample value."""
    return ONE / np.float32(depth.top)


def dissolve_noise(rect: Rect) -> Floats:
    """(h, w) noise in 0..1 that depends on the canvas position only: a moved layer does not carry it along."""
    x = np.arange(rect.left, rect.right, dtype=np.int64).astype(np.uint32)[None, :]
    y = np.arange(rect.top, rect.bottom, dtype=np.int64).astype(np.uint32)[:, None]
    h = x * np.uint32(0x9E3779B1) ^ y * np.uint32(0x85EBCA77)
    h ^= h >> np.uint32(15)
    h *= np.uint32(0x2C1B3C6D)
    h ^= h >> np.uint32(12)
    h *= np.uint32(0x297A2D39)
    h ^= h >> np.uint32(15)
    return (h >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


def _rounded(pile: Pile, depth: Depth) -> Pixels:
    samples = np.empty((*pile.alpha.shape, 4), depth.dtype)
    top = np.float32(depth.top)
    color = np.where(pile.alpha > 0, pile.straight(), ZERO)
    samples[:, :, :3] = np.moveaxis(_whole(color, top), 0, -1)
    samples[:, :, 3] = _whole(pile.alpha, top)
    return samples


def _whole(values: Floats, top: np.float32) -> Floats:
    """0..1 as whole sample values, rounded to nearest, still float."""
    return np.floor(np.minimum(np.maximum(values, ZERO), ONE) * top + np.float32(0.5))
