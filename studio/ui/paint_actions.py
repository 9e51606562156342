"""Actions on the brush, the colours and what is painted on.

Most stand in no menu, as tools do; keys and the command palette bring them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from studio.ui import text
from studio.ui.actions import ActionSpec, Shell
from studio.ui.canvas.tools.strokes import StrokeTool
from studio.ui.conditions import active, one_masked
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
        icon="default-colors",
    )
    yield ActionSpec(
        id="layer.paint_mask",
        label=say(text.PAINT_MASK),
        run=_switch_target,
        keys=("Ctrl+\\",),
        why_not=one_masked,
        checked=lambda shell: not one_masked(shell) and shell.toolbox.kit.target.is_mask(active(shell)),
        menu="layer.mask",
        help=say(text.PAINT_MASK_HELP),
    )


def _switch_target(shell: Shell) -> None:
    target, layer = shell.toolbox.kit.target, active(shell)
    target.choose(None if target.is_mask(layer) else layer.id)


def _paints(shell: Shell) -> str:
    return "" if isinstance(shell.canvas.tool, StrokeTool) else say(text.NEEDS_BRUSH)


def _on_brush(shell: Shell, work: Callable[[StrokeTool], None]) -> None:
    tool = shell.canvas.tool
    if isinstance(tool, StrokeTool):
        work(tool)
