"""The entries of the Filter menu and of Image > Adjustments, and edge repair."""

from __future__ import annotations

from collections.abc import Iterator

from studio.core import adjustments as kinds
from studio.core.adjustments import Invert
from studio.core.edits import Lock
from studio.core.filters import LABELS
from studio.ui import text as window_text
from studio.ui.actions import ActionSpec, Shell
from studio.ui.conditions import one_layer
from studio.ui.filtering import text
from studio.ui.filtering.parameters import PARAMETERS
from studio.ui.filtering.targets import why_no_pixels, why_no_target
from studio.ui.filtering.text import say
from studio.ui.panels.layers.kinds import KINDS
from studio.ui.text import say_edit

SUBMENUS = (("image.adjust", "image", window_text.MENU_ADJUST),)
KEYS = {
    "levels": "Ctrl+L",
    "curves": "Ctrl+M",
    "hue_saturation": "Ctrl+U",
    "color_balance": "Ctrl+B",
    "invert": "Ctrl+I",
}
"""Photoshop's."""


def adjustments() -> Iterator[ActionSpec]:
    """Every adjustment, applied to the pixels of the active layer; Invert has nothing to ask for."""
    for name, kind, icon in KINDS:
        label = say_edit(kinds.LABELS[kind])
        direct = kind is Invert
        yield ActionSpec(
            id=f"image.adjust_{name}",
            label=label if direct else say(text.ADJUST, adjustment=label),
            run=(lambda shell: shell.filtering.adjust(Invert()))
            if direct
            else (lambda shell, kind=kind: shell.filtering.open_adjustment(kind)),
            keys=(KEYS[name],) if name in KEYS else (),
            icon=icon,
            why_not=can_adjust,
            menu="image.adjust",
            help=say(text.ADJUST_HELP),
        )


def filters() -> Iterator[ActionSpec]:
    """The last one again, then every filter."""
    yield ActionSpec(
        id="filter.last",
        label=say(text.LAST_FILTER),
        run=lambda shell: shell.filtering.repeat(),
        keys=("Ctrl+F",),
        icon="retry",
        why_not=can_repeat,
        menu="filter",
        label_now=last_label,
    )
    for kind in PARAMETERS:
        yield ActionSpec(
            id=f"filter.{kind}",
            label=say(text.FILTER, filter=say_edit(LABELS[kind])),
            run=lambda shell, kind=kind: shell.filtering.open_filter(kind),
            icon=f"filter-{kind.replace('_', '-')}",
            why_not=can_filter,
            menu="filter",
        )


def edges() -> ActionSpec:
    """Edge repair of the active layer, or of its mask."""
    return ActionSpec(
        id="layer.repair_edges",
        label=say(text.EDGES),
        run=lambda shell: shell.filtering.open_edges(),
        icon="repair-edges",
        why_not=can_repair,
        menu="layer",
        help=say(text.EDGES_HELP),
    )


def can_repair(shell: Shell) -> str:
    """Why no edge of the active layer can be repaired now; empty when one can."""
    return one_layer(shell) or why_no_target(
        shell.session.document, shell.session.selection[0], Lock.PIXELS, Lock.ALPHA
    )


def can_adjust(shell: Shell) -> str:
    """Why the pixels of the active layer cannot be adjusted now; empty when they can."""
    return one_layer(shell) or why_no_pixels(shell.session.document, shell.session.selection[0], Lock.PIXELS)


def can_filter(shell: Shell) -> str:
    """Why neither the pixels nor the mask of the active layer can be filtered now; empty when one can."""
    return one_layer(shell) or why_no_target(shell.session.document, shell.session.selection[0], Lock.PIXELS)


def can_repeat(shell: Shell) -> str:
    """Why the last filter cannot be applied again; empty when it can."""
    return can_filter(shell) or ("" if shell.filtering.last_label else say(text.NEEDS_LAST))


def last_label(shell: Shell) -> str:
    """“Last filter”, and which one that is."""
    label = shell.filtering.last_label
    return say(text.LAST_FILTER_NAMED, filter=say_edit(label)) if label else say(text.LAST_FILTER)
