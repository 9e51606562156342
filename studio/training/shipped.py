"""Models that others are built on, as they are shipped."""

from __future__ import annotations

from pathlib import Path

from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

from studio.diffusion.files import read_manifest
from studio.diffusion.loading import load_model
from studio.diffusion.sources import FolderSource
from studio.diffusion.weights import Placement


def shipped_vae(models_dir: Path, device: str = "cpu") -> AutoencoderKL:
    """vae4 in float32, its files checked. Raises ModelFault that says how to make it when it is not there."""
    folder, restore = models_dir / "vae4", "Make it first: lamina train vae4 --minutes 40 --publish."
    return load_model(
        AutoencoderKL, FolderSource(folder, read_manifest(folder, restore), restore), Placement(device=device)
    )
