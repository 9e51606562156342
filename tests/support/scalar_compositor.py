"""The compositor as plain scalar formulas in double precision, one pixel at a time: the oracle of the tests.

Nothing here is shared with `studio.core.blend`, `adjust` or `kernels`: formulas are written out again from their
published form, and the tree is walked by recursion instead of being flattened. Slow on purpose.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

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
from studio.core.document import Document
from studio.core.gradients import Gradient
from studio.core.layers import AdjustmentLayer, BlendMode, GroupLayer, Layer, LayerId, Mask, RasterLayer

Color = tuple[float, float, float]
Pixel = tuple[Color, float]
"""Straight colour and alpha, 0..1."""


def color_of(values: Iterable[float]) -> Color:
    red, green, blue = values
    return red, green, blue


NOTHING: Pixel = ((0.0, 0.0, 0.0), 0.0)
SPECIAL = (
    "color_burn",
    "linear_burn",
    "color_dodge",
    "linear_dodge",
    "vivid_light",
    "linear_light",
    "hard_mix",
    "difference",
)


def picture(document: Document) -> NDArray[np.float64]:
    """(h, w, 4) straight RGBA of the canvas, 0..1, not rounded."""
    size = document.size
    out = np.zeros((size.height, size.width, 4))
    samples = {layer.id: _samples(layer) for layer in document.walk()}
    for y in range(size.height):
        for x in range(size.width):
            color, alpha = siblings(document.layers, NOTHING, x, y, samples)
            out[y, x] = (*color, alpha) if alpha > 0 else (0, 0, 0, 0)
    return out


Samples = Mapping[LayerId, tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]]


def _samples(layer: Layer) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """A layer's pixels and its mask's, 0..1."""
    pixels = layer.pixels.read() / layer.pixels.depth.top if isinstance(layer, RasterLayer) else None
    mask = layer.mask.pixels.read()[:, :, 0] / layer.mask.pixels.depth.top if layer.mask is not None else None
    return pixels, mask


def siblings(layers: Sequence[Layer], below: Pixel, x: int, y: int, samples: Samples) -> Pixel:
    """The siblings drawn onto `below`."""
    stack: list[list[Layer]] = []
    for layer in layers:
        if layer.clipping and stack:
            stack[-1].append(layer)
        else:
            stack.append([layer])
    for base, *clipped in stack:
        if _shows(base):
            below = run(base, [layer for layer in clipped if _shows(layer)], below, x, y, samples)
    return below


def _shows(layer: Layer) -> bool:
    return layer.visible and layer.opacity > 0 and layer.fill > 0


def run(base: Layer, clipped: Sequence[Layer], below: Pixel, x: int, y: int, samples: Samples) -> Pixel:
    """A base with the layers clipped to it, drawn onto `below`."""
    mode = str(base.blend)
    coverage = base.opacity * mask_at(base.mask, samples[base.id][1], x, y)
    if isinstance(base, GroupLayer) and mode == "pass_through" and not clipped:
        after = siblings(base.children, below, x, y, samples)
        return between(below, after, coverage * base.fill)
    mode = "normal" if mode == "pass_through" else mode
    match base:
        case RasterLayer():
            own = at(base, samples[base.id][0], x, y)
        case GroupLayer():
            own = siblings(base.children, NOTHING, x, y, samples)
        case AdjustmentLayer():
            own = adjusted(base.adjustment, below[0]), 1.0
    color = own[0]
    if clipped:
        inner = (color, 1.0)
        for layer in clipped:
            inner = run(layer, (), inner, x, y, samples)
        color = inner[0]
    fill = base.fill
    if mode not in SPECIAL:
        coverage, fill = coverage * fill, 1.0
    if isinstance(base, AdjustmentLayer):
        return recolored(below, color, coverage, mode, fill, x, y)
    return blended(below, color, own[1] * coverage, mode, fill, x, y)


def at(layer: RasterLayer, pixels: NDArray[np.float64] | None, x: int, y: int) -> Pixel:
    column, row = x - layer.origin.x, y - layer.origin.y
    if pixels is None or not (0 <= row < pixels.shape[0] and 0 <= column < pixels.shape[1]):
        return NOTHING
    red, green, blue, alpha = (float(value) for value in pixels[row, column])
    return (red, green, blue), alpha


def mask_at(mask: Mask | None, pixels: NDArray[np.float64] | None, x: int, y: int) -> float:
    if mask is None or pixels is None or not mask.enabled:
        return 1.0
    column, row = x - mask.origin.x, y - mask.origin.y
    inside = 0 <= row < pixels.shape[0] and 0 <= column < pixels.shape[1]
    value = float(pixels[row, column]) if inside else mask.pixels.fill / mask.pixels.depth.top
    return 1 - mask.density * (1 - value)


def between(before: Pixel, after: Pixel, part: float) -> Pixel:
    """From one pixel to another, in premultiplied colours."""
    alpha = before[1] + part * (after[1] - before[1])
    mixed = [(1 - part) * b * before[1] + part * a * after[1] for b, a in zip(before[0], after[0], strict=True)]
    return ((mixed[0] / alpha, mixed[1] / alpha, mixed[2] / alpha), alpha) if alpha > 0 else NOTHING


def blended(below: Pixel, s: Color, alpha: float, mode: str, fill: float, x: int, y: int) -> Pixel:
    """The source over the backdrop: where there is backdrop the blended colour, elsewhere the source."""
    if mode == "dissolve":
        alpha = 1.0 if alpha > noise_at(x, y) else 0.0
    b, backdrop = below
    mixed = blend(mode, b, s, fill)
    bare = alpha * fill * (1 - backdrop)
    out = backdrop + bare
    if out <= 0:
        return NOTHING
    color = [((1 - alpha) * backdrop * b[i] + bare * s[i] + alpha * backdrop * mixed[i]) / out for i in range(3)]
    return (color[0], color[1], color[2]), out


def recolored(below: Pixel, s: Color, alpha: float, mode: str, fill: float, x: int, y: int) -> Pixel:
    """Only the colour of the backdrop changes."""
    if mode == "dissolve":
        alpha = 1.0 if alpha > noise_at(x, y) else 0.0
    b, backdrop = below
    mixed = blend(mode, b, s, fill)
    return (
        b[0] + alpha * (mixed[0] - b[0]),
        b[1] + alpha * (mixed[1] - b[1]),
        b[2] + alpha * (mixed[2] - b[2]),
    ), backdrop


def noise_at(x: int, y: int) -> float:
    """The dither's noise: how it is made is of no interest, so the compositor itself is asked for it."""
    from studio.core.geometry import Rect
    from studio.core.kernels.strips import dissolve_noise

    return float(dissolve_noise(Rect(x, y, x + 1, y + 1))[0, 0])


# Blend modes, one channel at a time.


def color_burn(b: float, s: float) -> float:
    if b >= 1:
        return 1.0
    return 0.0 if s <= 0 else 1 - min(1.0, (1 - b) / s)


def color_dodge(b: float, s: float) -> float:
    if b <= 0:
        return 0.0
    return 1.0 if s >= 1 else min(1.0, b / (1 - s))


def hard_light(b: float, s: float) -> float:
    return 2 * b * s if s <= 0.5 else 1 - 2 * (1 - b) * (1 - s)


def soft_light(b: float, s: float) -> float:
    if s <= 0.5:
        return 2 * b * s + b * b * (1 - 2 * s)
    return 2 * b * (1 - s) + math.sqrt(b) * (2 * s - 1)


def vivid_light(b: float, s: float) -> float:
    if s in (0, 1):
        return s
    return color_burn(b, 2 * s) if s <= 0.5 else color_dodge(b, 2 * s - 1)


def hard_mix(b: float, s: float) -> float:
    if abs(b + s - 1) < 1e-6:
        return 1.0 if b > s else 0.0
    return 1.0 if b + s > 1 else 0.0


def divide(b: float, s: float) -> float:
    if s <= 0:
        return 1.0 if b > 0 else 0.0
    return min(1.0, b / s)


CHANNEL: dict[str, Callable[[float, float], float]] = {
    "normal": lambda b, s: s,
    "dissolve": lambda b, s: s,
    "darken": min,
    "multiply": lambda b, s: b * s,
    "color_burn": color_burn,
    "linear_burn": lambda b, s: max(0.0, b + s - 1),
    "lighten": max,
    "screen": lambda b, s: 1 - (1 - b) * (1 - s),
    "color_dodge": color_dodge,
    "linear_dodge": lambda b, s: min(1.0, b + s),
    "overlay": lambda b, s: hard_light(s, b),
    "soft_light": soft_light,
    "hard_light": hard_light,
    "vivid_light": vivid_light,
    "linear_light": lambda b, s: min(1.0, max(0.0, b + 2 * s - 1)),
    "pin_light": lambda b, s: min(b, 2 * s) if s <= 0.5 else max(b, 2 * s - 1),
    "hard_mix": hard_mix,
    "difference": lambda b, s: abs(b - s),
    "exclusion": lambda b, s: b + s - 2 * b * s,
    "subtract": lambda b, s: max(0.0, b - s),
    "divide": divide,
}


# Blend modes that see all three channels (PDF 32000-1, 11.3.5.3).


def lum(c: Color) -> float:
    return 0.3 * c[0] + 0.59 * c[1] + 0.11 * c[2]


def sat(c: Color) -> float:
    return max(c) - min(c)


def set_lum(c: Color, wanted: float) -> Color:
    d = wanted - lum(c)
    moved = (c[0] + d, c[1] + d, c[2] + d)
    grey, low, high = lum(moved), min(moved), max(moved)
    if low < 0:
        moved = tuple(grey + (v - grey) * grey / (grey - low) for v in moved)
    if high > 1:
        moved = tuple(grey + (v - grey) * (1 - grey) / (high - grey) for v in moved)
    return moved[0], moved[1], moved[2]


def set_sat(c: Color, wanted: float) -> Color:
    low, spread = min(c), sat(c)
    if spread <= 0:
        return 0.0, 0.0, 0.0
    red, green, blue = ((v - low) * wanted / spread for v in c)
    return red, green, blue


COLOR: dict[str, Callable[[Color, Color], Color]] = {
    "darker_color": lambda b, s: s if lum(s) <= lum(b) + 1e-6 else b,
    "lighter_color": lambda b, s: s if lum(s) >= lum(b) - 1e-6 else b,
    "hue": lambda b, s: set_lum(set_sat(s, sat(b)), lum(b)),
    "saturation": lambda b, s: set_lum(set_sat(b, sat(s)), lum(b)),
    "color": lambda b, s: set_lum(s, lum(b)),
    "luminosity": lambda b, s: set_lum(b, lum(s)),
}
NEUTRAL = {"color_burn": 1.0, "linear_burn": 1.0, "vivid_light": 0.5, "linear_light": 0.5}


def blend(mode: str | BlendMode, b: Color, s: Color, fill: float = 1.0) -> Color:
    """B(b, s); `fill` in the eight special modes only."""
    mode = str(mode)
    if fill < 1 and mode == "hard_mix":
        red, green, blue = (min(1.0, max(0.0, (p - fill * (1 - q)) / (1 - fill))) for p, q in zip(b, s, strict=True))
        return red, green, blue
    if fill < 1 and mode in SPECIAL:
        neutral = NEUTRAL.get(mode, 0.0)
        s = (neutral + fill * (s[0] - neutral), neutral + fill * (s[1] - neutral), neutral + fill * (s[2] - neutral))
    if mode in COLOR:
        return COLOR[mode](b, s)
    one = CHANNEL[mode]
    return one(b[0], s[0]), one(b[1], s[1]), one(b[2], s[2])


# Adjustments.


def adjusted(adjustment: Adjustment, c: Color) -> Color:
    """One colour adjusted, without any table."""
    match adjustment:
        case Levels():
            bands = (adjustment.red, adjustment.green, adjustment.blue)
            return color_of(levels(levels(v, band), adjustment.rgb) for v, band in zip(c, bands, strict=True))
        case Curves():
            curves = (adjustment.red, adjustment.green, adjustment.blue)
            return color_of(curve(curve(v, points), adjustment.rgb) for v, points in zip(c, curves, strict=True))
        case HueSaturation():
            return hue_saturation(adjustment, c)
        case BrightnessContrast():
            return color_of(brightness_contrast(adjustment, v) for v in c)
        case ColorBalance():
            return color_balance(adjustment, c)
        case Exposure():
            return color_of(exposed(adjustment, v) for v in c)
        case Invert():
            return color_of(1 - v for v in c)
        case Threshold():
            white = 255 * lum(c) > adjustment.level - 0.5 + 1e-5 * 255
            return color_of([1.0 if white else 0.0] * 3)
        case Posterize():
            counts = (math.floor(255 * v * adjustment.levels / 256 + 1e-5) for v in c)
            return color_of(min(count, adjustment.levels - 1) / (adjustment.levels - 1) for count in counts)
        case GradientMap():
            return ramp_color(adjustment.gradient, 1 - lum(c) if adjustment.reverse else lum(c))


def exposed(a: Exposure, v: float) -> float:
    light = max(0.0, v**2.2 * 2**a.exposure + a.offset)
    return min(1.0, (light ** (1 / a.gamma)) ** (1 / 2.2))


def ramp_color(stops: Gradient, t: float) -> Color:
    if t < stops[0].position:
        return color_of(stops[0].color)
    for low, high in pairwise(stops):
        if low.position <= t < high.position:
            share = (t - low.position) / (high.position - low.position)
            return color_of(a + (b - a) * share for a, b in zip(low.color, high.color, strict=True))
    return color_of(stops[-1].color)


def levels(v: float, band: LevelsBand) -> float:
    t = min(1.0, max(0.0, (255 * v - band.black) / max(band.white - band.black, 1)))
    power = t ** (1 / band.gamma)
    if band.gamma > 1 and t < 1 / 8:
        end, slope = 0.125 ** (1 / band.gamma), 0.125 ** (1 / band.gamma) / (0.125 * band.gamma)
        bend = (slope - end / 0.125) / 0.125
        power = (slope - 2 * bend * 0.125) * t + bend * t * t
    return (band.out_black + power * (band.out_white - band.out_black)) / 255


@cache
def spline(points: CurvePoints) -> CubicSpline:
    return CubicSpline([p[0] / 255 for p in points], [p[1] / 255 for p in points], bc_type="natural")


def curve(v: float, points: CurvePoints) -> float:
    return min(1.0, max(0.0, float(spline(points)(min(max(v, points[0][0] / 255), points[-1][0] / 255)))))


def brightness_contrast(a: BrightnessContrast, v: float) -> float:
    x = 255 * v
    if a.legacy:
        if a.contrast < 0:
            y = (x - 127) * (1 + a.contrast / 100) + 127 + a.brightness
        else:
            y = (x + a.brightness - 127) / max(1 - a.contrast / 100, 1e-3) + 127
        return min(1.0, max(0.0, y / 255))
    x = brightened(x, a.brightness)
    return min(1.0, max(0.0, float(contrast_spline(a.contrast / 4)(x)) / 255))


@cache
def contrast_spline(quarter: float) -> CubicSpline:
    return CubicSpline([0, 63, 191, 255], [0, 63 - quarter, 191 + quarter, 255], bc_type="natural")


def brightened(x: float, brightness: int) -> float:
    """The brightness curve by bisection along its Bezier."""
    if brightness == 0:
        return x
    gain = 2 ** (abs(brightness) / 110)
    level = 255 - min(52 * (gain - 1) ** 2, 250.0)
    corners = ((136 / gain, 136.0), (241 / gain, 241.0), (level, 255.0), (255.0, 255.0))
    known, wanted = (0, 1) if brightness > 0 else (1, 0)
    if x <= corners[0][known]:
        return x * gain if brightness > 0 else x / gain

    def point(t: float, axis: int) -> float:
        weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        return sum(w * corner[axis] for w, corner in zip(weights, corners, strict=True))

    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if point(middle, known) < x else (low, middle)
    return point(low, wanted)


def color_balance(a: ColorBalance, c: Color) -> Color:
    shifted: list[float] = []
    for v, s, m, h in zip(c, a.shadows, a.midtones, a.highlights, strict=True):
        low, high = max(0.0, 1 - 2 * v) ** 2, max(0.0, 2 * v - 1) ** 2
        shifted.append(min(1.0, max(0.0, v + (low * s + (1 - low - high) * m + high * h) / 255)))
    out = (shifted[0], shifted[1], shifted[2])
    return set_lum(out, lum(c)) if a.preserve_luminosity else out


def lightened(v: float, amount: float) -> float:
    return v + amount * (1 - v) if amount > 0 else v * (1 + amount)


def saturated(s: float, amount: float) -> float:
    return min(1.0, s / max(1 - amount, 1e-3)) if amount > 0 else s * (1 + amount)


def hue_saturation(a: HueSaturation, c: Color) -> Color:
    if a.colorize:
        _, light, _ = colorsys.rgb_to_hls(*c)
        return colorsys.hls_to_rgb(a.hue / 360 % 1, lightened(light, a.lightness / 100), a.saturation / 100)
    c = color_of(lightened(v, a.lightness / 100) for v in c)
    degrees = colorsys.rgb_to_hls(*c)[0] * 360
    weights = [range_weight(degrees, part) for part in a.ranges]
    parts = list(zip(weights, a.ranges, strict=True))
    light = max(-1.0, min(1.0, sum(w * part.lightness / 100 for w, part in parts)))
    more = max(-1.0, min(1.0, sum(w * part.saturation / 100 for w, part in parts)))
    goal = max(c) if light > 0 else min(c)
    c = color_of(v + abs(light) * (goal - v) for v in c)
    _, middle, s = colorsys.rgb_to_hls(*c)
    s = saturated(saturated(s, a.saturation / 100), more)
    turn = degrees + a.hue + sum(w * part.hue for w, part in parts)
    return colorsys.hls_to_rgb(turn / 360 % 1, middle, s)


def range_weight(degrees: float, part: HueRange) -> float:
    """0..1 along a trapezoid whose corners are the four angles."""
    start = part.angles[0]
    fade_in, hold, fade_out = ((angle - start) % 360 for angle in part.angles[1:])
    x = (degrees - start) % 360
    if x > fade_out:
        return 0.0
    if x < fade_in:
        return x / fade_in
    return 1.0 if x <= hold else (fade_out - x) / (fade_out - hold)
