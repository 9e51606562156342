"""What the adjustment layers do to colours: float32 straight RGB in, the same out."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from studio.core.adjustments import (
    Adjustment,
    BrightnessContrast,
    ColorBalance,
    CurvePoints,
    Curves,
    HueRange,
    HueSaturation,
    Levels,
    LevelsBand,
)
from studio.core.blend import Colors, luminosity_of, set_luminosity

Samples: TypeAlias = NDArray[np.float32]
"""One channel or a table of it, 0..1."""


def apply(adjustment: Adjustment, c: Colors) -> Colors:
    """The adjusted colours (..., 3), 0..1."""
    match adjustment:
        case Levels():
            bands = (adjustment.red, adjustment.green, adjustment.blue)
            return _per_channel(c, [levels(levels(c[..., i], bands[i]), adjustment.rgb) for i in range(3)])
        case Curves():
            curves = (adjustment.red, adjustment.green, adjustment.blue)
            return _per_channel(c, [curve(curve(c[..., i], curves[i]), adjustment.rgb) for i in range(3)])
        case HueSaturation():
            return hue_saturation(c, adjustment)
        case BrightnessContrast():
            return brightness_contrast(c, adjustment)
        case ColorBalance():
            return color_balance(c, adjustment)


def levels(x: Samples, band: LevelsBand) -> Samples:
    black, white = band.black / 255, band.white / 255
    inside = np.clip((x - black) / max(white - black, 1 / 255), 0, 1) ** (1 / band.gamma)
    out = band.out_black / 255 + inside * (band.out_white - band.out_black) / 255
    return out.astype(np.float32)


def curve(x: Samples, points: CurvePoints) -> Samples:
    if points == ((0, 0), (255, 255)):
        return x
    inputs = np.array([p[0] for p in points]) / 255
    outputs = np.array([p[1] for p in points]) / 255
    spline = CubicSpline(inputs, outputs, bc_type="natural")
    return np.clip(spline(np.clip(x, inputs[0], inputs[-1])), 0, 1).astype(np.float32)


def hue_saturation(c: Colors, a: HueSaturation) -> Colors:
    h, s, light = to_hsl(c)
    if a.colorize:
        h, s = np.full_like(h, a.hue / 360), np.full_like(s, a.saturation / 100)
        shift = np.float32(a.lightness / 100)
        light = np.where(shift < 0, light * (1 + shift), light + (1 - light) * shift)
        return from_hsl(h, s, light)
    hue, sat, bright = np.float32(a.hue), np.float32(a.saturation), np.float32(a.lightness)
    for part in a.ranges:
        weight = range_weight(h * 360, part)
        hue, sat, bright = (
            hue + weight * part.hue,
            sat + weight * part.saturation,
            bright + weight * part.lightness,
        )
    h = (h + hue / 360) % 1
    sat = np.clip(sat / 100, -1, 1)
    s = np.clip(np.where(sat < 0, s * (1 + sat), s / np.maximum(1 - sat, 1e-4)), 0, 1)
    out = from_hsl(h, s, light)
    bright = np.clip(bright / 100, -1, 1)
    out = np.where(bright[..., None] < 0, out * (1 + bright[..., None]), out + (1 - out) * bright[..., None])
    return out.astype(np.float32)


def range_weight(degrees: Samples, part: HueRange) -> Samples:
    """0..1: how much a hue belongs to one colour range; the angles may run through 0."""
    start = part.angles[0]
    fade_in, hold, fade_out = ((a - start) % 360 for a in part.angles[1:])
    x = (degrees - start) % 360
    up = np.clip(x / max(fade_in, 1e-3), 0, 1)
    down = np.clip((fade_out - x) / max(fade_out - hold, 1e-3), 0, 1)
    return np.minimum(up, down).astype(np.float32)


def brightness_contrast(c: Colors, a: BrightnessContrast) -> Colors:
    if a.legacy:
        shift, stretch = a.brightness / 255, a.contrast / 100
        slope = 1 + stretch if stretch < 0 else 1 / max(1 - stretch, 1e-3)
        return np.clip((c + shift - 0.5) * slope + 0.5, 0, 1).astype(np.float32)
    gain = 1 + a.brightness / 255
    out = 1 - (1 - c) ** gain if a.brightness >= 0 else c ** (1 / gain)
    slope = a.contrast / 100
    out = out + slope * (out - 0.5) * 4 * out * (1 - out)
    return np.clip(out, 0, 1).astype(np.float32)


def color_balance(c: Colors, a: ColorBalance) -> Colors:
    light = (c.max(axis=-1, keepdims=True) + c.min(axis=-1, keepdims=True)) / 2
    low = np.clip((light - 0.333) / -0.25 + 0.5, 0, 1) * 0.7
    high = np.clip((light + 0.333 - 1) / 0.25 + 0.5, 0, 1) * 0.7
    middle = np.clip((light - 0.333) / 0.25 + 0.5, 0, 1) * np.clip((light + 0.333 - 1) / -0.25 + 0.5, 0, 1) * 0.7
    shift = sum(
        weight * np.array(part, np.float32) / 100
        for weight, part in ((low, a.shadows), (middle, a.midtones), (high, a.highlights))
    )
    out = np.clip(c + shift, 0, 1).astype(np.float32)
    return set_luminosity(out, luminosity_of(c)) if a.preserve_luminosity else out


def to_hsl(c: Colors) -> tuple[Samples, Samples, Samples]:
    """Hue, saturation and lightness (the double hexcone), each (...) in 0..1."""
    high, low = c.max(axis=-1), c.min(axis=-1)
    light, chroma = (high + low) / 2, high - low
    room = 1 - np.abs(2 * light - 1)
    s = np.divide(chroma, room, out=np.zeros_like(room), where=room > 1e-6)
    safe = np.where(chroma == 0, 1, chroma)
    r, g, b = c[..., 0], c[..., 1], c[..., 2]
    h = np.where(high == r, (g - b) / safe, np.where(high == g, (b - r) / safe + 2, (r - g) / safe + 4))
    return (np.where(chroma == 0, 0, h) / 6 % 1).astype(np.float32), s, light


def from_hsl(h: Samples, s: Samples, light: Samples) -> Colors:
    """The inverse of `to_hsl`, (..., 3)."""
    chroma = (1 - np.abs(2 * light - 1)) * s
    parts = [np.clip(np.abs((h * 6 + shift) % 6 - 3) - 1, 0, 1) for shift in (0, 4, 2)]
    return np.stack([(part - 0.5) * chroma + light for part in parts], axis=-1).astype(np.float32)


def _per_channel(like: Colors, channels: list[Samples]) -> Colors:
    return np.stack(channels, axis=-1).astype(like.dtype)
