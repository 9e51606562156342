"""The actions on layers: the Layer menu, which the layer panel's buttons, its context menu and the palette share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from studio.core import edits
from studio.core.adjustments import Adjustment
from studio.core.edits import Turn
from studio.core.errors import LookChangesError, StudioError
from studio.core.geometry import Size
from studio.core.layers import (
    BlendMode,
    ColorLabel,
    GroupLayer,
    Layer,
    LayerId,
    Locks,
    Place,
    RasterLayer,
    listed,
    new_layer_id,
)
from studio.core.pixels import PixelBuffer
from studio.ui import text
from studio.ui.actions import ActionSpec, Run, Shell, Why, command
from studio.ui.conditions import (
    active,
    all_groups,
    can_rise,
    can_sink,
    has_above,
    has_below,
    has_document,
    has_layer,
    has_several,
    one_group,
    one_layer,
    one_masked,
    one_raster,
    one_step,
    one_text,
    one_unmasked,
    one_unmasked_raster,
    place,
    several_or_below,
    siblings,
)
from studio.ui.notices import Offer, of_error
from studio.ui.panels.layers import text as layer_text
from studio.ui.panels.layers.kinds import KINDS
from studio.ui.selecting import actions as selection_actions
from studio.ui.text import say

SUBMENUS = (
    ("layer.adjustment", "layer", text.MENU_ADJUSTMENT),
    ("layer.mask", "layer", text.MENU_MASK),
    ("layer.blend", "layer", text.MENU_BLEND),
    ("layer.lock", "layer", text.MENU_LOCK),
    ("layer.label", "layer", text.MENU_LABEL),
    ("layer.order", "layer", text.MENU_ORDER),
    ("layer.choose", "layer", text.MENU_CHOOSE),
)
"""Id, the menu it stands in, and title; a submenu stands where its first action does."""
BLEND_KEYS = {
    BlendMode.PASS_THROUGH: "P", BlendMode.NORMAL: "N", BlendMode.DISSOLVE: "I", BlendMode.DARKEN: "K",
    BlendMode.MULTIPLY: "M", BlendMode.COLOR_BURN: "B", BlendMode.LINEAR_BURN: "A", BlendMode.LIGHTEN: "G",
    BlendMode.SCREEN: "S", BlendMode.COLOR_DODGE: "D", BlendMode.LINEAR_DODGE: "W", BlendMode.OVERLAY: "O",
    BlendMode.SOFT_LIGHT: "F", BlendMode.HARD_LIGHT: "H", BlendMode.VIVID_LIGHT: "V", BlendMode.LINEAR_LIGHT: "J",
    BlendMode.PIN_LIGHT: "Z", BlendMode.HARD_MIX: "L", BlendMode.DIFFERENCE: "E", BlendMode.EXCLUSION: "X",
    BlendMode.HUE: "U", BlendMode.SATURATION: "T", BlendMode.COLOR: "C", BlendMode.LUMINOSITY: "Y",
}  # fmt: skip
"""Photoshop's letters, with Alt and Shift."""


def specs() -> list[ActionSpec]:
    """All of them in the order of the menu."""
    return [*_new(), *_one(), *_merging(), *_masks(), *_looks(), *_order(), *_geometry()]


def _entry(name: str, label: str, run: Run, why: Why, *keys: str, icon: str = "", menu: str = "layer") -> ActionSpec:
    return ActionSpec(id=f"layer.{name}", label=say(label), run=run, keys=keys, icon=icon, why_not=why, menu=menu)


def _on_all(shell: Shell) -> dict[str, object]:
    return {"ids": list(shell.session.selection)}


def _on_active(shell: Shell) -> dict[str, object]:
    return {"layer_id": shell.session.selection[0]}


def _on_group(shell: Shell) -> dict[str, object]:
    return {"group_id": shell.session.selection[0]}


def _new() -> Iterator[ActionSpec]:
    yield _entry("new", text.NEW_LAYER, add_layer, has_document, "Ctrl+Shift+N", icon="layer-new")
    yield _entry("new_group", text.NEW_GROUP, _add_group, has_document, icon="group-new")
    for name, kind, icon in KINDS:
        title = layer_text.say(layer_text.ADJUSTMENT_NAMES[kind])
        yield ActionSpec(
            id=f"layer.new_{name}",
            label=say(text.NEW_ADJUSTMENT, adjustment=title),
            run=lambda shell, kind=kind: _add_adjustment(shell, kind),
            icon=icon,
            why_not=has_document,
            menu="layer.adjustment",
        )


def _one() -> Iterator[ActionSpec]:
    yield _entry("duplicate", text.DUPLICATE, command("duplicate_layers", _on_all), has_layer, icon="duplicate")
    yield from selection_actions.layer_specs()
    yield _entry("rename", text.RENAME_LAYER, lambda shell: shell.rename_layer(), has_layer, "F2", icon="rename")
    yield _entry("delete", text.DELETE_LAYER, command("remove_layers", _on_all), has_layer, icon="trash")
    yield _entry(
        "properties", text.LAYER_PROPERTIES, lambda shell: shell.show_panel("properties"), one_layer, "Alt+Return",
        icon="settings",
    )  # fmt: skip
    yield _entry("group", text.GROUP_LAYERS, command("group_layers", _on_all), has_layer, "Ctrl+G", icon="group-new")
    yield _entry("ungroup", text.UNGROUP, command("ungroup", _on_group), one_group, "Ctrl+Shift+G")


def add_layer(shell: Shell) -> None:
    """An empty layer above the active one, chosen at once."""
    document = shell.session.document
    number = 1 + sum(isinstance(layer, RasterLayer) for layer in document.walk())
    empty = PixelBuffer(Size(0, 0), document.depth)
    put_above(shell, RasterLayer(name=say(text.NEW_LAYER_NAME, number=number), pixels=empty))


def put_above(shell: Shell, layer: Layer) -> None:
    """Add a layer above the active one and choose it; one undo step."""
    document = shell.session.document
    at = place(shell) if shell.session.selection else Place(None, len(document.layers) - 1)
    shell.session.history.apply(edits.step(edits.add_layers, (layer,), Place(at.parent, at.index + 1)))
    shell.session.select((layer.id,))


def _add_group(shell: Shell) -> None:
    put_above(shell, GroupLayer(name=say(text.NEW_GROUP_NAME)))


def _add_adjustment(shell: Shell, kind: type[Adjustment]) -> None:
    """An adjustment that changes nothing yet, with its controls at hand; a selection becomes its mask."""
    name, layer = layer_text.say(layer_text.ADJUSTMENT_NAMES[kind]), new_layer_id()
    above = shell.session.selection[0] if shell.session.selection else None
    shell.session.history.apply(edits.step(edits.add_adjustment, kind(), above, name, new_id=layer))
    shell.session.select((layer,))
    shell.show_panel("properties")


# Merging


def _merging() -> Iterator[ActionSpec]:
    yield ActionSpec(
        id="layer.merge_down",
        label=say(text.MERGE_DOWN),
        run=_merge,
        keys=("Ctrl+E",),
        icon="merge",
        why_not=several_or_below,
        menu="layer",
        label_now=lambda shell: say(text.MERGE_LAYERS if _are_several(shell) else text.MERGE_DOWN),
    )
    yield _entry("merge_group", text.MERGE_GROUP, _merge_group, one_group)
    yield _entry(
        "merge_visible", text.MERGE_VISIBLE, command("merge_visible", lambda _: {}), has_several, "Ctrl+Shift+E"
    )


def _are_several(shell: Shell) -> bool:
    return shell.session.has_document and len(shell.session.selection) > 1


def _merge(shell: Shell) -> None:
    """The chosen layers, or the active one with what lies below it."""
    if _are_several(shell):
        _merge_or_offer(shell, "merge_layers", _on_all(shell))
    else:
        _merge_or_offer(shell, "merge_down", _on_active(shell))


def _merge_group(shell: Shell) -> None:
    _merge_or_offer(shell, "merge_group", _on_group(shell))


def _merge_or_offer(shell: Shell, command_id: str, told: dict[str, object]) -> None:
    """Merge; where that would change the picture, say so and let the user do it all the same."""
    try:
        command(command_id, lambda _: told)(shell)
    except LookChangesError as error:

        def anyway() -> None:
            try:
                command(command_id, lambda _: {**told, "may_change_look": True})(shell)
            except StudioError as late:
                shell.notices.fail(late)

        offer = Offer(say(text.MERGE_ANYWAY), anyway)
        shell.notices.show_notice(replace(of_error(error), offer=offer))


# Masks


def _masks() -> Iterator[ActionSpec]:
    menu = "layer.mask"
    yield _entry(
        "add_mask", text.ADD_MASK, lambda shell: _add_mask(shell, hides=False), one_unmasked, icon="mask", menu=menu
    )
    yield _entry(
        "add_mask_hiding", text.ADD_MASK_HIDING, lambda shell: _add_mask(shell, hides=True), one_unmasked, menu=menu
    )
    yield _entry(
        "mask_from_alpha", text.MASK_FROM_ALPHA, command("mask_from_alpha", _on_active), one_unmasked_raster, menu=menu
    )
    for name, label, field in (
        ("mask_enabled", text.MASK_ENABLED, "enabled"),
        ("mask_linked", text.MASK_LINKED, "linked"),
    ):
        yield ActionSpec(
            id=f"layer.{name}",
            label=say(label),
            run=command(f"set_mask_{field}", lambda shell, field=field: _switched_mask(shell, field)),
            why_not=one_masked,
            checked=lambda shell, field=field: not one_masked(shell) and bool(getattr(active(shell).mask, field)),
            menu=menu,
        )
    yield _entry("select_mask", text.SELECT_MASK, command("select_mask", _on_active), one_masked, menu=menu)
    for name, label, icon in (
        ("invert_mask", text.INVERT_MASK, "invert"),
        ("apply_mask", text.APPLY_MASK, "check"),
        ("remove_mask", text.REMOVE_MASK, "trash"),
    ):
        yield _entry(name, label, command(name, _on_active), one_masked, icon=icon, menu=menu)


def _switched_mask(shell: Shell, field: str) -> dict[str, object]:
    return {**_on_active(shell), field: not getattr(active(shell).mask, field)}


def _add_mask(shell: Shell, *, hides: bool) -> None:
    """A mask that shows, or hides, what is selected; all without a selection."""
    layer = shell.session.selection[0]
    made = edits.step(edits.mask_from_selection, layer, hide=hides)
    shell.session.history.apply(replace(made, label=edits.EDITS["set_mask"].label))


# How a layer shows


def _looks() -> Iterator[ActionSpec]:
    yield _switch("visible", text.VISIBLE, "Ctrl+,", icon="eye")
    yield _entry("solo", text.SHOW_ONLY, command("show_only", _on_all), has_layer)
    yield _switch("clipping", text.CLIPPING, "Ctrl+Alt+G", icon="clip")
    yield _switch("ai_visible", text.AI_VISIBLE, icon="ai-eye", help_=text.AI_VISIBLE_HELP)
    yield _switch("ai_editable", text.AI_EDITABLE, icon="ai-edit", help_=text.AI_EDITABLE_HELP)
    for field, label, icon, keys in (
        ("alpha", text.LOCK_ALPHA, "lock-alpha", ("/",)),
        ("pixels", text.LOCK_PIXELS, "lock", ()),
        ("position", text.LOCK_POSITION, "lock-position", ()),
    ):
        yield _lock(field, label, icon, keys)
    for mode, name in layer_text.BLEND_NAMES.items():
        yield ActionSpec(
            id=f"layer.blend_{mode}",
            label=say(text.BLEND_AS, mode=layer_text.say(name)),
            run=_on_each("set_blend", lambda _, mode=mode: mode),
            keys=(f"Alt+Shift+{BLEND_KEYS[mode]}",) if mode in BLEND_KEYS else (),
            why_not=all_groups if mode is BlendMode.PASS_THROUGH else has_layer,
            menu="layer.blend",
        )
    for label in ColorLabel:
        yield ActionSpec(
            id=f"layer.label_{label}",
            label=say(text.LABEL_AS, color=layer_text.say(layer_text.LABEL_NAMES[label])),
            run=_on_each("set_label", lambda _, label=label: label),
            why_not=has_layer,
            menu="layer.label",
        )


def _on_each(edit_id: str, value: Callable[[Shell], object]) -> Run:
    """An edit of one value, done to every chosen layer as one step."""
    return lambda shell: _quietly(
        shell.session.history.apply(edits.each(edits.EDITS[edit_id].function, shell.session.selection, value(shell)))
    )


def _quietly(_: object) -> None:
    """For methods whose result nobody needs."""


def _switch(field: str, label: str, *keys: str, icon: str = "", help_: str = "") -> ActionSpec:
    """An on-off property of the chosen layers: all become what the active one is not."""
    return ActionSpec(
        id=f"layer.{field}",
        label=say(label),
        run=_on_each(f"set_{field}", lambda shell: not getattr(active(shell), field)),
        keys=keys,
        icon=icon,
        why_not=has_layer,
        checked=lambda shell: not has_layer(shell) and bool(getattr(active(shell), field)),
        menu="layer",
        help=say(help_) if help_ else "",
    )


def _lock(field: str, label: str, icon: str, keys: tuple[str, ...]) -> ActionSpec:
    def locked(shell: Shell) -> None:
        on = not getattr(active(shell).locks, field)
        ids = shell.session.selection
        layers = [shell.session.document.layer(layer_id) for layer_id in ids]
        steps = [edits.step(edits.set_locks, layer.id, _with_lock(layer.locks, field, on)) for layer in layers]
        shell.session.history.apply(edits.together(edits.EDITS["set_locks"].label, steps))

    return ActionSpec(
        id=f"layer.lock_{field}",
        label=say(label),
        run=locked,
        keys=keys,
        icon=icon,
        why_not=has_layer,
        checked=lambda shell: not has_layer(shell) and bool(getattr(active(shell).locks, field)),
        menu="layer.lock",
    )


def _with_lock(locks: Locks, field: str, on: bool) -> Locks:
    match field:
        case "alpha":
            return replace(locks, alpha=on)
        case "pixels":
            return replace(locks, pixels=on)
        case _:
            return replace(locks, position=on)


# Order and choice


def _order() -> Iterator[ActionSpec]:
    def moved(shell: Shell, index: int) -> None:
        ids = shell.session.selection
        shell.session.history.apply(edits.step(edits.move_layers, ids, Place(place(shell).parent, index)))

    def step(shell: Shell, *, up: bool) -> None:
        target = one_step(shell, up=up)
        if target is not None:
            shell.session.history.apply(edits.step(edits.move_layers, shell.session.selection, target))

    def top(shell: Shell) -> int:
        return len(siblings(shell.session.document, place(shell).parent))

    order, choose = "layer.order", "layer.choose"
    for name, label, key, why, menu, run in (
        ("to_top", text.LAYER_TO_TOP, "Ctrl+Shift+]", has_above, order, lambda shell: moved(shell, top(shell))),
        ("raise", text.RAISE_LAYER, "Ctrl+]", can_rise, order, lambda shell: step(shell, up=True)),
        ("lower", text.LOWER_LAYER, "Ctrl+[", can_sink, order, lambda shell: step(shell, up=False)),
        ("to_bottom", text.LAYER_TO_BOTTOM, "Ctrl+Shift+[", has_below, order, lambda shell: moved(shell, 0)),
        ("select_above", text.SELECT_ABOVE, "Alt+]", has_several, choose, lambda shell: _step_selection(shell, 1)),
        ("select_below", text.SELECT_BELOW, "Alt+[", has_several, choose, lambda shell: _step_selection(shell, -1)),
        ("select_all", text.SELECT_ALL_LAYERS, "Ctrl+Alt+A", has_document, choose, _select_all),
    ):
        yield _entry(name, label, run, why, key, menu=menu)


def _step_selection(shell: Shell, by: int) -> None:
    """The next layer up or down the tree as the panel lists it."""
    ids: Sequence[LayerId] = [layer.id for layer in listed(shell.session.document.layers)]
    at = ids.index(shell.session.selection[0]) if shell.session.selection else 0
    shell.session.select((ids[(at - by) % len(ids)],))


def _select_all(shell: Shell) -> None:
    shell.session.select([layer.id for layer in reversed(shell.session.document.layers)])


def _geometry() -> Iterator[ActionSpec]:
    yield _entry("trim", text.TRIM_LAYER, command("trim", _on_active), one_raster)
    yield _entry("match_light", text.MATCH_LIGHT, command("match_light", _on_active), one_raster)
    yield _entry("cast_shadow", text.CAST_SHADOW, command("cast_shadow", _on_active), one_raster)
    yield _entry("rasterize_text", text.RASTERIZE_TEXT, command("rasterize_text", _on_active), one_text)
    for name, label, turn in (
        ("flip_horizontal", text.FLIP_LAYER_HORIZONTAL, Turn.FLIP_HORIZONTAL),
        ("flip_vertical", text.FLIP_LAYER_VERTICAL, Turn.FLIP_VERTICAL),
    ):
        run = command("turn_layers", lambda shell, turn=turn: {**_on_all(shell), "turn": turn})
        yield _entry(name, label, run, has_layer)
