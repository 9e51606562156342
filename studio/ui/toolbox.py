"""The tools of the canvas, each declared once; actions, shortcuts and the toolbar are views of the table.

A new tool is one line in `TOOLS` (and a title in `GROUPS` when it begins a group). Tools of a group share a button;
those that also share a key are chosen by it in turn: the key brings the last one used, Shift and the key the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from studio.ui import text
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.tool import Tool
from studio.ui.settings import SettingsFile

FIRST = "move"
"""The tool of a new window."""
KEEP_MS = 1000
"""How long after a change the options are written to the settings."""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One tool: its label in English, its icon, its key in Qt's portable text, its group, and how it is made.

    A tool without a key has an action of its own elsewhere.
    """

    name: str
    label: str
    icon: str
    key: str
    group: str
    make: Callable[[ToolKit], Tool]


def _tool(place: str, *, shares: bool = True, **options: bool) -> Callable[[ToolKit], Tool]:
    """Makes the tool of a class "module:name" of `canvas.tools`, which is loaded then: nobody chooses all of them.

    Args:
        shares: whether it takes the kit.
    """
    module, name = place.split(":")

    def make(kit: ToolKit) -> Tool:
        made = getattr(import_module(f"studio.ui.canvas.tools.{module}"), name)
        return made(kit, **options) if shares else made(**options)

    return make


TOOLS = (
    ToolSpec("move", text.TOOL_MOVE, "move", "V", "move", _tool("move:MoveTool", shares=False)),
    ToolSpec("transform", text.TOOL_TRANSFORM, "transform", "", "move", _tool("transform:FreeTransformTool")),
    ToolSpec("place", text.TOOL_PLACE, "place", "V", "move", _tool("place:PlaceTool")),
    ToolSpec(
        "select_rectangle",
        text.TOOL_SELECT_RECTANGLE,
        "select-rectangle",
        "M",
        "select",
        _tool("select_shapes:RectangleSelectTool"),
    ),
    ToolSpec(
        "select_ellipse",
        text.TOOL_SELECT_ELLIPSE,
        "select-ellipse",
        "M",
        "select",
        _tool("select_shapes:EllipseSelectTool"),
    ),
    ToolSpec("lasso", text.TOOL_LASSO, "lasso", "L", "lasso", _tool("select_lasso:LassoTool")),
    ToolSpec(
        "lasso_polygon", text.TOOL_LASSO_POLYGON, "lasso-polygon", "L", "lasso", _tool("select_lasso:PolygonLassoTool")
    ),
    ToolSpec("wand", text.TOOL_WAND, "wand", "W", "wand", _tool("select_wand:MagicWandTool")),
    ToolSpec(
        "select_object", text.TOOL_SELECT_OBJECT, "select-object", "W", "wand", _tool("select_object:ObjectSelectTool")
    ),
    ToolSpec("crop", text.TOOL_CROP, "crop", "C", "crop", _tool("crop:CropTool")),
    ToolSpec("eyedropper", text.TOOL_EYEDROPPER, "picker", "I", "eyedropper", _tool("eyedropper:EyedropperTool")),
    ToolSpec("brush", text.TOOL_BRUSH, "brush", "B", "brush", _tool("brush:BrushTool")),
    ToolSpec("smudge", text.TOOL_SMUDGE, "smudge", "B", "brush", _tool("brush:SmudgeTool")),
    ToolSpec("eraser", text.TOOL_ERASER, "eraser", "E", "eraser", _tool("brush:EraserTool")),
    ToolSpec("clone", text.TOOL_CLONE, "clone", "S", "clone", _tool("clone:CloneTool")),
    ToolSpec("heal", text.TOOL_HEAL, "heal", "J", "heal", _tool("heal:HealTool")),
    ToolSpec("gradient", text.TOOL_GRADIENT, "gradient", "G", "fill", _tool("gradient:GradientTool")),
    ToolSpec("fill", text.TOOL_FILL, "fill", "G", "fill", _tool("fill:FillTool")),
    ToolSpec("dodge", text.TOOL_DODGE, "dodge", "O", "tone", _tool("brush:ToneTool", darkens=False)),
    ToolSpec("burn", text.TOOL_BURN, "burn", "O", "tone", _tool("brush:ToneTool", darkens=True)),
    ToolSpec("lettering", text.TOOL_TEXT, "text", "T", "text", _tool("lettering:LetteringTool")),
    ToolSpec("hand", text.TOOL_HAND, "hand", "H", "view", _tool("navigation:HandTool", shares=False)),
    ToolSpec("rotate", text.TOOL_ROTATE, "rotate", "R", "view", _tool("navigation:RotateTool", shares=False)),
    ToolSpec("zoom", text.TOOL_ZOOM, "zoom-in", "Z", "zoom", _tool("navigation:ZoomTool", shares=False)),
)
"""In the order of the toolbar, the tools of a group one after the other."""
GROUPS: Mapping[str, str] = {
    "move": text.TOOLS_MOVE,
    "select": text.TOOLS_SELECT,
    "lasso": text.TOOLS_LASSO,
    "wand": text.TOOLS_WAND,
    "crop": text.TOOLS_CROP,
    "eyedropper": text.TOOLS_EYEDROPPER,
    "brush": text.TOOLS_BRUSH,
    "eraser": text.TOOLS_ERASER,
    "clone": text.TOOLS_CLONE,
    "heal": text.TOOLS_HEAL,
    "fill": text.TOOLS_FILL,
    "tone": text.TOOLS_TONE,
    "text": text.TOOLS_TEXT,
    "view": text.TOOLS_VIEW,
    "zoom": text.TOOLS_ZOOM,
}
"""What a group is called, in the order of the toolbar."""
SPECS: Mapping[str, ToolSpec] = {spec.name: spec for spec in TOOLS}


def members(group: str) -> tuple[ToolSpec, ...]:
    """The tools of a group."""
    return tuple(spec for spec in SPECS.values() if spec.group == group)


def sharing(spec: ToolSpec) -> tuple[ToolSpec, ...]:
    """The tools of its group that have its key, itself among them."""
    return tuple(other for other in members(spec.group) if other.key == spec.key)


class Toolbox(QObject):
    """Which tool is chosen, and which one stands for each group. Tools are made when they are first chosen.

    What is set for the tools is kept in the settings. `changed` tells that another tool was chosen.
    """

    changed = Signal()

    def __init__(self, settings: SettingsFile, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.kit = ToolKit(settings.now.tools)
        self._settings = settings
        self._keeping = QTimer(self, interval=KEEP_MS, singleShot=True)
        self._keeping.timeout.connect(lambda: settings.change_beside(tools=self.kit.table))
        self._subscription = self.kit.changed.connect(lambda _: self._keeping.start())
        self._made: dict[str, Tool] = {}
        self._fronts = {group: members(group)[0].name for group in GROUPS}
        self._chosen = self._before = FIRST

    @property
    def chosen(self) -> str:
        """The name of the tool that is chosen."""
        return self._chosen

    @property
    def before(self) -> str:
        """The name of the tool that was chosen before."""
        return self._before

    @property
    def tool(self) -> Tool:
        """The chosen tool itself."""
        return self.get(self._chosen)

    def get(self, name: str) -> Tool:
        """A tool by its name."""
        if name not in self._made:
            self._made[name] = SPECS[name].make(self.kit)
        return self._made[name]

    def keep(self) -> None:
        """Write what is set to the settings now."""
        self._keeping.stop()
        self._settings.change(tools=self.kit.table)

    def choose(self, name: str) -> None:
        """Have this tool chosen; it stands for its group from now on."""
        if name != self._chosen:
            self._before = self._chosen
        self._chosen = name
        self._fronts[SPECS[name].group] = name
        self.changed.emit()

    def sign_of(self, tool: Tool) -> str:
        """The icon of a tool; empty when it is none of the toolbox."""
        return next((SPECS[name].icon for name, made in self._made.items() if made is tool), "")

    def front(self, group: str) -> str:
        """The tool that stands for a group: the last one used, the first of the table before."""
        return self._fronts[group]

    def by_key(self, group: str, key: str) -> str:
        """The tool that a shared key brings: the one that stands for the group if it has the key, else the first."""
        front = SPECS[self.front(group)]
        return front.name if front.key == key else next(spec.name for spec in members(group) if spec.key == key)

    def next(self, group: str, key: str) -> str:
        """The tool after the one that the key brings, round and round; that one itself while none of them is chosen."""
        here = self.by_key(group, key)
        names = [spec.name for spec in sharing(SPECS[here])]
        return names[(names.index(here) + 1) % len(names)] if self._chosen in names else here


class HasToolbox(Protocol):
    """The window, as far as panels need it to follow the tools."""

    @property
    def toolbox(self) -> Toolbox: ...
