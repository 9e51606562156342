"""Fillers behind one signature, and the self-test that picks one for the picture at hand.

A filler gets unit colours (H, W, 3), a hole, and the pixels it may use; it returns colours, equal outside the hole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import cv2
import numpy as np

from studio.core.errors import StudioError
from studio.cutout import measure
from studio.cutout.arrays import Floats, Mask
from studio.cutout.probes import shifted_copies
from studio.cutout.smoothing import masked_mean, membrane


class Filler(StrEnum):
    """AUTO runs the self-test; the others name one method."""

    AUTO = "auto"
    MEMBRANE = "membrane"
    TELEA = "telea"
    PATCHMATCH = "patchmatch"


@dataclass(frozen=True, slots=True)
class FillResult:
    """The filled picture, who made it, and the self-test's score per filler (empty when it did not run)."""

    colours: Floats
    filler: Filler
    scores: dict[str, float]


Cancel = Callable[[], None]
TEST_AREA_PX = 40_000
PLAIN_RIM = 0.045
"""Deviation of the rim from a quadratic surface up to which ground counts as plain."""
SSIM_WEIGHT_DB = 10.0
BLUR_WEIGHT_DB = 8.0
"""Loss per factor of two in detail between fill and truth: the eye forgives a shifted leaf, not a smear."""


def fill_hole(
    colours: Floats,
    hole: Mask,
    allowed: Mask,
    filler: Filler = Filler.AUTO,
    seed: int = 0,
    check_cancel: Cancel = lambda: None,
) -> FillResult:
    """Fill the hole with the named filler, or with the one that wins the self-test.

    Args:
        colours: (H, W, 3) float32 unit picture.
        hole: (H, W) bool pixels to replace; their present values are ignored.
        allowed: (H, W) bool pixels a fill may learn from, for example not other objects.
    Raises:
        StudioError: nothing is left to learn from.
    """
    if not hole.any():
        return FillResult(colours.copy(), Filler.MEMBRANE, {})
    source = allowed & ~hole
    if not source.any():
        source = ~hole
    if not source.any():
        raise StudioError(
            "The background cannot be filled: the marked area leaves no visible ground.",
            "Mark a smaller area, so that some of the ground around the object stays visible.",
        )
    scores: dict[str, float] = {}
    if filler is Filler.AUTO:
        scores = rate_fillers(colours, hole, source, seed, check_cancel)
        filler = Filler(max(scores, key=lambda name: scores[name]))
    filled = _run(filler, np.where(hole[..., None], 0, colours).astype(np.float32), hole, source, seed, check_cancel)
    return FillResult(np.where(hole[..., None], filled, colours).astype(np.float32), filler, scores)


def _run(
    filler: Filler,
    colours: Floats,
    hole: Mask,
    source: Mask,
    seed: int,
    check_cancel: Cancel,
) -> Floats:
    from studio.cutout import patchmatch

    if filler is Filler.PATCHMATCH and patchmatch.can_fill(hole, source):
        return patchmatch.fill(colours, hole, source, seed, check_cancel)
    if filler is Filler.TELEA:
        return _telea(colours, hole)
    return _membrane_with_grain(colours, hole, source, seed)


def _telea(colours: Floats, hole: Mask, radius_px: float = 5) -> Floats:
    """OpenCV's fast marching fill, one 16-bit plane at a time (it takes more than 8 bits only in single colours)."""
    marks = hole.astype(np.uint8)
    levels = np.round(colours * 65535).astype(np.uint16)
    filled = [cv2.inpaint(levels[..., k].copy(), marks, radius_px, cv2.INPAINT_TELEA) for k in range(colours.shape[2])]
    return (np.stack(filled, axis=2) / 65535).astype(np.float32)


def _membrane_with_grain(colours: Floats, hole: Mask, source: Mask, seed: int) -> Floats:
    """Smooth continuation plus noise as strong as around the hole, so that a backdrop does not look airbrushed."""
    reach = cv2.dilate(hole.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    rim = reach & source
    known = source if rim.any() else ~hole
    # Noise on the rim would be dragged into streaks: continue its local mean instead.
    calm = np.where(known[..., None], masked_mean(colours, known, 1.5), 0).astype(np.float32)
    filled = membrane(calm, known)
    grain = _grain_strength(colours, known & (cv2.dilate(reach.astype(np.uint8), np.ones((31, 31), np.uint8)) > 0))
    noise = np.random.default_rng(seed).standard_normal((*hole.shape, 1)).astype(np.float32)
    return np.clip(filled + noise * grain * hole[..., None], 0, 1)


def _grain_strength(colours: Floats, known: Mask) -> Floats:
    """(3,) deviation of the fine detail where the surroundings are calmest: noise, not texture."""
    detail = colours - cv2.GaussianBlur(colours, (0, 0), 1.5)
    energy = cv2.blur(detail**2, (9, 9))[cv2.erode(known.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0]
    if len(energy) < 64:
        return np.zeros(3, np.float32)
    return np.sqrt(np.percentile(energy, 10, axis=0)).astype(np.float32)


def rate_fillers(
    colours: Floats,
    hole: Mask,
    source: Mask,
    seed: int = 0,
    check_cancel: Cancel = lambda: None,
) -> dict[str, float]:
    """Punch copies of the hole into known ground nearby, fill them with every filler, and score what comes out.

    Score = PSNR + 10 * SSIM - 8 * |log2 detail ratio|, in dB, mean over the copies.
    """
    scale = min(1.0, (TEST_AREA_PX / hole.size) ** 0.5)
    size = (max(16, round(hole.shape[1] * scale)), max(16, round(hole.shape[0] * scale)))
    small = cv2.resize(colours, size, interpolation=cv2.INTER_AREA)
    small_hole = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.25
    small_source = cv2.resize(source.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.99
    small_source &= ~small_hole
    copies = shifted_copies(small_hole, small_source)
    fillers = (Filler.PATCHMATCH, Filler.MEMBRANE, Filler.TELEA)
    if not copies or not _is_plain_around(small, small_hole, small_source):
        # A smooth filler can only be right where the ground continues smoothly across the hole.
        return {Filler.PATCHMATCH.value: 0.0}
    scores = {filler.value: 0.0 for filler in fillers}
    for punched in copies:
        left = small_source & ~punched
        for filler in fillers:
            check_cancel()
            filled = _run(
                filler, np.where(punched[..., None], 0, small).astype(np.float32), punched, left, seed, check_cancel
            )
            scores[filler.value] += _score(filled, small, punched) / len(copies)
    return scores


def _is_plain_around(colours: Floats, hole: Mask, source: Mask) -> bool:
    """Whether a quadratic surface through the rim of the hole explains the rim's colours."""
    rim = (cv2.dilate(hole.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0) & source
    y, x = np.nonzero(rim)
    if len(y) < 24:
        return False
    v, u = (y - y.mean()) / max(y.std(), 1), (x - x.mean()) / max(x.std(), 1)
    surface = np.stack([np.ones_like(u), u, v, u * v, u * u, v * v], axis=1)
    values = colours[rim]
    fit = np.linalg.lstsq(surface, values, rcond=None)[0]
    return float(np.sqrt(np.mean((surface @ fit - values) ** 2))) < PLAIN_RIM


def _score(filled: Floats, truth: Floats, region: Mask) -> float:
    detail = zip(_detail(filled, region), _detail(truth, region), strict=True)
    blur = float(np.mean([abs(np.log2((a + 0.5 / 255) / (b + 0.5 / 255))) for a, b in detail]))
    return (
        measure.psnr(filled, truth, region)
        + SSIM_WEIGHT_DB * measure.ssim(filled, truth, region)
        - BLUR_WEIGHT_DB * blur
    )


def _detail(image: Floats, region: Mask) -> list[float]:
    """Mean strength of three octaves of detail inside the region."""
    smooth = [image, *(cv2.GaussianBlur(image, (0, 0), sigma) for sigma in (1.0, 2.0, 4.0))]
    return [float(np.abs(fine - coarse)[region].mean()) for fine, coarse in pairwise(smooth)]
