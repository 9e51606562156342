"""Configurations of public models, for symbolic runs and for recognising what a checkpoint needs. Numbers, no weights.

They are what the models' authors publish in their config files, checked by parameter counts in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.controlnets.controlnet import ControlNetModel
from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.models.unets.unet_3d_condition import UNet3DConditionModel
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, T5Config, T5EncoderModel

from studio.diffusion.symbolic import Inputs, MemoryPlan, SymbolicRun, plan_bytes, symbolic_run

TILE_PIXELS = 512
"""Side of the tiles that autoencoders decode in."""

_CROSS, _PLAIN = "CrossAttnDownBlock2D", "DownBlock2D"
_UP_CROSS, _UP_PLAIN = "CrossAttnUpBlock2D", "UpBlock2D"
_SD15_UNET: dict[str, object] = {
    "sample_size": 64,
    "block_out_channels": (320, 640, 1280, 1280),
    "down_block_types": (_CROSS, _CROSS, _CROSS, _PLAIN),
    "up_block_types": (_UP_PLAIN, _UP_CROSS, _UP_CROSS, _UP_CROSS),
    "attention_head_dim": 8,
    "cross_attention_dim": 768,
}
_SDXL_UNET: dict[str, object] = {
    "sample_size": 128,
    "block_out_channels": (320, 640, 1280),
    "down_block_types": (_PLAIN, _CROSS, _CROSS),
    "attention_head_dim": (5, 10, 20),
    "cross_attention_dim": 2048,
    "transformer_layers_per_block": (1, 2, 10),
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
_SD_VAE: dict[str, object] = {
    "block_out_channels": (128, 256, 512, 512),
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "layers_per_block": 2,
    "latent_channels": 4,
}
_CLIP_L: dict[str, object] = {
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "projection_dim": 768,
}
_CLIP_BIG_G: dict[str, object] = {
    "hidden_size": 1280,
    "intermediate_size": 5120,
    "num_hidden_layers": 32,
    "num_attention_heads": 20,
    "projection_dim": 1280,
    "hidden_act": "gelu",
}
_T5_XXL: dict[str, object] = {
    "vocab_size": 32128,
    "d_model": 4096,
    "d_kv": 64,
    "d_ff": 10240,
    "num_layers": 24,
    "num_heads": 64,
    "feed_forward_proj": "gated-gelu",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a public engine: how it is built, and one call of it for a picture of (height, width) pixels."""

    build: Callable[[], nn.Module]
    inputs: Callable[[int, int, torch.dtype], Inputs]
    method: str = "forward"


@dataclass(frozen=True, slots=True)
class PublicModel:
    """A public engine at full size.

    Args:
        repo: where its weights are published.
        size: (height, width) it was trained for.
        parts: by diffusers' names; the "vae" entry decodes.
        dtype: the type it is used in.
        stride: pixels per latent.
    """

    repo: str
    size: tuple[int, int]
    parts: Mapping[str, Part]
    dtype: torch.dtype = torch.float16
    stride: int = 8
    vae_dtype: torch.dtype = field(default=torch.float32)

    def run(self, name: str, size: tuple[int, int] | None = None) -> SymbolicRun:
        """One symbolic call of a part: a whole denoising step with guidance, one text, one decoding."""
        dtype = self.vae_dtype if name == "vae" else self.dtype
        height, width = size or self.size
        part = self.parts[name]
        return symbolic_run(part.build, part.inputs(height, width, dtype), dtype=dtype, method=part.method)

    def memory(self, size: tuple[int, int] | None = None) -> dict[MemoryPlan, int]:
        """Bytes per plan for one picture."""
        parts = {name: self.run(name, size) for name in self.parts}
        height, width = size or self.size
        tile_size = (min(TILE_PIXELS, height), min(TILE_PIXELS, width))
        tile = self.run("vae", tile_size) if "vae" in parts else None
        return plan_bytes(parts, tile)


def _unet(config: dict[str, object]) -> Callable[[], nn.Module]:
    return lambda: UNet2DConditionModel(**config)  # pyright: ignore[reportArgumentType]


def _unet_step(text_width: int, pooled_width: int = 0) -> Callable[[int, int, torch.dtype], Inputs]:
    """Two rows, negative and positive."""

    def inputs(height: int, width: int, dtype: torch.dtype) -> Inputs:
        def make() -> Mapping[str, object]:
            added = {"text_embeds": _empty(dtype, 2, pooled_width), "time_ids": _empty(dtype, 2, 6)}
            return {
                "sample": _empty(dtype, 2, 4, height // 8, width // 8),
                "timestep": torch.tensor(500),
                "encoder_hidden_states": _empty(dtype, 2, 77, text_width),
                "added_cond_kwargs": added if pooled_width else None,
            }

        return make

    return inputs


def _controlnet_step(text_width: int, pooled_width: int) -> Callable[[int, int, torch.dtype], Inputs]:
    def inputs(height: int, width: int, dtype: torch.dtype) -> Inputs:
        step = _unet_step(text_width, pooled_width)(height, width, dtype)
        return lambda: {**step(), "controlnet_cond": _empty(dtype, 2, 3, height, width)}

    return inputs


def _decoder(channels: int, **changes: object) -> Part:
    config = _SD_VAE | {"latent_channels": channels} | changes

    def inputs(height: int, width: int, dtype: torch.dtype) -> Inputs:
        return lambda: {"z": _empty(dtype, 1, channels, height // 8, width // 8)}

    return Part(lambda: AutoencoderKL(**config), inputs, "decode")  # pyright: ignore[reportArgumentType]


def _clip(config: dict[str, object], *, projected: bool = False) -> Part:
    kind = CLIPTextModelWithProjection if projected else CLIPTextModel
    return Part(lambda: kind(CLIPTextConfig(**config)), _token_ids(77))  # pyright: ignore[reportArgumentType]


def _token_ids(count: int) -> Callable[[int, int, torch.dtype], Inputs]:
    return lambda height, width, dtype: lambda: {"input_ids": torch.ones(2, count, dtype=torch.long)}


def _flux_step(height: int, width: int, dtype: torch.dtype) -> Inputs:
    tokens = (height // 16) * (width // 16)
    return lambda: {
        "hidden_states": _empty(dtype, 1, tokens, 64),
        "encoder_hidden_states": _empty(dtype, 1, 512, 4096),
        "pooled_projections": _empty(dtype, 1, 768),
        "timestep": _empty(dtype, 1),
        "guidance": torch.empty(1),
        "img_ids": _empty(dtype, tokens, 3),
        "txt_ids": _empty(dtype, 512, 3),
    }


def _wan_step(frames: int) -> Callable[[int, int, torch.dtype], Inputs]:
    def inputs(height: int, width: int, dtype: torch.dtype) -> Inputs:
        return lambda: {
            "hidden_states": _empty(dtype, 1, 16, (frames - 1) // 4 + 1, height // 8, width // 8),
            "timestep": torch.full((1,), 500),
            "encoder_hidden_states": _empty(dtype, 1, 512, 4096),
        }

    return inputs


def _video_step(frames: int) -> Callable[[int, int, torch.dtype], Inputs]:
    def inputs(height: int, width: int, dtype: torch.dtype) -> Inputs:
        return lambda: {
            "sample": _empty(dtype, 2, 4, frames, height // 8, width // 8),
            "timestep": torch.tensor(500),
            "encoder_hidden_states": _empty(dtype, 2, 77, 1024),
        }

    return inputs


def _empty(dtype: torch.dtype, *shape: int) -> Tensor:
    return torch.empty(*shape, dtype=dtype)


def _wan_1_3b() -> nn.Module:
    return WanTransformer3DModel(num_attention_heads=12, attention_head_dim=128, num_layers=30, ffn_dim=8960)


SD15 = PublicModel(
    repo="stable-diffusion-v1-5/stable-diffusion-v1-5",
    size=(512, 512),
    parts={
        "text_encoder": _clip(_CLIP_L),
        "unet": Part(_unet(_SD15_UNET), _unet_step(768)),
        "vae": _decoder(4),
    },
)
SDXL = PublicModel(
    repo="stabilityai/stable-diffusion-xl-base-1.0",
    size=(1024, 1024),
    parts={
        "text_encoder": _clip(_CLIP_L),
        "text_encoder_2": _clip(_CLIP_BIG_G, projected=True),
        "unet": Part(_unet(_SDXL_UNET | {"up_block_types": (_UP_CROSS, _UP_CROSS, _UP_PLAIN)}), _unet_step(2048, 1280)),
        "vae": _decoder(4),
    },
)
SDXL_CONTROLNET = PublicModel(
    repo="xinsir/controlnet-scribble-sdxl-1.0",
    size=(1024, 1024),
    parts={
        "controlnet": Part(
            lambda: ControlNetModel(**{k: v for k, v in _SDXL_UNET.items() if k != "sample_size"}),  # pyright: ignore[reportArgumentType]
            _controlnet_step(2048, 1280),
        )
    },
)
FLUX_DEV = PublicModel(
    repo="black-forest-labs/FLUX.1-dev",
    size=(1024, 1024),
    dtype=torch.bfloat16,
    vae_dtype=torch.bfloat16,
    parts={
        "text_encoder": _clip(_CLIP_L),
        "text_encoder_2": Part(lambda: T5EncoderModel(T5Config(**_T5_XXL)), _token_ids(512)),  # pyright: ignore[reportArgumentType]
        "transformer": Part(lambda: FluxTransformer2DModel(guidance_embeds=True), _flux_step),
        "vae": _decoder(16, use_quant_conv=False, use_post_quant_conv=False),
    },
)
WAN_1_3B = PublicModel(
    repo="Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
    size=(480, 832),
    dtype=torch.bfloat16,
    parts={"transformer": Part(_wan_1_3b, _wan_step(81))},
)
MODELSCOPE = PublicModel(
    repo="ali-vilab/text-to-video-ms-1.7b",
    size=(256, 256),
    parts={"unet": Part(UNet3DConditionModel, _video_step(16)), "vae": _decoder(4)},
)
