"""Masks at the resolutions of a network: full-size masks resized once per grid and kept."""

from __future__ import annotations

from enum import StrEnum

import torch
import torch.nn.functional as F
from torch import Tensor

from studio.core.errors import ShapeError
from studio.diffusion.run_state import Grid


class Resize(StrEnum):
    """How a mask shrinks to a token grid."""

    BILINEAR = "bilinear"
    """Soft edges; of a binary mask when it is binary (DesignEdit)."""
    AREA = "area"
    """The covered share of each cell."""
    TOUCHED = "touched"
    """1 where a cell is covered at all, so that nothing small is lost; nearest would lose it (T3-S2S, section 6)."""
    NEAREST = "nearest"
    """As the published code of several methods does it."""


class MaskPyramid:
    """(K, H, W) masks in [0, 1] at full size, given out at the size of any grid."""

    def __init__(self, masks: Tensor, resize: Resize) -> None:
        if masks.ndim != 3:
            raise ShapeError(f"Masks must have the shape (K, H, W), not {tuple(masks.shape)}.")
        self._masks = masks.to(torch.float32)
        self._resize = resize
        self._cache: dict[tuple[int, int, torch.device], Tensor] = {}

    def at(self, grid: Grid, device: torch.device) -> Tensor:
        """(K, h, w) float32. The result is shared: do not change it in place."""
        key = (grid.height, grid.width, device)
        if key not in self._cache:
            self._cache[key] = resized(self._masks, (grid.height, grid.width), self._resize).to(device)
        return self._cache[key]

    def tokens(self, grid: Grid, device: torch.device) -> Tensor:
        """(K, N) in token order."""
        return self.at(grid, device).flatten(1)


def resized(masks: Tensor, size: tuple[int, int], how: Resize) -> Tensor:
    """(K, H, W) masks at (h, w)."""
    if masks.shape[-2:] == size:
        return (masks > 0).to(masks.dtype) if how is Resize.TOUCHED else masks
    if how in (Resize.AREA, Resize.TOUCHED):
        area = F.interpolate(masks[None], size, mode="area")[0]
        return (area > 0).to(masks.dtype) if how is Resize.TOUCHED else area
    if how is Resize.NEAREST:
        return F.interpolate(masks[None], size, mode="nearest")[0]
    return F.interpolate(masks[None], size, mode="bilinear", align_corners=False)[0]
