"""Text layers: fonts of this system, text drawn with FreeType, and the edits that write it. No Qt.

Imports core only. `LETTERINGS` lists its edits as `studio.core.edits.EDITS` lists the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from studio.core.edits import Edit
from studio.lettering.drawing import drawn
from studio.lettering.writing import change_text, is_written, rasterize_text, write_text

LETTERINGS: Mapping[str, Edit] = MappingProxyType(
    {
        edit.id: edit
        for edit in (
            Edit("write_text", "Write text", write_text),
            Edit("change_text", "Change text", change_text),
            Edit("rasterize_text", "Rasterize text", rasterize_text),
        )
    }
)

__all__ = ["LETTERINGS", "change_text", "drawn", "is_written", "rasterize_text", "write_text"]
