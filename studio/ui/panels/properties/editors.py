"""Which editor each kind of adjustment has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from studio.core.adjustments import (
    Adjustment,
    BrightnessContrast,
    ColorBalance,
    Curves,
    Exposure,
    GradientMap,
    HueSaturation,
    Invert,
    Levels,
    Posterize,
    Threshold,
)
from studio.ui.panels.properties.curves import CurvesEditor
from studio.ui.panels.properties.editor import Editor
from studio.ui.panels.properties.gradient import GradientMapEditor
from studio.ui.panels.properties.levels import LevelsEditor
from studio.ui.panels.properties.sliders import BrightnessContrastEditor, ColorBalanceEditor, HueSaturationEditor
from studio.ui.panels.properties.tones import ExposureEditor, InvertEditor, PosterizeEditor, ThresholdEditor

EDITORS: Mapping[type[Adjustment], type[Editor]] = MappingProxyType(
    {
        Levels: LevelsEditor,
        Curves: CurvesEditor,
        HueSaturation: HueSaturationEditor,
        BrightnessContrast: BrightnessContrastEditor,
        ColorBalance: ColorBalanceEditor,
        Exposure: ExposureEditor,
        Invert: InvertEditor,
        Threshold: ThresholdEditor,
        Posterize: PosterizeEditor,
        GradientMap: GradientMapEditor,
    }
)
