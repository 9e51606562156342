"""Which kernels attend: torch's own unless there is an NVIDIA card on which xFormers works."""

from __future__ import annotations

import pytest
import torch
from diffusers.models.attention_processor import AttnProcessor2_0, XFormersAttnProcessor

from studio.diffusion.attention.backend import use_fast_attention, xformers_works
from tests.support.diffusion_models import unet


def test_on_a_processor_torch_attends() -> None:
    model = unet()
    assert not use_fast_attention(model, "cpu")
    assert {type(processor) for processor in model.attn_processors.values()} == {AttnProcessor2_0}


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card")
def test_without_a_card_xformers_is_not_even_loaded() -> None:
    assert not xformers_works()
    assert not use_fast_attention(unet(), "cuda")


@pytest.mark.gpu
def test_on_a_card_the_two_agree() -> None:
    model = unet()
    torch.nn.Module.to(model, "cuda", torch.float16)
    draws = torch.Generator("cuda").manual_seed(0)
    latents = torch.randn(2, model.config["in_channels"], 16, 16, generator=draws, device="cuda").half()
    text = torch.randn(2, 7, model.config["cross_attention_dim"], generator=draws, device="cuda").half()
    with torch.inference_mode():
        plain = model(latents, 500, text).sample
        if not use_fast_attention(model, "cuda"):
            pytest.skip("xFormers does not work here")
        fast = model(latents, 500, text).sample
    assert any(isinstance(processor, XFormersAttnProcessor) for processor in model.attn_processors.values())
    assert (plain - fast).abs().max() < 2e-2
