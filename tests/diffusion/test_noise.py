"""Noise depends on its seed and its names, and on nothing else."""

from __future__ import annotations

import pytest
import torch

from studio.diffusion.noise import gaussian, gaussian_rows, stream_seed


def test_without_names_it_is_the_stock_pipelines_noise() -> None:
    expected = torch.randn((1, 4, 8, 8), generator=torch.Generator("cpu").manual_seed(42))
    assert torch.equal(gaussian((1, 4, 8, 8), 42), expected)


def test_values_are_fixed_for_ever() -> None:
    """A document made today can be made again: these numbers must not change with a new version of anything."""
    assert stream_seed(7, "layer", 1) == 1030427113853295483
    first = gaussian((20,), 7, "layer", 1)[:3].tolist()
    assert first == pytest.approx([-0.7447468638, -0.3092748821, 0.9061108828], abs=1e-5)


def test_a_row_does_not_depend_on_its_batch() -> None:
    names = [("layer", number) for number in range(5)]
    whole = gaussian_rows((4, 6, 6), 3, names)
    assert torch.equal(whole[3:], gaussian_rows((4, 6, 6), 3, names[3:]))
    assert torch.equal(whole[2], gaussian((4, 6, 6), 3, "layer", 2))


def test_streams_differ() -> None:
    draws = [
        gaussian((64,), 3),
        gaussian((64,), 4),
        gaussian((64,), 3, "a"),
        gaussian((64,), 3, "b"),
        gaussian((64,), 3, 1),
        gaussian((64,), 3, "1"),
        gaussian((64,), 3, "a", "b"),
        gaussian((64,), 3, "ab"),
    ]
    for index, one in enumerate(draws):
        for other in draws[:index]:
            assert (one - other).abs().max() > 0.5


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_the_working_type_only_rounds(dtype: torch.dtype) -> None:
    assert torch.equal(gaussian((50,), 3, "a", dtype=dtype), gaussian((50,), 3, "a").to(dtype))


def test_torchs_own_generator_is_left_alone() -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    gaussian((100,), 9, "x")
    assert torch.equal(torch.rand(3), expected)


def test_it_is_standard_normal() -> None:
    sample = gaussian_rows((4000,), 1, list(range(10)))
    assert abs(float(sample.mean())) < 0.02
    assert abs(float(sample.std()) - 1) < 0.02
    correlation = torch.corrcoef(sample) - torch.eye(10)
    assert correlation.abs().max() < 0.08
