"""Fillers: what is known stays, every filler does what it is good at, and the self-test picks by the ground."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from studio.core.errors import JobCancelled, StudioError
from studio.cutout import measure, patchmatch
from studio.cutout.arrays import Floats, Mask
from studio.cutout.fill import Filler, fill_hole, rate_fillers
from studio.cutout.smoothing import membrane

SIZE = 120


def gradient() -> Floats:
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32) / SIZE
    return np.dstack([0.3 + 0.4 * x, 0.5 + 0.2 * y, 0.6 - 0.2 * x]).astype(np.float32)


def checks(period: int = 12) -> Floats:
    y, x = np.mgrid[:SIZE, :SIZE] // (period // 2)
    tone = np.where((x + y) % 2, 0.8, 0.25).astype(np.float32)
    return np.dstack([tone, 0.9 * tone, 0.7 * tone])


def hole() -> Mask:
    mask = np.zeros((SIZE, SIZE), bool)
    mask[45:75, 50:72] = True
    return mask


@pytest.mark.parametrize("filler", [Filler.MEMBRANE, Filler.TELEA, Filler.PATCHMATCH])
def test_known_pixels_stay_and_the_hole_is_filled_with_legal_colours(filler: Filler) -> None:
    image, mask = checks(), hole()
    spoiled = np.where(mask[..., None], np.float32(-7), image)
    result = fill_hole(spoiled, mask, ~mask, filler)
    assert np.array_equal(result.colours[~mask], image[~mask])
    assert result.colours.min() >= 0
    assert result.colours.max() <= 1
    assert result.filler is filler


def test_patchmatch_continues_a_texture() -> None:
    image, mask = checks(), hole()
    filled = fill_hole(image, mask, ~mask, Filler.PATCHMATCH).colours
    smooth = fill_hole(image, mask, ~mask, Filler.MEMBRANE).colours
    assert measure.psnr(filled, image, mask) > measure.psnr(smooth, image, mask) + 8


def test_patchmatch_repeats_itself() -> None:
    rng = np.random.default_rng(2)
    image = cv2.GaussianBlur(rng.random((SIZE, SIZE, 3)).astype(np.float32), (0, 0), 1.5)
    first = patchmatch.fill(image, hole(), ~hole(), seed=4)
    assert np.array_equal(first, patchmatch.fill(image, hole(), ~hole(), seed=4))


def test_patchmatch_copies_only_what_is_allowed() -> None:
    image = gradient()
    image[:, 85:] = (1.0, 0.0, 1.0)
    allowed = np.zeros((SIZE, SIZE), bool)
    allowed[:, :85] = True
    filled = patchmatch.fill(image, hole(), allowed & ~hole())
    assert np.abs(filled[hole()] - (1.0, 0.0, 1.0)).sum(axis=1).min() > 0.3


def test_large_holes_are_copied_from_a_small_solution(monkeypatch: pytest.MonkeyPatch) -> None:
    image, mask = checks(16), hole()
    monkeypatch.setattr(patchmatch, "COPY_LIMIT", 300)
    filled = patchmatch.fill(np.where(mask[..., None], 0, image).astype(np.float32), mask, ~mask)
    assert np.array_equal(filled[~mask], image[~mask])
    smooth = fill_hole(image, mask, ~mask, Filler.MEMBRANE).colours
    assert measure.psnr(filled, image, mask) > measure.psnr(smooth, image, mask) + 3


def test_membrane_continues_a_gradient() -> None:
    image, mask = gradient(), hole()
    filled = membrane(np.where(mask[..., None], 0, image).astype(np.float32), ~mask)
    assert np.abs(filled - image).max() < 1.5 / 255


def test_membrane_of_one_known_pixel_is_flat() -> None:
    known = np.zeros((30, 40), bool)
    known[7, 9] = True
    assert np.allclose(membrane(np.full((30, 40), 0.3, np.float32), known), 0.3, atol=1e-4)


def test_self_test_prefers_patches_on_texture_and_lists_scores() -> None:
    scores = rate_fillers(checks(), hole(), ~hole())
    assert max(scores, key=lambda name: scores[name]) == Filler.PATCHMATCH
    result = fill_hole(checks(), hole(), ~hole())
    assert result.filler is Filler.PATCHMATCH


def test_self_test_tries_every_filler_on_plain_ground() -> None:
    scores = rate_fillers(gradient(), hole(), ~hole())
    assert set(scores) == {Filler.PATCHMATCH, Filler.MEMBRANE, Filler.TELEA}


def test_no_hole_changes_nothing() -> None:
    image = checks()
    assert np.array_equal(fill_hole(image, np.zeros((SIZE, SIZE), bool), np.ones((SIZE, SIZE), bool)).colours, image)


def test_hole_over_everything_is_refused() -> None:
    everything = np.ones((SIZE, SIZE), bool)
    with pytest.raises(StudioError, match="no visible ground"):
        fill_hole(checks(), everything, ~everything)


def test_cancelling_stops_the_fill() -> None:
    def stop() -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        fill_hole(checks(), hole(), ~hole(), check_cancel=stop)
