"""What makes an inserted object belong: colours of its surroundings, and a shadow that falls where others fall.

A shadow is the object's own outline, laid on the ground from its foot. Where it falls is a `Light`, read off objects
whose shadows are known, or chosen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from studio.cutout.arrays import Floats

SHARPEST, SOFTEST = 0.004, 0.07
"""Blur of a shadow at the foot and at its tip, as a share of the object's height."""
FAR_SHARE = 0.55
"""What is left of a shadow's depth at its tip: light from all around fills it."""
RAISED = 0.05
"""How far above its lowest row an object stands, in its height: seen from above, its foot is round."""
FLATTEST = 0.06
"""A shadow lies at least so far up or down, in heights of the object; less would be a line."""
LONGEST = 2.5
NEAR_SHARE = 0.6
"""How much the surroundings of an object count against the whole picture when its colours are matched."""
MOST_GAIN, MOST_TINT = 2.0, 1.5
_LEAST_MASS = 20.0
_FINE_PX = 4.0
"""Blur, in pixels of the copy it is worked out on, from which a coarser copy would show."""


@dataclass(frozen=True, slots=True)
class Light:
    """Where a shadow falls: its tip seen from the foot, in heights of the object, +x to the right and +y down.

    `depth` 0..1 is how much light it takes away at the foot.
    """

    across: float = 0.55
    down: float = 0.22
    depth: float = 0.4


@dataclass(frozen=True, slots=True)
class Cast:
    """A shadow: (h, w) float32 share of light that is taken away, 0..1, and where its first pixel lies, (left, top)
    from the first pixel of the object's array.
    """

    share: Floats
    left: int
    top: int


def cast_shadow(alpha: Floats, light: Light) -> Cast:
    """The shadow of an object.

    Args:
        alpha: (h, w) 0..1 coverage of the object; its foot lies near the lowest row that shows.

    Returns:
        A shadow of no pixels for an object that shows nowhere.
    """
    rows = np.flatnonzero((alpha > 0.5).any(axis=1))
    if not rows.size:
        return Cast(np.zeros((0, 0), np.float32), 0, 0)
    height = int(rows[-1]) + 1 - int(rows[0])
    foot = round(int(rows[-1]) + 1 - RAISED * height)
    down = light.down if abs(light.down) >= FLATTEST else FLATTEST * (1 if light.down >= 0 else -1)
    # (x, y) of the object lands on (x + across (foot - y), foot + down (foot - y)).
    to_ground = np.array([[1, -light.across, light.across * foot], [0, -down, foot * (1 + down)]], np.float64)
    tallest = foot - int(rows[0])
    margin = int(np.ceil(3 * SOFTEST * height)) + 2
    left = int(np.floor(min(0.0, light.across * tallest))) - margin
    right = alpha.shape[1] + int(np.ceil(max(0.0, light.across * tallest))) + margin
    top = foot + int(np.floor(min(0.0, down * tallest))) - margin
    bottom = foot + int(np.ceil(max(0.0, down * tallest))) + margin
    to_ground[:, 2] -= (left, top)
    size = (right - left, bottom - top)
    above = np.clip((foot - 0.5 - np.arange(alpha.shape[0], dtype=np.float32)) / height, 0, 1)
    # What lies at a height of the object lies at the same share of the shadow's length.
    flat = _warped(alpha.astype(np.float32), to_ground, size)
    far = _warped(np.repeat(above[:, None], alpha.shape[1], axis=1), to_ground, size, cv2.BORDER_REPLICATE)
    share = _softened(flat, far, height) * (1 - (1 - FAR_SHARE) * far) * np.float32(light.depth)
    return Cast(share.astype(np.float32), left, top)


def _warped(plane: Floats, matrix: Floats, size: tuple[int, int], border: int = cv2.BORDER_CONSTANT) -> Floats:
    return cv2.warpAffine(plane, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border)


def _softened(flat: Floats, far: Floats, height: int) -> Floats:
    """Blurred more and more towards the tip: three blurs, mixed by the distance from the foot."""
    sigmas = [max(0.3, share * height) for share in (SHARPEST, (SHARPEST + SOFTEST) / 2, SOFTEST)]
    blurred = [_blurred(flat, sigma) for sigma in sigmas]
    first = np.clip(2 * far, 0, 1)
    second = np.clip(2 * far - 1, 0, 1)
    return (blurred[0] * (1 - first) + blurred[1] * (first - second) + blurred[2] * second).astype(np.float32)


def _blurred(plane: Floats, sigma: float) -> Floats:
    """A Gaussian blur; a wide one is worked out on a smaller copy, where nothing of it is lost."""
    shrink = max(1, int(sigma / _FINE_PX))
    height, width = plane.shape[:2]
    small = cv2.resize(plane, (-(-width // shrink), -(-height // shrink)), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma / shrink, borderType=cv2.BORDER_CONSTANT)
    return cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR) if shrink > 1 else soft


def light_of(pairs: Iterable[tuple[Floats, Floats]]) -> Light | None:
    """The light that cast known shadows, the largest counting most; None where there is nothing to learn from.

    Args:
        pairs: (object's coverage, share of light its shadow takes away), both (h, w) 0..1 of the same area.

    A shadow that is the whole outline laid on the ground has its centre of mass where that of the object lies, so the
    difference of the two centres, over the object's mean height above its foot, is the shadow's direction. Where the
    object hides a part of its shadow, it comes out a little too long.
    """
    found: list[tuple[float, Light]] = []
    for alpha, share in pairs:
        rows = np.flatnonzero((alpha > 0.5).any(axis=1))
        if not rows.size or float(share.sum()) < _LEAST_MASS:
            continue
        foot = float(rows[-1]) + 1 - RAISED * (float(rows[-1]) + 1 - float(rows[0]))
        body, dark = _center(alpha), _center(share)
        above = foot - body[1]
        if above <= 0:
            continue
        across, down = (dark[0] - body[0]) / above, (dark[1] - foot) / above
        length = max(1.0, float(np.hypot(across, down)) / LONGEST)
        depth = float(np.quantile(share[share > 0.02], 0.9)) if (share > 0.02).any() else 0.0
        found.append((float(share.sum()), Light(across / length, down / length, min(0.9, depth))))
    if not found:
        return None
    total = sum(weight for weight, _ in found)
    mean = [sum(weight * getattr(light, name) for weight, light in found) / total for name in Light.__slots__]
    return Light(*mean)


def _center(plane: Floats) -> tuple[float, float]:
    """(x, y) centre of mass, in pixel edges."""
    mass = plane.sum(dtype=np.float64)
    x = (plane.sum(axis=0, dtype=np.float64) * (np.arange(plane.shape[1]) + 0.5)).sum() / mass
    y = (plane.sum(axis=1, dtype=np.float64) * (np.arange(plane.shape[0]) + 0.5)).sum() / mass
    return float(x), float(y)


def matching_gains(thing: Floats, alpha: Floats, scene: Floats, near: Floats, strength: float) -> tuple[float, ...]:
    """How much more or less light of each channel brings an object's mean colour towards that of its surroundings.

    Args:
        thing: (h, w, 3) 0..1 straight colours of the object, `alpha` (h, w) its coverage.
        scene: (H, W, 3) 0..1 the picture without it.
        near: (H, W) 0..1 weight of its surroundings.
        strength: 0..1 share of the way, in stops; 1 would make its mean that of the scene.

    Returns:
        Three factors, their mean within 1 / MOST_GAIN..MOST_GAIN and each within MOST_TINT of it; 1 for an object that
        shows nowhere.
    """
    if float(alpha.sum()) < 1:
        return (1.0, 1.0, 1.0)
    own = _log_mean(thing, alpha)
    whole, around = _log_mean(scene, np.ones(scene.shape[:2], np.float32)), _log_mean(scene, near)
    change = strength * (NEAR_SHARE * around + (1 - NEAR_SHARE) * whole - own)
    mean = float(change.mean())
    most, tint = np.log(MOST_GAIN), np.log(MOST_TINT)
    gains = np.exp(np.clip(mean, -most, most) + np.clip(change - mean, -tint, tint))
    return tuple(float(gain) for gain in gains)


def _log_mean(colors: Floats, weight: Floats) -> Floats:
    """(3,) mean logarithm; what is nearly black says nothing of the light."""
    logs = np.log(np.clip(colors, 0.02, 1))
    return (logs * weight[..., None]).sum(axis=(0, 1), dtype=np.float64) / max(float(weight.sum()), 1e-6)


def curve_of(gain: float, points: int = 7) -> tuple[tuple[int, int], ...]:
    """Points of a tone curve, 0..255 in and out: less light scales everything, more light leaves white where it is."""
    inputs = np.linspace(0, 255, points).round().astype(int)
    shares = inputs / 255
    outputs = gain * shares if gain <= 1 else gain * shares / (1 + (gain - 1) * shares)
    return tuple((int(x), round(255 * float(y))) for x, y in zip(inputs, outputs, strict=True))
