"""Metrics against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from studio.cutout import measure


def test_psnr_of_a_known_error() -> None:
    truth = np.zeros((10, 10, 3))
    assert measure.psnr(truth + 0.1, truth) == pytest.approx(20.0)
    assert measure.psnr(truth, truth) == measure.PERFECT_PSNR_DB


def test_psnr_looks_only_at_the_region() -> None:
    truth = np.zeros((10, 10, 3))
    image = truth.copy()
    image[0] = 1
    region = np.zeros((10, 10), bool)
    region[5:] = True
    assert measure.psnr(image, truth, region) == measure.PERFECT_PSNR_DB
    assert math.isnan(measure.psnr(image, truth, np.zeros((10, 10), bool)))


def test_matte_errors_of_a_known_difference() -> None:
    truth = np.zeros((40, 50), np.float32)
    alpha = truth.copy()
    alpha[:10, :10] = 0.5
    assert measure.sum_of_absolute_differences(alpha, truth) == pytest.approx(0.05)
    assert measure.mean_squared_error(alpha, truth) == pytest.approx(0.25 * 100 / 2000)
    assert measure.gradient_error(alpha, alpha) == 0
    assert measure.gradient_error(alpha, truth) > 0


def test_ssim_is_one_for_equal_pictures_and_falls_with_noise() -> None:
    rng = np.random.default_rng(0)
    image = rng.random((40, 40, 3)).astype(np.float32)
    assert measure.ssim(image, image) == pytest.approx(1.0)
    assert measure.ssim(np.clip(image + rng.normal(0, 0.3, image.shape), 0, 1), image) < 0.9


def test_mass_outside_counts_alpha_beyond_the_region() -> None:
    alpha = np.full((10, 10), 0.5, np.float32)
    region = np.zeros((10, 10), bool)
    region[:, :6] = True
    assert measure.mass_outside(alpha, region) == pytest.approx(0.2)
