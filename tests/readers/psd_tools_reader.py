"""psd-tools' own object model: the library we write with, read back through other code than ours."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from psd_tools import PSDImage
from psd_tools.api.layers import AdjustmentLayer, Group, Layer

from studio.core.geometry import Rect
from tests.readers.seen import Reader, Samples, Seen, SeenLayer, SeenMask


def available() -> bool:
    return True


def read(path: Path, scratch: Path) -> Seen:
    logging.getLogger("psd_tools").setLevel(logging.ERROR)
    psd = PSDImage.open(path)
    top = 255 if psd.depth == 8 else 65535
    layers: list[SeenLayer] = []
    _walk(psd, (), top, layers)
    merged = psd.numpy()
    recomposed = psd.composite(ignore_preview=True, force=True)
    return Seen(
        tuple(layers),
        None if merged is None else _samples(merged, top),
        None if recomposed is None else np.asarray(recomposed.convert("RGBA")),
    )


def _walk(group: Iterable[Layer], parents: tuple[str, ...], top: int, into: list[SeenLayer]) -> None:
    for layer in group:
        is_group = isinstance(layer, Group)
        pixels = None if is_group or not layer.has_pixels() else layer.numpy()
        into.append(
            SeenLayer(
                name=layer.name,
                parents=parents,
                group=is_group,
                mode=layer.blend_mode.name.lower(),
                opacity=layer.opacity / 255,
                visible=layer.visible,
                clipping=layer.clipping,
                bounds=None if is_group else Rect(*layer.bbox),
                pixels=None if pixels is None else _samples(pixels, top),
                mask=_mask(layer, top),
                adjustment=layer.kind if isinstance(layer, AdjustmentLayer) else None,
            )
        )
        if isinstance(layer, Group):
            _walk(layer, (*parents, layer.name), top, into)


def _mask(layer: Layer, top: int) -> SeenMask | None:
    if not layer.has_mask() or layer.mask is None:
        return None
    samples = layer.numpy("mask")
    return SeenMask(Rect(*layer.mask.bbox), None if samples is None else _samples(samples, top)[:, :, 0])


def _samples(values: np.ndarray, top: int) -> Samples:
    samples = np.round(np.asarray(values, np.float64) * top).astype(np.uint8 if top == 255 else np.uint16)
    if samples.shape[2] == 3:
        samples = np.concatenate([samples, np.full_like(samples[:, :, :1], top)], axis=2)
    return samples


READER = Reader("psd-tools", "part of the installation", available, read)
