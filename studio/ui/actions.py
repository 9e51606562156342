"""What the window can do: one entry per action. Menus, toolbars, the command palette and shortcuts are views of these.

`ActionSpec` says what an action is, `ActionSet` makes Qt's actions of them and keeps them up to date. What the actions
are stands in `action_table`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from studio import commands
from studio.core.adjustments import Adjustment
from studio.core.errors import StudioError
from studio.core.history import LabelledEdit
from studio.core.layers import GroupLayer, path_to
from studio.session import Session
from studio.ui import text
from studio.ui.canvas.view import CanvasView
from studio.ui.icons import icon
from studio.ui.notices import Notices
from studio.ui.settings import SettingsFile
from studio.ui.text import say
from studio.ui.toolbox import Toolbox


class Files(Protocol):
    """Opening, saving and the like, as actions ask for them."""

    def new(self) -> None: ...
    def choose_and_open(self) -> None: ...
    def open_sample(self) -> None: ...
    def open(self, path: Path) -> None: ...
    def place(self) -> None: ...
    def save(self) -> None: ...
    def save_as(self) -> None: ...
    def export(self) -> None: ...
    def close(self) -> None: ...
    def paste(self) -> None: ...
    def copy_merged(self) -> None: ...
    def copy(self, *, cut: bool = False) -> None: ...
    def compare(self) -> None: ...
    def carry_out(self, stage: str, edit: LabelledEdit) -> None: ...

    @property
    def is_busy(self) -> bool: ...

    @property
    def has_changed(self) -> bool: ...


class Filters(Protocol):
    """Filters, adjustments of pixels and edge repair, as actions ask for them."""

    def open_filter(self, kind: str) -> None: ...
    def open_adjustment(self, kind: type[Adjustment]) -> None: ...
    def adjust(self, adjustment: Adjustment) -> None: ...
    def open_edges(self) -> None: ...
    def repeat(self) -> None: ...

    @property
    def last_label(self) -> str: ...


class Macros(Protocol):
    """Recording and playing, as actions ask for them."""

    def record(self) -> None: ...
    def play(self) -> None: ...
    def why_not_record(self) -> str: ...
    def why_not_play(self) -> str: ...

    @property
    def is_recording(self) -> bool: ...

    @property
    def chosen(self) -> str:
        """The macro that would be played; empty for none."""
        ...


class Shell(Protocol):
    """What an action may use of the window."""

    @property
    def session(self) -> Session: ...

    @property
    def settings(self) -> SettingsFile: ...

    @property
    def canvas(self) -> CanvasView: ...

    @property
    def files(self) -> Files: ...

    @property
    def notices(self) -> Notices: ...

    @property
    def can_paste(self) -> bool:
        """Whether the clipboard holds a picture."""
        ...

    @property
    def toolbox(self) -> Toolbox: ...

    @property
    def filtering(self) -> Filters: ...

    @property
    def macros(self) -> Macros: ...

    def choose_tool(self, name: str) -> None: ...
    @property
    def tool(self) -> str: ...
    def show_palette(self) -> None: ...
    def show_shortcuts(self) -> None: ...
    def show_about(self) -> None: ...
    def copy_details(self) -> None: ...
    def show_plugin(self, plugin_id: str) -> None: ...
    def show_panel(self, name: str) -> None: ...
    def rename_layer(self) -> None: ...
    def is_open(self, group: GroupLayer) -> bool: ...
    def switch_view(self, name: str) -> None: ...
    def set_theme(self, name: str) -> None: ...
    def set_language(self, name: str) -> None: ...
    def set_panels_hidden(self, hidden: bool) -> None: ...
    @property
    def panels_hidden(self) -> bool: ...
    def reset_panels(self) -> None: ...
    def set_full_screen(self, on: bool) -> None: ...
    @property
    def is_full_screen(self) -> bool: ...
    def close_window(self) -> None: ...


BESIDE = (
    "file.", "view.", "tool.", "theme.", "language.", "window.", "help.", "edit.palette", "edit.shortcuts",
    "edit.free_transform", "edit.transform_", "edit.turn_", "edit.flip_",
)  # fmt: skip
"""How the ids begin of actions that leave the document alone, settle what is pending themselves, or work on it."""

Run = Callable[[Shell], None]
Why = Callable[[Shell], str]
Is = Callable[[Shell], bool]


def always(shell: Shell) -> str:
    """For actions that are never disabled."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """One action.

    Args:
        label: what menus show, already in the user's language.
        run: does it; StudioErrors become notices.
        keys: shortcuts in Qt's portable text, the first one is shown.
        why_not: why it is disabled now; empty when it is not.
        checked: for actions that switch something: whether it is on. None for others.
        menu: id of the menu or submenu it stands in; empty for none.
        help: what it means, for tool tips, where the label does not tell.
        label_now: a label that tells more, such as what would be undone.
    """

    id: str
    label: str
    run: Run
    keys: tuple[str, ...] = ()
    icon: str = ""
    why_not: Why = always
    checked: Is | None = None
    menu: str = ""
    help: str = ""
    label_now: Callable[[Shell], str] | None = None


NEW_NAMES = {
    "duplicate_layers": text.COPY_NAME,
    "layer_via_copy": text.COPY_NAME,
    "extract_selected": text.COPY_NAME,
    "group_layers": text.NEW_GROUP_NAME,
    "flatten": text.BACKGROUND,
    "match_light": text.MATCHED_NAME,
    "cast_shadow": text.CAST_SHADOW,
}
"""What commands call the layers that they make, in English; the window tells them in the user's language."""


def command(command_id: str, told: Callable[[Shell], commands.Told]) -> Run:
    """Run a command of the command table with these values; layers that it makes are chosen."""
    return lambda shell: _call(shell, command_id, told)


def _call(shell: Shell, command_id: str, told: Callable[[Shell], commands.Told]) -> None:
    session = shell.session
    known = {layer.id for layer in session.document.walk()}
    names = {"name": say(NEW_NAMES[command_id])} if command_id in NEW_NAMES else {}
    commands.get(command_id).call(session, {**names, **told(shell)})
    layers = session.document.layers
    made = [layer.id for layer in session.document.walk() if layer.id not in known]
    if made:
        depth = {layer: len(path_to(layers, layer)) for layer in made}
        session.select([layer for layer in reversed(made) if depth[layer] == min(depth.values())])


class ActionSet(QObject):
    """Qt's actions of the specs, by id, with the user's shortcuts. They belong to the window `parent`."""

    def __init__(self, specs: Iterable[ActionSpec], shell: Shell, parent: QObject) -> None:
        super().__init__(parent)
        self.specs: Mapping[str, ActionSpec] = {spec.id: spec for spec in specs}
        self._shell = shell
        self._shown: dict[str, tuple[str, str, bool]] = {}
        self._actions = {spec.id: self._made(spec) for spec in self.specs.values()}
        self.use_shortcuts()
        self.dress()

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def all(self) -> list[QAction]:
        """Every action in the order of the table."""
        return list(self._actions.values())

    def keys(self, action_id: str) -> tuple[str, ...]:
        """The shortcuts of an action: the user's, else its own."""
        told = self._shell.settings.now.shortcuts.get(action_id)
        if told is None:
            return self.specs[action_id].keys
        return (told,) if told else ()

    def why_not(self, action_id: str) -> str:
        """Why the action is disabled now; empty when it is not."""
        return self.specs[action_id].why_not(self._shell)

    def run(self, action_id: str) -> None:
        """Do it, if it can be done now; errors become notices. What a tool has pending is settled before edits."""
        spec = self.specs[action_id]
        if spec.why_not(self._shell):
            return
        settles = not action_id.startswith(BESIDE)
        if settles and (not self._shell.canvas.tool.settle() or spec.why_not(self._shell)):
            return
        try:
            spec.run(self._shell)
        except StudioError as error:
            self._shell.notices.fail(error)
        self.refresh()

    def refresh(self) -> None:
        """Enable, check and name every action as the session is now."""
        for spec in self.specs.values():
            label = spec.label if spec.label_now is None else spec.label_now(self._shell)
            checked = spec.checked is not None and spec.checked(self._shell)
            now = (label, spec.why_not(self._shell), checked)
            action = self._actions[spec.id]
            if self._shown.get(spec.id) != now or action.isChecked() != checked:
                self._shown[spec.id] = now
                self._show(spec, *now)

    def _show(self, spec: ActionSpec, label: str, reason: str, checked: bool) -> None:
        action = self._actions[spec.id]
        action.setEnabled(not reason)
        action.setText(label)
        action.setToolTip(self._tip(spec, label, reason))
        action.setStatusTip(reason)
        if spec.checked is not None:
            action.setChecked(checked)

    def use_shortcuts(self) -> None:
        """Give every action the shortcuts that the settings say."""
        self._shown.clear()
        for action_id, action in self._actions.items():
            action.setShortcuts([QKeySequence(keys) for keys in self.keys(action_id)])

    def dress(self) -> None:
        """Draw the icons in the current theme's colours."""
        for spec in self.specs.values():
            if spec.icon:
                self._actions[spec.id].setIcon(icon(spec.icon))

    def _made(self, spec: ActionSpec) -> QAction:
        action = QAction(spec.label, self.parent())
        action.setObjectName(spec.id)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setMenuRole(QAction.MenuRole.NoRole)
        action.setIconVisibleInMenu(False)
        if spec.checked is not None:
            action.setCheckable(True)
        action.triggered.connect(lambda _checked=False, name=spec.id: self.run(name))
        return action

    def _tip(self, spec: ActionSpec, label: str, reason: str) -> str:
        """Label and keys; on lines of their own what it means and why it is disabled."""
        keys = self.keys(spec.id)
        shown = QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
        name = plain(label)
        head = f"{name} ({shown})" if shown else name
        return "\n".join(line for line in (head, spec.help, reason) if line)


def plain(label: str) -> str:
    """A label without the dots and the underlined letter."""
    return label.replace("&", "").rstrip("….")
