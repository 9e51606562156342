"""Layers drawn once and kept: what the RGBA autoencoder learns from.

An item is one scene, or one poster out of three: its picture, its empty stage, and some of its layers, each alone on a
transparent canvas of the whole size, as the layered models see them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import Size
from studio.synth.design import generate_design
from studio.synth.design_render import render_design
from studio.synth.patch import RGBA8, Patch
from studio.synth.render import render
from studio.synth.splits import Split, split_scene, split_seed
from studio.training.recipe import Config
from studio.training.scenes import keep_array, size_of, world_of

LAYERS = 3
"""Layers kept of each item; opaque pictures stand before them."""
OPAQUE = 2
"""Opaque pictures of each item: the composite and the empty stage."""


@dataclass(frozen=True, slots=True)
class LayerCache:
    """Items of one split: (OPAQUE + up to LAYERS, H, W, 4) uint8, straight RGBA; drawn when first asked for."""

    root: Path
    config: Config
    split: Split = Split.TRAIN

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        path = self.root / f"layers-{self.config}-{self.split}" / f"{index // 1000:04d}" / f"{index:07d}.npy"
        return keep_array(path, lambda: draw_layers(self.split, index, self.config))


def draw_layers(split: Split, index: int, config: Config) -> NDArray[np.uint8]:
    """One item, (OPAQUE + up to LAYERS, H, W, 4) uint8, straight RGBA."""
    side = size_of(config)
    if index % 3 == 2:
        poster = render_design(generate_design(split_seed(split, index)), side)
        return _stacked(poster.composite, poster.background, poster.layers, index)
    drawn = render(split_scene(split, index, world_of(config)), side)
    alone = [layers.object for layers in drawn.layers]
    # Objects with their effects as well as without: both kinds of layer occur in what is built on this.
    return _stacked(drawn.composite, drawn.backdrop, [*drawn.merged_layers(), *alone], index)


def _stacked(
    picture: NDArray[np.uint8], stage: NDArray[np.uint8], layers: Sequence[Patch], index: int
) -> NDArray[np.uint8]:
    """The opaque pictures, then LAYERS of the layers, beginning at one that depends on the index."""
    height, width = picture.shape[:2]
    size = Size(width, height)
    count = min(LAYERS, len(layers))
    chosen = [layers[(index + step) % len(layers)] for step in range(count)]
    opaque = np.full((height, width, 1), 255, np.uint8)
    solid: list[RGBA8] = [np.concatenate([flat, opaque], axis=2) for flat in (picture, stage)]
    return np.stack([*solid, *(layer.on_canvas(size) for layer in chosen)])


def on_grey(pixels: NDArray[np.uint8]) -> NDArray[np.floating]:
    """(..., 4) straight bytes -> float32 in [-1, 1]: colours laid over mid grey (0), then alpha.

    What is transparent is grey, so no colour is hidden where nothing is seen.
    """
    values = pixels.astype(np.float32) / 127.5 - 1.0
    alpha = pixels[..., 3:].astype(np.float32) / 255.0
    values[..., :3] *= alpha
    return values
