"""What a program reports of a PSD, in one form for all programs; None where it cannot tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.core.geometry import Rect

Samples = NDArray[np.uint8 | np.uint16]


@dataclass(frozen=True, slots=True)
class SeenMask:
    """Bounds on the canvas and (h, w) samples."""

    bounds: Rect | None = None
    samples: Samples | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLayer:
    """One layer; `parents` are the names of its groups, outermost first; `opacity` 0..1; `pixels` (h, w, 4).

    `adjustment` is the kind of an adjustment layer in small letters only.
    """

    name: str
    parents: tuple[str, ...] | None = None
    group: bool = False
    mode: str | None = None
    opacity: float | None = None
    visible: bool | None = None
    clipping: bool | None = None
    bounds: Rect | None = None
    pixels: Samples | None = None
    mask: SeenMask | None = None
    adjustment: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A file in one program's eyes: its layers in any order, the stored merged image, its own picture of the layers.

    With `alpha_is_baked` the layers' alpha comes multiplied by opacity or mask.
    """

    layers: tuple[SeenLayer, ...] = ()
    merged: Samples | None = None
    recomposed: Samples | None = None
    alpha_is_baked: bool = False
    remarks: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Reader:
    """A program: its name, what installs it, whether it is here, and how it reads. `read` gets a scratch folder."""

    name: str
    install: str
    available: Callable[[], bool]
    read: Callable[[Path, Path], Seen]


def png_samples(data: bytes) -> Samples | None:
    """(h, w, 4) samples of a PNG at its own depth; None when it cannot be read."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        return None
    depth = np.dtype(np.uint8) if image.dtype == np.uint8 else np.dtype(np.uint16)
    samples = image.astype(depth).reshape(*image.shape[:2], -1)
    gray_or_colour = samples[:, :, :1].repeat(3, axis=2) if samples.shape[2] < 3 else samples[:, :, 2::-1]
    alpha = samples[:, :, 3:4] if samples.shape[2] == 4 else np.full_like(samples[:, :, :1], np.iinfo(depth).max)
    return np.concatenate([gray_or_colour, alpha], axis=2)  # OpenCV reads blue first


def sixteen(samples: Samples) -> NDArray[np.int64]:
    """Samples of either depth on the 16-bit scale."""
    return samples.astype(np.int64) * (257 if samples.dtype == np.uint8 else 1)


def apart_255(first: Samples, second: Samples, *, colour_only: bool = False) -> float:
    """Largest difference of straight samples in 1/255; colour counts only where neither is transparent."""
    a, b = sixteen(first), sixteen(second)
    if a.shape != b.shape:
        return float("inf")
    gap = np.abs(a - b)
    if a.ndim == 3 and a.shape[2] == 4:
        gap[:, :, :3] *= ((a[:, :, 3:] > 0) & (b[:, :, 3:] > 0)).astype(np.int64)
        gap = gap[:, :, :3] if colour_only else gap
    return float(gap.max(initial=0)) / 257
