"""Colour profiles through LittleCMS (Pillow's ImageCms): naming them, and moving samples and documents between them.

LittleCMS is called with 8-bit samples, all that Pillow offers. 16-bit samples are moved by what their 8-bit neighbours
move, and keep their own fine steps: smooth, and within about 0.6/255 of an exact transform.
"""

from __future__ import annotations

import io
import struct
from dataclasses import replace
from functools import lru_cache
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms
from PIL._imagingcms import CmsProfile

from studio.core.document import Document
from studio.core.errors import FileFormatError
from studio.core.layers import GroupLayer, Layer, Layers, RasterLayer
from studio.core.pixels import Depth, PixelBuffer, Pixels, to_depth

_STRIP_ROWS = 512
_DATE = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)  # in place of the day on which LittleCMS made a profile
_MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab ": "LAB"}


@lru_cache(maxsize=1)
def srgb() -> bytes:
    """An sRGB profile, the same bytes on every day."""
    return _made("sRGB")


@lru_cache(maxsize=1)
def lab() -> bytes:
    """A CIE Lab profile (D50)."""
    return _made("LAB")


def profile_name(icc: bytes | None) -> str:
    """What the profile calls itself; “sRGB” for None. Raises FileFormatError for bytes that are no profile."""
    if icc is None:
        return "sRGB"
    return ImageCms.getProfileDescription(_opened(icc)).strip() or "unnamed profile"


def profile_mode(icc: bytes) -> str:
    """The Pillow mode of the samples that the profile describes: RGB, L, CMYK or LAB, else an empty string.

    Raises FileFormatError for bytes that are no profile.
    """
    _opened(icc)
    return _MODES.get(icc[16:20].decode("latin-1"), "")  # the header's “data colour space” field


def is_srgb(icc: bytes | None) -> bool:
    """Whether samples in this profile can be taken as sRGB: no profile, our own, or one that names itself so."""
    if icc is None:
        return True
    return profile_mode(icc) == "RGB" and profile_name(icc).lower().startswith("srgb")


def convert_pixels(samples: Pixels, source: bytes | None, target: bytes | None) -> Pixels:
    """Straight RGBA (H, W, 4) moved between RGB profiles (None is sRGB), relative colorimetric with black point.

    Alpha is kept, and colours under alpha 0 too. Raises FileFormatError when a profile is no RGB profile.
    """
    if source == target or (is_srgb(source) and is_srgb(target)):
        return samples
    out = samples.copy()
    colors = moved_colors(samples[..., :3], source or srgb(), target)
    seen = samples[..., 3:] > 0
    out[..., :3] = np.where(seen, colors, samples[..., :3])
    return out


def moved_colors(samples: Pixels, source: bytes, target: bytes | None = None) -> Pixels:
    """(H, W, 1, 3 or 4) gray, RGB, Lab or CMYK samples as (H, W, 3) RGB of `target` (None is sRGB), at the same depth.

    CMYK counts ink upwards; the a and b of Lab are signed bytes, as in TIFF's CIELab. Raises FileFormatError when
    LittleCMS cannot use the profiles for these samples.
    """
    mode = profile_mode(source)
    if {"L": 1, "RGB": 3, "LAB": 3, "CMYK": 4}.get(mode) != samples.shape[2]:
        raise FileFormatError("The colour profile does not fit the picture's channels.", detail=f"{mode} profile")
    transform = _transform(source, target or srgb(), mode)
    out = np.empty((*samples.shape[:2], 3), samples.dtype)
    for top in range(0, samples.shape[0], _STRIP_ROWS):
        strip = samples[top : top + _STRIP_ROWS]
        out[top : top + _STRIP_ROWS] = _applied(transform, strip, mode)
    return out


def to_srgb(document: Document) -> Document:
    """The document with its raster layers moved to sRGB and without a profile: what models see."""
    return _with_profile(document, None)


def from_srgb(document: Document, icc: bytes | None) -> Document:
    """The document's raster layers moved from its own profile (sRGB for a model's result) into `icc`."""
    return _with_profile(document, icc)


def _with_profile(document: Document, target: bytes | None) -> Document:
    source = document.icc
    if source == target:
        return document
    if is_srgb(source) and is_srgb(target):
        return replace(document, icc=target)

    def moved(buffer: PixelBuffer) -> PixelBuffer:
        return buffer.map_tiles(lambda tile: convert_pixels(tile, source, target))

    def each(layers: Layers) -> Layers:
        return tuple(one(layer) for layer in layers)

    def one(layer: Layer) -> Layer:
        if isinstance(layer, RasterLayer):
            return replace(layer, pixels=moved(layer.pixels))
        if isinstance(layer, GroupLayer):
            return replace(layer, children=each(layer.children))
        return layer

    return replace(document, layers=each(document.layers), icc=target)


def _opened(icc: bytes) -> ImageCms.ImageCmsProfile:
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(icc))
    except (OSError, ImageCms.PyCMSError) as error:
        raise FileFormatError("The colour profile is damaged.", detail=repr(error)) from error


def _made(space: Literal["sRGB", "LAB"]) -> bytes:
    profile = cast(CmsProfile, ImageCms.createProfile(space))  # pyright: ignore[reportUnknownMemberType]  # Pillow leaves its result untyped
    made = ImageCms.ImageCmsProfile(profile).tobytes()
    return made[:24] + _DATE + made[36:]


@lru_cache(maxsize=8)
def _transform(source: bytes, target: bytes, mode: str) -> ImageCms.ImageCmsTransform:
    try:
        return ImageCms.buildTransform(
            _opened(source),
            _opened(target),
            mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except ImageCms.PyCMSError as error:
        raise FileFormatError("The colour profile cannot be used.", detail=repr(error)) from error


def _applied(transform: ImageCms.ImageCmsTransform, samples: Pixels, mode: str) -> Pixels:
    """One strip through LittleCMS."""
    eight = np.ascontiguousarray(to_depth(samples, Depth.EIGHT))
    image = Image.fromarray(eight[..., 0] if mode == "L" else eight, mode=None if mode in ("L", "RGB") else mode)
    moved = cast(NDArray[np.uint8], np.asarray(ImageCms.applyTransform(image, transform)))
    if samples.dtype == np.uint8:
        return moved
    wide = moved.astype(np.int32) * 257
    if mode in ("L", "RGB"):
        wide += samples.astype(np.int32) - eight.astype(np.int32) * 257
    return np.clip(wide, 0, 65535).astype(np.uint16)
