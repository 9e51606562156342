"""The network, its losses and the method around it, at their real small size with random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from plugins.topnet.bins import Bins, Shape
from plugins.topnet.losses import LOSSES, MARGIN, neighbours, sparse_hinge
from plugins.topnet.method import Stage, Wishes, fit_object, tight_crop
from plugins.topnet.network import FULL, TopNet
from studio.core.errors import ShapeError, StudioError


@pytest.fixture(scope="module")
def network() -> TopNet:
    torch.manual_seed(0)
    return TopNet().eval()


@pytest.fixture
def pair() -> tuple[torch.Tensor, torch.Tensor]:
    draws = torch.Generator().manual_seed(1)
    return torch.rand(3, 3, 64, 64, generator=draws), torch.rand(3, 4, 32, 32, generator=draws)


def picture(height: int = 90, width: int = 120) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (height, width, 3), dtype=np.uint8)


def thing(height: int = 40, width: int = 30) -> np.ndarray:
    pixels = np.random.default_rng(3).integers(1, 256, (height, width, 4), dtype=np.uint8)
    pixels[:, :, 3] = 255
    return pixels


def test_the_small_network_is_the_one_described() -> None:
    assert sum(p.numel() for p in TopNet(scales=12).parameters()) == 687_948


def test_the_full_network_on_the_meta_device() -> None:
    with torch.device("meta"):
        full = TopNet(**FULL)
        scores = full(torch.empty(2, 3, 224, 224), torch.empty(2, 4, 224, 224))
    assert scores.shape == (2, 16, 64, 64)
    assert 51e6 < sum(p.numel() for p in full.parameters()) < 53e6


def test_the_objects_encoder_begins_with_brightness_as_its_mask_channel() -> None:
    torch.manual_seed(0)
    small = TopNet(encoder="dinov2", width=24, heads=2, layers=1, background_px=28, object_px=28, decoder=(16, 16, 16))
    weight = small.get_parameter("object.vit.embeddings.patch_embeddings.projection.weight")
    assert weight.shape[1] == 4
    expected = (weight[:, :3] * torch.tensor((0.299, 0.587, 0.114))[None, :, None, None]).sum(1)
    assert torch.allclose(weight[:, 3], expected)
    assert small(torch.rand(2, 3, 28, 28), torch.rand(2, 4, 28, 28)).shape == (2, 16, 8, 8)


def test_each_pair_of_a_batch_is_scored_alone(network: TopNet, pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    background, objects = pair
    with torch.inference_mode():
        together = network(background, objects)
        alone = torch.cat([network(background[n : n + 1], objects[n : n + 1]) for n in range(3)])
    assert together.shape == (3, 16, 32, 32)
    assert torch.allclose(together, alone, atol=1e-4)


def test_one_encoded_background_answers_for_many_objects(
    network: TopNet, pair: tuple[torch.Tensor, torch.Tensor]
) -> None:
    background, objects = pair[0][:1], pair[1]
    with torch.inference_mode():
        kept = network.correlate(network.encode_background(background), objects)
        anew = network(background.expand(3, -1, -1, -1), objects)
    assert torch.allclose(kept, anew, atol=1e-4)


def test_a_background_of_another_size_is_refused(network: TopNet) -> None:
    with pytest.raises(ShapeError, match="144 tokens, not 64"):
        network(torch.rand(1, 3, 96, 96), torch.rand(1, 4, 32, 32))


def test_saved_and_loaded_it_scores_the_same(
    network: TopNet, pair: tuple[torch.Tensor, torch.Tensor], tmp_path: Path
) -> None:
    network.save_pretrained(tmp_path)
    again = TopNet.from_pretrained(tmp_path, local_files_only=True).eval()
    with torch.inference_mode():
        assert torch.equal(network(*pair), again(*pair))


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_learns_eight_pairs_by_heart(name: str) -> None:
    torch.manual_seed(0)
    small = TopNet(layers=1)
    draws = torch.Generator().manual_seed(4)
    background, objects = torch.rand(8, 3, 64, 64, generator=draws), torch.rand(8, 4, 32, 32, generator=draws)
    truth = torch.stack([torch.randint(0, n, (8,), generator=draws) for n in (16, 32, 32)], 1)
    optimizer = torch.optim.AdamW(small.parameters(), 2e-3)
    values = []
    for _ in range(60):
        loss = LOSSES[name](small(background, objects), truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        values.append(loss.item())
    best = small(background, objects).flatten(1).argmax(1)
    at = (truth[:, 0] * 32 + truth[:, 1]) * 32 + truth[:, 2]
    assert values[-1] < 0.7 * values[0]
    if name != "full_grid_bce":  # one positive among 16,384 negatives: it pushes everything down first
        assert (best == at).sum() >= 6


def test_neighbours_of_the_true_bin_do_not_count() -> None:
    near, at = neighbours(torch.zeros(2, 16, 32, 32), torch.tensor([[8, 16, 16], [0, 0, 0]]))
    assert near.sum(1).tolist() == [26, 7]
    assert at.tolist() == [(8 * 32 + 16) * 32 + 16, 0]
    assert not near.gather(1, at[:, None]).any()


def test_the_hinge_leaves_bins_alone_that_are_far_enough_below() -> None:
    scores = torch.full((1, 16, 32, 32), -3.0)
    scores[0, 8, 16, 16] = 0.0
    scores[0, 2, 2, 2] = -0.5
    scores.requires_grad_()
    hinge = sparse_hinge(scores, torch.tensor([[8, 16, 16]])) - 1e-3 * scores.square().mean()
    hinge.backward()
    assert scores.grad is not None
    pushed = scores.grad.abs() > 1e-7
    assert pushed[0, 2, 2, 2]
    assert pushed[0, 8, 16, 16]
    assert int(pushed.sum()) == 2
    assert hinge.item() == pytest.approx(0.5 * MARGIN, abs=1e-5)


class TestTheMethod:
    def test_finds_boxes_on_a_picture_of_any_shape(self, network: TopNet) -> None:
        for height, width in ((90, 120), (1, 1), (300, 40)):
            found = Stage.of(network, picture(height, width)).score(thing()).best(3)
            assert found
            for place in found:
                left, top, right, bottom = place.edges
                assert left >= -1e-6
                assert top >= -1e-6
                assert right <= width + 1e-6
                assert bottom <= height + 1e-6
                assert place.width / place.height == pytest.approx(30 / 40)

    def test_a_place_and_a_size_are_kept_as_they_are_given(self, network: TopNet) -> None:
        ranking = Stage.of(network, picture()).score(thing())
        there = ranking.best(1, Wishes(at=(60.5, 40.25)))[0]
        assert (there.x, there.y) == (60.5, 40.25)
        sized = ranking.best(4, Wishes(scale=0.2))
        assert {round(place.scale, 6) for place in sized} == {0.2}
        assert sized[0].height == pytest.approx(0.2 * 90)

    def test_masks_bound_the_search(self, network: TopNet) -> None:
        ranking = Stage.of(network, picture()).score(thing())
        left_half = np.zeros((90, 120), np.bool_)
        left_half[:, :60] = True
        for place in ranking.best(5, Wishes(inside=left_half)):
            assert place.edges[0] + 0.75 * place.width < 62
        for place in ranking.best(5, Wishes(clear=left_half)):
            assert place.edges[0] + 0.15 * place.width > 58
        assert ranking.best(5, Wishes(clear=np.ones((90, 120), np.bool_))) == []

    def test_a_transparent_object_is_refused(self) -> None:
        with pytest.raises(StudioError, match="transparent everywhere"):
            tight_crop(np.zeros((5, 5, 4), np.uint8))

    def test_the_border_and_the_size_of_the_object_say_nothing(self, network: TopNet) -> None:
        stage = Stage.of(network, picture())
        padded = np.pad(thing(), ((7, 3), (20, 1), (0, 0)))
        assert np.array_equal(stage.score(thing()).scores, stage.score(padded).scores)
        flat = np.full((40, 30, 4), 255, np.uint8)
        large = np.full((400, 300, 4), 255, np.uint8)
        assert np.allclose(fit_object(flat, 32), fit_object(large, 32), atol=1)

    def test_heat_is_0_to_1_and_nought_where_the_box_would_leave(self, network: TopNet) -> None:
        ranking = Stage.of(network, picture()).score(thing())
        heat = ranking.heat(0.5)
        assert heat.shape == (32, 32)
        assert heat.max() == 1
        assert heat.min() == 0
        assert heat[0].max() == 0


def test_a_mirrored_pair_has_mirrored_truth() -> None:
    bins = Bins()
    for j in range(bins.cells):
        x = (j + 0.5) / bins.cells
        assert bins.nearest(1 - x, 0.5, 0.3, Shape(1, 1))[2] == bins.cells - 1 - j
