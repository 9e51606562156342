"""Video models of the real classes at a size for tests, with random weights."""

from __future__ import annotations

from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan
from diffusers.models.transformers.cogvideox_transformer_3d import CogVideoXTransformer3DModel
from diffusers.models.transformers.transformer_hunyuan_video import HunyuanVideoTransformer3DModel
from diffusers.models.transformers.transformer_ltx import LTXVideoTransformer3DModel
from diffusers.models.unets.unet_motion_model import UNetMotionModel
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from transformers import UMT5Config, UMT5EncoderModel

from studio.diffusion.loading import Engine
from tests.support.diffusion_models import WIDTH, seeded, stable_diffusion, t5_tokenizer, video_unet, wan_transformer


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


def modelscope(seed: int = 0) -> Engine:
    """A whole engine of ModelScope's classes."""
    image = stable_diffusion(seed)
    parts = {"unet": video_unet(seed), "vae": image.vae, "text_encoder": image.text_encoder}
    return Engine({**parts, "tokenizer": image.tokenizer, "scheduler": image.scheduler})


def wan(seed: int = 0) -> Engine:
    """A whole engine of Wan's classes."""
    with seeded(seed):
        config = UMT5Config(vocab_size=300, d_model=WIDTH, d_kv=8, d_ff=64, num_layers=1, num_heads=4)
        text_encoder = UMT5EncoderModel(config).eval()
        vae = AutoencoderKLWan(
            base_dim=8,
            z_dim=4,
            dim_mult=[1, 1, 1, 1],  # pyright: ignore[reportArgumentType]  a list, as in published configurations
            num_res_blocks=1,
            temperal_downsample=[False, True, True],
            latents_mean=[0.1, 0.0, -0.1, 0.2],
            latents_std=[1.0, 2.0, 0.5, 1.5],
        ).eval()
    return Engine(
        {
            "transformer": wan_transformer(seed),
            "vae": vae,
            "text_encoder": text_encoder,
            "tokenizer": t5_tokenizer(),
            "scheduler": FlowMatchEulerDiscreteScheduler(shift=3.0),
        }
    )
