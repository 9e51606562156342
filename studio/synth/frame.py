"""The window onto the world at one resolution: which pixel shows which place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.core.errors import UsageError
from studio.core.geometry import Rect, Size
from studio.synth.scene import Scene

SMALLEST_PX, LARGEST_PX = 16, 4096


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of `size` whose top left corner shows the world point (left, top) at `scale` pixels per world unit."""

    size: Size
    left: float
    top: float
    scale: float

    @classmethod
    def of(cls, scene: Scene, height_px: int) -> Frame:
        """The frame of a scene's view. Raises UsageError for a height that is not between 16 and 4096 pixels."""
        if not SMALLEST_PX <= height_px <= LARGEST_PX:
            raise UsageError(
                f"A scene cannot be drawn {height_px} pixels high.",
                f"Choose a height between {SMALLEST_PX} and {LARGEST_PX} pixels.",
            )
        width_px = max(1, round(height_px * scene.aspect))
        view = scene.view
        return cls(Size(width_px, height_px), view.x, view.y, height_px * view.zoom)

    @property
    def rect(self) -> Rect:
        return self.size.rect

    @property
    def xs(self) -> NDArray[np.floating]:
        """World x of the pixel centres, (W,)."""
        return self.left + (np.arange(self.size.width) + 0.5) / self.scale

    @property
    def ys(self) -> NDArray[np.floating]:
        """World y of the pixel centres, (H,)."""
        return self.top + (np.arange(self.size.height) + 0.5) / self.scale

    def to_px(self, x: float, y: float) -> tuple[float, float]:
        """Where a world point lies in the picture, in pixels from its top left corner."""
        return (x - self.left) * self.scale, (y - self.top) * self.scale

    def row(self, y: float) -> int:
        """The first pixel row whose centre lies at or below the world height `y`, clipped to the picture."""
        return int(np.clip(np.ceil((y - self.top) * self.scale - 0.5), 0, self.size.height))
