"""Choosing an engine: what it is good at, what it costs, under which licence, and why it cannot run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from studio.plugin_api.manifest import EngineInfo, EngineKind, Manifest
from studio.plugin_api.weights import Consent, Weights
from studio.plugin_host.consents import Consents
from studio.plugin_host.readiness import Readiness, readiness
from studio.ui import theme
from studio.ui.forms import text
from studio.ui.forms.field import still, tint
from studio.ui.forms.text import say

_KINDS = {
    EngineKind.CLASSICAL: text.ENGINE_CLASSICAL,
    EngineKind.TINY: text.ENGINE_TINY,
    EngineKind.PUBLIC: text.ENGINE_PUBLIC,
}


class EngineBox(QWidget):
    """`changed` tells that another engine was chosen."""

    changed = Signal()

    def __init__(self, look: Callable[[EngineInfo], Readiness] = readiness, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._engines: tuple[EngineInfo, ...] = ()
        self._state: dict[str, Readiness] = {}
        self.label = QLabel(say(text.ENGINE), self)
        self.box = QComboBox(self)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setAccessibleName(say(text.ENGINE))
        still(self.box)
        self.label.setBuddy(self.box)
        self.facts = _small(self)
        self.facts.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.good_at = _small(self)
        self.fault = _small(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for part in (self.label, self.box, self.good_at, self.facts, self.fault):
            column.addWidget(part)
        self.box.currentIndexChanged.connect(self._on_chosen)

    @property
    def engine(self) -> EngineInfo | None:
        """The chosen one."""
        index = self.box.currentIndex()
        return self._engines[index] if 0 <= index < len(self._engines) else None

    @property
    def state(self) -> Readiness:
        """Whether the chosen engine can run."""
        engine = self.engine
        return Readiness() if engine is None else self._state[engine.id]

    def show_manifest(self, manifest: Manifest) -> None:
        """Offer the engines of a plugin, and choose its default; the first that can run when that cannot."""
        self._engines = manifest.engines
        self._state = {engine.id: self._look(engine) for engine in manifest.engines}
        blocked = self.box.blockSignals(True)
        self.box.clear()
        for engine in self._engines:
            ready = self._state[engine.id].can_run
            self.box.addItem(engine.title if ready else say(text.ENGINE_UNAVAILABLE, name=engine.title), engine.id)
        first = next((i for i, engine in enumerate(self._engines) if self._state[engine.id].can_run), 0)
        self.box.setCurrentIndex(first)
        self.box.blockSignals(blocked)
        self._show()

    def choose(self, engine_id: str) -> bool:
        """Choose an engine; False when the plugin has none of that id."""
        index = self.box.findData(engine_id)
        if index >= 0:
            self.box.setCurrentIndex(index)
        return index >= 0

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "fault"):
            self._show()
        super().changeEvent(event)

    def _on_chosen(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        engine = self.engine
        if engine is None:
            return
        self.facts.setText(facts_of(engine))
        self.good_at.setText(engine.good_at)
        state = self.state
        self.fault.setText(fault_of(state))
        self.fault.setVisible(not state.can_run)
        tint(self.fault, theme.current().danger)
        self.box.setAccessibleDescription(f"{engine.good_at} {self.facts.text()} {self.fault.text()}".strip())


def fault_of(state: Readiness) -> str:
    """What keeps an engine from running and what to do about it, in the user's language; empty for none."""
    if state.lack is None:
        return ""
    return f"{why_of(state)} {say(state.lack.value[1], repo=state.repo)}"


def why_of(state: Readiness) -> str:
    """What keeps an engine from running, in the user's language; empty for nothing."""
    return "" if state.lack is None else say(state.lack.value[0], name=state.name)


def facts_of(engine: EngineInfo) -> str:
    """Kind, size, memory and licence in one line."""
    parts = [say(_KINDS[engine.kind])]
    parts.append(say(text.ENGINE_SIZE, size=f"{engine.size_mb:,.0f}") if engine.size_mb else say(text.ENGINE_NO_SIZE))
    if engine.memory_mb:
        parts.append(say(text.ENGINE_MEMORY, memory=f"{engine.memory_mb / 1024:.1f}"))
    parts.append(engine.licence)
    if any(not weights.commercial_use for weights in engine.weights):
        parts.append(say(text.ENGINE_NOT_COMMERCIAL))
    return " · ".join(parts)


def to_be_shown(engine: EngineInfo, consents: Consents) -> list[Weights]:
    """Weights whose licence a person must still see, or accept."""
    known = consents.accepted
    return [one for one in engine.weights if one.consent is not Consent.NONE and one.id not in known]


class LicenceDialog(QDialog):
    """Shows the licences of weights and asks to accept them."""

    def __init__(self, weights: Sequence[Weights], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.weights = tuple(weights)
        self.setWindowTitle(say(text.LICENCE_TITLE, name=weights[0].title))
        self.setMinimumWidth(420)
        column = QVBoxLayout(self)
        for one in weights:
            lead = text.LICENCE_LEAD if one.consent is Consent.ACCEPT else text.LICENCE_NOTICE
            lines = [say(lead, name=one.title, licence=one.licence)]
            if not one.commercial_use:
                lines.append(say(text.LICENCE_NOT_COMMERCIAL))
            column.addWidget(_line(" ".join(lines), self))
            if one.licence_url:
                link = _line(f'<a href="{one.licence_url}">{say(text.LICENCE_LINK)}</a>', self)
                link.setOpenExternalLinks(True)
                link.setAccessibleName(say(text.LICENCE_LINK))
                link.setToolTip(one.licence_url)
                column.addWidget(link)
        buttons = QDialogButtonBox(self)
        self.accept_button = buttons.addButton(say(text.LICENCE_ACCEPT), QDialogButtonBox.ButtonRole.AcceptRole)
        self.refuse_button = buttons.addButton(say(text.LICENCE_NOT_NOW), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)


def _line(words: str, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setWordWrap(True)
    return label


def _small(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setWordWrap(True)
    return label
