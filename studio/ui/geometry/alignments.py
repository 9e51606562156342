"""How layers can be aligned and distributed, with the words for it, and what they are aligned to."""

from __future__ import annotations

from studio.core.edits.arranging import Alignment, Axis, Frame
from studio.session import Session
from studio.ui.geometry import text

ALIGNMENTS = (
    (Alignment.LEFT, text.ALIGN_LEFT),
    (Alignment.CENTER, text.ALIGN_CENTER),
    (Alignment.RIGHT, text.ALIGN_RIGHT),
    (Alignment.TOP, text.ALIGN_TOP),
    (Alignment.MIDDLE, text.ALIGN_MIDDLE),
    (Alignment.BOTTOM, text.ALIGN_BOTTOM),
)
AXES = (
    (Axis.HORIZONTAL, text.DISTRIBUTE_HORIZONTAL),
    (Axis.VERTICAL, text.DISTRIBUTE_VERTICAL),
)


def frame_for(session: Session) -> Frame:
    """What the chosen layers are aligned to: the selection, each other, or for one alone the canvas."""
    if session.document.selection is not None:
        return Frame.SELECTION
    return Frame.LAYERS if len(session.selection) > 1 else Frame.CANVAS
