"""Edits that look at the picture: objects, better edges, colours without fringe, healed spots.

They are edits like those of `studio.core.edits`, built on the arrays of `studio.cutout`, which core may not import.
`RETOUCHES` lists them as `EDITS` lists the others; commands are made of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from studio.core.edits import Edit
from studio.core.history import EditCall, LabelledEdit
from studio.retouch.edges import extract_selected, refine_selection, repair_edges
from studio.retouch.healing import heal
from studio.retouch.insertion import cast_shadow, match_light
from studio.retouch.mask_edges import repair_band, repair_mask
from studio.retouch.objects import select_object

RETOUCHES: Mapping[str, Edit] = MappingProxyType(
    {
        edit.id: edit
        for edit in (
            Edit("refine_selection", "Refine selection edge", refine_selection),
            Edit("extract_selected", "Cut out selection", extract_selected),
            Edit("select_object", "Select object", select_object),
            Edit("repair_edges", "Repair edges", repair_edges),
            Edit("repair_mask", "Repair mask edge", repair_mask),
            Edit("heal", "Heal", heal),
            Edit("match_light", "Match light", match_light),
            Edit("cast_shadow", "Cast shadow", cast_shadow),
        )
    }
)


def retouch_step(edit_id: str, **arguments: object) -> LabelledEdit:
    """A retouch of the table with its arguments, ready for `History.apply`, under its label."""
    edit = RETOUCHES[edit_id]
    call = EditCall(edit_id, arguments)
    return LabelledEdit(edit.label, lambda document: edit.function(document, **arguments), (call,))


__all__ = [
    "RETOUCHES",
    "cast_shadow",
    "extract_selected",
    "heal",
    "match_light",
    "refine_selection",
    "repair_band",
    "repair_edges",
    "repair_mask",
    "retouch_step",
    "select_object",
]
