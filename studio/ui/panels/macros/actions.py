"""The entries of Edit > Macros."""

from __future__ import annotations

from collections.abc import Iterator

from studio.ui import text as window_text
from studio.ui.actions import ActionSpec, Shell
from studio.ui.panels.layers.describing import one_line
from studio.ui.panels.macros import text
from studio.ui.panels.macros.text import say

SUBMENUS = (("edit.macros", "edit", window_text.DOCK_MACROS),)


def specs() -> Iterator[ActionSpec]:
    """Record, and play the chosen one."""
    yield ActionSpec(
        id="macro.record",
        label=say(text.RECORD),
        run=lambda shell: shell.macros.record(),
        icon="record",
        why_not=lambda shell: shell.macros.why_not_record(),
        checked=lambda shell: shell.macros.is_recording,
        menu="edit.macros",
        help=say(text.RECORD_HELP),
        label_now=lambda shell: say(text.STOP if shell.macros.is_recording else text.RECORD),
    )
    yield ActionSpec(
        id="macro.play",
        label=say(text.PLAY),
        run=lambda shell: shell.macros.play(),
        icon="play",
        why_not=lambda shell: shell.macros.why_not_play(),
        menu="edit.macros",
        help=say(text.PLAY_HELP),
        label_now=_play_label,
    )
    yield ActionSpec(
        id="macro.show",
        label=say(text.SHOW),
        run=lambda shell: shell.show_panel("macros"),
        icon="macro",
        menu="edit.macros",
    )


def _play_label(shell: Shell) -> str:
    chosen = one_line(shell.macros.chosen).replace("&", "&&")
    return say(text.PLAY_NAMED, name=chosen) if chosen else say(text.PLAY)
