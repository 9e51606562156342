"""From a file's colour mode to RGB samples at 8 or 16 bit.

Sixteen-bit CMYK goes through eight bits, because littleCMS takes no more from Pillow; every other mode keeps its depth.
Thirty-two-bit samples are linear light and become sRGB at 16 bit.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms
from psd_tools.constants import ColorMode

from studio.core.pixels import Depth, Pixels, to_depth
from studio.io.psd.profiles import rgb_profile_of_gray, srgb_profile
from studio.io.psd.samples import Plane

Rgb = NDArray[np.uint8 | np.uint16]
"""(H, W, 3) samples at the document's depth."""

_CHANNELS: Final[dict[ColorMode, int]] = {
    ColorMode.BITMAP: 1,
    ColorMode.GRAYSCALE: 1,
    ColorMode.INDEXED: 1,
    ColorMode.RGB: 3,
    ColorMode.CMYK: 4,
    ColorMode.DUOTONE: 1,
    ColorMode.LAB: 3,
}

_TITLES: Final[dict[ColorMode, str]] = {
    ColorMode.BITMAP: "1-bit bitmap",
    ColorMode.GRAYSCALE: "grayscale",
    ColorMode.INDEXED: "indexed colour",
    ColorMode.CMYK: "CMYK",
    ColorMode.MULTICHANNEL: "multichannel",
    ColorMode.DUOTONE: "duotone",
    ColorMode.LAB: "Lab",
}

# XYZ relative to D50, where both ICC and Photoshop's Lab live, to linear sRGB (Bradford adaptation included).
_XYZ_D50_TO_SRGB = np.array(
    [[3.1338561, -1.6168667, -0.4906146], [-0.9787684, 1.9161415, 0.0334540], [0.0719453, -0.2289914, 1.4052427]]
)
_D50 = np.array([0.9642, 1.0, 0.8249])
_ROWS = 256


@dataclass(frozen=True, slots=True)
class Colours:
    """How one file's colour planes become RGB.

    `icc` is the profile that the RGB samples are in, None for sRGB; `profile` the file's own. `palette` is (3, 256).
    """

    mode: ColorMode
    bits: int
    channels: int
    icc: bytes | None = None
    profile: bytes | None = None
    palette: NDArray[np.uint8] | None = None

    @classmethod
    def of(cls, mode: ColorMode, bits: int, channels: int, profile: bytes | None, palette: bytes) -> Colours:
        """From the header's fields, the embedded profile and the colour table of an indexed file."""
        if mode is ColorMode.MULTICHANNEL:
            count = min(channels, 4) if channels >= 3 else 1
        else:
            count = _CHANNELS[mode]
        keeps = mode is ColorMode.RGB and bits <= 16
        icc = profile if keeps and profile != srgb_profile() else None
        if profile is not None and mode in (ColorMode.GRAYSCALE, ColorMode.DUOTONE) and bits <= 16:
            icc = rgb_profile_of_gray(profile)
        table = None
        if mode is ColorMode.INDEXED:
            table = np.frombuffer(palette[:768].ljust(768, b"\0"), np.uint8).reshape(3, 256)
        return cls(mode, bits, min(count, channels), icc, None if keeps else profile, table)

    @property
    def depth(self) -> Depth:
        return Depth.EIGHT if self.bits <= 8 else Depth.SIXTEEN

    @property
    def conversion(self) -> str:
        """What is converted, in words; empty when nothing is."""
        title = _TITLES.get(self.mode, "")
        return " ".join(part for part in ("32-bit" if self.bits == 32 else "", title) if part)

    @property
    def paper(self) -> float:
        """The sample (0..1) of a colour plane that a layer lacks: no ink, or black where light is added."""
        return 1.0 if self.mode in (ColorMode.CMYK, ColorMode.MULTICHANNEL) else 0.0

    def rgb(self, planes: Sequence[Plane]) -> Rgb:
        """(H, W, 3) at `depth` of this file's colour planes, all of one shape."""
        height, width = planes[0].shape
        out = np.empty((height, width, 3), self.depth.dtype)
        for top in range(0, height, _ROWS):
            rows = slice(top, top + _ROWS)
            out[rows] = self._convert([plane[rows] for plane in planes])
        return out

    def rgba(self, planes: Sequence[Plane], alpha: NDArray[np.uint8 | np.uint16]) -> Pixels:
        """(H, W, 4) at `depth` of the colour planes and an alpha plane of that depth."""
        if self.mode is ColorMode.RGB and self.bits <= 16 and len(planes) == 3:
            return cast(Pixels, cv2.merge([*planes, alpha]))
        out = np.empty((*alpha.shape, 4), self.depth.dtype)
        out[:, :, :3] = self.rgb(planes)
        out[:, :, 3] = alpha
        return out

    def _convert(self, planes: list[Plane]) -> Rgb:
        if self.mode is ColorMode.INDEXED and self.palette is not None:
            return np.ascontiguousarray(self.palette.T[planes[0].astype(np.intp)])
        if self.mode is ColorMode.LAB and len(planes) == 3:
            return _coded(_lab_to_linear(planes), self.depth)
        if self.mode in (ColorMode.CMYK, ColorMode.MULTICHANNEL) and len(planes) == 4:
            return self._from_cmyk(planes)
        stacked = cv2.merge(planes if len(planes) == 3 else [planes[0]] * 3)
        if stacked.dtype == np.float32:
            return _coded(stacked.astype(np.float64), self.depth)
        return cast(Rgb, stacked)

    def _from_cmyk(self, planes: list[Plane]) -> Rgb:
        """Photoshop stores ink inverted: the top value is no ink."""
        inks = [unit(plane) for plane in planes]
        if self.profile is not None and self.mode is ColorMode.CMYK:
            stored = np.stack([np.round((1.0 - ink) * 255).astype(np.uint8) for ink in inks], axis=2)
            shown = _through_profile(stored, self.profile)
            if shown is not None:
                return to_depth(shown, self.depth)
        light = np.stack(inks[:3], axis=2) * inks[3][:, :, None]
        return np.round(light * self.depth.top).astype(self.depth.dtype)


def unit(plane: Plane) -> NDArray[np.float64]:
    """Samples as 0..1."""
    top = 255.0 if plane.dtype == np.uint8 else 65535.0 if plane.dtype == np.uint16 else 1.0
    return plane.astype(np.float64) / top


def to_samples(plane: Plane, depth: Depth) -> NDArray[np.uint8 | np.uint16]:
    """A plane that is no colour (alpha, mask) at `depth`; float samples are taken as they are."""
    if plane.dtype == np.float32:
        return np.round(np.clip(np.nan_to_num(plane), 0, 1) * depth.top).astype(depth.dtype)
    return to_depth(cast("NDArray[np.uint8 | np.uint16]", plane), depth)


def _lab_to_linear(planes: Sequence[Plane]) -> NDArray[np.float64]:
    """Linear sRGB of CIE L*a*b* (D50): L is 0..100 over the whole range, a and b are offset by half of it."""
    lightness, a, b = (unit(plane) for plane in planes)
    half = 128 / 255 if planes[0].dtype == np.uint8 else 32768 / 65535
    scale = 255.0 if planes[0].dtype == np.uint8 else 65535 / 256
    fy = (lightness * 100 + 16) / 116
    f = np.stack([fy + (a - half) * scale / 500, fy, fy - (b - half) * scale / 200], axis=2)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * _D50
    return xyz @ _XYZ_D50_TO_SRGB.T


def _coded(linear: NDArray[np.float64], depth: Depth) -> Rgb:
    """Linear light to sRGB samples."""
    light = np.clip(np.nan_to_num(linear), 0.0, 1.0)
    coded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(coded * depth.top).astype(depth.dtype)


def _through_profile(inks: NDArray[np.uint8], profile: bytes) -> NDArray[np.uint8] | None:
    """CMYK ink (0 is none) to sRGB with the file's own profile; None when that is not a usable CMYK profile."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.ImageCmsProfile(ImageCms.core.createProfile("sRGB"))
        image = Image.frombytes("CMYK", (inks.shape[1], inks.shape[0]), inks.tobytes())
        shown = ImageCms.profileToProfile(
            image,
            source,
            target,
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
    return None if shown is None else np.asarray(shown)
