"""The actions on where layers lie and how large the picture is: Transform, Align, and part of the Image menu."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

from studio.core import edits
from studio.core.edits import Turn
from studio.core.edits.arranging import Alignment
from studio.core.errors import StudioError
from studio.core.history import LabelledEdit
from studio.ui.actions import ActionSpec, Run, Shell, Why, command
from studio.ui.canvas.tools.transform import FreeTransformTool, Mode
from studio.ui.canvas.tools.transform_work import why_not as why_not_transform
from studio.ui.conditions import has_document, has_layer
from studio.ui.geometry import text
from studio.ui.geometry.alignments import ALIGNMENTS, AXES, frame_for
from studio.ui.geometry.canvas_size import CanvasSizeDialog
from studio.ui.geometry.image_size import ImageSizeDialog
from studio.ui.geometry.questions import RotateDialog, TrimDialog
from studio.ui.geometry.text import say

TOOL = "transform"
SUBMENUS = (
    ("edit.transform", "edit", text.MENU_TRANSFORM),
    ("layer.align", "layer", text.MENU_ALIGN),
)
"""Id, the menu it stands in, and title."""
MODES = (
    ("scale", text.SCALE, Mode.SCALE),
    ("rotate", text.ROTATE, Mode.ROTATE),
    ("skew", text.SKEW, Mode.SKEW),
    ("distort", text.DISTORT, Mode.DISTORT),
    ("perspective", text.PERSPECTIVE, Mode.PERSPECTIVE),
)
TURNS = (
    ("turn_right", text.TURN_RIGHT, Turn.QUARTER),
    ("turn_left", text.TURN_LEFT, Turn.THREE_QUARTERS),
    ("turn_half", text.TURN_HALF, Turn.HALF),
    ("flip_horizontal", text.FLIP_HORIZONTAL, Turn.FLIP_HORIZONTAL),
    ("flip_vertical", text.FLIP_VERTICAL, Turn.FLIP_VERTICAL),
)
_DEGREES = {Turn.QUARTER: 90.0, Turn.HALF: 180.0, Turn.THREE_QUARTERS: -90.0}
_FACTORS = {Turn.FLIP_HORIZONTAL: (-1.0, 1.0), Turn.FLIP_VERTICAL: (1.0, -1.0)}


def transform_specs() -> Iterator[ActionSpec]:
    """The end of the Edit menu: free transform, its modes, turns and flips."""
    yield ActionSpec(
        id="edit.free_transform",
        label=say(text.FREE_TRANSFORM),
        run=lambda shell: _transform(shell, Mode.FREE),
        keys=("Ctrl+T",),
        icon="transform",
        why_not=_can_transform,
        menu="edit",
    )
    for name, label, mode in MODES:
        yield ActionSpec(
            id=f"edit.transform_{name}",
            label=say(label),
            run=lambda shell, mode=mode: _transform(shell, mode),
            why_not=_can_transform,
            menu="edit.transform",
        )
    for name, label, turn in TURNS:
        yield ActionSpec(
            id=f"edit.{name}",
            label=say(label),
            run=lambda shell, turn=turn: _turn(shell, turn),
            why_not=_can_transform,
            menu="edit.transform",
        )


def align_specs() -> Iterator[ActionSpec]:
    """The Align submenu of the Layer menu."""
    for alignment, label in ALIGNMENTS:
        yield ActionSpec(
            id=f"layer.align_{alignment}",
            label=say(label),
            run=command("align_layers", lambda shell, alignment=alignment: _aligned(shell, alignment)),
            icon=f"align-{alignment}",
            why_not=has_layer,
            menu="layer.align",
            help=say(text.ALIGN_HELP),
        )
    for axis, label in AXES:
        yield ActionSpec(
            id=f"layer.distribute_{axis}",
            label=say(label),
            run=command("distribute_layers", lambda shell, axis=axis: {"ids": _chosen(shell), "axis": axis}),
            icon=f"distribute-{axis}",
            why_not=_has_three,
            menu="layer.align",
            help=say(text.DISTRIBUTE_HELP),
        )


def image_specs() -> Iterator[ActionSpec]:
    """The beginning of the Image menu: sizes, cropping, trimming."""

    def entry(name: str, label: str, run: Run, *keys: str, why: Why = has_document, icon: str = "") -> ActionSpec:
        return ActionSpec(
            id=f"image.{name}", label=say(label), run=run, keys=keys, why_not=why, icon=icon, menu="image"
        )

    yield entry("size", text.IMAGE_SIZE, _image_size, "Ctrl+Alt+I")
    yield entry("canvas_size", text.CANVAS_SIZE, _canvas_size, "Ctrl+Alt+C")
    yield entry("rotate_by", text.ROTATE_CANVAS, _rotate_by)
    yield entry(
        "crop_to_selection",
        text.CROP_TO_SELECTION,
        command("crop_to_selection", lambda _: {}),
        why=_has_selection,
        icon="crop",
    )
    yield entry("trim", text.TRIM, _trim)
    yield entry("reveal_all", text.REVEAL_ALL, command("reveal_all", lambda _: {}))


# What must be the case


def _can_transform(shell: Shell) -> str:
    return has_layer(shell) or why_not_transform(shell.session.document, shell.session.selection)


def _has_three(shell: Shell) -> str:
    return has_layer(shell) or ("" if len(shell.session.selection) > 2 else say(text.NEEDS_THREE))


def _has_selection(shell: Shell) -> str:
    return has_document(shell) or ("" if shell.session.document.selection is not None else say(text.NEEDS_SELECTION))


# Doing it


def _chosen(shell: Shell) -> list[str]:
    return list(shell.session.selection)


def _aligned(shell: Shell, alignment: Alignment) -> dict[str, object]:
    return {"ids": _chosen(shell), "alignment": alignment, "to": frame_for(shell.session)}


def _transform(shell: Shell, mode: Mode) -> None:
    shell.choose_tool(TOOL)
    tool = shell.toolbox.tool
    if isinstance(tool, FreeTransformTool):
        tool.set_mode(mode)
    shell.canvas.take_focus()


def _turn(shell: Shell, turn: Turn) -> None:
    """Turn what is being transformed, or else the chosen layers at once."""
    tool = shell.canvas.tool
    if not isinstance(tool, FreeTransformTool) or tool.framing is None:
        if not tool.settle():
            return
        command("turn_layers", lambda shell: {"ids": _chosen(shell), "turn": turn})(shell)
    elif turn in _DEGREES:
        tool.turn(_DEGREES[turn])
    else:
        tool.mirror(*_FACTORS[turn])


def _image_size(shell: Shell) -> None:
    dialog = ImageSizeDialog(shell.session.document, shell.canvas.window())
    _ask(
        dialog,
        lambda: shell.files.carry_out(
            say(text.RESIZING), edits.step(edits.resize_image, dialog.asked, sampling=dialog.sampling)
        ),
    )


def _canvas_size(shell: Shell) -> None:
    dialog = CanvasSizeDialog(shell.session.document.size, shell.canvas.window())
    _ask(dialog, lambda: _apply(shell, edits.step(edits.set_canvas_size, dialog.asked, anchor=dialog.anchor)))


def _rotate_by(shell: Shell) -> None:
    dialog = RotateDialog(shell.canvas.window())
    _ask(dialog, lambda: shell.files.carry_out(say(text.ROTATING), edits.step(edits.rotate_canvas, dialog.degrees)))


def _trim(shell: Shell) -> None:
    dialog = TrimDialog(shell.canvas.window())
    _ask(
        dialog,
        lambda: _apply(shell, edits.step(edits.trim_canvas, by=dialog.by, delete_hidden=dialog.delete_cropped)),
    )


def _apply(shell: Shell, edit: LabelledEdit) -> None:
    try:
        shell.session.history.apply(edit)
    except StudioError as error:
        shell.notices.fail(error)


def _ask(dialog: QDialog, accepted: Callable[[], None]) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.accepted.connect(accepted)
    dialog.open()
