"""The sky of each time: gradient, glow around the light, wisps and stars."""

from __future__ import annotations

import numpy as np

from studio.synth.palette import RGB, mixed
from studio.synth.scenery.stage import Stage
from studio.synth.shapes import circle
from studio.synth.vocabulary import Time

SKY: dict[Time, tuple[tuple[float, RGB], ...]] = {
    Time.DAY: ((0.0, (88, 158, 222)), (0.55, (150, 202, 236)), (1.0, (222, 238, 240))),
    Time.SUNSET: ((0.0, (76, 80, 142)), (0.4, (166, 104, 148)), (0.72, (238, 146, 116)), (1.0, (255, 210, 146))),
    Time.NIGHT: ((0.0, (16, 22, 54)), (0.6, (38, 52, 100)), (1.0, (84, 102, 148))),
    Time.OVERCAST: ((0.0, (146, 158, 172)), (0.6, (182, 191, 199)), (1.0, (214, 219, 220))),
}
"""Colours from the top of the sky (0) to the horizon (1)."""

_GLOW: dict[Time, tuple[RGB, float]] = {
    Time.DAY: ((255, 252, 236), 0.45),
    Time.SUNSET: ((255, 232, 170), 0.75),
    Time.NIGHT: ((136, 156, 206), 0.35),
    Time.OVERCAST: ((236, 238, 236), 0.3),
}
_WISPS: dict[Time, tuple[RGB, float]] = {
    Time.DAY: ((255, 255, 255), 0.5),
    Time.SUNSET: ((255, 190, 168), 0.5),
    Time.NIGHT: ((74, 90, 140), 0.4),
    Time.OVERCAST: ((226, 230, 232), 0.6),
}


def haze(stage: Stage) -> RGB:
    """The colour of the air at the horizon."""
    return SKY[stage.backdrop.time][-1][1]


def paint_sky(stage: Stage, bottom: float | None = None) -> None:
    """Paint the sky over the whole canvas; its gradient ends at `bottom` (the horizon by default)."""
    time, horizon = stage.backdrop.time, stage.backdrop.horizon if bottom is None else bottom
    mood = stage.backdrop.mood
    tone = (255, 226, 190) if mood > 0 else (150, 180, 230)
    stops = [(share * horizon, mixed(color, tone, 0.07 * abs(mood))) for share, color in SKY[time]]
    stage.blend(stage.gradient(stops), 1.0)
    rows = slice(0, stage.frame.row(horizon))
    if rows.stop == 0:
        return
    _paint_wisps(stage, rows, horizon)
    color, strength = _GLOW[time]
    across = (stage.xs - stage.backdrop.light.x) / 0.75
    up = (stage.ys[rows] - horizon) / 0.55
    near = 1.0 - np.minimum(1.0, across[None, :] ** 2 + up[:, None] ** 2)
    stage.blend(color, (near * near * strength).astype(np.float32), rows)


def _paint_wisps(stage: Stage, rows: slice, horizon: float) -> None:
    color, strength = _WISPS[stage.backdrop.time]
    field = stage.sky_noise("wisps", 0.42, 0.075, rows)
    height = np.clip((horizon - stage.ys[rows]) / horizon, 0.0, 1.0)
    fade = (4.0 * height * (1.0 - 0.75 * height)).clip(0.0, 1.0).astype(np.float32)[:, None]
    cover = np.clip((field - np.float32(0.52)) * np.float32(3.2), 0.0, 1.0)
    stage.blend(color, cover * fade * np.float32(strength), rows)


def draw_stars(stage: Stage, bottom: float) -> None:
    """Crisp stars down to a little above `bottom`; nothing unless it is night."""
    if stage.backdrop.time is not Time.NIGHT:
        return
    dice = stage.dice.child("stars")
    for _ in range(150):
        x, y = dice.uniform(-0.8, 1.8), bottom - 0.1 - dice.uniform(0.0, 1.0) ** 0.8 * 0.9
        radius, tone = dice.uniform(0.0011, 0.0026), dice.uniform(0.35, 0.95)
        if dice.chance(0.08):
            radius *= 1.7
        if y < bottom - 0.08 and stage.is_seen(x, y):
            star = mixed(stage.color_at(x, y), (255, 250, 232), tone)
            stage.draw([circle(x, y, radius, 8)], star)
