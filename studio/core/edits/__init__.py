"""Named edits: functions from a document and arguments to a new document.

Every edit leaves the old root as it was, shares with it all pixels that it does not touch, keeps the invariants that
`Document.check` states, and raises DocumentError, with a hint, for what cannot be done: a lock, a layer that is gone, a
value out of range. `EDITS` lists them all; tests/fuzz walks it, so a new edit needs a line there and one in the table.

    history.apply(edits.step(edits.set_opacity, layer_id, 0.4), merge_key=("opacity", layer_id))
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Concatenate, ParamSpec

from studio.core.document import Document
from studio.core.edits.adjusting import apply_adjustment
from studio.core.edits.areas import (
    add_adjustment,
    clear_selected,
    fill_selected,
    layer_via_copy,
)
from studio.core.edits.arranging import (
    align_layers,
    crop_to_selection,
    distribute_layers,
    reveal_all,
    set_canvas_size,
    trim_canvas,
)
from studio.core.edits.filtering import (
    apply_filter,
)
from studio.core.edits.floating import Lifted, transform_selected
from studio.core.edits.geometry import (
    Turn,
    crop,
    resize_canvas,
    translate,
    turn_canvas,
    turn_layers,
    turned_rect,
    turned_samples,
)
from studio.core.edits.masks import (
    apply_mask,
    invert_mask,
    mask_from_alpha,
    remove_mask,
    set_mask,
    set_mask_density,
    set_mask_enabled,
    set_mask_linked,
    write_mask,
)
from studio.core.edits.merging import flatten, merge_down, merge_group, merge_layers, merge_visible
from studio.core.edits.painting import clear, replace_pixels, trim, write_pixels
from studio.core.edits.properties import (
    convert_depth,
    rename,
    set_adjustment,
    set_ai_editable,
    set_ai_visible,
    set_blend,
    set_clipping,
    set_expanded,
    set_fill,
    set_guides,
    set_icc,
    set_label,
    set_locks,
    set_metadata,
    set_opacity,
    set_ppi,
    set_provenance,
    set_visible,
    show_only,
)
from studio.core.edits.quick_mask import fill_selection, paint_selection, shade_selection, smudge_selection
from studio.core.edits.results import Harm, Violation, place_beside, place_results, protected_violations, withhold
from studio.core.edits.selections import (
    border_selection,
    combine_selection,
    deselect,
    feather_selection,
    grow_selection,
    invert_selection,
    load_channel,
    mask_from_selection,
    move_selection,
    remove_channel,
    rename_channel,
    save_selection,
    select_all,
    select_colors,
    select_ellipse,
    select_layer,
    select_luminosity,
    select_mask,
    select_polygon,
    select_rectangle,
    select_similar,
    set_selection,
    shrink_selection,
    smooth_selection,
)
from studio.core.edits.strokes import (
    draw_gradient,
    fill_similar,
    paint_stroke,
    smudge,
)
from studio.core.edits.structure import (
    add_layers,
    duplicate_layers,
    group_layers,
    move_layers,
    remove_layers,
    ungroup,
    with_new_ids,
)
from studio.core.edits.targets import Lock
from studio.core.edits.transforms import (
    crop_turned,
    distort_layers,
    require_transformable,
    resize_image,
    rotate_canvas,
    rotate_layers,
    scale_layers,
    skew_layers,
    transform_layers,
    transform_outline,
    transform_preview,
)
from studio.core.history import EditCall, LabelledEdit
from studio.core.layers import LayerId

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Edit:
    """One line of the table: `function(document, ...)`, and the label of its step in the history."""

    id: str
    label: str
    function: Callable[..., Document]


def _table(*lines: tuple[str, Callable[..., Document]]) -> Mapping[str, Edit]:
    entries = (Edit(function.__name__, label, function) for label, function in lines)
    return MappingProxyType({edit.id: edit for edit in entries})


EDITS: Mapping[str, Edit] = _table(
    ("Add layer", add_layers),
    ("Delete layer", remove_layers),
    ("Reorder layers", move_layers),
    ("Duplicate layer", duplicate_layers),
    ("Group layers", group_layers),
    ("Ungroup", ungroup),
    ("Rename layer", rename),
    ("Change visibility", set_visible),
    ("Show only", show_only),
    ("Change opacity", set_opacity),
    ("Change fill", set_fill),
    ("Change blend mode", set_blend),
    ("Change clipping", set_clipping),
    ("Change color label", set_label),
    ("Change locks", set_locks),
    ("Change what models see", set_ai_visible),
    ("Change what models may edit", set_ai_editable),
    ("Expand group", set_expanded),
    ("Change adjustment", set_adjustment),
    ("Change provenance", set_provenance),
    ("Add mask", set_mask),
    ("Add mask from transparency", mask_from_alpha),
    ("Delete mask", remove_mask),
    ("Apply mask", apply_mask),
    ("Invert mask", invert_mask),
    ("Paint mask", write_mask),
    ("Turn mask on or off", set_mask_enabled),
    ("Link mask", set_mask_linked),
    ("Change mask density", set_mask_density),
    ("Paint", write_pixels),
    ("Replace pixels", replace_pixels),
    ("Clear", clear),
    ("Trim layer", trim),
    ("Move layer", translate),
    ("Turn layer", turn_layers),
    ("Turn canvas", turn_canvas),
    ("Canvas size", resize_canvas),
    ("Crop", crop),
    ("Merge down", merge_down),
    ("Merge layers", merge_layers),
    ("Merge visible", merge_visible),
    ("Merge group", merge_group),
    ("Flatten image", flatten),
    ("Select all", select_all),
    ("Deselect", deselect),
    ("Change selection", set_selection),
    ("Combine selection", combine_selection),
    ("Invert selection", invert_selection),
    ("Move selection", move_selection),
    ("Select rectangle", select_rectangle),
    ("Select ellipse", select_ellipse),
    ("Lasso", select_polygon),
    ("Magic wand", select_similar),
    ("Select color range", select_colors),
    ("Select by brightness", select_luminosity),
    ("Select layer contents", select_layer),
    ("Select mask", select_mask),
    ("Feather selection", feather_selection),
    ("Grow selection", grow_selection),
    ("Shrink selection", shrink_selection),
    ("Border selection", border_selection),
    ("Smooth selection", smooth_selection),
    ("Save selection", save_selection),
    ("Load selection", load_channel),
    ("Delete channel", remove_channel),
    ("Rename channel", rename_channel),
    ("Mask from selection", mask_from_selection),
    ("Fill", fill_selected),
    ("Erase selected", clear_selected),
    ("Copy to new layer", layer_via_copy),
    ("Add adjustment", add_adjustment),
    ("Brush stroke", paint_stroke),
    ("Smudge", smudge),
    ("Paint selection", paint_selection),
    ("Smudge selection", smudge_selection),
    ("Fill selection", fill_selection),
    ("Gradient on selection", shade_selection),
    ("Bucket fill", fill_similar),
    ("Gradient", draw_gradient),
    ("Transform layer", transform_layers),
    ("Transform selection", transform_selected),
    ("Transform outline", transform_outline),
    ("Scale layer", scale_layers),
    ("Rotate layer", rotate_layers),
    ("Skew layer", skew_layers),
    ("Distort layer", distort_layers),
    ("Image size", resize_image),
    ("Rotate canvas", rotate_canvas),
    ("Change canvas size", set_canvas_size),
    ("Crop to selection", crop_to_selection),
    ("Crop and straighten", crop_turned),
    ("Trim", trim_canvas),
    ("Reveal all", reveal_all),
    ("Align layers", align_layers),
    ("Distribute layers", distribute_layers),
    ("Filter", apply_filter),
    ("Adjust layer", apply_adjustment),
    ("Convert depth", convert_depth),
    ("Change metadata", set_metadata),
    ("Change guides", set_guides),
    ("Assign profile", set_icc),
    ("Change resolution", set_ppi),
    ("Place results", place_results),
)


def step(edit: Callable[Concatenate[Document, P], Document], /, *args: P.args, **kwargs: P.kwargs) -> LabelledEdit:
    """An edit of the table with its arguments, ready for `History.apply`, under its label."""
    call = EditCall(edit.__name__, _named(edit, *args, **kwargs))
    return LabelledEdit(EDITS[edit.__name__].label, lambda document: edit(document, *args, **kwargs), (call,))


def _named(edit: Callable[..., Document], *args: object, **kwargs: object) -> Mapping[str, object]:
    """The arguments of an edit by name, without the document."""
    bound = inspect.signature(edit).bind(None, *args, **kwargs)
    return {name: value for name, value in bound.arguments.items() if name != "document"}


def each(
    edit: Callable[Concatenate[Document, LayerId, P], Document],
    ids: Sequence[LayerId],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> LabelledEdit:
    """An edit of one layer, done to several as one step."""

    def change(document: Document) -> Document:
        for layer_id in ids:
            document = edit(document, layer_id, *args, **kwargs)
        return document

    calls = tuple(EditCall(edit.__name__, _named(edit, layer_id, *args, **kwargs)) for layer_id in ids)
    return LabelledEdit(EDITS[edit.__name__].label, change, calls)


def together(label: str, steps: Sequence[LabelledEdit]) -> LabelledEdit:
    """Several edits, one after the other, as one step."""

    def change(document: Document) -> Document:
        for edit in steps:
            document = edit(document)
        return document

    return LabelledEdit(label, change, tuple(call for edit in steps for call in edit.calls))


__all__ = [
    "EDITS",
    "Edit",
    "each",
    "step",
    "together",
    "Harm",
    "Lock",
    "Turn",
    "Violation",
    "add_layers",
    "apply_mask",
    "clear",
    "convert_depth",
    "crop",
    "duplicate_layers",
    "flatten",
    "group_layers",
    "invert_mask",
    "mask_from_alpha",
    "merge_down",
    "merge_group",
    "merge_layers",
    "merge_visible",
    "move_layers",
    "place_beside",
    "place_results",
    "protected_violations",
    "remove_layers",
    "remove_mask",
    "rename",
    "replace_pixels",
    "resize_canvas",
    "set_adjustment",
    "set_ai_editable",
    "set_ai_visible",
    "set_blend",
    "set_clipping",
    "set_expanded",
    "set_fill",
    "set_guides",
    "set_icc",
    "set_label",
    "set_locks",
    "set_mask",
    "set_mask_density",
    "set_mask_enabled",
    "set_mask_linked",
    "set_metadata",
    "set_opacity",
    "set_ppi",
    "set_provenance",
    "set_visible",
    "show_only",
    "translate",
    "trim",
    "turn_canvas",
    "turn_layers",
    "turned_rect",
    "turned_samples",
    "ungroup",
    "with_new_ids",
    "select_all",
    "deselect",
    "set_selection",
    "combine_selection",
    "invert_selection",
    "move_selection",
    "select_rectangle",
    "select_ellipse",
    "select_polygon",
    "select_similar",
    "select_colors",
    "select_luminosity",
    "select_layer",
    "select_mask",
    "feather_selection",
    "grow_selection",
    "shrink_selection",
    "border_selection",
    "smooth_selection",
    "save_selection",
    "load_channel",
    "remove_channel",
    "rename_channel",
    "mask_from_selection",
    "fill_selected",
    "clear_selected",
    "layer_via_copy",
    "add_adjustment",
    "paint_stroke",
    "paint_selection",
    "fill_selection",
    "shade_selection",
    "smudge_selection",
    "smudge",
    "fill_similar",
    "draw_gradient",
    "transform_layers",
    "scale_layers",
    "rotate_layers",
    "skew_layers",
    "distort_layers",
    "resize_image",
    "rotate_canvas",
    "require_transformable",
    "transform_preview",
    "transform_outline",
    "transform_selected",
    "Lifted",
    "set_canvas_size",
    "crop_to_selection",
    "crop_turned",
    "trim_canvas",
    "reveal_all",
    "align_layers",
    "distribute_layers",
    "apply_adjustment",
    "apply_filter",
    "withhold",
    "write_mask",
    "write_pixels",
]
