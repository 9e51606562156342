"""OpenCV, loaded at its first use: loading it takes a good part of the second in which the window is to be seen.

from studio.core.opencv import cv2
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import cv2
else:

    class _AtFirstUse:
        """Stands for the module and keeps what was asked of it."""

        def __getattr__(self, name: str) -> object:
            import cv2 as module

            value = getattr(module, name)
            setattr(self, name, value)
            return value

    cv2 = _AtFirstUse()

__all__ = ["cv2"]
