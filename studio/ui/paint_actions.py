"""Actions on the brush and the colours. Like tools they stand in no menu; keys and the command palette bring them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from studio.ui import text
from studio.ui.actions import ActionSpec, Shell
from studio.ui.canvas.tools.strokes import StrokeTool
from studio.ui.text import say

HARDER = 0.25
"""How much of the hardness one step is."""


def specs() -> Iterator[ActionSpec]:
    """The part of the action table."""
    for name, label, key, work in (
        ("smaller", text.BRUSH_SMALLER, "[", lambda tool: tool.resize(-1)),
        ("larger", text.BRUSH_LARGER, "]", lambda tool: tool.resize(1)),
        ("softer", text.BRUSH_SOFTER, "Shift+[", lambda tool: tool.harden(-HARDER)),
        ("harder", text.BRUSH_HARDER, "Shift+]", lambda tool: tool.harden(HARDER)),
    ):
        yield ActionSpec(
            id=f"tool.brush_{name}",
            label=say(label),
            run=lambda shell, work=work: _on_brush(shell, work),
            keys=(key,),
            why_not=_paints,
        )
    yield ActionSpec(
        id="tool.swap_colors",
        label=say(text.SWAP_COLORS),
        run=lambda shell: shell.toolbox.kit.colors.swap(),
        keys=("X",),
        icon="swap",
    )
    yield ActionSpec(
        id="tool.default_colors",
        label=say(text.DEFAULT_COLORS),
        run=lambda shell: shell.toolbox.kit.colors.reset(),
        keys=("D",),
    )


def _paints(shell: Shell) -> str:
    return "" if isinstance(shell.canvas.tool, StrokeTool) else say(text.NEEDS_BRUSH)


def _on_brush(shell: Shell, work: Callable[[StrokeTool], None]) -> None:
    tool = shell.canvas.tool
    if isinstance(tool, StrokeTool):
        work(tool)
