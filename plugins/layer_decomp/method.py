"""Classical decomposition of a photo: a clean background and, per marked object, shadow, residual and object layers.

Front to back, each object I_k is taken out of the picture that the previous one left behind:

    mask -> trimap -> matte a, colours F -> shadow factor r -> relit ground I / r -> hole filled -> background B_k

then, back to front, the layers are quantised against the composite of everything below them, so that the float
composite of the whole stack rounds to the photo. Symbols: layer decomposition method text, sections 9 and 10.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.core.errors import ShapeError, StudioError
from studio.core.geometry import Point, Rect
from studio.cutout import algebra, stack
from studio.cutout.arrays import Floats, Levels, Mask
from studio.cutout.fill import Filler, fill_hole
from studio.cutout.matte import MatteMethod, estimate_alpha, estimate_foreground
from studio.cutout.regions import widen
from studio.cutout.shadow import find_shadow
from studio.cutout.smoothing import membrane
from studio.cutout.stack import LayerStack, ObjectEstimate
from studio.cutout.trimap import make_trimap

Progress = Callable[[str, float], None]
Cancel = Callable[[], None]

SMALLEST_SIDE_PX = 16
FULLEST_SHARE = 0.995
STRIP_ROWS = 256
LEAST_ALPHA = 1 / 255
HOLE_RIM = 0.0015
"""Rim around the soft object that is filled too, as a share of the diagonal: colours bleed, in JPEG above all."""
GROUND_ROOM = 0.02
"""How far ground seen through a soft edge may leave the range of the ground around it."""


class Mode(StrEnum):
    """EXACT: the stack equals the photo. CLEAN: smooth layers that move better; what is left over is stated."""

    EXACT = "exact"
    CLEAN = "clean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to decompose.

    Args:
        shadows: look for cast shadows and relight the ground under them.
    """

    mode: Mode = Mode.EXACT
    filler: Filler = Filler.AUTO
    matte: MatteMethod = MatteMethod.CLOSED_FORM
    shadows: bool = True
    seed: int = 0


@dataclass(frozen=True, slots=True)
class PlacedPixels:
    """Straight RGBA levels (h, w, 4) and the canvas position of their top left pixel."""

    pixels: Levels
    origin: Point


@dataclass(frozen=True, slots=True)
class ObjectLayers:
    """The layers of one object in stacking order from below: shadow (multiply), residual (normal), object (normal).

    Args:
        index: position of its mask in the call.
        filler: what filled the ground behind it.
    """

    index: int
    shadow: PlacedPixels | None
    residual: PlacedPixels | None
    object: PlacedPixels
    filler: Filler


@dataclass(frozen=True, slots=True)
class Decomposition:
    """Opaque background (H, W, 3), objects back to front, and what was measured.

    Metrics: recomposition_max (levels), recomposition_psnr (dB, 100 = identical); per object n (1 = first mask)
    beyond_mask_n (alpha mass of the object layer outside its mask, as a share of the mask's area), shadow_share_n and
    residual_share_n (alpha mass as a share of the picture), shadow_confidence_n (nats) and score_FILLER_n (dB) where
    the self-test ran.
    """

    background: Levels
    objects: tuple[ObjectLayers, ...]
    metrics: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Removed:
    """One object after the first pass: its crop, what the crop showed, and the quantised estimate of its layers."""

    index: int
    window: Rect
    target: Levels
    alpha: Levels
    foreground: Levels
    ratio: NDArray[np.uint16] | None
    region: Mask
    filler: Filler
    metrics: dict[str, float]


def decompose(
    image: Levels,
    masks: Sequence[Mask | NDArray[np.uint8]],
    options: Options | None = None,
    progress: Progress = lambda stage, share: None,
    check_cancel: Cancel = lambda: None,
) -> Decomposition:
    """Separate the masked objects from the picture.

    Args:
        image: (H, W, 3) uint8 or uint16, opaque.
        masks: (H, W) per object, front-most first; bool, or 0..255 with the threshold at 128.
        progress: called with a stage name and the share done, 0 to 1.
    Raises:
        ShapeError: a mask has another size than the picture, or the picture is not (H, W, 3) in 8 or 16 bit.
        StudioError: a mask is empty or covers everything, or the picture is too small.
    """
    options = options or Options()
    marked = check_input(image, masks)
    background = image.copy()
    filled = np.zeros(image.shape[:2], bool)
    removed: list[_Removed] = []
    for index in range(len(marked)):
        check_cancel()

        def report(stage: str, share: float, index: int = index) -> None:
            progress(f"Object {index + 1} of {len(marked)}: {stage}", 0.9 * (index + share) / len(marked))

        removed.append(_remove_object(background, marked, index, filled, options, report, check_cancel))
    progress("Building layers", 0.92)
    objects, composite = _build_layers(background, removed, options.mode, check_cancel)
    progress("Checking", 0.98)
    metrics = _measure(image, composite, objects, removed)
    return Decomposition(background, tuple(objects), metrics)


def check_input(image: Levels, masks: Sequence[Mask | NDArray[np.uint8]]) -> list[Mask]:
    """The masks as bool arrays, or an error that says which one is wrong and why."""
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype not in (np.uint8, np.uint16):
        raise ShapeError(
            "The picture must be RGB with 8 or 16 bits per channel.", detail=f"{image.shape} {image.dtype}"
        )
    height, width = image.shape[:2]
    if min(height, width) < SMALLEST_SIDE_PX:
        raise StudioError(
            f"The picture is too small to decompose: {width} x {height} pixels.",
            f"Use a picture of at least {SMALLEST_SIDE_PX} pixels on each side.",
        )
    if not masks:
        raise StudioError("No object is marked.", "Give at least one mask, box or point.")
    checked: list[Mask] = []
    for number, mask in enumerate(masks, start=1):
        if mask.shape != (height, width):
            raise ShapeError(
                f"Mask {number} does not fit the picture: {mask.shape[1] if mask.ndim > 1 else 0} x {mask.shape[0]} "
                f"against {width} x {height} pixels.",
                "Make the mask the same size as the picture.",
            )
        solid: Mask = mask.astype(bool) if mask.dtype == np.bool_ else mask >= 128
        share = float(solid.mean())
        if share == 0:
            raise StudioError(f"Mask {number} is empty: nothing is marked.", "Paint the object white, all else black.")
        if share > FULLEST_SHARE:
            raise StudioError(
                f"Mask {number} covers the whole picture, so no background is left.",
                "Mark only the object; check that white means object.",
            )
        checked.append(solid.copy())
    return checked


def _remove_object(
    background: Levels,
    masks: list[Mask],
    index: int,
    filled: Mask,
    options: Options,
    report: Progress,
    check_cancel: Cancel,
) -> _Removed:
    """Take object `index` out of `background`, in place, and complete the masks behind it where it hid them.

    `filled` marks what is no longer photo but fill; this object's own hole is added to it.
    """
    mask = masks[index]
    window = _window(mask)
    view = _slices(window)
    peak = algebra.peak_of(background.dtype)
    target = background[view].copy()
    picture = target.astype(np.float32) / peak
    solid = mask[view]
    diagonal = math.hypot(*mask.shape)
    behind = [other[view] for other in masks[index + 1 :]]

    report("matte", 0.0)
    alpha = estimate_alpha(picture, make_trimap(solid, diagonal, picture), solid, options.matte, check_cancel)
    report("colours", 0.25)
    foreground = np.round(estimate_foreground(picture, alpha) * peak).astype(background.dtype)
    report("shadow", 0.35)
    metrics: dict[str, float] = {}
    ratio = _shadow_ratio(picture, alpha, [*behind, filled[view]], options, index + 1, metrics)
    report("background", 0.5)
    relit = picture if ratio is None else np.clip(picture / ratio, 0, 1)
    hole = widen(alpha > 0, max(2, round(HOLE_RIM * diagonal)))
    ground, filler = _fill_ground(relit, hole, behind, options, diagonal, index + 1, metrics, check_cancel)
    soft = np.nonzero(hole & (alpha < 0.6))
    ground[soft] = _seen_through(picture[soft], alpha[soft], foreground[soft] / peak, ratio, soft, ground)
    # A fringe that the matte missed is not ground: it goes to the object, with as little alpha as explains it.
    fringe = (np.abs(ground[soft] - relit[soft]).max(axis=1) > 0.5 / peak) & (alpha[soft] == 0)
    alpha[soft] = np.where(fringe, LEAST_ALPHA, alpha[soft])
    report("background", 0.95)
    metrics[f"beyond_mask_{index + 1}"] = float(alpha[~solid].sum() / solid.sum())
    region = alpha > 0
    if ratio is not None:
        region = region | (ratio < 1).any(axis=2)
    levels = np.round(np.clip(ground, 0, 1) * peak).astype(background.dtype)
    background[view] = np.where(region[..., None], levels, target)
    filled[view] |= alpha > 0
    return _Removed(
        index,
        window,
        target,
        np.round(alpha * peak).astype(background.dtype),
        foreground,
        None if ratio is None else np.round(ratio * 65535).astype(np.uint16),
        region,
        filler,
        metrics,
    )


def _window(mask: Mask) -> Rect:
    """The part of the picture that matters for one object: its box and 1.3 times its size around it."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    height, width = mask.shape
    margin = int(max(64, 1.3 * max(rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1)))
    return Rect(
        max(0, int(columns[0]) - margin),
        max(0, int(rows[0]) - margin),
        min(width, int(columns[-1]) + 1 + margin),
        min(height, int(rows[-1]) + 1 + margin),
    )


def _slices(window: Rect) -> tuple[slice, slice]:
    return slice(window.top, window.bottom), slice(window.left, window.right)


def _shadow_ratio(
    picture: Floats,
    alpha: Floats,
    excluded: list[Mask],
    options: Options,
    number: int,
    metrics: dict[str, float],
) -> Floats | None:
    """(H, W, 3) shadow factor, already rounded to what is stored, or None."""
    if not options.shadows:
        return None
    others = widen(np.logical_or.reduce(excluded), 2)
    shadow = find_shadow(picture, widen(alpha > 0, 1), others)
    if shadow is None:
        return None
    metrics[f"shadow_confidence_{number}"] = shadow.confidence
    return (np.round(shadow.ratio * 65535) / 65535).astype(np.float32)


def _fill_ground(
    relit: Floats,
    hole: Mask,
    behind: list[Mask],
    options: Options,
    diagonal: float,
    number: int,
    metrics: dict[str, float],
    check_cancel: Cancel,
) -> tuple[Floats, Filler]:
    """The ground without the object; the masks in `behind` are completed in place where the object hid them."""
    filled = relit
    for other, hidden in zip(behind, hidden_parts(behind, hole), strict=True):
        if hidden.any():
            # An object that goes on behind this one goes on in its own texture.
            filled = fill_hole(filled, hidden, other & ~hole, Filler.PATCHMATCH, options.seed, check_cancel).colours
            other |= hidden
    objects = np.logical_or.reduce(behind) if behind else np.zeros_like(hole)
    # What is left shows ground. Other objects are neither copied nor continued: next to the hole they count as unknown.
    unknown = (hole | (widen(objects, 3) & widen(hole, 10))) if behind else hole
    # Close to the object the ground carries its reflections and what a rough mask missed: no good to copy.
    allowed = ~widen(hole, max(2, round(0.006 * diagonal))) & ~widen(objects, 3)
    result = fill_hole(relit, unknown, allowed, options.filler, options.seed, check_cancel)
    metrics.update({f"score_{name}_{number}": score for name, score in result.scores.items()})
    return np.where((hole & ~objects)[..., None], result.colours, filled), result.filler


def _seen_through(
    picture: Floats,
    alpha: Floats,
    foreground: Floats,
    ratio: Floats | None,
    soft: tuple[NDArray[np.intp], ...],
    ground: Floats,
) -> Floats:
    """(N, 3) ground at soft pixels and beside them: where it shines through, keep it, B = (I - a F) / ((1 - a) r).

    What no ground near by looks like is left-over object, where the matte is too thin, and is cut to the local range.
    """
    light = np.ones_like(picture) if ratio is None else ratio[soft]
    a = alpha[:, None]
    through = (picture - a * foreground) / np.maximum((1 - a) * light, 0.2)
    through = np.clip(through, *_local_range(ground, soft))
    weight = np.clip((0.6 - a) / 0.5, 0, 1)
    return (weight * through + (1 - weight) * ground[soft]).astype(np.float32)


def _local_range(ground: Floats, soft: tuple[NDArray[np.intp], ...]) -> tuple[Floats, Floats]:
    """(N, 3) least and largest ground within four pixels of the soft pixels, with a little room."""
    least, largest = np.empty((len(soft[0]), 3), np.float32), np.empty((len(soft[0]), 3), np.float32)
    window = np.ones((9, 9), np.uint8)
    for top in range(0, len(ground), STRIP_ROWS):
        inside = (soft[0] >= top) & (soft[0] < top + STRIP_ROWS)
        if not inside.any():
            continue
        first = max(0, top - 4)
        strip = ground[first : top + STRIP_ROWS + 4]
        at = (soft[0][inside] - first, soft[1][inside])
        least[inside] = cv2.erode(strip, window)[at] - GROUND_ROOM
        largest[inside] = cv2.dilate(strip, window)[at] + GROUND_ROOM
    return np.maximum(least, 0), np.minimum(largest, 1)


def hidden_parts(behind: Sequence[Mask], hole: Mask) -> list[Mask]:
    """Per object behind, the part of the hole where it plausibly goes on: between its visible parts, not far beyond.

    A membrane spanned over the hole between "object" and "not object" on its rim decides; the front-most claim wins.
    """
    parts: list[Mask] = []
    left = hole.copy()
    for other in behind:
        visible = other & ~hole
        if not (widen(visible, 2) & hole).any():
            parts.append(np.zeros_like(hole))
            continue
        belonging = membrane(visible.astype(np.float32), ~hole)
        part = left & (belonging > 0.5)
        left &= ~part
        parts.append(part)
    return parts


def _build_layers(
    background: Levels, removed: list[_Removed], mode: Mode, check_cancel: Cancel
) -> tuple[list[ObjectLayers], Floats]:
    """Second pass, back to front: quantise every object against the float composite of what lies below it."""
    peak = algebra.peak_of(background.dtype)
    composite = background.astype(np.float32) / peak
    objects: list[ObjectLayers] = []
    for item in reversed(removed):
        height, width = item.region.shape
        parts = [np.zeros((height, width, 4), background.dtype) for _ in range(3)]
        base = composite[_slices(item.window)]
        for top in range(0, height, STRIP_ROWS):
            check_cancel()
            strip = slice(top, top + STRIP_ROWS)
            if not item.region[strip].any():
                continue
            layers = _strip(base[strip], item, strip, mode, peak)
            for part, layer in zip(parts, (layers.shadow, layers.residual, layers.object), strict=True):
                part[strip, :, :3] = layer.colour
                part[strip, :, 3] = layer.alpha
            base[strip] = layers.composite
        shadow, residual, body = (_placed(part, item.window) for part in parts)
        if body is None:
            raise StudioError(f"Nothing is left of object {item.index + 1} after matting.", "Check its mask.")
        objects.append(ObjectLayers(item.index, shadow, residual, body, item.filler))
    return objects, composite


def _strip(base: Floats, item: _Removed, strip: slice, mode: Mode, peak: int) -> LayerStack:
    estimate = ObjectEstimate(
        item.alpha[strip].astype(np.float32) / peak,
        item.foreground[strip].astype(np.float32) / peak,
        None if item.ratio is None else item.ratio[strip].astype(np.float32) / 65535,
        item.region[strip],
    )
    if mode is Mode.CLEAN:
        return stack.clean_stack(base, estimate, item.target.dtype)
    return stack.exact_stack(base, item.target[strip], estimate)


def _placed(pixels: Levels, window: Rect) -> PlacedPixels | None:
    """Trim to the bounds of the alpha; None when there is nothing."""
    present = pixels[..., 3] > 0
    rows, columns = np.flatnonzero(present.any(1)), np.flatnonzero(present.any(0))
    if len(rows) == 0:
        return None
    top, left = int(rows[0]), int(columns[0])
    trimmed = pixels[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1].copy()
    return PlacedPixels(trimmed, Point(window.left + left, window.top + top))


def recompose(decomposition: Decomposition) -> Levels:
    """The stack as the document's compositor shows it: float32, straight alpha, rounded once."""
    background = decomposition.background
    peak = algebra.peak_of(background.dtype)
    composite = background.astype(np.float32) / peak
    for item in decomposition.objects:
        for layer, blend in (
            (item.shadow, algebra.multiply),
            (item.residual, algebra.over),
            (item.object, algebra.over),
        ):
            if layer is not None:
                height, width = layer.pixels.shape[:2]
                left, top = layer.origin.x, layer.origin.y
                view = (slice(top, top + height), slice(left, left + width))
                unit = layer.pixels.astype(np.float32) / peak
                composite[view] = blend(composite[view], unit[..., :3], unit[..., 3])
    return np.round(np.clip(composite, 0, 1) * peak).astype(background.dtype)


def _measure(
    image: Levels, composite: Floats, objects: list[ObjectLayers], removed: list[_Removed]
) -> dict[str, float]:
    peak = algebra.peak_of(image.dtype)
    largest, squared = 0.0, 0.0
    for top in range(0, image.shape[0], STRIP_ROWS):
        strip = slice(top, top + STRIP_ROWS)
        rounded = np.round(np.clip(composite[strip], 0, 1) * peak)
        difference = np.abs(rounded - image[strip].astype(np.float32))
        largest = max(largest, float(difference.max()))
        squared += float((difference.astype(np.float64) ** 2).sum())
    error = squared / image.size / peak**2
    metrics = {
        "recomposition_max": largest,
        "recomposition_psnr": 100.0 if error < 1e-10 else -10 * math.log10(error),
    }
    for item in removed:
        metrics.update(item.metrics)
    for layers in objects:
        for name, placed in (("shadow", layers.shadow), ("residual", layers.residual)):
            mass = 0.0 if placed is None else float(placed.pixels[..., 3].sum(dtype=np.float64)) / peak
            metrics[f"{name}_share_{layers.index + 1}"] = mass / (image.shape[0] * image.shape[1])
    return metrics
