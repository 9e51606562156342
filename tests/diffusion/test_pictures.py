"""Latents, previews and masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from studio.core.errors import ShapeError
from studio.diffusion.files import ModelFault
from studio.diffusion.latents import decode_latents, denormalise, encode_picture, normalise, stride
from studio.diffusion.masks import MaskPyramid, Resize, resized
from studio.diffusion.noise import gaussian
from studio.diffusion.previews import (
    FACTORS_FILE,
    colour_cards,
    factors_for,
    fit_factors,
    preview,
    read_factors,
    write_factors,
)
from studio.diffusion.run_state import Grid
from tests.support import diffusion_models as models

CPU = torch.device("cpu")


class TestLatents:
    def test_scaling_is_that_of_the_configuration(self) -> None:
        vae = models.autoencoder(scaling_factor=0.3611, shift_factor=0.1159)
        raw = gaussian((2, 4, 6, 8), 1)
        assert torch.allclose(normalise(vae, raw), (raw - 0.1159) * 0.3611)
        assert (denormalise(vae, normalise(vae, raw)) - raw).abs().max() <= 1e-6
        assert stride(vae) == 2

    def test_pictures_are_encoded_to_the_mean_or_to_a_seeded_sample(self) -> None:
        vae, pictures = models.autoencoder(), gaussian((2, 3, 12, 16), 1).clamp(-1, 1)
        posterior = vae.encode(pictures).latent_dist  # pyright: ignore[reportAttributeAccessIssue]
        mean = encode_picture(vae, pictures)
        assert torch.equal(mean, normalise(vae, posterior.mean))
        sample = encode_picture(vae, pictures, draw=(3, "picture"))
        assert torch.equal(sample, encode_picture(vae, pictures, draw=(3, "picture")))
        assert not torch.equal(sample, mean)

    def test_decoding_in_parts_gives_the_same_pictures(self) -> None:
        vae, latents = models.autoencoder(), gaussian((3, 4, 6, 8), 1)
        whole = decode_latents(vae, latents, at_once=3)
        assert whole.shape == (3, 3, 12, 16)
        assert (decode_latents(vae, latents) - whole).abs().max() <= 1e-5


class TestPreviews:
    @pytest.mark.parametrize("channels", [4, 16])
    def test_a_linear_relation_is_found_exactly(self, channels: int) -> None:
        latents, weights = gaussian((3, channels, 8, 12), 1), gaussian((3, channels), 2)
        pictures = torch.einsum("kc,bchw->bkhw", weights, latents) + torch.tensor([0.1, 0.2, 0.3])[:, None, None]
        factors = fit_factors(latents, pictures.repeat_interleave(4, 2).repeat_interleave(4, 3))
        assert (torch.tensor(factors.weights) - weights).abs().max() <= 1e-5
        assert factors.bias == pytest.approx((0.1, 0.2, 0.3), abs=1e-5)
        assert factors.fit == pytest.approx(1)

    def test_colours_come_out_where_they_are(self) -> None:
        pictures = torch.full((1, 3, 32, 64), -1.0)
        pictures[:, 0, :, 32:] = 1  # the right half is red
        latents = torch.nn.functional.interpolate(pictures, (4, 8), mode="area")
        latents = torch.cat([latents, gaussian((1, 1, 4, 8), 1)], 1)
        shown = preview(latents[0], fit_factors(latents.repeat(2, 1, 1, 1), pictures.repeat(2, 1, 1, 1)))
        assert shown.shape == (4, 8, 3)
        assert shown.dtype == np.uint8
        assert (shown[:, 4:] == (255, 0, 0)).all()
        assert (shown[:, :4] == 0).all()

    def test_large_latents_are_shrunk(self) -> None:
        factors = fit_factors(gaussian((1, 4, 8, 8), 1), gaussian((1, 3, 8, 8), 2))
        assert preview(gaussian((4, 100, 200), 1), factors, size=64).shape == (32, 64, 3)

    @pytest.mark.parametrize("channels", [3, 4])
    def test_an_autoencoder_without_stored_factors_is_fitted_on_the_spot(self, channels: int) -> None:
        vae = models.autoencoder(in_channels=channels, out_channels=channels)
        factors = factors_for(vae)
        assert factors.channels == 4
        assert 0 <= factors.fit <= 1
        cards = colour_cards(channels)
        assert cards.shape == (8, channels, 64, 64)
        assert cards[:, :3].amin() < -0.9 < 0.9 < cards[:, :3].amax()

    def test_factors_are_stored_beside_the_weights(self, tmp_path: Path) -> None:
        factors = fit_factors(gaussian((2, 16, 8, 8), 1), gaussian((2, 3, 8, 8), 2))
        write_factors(tmp_path, factors)
        assert read_factors(tmp_path) == factors
        assert factors_for(models.autoencoder(), tmp_path) == factors

    @pytest.mark.parametrize("text", ["", "{}", '{"weights": [[1], [1, 2], [1]], "bias": [0, 0, 0], "fit": 1}'])
    def test_unreadable_factors_are_named(self, tmp_path: Path, text: str) -> None:
        (tmp_path / FACTORS_FILE).write_text(text)
        with pytest.raises(ModelFault, match=FACTORS_FILE):
            read_factors(tmp_path)

    def test_shapes_that_do_not_fit_are_refused(self) -> None:
        with pytest.raises(ShapeError, match="belong together"):
            fit_factors(gaussian((2, 4, 8, 8), 1), gaussian((1, 3, 8, 8), 2))
        with pytest.raises(ShapeError, match="too few"):
            fit_factors(gaussian((1, 4, 2, 2), 1), gaussian((1, 3, 8, 8), 2))
        factors = fit_factors(gaussian((1, 4, 8, 8), 1), gaussian((1, 3, 8, 8), 2))
        with pytest.raises(ShapeError, match="preview of 4 channels"):
            preview(gaussian((16, 8, 8), 1), factors)


class TestMasks:
    def test_a_small_instance_survives_where_nearest_loses_it(self) -> None:
        mask = torch.zeros(1, 64, 96)
        mask[0, 5, 7] = 1
        assert resized(mask, (8, 12), Resize.NEAREST).sum() == 0
        assert resized(mask, (8, 12), Resize.TOUCHED).sum() == 1
        assert resized(mask, (8, 12), Resize.AREA).sum() == pytest.approx(1 / 64)
        assert resized(mask, (8, 12), Resize.TOUCHED)[0, 0, 0] == 1

    def test_masks_are_kept_per_grid_in_token_order(self) -> None:
        masks = torch.zeros(2, 32, 48)
        masks[1, :, 24:] = 1
        pyramid = MaskPyramid(masks, Resize.BILINEAR)
        assert pyramid.at(Grid(8, 12), CPU) is pyramid.at(Grid(8, 12), CPU)
        tokens = pyramid.tokens(Grid(8, 12), CPU)
        assert tokens.shape == (2, 96)
        assert tokens[1].view(8, 12)[0].tolist() == [0] * 6 + [1] * 6
        assert pyramid.at(Grid(32, 48), CPU).equal(masks)

    def test_full_size_masks_are_made_hard_where_touching_counts(self) -> None:
        assert resized(torch.full((1, 2, 2), 0.2), (2, 2), Resize.TOUCHED).eq(1).all()

    def test_other_shapes_are_refused(self) -> None:
        with pytest.raises(ShapeError, match="K, H, W"):
            MaskPyramid(torch.zeros(4, 4), Resize.AREA)
