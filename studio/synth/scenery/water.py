"""Water: open sea, the sea of a beach, ponds; all share gradient, ripples and glints."""

from __future__ import annotations

import numpy as np

from studio.synth.noise import Field
from studio.synth.palette import RGB, mixed
from studio.synth.scenery.sky import draw_stars, haze, paint_sky
from studio.synth.scenery.stage import Stage
from studio.synth.shapes import curve
from studio.synth.vocabulary import Time

_NEAR: dict[Time, RGB] = {
    Time.DAY: (36, 112, 164),
    Time.SUNSET: (86, 78, 128),
    Time.NIGHT: (20, 34, 78),
    Time.OVERCAST: (92, 120, 136),
}
_FAR: dict[Time, RGB] = {
    Time.DAY: (112, 180, 206),
    Time.SUNSET: (232, 156, 134),
    Time.NIGHT: (58, 78, 128),
    Time.OVERCAST: (166, 184, 190),
}
_GLINT: dict[Time, RGB] = {
    Time.DAY: (214, 238, 242),
    Time.SUNSET: (255, 214, 160),
    Time.NIGHT: (122, 144, 192),
    Time.OVERCAST: (206, 216, 218),
}


def water_color(stage: Stage, share: float) -> RGB:
    """From the horizon (0) to the viewer (1)."""
    time = stage.backdrop.time
    return mixed(_FAR[time], _NEAR[time], share)


def paint_sea(stage: Stage) -> None:
    """Sky, far islands, and water down to the viewer."""
    paint_sky(stage)
    _paint_islands(stage)
    fill_water(stage, None, 1.0)
    stage.to_crisp()
    draw_stars(stage, stage.backdrop.horizon)
    draw_glints(stage, 90)


def _paint_islands(stage: Stage) -> None:
    dice, horizon = stage.dice.child("islands"), stage.backdrop.horizon
    air = haze(stage)
    for number in range(dice.integer(1, 3)):
        centre, half = dice.uniform(-0.2, 1.2), dice.uniform(0.12, 0.3)
        height = dice.uniform(0.02, 0.055)
        profile = stage.ridge(f"island{number}", 0.0, 1.0, 0.11, 3)
        hump = np.clip(1.0 - ((stage.xs - centre) / half) ** 2, 0.0, None)
        crest = horizon + 0.01 - hump * height * (0.55 - 0.9 * profile)
        stage.layer(
            crest, mixed(stage.lit((96, 122, 130)), air, 0.45), mixed(stage.lit((110, 136, 140)), air, 0.7), horizon
        )


def fill_water(stage: Stage, cover: Field | None, near: float, rows: slice | None = None) -> None:
    """Paint water below the horizon, where `cover` 0..1 allows; it reaches its near colour at y = `near`."""
    horizon = stage.backdrop.horizon
    rows = slice(stage.frame.row(horizon), stage.frame.size.height) if rows is None else rows
    if rows.start >= rows.stop:
        return
    weight: Field | float = 1.0 if cover is None else cover
    stops = [
        (horizon, _FAR[stage.backdrop.time]),
        (horizon + (near - horizon) * 0.35, water_color(stage, 0.6)),
        (near, water_color(stage, 1.0)),
    ]
    stage.blend(stage.gradient(stops, rows), weight, rows)
    ripple = stage.ground_noise("ripples", rows, 0.055, 0.34, 2)
    light = np.clip((ripple - np.float32(0.5)) * np.float32(2.6), 0.0, 1.0) * np.float32(0.32)
    dark = np.clip((np.float32(0.47) - ripple) * np.float32(2.6), 0.0, 1.0) * np.float32(0.25)
    if cover is not None:
        light, dark = light * cover, dark * cover
    stage.blend(_GLINT[stage.backdrop.time], light, rows)
    stage.blend(mixed(_NEAR[stage.backdrop.time], (0, 10, 30), 0.25), dark, rows)


def draw_glints(stage: Stage, count: int, until: float = 2.0) -> None:
    """Flat lens-shaped lights on the water between the horizon and y = `until`."""
    light, dark = _GLINT[stage.backdrop.time], mixed(_NEAR[stage.backdrop.time], (0, 10, 30), 0.2)
    for place in stage.strewn("glints", count, 0.62, 0.012, lambda _, ys: ys < until):
        half, thick = 0.012 + place.depth * (0.05 + 0.08 * place.a), 0.0022 + place.depth * 0.011
        bend = (0.5 * place.b - 0.25) * thick
        x, y = place.x, place.y
        lens = [
            (x - half, y),
            (x - half * 0.3, y - thick * 0.5 + bend),
            (x + half, y + bend),
            (x + half * 0.2, y + thick * 0.5),
        ]
        tone = mixed(stage.color_at(x, y), light if place.c < 0.62 else dark, 0.3 + 0.4 * place.d)
        stage.draw([curve(lens, steps=3)], tone)
