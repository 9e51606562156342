"""Laying colour over straight samples, and taking it away, as far as a coverage says. Rounded once, to nearest."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.core.pixels import Depth, Pixels

Reals: TypeAlias = NDArray[np.float32]
"""float32 shares, 0..1."""

_ONE = np.float32(1)
_BRIGHTNESS = np.array([0.3, 0.59, 0.11], np.float32)


def painted(
    base: Pixels, color: Reals, alpha: Reals, *, lock_alpha: bool = False, thresholds: Reals | None = None
) -> Pixels:
    """`color` laid over the base in mode Normal; samples where `alpha` is 0 stay as they are.

    Args:
        base: (h, w, 4) straight samples.
        color: (3,) or (h, w, 3).
        alpha: (h, w).
        lock_alpha: only colours change, where there is any alpha.
        thresholds: (h, w) fractions from which a sample is rounded up; a half everywhere unless given.
    """
    top = np.float32(Depth.of(base).top)
    old = base.astype(np.float32) / top
    under = old[..., 3:]
    over = alpha[..., None]
    if lock_alpha:
        mixed = old[..., :3] + (color - old[..., :3]) * over
        out = np.concatenate([mixed, under], axis=2)
        touched = (over > 0) & (under > 0)
    else:
        left = under * (_ONE - over)
        total = over + left
        mixed = (color * over + old[..., :3] * left) / np.where(total > 0, total, _ONE)
        out = np.concatenate([mixed, total], axis=2)
        touched = over > 0
    return np.where(touched, rounded(out, Depth.of(base), thresholds), base)


def erased(base: Pixels, alpha: Reals) -> Pixels:
    """The base with its alpha scaled by 1 - `alpha`; where that takes the last of it, the colour goes too."""
    out = base.copy()
    top = np.float32(Depth.of(base).top)
    kept: Reals = np.multiply(base[..., 3].astype(np.float32), (_ONE - alpha) / top)
    out[..., 3] = np.where(alpha > 0, rounded(kept, Depth.of(base)), base[..., 3])
    out[(out[..., 3] == 0) & (alpha > 0)] = 0
    return out


def toned(base: Pixels, value: float | Reals, alpha: Reals, thresholds: Reals | None = None) -> Pixels:
    """One channel (h, w, 1) pulled towards `value` (0..1; one for all, or (h, w)); thresholds as in `painted`."""
    top = np.float32(Depth.of(base).top)
    old = base.astype(np.float32) / top
    towards = np.asarray(value, np.float32)[..., None] - old
    new = rounded(np.add(old, towards * alpha[..., None]), Depth.of(base), thresholds)
    return np.where(alpha[..., None] > 0, new, base)


def brightness(color: Reals) -> Reals:
    """What colours (..., 3) are worth on a mask, 0..1."""
    return np.asarray(color @ _BRIGHTNESS, np.float32)


def color_shares(samples: Pixels) -> Reals:
    """(h, w, 3) straight colours of samples, 0..1."""
    return samples[..., :3].astype(np.float32) / np.float32(Depth.of(samples).top)


def premultiplied(samples: Pixels) -> Reals:
    """(h, w, 4) straight samples as shares, colour times alpha."""
    out = samples.astype(np.float32) / np.float32(Depth.of(samples).top)
    out[..., :3] *= out[..., 3:]
    return out


def rounded(shares: Reals, depth: Depth, thresholds: Reals | None = None) -> Pixels:
    """Shares as the nearest samples of a depth; with (h, w) thresholds, as those above the fractions they give."""
    values = shares * np.float32(depth.top)
    whole = np.rint(values) if thresholds is None else np.ceil(values - thresholds[..., None])
    return np.clip(whole, 0, depth.top).astype(depth.dtype)
