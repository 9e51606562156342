"""The controls that all brushes share, and the list of brushes to start from."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QInputDialog, QMenu, QToolButton, QWidget

from studio.core.events import Subscriptions
from studio.ui import theme
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.options import Options
from studio.ui.canvas.tools import paint_text as text
from studio.ui.canvas.tools.brush_settings import MOST_SIZE_PX, BrushSettings, built_in, is_like, save, saved, use
from studio.ui.canvas.tools.brush_tip import RESPONSES, PressurePage, TipPage
from studio.ui.canvas.tools.flyout import Flyout
from studio.ui.canvas.tools.option_line import OptionLine
from studio.ui.canvas.tools.paint_text import say
from studio.ui.icons import icon

NAME_PX = 108
PERCENT = " %"
PIXELS = " px"
MOST_SMOOTHING_PX = 200


def percent(
    line: OptionLine, options: Options[BrushSettings], field: str, label: str, help_: str, low: int = 0
) -> None:
    """A share of a brush as percent."""
    line.amount(options, field, say(label), low, 100, unit=0.01, suffix=PERCENT, help_=say(help_))


def size_and_edge(line: OptionLine, kit: ToolKit, options: Options[BrushSettings]) -> None:
    """The list of brushes, size and hardness."""
    line.add(PresetButton(kit, options, line))
    line.amount(
        options, "size_px", say(text.SIZE), 1, int(MOST_SIZE_PX), suffix=PIXELS, help_=say(text.SIZE_HELP), curve=3.0
    )
    percent(line, options, "hardness", text.HARDNESS, text.HARDNESS_HELP)


def opacity_and_flow(line: OptionLine, options: Options[BrushSettings]) -> None:
    """How much is laid down."""
    percent(line, options, "opacity", text.OPACITY, text.OPACITY_HELP, low=1)
    percent(line, options, "flow", text.FLOW, text.FLOW_HELP, low=1)


def motion(line: OptionLine, options: Options[BrushSettings]) -> None:
    """How the brush moves."""
    percent(line, options, "spacing", text.SPACING, text.SPACING_HELP, low=1)
    line.amount(
        options, "string_px", say(text.SMOOTHING), 0, MOST_SMOOTHING_PX, suffix=PIXELS, help_=say(text.SMOOTHING_HELP),
        curve=2.0,
    )  # fmt: skip
    line.add(Flyout(say(text.TIP), say(text.TIP_HELP), lambda parent: TipPage(options, parent), line))


def pressure(line: OptionLine, options: Options[BrushSettings], *, size: bool = True) -> None:
    """What the pen's pressure acts on, and by how much."""
    shown = RESPONSES if size else RESPONSES[1:]
    for field, label, sign, usual in shown:
        line.switch(options, field, say(label), sign=sign, on=usual)
    line.add(
        Flyout(say(text.PRESSURE), say(text.PRESSURE_HELP), lambda parent: PressurePage(options, shown, parent), line)
    )


class PresetButton(QToolButton):
    """Says which brush it is and lists them all; the list is made when it opens."""

    def __init__(self, kit: ToolKit, options: Options[BrushSettings], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kit = kit
        self._options = options
        self.setAccessibleName(say(text.PRESETS))
        self.setToolTip(say(text.PRESETS_HELP))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands at the right
        self.setFixedWidth(NAME_PX)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(say(text.PRESETS), self)
        menu.aboutToShow.connect(self.fill)
        self.setMenu(menu)
        self._subscriptions = Subscriptions()
        self._subscriptions.listen(options.changed, self._show)
        self.destroyed.connect(self._subscriptions.close)
        self._show(options.now)
        self._dress()

    def fill(self) -> None:
        """List what there is now."""
        menu = self.menu()
        menu.clear()
        for name, settings in built_in().items():
            self._entry(menu, say(text.PRESET_NAMES[name]), settings)
        own = saved(self._kit)
        if own:
            menu.addSeparator()
        for name, settings in own.items():
            self._entry(menu, name, settings)
        menu.addSeparator()
        menu.addAction(say(text.SAVE_PRESET)).triggered.connect(lambda _=False: self.ask_name())
        if own:
            gone = menu.addMenu(say(text.DELETE_PRESET))
            for name in own:
                gone.addAction(_plain(name)).triggered.connect(lambda _=False, name=name: save(self._kit, name, None))

    def ask_name(self) -> None:
        """Let the user name the brush as it is now."""
        dialog = QInputDialog(self)
        dialog.setWindowTitle(say(text.SAVE_PRESET_TITLE))
        dialog.setLabelText(say(text.PRESET_NAME))
        dialog.textValueSelected.connect(self._save)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _save(self, name: str) -> None:
        if name.strip():
            save(self._kit, name.strip(), self._options.table)
            self._show(self._options.now)

    def _show(self, now: BrushSettings) -> None:
        own = {name: name for name, settings in saved(self._kit).items() if is_like(settings, now)}
        ours = {name: say(text.PRESET_NAMES[name]) for name, settings in built_in().items() if is_like(settings, now)}
        name = next(iter((ours | own).values()), say(text.OWN_BRUSH))
        shown = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, NAME_PX - 34)
        self.setText(_plain(shown))

    def _entry(self, menu: QMenu, name: str, settings: BrushSettings) -> None:
        action = menu.addAction(_plain(name))
        action.setCheckable(True)
        action.setChecked(is_like(settings, self._options.now))
        action.triggered.connect(lambda _=False: use(self._options, settings))

    def _dress(self) -> None:
        side = theme.current().icon_px - 6
        self.setIcon(icon("chevron-down"))
        self.setIconSize(QSize(side, side))


def _plain(name: str) -> str:
    return name.replace("&", "&&")
