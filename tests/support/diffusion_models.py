"""Tiny random models of the real classes, with tokenizers made from nothing, for tests of everything that runs models.

Weights are drawn from a seed; sizes are as small as the classes allow. Pictures from them mean nothing, which is
enough to compare two ways of computing the same thing.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.controlnets.controlnet import ControlNetModel
from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.models.unets.unet_3d_condition import UNet3DConditionModel
from diffusers.pipelines.controlnet.pipeline_controlnet import StableDiffusionControlNetPipeline
from diffusers.pipelines.flux.pipeline_flux import FluxPipeline
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl import StableDiffusionXLPipeline
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteScheduler
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from tokenizers.pre_tokenizers import ByteLevel
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5Tokenizer,
)

KNOWN_WORDS = (
    "a",
    "an",
    "and",
    "the",
    "of",
    "with",
    "red",
    "blue",
    "yellow",
    "green",
    "house",
    "tree",
    "car",
    "moon",
    "small",
)
WIDTH = 32
"""Width of every tiny text encoder."""


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw weights from a seed, and leave torch's own generator as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """What diffusers warns about inside itself; warnings about our own calls stay errors."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning, module="diffusers")
        warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
        yield


def clip_tokenizer(words: tuple[str, ...] = KNOWN_WORDS, pad: str = "<|endoftext|>") -> CLIPTokenizer:
    """A CLIP tokenizer of 77 tokens: `words` are one piece each, every other word is spelled in letters."""
    alphabet = sorted(ByteLevel.alphabet())
    pieces = [*alphabet, *(f"{letter}</w>" for letter in alphabet)]
    merges: list[tuple[str, str]] = []
    for word in words:
        letters = [*word[:-1], f"{word[-1]}</w>"]
        left = letters[0]
        for right in letters[1:]:
            if (left, right) not in merges:
                merges.append((left, right))
            left += right
            pieces.append(left)
    vocabulary = dict.fromkeys([*pieces, "<|startoftext|>", "<|endoftext|>"])
    vocab = {piece: index for index, piece in enumerate(vocabulary)}
    return CLIPTokenizer(vocab=vocab, merges=merges, pad_token=pad, model_max_length=77)  # pyright: ignore[reportArgumentType]


def clip_text_config(tokenizer: CLIPTokenizer, projection: int = WIDTH) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=WIDTH * 2,
        projection_dim=projection,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=77,
        bos_token_id=tokenizer.bos_token_id,  # pyright: ignore[reportArgumentType]
        eos_token_id=tokenizer.eos_token_id,  # pyright: ignore[reportArgumentType]
        pad_token_id=tokenizer.pad_token_id,  # pyright: ignore[reportArgumentType]
    )


def autoencoder(seed: int = 0, **settings: object) -> AutoencoderKL:
    """Stride 2, so that tests stay small; 4 latent channels."""
    config: dict[str, object] = {
        "block_out_channels": (16, 32),
        "down_block_types": ("DownEncoderBlock2D",) * 2,
        "up_block_types": ("UpDecoderBlock2D",) * 2,
        "latent_channels": 4,
        "norm_num_groups": 8,
        "sample_size": 32,
        "scaling_factor": 0.5,
    }
    with seeded(seed):
        return AutoencoderKL(**(config | settings)).eval()  # pyright: ignore[reportArgumentType]


def unet(seed: int = 0, cross_attention_dim: int = WIDTH, **settings: object) -> UNet2DConditionModel:
    """Two levels, attention on both, 3 heads on the finest."""
    config: dict[str, object] = {
        "sample_size": 16,
        "block_out_channels": (24, 48),
        "down_block_types": ("CrossAttnDownBlock2D",) * 2,
        "up_block_types": ("CrossAttnUpBlock2D",) * 2,
        "layers_per_block": 1,
        "attention_head_dim": 3,
        "norm_num_groups": 8,
        "cross_attention_dim": cross_attention_dim,
    }
    with seeded(seed):
        return UNet2DConditionModel(**(config | settings)).eval()  # pyright: ignore[reportArgumentType]


def ddim() -> DDIMScheduler:
    """The noise levels of Stable Diffusion, with DesignEdit's settings."""
    return DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False
    )


def stable_diffusion(seed: int = 0) -> StableDiffusionPipeline:
    tokenizer = clip_tokenizer()
    with seeded(seed), quiet_libraries():
        return StableDiffusionPipeline(
            vae=autoencoder(seed),
            text_encoder=CLIPTextModel(clip_text_config(tokenizer)).eval(),
            tokenizer=tokenizer,
            unet=unet(seed),
            scheduler=ddim(),  # pyright: ignore[reportArgumentType]
            safety_checker=None,  # pyright: ignore[reportArgumentType]
            feature_extractor=None,  # pyright: ignore[reportArgumentType]
            requires_safety_checker=False,
        )


def stable_diffusion_xl(seed: int = 0) -> StableDiffusionXLPipeline:
    """Two text encoders; the second tokenizer pads with "!", as SDXL's does. Its scheduler is Euler's, as shipped."""
    first, second = clip_tokenizer(), clip_tokenizer(pad="!")
    time_ids_width = 8
    with seeded(seed), quiet_libraries():
        return StableDiffusionXLPipeline(
            vae=autoencoder(seed),
            text_encoder=CLIPTextModel(clip_text_config(first)).eval(),
            text_encoder_2=CLIPTextModelWithProjection(clip_text_config(second)).eval(),
            tokenizer=first,
            tokenizer_2=second,
            unet=unet(
                seed,
                cross_attention_dim=2 * WIDTH,
                addition_embed_type="text_time",
                addition_time_embed_dim=time_ids_width,
                projection_class_embeddings_input_dim=WIDTH + 6 * time_ids_width,
                transformer_layers_per_block=(1, 2),
                use_linear_projection=True,
            ),
            scheduler=EulerDiscreteScheduler(  # pyright: ignore[reportArgumentType]
                beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1
            ),
            add_watermarker=False,
        )


def controlnet_for(model: UNet2DConditionModel, seed: int = 0) -> ControlNetModel:
    """With the zero convolutions filled, so that it does something. Condition pictures are 2 x the latents."""
    with seeded(seed):
        net = ControlNetModel.from_unet(model, conditioning_embedding_out_channels=(8, 16)).eval()
        for layer in (*net.controlnet_down_blocks, net.controlnet_mid_block, net.controlnet_cond_embedding.conv_out):
            torch.nn.init.normal_(layer.weight, std=0.05)  # pyright: ignore[reportArgumentType]
    return net


def stable_diffusion_controlnet(seed: int = 0) -> StableDiffusionControlNetPipeline:
    base = stable_diffusion(seed)
    with quiet_libraries():
        return StableDiffusionControlNetPipeline(
            **base.components, controlnet=controlnet_for(base.unet, seed), requires_safety_checker=False
        )


def t5_tokenizer() -> T5Tokenizer:
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
    pieces += [(f"▁{word}", -3.0) for word in KNOWN_WORDS] + [
        (letter, -5.0) for letter in "abcdefghijklmnopqrstuvwxyz,."
    ]
    return T5Tokenizer(vocab=pieces, extra_ids=0, model_max_length=32)


def flux_transformer(seed: int = 0, **settings: object) -> FluxTransformer2DModel:
    config: dict[str, object] = {
        "in_channels": 16,
        "num_layers": 1,
        "num_single_layers": 2,
        "attention_head_dim": 16,
        "num_attention_heads": 2,
        "joint_attention_dim": WIDTH,
        "pooled_projection_dim": WIDTH,
        "axes_dims_rope": (4, 6, 6),
    }
    with seeded(seed):
        return FluxTransformer2DModel(**(config | settings)).eval()  # pyright: ignore[reportArgumentType]


def flux(seed: int = 0) -> FluxPipeline:
    clip, t5 = clip_tokenizer(), t5_tokenizer()
    t5_config = T5Config(vocab_size=len(t5), d_model=WIDTH, d_kv=8, d_ff=64, num_layers=1, num_heads=4)
    with seeded(seed), quiet_libraries():
        return FluxPipeline(
            scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
            vae=autoencoder(seed, shift_factor=0.1),
            text_encoder=CLIPTextModel(clip_text_config(clip)).eval(),
            tokenizer=clip,
            text_encoder_2=T5EncoderModel(t5_config).eval(),
            tokenizer_2=t5,
            transformer=flux_transformer(seed),
        )


def video_unet(seed: int = 0) -> UNet3DConditionModel:
    """The class of ModelScope: spatial and temporal layers."""
    with seeded(seed):
        return UNet3DConditionModel(
            sample_size=8,
            block_out_channels=(32, 32),
            down_block_types=("CrossAttnDownBlock3D", "DownBlock3D"),
            up_block_types=("UpBlock3D", "CrossAttnUpBlock3D"),
            layers_per_block=1,
            cross_attention_dim=WIDTH,
            attention_head_dim=8,
            norm_num_groups=8,
        ).eval()


def wan_transformer(seed: int = 0) -> WanTransformer3DModel:
    with seeded(seed):
        return WanTransformer3DModel(
            patch_size=(1, 2, 2),
            num_attention_heads=2,
            attention_head_dim=12,
            in_channels=4,
            out_channels=4,
            text_dim=WIDTH,
            freq_dim=16,
            ffn_dim=32,
            num_layers=2,
        ).eval()
