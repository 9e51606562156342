"""The shape of a brush, how its dabs scatter, and how it follows the pressure of the pen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from studio.core.adjustments import STRAIGHT, CurvePoints
from studio.core.events import Subscriptions
from studio.core.painting.brush import Response, responded
from studio.ui.canvas.options import Options
from studio.ui.canvas.tools import paint_text as text
from studio.ui.canvas.tools.brush_settings import AMOUNT_BY_PRESSURE, SIZE_BY_PRESSURE, BrushSettings
from studio.ui.canvas.tools.paint_text import say
from studio.ui.panels.bar import AmountBar
from studio.ui.panels.properties.curves import CurveGraph

RESPONSES: Sequence[tuple[str, str, str, Response]] = (
    ("size_by_pressure", text.PRESSURE_SIZE, "pressure-size", SIZE_BY_PRESSURE),
    ("opacity_by_pressure", text.PRESSURE_OPACITY, "pressure-opacity", AMOUNT_BY_PRESSURE),
    ("flow_by_pressure", text.PRESSURE_FLOW, "pressure-flow", AMOUNT_BY_PRESSURE),
)
"""Field, label, icon and what it is when it is switched on."""
SHARES = (
    ("roundness", text.ROUNDNESS, text.ROUNDNESS_HELP, 1, 100, 0.01, " %"),
    ("angle", text.ANGLE, text.ANGLE_HELP, -180, 180, 1.0, "°"),
    ("scatter", text.SCATTER, text.SCATTER_HELP, 0, 1000, 0.01, " %"),
    ("size_jitter", text.JITTER, text.JITTER_HELP, 0, 100, 0.01, " %"),
)
GRAPH = QSize(170, 130)


class TipPage(QWidget):
    """Roundness, angle, scatter and size jitter, one below the other."""

    def __init__(self, options: Options[BrushSettings], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = options
        self._subscriptions = Subscriptions()
        self.destroyed.connect(self._subscriptions.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.bars: dict[str, AmountBar] = {}
        for field, label, help_, low, high, unit, suffix in SHARES:
            bar = AmountBar(say(label), low, high, suffix=suffix, help_=say(help_), parent=self)
            bar.changed.connect(lambda value, field=field, unit=unit: options.change(**{field: value * unit}))
            column.addWidget(bar)
            self.bars[field] = bar
        self._subscriptions.listen(options.changed, self._show)
        self._show(options.now)

    def _show(self, now: BrushSettings) -> None:
        for field, _, _, _, _, unit, _ in SHARES:
            self.bars[field].show_value(round(getattr(now, field) / unit))


class ResponseGraph(CurveGraph):
    """A curve of pressure whose points are joined by straight lines."""

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(label)
        self.setToolTip(say(text.RESPONSE_HELP))

    def sizeHint(self) -> QSize:
        return GRAPH

    def _heights(self) -> list[float]:
        response = response_of(self._points)
        return [responded(response, value / 255) for value in range(256)]


class PressurePage(QWidget):
    """A switch and a curve for each thing that follows the pressure, side by side."""

    def __init__(
        self,
        options: Options[BrushSettings],
        shown: Sequence[tuple[str, str, str, Response]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._subscriptions = Subscriptions()
        self.destroyed.connect(self._subscriptions.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.switches: dict[str, QCheckBox] = {}
        self.graphs: dict[str, ResponseGraph] = {}
        for field, label, _, usual in shown:
            column = QVBoxLayout()
            switch = self.switches[field] = QCheckBox(say(label), self)
            graph = self.graphs[field] = ResponseGraph(say(label), self)
            switch.clicked.connect(lambda on, field=field, usual=usual: options.change(**{field: usual if on else ()}))
            graph.dragged.connect(lambda points, field=field: options.change(**{field: response_of(points)}))
            column.addWidget(switch)
            column.addWidget(graph)
            row.addLayout(column)
        self._subscriptions.listen(options.changed, self._show)
        self._show(options.now)

    def _show(self, now: BrushSettings) -> None:
        for field, switch in self.switches.items():
            response: Response = getattr(now, field)
            switch.setChecked(bool(response))
            self.graphs[field].setEnabled(bool(response))
            self.graphs[field].show_points(points_of(response), 0)


def points_of(response: Response) -> CurvePoints:
    """A response as points of a graph, 0..255, at rising places; the straight line when it is off."""
    points = [(round(255 * pressure), round(255 * share)) for pressure, share in response]
    rising = [point for point, after in pairwise(points) if point[0] < after[0]] + points[-1:]
    return tuple(rising) if len(rising) > 1 else STRAIGHT


def response_of(points: CurvePoints) -> Response:
    """Points of a graph as a response."""
    return tuple((pressure / 255, share / 255) for pressure, share in points)
