"""The samples of a TIFF page as straight RGBA: every photometric kind, sample format and kind of alpha that we meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from tifffile import TiffPage

from studio.core.errors import FileFormatError
from studio.core.pixels import Depth, Pixels, to_depth
from studio.io import color
from studio.io.images import pillow
from studio.io.report import Fate, Notice

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK, _CIE_LAB, _ICC_LAB, _LINEAR_RAW = 0, 1, 2, 3, 5, 8, 9, 34892
_COLOR_CHANNELS = {
    _WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _PALETTE: 1, _CMYK: 4, _CIE_LAB: 3, _ICC_LAB: 3, _LINEAR_RAW: 3,
}  # fmt: skip
_ASSOCIATED, _UNASSOCIATED = 1, 2


@dataclass(frozen=True, slots=True)
class Stored:
    """A page's samples (H, W, C) as stored, and what its tags say about them."""

    samples: NDArray[np.generic]
    photometric: int
    bits: int
    extra: tuple[int, ...]
    colormap: NDArray[np.uint16] | None

    @classmethod
    def of(cls, page: TiffPage, array: NDArray[np.generic]) -> Stored:
        """Channels last. Raises FileFormatError when the array is not one picture."""
        if page.axes.startswith("S") and array.ndim == 3 and array.shape[0] == page.samplesperpixel:
            array = np.moveaxis(array, 0, 2)
        if array.ndim == 2:
            array = array[:, :, None]
        if array.ndim != 3 or array.shape[:2] != (page.imagelength, page.imagewidth):
            raise FileFormatError("The TIFF page is not one flat picture.", detail=f"shape {array.shape}")
        extra = tuple(int(kind) for kind in page.extrasamples)
        return cls(array, int(page.photometric), page.bitspersample, extra, page.colormap)


def rgba_of(stored: Stored, icc: bytes | None) -> tuple[Pixels, bytes | None, list[Notice]]:
    """Straight RGBA, the RGB profile it is in, and what was converted. Raises FileFormatError for unknown kinds."""
    count = _COLOR_CHANNELS.get(stored.photometric)
    if count is None or stored.samples.shape[2] < count:
        raise FileFormatError(
            "Lamina cannot read this kind of TIFF.",
            "Save it again as RGB.",
            detail=f"photometric {stored.photometric}, {stored.samples.shape[2]} channels",
        )
    samples, notices = _whole_samples(stored, linear=icc is None)
    colors, alpha, more = _split(samples, count, stored.extra)
    notices += more
    rgba, icc, more = _colors_of(stored, colors, alpha, icc)
    return rgba, icc, notices + more


def _whole_samples(stored: Stored, *, linear: bool) -> tuple[Pixels, list[Notice]]:
    """Samples as uint8 or uint16. Floats are clipped to 0..1; `linear` ones are light and become sRGB."""
    samples = stored.samples
    if samples.dtype == np.bool_:
        return samples.astype(np.uint8) * np.uint8(255), []
    if samples.dtype.kind == "f":
        values = np.clip(np.nan_to_num(samples.astype(np.float32), posinf=1.0), 0, 1)
        notice = Notice(
            Fate.CONVERTED, f"{stored.bits}-bit floating samples", why="to 16 bits; over-range values clipped"
        )
        if linear and stored.photometric == _RGB:
            values[..., :3] = np.where(
                values[..., :3] <= 0.0031308, values[..., :3] * 12.92, 1.055 * values[..., :3] ** (1 / 2.4) - 0.055
            )
        return (values * 65535 + 0.5).astype(np.uint16), [notice]
    if samples.dtype.kind == "i" and stored.photometric != _CIE_LAB:
        samples = np.maximum(samples, 0).astype(np.dtype(f"u{samples.dtype.itemsize}"))
    if samples.dtype.itemsize > 2:
        wide = cast("NDArray[np.uint32 | np.uint64]", samples)
        return (wide >> (8 * samples.dtype.itemsize - 16)).astype(np.uint16), [
            Notice(Fate.CONVERTED, f"{stored.bits}-bit samples", why="to 16 bits")
        ]
    whole = cast(Pixels, samples)
    if stored.bits < 8 and stored.photometric != _PALETTE:
        return whole * np.uint8(255 // ((1 << stored.bits) - 1)), []
    return whole, []


def _split(samples: Pixels, count: int, extra: tuple[int, ...]) -> tuple[Pixels, Pixels | None, list[Notice]]:
    """Colour channels and (H, W) alpha. One extra channel that names no purpose is taken as alpha; more are dropped."""
    colors, rest = samples[..., :count], samples[..., count:]
    spare = rest.shape[2]
    if spare == 0:
        return colors, None, []
    kinds = (*extra, *(0,) * (spare - len(extra)))
    at = next((i for i, kind in enumerate(kinds) if kind in (_ASSOCIATED, _UNASSOCIATED)), 0 if spare == 1 else None)
    notices: list[Notice] = []
    if at is None or spare > 1:
        left = spare - (at is not None)
        notices.append(Notice(Fate.DROPPED, f"{left} extra channels", why="they are not the picture's transparency"))
    if at is None:
        return colors, None, notices
    alpha = np.ascontiguousarray(rest[..., at])
    if kinds[at] == _ASSOCIATED:
        return _straight(colors, alpha), alpha, notices
    if kinds[at] != _UNASSOCIATED:
        notices.append(Notice(Fate.CONVERTED, "unnamed extra channel", why="taken as transparency"))
    return colors, alpha, notices


def _straight(premultiplied: Pixels, alpha: Pixels) -> Pixels:
    """Colours divided by (H, W) alpha, rounded; 0 where alpha is 0."""
    top = Depth.of(premultiplied).top
    divisor = np.maximum(alpha, 1).astype(np.uint32)[..., None]
    colors = (premultiplied.astype(np.uint32) * np.uint32(top) + divisor // 2) // divisor
    return np.minimum(colors, top).astype(premultiplied.dtype)


def _colors_of(
    stored: Stored, colors: Pixels, alpha: Pixels | None, icc: bytes | None
) -> tuple[Pixels, bytes | None, list[Notice]]:
    kind = stored.photometric
    if kind in (_WHITE_IS_ZERO, _BLACK_IS_ZERO):
        gray = colors[..., 0]
        return pillow.gray_as_rgba(Depth.of(gray).top - gray if kind == _WHITE_IS_ZERO else gray, alpha, icc)
    if kind == _PALETTE:
        return pillow.with_alpha(_looked_up(stored, colors[..., 0]), alpha), None, []
    if kind == _CMYK:
        return _ink_as_rgb(colors, alpha, icc)
    if kind in (_CIE_LAB, _ICC_LAB):
        rgb = color.moved_colors(_lab_bytes(colors, signed=kind == _CIE_LAB), color.lab())
        return (
            pillow.with_alpha(rgb, _same_depth(alpha, rgb)),
            None,
            [Notice(Fate.CONVERTED, "Lab colours", why="to 8-bit sRGB")],
        )
    kept, notices = pillow.rgb_profile(icc)
    return pillow.with_alpha(colors, alpha), kept, notices


def _looked_up(stored: Stored, indices: Pixels) -> NDArray[np.uint8]:
    """(H, W, 3) of palette indices; the palette's 16-bit entries are brought to 8 bits."""
    if stored.colormap is None or stored.colormap.ndim != 2 or int(indices.max(initial=0)) >= stored.colormap.shape[1]:
        raise FileFormatError("The TIFF's palette is damaged.", "Export the picture again.")
    return (stored.colormap.T[indices] >> 8).astype(np.uint8)


def _ink_as_rgb(inks: Pixels, alpha: Pixels | None, icc: bytes | None) -> tuple[Pixels, bytes | None, list[Notice]]:
    """CMYK through its profile, else by the plain product of paper and ink."""
    if icc is not None:
        try:
            rgb = color.moved_colors(inks, icc)
        except FileFormatError:
            pass
        else:
            why = f"to sRGB through {color.profile_name(icc)}"
            return pillow.with_alpha(rgb, alpha), None, [Notice(Fate.CONVERTED, "CMYK colours", why=why)]
    top = Depth.of(inks).top
    paper = (top - inks).astype(np.uint32)
    rgb = ((paper[..., :3] * paper[..., 3:] + top // 2) // top).astype(inks.dtype)
    why = "to RGB without a profile, so the colours are approximate"
    return pillow.with_alpha(rgb, alpha), None, [Notice(Fate.CONVERTED, "CMYK colours", why=why)]


def _lab_bytes(samples: Pixels, *, signed: bool) -> NDArray[np.uint8]:
    """Lab with L 0..255 and signed a and b; TIFF's ICCLab offsets them by 128."""
    if samples.dtype.itemsize == 2:
        samples = (samples.view(np.uint16) >> 8).astype(np.uint8)
    lab = samples.view(np.uint8).copy()
    if not signed:
        lab[..., 1:] ^= 0x80
    return lab


def _same_depth(alpha: Pixels | None, like: Pixels) -> Pixels | None:
    return None if alpha is None else to_depth(alpha, Depth.of(like))
