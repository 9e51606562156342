"""Brushes to start from, by names that settings and recipes may keep."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from studio.core.painting.brush import Brush, Response

_THIN_TO_FULL: Response = ((0.0, 0.15), (1.0, 1.0))
_FAINT_TO_FULL: Response = ((0.0, 0.05), (0.6, 0.7), (1.0, 1.0))

PRESETS: Mapping[str, Brush] = MappingProxyType(
    {
        "hard_round": Brush(size_px=24, hardness=1.0, spacing=0.08),
        "soft_round": Brush(size_px=80, hardness=0.0, spacing=0.08),
        "pencil": Brush(size_px=4, hardness=0.6, spacing=0.12, flow=0.8, opacity_by_pressure=_FAINT_TO_FULL),
        "ink": Brush(size_px=14, hardness=1.0, spacing=0.05, string_px=8, size_by_pressure=_THIN_TO_FULL),
        "marker": Brush(size_px=36, hardness=0.95, spacing=0.06, opacity=0.6, roundness=0.35, angle=-35),
        "airbrush": Brush(size_px=120, hardness=0.0, spacing=0.1, flow=0.08, flow_by_pressure=_FAINT_TO_FULL),
        "spray": Brush(size_px=30, hardness=0.5, spacing=0.4, scatter=1.5, size_jitter=0.7, flow=0.7, seed=1),
    }
)
