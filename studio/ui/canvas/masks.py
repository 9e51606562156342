"""What is selected, and what the active layer's mask hides, drawn over the picture."""

from __future__ import annotations

from typing import cast

import numpy as np

from studio.core.geometry import EMPTY, ORIGIN, Point
from studio.core.layers import Mask
from studio.core.pixels import Depth, to_depth
from studio.core.selection import Selection
from studio.session import Session
from studio.ui.canvas.outline import MaskSamples
from studio.ui.canvas.overlays import MarchingAnts, MaskTint
from studio.ui.canvas.quick_mask import QuickMask
from studio.ui.canvas.surface import CanvasSurface


class DocumentMasks:
    """The document's selection as marching ants or quick mask, and the active layer's mask as rubylith while wanted.

    Call `refresh` after every change of the document or the chosen layers.
    """

    def __init__(self, session: Session, surface: CanvasSurface) -> None:
        self._session = session
        self._surface = surface
        self._ants = MarchingAnts(surface)
        self._tint = MaskTint(surface)
        self._selection: Selection | None = None
        self._shown_at = ORIGIN
        self._mask: Mask | None = None
        self._wanted = False
        self._quick = QuickMask(surface)
        self._is_quick = False
        self._is_outlined = True
        for overlay in (self._tint, self._quick, self._ants):
            surface.add_overlay(overlay)

    def set_mask_visible(self, visible: bool) -> None:
        """Tint what the active layer's mask hides, or do not."""
        self._wanted = visible
        self.refresh()

    def set_outlined(self, on: bool) -> None:
        """Outline what is selected, or do not while something else shows it."""
        self._is_outlined = on
        self._show_selection(self._selection)

    def set_quick_mask(self, on: bool) -> None:
        """Tint what is not selected, instead of outlining what is."""
        if on == self._is_quick:
            return
        self._is_quick = on
        self._selection = None
        self._ants.set_mask(None)
        self._quick.show_selection(None)
        self.refresh()

    def shift_selection(self, offset: Point) -> None:
        """Draw the selection's outline elsewhere while it is dragged."""
        self._ants.set_origin(self._shown_at + offset)

    def refresh(self) -> None:
        """Show what the session has now; nothing is read while it is the same."""
        has = self._session.has_document
        selection = self._session.document.selection if has else None
        if selection is not self._selection:
            self._selection = selection
            self._show_selection(selection)
        mask = self._active_mask() if has and self._wanted else None
        if mask is not self._mask:
            self._mask = mask
            self._show(mask)

    def _show_selection(self, selection: Selection | None) -> None:
        if self._is_quick:
            self._quick.show_selection(selection)
            return
        bounds = EMPTY if selection is None else selection.bounds
        self._shown_at = bounds.origin
        outlined = selection if self._is_outlined else None
        self._ants.set_mask(None if outlined is None else outlined.read(bounds), self._shown_at)

    def _active_mask(self) -> Mask | None:
        chosen = self._session.selection
        layer = self._session.document.find(chosen[0]) if chosen else None
        return None if layer is None else layer.mask

    def _show(self, mask: Mask | None) -> None:
        if mask is None:
            self._tint.set_mask(None)
            return
        samples = cast("MaskSamples", to_depth(mask.pixels.read(), Depth.EIGHT)[..., 0])
        outside = round(mask.pixels.fill * 255 / mask.pixels.depth.top)
        canvas = self._session.document.canvas
        self._tint.set_mask(np.ascontiguousarray(samples), mask.origin, outside=outside, canvas=canvas)
