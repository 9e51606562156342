"""The form of a parameter class: rows in the order of its fields, the advanced ones folded away."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from studio.plugin_api.interactions import Suggestions
from studio.plugin_api.params import MaskPick, ParamsClass, ParamSpec, problems, specs
from studio.ui import theme
from studio.ui.forms import text
from studio.ui.forms.drawings import PicksField
from studio.ui.forms.host import FormHost, Mask
from studio.ui.forms.places import PlacesField
from studio.ui.forms.row import Row
from studio.ui.forms.sources import FileField
from studio.ui.forms.text import say
from studio.ui.icons import icon
from studio.ui.spoken import say_plugin, spoken_parameter


class ParamsForm(QWidget):
    """Shows parameters and returns them. `changed` tells that the user gave other ones, or that the document did.

    Args:
        speak: puts labels and help into the user's language; as plugins do unless given.
    """

    changed = Signal()

    def __init__(
        self,
        params_class: type[ParamsClass],
        host: FormHost,
        parent: QWidget | None = None,
        *,
        speak: Callable[[ParamSpec], ParamSpec] = spoken_parameter,
    ) -> None:
        super().__init__(parent)
        self._class = params_class
        self._host = host
        self.rows: dict[str, Row] = {spec.name: Row(speak(spec), host, self) for spec in specs(params_class)}
        self.fold = QToolButton(self)
        self.fold.setCheckable(True)
        self.fold.setProperty("fold", True)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.fold.toggled.connect(self._show_fold)
        self._advanced = QWidget(self)
        self._lay_out()
        for row in self.rows.values():
            row.changed.connect(self._on_changed)
        host.document_changed.connect(self._on_changed)
        self._show_state()

    def __getitem__(self, name: str) -> Row:
        return self.rows[name]

    @property
    def params(self) -> ParamsClass:
        """What the fields hold now."""
        values = {name: row.field.value for name, row in self.rows.items()}
        return self._class(**values)

    def set_params(self, params: ParamsClass) -> None:
        """Show other parameters; nothing is emitted. Advanced rows are shown where one is not as it was."""
        for name, row in self.rows.items():
            row.show_value(getattr(params, name))
        self.fold.setChecked(self.fold.isChecked() or bool(self._changed_advanced))
        self._show_state()

    @property
    def arrays(self) -> Mapping[str, Mask]:
        """The masks and pictures that the parameters name and that were given here."""
        names = set[str]()
        for name, row in self.rows.items():
            if isinstance(row.field, PicksField):
                names |= {pick.array for pick in row.field.value if isinstance(pick, MaskPick)}
            elif isinstance(row.field, FileField) and row.field.value:
                names.add(name)
        return {name: mask for name, mask in self._host.arrays.items() if name in names}

    def problems(self) -> Mapping[str, str]:
        """What keeps the parameters from being run, by name: in the plugin's words, or the field's."""
        found = {name: say_plugin(words) for name, words in problems(self.params).items()}
        found |= {name: words for name, row in self.rows.items() if (words := row.field.fault())}
        return found

    @property
    def is_default(self) -> bool:
        return all(row.is_default for row in self.rows.values())

    def reset(self) -> None:
        """All rows back to the plugin's own values."""
        for row in self.rows.values():
            if not row.is_default:
                row.show_value(row.spec.default)
        self._on_changed()

    def suggest(self, told: Mapping[str, Suggestions]) -> None:
        """Show the places that a run suggests."""
        for name, one in told.items():
            row = self.rows.get(name)
            if row is not None and isinstance(row.field, PlacesField):
                row.field.suggest(one)
                row.show_value(row.field.value)

    def release(self) -> None:
        """Let go of the canvas."""
        for row in self.rows.values():
            row.field.release()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "fold"):
            self._show_fold(self.fold.isChecked())
        super().changeEvent(event)

    @property
    def _changed_advanced(self) -> list[Row]:
        return [row for row in self.rows.values() if row.spec.advanced and not row.is_default]

    def _on_changed(self) -> None:
        self._show_state()
        self.changed.emit()

    def _show_state(self) -> None:
        found = self.problems()
        for name, row in self.rows.items():
            row.show_fault(found.get(name, ""), urgent=not row.is_default)
        count = len(self._changed_advanced)
        self.fold.setText(say(text.ADVANCED_CHANGED, count=count) if count else say(text.ADVANCED))

    def _show_fold(self, shown: bool) -> None:
        self._advanced.setVisible(shown)
        self.fold.setIcon(icon("chevron-down" if shown else "chevron-right"))

    def _lay_out(self) -> None:
        gap = theme.current().spacing_px
        column, inner = QVBoxLayout(self), QVBoxLayout(self._advanced)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap + 4)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(gap + 4)
        for row in self.rows.values():
            (inner if row.spec.advanced else column).addWidget(row)
        column.addWidget(self.fold)
        column.addWidget(self._advanced)
        self.fold.setVisible(inner.count() > 0)
        self._show_fold(False)
