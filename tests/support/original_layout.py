"""A tiny Stable Diffusion as one file in the layout that checkpoints are traded in, for tests of importing them."""

from __future__ import annotations

import re
from pathlib import Path

from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from safetensors.torch import save_file

_RESNET = (
    ("norm1", "in_layers.0"),
    ("conv1", "in_layers.2"),
    ("norm2", "out_layers.0"),
    ("conv2", "out_layers.3"),
    ("time_emb_proj", "emb_layers.1"),
    ("conv_shortcut", "skip_connection"),
)
_UNET = (
    ("time_embedding.linear_1", "time_embed.0"),
    ("time_embedding.linear_2", "time_embed.2"),
    ("conv_in", "input_blocks.0.0"),
    ("conv_norm_out", "out.0"),
    ("conv_out", "out.2"),
    ("mid_block.resnets.0", "middle_block.0"),
    ("mid_block.attentions.0", "middle_block.1"),
    ("mid_block.resnets.1", "middle_block.2"),
)
_VAE = (
    ("mid_block.resnets.0", "mid.block_1"),
    ("mid_block.resnets.1", "mid.block_2"),
    ("mid_block.attentions.0", "mid.attn_1"),
    ("conv_norm_out", "norm_out"),
    ("conv_shortcut", "nin_shortcut"),
    ("group_norm", "norm"),
    ("to_q", "q"),
    ("to_k", "k"),
    ("to_v", "v"),
    ("to_out.0", "proj_out"),
    ("downsamplers.0", "downsample"),
    ("upsamplers.0", "upsample"),
)


def write_single_file(pipeline: StableDiffusionPipeline, path: Path) -> None:
    """All weights of a pipeline in one safetensors file."""
    layers = 1  # resnets per block of the tiny U-Net
    tensors = {f"model.diffusion_model.{_unet_name(name, layers)}": t for name, t in pipeline.unet.state_dict().items()}
    levels = len(pipeline.vae.config["block_out_channels"])
    for name, tensor in pipeline.vae.state_dict().items():
        renamed = _vae_name(name, levels)
        as_conv = re.search(r"attn_1\.(q|k|v|proj_out)\.weight", renamed) is not None
        tensors[f"first_stage_model.{renamed}"] = tensor[..., None, None] if as_conv else tensor
    for name, tensor in pipeline.text_encoder.state_dict().items():
        tensors[f"cond_stage_model.transformer.text_model.{name.removeprefix('text_model.')}"] = tensor
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path, metadata={"format": "pt"})


def _unet_name(name: str, layers: int) -> str:
    """diffusers' name of a U-Net weight -> the original one."""
    per_block = layers + 1

    def down(match: re.Match[str]) -> str:
        block, kind, index = int(match[1]), match[2], int(match[3])
        if kind == "downsamplers":
            return f"input_blocks.{per_block * (block + 1)}.0.op"
        return f"input_blocks.{per_block * block + index + 1}.{int(kind == 'attentions')}"

    def up(match: re.Match[str]) -> str:
        block, kind, index = int(match[1]), match[2], int(match[3])
        if kind == "upsamplers":
            return f"output_blocks.{per_block * block + layers}.2.conv"
        return f"output_blocks.{per_block * block + index}.{int(kind == 'attentions')}"

    if ".resnets." in name:
        name = _replace(name, _RESNET)
    name = re.sub(r"down_blocks\.(\d+)\.(resnets|attentions|downsamplers)\.(\d+)(?:\.conv(?=\.))?", down, name)
    name = re.sub(r"up_blocks\.(\d+)\.(resnets|attentions|upsamplers)\.(\d+)(?:\.conv(?=\.))?", up, name)
    return _replace(name, _UNET)


def _vae_name(name: str, levels: int) -> str:
    """diffusers' name of an autoencoder's weight -> the original one."""
    name = _replace(name, _VAE)
    name = re.sub(r"down_blocks\.(\d+)\.resnets", r"down.\1.block", name)
    name = re.sub(r"down_blocks\.(\d+)", r"down.\1", name)
    name = re.sub(r"up_blocks\.(\d+)\.resnets", lambda match: f"up.{levels - 1 - int(match[1])}.block", name)
    return re.sub(r"up_blocks\.(\d+)", lambda match: f"up.{levels - 1 - int(match[1])}", name)


def _replace(name: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for new, old in pairs:
        name = re.sub(rf"(^|\.){re.escape(new)}(?=\.)", rf"\g<1>{old}", name)
    return name
