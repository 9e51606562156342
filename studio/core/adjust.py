"""What the adjustment layers do to a colour, as tables that the numpy and the compiled compositor both look up.

How the formulas were found: from Photoshop-authored files in `../shared/psd/adjustments` with their stored pictures.

- Curves: a natural cubic spline through the points, flat outside; equal to `curves_grayscale.psd` in every value.
- Levels: a plain power for the gamma, but for gamma > 1 the darkest eighth is a parabola through black that joins the
  power smoothly; `levels_grayscale.psd` agrees to 2/255 (Photoshop rounds to 8 bit between its steps, we do not).
- Brightness/Contrast: contrast is a natural spline through (63, 63 - c / 4) and (191, 191 + c / 4). Brightness b > 0
  multiplies by 2 ** (b / 110) and rolls off towards white above about half; b < 0 is the inverse. The roll-off is a
  fit: `brightnesscontrast_grayscale.psd` agrees to 4/255, on average to 0.6/255.
- Legacy brightness/contrast: a shift, and a stretch around 127 by 1 / (1 - c), or by 1 + c for less contrast, which
  then comes first; `brightnesscontrast_legacy_rgb.psd` and `brightnesscontrast_legacy_grayscale.psd` agree to 1/255.
- Hue/Saturation: hexcone lightness; ranges and lightness behave as in the pictures `huesaturation_*.png`. Their
  settings are not stored; with fitted ones, colorize agrees to 3/255 in three of four cases and to 8/255 in the last.
- Colour Balance: no picture settles it; the weights are ours, see `_balance`.
- Threshold: `threshold_rgb.psd` turns white from half an 8-bit step below the level on, in every pixel.
- Posterize: at 8 bit a step begins at 256 k / n, at 16 bit at 1 / n of the whole, in every pixel of the four
  `posterize_*.psd`; Photoshop then cuts off to whole values where we round, so that we are 1/255 brighter at most.
- Exposure: light is the 2.2th power of a colour. Of several powers and sRGB's own curve that fits
  `adjustment_nested_composition_1.psd` and `_4.psd` best: 0.5/255 and 0.3/255 on average, and up to 18/255 among steep
  curves, of which Photoshop's rounding to 8 bit between the steps explains a part.
- Gradient Map: no picture settles it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from studio.core.adjustments import (
    Adjustment,
    BrightnessContrast,
    ColorBalance,
    CurvePoints,
    Curves,
    Exposure,
    GradientMap,
    HueRange,
    HueSaturation,
    Invert,
    Levels,
    LevelsBand,
    Posterize,
    Threshold,
)
from studio.core.blend import HALF, ONE, TWO, ZERO, Floats, luminosity_of, set_luminosity
from studio.core.gradients import gradient_at
from studio.core.pixels import Depth

STEPS = 2040
"""Intervals of a channel's table: eight for each 8-bit step, so that the corners of levels and curves are met."""

DEGREES = 360
"""Intervals of a hue table; the corners of a colour range lie on whole degrees."""

SMALL_STEP = np.float32(2e-5)
"""What float32 may lose before a value counts as below a limit: more than its rounding, less than a 16-bit step."""

_LIGHT = 2.2
_TOE = 0.125
_ROLL_START, _ROLL_BEND = 136.0, 241.0
_SIX, _THREE, _FOUR, _SIXTY = np.float32(6), np.float32(3), np.float32(4), np.float32(60)

Table = NDArray[np.float64]


class TableKind(IntEnum):
    """How `Tables.values` is read. The numbers are part of the compiled kernels."""

    CHANNELS = 0
    CHANNELS_KEEP_LUMINOSITY = 1
    HUE = 2
    COLORIZE = 3
    THRESHOLD = 4
    POSTERIZE = 5
    GRADIENT = 6


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """One adjustment, ready to be applied.

    `values` is one contiguous float32 row: for channels three tables of STEPS + 1; for HUE the saturation and lightness
    for all hues, then three tables of DEGREES + 1 (hue shift in sixths of a turn, saturation, lightness, both -1..1);
    for COLORIZE hue (in sixths of a turn), saturation 0..1 and lightness -1..1; for THRESHOLD the luminosity from which
    on it is white; for POSTERIZE by what a channel is multiplied to count its step at 8 bit and at 16 bit, and the last
    step; for GRADIENT three tables of STEPS + 1 to look the luminosity up in.
    """

    kind: TableKind
    values: NDArray[np.float32]


@lru_cache(maxsize=64)
def tables(adjustment: Adjustment) -> Tables:
    """The tables of an adjustment; kept, because a document is drawn many times."""
    match adjustment:
        case Levels():
            bands = (adjustment.red, adjustment.green, adjustment.blue)
            return _channels(tuple(_levels(_levels(_ramp(), band), adjustment.rgb) for band in bands))
        case Curves():
            curves = (adjustment.red, adjustment.green, adjustment.blue)
            return _channels(tuple(_curve(_curve(_ramp(), points), adjustment.rgb) for points in curves))
        case BrightnessContrast():
            return _channels((_legacy(adjustment) if adjustment.legacy else _brightness_contrast(adjustment),) * 3)
        case ColorBalance():
            return _balance(adjustment)
        case HueSaturation():
            return _hue_saturation(adjustment)
        case Exposure():
            return _channels((_exposed(adjustment),) * 3)
        case Invert():
            return _channels((1 - _ramp(),) * 3)
        case Threshold():
            limit = (adjustment.level - 0.5) / 255 + float(SMALL_STEP)
            return _channels((np.array([limit]),), TableKind.THRESHOLD)
        case Posterize():
            levels = adjustment.levels
            return _channels((np.array([levels * 255 / 256, levels, levels - 1.0]),), TableKind.POSTERIZE)
        case GradientMap():
            places = 1 - _ramp() if adjustment.reverse else _ramp()
            rows = gradient_at(adjustment.gradient, places)
            return _channels((rows[:, 0], rows[:, 1], rows[:, 2]), TableKind.GRADIENT)


def apply(adjustment: Adjustment, c: Floats, depth: Depth = Depth.EIGHT) -> Floats:
    """The adjusted colours: (3, ...) float32 straight RGB, 0..1, of a document of that depth."""
    ready = tables(adjustment)
    match ready.kind:
        case TableKind.CHANNELS:
            return _looked_up(ready.values, c)
        case TableKind.CHANNELS_KEEP_LUMINOSITY:
            return set_luminosity(_looked_up(ready.values, c), luminosity_of(c))
        case TableKind.HUE:
            return _turned(ready.values, c)
        case TableKind.COLORIZE:
            return _colorized(ready.values, c)
        case TableKind.THRESHOLD:
            white = (luminosity_of(c) >= ready.values[0]).astype(np.float32)
            return np.stack([white, white, white])
        case TableKind.POSTERIZE:
            return _posterized(ready.values, c, depth)
        case TableKind.GRADIENT:
            light = luminosity_of(c)
            return _looked_up(ready.values, np.stack([light, light, light]))


def _ramp() -> Table:
    return np.linspace(0.0, 1.0, STEPS + 1)


def _channels(rows: tuple[Table, ...], kind: TableKind = TableKind.CHANNELS) -> Tables:
    values = np.concatenate(rows).astype(np.float32)
    values.setflags(write=False)
    return Tables(kind, values)


def _levels(x: Table, band: LevelsBand) -> Table:
    black, white = band.black / 255, band.white / 255
    inside = np.clip((x - black) / max(white - black, 1 / 255), 0.0, 1.0)
    lifted = inside ** (1 / band.gamma)
    if band.gamma > 1:
        lifted = np.where(inside < _TOE, _toe(inside, band.gamma), lifted)
    return (band.out_black + lifted * (band.out_white - band.out_black)) / 255


def _toe(x: Table, gamma: float) -> Table:
    """The parabola through 0 that meets the power at `_TOE` with the same value and slope."""
    chord, bend = _TOE ** (1 / gamma) / _TOE, 1 / gamma - 1
    return chord * x * (1 - bend + bend * x / _TOE)


def _curve(x: Table, points: CurvePoints) -> Table:
    if all(source == target for source, target in points) and points[0][0] == 0 and points[-1][0] == 255:
        return x
    inputs, outputs = np.array(points, np.float64).T / 255
    return np.clip(_spline(inputs, outputs, np.clip(x, inputs[0], inputs[-1])), 0.0, 1.0)


def _spline(inputs: Table, outputs: Table, at: Table) -> Table:
    """The natural cubic spline through the points; scipy is loaded only when a document has such a curve."""
    from scipy.interpolate import CubicSpline

    return np.asarray(CubicSpline(inputs, outputs, bc_type="natural")(at), np.float64)


def _legacy(a: BrightnessContrast) -> Table:
    """Contrast stretches around 127. More of it comes after the brightness, less of it before."""
    x = _ramp() * 255 - 127
    if a.contrast < 0:
        return np.clip((x * (1 + a.contrast / 100) + a.brightness + 127) / 255, 0.0, 1.0)
    return np.clip(((x + a.brightness) / max(1 - a.contrast / 100, 1e-3) + 127) / 255, 0.0, 1.0)


def _brightness_contrast(a: BrightnessContrast) -> Table:
    """Brightness first, then contrast."""
    x = _brightness(_ramp() * 255, a.brightness)
    shift = a.contrast / 4
    knots = np.array([0.0, 63.0, 191.0, 255.0]), np.array([0.0, 63.0 - shift, 191.0 + shift, 255.0])
    return np.clip(_spline(*knots, x) / 255, 0.0, 1.0)


def _brightness(x: Table, brightness: int) -> Table:
    """A straight line through black, then a cubic Bezier that ends level at white; mirrored to darken. All 0..255."""
    if brightness == 0:
        return x
    gain = 2.0 ** (abs(brightness) / 110)
    t = np.linspace(0.0, 1.0, 1001)
    weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
    level = 255 - min(52 * (gain - 1) ** 2, 250.0)
    across = (_ROLL_START / gain, _ROLL_BEND / gain, level, 255.0)
    up = (_ROLL_START, _ROLL_BEND, 255.0, 255.0)
    inputs = np.concatenate([[0.0], sum(w * v for w, v in zip(weights, across, strict=True))])
    outputs = np.concatenate([[0.0], sum(w * v for w, v in zip(weights, up, strict=True))])
    inputs = np.maximum.accumulate(inputs)
    return np.interp(x, inputs, outputs) if brightness > 0 else np.interp(x, outputs, inputs)


def _exposed(a: Exposure) -> Table:
    light = np.clip(_ramp() ** _LIGHT * 2.0**a.exposure + a.offset, 0.0, None)
    return np.clip(light ** (1 / (a.gamma * _LIGHT)), 0.0, 1.0)


def _posterized(values: Floats, c: Floats, depth: Depth) -> Floats:
    scale, last = values[0 if depth is Depth.EIGHT else 1], values[2]
    return np.divide(np.minimum(np.floor(c * scale + SMALL_STEP), last), last)


def _balance(a: ColorBalance) -> Tables:
    """Each channel is shifted by a weight of its own value: shadows fade out at the middle, highlights fade in there.

    The weights are smooth, add up to 1 at every value, and a full slider shifts by 100/255.
    """
    x = _ramp()
    low, high = np.clip(1 - 2 * x, 0, 1) ** 2, np.clip(2 * x - 1, 0, 1) ** 2
    middle = 1 - low - high
    parts = zip(a.shadows, a.midtones, a.highlights, strict=True)
    rows = tuple(np.clip(x + (low * s + middle * m + high * h) / 255, 0.0, 1.0) for s, m, h in parts)
    return _channels(rows, TableKind.CHANNELS_KEEP_LUMINOSITY if a.preserve_luminosity else TableKind.CHANNELS)


def _hue_saturation(a: HueSaturation) -> Tables:
    if a.colorize:
        return _channels((np.array([a.hue / 60 % 6, a.saturation / 100, a.lightness / 100]),), TableKind.COLORIZE)
    hue = np.full(DEGREES + 1, a.hue / 60)
    saturation, lightness = np.zeros(DEGREES + 1), np.zeros(DEGREES + 1)
    for part in a.ranges:
        weight = range_weight(np.arange(DEGREES + 1.0), part)
        hue += weight * part.hue / 60
        saturation += weight * part.saturation / 100
        lightness += weight * part.lightness / 100
    everywhere = np.array([a.saturation / 100, a.lightness / 100])
    ranges = (hue, np.clip(saturation, -1.0, 1.0), np.clip(lightness, -1.0, 1.0))
    return _channels((everywhere, *ranges), TableKind.HUE)


def range_weight(degrees: Table, part: HueRange) -> Table:
    """0..1: how much a hue belongs to one colour range; the angles may run through 0."""
    start = part.angles[0]
    fade_in, hold, fade_out = ((angle - start) % 360 for angle in part.angles[1:])
    x = (degrees - start) % 360
    up = np.clip(x / fade_in, 0.0, 1.0) if fade_in else np.ones_like(x)
    down = np.clip((fade_out - x) / (fade_out - hold), 0.0, 1.0) if fade_out > hold else (x <= hold).astype(float)
    return np.minimum(up, down)


def _looked_up(values: Floats, c: Floats) -> Floats:
    out = np.empty_like(c)
    for channel in range(3):
        out[channel] = _interpolated(values[channel * (STEPS + 1) :], c[channel], STEPS)
    return out


def _interpolated(table: Floats, x: Floats, steps: int) -> Floats:
    """The table at x in 0..1, linear between its entries."""
    place = x * np.float32(steps)
    index = np.minimum(np.maximum(place.astype(np.int32), 0), steps - 1)
    low = table[index]
    return np.add(low, (place - index.astype(np.float32)) * (table[index + 1] - low))


def _turned(values: Floats, c: Floats) -> Floats:
    """Lightness for all hues, then of the ranges; then hue and saturation, in the hexcone of hue and lightness."""
    everywhere, entries = values[:2], values[2:]
    c = _lightened(c, everywhere[1])
    low, high = np.minimum(np.minimum(c[0], c[1]), c[2]), np.maximum(np.maximum(c[0], c[1]), c[2])
    turn = _hue_of(c, low, high)
    place = turn / _SIX
    shift = _interpolated(entries, place, DEGREES)
    saturation = _interpolated(entries[DEGREES + 1 :], place, DEGREES)
    lightness = _interpolated(entries[2 * DEGREES + 2 :], place, DEGREES)
    spread = high - low
    low, high = low + np.maximum(lightness, ZERO) * spread, high + np.minimum(lightness, ZERO) * spread
    middle = (low + high) * HALF
    room = ONE - np.abs(TWO * middle - ONE)
    s = np.where(room > 0, (high - low) / np.where(room > 0, room, ONE), ZERO)
    s = _saturated(_saturated(np.minimum(s, ONE), everywhere[0]), saturation)
    return _from_hue(turn + shift, s * room, middle)


def _colorized(values: Floats, c: Floats) -> Floats:
    hue, s, lightness = values
    low, high = np.minimum(np.minimum(c[0], c[1]), c[2]), np.maximum(np.maximum(c[0], c[1]), c[2])
    middle = _lightened((low + high) * HALF, lightness)
    chroma = s * (ONE - np.abs(TWO * middle - ONE))
    return _from_hue(np.full_like(middle, hue), chroma, middle)


def _lightened(c: Floats, amount: np.float32) -> Floats:
    """Towards white for a positive amount, towards black for a negative one."""
    return np.add(c, amount * (ONE - c)) if amount > 0 else np.multiply(c, ONE + amount)


def _saturated(s: Floats, amount: Floats | np.float32) -> Floats:
    more = np.minimum(s / np.maximum(ONE - amount, np.float32(1e-3)), ONE)
    return np.where(amount > 0, more, s * (ONE + amount))


def _hue_of(c: Floats, low: Floats, high: Floats) -> Floats:
    """0..6 (sixths of a turn, red at 0); 0 for a grey."""
    spread = high - low
    safe = np.where(spread > 0, spread, ONE)
    red, green, blue = c[0], c[1], c[2]
    near_red: Floats = np.divide(green - blue, safe)
    near_red = np.where(near_red < 0, np.add(near_red, _SIX), near_red)
    near_green: Floats = np.divide(blue - red, safe)
    near_blue: Floats = np.divide(red - green, safe)
    turn = np.where(high == red, near_red, np.where(high == green, near_green + TWO, near_blue + _FOUR))
    return np.where(spread > 0, turn, ZERO)


def _from_hue(turn: Floats, chroma: Floats, middle: Floats) -> Floats:
    """(3, ...) colours with this hue (sixths of a turn), largest minus smallest channel, and their mean."""
    bottom = middle - chroma * HALF
    out = np.empty((3, *turn.shape), np.float32)
    for channel, offset in enumerate((ZERO, _FOUR, TWO)):
        around = turn + offset
        around = around - np.floor(around / _SIX) * _SIX
        ramp = np.minimum(np.maximum(np.abs(around - _THREE) - ONE, ZERO), ONE)
        out[channel] = np.maximum(bottom + chroma * ramp, ZERO)
    return out
