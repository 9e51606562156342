"""Layer masks as a PSD stores them, and as ours."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from psd_tools.constants import ChannelID
from psd_tools.psd.layer_and_mask import MaskData, MaskFlags, MaskParameters

from studio.core.geometry import Point, Rect, Size
from studio.core.layers import Mask
from studio.core.pixels import Depth, PixelBuffer


@dataclass(frozen=True, slots=True)
class StoredMask:
    """Where one mask channel of a record lies, and how it acts. `feather_px` is a blur radius, `density` 0..1."""

    channel: ChannelID
    bounds: Rect
    white_outside: bool
    disabled: bool
    linked: bool
    rendered: bool
    density: float
    feather_px: float


def stored_mask(data: MaskData | None, channels: set[int]) -> StoredMask | None:
    """The mask channel that counts: the one that joins pixel and vector mask if there is one, else the pixel mask."""
    if data is None:
        return None
    density, feather = _parameters(data)
    if data.real_flags is not None and ChannelID.REAL_USER_LAYER_MASK in channels:
        bounds = Rect(data.real_left or 0, data.real_top or 0, data.real_right or 0, data.real_bottom or 0)
        outside = data.real_background_color
        flags = data.real_flags
        return StoredMask(
            ChannelID.REAL_USER_LAYER_MASK,
            bounds,
            bool(outside if outside is not None else data.background_color),
            flags.mask_disabled or data.flags.mask_disabled,
            not data.flags.pos_relative_to_layer,
            True,
            density,
            feather,
        )
    return StoredMask(
        ChannelID.USER_LAYER_MASK,
        Rect(data.left, data.top, data.right, data.bottom),
        data.background_color > 127,
        data.flags.mask_disabled,
        not data.flags.pos_relative_to_layer,
        data.flags.user_mask_from_render,
        density,
        feather,
    )


def mask_data(mask: Mask) -> MaskData:
    """The record of our mask. Its buffer's fill must be 0 or the top value."""
    parameters = None
    level = round(mask.density * 255)
    if level != 255:
        parameters = MaskParameters(user_mask_density=level)
    bounds = mask.bounds
    return MaskData(
        top=bounds.top,
        left=bounds.left,
        bottom=bounds.bottom,
        right=bounds.right,
        background_color=255 if mask.pixels.fill else 0,
        flags=MaskFlags(
            pos_relative_to_layer=not mask.linked,
            mask_disabled=not mask.enabled,
            parameters_applied=parameters is not None,
        ),
        parameters=parameters,
    )


def feathered(
    samples: NDArray[np.uint8 | np.uint16], origin: Point, radius_px: float, white_outside: bool
) -> tuple[NDArray[np.uint8 | np.uint16], Point]:
    """The mask blurred by `radius_px` (one standard deviation), grown so that the soft edge fits."""
    margin = min(int(np.ceil(radius_px * 3)), 4096)
    outside = Depth.of(samples).top if white_outside else 0
    grown = np.pad(samples, margin, constant_values=outside)
    blurred = cv2.GaussianBlur(grown, (0, 0), radius_px, borderType=cv2.BORDER_REPLICATE)
    return blurred.astype(samples.dtype), origin - Point(margin, margin)


def empty_mask(depth: Depth, white_outside: bool) -> PixelBuffer:
    """A mask without pixels: all of it is the value outside."""
    return PixelBuffer(Size(0, 0), depth, 1, depth.top if white_outside else 0)


def _parameters(data: MaskData) -> tuple[float, float]:
    """Density 0..1 and feather in pixels of the mask that counts."""
    parameters = data.parameters
    if parameters is None:
        return 1.0, 0.0
    rendered = data.flags.user_mask_from_render
    density = parameters.user_mask_density
    feather = parameters.user_mask_feather
    if density is None and rendered:
        density = parameters.vector_mask_density
    if feather is None and rendered:
        feather = parameters.vector_mask_feather
    radius = float(feather or 0.0)
    return 1.0 if density is None else density / 255, radius if 0 < radius <= 1000 else 0.0
