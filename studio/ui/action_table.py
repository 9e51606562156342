"""Every action of the window. Edits are commands of studio/commands.py; the rest is what the window itself can do."""

from __future__ import annotations

from collections.abc import Iterator

from studio.core.edits import Turn
from studio.core.guides import Guides
from studio.core.pixels import Depth
from studio.plugin_api.manifest import InputKind
from studio.ui import layer_actions, paint_actions, text, toolbox
from studio.ui.actions import ActionSpec, Shell, Why, command
from studio.ui.conditions import has_document, has_several
from studio.ui.filtering import actions as filter_actions
from studio.ui.geometry import actions as geometry_actions
from studio.ui.language import LANGUAGES
from studio.ui.layer_actions import put_above as put_above
from studio.ui.panels.macros import actions as macro_actions
from studio.ui.selecting import actions as selection_actions
from studio.ui.spoken import say_plugin
from studio.ui.text import say, say_edit
from studio.ui.theme import THEMES

MENUS = (
    ("file", text.MENU_FILE),
    ("edit", text.MENU_EDIT),
    ("image", text.MENU_IMAGE),
    ("layer", text.MENU_LAYER),
    ("select", text.MENU_SELECT),
    ("filter", text.MENU_FILTER),
    ("ai", text.MENU_AI),
    ("view", text.MENU_VIEW),
    ("window", text.MENU_WINDOW),
    ("help", text.MENU_HELP),
)
SEPARATED = frozenset(
    {
        "file.save", "file.close", "edit.cut", "edit.free_transform", "edit.palette",
        "image.crop_to_selection", "image.to_8_bit", "image.flatten",
        "image.compare", "layer.duplicate", "layer.group", "layer.merge_down", "layer.mask", "layer.mask_enabled",
        "layer.invert_mask", "layer.visible", "layer.order", "layer.trim", "ai.pause", "view.rotate_left",
        "view.clear_guides", "window.full_screen", "filter.gaussian_blur", "image.flip_horizontal",
        "layer.repair_edges",
        *selection_actions.SEPARATED,
    }
)  # fmt: skip
"""Actions and submenus that begin a new part of their menu."""
SUBMENUS = (
    *macro_actions.SUBMENUS,
    *selection_actions.SUBMENUS,
    *filter_actions.SUBMENUS,
    *layer_actions.SUBMENUS,
    *geometry_actions.SUBMENUS,
)
TURN_STEP_DEG = 15.0


def specs(shell: Shell) -> list[ActionSpec]:
    """The whole table, menu by menu; plugins that start from a picture have an action each."""
    return [
        *_file(),
        *_edit(),
        *macro_actions.specs(),
        *filter_actions.adjustments(),
        *_image(),
        *layer_actions.specs(),
        *selection_actions.specs(),
        *geometry_actions.align_specs(),
        filter_actions.edges(),
        *filter_actions.filters(),
        *_generate(shell),
        *_view(),
        *_tools(),
        *paint_actions.specs(),
        *_window(),
        *_help(),
    ]


# What must be the case


def _can_write(shell: Shell) -> str:
    return has_document(shell) or (say(text.BUSY) if shell.files.is_busy else "")


def _not_busy(shell: Shell) -> str:
    return say(text.BUSY) if shell.files.is_busy else ""


def _has_undo(shell: Shell) -> str:
    return has_document(shell) or ("" if shell.session.history.can_undo else say(text.NOTHING_TO_UNDO))


def _has_redo(shell: Shell) -> str:
    return has_document(shell) or ("" if shell.session.history.can_redo else say(text.NOTHING_TO_REDO))


def _has_unsaved(shell: Shell) -> str:
    return _can_write(shell) or ("" if shell.files.has_changed else say(text.NOTHING_TO_SAVE))


def _is_depth(depth: Depth, otherwise: str) -> Why:
    return lambda shell: has_document(shell) or ("" if shell.session.document.depth is depth else say(otherwise))


def _has_clip(shell: Shell) -> str:
    return _not_busy(shell) or ("" if shell.can_paste else say(text.NEEDS_PICTURE_IN_CLIPBOARD))


def _was_changed(shell: Shell) -> str:
    reason = has_document(shell)
    return reason or ("" if len(shell.session.history.labels) > 1 else say(text.NEEDS_ORIGINAL))


# The table


def _file() -> Iterator[ActionSpec]:
    def entry(name: str, label: str, method: str, why: Why, *keys: str, icon: str = "") -> ActionSpec:
        return ActionSpec(
            id=f"file.{name}",
            label=say(label),
            run=lambda shell: getattr(shell.files, method)(),
            keys=keys,
            icon=icon,
            why_not=why,
            menu="file",
        )

    yield entry("new", text.NEW, "new", _not_busy, "Ctrl+N", icon="new")
    yield entry("open", text.OPEN, "choose_and_open", _not_busy, "Ctrl+O", icon="open")
    yield entry("sample", text.OPEN_SAMPLE, "open_sample", _not_busy, icon="picture")
    yield entry("place", text.PLACE, "place", _can_write)
    yield entry("save", text.SAVE, "save", _has_unsaved, "Ctrl+S", icon="save")
    yield entry("save_as", text.SAVE_AS, "save_as", _can_write, "Ctrl+Shift+S", icon="save-as")
    yield entry("export", text.EXPORT, "export", _can_write, "Ctrl+Alt+Shift+W", icon="export")
    yield entry("close", text.CLOSE, "close", _can_write, "Ctrl+W")
    yield ActionSpec(
        id="file.quit", label=say(text.QUIT), run=lambda shell: shell.close_window(), keys=("Ctrl+Q",), menu="file"
    )


def _edit() -> Iterator[ActionSpec]:
    yield ActionSpec(
        id="edit.undo",
        label=say(text.UNDO),
        run=lambda shell: _quietly(shell.session.history.undo()),
        keys=("Ctrl+Z",),
        icon="undo",
        why_not=_has_undo,
        menu="edit",
        label_now=_undo_label,
    )
    yield ActionSpec(
        id="edit.redo",
        label=say(text.REDO),
        run=lambda shell: _quietly(shell.session.history.redo()),
        keys=("Ctrl+Shift+Z", "Ctrl+Y"),
        icon="redo",
        why_not=_has_redo,
        menu="edit",
        label_now=_redo_label,
    )
    yield from selection_actions.edit_specs()
    yield ActionSpec(
        id="edit.copy_merged",
        label=say(text.COPY_MERGED),
        run=lambda shell: shell.files.copy_merged(),
        keys=("Ctrl+Shift+C",),
        icon="copy",
        why_not=has_document,
        menu="edit",
    )
    yield ActionSpec(
        id="edit.paste",
        label=say(text.PASTE),
        run=lambda shell: shell.files.paste(),
        keys=("Ctrl+V",),
        icon="paste",
        why_not=_has_clip,
        menu="edit",
    )
    yield from geometry_actions.transform_specs()
    yield selection_actions.clear_spec()
    yield ActionSpec(
        id="edit.palette",
        label=say(text.COMMAND_PALETTE),
        run=lambda shell: shell.show_palette(),
        keys=("Ctrl+Shift+P",),
        icon="search",
        menu="edit",
    )
    yield ActionSpec(
        id="edit.shortcuts",
        label=say(text.SHORTCUTS),
        run=lambda shell: shell.show_shortcuts(),
        keys=("Ctrl+Alt+Shift+K",),
        icon="settings",
        menu="edit",
    )


def _quietly(_: object) -> None:
    """For methods whose result nobody needs."""


def _undo_label(shell: Shell) -> str:
    label = shell.session.history.undo_label if shell.session.has_document else ""
    return say(text.UNDO_NAMED, edit=say_edit(label)) if label else say(text.UNDO)


def _redo_label(shell: Shell) -> str:
    label = shell.session.history.redo_label if shell.session.has_document else ""
    return say(text.REDO_NAMED, edit=say_edit(label)) if label else say(text.REDO)


def _image() -> Iterator[ActionSpec]:
    yield from geometry_actions.image_specs()
    for name, label, turn in (
        ("flip_horizontal", text.FLIP_CANVAS_HORIZONTAL, Turn.FLIP_HORIZONTAL),
        ("flip_vertical", text.FLIP_CANVAS_VERTICAL, Turn.FLIP_VERTICAL),
        ("turn_right", text.TURN_CANVAS_RIGHT, Turn.QUARTER),
        ("turn_left", text.TURN_CANVAS_LEFT, Turn.THREE_QUARTERS),
        ("turn_half", text.TURN_CANVAS_HALF, Turn.HALF),
    ):
        yield ActionSpec(
            id=f"image.{name}",
            label=say(label),
            run=command("turn_canvas", lambda _, turn=turn: {"turn": turn}),
            why_not=has_document,
            menu="image",
        )
    for bits, label, from_depth, reason in (
        (8, text.TO_8_BIT, Depth.SIXTEEN, text.NEEDS_8_BIT),
        (16, text.TO_16_BIT, Depth.EIGHT, text.NEEDS_16_BIT),
    ):
        yield ActionSpec(
            id=f"image.to_{bits}_bit",
            label=say(label),
            run=command("convert_depth", lambda _, bits=bits: {"depth": bits}),
            why_not=_is_depth(from_depth, reason),
            menu="image",
        )
    yield ActionSpec(
        id="image.flatten", label=say(text.FLATTEN), run=command("flatten", lambda _: {}), why_not=has_several,
        menu="image",
    )  # fmt: skip
    yield ActionSpec(
        id="image.compare",
        label=say(text.COMPARE_ORIGINAL),
        run=lambda shell: shell.files.compare(),
        icon="heat",
        why_not=_was_changed,
        menu="image",
    )


def _generate(shell: Shell) -> Iterator[ActionSpec]:
    for plugin in shell.session.registry:
        name = plugin.manifest.id
        is_first = name == "layer_decomp"
        label = say(text.DECOMPOSE) if is_first else say(text.RUN_PLUGIN, plugin=say_plugin(plugin.manifest.title))
        yield ActionSpec(
            id=f"ai.{name}",
            label=label,
            run=lambda shell, name=name: shell.show_plugin(name),
            keys=("Ctrl+Alt+Shift+D",) if is_first else (),
            icon="decompose" if is_first else "sparkle",
            why_not=has_document if plugin.manifest.input is InputKind.PICTURE else lambda _: "",
            checked=(lambda shell, name=name: shell.tool == name) if is_first else None,
            menu="ai",
        )
    yield ActionSpec(
        id="ai.pause",
        label=say(text.PAUSE_JOBS),
        run=_pause_jobs,
        icon="pause",
        checked=lambda shell: shell.session.has_jobs and shell.session.jobs.paused,
        why_not=lambda shell: "" if shell.session.has_jobs else say(text.NEEDS_JOB),
        menu="ai",
    )
    yield ActionSpec(
        id="ai.cancel",
        label=say(text.CANCEL_JOB),
        run=_cancel_job,
        icon="stop",
        why_not=lambda shell: "" if _running(shell) else say(text.NEEDS_JOB),
        menu="ai",
    )


def _running(shell: Shell) -> str:
    return (shell.session.jobs.running or "") if shell.session.has_jobs else ""


def _pause_jobs(shell: Shell) -> None:
    jobs = shell.session.jobs
    (jobs.resume if jobs.paused else jobs.pause)()


def _cancel_job(shell: Shell) -> None:
    running = shell.session.jobs.running
    if running is not None:
        shell.session.jobs.cancel(running)


def _view() -> Iterator[ActionSpec]:
    for name, label, keys, icon, run in (
        ("zoom_in", text.ZOOM_IN, ("Ctrl+=", "Ctrl++"), "zoom-in", lambda shell: shell.canvas.zoom_in()),
        ("zoom_out", text.ZOOM_OUT, ("Ctrl+-",), "zoom-out", lambda shell: shell.canvas.zoom_out()),
        ("fit", text.FIT, ("Ctrl+0",), "fit", lambda shell: shell.canvas.fit()),
        ("actual_size", text.ACTUAL_SIZE, ("Ctrl+1",), "actual-size", lambda shell: shell.canvas.actual_size()),
        ("rotate_left", text.ROTATE_VIEW_LEFT, ("4",), "", lambda shell: _turn_view(shell, -TURN_STEP_DEG)),
        ("rotate_right", text.ROTATE_VIEW_RIGHT, ("6",), "", lambda shell: _turn_view(shell, TURN_STEP_DEG)),
        ("reset_rotation", text.RESET_ROTATION, ("5",), "", lambda shell: shell.canvas.reset_rotation()),
        ("mirror", text.MIRROR_VIEW, ("Shift+H",), "flip-horizontal", lambda shell: shell.canvas.mirror()),
        ("clear_guides", text.CLEAR_GUIDES, (), "", lambda shell: shell.canvas.set_guides(Guides())),
    ):
        yield ActionSpec(
            id=f"view.{name}", label=say(label), run=run, keys=keys, icon=icon, why_not=has_document, menu="view"
        )
    for name, label, key in (
        ("rulers", text.RULERS, "Ctrl+R"),
        ("guides", text.GUIDES, "Ctrl+;"),
        ("snapping", text.SNAPPING, "Ctrl+Shift+;"),
        ("pixel_grid", text.PIXEL_GRID, "Ctrl+'"),
        ("mask_tint", text.MASK_TINT, "\\"),
    ):
        yield ActionSpec(
            id=f"view.{name}",
            label=say(label),
            run=lambda shell, name=name: shell.switch_view(name),
            keys=(key,),
            icon="ruler" if name == "rulers" else "",
            checked=lambda shell, name=name: bool(getattr(shell.settings.now, name)),
            menu="view",
        )


def _turn_view(shell: Shell, degrees: float) -> None:
    shell.canvas.rotate_to(shell.canvas.transform.rotation_deg + degrees)


def _tools() -> Iterator[ActionSpec]:
    shared: dict[tuple[str, str], None] = {}
    for tool in toolbox.SPECS.values():
        alone = len(toolbox.sharing(tool)) == 1
        yield ActionSpec(
            id=f"tool.{tool.name}",
            label=say(tool.label),
            run=lambda shell, name=tool.name: shell.choose_tool(name),
            keys=(tool.key,) if alone and tool.key else (),
            icon=tool.icon,
            checked=lambda shell, name=tool.name: shell.tool == name,
        )
        if not alone:
            shared[tool.group, tool.key] = None
    for group, key in shared:
        title = say(toolbox.GROUPS[group])
        yield ActionSpec(
            id=f"tool.key_{key.lower()}",
            label=say(text.TOOL_BY_KEY, tools=title),
            run=lambda shell, group=group, key=key: shell.choose_tool(shell.toolbox.by_key(group, key)),
            keys=(key,),
        )
        yield ActionSpec(
            id=f"tool.next_{key.lower()}",
            label=say(text.TOOL_NEXT, tools=title),
            run=lambda shell, group=group, key=key: shell.choose_tool(shell.toolbox.next(group, key)),
            keys=(f"Shift+{key}",),
        )


def _window() -> Iterator[ActionSpec]:
    titles = {
        "dark": text.THEME_DARK,
        "light": text.THEME_LIGHT,
        "grey": text.THEME_GREY,
        "high_contrast": text.THEME_HIGH_CONTRAST,
    }
    for name in THEMES:
        yield ActionSpec(
            id=f"theme.{name}",
            label=say(titles[name]),
            run=lambda shell, name=name: shell.set_theme(name),
            checked=lambda shell, name=name: shell.settings.now.theme == name,
        )
    for name, title in {"system": say(text.LANGUAGE_SYSTEM), **LANGUAGES}.items():
        yield ActionSpec(
            id=f"language.{name}",
            label=title,
            run=lambda shell, name=name: shell.set_language(name),
            checked=lambda shell, name=name: shell.settings.now.language == name,
        )
    yield ActionSpec(
        id="window.hide_panels",
        label=say(text.HIDE_PANELS),
        run=lambda shell: shell.set_panels_hidden(not shell.panels_hidden),
        keys=("F12",),
        checked=lambda shell: shell.panels_hidden,
        menu="window",
    )
    yield ActionSpec(
        id="window.reset_panels", label=say(text.RESET_PANELS), run=lambda shell: shell.reset_panels(), menu="window"
    )
    yield ActionSpec(
        id="window.full_screen",
        label=say(text.FULL_SCREEN),
        run=lambda shell: shell.set_full_screen(not shell.is_full_screen),
        keys=("F11",),
        checked=lambda shell: shell.is_full_screen,
        menu="window",
    )


def _help() -> Iterator[ActionSpec]:
    yield ActionSpec(
        id="help.copy_details",
        label=say(text.COPY_DETAILS_ACTION),
        run=lambda shell: shell.copy_details(),
        menu="help",
    )
    yield ActionSpec(
        id="help.about", label=say(text.ABOUT), run=lambda shell: shell.show_about(), icon="info", menu="help"
    )
