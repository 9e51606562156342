"""The page on which the gradient tool's own gradient is made: the editor of gradient maps, with opacity."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.adjustments import GradientMap
from studio.core.events import Subscriptions
from studio.core.gradients import Gradient
from studio.ui.canvas.options import Options
from studio.ui.canvas.tools import paint_text as text
from studio.ui.canvas.tools.gradient_settings import GradientColors, GradientSettings, stops_of, table_of
from studio.ui.canvas.tools.paint_text import say
from studio.ui.panels.bar import AmountBar
from studio.ui.panels.properties.gradient import GradientMapEditor

WIDTH_PX = 320


class GradientPage(QWidget):
    """What is changed on it is drawn from then on: the tool takes its own gradient."""

    def __init__(self, options: Options[GradientSettings], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = options
        self._subscriptions = Subscriptions()
        self.destroyed.connect(self._subscriptions.close)
        self.setMinimumWidth(WIDTH_PX)
        self.editor = GradientMapEditor(self)
        self.opacity = AmountBar(
            say(text.STOP_OPACITY), 0, 100, suffix=" %", help_=say(text.STOP_OPACITY_HELP), parent=self
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.editor)
        column.addWidget(self.opacity)
        self.editor.changed.connect(self._take)
        self.editor.bar.picked.connect(lambda _: self._show_opacity())
        self.opacity.changed.connect(self._fade)
        self._subscriptions.listen(options.changed, lambda _: self._show())
        self._show()

    @property
    def _stops(self) -> Gradient:
        return stops_of(self._options.now.stops)

    def _take(self, made: GradientMap) -> None:
        self._use(made.gradient, reverse=made.reverse)

    def _fade(self, percent: int) -> None:
        chosen, stops = self.editor.bar.chosen, self._stops
        faded = replace(stops[chosen], opacity=percent / 100)
        self._use((*stops[:chosen], faded, *stops[chosen + 1 :]), reverse=self._options.now.reversed)

    def _use(self, stops: Gradient, *, reverse: bool) -> None:
        self._options.change(stops=table_of(stops), reversed=reverse, colors=GradientColors.OWN)

    def _show(self) -> None:
        self.editor.show_adjustment(GradientMap(gradient=self._stops, reverse=self._options.now.reversed))
        self._show_opacity()

    def _show_opacity(self) -> None:
        self.opacity.show_value(round(100 * self._stops[min(self.editor.bar.chosen, len(self._stops) - 1)].opacity))
