"""The dialog of any filter: a form of its parameters, and the result at view size on the canvas."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from studio.core import edits
from studio.core.filters import LABELS, Filter
from studio.core.history import LabelledEdit
from studio.core.layers import LayerId
from studio.core.previews import FilterPreview
from studio.plugin_api.params import ParamSpec
from studio.ui.filtering import text
from studio.ui.filtering.dialog import PreviewDialog, Workplace
from studio.ui.filtering.parameters import PARAMETERS, FilterParams
from studio.ui.filtering.targets import Target, targets, why_no_target
from studio.ui.filtering.text import say
from studio.ui.forms.form import ParamsForm
from studio.ui.forms.host import FormHost

WIDTH_PX = 340
TARGETS = {Target.PIXELS: text.ON_PIXELS, Target.MASK: text.ON_MASK}


class FilterDialog(PreviewDialog):
    """Asks for one filter's values.

    Args:
        params: the values to begin with; those of the filter's class unless given.
        on_mask: begin with the layer's mask as the target.
    """

    view_matters = True

    def __init__(
        self,
        workplace: Workplace,
        layer: LayerId,
        kind: str,
        parent: QWidget,
        params: FilterParams | None = None,
        *,
        on_mask: bool = False,
    ) -> None:
        super().__init__(workplace, layer, LABELS[kind], parent)
        self.kind = kind
        self._host = FormHost(self.session, self)
        self.form = ParamsForm(PARAMETERS[kind], self._host, self, speak=spoken)
        if params is not None:
            self.form.set_params(params)
        self.target_box = TargetBox(self)
        self.body.addWidget(self.target_box)
        self.body.addWidget(self.form)
        self.body.addStretch(1)
        self.target_box.offer(targets(self.session.document, layer))
        if on_mask:
            self.target_box.choose(Target.MASK)
        self._previews: dict[bool, FilterPreview] = {}
        self.form.changed.connect(self.changed)
        self.target_box.changed.connect(self.changed)
        self.resize(WIDTH_PX, self.sizeHint().height())
        self.changed()

    @property
    def params(self) -> FilterParams:
        """What the form holds."""
        return self.form.params  # pyright: ignore[reportReturnType]  # the form gives back the class it was made of

    @property
    def filter(self) -> Filter:
        return self.params.filter

    @property
    def on_mask(self) -> bool:
        return self.target_box.target is Target.MASK

    def edit(self) -> LabelledEdit:
        return filter_edit(self.layer, self.filter, on_mask=self.on_mask)

    def look(self) -> None:
        previews = self._previews
        if self.on_mask not in previews:
            previews[self.on_mask] = FilterPreview(self.session.document, self.layer, on_mask=self.on_mask)
        scale = 1 << self.canvas.transform.level
        self.make(partial(previews[self.on_mask].at, self.filter, self.canvas.seen, scale))

    def reset(self) -> None:
        self.form.reset()

    def why_not(self) -> str:
        return why_no_target(self.session.document, self.layer)

    def document_changed(self) -> None:
        self._previews.clear()
        self.target_box.offer(targets(self.session.document, self.layer))

    def _let_go(self) -> None:
        self._host.release()
        super()._let_go()


class TargetBox(QWidget):
    """Whether the layer's pixels or its mask are changed; it is shown where there is a choice."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.box = QComboBox(self)
        self.box.setAccessibleName(say(text.WORKS_ON))
        label = QLabel(say(text.WORKS_ON), self)
        label.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label)
        row.addWidget(self.box, 1)
        self.changed = self.box.currentIndexChanged
        self.setFocusProxy(self.box)

    @property
    def target(self) -> Target:
        chosen = self.box.currentData()
        return Target.PIXELS if chosen is None else Target(chosen)

    def choose(self, target: Target) -> None:
        """Choose one of those that are offered. Nothing is emitted."""
        before = self.box.blockSignals(True)
        self.box.setCurrentIndex(max(0, self.box.findData(str(target))))
        self.box.blockSignals(before)

    def offer(self, found: tuple[Target, ...]) -> None:
        """Let one of these be chosen; what is chosen stays so where it can. Nothing is emitted."""
        before, chosen = self.box.blockSignals(True), self.target
        self.box.clear()
        for target in found:
            self.box.addItem(say(TARGETS[target]), str(target))
        self.box.setCurrentIndex(max(0, self.box.findData(str(chosen))))
        self.box.blockSignals(before)
        self.setVisible(Target.MASK in found)


def filter_edit(layer: LayerId, filter: Filter, *, on_mask: bool) -> LabelledEdit:
    """The filter as a step, under its own name."""
    more = {"on_mask": True} if on_mask else {}
    return replace(edits.step(edits.apply_filter, layer, filter, **more), label=LABELS[filter.kind])


def spoken(spec: ParamSpec) -> ParamSpec:
    """The parameter with label and help in the user's language."""
    return replace(spec, label=say(spec.label), help=say(spec.help))
