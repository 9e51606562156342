"""FOPA's network under the names of its published weights, with random values in their place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from plugins.topnet.fopa import BINS, SIDE, FopaNet, FopaStage, load_fopa, of_state
from studio.core.errors import StudioError

PUBLISHED = {
    "bg_encoder1.0.weight": (64, 4, 7, 7),
    "bg_encoder1.1.running_var": (64,),
    "bg_encoder2.1.0.conv1.weight": (64, 64, 3, 3),
    "bg_encoder4.0.downsample.0.weight": (128, 64, 1, 1),
    "bg_encoder16.1.bn2.bias": (512,),
    "fg_encoder1.0.weight": (64, 4, 7, 7),
    "fg_encoder2.0.weight": (64,),
    "fg_encoder4.1.1.conv2.weight": (64, 64, 3, 3),
    "fg_encoder32.0.downsample.1.weight": (512,),
    "fg_trans16.weight": (64, 512, 1, 1),
    "fg_trans8.bias": (64,),
    "selfdc_16.fuse.weight": (512, 64, 3, 3),
    "selfdc_8.gernerate_kernel.0.weight": (64, 64, 1, 1),
    "upconv16.basicconv.0.weight": (256, 512, 3, 3),
    "upconv1.basicconv.1.running_mean": (64,),
    "classifier.weight": (2, 512, 1, 1),
}
"""Some of the published names, one of each kind of layer, and their shapes."""


@pytest.fixture(scope="module")
def network() -> FopaNet:
    torch.manual_seed(0)
    return FopaNet().eval()


def test_its_layers_are_named_as_published(network: FopaNet) -> None:
    state = network.state_dict()
    assert {name: tuple(state[name].shape) for name in PUBLISHED} == PUBLISHED
    prefixes = {name.split(".")[0] for name in state}
    assert prefixes == {name.split(".")[0] for name in PUBLISHED} | {"bg_encoder8", "fg_encoder8", "fg_encoder16"} | {
        "upconv8",
        "upconv4",
        "upconv2",
    }


def test_a_converted_file_is_read_as_it_is(network: FopaNet, tmp_path: Path) -> None:
    state = {f"module.{name}": value.clone() for name, value in network.state_dict().items()}
    state["module.mask_conv.weight"] = torch.zeros(64, 1, 7, 7)  # published, and never used
    save_file(state, tmp_path / "fopa.safetensors")
    read = load_fopa(tmp_path / "fopa.safetensors")
    assert all(torch.equal(value, network.state_dict()[name]) for name, value in read.state_dict().items())


def test_other_weights_are_refused_by_name(network: FopaNet, tmp_path: Path) -> None:
    state = dict(network.state_dict())
    with pytest.raises(StudioError, match=r"classifier\.weight and 0 more"):
        of_state({name: value for name, value in state.items() if name != "classifier.weight"})
    with pytest.raises(StudioError, match="not \\(64, 4, 7, 7\\)"):
        of_state({**state, "bg_encoder1.0.weight": torch.zeros(64, 3, 7, 7)})
    (tmp_path / "fopa.safetensors").write_bytes(b"no weights")
    with pytest.raises(StudioError, match="Could not read"):
        load_fopa(tmp_path / "fopa.safetensors")


def test_every_pixel_is_scored_as_a_centre(network: FopaNet) -> None:
    draws = torch.Generator().manual_seed(1)
    pictures = [torch.rand(2, channels, 64, 64, generator=draws) for channels in (3, 3, 1)]
    with torch.inference_mode():
        both = network(*pictures)
        alone = [network(*(part[row : row + 1] for part in pictures)) for row in range(2)]
    assert both.shape == (2, 2, 64, 64)
    assert torch.allclose(both, torch.cat(alone), atol=1e-4)


class Centred(FopaNet):
    """Calls the middle of the picture good for the object whose mask fills a quarter of it, and nothing else."""

    def forward(self, background: torch.Tensor, thing: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        out = torch.zeros(1, 2, SIDE, SIDE)
        out[0, 1, SIDE // 2, SIDE // 2] = 10 * (1 - abs(float(mask.mean()) - 0.25))
        return out


def test_sixteen_passes_answer_like_the_network_of_ours() -> None:
    ranking = FopaStage.of(Centred(), np.zeros((100, 200, 3), np.uint8)).score(np.full((10, 20, 4), 255, np.uint8))
    assert ranking.scores.shape == BINS.shape
    place = ranking.best(1)[0]
    assert place.scale == pytest.approx(0.5, abs=0.01)
    assert (place.x, place.y) == pytest.approx((100, 50), abs=1)
    assert (place.width, place.height) == pytest.approx((100, 50), abs=2)
    assert [BINS.scale(k) for k in (0, 8, 15)] == pytest.approx([1 / 18, 9 / 18, 16 / 18])
    assert BINS.step(BINS.scale(3.5)) == pytest.approx(3.5)
