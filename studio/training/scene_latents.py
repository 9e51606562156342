"""What the text-to-image model reads while it trains: latents of pictures and tokens of their captions, made once."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from numpy.typing import NDArray
from transformers import CLIPTokenizer

from studio.diffusion.latents import encode_picture
from studio.synth.dice import derived_seed
from studio.synth.placement import instance_box
from studio.synth.scene import Scene
from studio.training.crops import chooser, to_signed
from studio.training.recipe import Batch
from studio.training.scene_set import PictureFiles, caption_text, chosen_scene
from studio.training.scenes import size_of

CAPTIONS = 8
"""Captions that are kept of every scene."""
LATENT_PX = 8
"""Pixels per latent, along each side."""
_ENCODED_AT_ONCE = 20

_log = logging.getLogger(__name__)


def tokens_of(tokenizer: CLIPTokenizer, texts: list[str]) -> NDArray[np.int64]:
    """(len(texts), L) padded token ids."""
    length = tokenizer.model_max_length
    found = tokenizer(texts, padding="max_length", max_length=length, truncation=True).input_ids
    return np.array(found, np.int64)


@dataclass(frozen=True, slots=True)
class LatentFiles:
    """The files of one set, filled by `prepare` and read by `LatentBatches`.

    Args:
        pictures: what is encoded.
        vae_key, text_key: name the autoencoder and the tokenizer, so that others do not find these files.
        files: how many of them.
    """

    pictures: PictureFiles
    vae_key: str
    text_key: str
    files: int

    @property
    def count(self) -> int:
        """Number of scenes."""
        return self.files * self.pictures.per_file

    def latents(self, number: int) -> Path:
        return self.pictures.folder / f"latents-{self.vae_key}" / f"{number:04d}.npy"

    def covers(self, number: int) -> Path:
        return self.pictures.folder / "covers" / f"{number:04d}.npy"

    def text_encoder(self, seed: int, steps: int) -> Path:
        """Where an encoder that was taught these captions is kept."""
        return self.pictures.folder / f"text-encoder-{self.text_key}-{self.count}-{steps}-{seed}.safetensors"

    def captions(self) -> NDArray[np.uint16]:
        """(N, L) tokens of all captions."""
        found = np.concatenate([np.load(self.tokens(number)) for number in range(self.files)])
        return found.reshape(-1, found.shape[-1])

    def tokens(self, number: int) -> Path:
        return self.pictures.folder / f"tokens-{self.text_key}" / f"{number:04d}.npy"


def text_key(tokenizer: CLIPTokenizer) -> str:
    """Stands for a tokenizer's vocabulary."""
    numbers = tokenizer.get_vocab()
    return hashlib.blake2b("\n".join(sorted(numbers, key=numbers.__getitem__)).encode(), digest_size=6).hexdigest()


def prepare(files: LatentFiles, vae: AutoencoderKL, tokenizer: CLIPTokenizer) -> None:
    """Draw, encode and describe what is not there yet."""
    for number in range(files.files):
        _keep(files.latents(number), lambda number=number: _encode(vae, files.pictures[number]))
        _keep(files.covers(number), lambda number=number: _cover(files.pictures, number))
        _keep(files.tokens(number), lambda number=number: _describe(files.pictures, number, tokenizer))
        _log.info("prepared %d of %d scenes", (number + 1) * files.pictures.per_file, files.count)


def _encode(vae: AutoencoderKL, pictures: NDArray[np.uint8]) -> NDArray[np.float16]:
    parts = [encode_picture(vae, part) for part in to_signed(pictures).split(_ENCODED_AT_ONCE)]
    return torch.cat(parts).cpu().numpy().astype(np.float16)


def _cover(pictures: PictureFiles, number: int) -> NDArray[np.uint8]:
    """(per_file, h, w) how much of each latent the boxes of objects cover, 0..255."""
    side = size_of(pictures.config) // LATENT_PX
    return np.stack([cover(scene, side) for scene in _scenes(pictures, number)])


def cover(scene: Scene, side: int) -> NDArray[np.uint8]:
    """(side, side) how much of each cell of a square picture the boxes of objects cover, 0..255."""
    covered = np.zeros((side, side), np.float64)
    edges = np.arange(side + 1) / side
    for instance in scene.instances:
        box = instance_box(instance)
        across = np.clip(np.minimum(edges[1:], box.right) - np.maximum(edges[:-1], box.left), 0, None)
        down = np.clip(np.minimum(edges[1:], box.bottom) - np.maximum(edges[:-1], box.top), 0, None)
        covered = np.maximum(covered, np.outer(down, across) * side**2)
    return np.rint(covered * 255).astype(np.uint8)


def _scenes(pictures: PictureFiles, number: int) -> list[Scene]:
    """The scenes of a file."""
    first = number * pictures.per_file
    return [chosen_scene(pictures.split, first + index, pictures.config) for index in range(pictures.per_file)]


def _describe(pictures: PictureFiles, number: int, tokenizer: CLIPTokenizer) -> NDArray[np.uint16]:
    """(per_file, CAPTIONS, L) token ids."""
    scenes = _scenes(pictures, number)
    texts = [caption_text(scene, draw) for scene in scenes for draw in range(CAPTIONS)]
    return tokens_of(tokenizer, texts).reshape(len(scenes), CAPTIONS, -1).astype(np.uint16)


def _keep(path: Path, make: Callable[[], NDArray[np.generic]]) -> None:
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as stream:
        np.save(stream, make())
    os.replace(draft, path)


@dataclass(frozen=True, slots=True)
class LatentBatches:
    """Batches of latents with a caption each, every scene once an epoch; some captions are the empty text.

    Args:
        empty: tokens of the empty text.
        empty_share: how often it stands in for the caption, which is what guidance subtracts.
    """

    files: LatentFiles
    seed: int
    batch: int
    empty: tuple[int, ...]
    empty_share: float = 0.12

    def __call__(self, index: int) -> Batch:
        latents, tokens, covers = _loaded(self.files)
        draws = chooser(self.seed, "scene", index)
        numbers = [self._scene(index * self.batch + place) for place in range(self.batch)]
        chosen = tokens[numbers, draws.integers(CAPTIONS, size=self.batch)].astype(np.int64)
        chosen[draws.random(self.batch) < self.empty_share] = self.empty
        return {
            "latents": torch.from_numpy(latents[numbers].astype(np.float32)),
            "tokens": torch.from_numpy(chosen),
            "cover": torch.from_numpy(covers[numbers][:, None].astype(np.float32) / 255),
        }

    def token_ids(self) -> list[int]:
        """Every token that occurs in the captions."""
        return np.unique(_loaded(self.files)[1]).tolist()

    def _scene(self, position: int) -> int:
        """Which scene stands at a position of the endless row of epochs."""
        epoch, place = divmod(position, self.files.count)
        return int(_order(self.seed, epoch, self.files.count)[place])


@lru_cache(maxsize=2)
def _order(seed: int, epoch: int, count: int) -> NDArray[np.int64]:
    return np.random.default_rng(derived_seed(seed, "epoch", epoch)).permutation(count)


@lru_cache(maxsize=1)
def _loaded(files: LatentFiles) -> tuple[NDArray[np.float16], NDArray[np.uint16], NDArray[np.uint8]]:
    """(N, 4, h, w) latents, (N, CAPTIONS, L) tokens and (N, h, w) covers, in memory."""
    numbers = range(files.files)
    latents = np.concatenate([np.load(files.latents(number)) for number in numbers])
    tokens = np.concatenate([np.load(files.tokens(number)) for number in numbers])
    return latents, tokens, np.concatenate([np.load(files.covers(number)) for number in numbers])
