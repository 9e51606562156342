"""From one object's estimate (matte, colours, shadow factor) to the layers that rebuild the photo.

The layers sit on a base in this order: shadow (multiply), residual (normal), object (normal). *Exact* starts from the
clean estimate and corrects only the pixels whose rounded composite misses the photo: first the shadow factor, then a
residual of least alpha, and on the object its own colour, with more alpha only where no legal colour would do. *Clean*
keeps the estimate and leaves a difference that the caller reports.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.cutout import algebra
from studio.cutout.algebra import StraightLayer
from studio.cutout.arrays import Floats, Levels, Mask

SHADOW_CORRECTION = 0.12
"""Largest change of the shadow factor that exactness may ask for; a larger misfit goes to the residual."""


@dataclass(frozen=True, slots=True)
class ObjectEstimate:
    """What the object and its effects look like before quantisation; all (H, W[, 3]) of one crop.

    Args:
        alpha: matte of the object in [0, 1].
        foreground: clean object colours in [0, 1], valid where alpha > 0.
        ratio: light factor of the shadow in [0, 1], 1 where there is none; None for an object without shadow.
        region: where layers may have content: the soft object and its effects.
    """

    alpha: Floats
    foreground: Floats
    ratio: Floats | None
    region: Mask


@dataclass(frozen=True, slots=True)
class LayerStack:
    """Layers in levels, and the float composite on top of the base they were made for."""

    shadow: StraightLayer
    residual: StraightLayer
    object: StraightLayer
    composite: Floats


def clean_stack(base: Floats, estimate: ObjectEstimate, dtype: np.dtype) -> LayerStack:
    """Quantise the estimate as it is; the residual stays empty."""
    peak = algebra.peak_of(dtype)
    inside = estimate.region
    shadow_alpha, shadow_colour = _shadow(estimate, peak)
    below = algebra.multiply(base, shadow_colour / peak, shadow_alpha / peak)
    alpha = np.round(estimate.alpha * inside * peak).astype(np.float32)
    colour = np.where(alpha[..., None] > 0, np.round(estimate.foreground * peak), 0)
    composite = algebra.over(below, colour / peak, alpha / peak)
    empty = _layer(np.zeros_like(alpha), np.zeros_like(colour), dtype)
    return LayerStack(_layer(shadow_alpha, shadow_colour, dtype), empty, _layer(alpha, colour, dtype), composite)


def exact_stack(base: Floats, target: Levels, estimate: ObjectEstimate) -> LayerStack:
    """Layers whose float composite over `base` rounds to `target` wherever the estimate's region allows content.

    Args:
        base: (H, W, 3) float composite of everything below, opaque, in [0, 1].
        target: (H, W, 3) the picture to rebuild; outside the region it must already equal the rounded base.
    """
    peak = algebra.peak_of(target.dtype)
    goal = target.astype(np.float32) / peak
    present = estimate.alpha > 0
    free = estimate.region & ~present
    shadow_alpha, shadow_colour = _shadow(estimate, peak)
    below = algebra.multiply(base, shadow_colour / peak, shadow_alpha / peak)
    if estimate.ratio is not None:
        wrong = free & ~algebra.rounds_to(below, target, peak)
        _correct_shadow(shadow_alpha, shadow_colour, below, base, goal, estimate.ratio, wrong, peak)
    residual_alpha, residual_colour = _residual(below, target, goal, free, peak)
    below = algebra.over(below, residual_colour / peak, residual_alpha / peak)
    alpha, colour = _object(below, target, goal, estimate, present, peak)
    composite = algebra.over(below, colour / peak, alpha / peak)
    dtype = target.dtype
    return LayerStack(
        _layer(shadow_alpha, shadow_colour, dtype),
        _layer(residual_alpha, residual_colour, dtype),
        _layer(alpha, colour, dtype),
        composite,
    )


def _layer(alpha: Floats, colour: Floats, dtype: np.dtype) -> StraightLayer:
    return StraightLayer(colour.astype(dtype), alpha.astype(dtype))


def _shadow(estimate: ObjectEstimate, peak: int) -> tuple[Floats, Floats]:
    if estimate.ratio is None:
        return np.zeros_like(estimate.alpha), np.zeros_like(estimate.foreground)
    ratio = np.where(estimate.region[..., None], estimate.ratio, 1).astype(np.float32)
    return algebra.shadow_levels(ratio, peak)


def _correct_shadow(
    shadow_alpha: Floats,
    shadow_colour: Floats,
    below: Floats,
    base: Floats,
    goal: Floats,
    ratio: Floats,
    wrong: Mask,
    peak: int,
) -> None:
    """Give the wrong pixels, in place, the factor that is exact there, if it exists and is close to the smooth one."""
    at = np.nonzero(wrong & (shadow_alpha > 0))
    if len(at[0]) == 0:
        return
    exact = goal[at] / np.maximum(base[at], 1e-6)
    close = ((exact <= 1) & (np.abs(exact - ratio[at]) <= SHADOW_CORRECTION)).all(axis=1)
    at = (at[0][close], at[1][close])
    alpha, colour = algebra.shadow_levels(np.clip(exact[close], 0, 1)[:, None, :], peak)
    shadow_alpha[at], shadow_colour[at] = alpha[:, 0], colour[:, 0]
    below[at] = algebra.multiply(base[at][:, None], colour / peak, alpha / peak)[:, 0]


def _residual(
    below: Floats,
    target: Levels,
    goal: Floats,
    free: Mask,
    peak: int,
) -> tuple[Floats, Floats]:
    """Least alpha that repairs the pixels beside the object which the shadow alone cannot explain."""
    wrong = free & ~algebra.rounds_to(below, target, peak)
    alpha = np.where(wrong, algebra.raise_alpha(algebra.minimum_alpha(goal, below), peak), 0).astype(np.float32)
    colour = np.round(algebra.solve_colour(goal, below, alpha / peak) * peak)
    return alpha, colour


def _object(
    below: Floats,
    target: Levels,
    goal: Floats,
    estimate: ObjectEstimate,
    present: Mask,
    peak: int,
) -> tuple[Floats, Floats]:
    """The object's levels: clean colours where they are exact, else solved ones, with more alpha only where needed."""
    alpha = np.where(present, algebra.raise_alpha(estimate.alpha, peak), 0).astype(np.float32)
    colour = np.round(np.clip(estimate.foreground, 0, 1) * peak)
    composite = algebra.over(below, colour / peak, alpha / peak)
    wrong = present & ~algebra.rounds_to(composite, target, peak)
    needed = algebra.raise_alpha(algebra.minimum_alpha(goal, below), peak)
    alpha = np.where(wrong, np.maximum(alpha, needed), alpha)
    solved = np.round(algebra.solve_colour(goal, below, alpha / peak) * peak)
    colour = np.where(wrong[..., None], solved, colour)
    return alpha, np.where(alpha[..., None] > 0, colour, 0)
