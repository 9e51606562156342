"""Names for the arrays that travel through this package."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.floating | np.integer]
"""(H, W) or (H, W, C) numbers, float32 unless said otherwise. The union is what OpenCV's annotations return."""
Mask: TypeAlias = NDArray[np.bool_]
"""(H, W), True = object or hole."""
Levels: TypeAlias = NDArray[np.uint8 | np.uint16]
"""Integer samples of an 8-bit or 16-bit document."""
