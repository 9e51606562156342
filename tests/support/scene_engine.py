"""A text-to-image engine with random weights in the layout of the shipped one, small enough for tests."""

from __future__ import annotations

from pathlib import Path

from studio.diffusion.files import write_manifest
from studio.diffusion.text_to_image import TextToImage
from studio.training.choices import Config
from studio.training.recipes.scene import build_scheduler, build_unet, write_pipeline
from studio.training.recipes.vae import build_vae
from studio.training.text_model import build_text_encoder, build_tokenizer, grammar_words, write_vocabulary
from tests.support.diffusion_models import quiet_libraries, seeded


def write_scene_engine(models: Path, name: str = "scene", seed: int = 0) -> Path:
    """Write `models`/`name` with its list of files, and return it."""
    folder = models / name
    tokenizer = build_tokenizer()
    with seeded(seed), quiet_libraries():
        text_encoder = build_text_encoder(tokenizer, layers=1).eval()
        parts = {
            "unet": build_unet(Config.CPU, (16, 16, 32)).eval(),
            "vae": build_vae((8, 8, 8, 16), 3, 4).eval(),
            "text_encoder": text_encoder,
            "tokenizer": tokenizer,
            "scheduler": build_scheduler(),
        }
        write_pipeline(folder, TextToImage.of(parts), tokenizer, text_encoder)
    write_vocabulary(folder, grammar_words())
    write_manifest(folder)
    return folder


def write_vae4(models: Path, seed: int = 0) -> Path:
    """A random autoencoder where the scene recipe looks for vae4."""
    folder = models / "vae4"
    with seeded(seed), quiet_libraries():
        build_vae((8, 8, 8, 16), 3, 4).save_pretrained(folder)
    write_manifest(folder)
    return folder
