"""Video models of the real classes at a size for tests, with random weights."""

from __future__ import annotations

from diffusers.models.transformers.cogvideox_transformer_3d import CogVideoXTransformer3DModel
from diffusers.models.transformers.transformer_hunyuan_video import HunyuanVideoTransformer3DModel
from diffusers.models.transformers.transformer_ltx import LTXVideoTransformer3DModel
from diffusers.models.unets.unet_motion_model import UNetMotionModel

from tests.support.diffusion_models import WIDTH, seeded


def motion_unet(seed: int = 0) -> UNetMotionModel:
    """The class of AnimateDiff."""
    with seeded(seed):
        return UNetMotionModel(
            sample_size=8,
            block_out_channels=(32, 32),
            down_block_types=("CrossAttnDownBlockMotion", "DownBlockMotion"),
            up_block_types=("UpBlockMotion", "CrossAttnUpBlockMotion"),
            layers_per_block=1,
            cross_attention_dim=WIDTH,
            num_attention_heads=4,
            motion_num_attention_heads=4,
            norm_num_groups=8,
        ).eval()


def ltx_transformer(seed: int = 0) -> LTXVideoTransformer3DModel:
    with seeded(seed):
        return LTXVideoTransformer3DModel(
            in_channels=4,
            out_channels=4,
            num_attention_heads=2,
            attention_head_dim=16,
            cross_attention_dim=32,
            num_layers=2,
            caption_channels=WIDTH,
        ).eval()


def cogvideox_transformer(seed: int = 0) -> CogVideoXTransformer3DModel:
    """With rotary positions, as the 5-B model has, so that the number of text tokens is free."""
    with seeded(seed):
        return CogVideoXTransformer3DModel(
            num_attention_heads=2,
            attention_head_dim=16,
            in_channels=4,
            out_channels=4,
            time_embed_dim=8,
            text_embed_dim=WIDTH,
            num_layers=2,
            sample_width=4,
            sample_height=4,
            sample_frames=13,
            patch_size=2,
            max_text_seq_length=6,
            use_rotary_positional_embeddings=True,
        ).eval()


def hunyuan_transformer(seed: int = 0) -> HunyuanVideoTransformer3DModel:
    with seeded(seed):
        return HunyuanVideoTransformer3DModel(
            in_channels=4,
            out_channels=4,
            num_attention_heads=2,
            attention_head_dim=10,
            num_layers=1,
            num_single_layers=1,
            num_refiner_layers=1,
            patch_size=2,
            patch_size_t=1,
            guidance_embeds=False,
            text_embed_dim=WIDTH,
            pooled_projection_dim=8,
            rope_axes_dim=(2, 4, 4),
        ).eval()
