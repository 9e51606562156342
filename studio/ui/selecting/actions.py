"""The actions on selections: the Select menu, and what Delete, Ctrl+C, Ctrl+X and Ctrl+J do with what is selected."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtWidgets import QDialog

from studio.core import edits
from studio.core.history import History
from studio.core.layers import RasterLayer
from studio.core.selection import Selection
from studio.ui import text as window_text
from studio.ui.actions import ActionSpec, Run, Shell, Why, command
from studio.ui.conditions import active, has_document, has_layer, no_text, one_picture, one_raster
from studio.ui.selecting import text
from studio.ui.selecting.amounts import RESHAPINGS, AmountDialog, Amounts, Reshaping
from studio.ui.selecting.channels import LoadDialog, SaveDialog
from studio.ui.selecting.color_range import ColorRangeDialog, RangeSet
from studio.ui.selecting.text import say
from studio.ui.text import say as say_window

SUBMENUS = (("select.modify", "select", window_text.MENU_MODIFY),)
"""Id, the menu it stands in, and title; a submenu stands where its first action does."""
SEPARATED = frozenset({"select.layer", "select.modify", "select.quick_mask", "select.save", "edit.clear"})
"""Actions and submenus that begin a new part of their menu."""
_LABELS = {
    "grow": text.GROW,
    "shrink": text.SHRINK,
    "border": text.BORDER,
    "smooth": text.SMOOTH,
    "feather": text.FEATHER,
}


def specs() -> list[ActionSpec]:
    """The Select menu."""
    return [*_whole(), *_found(), *_modified(), *_kept()]


# What must be the case


def _has_selection(shell: Shell) -> str:
    reason = has_document(shell)
    return reason or ("" if shell.session.document.selection is not None else say(text.NEEDS_SELECTION))


def _has_part(shell: Shell) -> str:
    reason = has_document(shell)
    return reason or ("" if shell.session.document.selection is not None else say(text.NEEDS_PART))


def _has_earlier(shell: Shell) -> str:
    reason = has_document(shell)
    if reason:
        return reason
    if shell.session.document.selection is not None:
        return say(text.NEEDS_NONE)
    return "" if last_selection(shell.session.history) is not None else say(text.NEEDS_EARLIER)


def _has_channel(shell: Shell) -> str:
    reason = has_document(shell)
    return reason or ("" if shell.session.document.channels else say(text.NEEDS_CHANNEL))


def _not_finding(why: Why) -> Why:
    """What acts on the selection waits until the one that was asked for is there."""
    return lambda shell: why(shell) or (say(text.STILL_FINDING) if shell.canvas.work.is_busy else "")


# The table


def _entry(
    name: str, label: str, run: Run, why: Why, *keys: str, menu: str = "select", icon: str = "", help_: str = ""
) -> ActionSpec:
    group = name if "." in name else f"select.{name}"
    return ActionSpec(
        id=group,
        label=say(label),
        run=run,
        keys=keys,
        icon=icon,
        why_not=why,
        menu=menu,
        help=say(help_) if help_ else "",
    )


def _whole() -> Iterator[ActionSpec]:
    yield _entry("all", text.ALL, command("select_all", lambda _: {}), has_document, "Ctrl+A", icon="select-rectangle")
    yield _entry("none", text.NONE, command("deselect", lambda _: {}), _has_selection, "Ctrl+D")
    yield _entry("again", text.AGAIN, _select_again, _has_earlier, "Ctrl+Shift+D")
    yield _entry("inverse", text.INVERSE, command("invert_selection", lambda _: {}), _has_part, "Ctrl+Shift+I")


def _found() -> Iterator[ActionSpec]:
    chosen = command("select_layer", lambda shell: {"layer_id": shell.session.selection[0]})
    yield _entry("layer", text.LAYER, chosen, one_picture)
    yield _entry("color_range", text.COLOR_RANGE, _ask_colors, has_document, icon="picker")


def _modified() -> Iterator[ActionSpec]:
    for reshaping in RESHAPINGS.values():
        keys = ("Shift+F6",) if reshaping.name == "feather" else ()
        yield _entry(
            reshaping.name,
            _LABELS[reshaping.name],
            lambda shell, reshaping=reshaping: _ask_amount(shell, reshaping),
            _not_finding(_has_selection),
            *keys,
            menu="select.modify",
        )
    yield _entry(
        "transform", text.TRANSFORM, _transform, _not_finding(_has_selection), icon="transform",
        help_=text.TRANSFORM_HELP,
    )  # fmt: skip
    yield _entry("refine", text.REFINE, _refine, _not_finding(_has_selection), "Ctrl+Alt+R")


def _kept() -> Iterator[ActionSpec]:
    yield ActionSpec(
        id="select.quick_mask",
        label=say(text.QUICK_MASK),
        run=_switch_quick_mask,
        keys=("Q",),
        icon="quick-mask",
        why_not=has_document,
        checked=lambda shell: shell.toolbox.kit.target.is_selection,
        menu="select",
        help=say(text.QUICK_MASK_HELP),
    )
    yield _entry("save", text.SAVE, lambda shell: _open(SaveDialog(shell.canvas)), _not_finding(_has_selection))
    yield _entry("load", text.LOAD, lambda shell: _open(LoadDialog(shell.canvas)), _has_channel)


def edit_specs() -> Iterator[ActionSpec]:
    """What the Edit menu does with what is selected."""
    yield _entry(
        "edit.cut", text.CUT, lambda shell: shell.files.copy(cut=True), _not_finding(_why_not_cut), "Ctrl+X",
        menu="edit",
    )  # fmt: skip
    yield _entry(
        "edit.copy", text.COPY, lambda shell: shell.files.copy(), _not_finding(one_picture), "Ctrl+C", menu="edit",
        icon="copy",
    )  # fmt: skip


def clear_spec() -> ActionSpec:
    """Delete: what is selected of the chosen pixel layers; without a selection the layers themselves."""
    return ActionSpec(
        id="edit.clear",
        label=say(text.CLEAR_SELECTED),
        run=_clear,
        keys=("Del",),
        why_not=_not_finding(_why_not_clear),
        menu="edit",
        label_now=lambda shell: say(text.CLEAR_LAYER if _has_selection(shell) else text.CLEAR_SELECTED),
    )


def layer_specs() -> Iterator[ActionSpec]:
    """What the Layer menu makes of what is selected."""
    yield _entry("layer.via_copy", text.VIA_COPY, _via_copy, _not_finding(_why_not_copy), "Ctrl+J", menu="layer")
    cut = command("layer_via_copy", lambda shell: {"layer_id": shell.session.selection[0], "cut": True})
    yield _entry(
        "layer.via_cut", text.VIA_CUT, cut, _not_finding(lambda shell: _has_selection(shell) or _why_not_cut(shell)),
        "Ctrl+Shift+J", menu="layer",
    )  # fmt: skip


def _why_not_clear(shell: Shell) -> str:
    reason = has_layer(shell)
    if reason or shell.session.document.selection is None:
        return reason
    layers = (shell.session.document.layer(layer) for layer in shell.session.selection)
    has_pixels = any(isinstance(layer, RasterLayer) for layer in layers)
    return no_text(shell) if has_pixels else say_window(window_text.NEEDS_PIXELS)


def _why_not_cut(shell: Shell) -> str:
    return one_raster(shell) or no_text(shell)


def _why_not_copy(shell: Shell) -> str:
    return has_layer(shell) or ("" if shell.session.document.selection is None else one_raster(shell))


# What they do


def last_selection(history: History) -> Selection | None:
    """The selection that there was last up to the present step, if it fits the canvas of now."""
    size = history.document.size
    earlier = (root.selection for _, root in reversed(history.steps[: history.cursor + 1]))
    return next((selection for selection in earlier if selection is not None and selection.size == size), None)


def _select_again(shell: Shell) -> None:
    history = shell.session.history
    selection = last_selection(history)
    history.apply(edits.step(edits.set_selection, selection))


def _clear(shell: Shell) -> None:
    session = shell.session
    if session.document.selection is None:
        command("remove_layers", lambda shell: {"ids": list(shell.session.selection)})(shell)
        return
    chosen = (session.document.layer(layer) for layer in session.selection)
    layers = [layer.id for layer in chosen if isinstance(layer, RasterLayer)]
    session.history.apply(edits.each(edits.clear_selected, layers))


def _via_copy(shell: Shell) -> None:
    """What is selected of the layer; without a selection copies of all chosen ones."""
    if shell.session.document.selection is None:
        command("duplicate_layers", lambda shell: {"ids": list(shell.session.selection)})(shell)
    else:
        command("layer_via_copy", lambda shell: {"layer_id": active(shell).id})(shell)


def _switch_quick_mask(shell: Shell) -> None:
    """Brush and eraser paint the selection as long as it is on."""
    target = shell.toolbox.kit.target
    target.choose_selection(not target.is_selection)
    if target.is_selection:
        shell.notices.tell(say(text.QUICK_MASK_ON))


def _transform(shell: Shell) -> None:
    # Here, because the start of the window need not wait for what it brings.
    from studio.ui.canvas.tools.transform import FreeTransformTool

    shell.toolbox.choose("transform")
    tool = shell.toolbox.tool
    if isinstance(tool, FreeTransformTool):
        tool.work_on_outline()
    shell.choose_tool("transform")
    shell.canvas.take_focus()


def _ask_amount(shell: Shell, reshaping: Reshaping) -> None:
    _open(AmountDialog(reshaping, shell.toolbox.kit.options("select_amounts", Amounts()), shell.canvas))


def _ask_colors(shell: Shell) -> None:
    opened = (one for one in shell.canvas.window().findChildren(ColorRangeDialog) if one.isVisible())
    dialog = next(opened, None)
    if dialog is None:
        shell.choose_tool(shell.toolbox.chosen)  # marking objects ends, for this takes the canvas
        kept = shell.toolbox.kit.options("color_range", RangeSet())
        dialog = ColorRangeDialog(kept, shell.canvas, lambda: shell.toolbox.tool)
    dialog.come_forward()


def _refine(shell: Shell) -> None:
    # Here, because the start of the window need not wait for what it brings.
    from studio.ui.selecting.refining import RefineDialog, RefineSet

    RefineDialog(shell.toolbox.kit.options("refine_edge", RefineSet()), shell.canvas).show()


def _open(dialog: QDialog) -> None:
    """Ask without stopping the window; the dialog goes when it is answered."""
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
