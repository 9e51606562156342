"""Aligned captions in small random models of the real video classes: exact where they must be, local, order-proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from plugins.talc.alignment import Alignment
from plugins.talc.models import aligned
from studio.core.errors import ShapeError, StudioError
from studio.diffusion.noise import gaussian
from studio.diffusion.rows import Rows
from studio.diffusion.run_state import RunState
from tests.support import video_models
from tests.support.diffusion_models import WIDTH, unet, video_unet, wan_transformer

FRAMES, TOKENS = 6, 5
OWNERS = (0, 0, 0, 1, 1, 1)
TIME = 400


@dataclass(frozen=True)
class Kind:
    """How one class is built and called: (model, (B, 4, F, 8, 8) latents, (B, T, D) text) -> (B, C, F, h, w).

    `exact` is whether equal captions must give exactly what the stock model gives for one of them.
    """

    build: Callable[[], nn.Module]
    call: Callable[[nn.Module, Tensor, Tensor], Tensor]
    exact: bool = True


def times(latents: Tensor) -> Tensor:
    return torch.full((len(latents),), TIME)


def call_unet(model: nn.Module, latents: Tensor, text: Tensor) -> Tensor:
    return model(latents, TIME, text[:, :TOKENS], return_dict=False)[0]


def call_motion(model: nn.Module, latents: Tensor, text: Tensor) -> Tensor:
    return model(latents, TIME, text[:, :TOKENS].repeat_interleave(FRAMES, dim=0), return_dict=False)[0]


def call_wan(model: nn.Module, latents: Tensor, text: Tensor) -> Tensor:
    return model(latents, times(latents), text, return_dict=False)[0]


def call_ltx(model: nn.Module, latents: Tensor, text: Tensor) -> Tensor:
    packed = latents.permute(0, 2, 3, 4, 1).flatten(1, 3)
    seen = torch.ones(text.shape[:2])
    size = {"num_frames": FRAMES, "height": 8, "width": 8}
    made = model(packed, text, times(latents), seen, **size, return_dict=False)[0]
    return made.unflatten(1, (FRAMES, 8, 8)).permute(0, 4, 1, 2, 3)


def call_cogvideox(model: nn.Module, latents: Tensor, text: Tensor) -> Tensor:
    return model(latents.transpose(1, 2), text, times(latents), return_dict=False)[0].transpose(1, 2)


def call_hunyuan(model: nn.Module, latents: Tensor, text: Tensor) -> Tensor:
    seen, pooled = torch.ones(text.shape[:2]), torch.zeros(len(latents), 8)
    return model(latents, times(latents), text, seen, pooled, return_dict=False)[0]


KINDS = {
    "ModelScope": Kind(video_unet, call_unet),
    "AnimateDiff": Kind(video_models.motion_unet, call_motion),
    "Wan": Kind(wan_transformer, call_wan),
    "LTX": Kind(video_models.ltx_transformer, call_ltx),
    "CogVideoX": Kind(video_models.cogvideox_transformer, call_cogvideox, exact=False),
    "HunyuanVideo": Kind(video_models.hunyuan_transformer, call_hunyuan, exact=False),
}


@pytest.fixture(params=list(KINDS), scope="module")
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture(scope="module")
def model(kind: Kind) -> nn.Module:
    return kind.build()


def captions(*seeds: int, batch: int = 1) -> Tensor:
    """(batch, S L, D): one text per seed, the same for every item but for its number."""
    one = [torch.cat([gaussian((1, TOKENS, WIDTH), seed, f"{item}") for item in range(batch)]) for seed in seeds]
    return torch.cat(one, dim=1)


def latents(batch: int = 1) -> Tensor:
    return torch.cat([gaussian((1, 4, FRAMES, 8, 8), item) for item in range(batch)])


@torch.no_grad()
def made(kind: Kind, model: nn.Module, noise: Tensor, text: Tensor, alignment: Alignment | None = None) -> Tensor:
    if alignment is None:
        return kind.call(model, noise, text)
    run = RunState(Rows.plain(len(noise)))
    with aligned(model, run, alignment, text=text):
        return kind.call(model, noise, text)


TWO = Alignment(OWNERS, scenes=2, tokens=TOKENS)


def test_one_scene_is_the_stock_model_exactly(kind: Kind, model: nn.Module) -> None:
    whole = Alignment((0,) * FRAMES, scenes=1, tokens=TOKENS)
    stock = made(kind, model, latents(), captions(1))
    ours = made(kind, model, latents(), captions(1), whole)
    # A full block mask computes the same by another kernel.
    assert torch.allclose(ours, stock, atol=0 if kind.exact else 1e-5, rtol=0)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.exact])
def test_equal_captions_are_the_stock_model(name: str) -> None:
    """In joint attention a caption looks at the video of its own scene only, so nothing can be equal there."""
    kind = KINDS[name]
    model = kind.build()
    stock = made(kind, model, latents(), captions(1))
    assert torch.allclose(made(kind, model, latents(), captions(1, 1), TWO), stock, atol=1e-6, rtol=0)


def test_a_caption_changes_its_own_frames_most(kind: Kind, model: nn.Module) -> None:
    before = made(kind, model, latents(), captions(1, 2), TWO)
    change = (made(kind, model, latents(), captions(1, 3), TWO) - before).abs().mean(dim=(0, 1, 3, 4))
    assert change[3:].mean() > 3 * change[:3].mean()
    assert change[:3].mean() > 0  # the frames stay coupled


def test_every_item_has_its_own_captions(kind: Kind, model: nn.Module) -> None:
    """Frames that were folded in another order than (item, frame) would pass every check of shapes."""
    text, noise = captions(1, 2, batch=2), latents(2)
    both = made(kind, model, noise, text, TWO)
    for item in range(2):
        alone = made(kind, model, noise[item : item + 1], text[item : item + 1], TWO)
        assert torch.allclose(both[item : item + 1], alone, atol=2e-5)


def test_a_caption_for_all_frames_reaches_all(kind: Kind, model: nn.Module) -> None:
    shared = Alignment(OWNERS, scenes=2, tokens=TOKENS, shared=True)
    before = made(kind, model, latents(), captions(1, 2, 4), shared)
    change = (made(kind, model, latents(), captions(1, 2, 5), shared) - before).abs().mean(dim=(0, 1, 3, 4))
    assert change.min() > 0.2 * change.max()


def test_the_model_is_as_it_was_also_after_an_error(kind: Kind, model: nn.Module) -> None:
    text = captions(1)
    before = made(kind, model, latents(), text)
    with pytest.raises(RuntimeError, match="stop"), aligned(model, RunState(Rows.plain(1)), TWO, text=captions(1, 2)):
        raise RuntimeError("stop")
    assert torch.equal(made(kind, model, latents(), text), before)
    hooks = [module for module in model.modules() if module._forward_hooks or module._forward_pre_hooks]
    assert not hooks


def test_rows_of_one_caption_are_left_alone_where_roles_run_on_their_own() -> None:
    """Wan's negative is one caption, in a call of its own."""
    kind, model = KINDS["Wan"], wan_transformer()
    with torch.no_grad(), aligned(model, RunState(Rows.plain(1)), TWO):
        inside = kind.call(model, latents(), captions(7))
    assert torch.equal(inside, made(kind, model, latents(), captions(7)))


def test_padding_is_not_looked_at() -> None:
    """Garbage in the padding of HunyuanVideo's text changes nothing."""
    model, seen = video_models.hunyuan_transformer(), torch.ones(1, 2 * TOKENS)
    seen[:, TOKENS - 1] = 0
    results = []
    for garbage in (0.0, 9.0):
        text = captions(1, 2)
        text[:, TOKENS - 1] = garbage
        with torch.no_grad(), aligned(model, RunState(Rows.plain(1)), TWO, seen=seen):
            results.append(model(latents(), times(latents()), text, seen, torch.zeros(1, 8), return_dict=False)[0])
    assert torch.allclose(*results, atol=1e-6)


def test_regrouping_equals_a_mask() -> None:
    """LTX takes a mask of (B, tokens, T): exact, and dearer."""
    kind, model = KINDS["LTX"], video_models.ltx_transformer()
    text = captions(1, 2)
    ours = made(kind, model, latents(), text, TWO)
    owner = torch.tensor(OWNERS).repeat_interleave(64)
    scene = torch.arange(2).repeat_interleave(TOKENS)
    bias = torch.where(owner[:, None] == scene, 0.0, -1e4)[None]
    packed = latents().permute(0, 2, 3, 4, 1).flatten(1, 3)
    size = {"num_frames": FRAMES, "height": 8, "width": 8}
    with torch.no_grad():
        masked = model(packed, text, times(latents()), bias, **size, return_dict=False)[0]
    assert torch.allclose(ours, masked.unflatten(1, (FRAMES, 8, 8)).permute(0, 4, 1, 2, 3), atol=1e-5)


def test_the_block_rule() -> None:
    """Two frames of one token, captions of one token: text 0, text 1, frame 0, frame 1."""
    blocks = Alignment((0, 1), scenes=2, tokens=1).blocks(2, text_first=True)[0]
    assert blocks.int().tolist() == [[1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 1], [0, 1, 1, 1]]
    turned = Alignment((0, 1), scenes=2, tokens=1).blocks(2, text_first=False)[0]
    assert turned.int().tolist() == [[1, 1, 1, 0], [1, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1]]


def test_captions_fade_into_each_other_near_a_cut() -> None:
    fading = Alignment(OWNERS, scenes=2, tokens=1, crossfade=2)
    seen = fading.per_frame(torch.tensor([0.0, 1.0]).view(1, 2, 1))[0, :, 0, 0]
    assert torch.allclose(seen, torch.tensor([0, 0.125, 0.375, 0.625, 0.875, 1]))
    assert Alignment((0, 1, 0), scenes=2, tokens=1, crossfade=3).faded().keys() == {0, 1, 2}


def test_what_does_not_fit_is_refused() -> None:
    kind, model = KINDS["Wan"], wan_transformer()
    with pytest.raises(ShapeError, match="10 text tokens were expected, 15"):
        made(kind, model, latents(), captions(1, 2, 3), TWO)
    odd = Alignment((0, 1, 1, 1), scenes=2, tokens=TOKENS)
    with pytest.raises(ShapeError, match="do not lie in 4 frames"):
        made(kind, model, latents(), captions(1, 2), odd)
    with pytest.raises(ShapeError, match="needs the captions"), aligned(video_unet(), RunState(Rows.plain(1)), TWO):
        pass
    with pytest.raises(StudioError, match="UNet2DConditionModel"), aligned(unet(), RunState(Rows.plain(1)), TWO):
        pass
