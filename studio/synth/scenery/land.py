"""Open country: meadow, desert, snow, beach and the edge of a forest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.synth.dice import Dice
from studio.synth.palette import RGB, mixed
from studio.synth.scenery.sky import draw_stars, haze, paint_sky
from studio.synth.scenery.stage import MARGIN, Keep, Place, Stage
from studio.synth.scenery.water import draw_glints, fill_water
from studio.synth.shapes import Points, blob, circle, curve, ellipse
from studio.synth.terrain import pond_depth, pond_depth_at, shore_y
from studio.synth.vocabulary import Time


def _ground(stage: Stage, far: RGB, near: RGB, texture: float, cell: float = 0.2, width: float = 0.22) -> slice:
    """Paint the plane below the horizon: hazy far away, mottled, darker at the viewer's feet. Returns its rows."""
    horizon = stage.backdrop.horizon
    rows = slice(stage.frame.row(horizon), stage.frame.size.height)
    if rows.start >= rows.stop:
        return rows
    if stage.backdrop.time is Time.SUNSET:
        near = mixed(near, (104, 66, 120), 0.34)
    stops = [
        (horizon, mixed(far, haze(stage), 0.3)),
        (horizon + 0.1, far),
        (1.05, near),
        (1.5, mixed(near, (0, 0, 0), 0.1)),
    ]
    edge = stage.below(np.full(len(stage.xs), horizon), rows)
    stage.blend(stage.gradient(stops, rows), edge, rows)
    mottle = stage.ground_noise("mottle", rows, cell, width, 3)
    stage.shade(np.float32(1.0) + (mottle - np.float32(0.5)) * np.float32(texture), rows)
    across = np.abs(stage.xs - stage.backdrop.light.x).astype(np.float32)
    stage.shade(np.broadcast_to(np.float32(1.05) - np.float32(0.1) * np.minimum(across, 1.0), mottle.shape), rows)
    return rows


def _tuft(place: Place, size: float) -> Points:
    """Three blades of grass as one outline."""
    outline = []
    for lean, draw in ((-0.55, place.b), (0.0, place.c), (0.5, place.d)):
        foot = place.x + lean * size * 0.3
        outline += [(foot - size * 0.13, place.y), (foot + lean * size * 0.15, place.y - size * 0.5)]
        outline += [
            (place.x + size * (lean + 0.3 * draw - 0.15), place.y - size * (0.75 + 0.4 * draw)),
            (foot + size * 0.13, place.y),
        ]
    return outline


def _draw_grass(stage: Stage, count: int, dark: RGB, bright: RGB, size: float = 0.085) -> None:
    for place in stage.strewn("grass", count, keep=_dry(stage)):
        tone, strength = (dark, 0.42) if place.a < 0.55 else (bright, 0.5)
        height = size * place.depth * (0.6 + 0.6 * place.c) + 0.004
        stage.draw([_tuft(place, height)], mixed(stage.color_at(place.x, place.y), tone, strength))


def _dry(stage: Stage) -> Keep:
    """Chooses places that are well away from pond and sea."""

    def keep(xs: NDArray[np.floating], ys: NDArray[np.floating]) -> NDArray[np.bool_]:
        inside = pond_depth_at(stage.backdrop, xs, ys)
        return (inside < -0.15) & ((stage.backdrop.shore is None) | (ys > shore_y(stage.backdrop, xs) + 0.02))

    return keep


def _wooded(stage: Stage, name: str, crest: NDArray[np.floating], height: float, width: float) -> NDArray[np.floating]:
    """A crest with the outline of tree tops on it."""
    bumps = stage.ridge(name, 0.0, 1.0, width, 2)
    return crest + height * bumps * (0.55 - 0.45 * stage.ridge(name + "/groups", 0.0, 1.0, width * 5, 1))


def paint_meadow(stage: Stage) -> None:
    """Rolling hills, some with a pond; grass and small blossoms."""
    horizon, air, lit = stage.backdrop.horizon, haze(stage), stage.lit
    paint_sky(stage)
    far = stage.ridge("far", horizon - 0.035, 0.13, 0.42)
    stage.layer(far, mixed(lit((122, 158, 168)), air, 0.45), mixed(lit((150, 184, 170)), air, 0.72), horizon)
    middle = _wooded(stage, "woods", stage.ridge("middle", horizon - 0.008, 0.075, 0.3), 0.035, 0.028)
    stage.layer(middle, mixed(lit((86, 138, 100)), air, 0.2), mixed(lit((136, 178, 120)), air, 0.5), horizon + 0.02)
    roll = stage.ridge("roll", horizon + 0.004, 0.028, 0.5, 1)
    stage.layer(roll, mixed(lit((150, 190, 96)), air, 0.18), lit((134, 178, 84)), horizon + 0.06)
    rows = _ground(stage, lit((144, 186, 90)), lit((84, 140, 62)), 0.26)
    if stage.backdrop.pond is not None:
        _paint_pond(stage, rows)
    stage.to_crisp()
    draw_stars(stage, horizon - 0.05)
    if stage.backdrop.pond is not None:
        _draw_pond_glints(stage)
    _draw_grass(stage, 120, lit((58, 112, 48)), lit((176, 210, 108)))
    _draw_blossoms(stage, 55)


def _paint_pond(stage: Stage, rows: slice) -> None:
    inside = pond_depth(stage.backdrop, stage.xs, stage.ys[rows])
    pond = stage.backdrop.pond
    assert pond is not None
    sharp = stage.frame.scale * pond.ry * 0.5
    bank = np.clip((inside + 0.14) * sharp, 0.0, 1.0).astype(np.float32)
    stage.blend(stage.lit((172, 166, 112)), bank * np.float32(0.85), rows)
    stage.blend(
        stage.lit((112, 112, 78)), np.clip((inside + 0.06) * sharp, 0.0, 1.0).astype(np.float32) * np.float32(0.8), rows
    )
    cover = np.clip(inside * sharp + 0.5, 0.0, 1.0).astype(np.float32)
    fill_water(stage, cover, pond.y + pond.ry * 1.6, rows)


def _draw_pond_glints(stage: Stage) -> None:
    def keep(xs: NDArray[np.floating], ys: NDArray[np.floating]) -> NDArray[np.bool_]:
        return pond_depth_at(stage.backdrop, xs, ys) > 0.25

    for place in stage.strewn("pond glints", 260, keep=keep)[:40]:
        half = 0.012 + 0.03 * place.a
        tone = mixed(stage.color_at(place.x, place.y), haze(stage), 0.25 + 0.35 * place.b)
        stage.draw([ellipse(place.x, place.y, half, 0.002 + 0.008 * place.depth, 0.0, 12)], tone)


def _draw_blossoms(stage: Stage, count: int) -> None:
    colors = (stage.lit((250, 248, 236)), stage.lit((250, 222, 110)), stage.lit((240, 180, 200)))
    for place in stage.strewn("blossoms", count, far=0.08, keep=_dry(stage)):
        radius = 0.0016 + 0.0085 * place.depth
        petals = [
            (place.x + dx * radius, place.y + dy * radius) for dx, dy in ((-0.7, 0), (0.7, 0), (0, -0.7), (0, 0.7))
        ]
        stage.draw([circle(x, y, radius * 0.75, 8) for x, y in petals], colors[int(place.a * 3)])


def paint_desert(stage: Stage) -> None:
    """Table mountains far away, dunes with a lit and a shaded side, rippled sand."""
    horizon, air, lit = stage.backdrop.horizon, haze(stage), stage.lit
    paint_sky(stage)
    mesa = stage.ridge("mesa", 0.0, 1.0, 0.3, 1)
    steps = np.clip((-mesa - 0.5) * 7.0, 0.0, 1.0) * 0.075 + np.clip((-mesa - 0.32) * 6.0, 0.0, 1.0) * 0.035
    crest = horizon - 0.012 - steps + 0.006 * stage.ridge("chips", 0.0, 1.0, 0.03)
    stage.layer(crest, mixed(lit((186, 126, 108)), air, 0.42), mixed(lit((206, 156, 126)), air, 0.62), horizon)
    _dune(stage, "far dune", horizon + 0.006, 0.06, 0.55, 0.25)
    _ground(stage, lit((238, 206, 146)), lit((214, 164, 98)), 0.14, 0.3, 0.5)
    _dune(stage, "near dune", horizon + 0.075, 0.05, 0.8, 0.04)
    stage.to_crisp()
    draw_stars(stage, horizon - 0.05)
    _draw_ripples(stage, 34, lit((190, 138, 82)), lit((250, 226, 176)))
    _draw_pebbles(stage, 22, lit((168, 122, 84)))


def _dune(stage: Stage, name: str, base: float, height: float, width: float, veil: float) -> None:
    """A dune layer whose slopes away from the light are darker."""
    crest = stage.ridge(name, base, height, width, 1)
    slope = np.gradient(crest) * np.sign(stage.backdrop.light.x - 0.5 + 1e-9)
    shade = np.clip(slope * stage.frame.scale * 2.2 / (height / width) * 0.25, 0.0, 1.0)
    air, lit = haze(stage), stage.lit
    stage.layer(crest, mixed(lit((244, 214, 154)), air, veil), mixed(lit((232, 190, 126)), air, veil * 0.5), base + 0.1)
    high = float(crest.min()) if len(crest) else 0.0
    rows = slice(stage.frame.row(high), min(stage.frame.size.height, stage.frame.row(base + 0.12)))
    if rows.start < rows.stop:
        fade = np.clip(1.0 - (stage.ys[rows][:, None] - crest[None, :]) / (height * 1.4), 0.0, 1.0)
        cover = stage.below(crest, rows) * (fade * shade[None, :] * 0.55).astype(np.float32)
        stage.blend(mixed(lit((176, 118, 84)), air, veil), cover, rows)


def _draw_ripples(stage: Stage, count: int, dark: RGB, bright: RGB) -> None:
    for place in stage.strewn("sand ripples", count, keep=_dry(stage), margin=0.3):
        reach, wave = 0.06 + 0.3 * place.depth, 0.02 * place.depth
        sway = (0.4, -0.3, 0.5, -0.5, 0.3, -0.4, 0.2)
        steps = [
            (place.x + reach * (k / 6 - 0.5), place.y + wave * bend * (0.4 + place.b)) for k, bend in enumerate(sway)
        ]
        tone = dark if place.a < 0.6 else bright
        stage.draw_lines(
            [curve(steps, closed=False, steps=3)],
            mixed(stage.color_at(place.x, place.y), tone, 0.35),
            0.0016 + 0.006 * place.depth,
        )


def _draw_pebbles(stage: Stage, count: int, tone: RGB) -> None:
    for place in stage.strewn("pebbles", count, far=0.05, keep=_dry(stage)):
        radius = 0.002 + 0.014 * place.depth * (0.5 + 0.5 * place.a)
        shape = blob(place.x, place.y, radius * 1.5, radius * 0.7, Dice(int(place.b * 1e6)), 4, 0.1, 3)
        stage.draw([shape], mixed(stage.color_at(place.x, place.y), tone, 0.6))


def paint_snow(stage: Stage) -> None:
    """Mountains with lit and shaded faces, a hazy wood, drifts."""
    horizon, air, lit = stage.backdrop.horizon, haze(stage), stage.lit
    paint_sky(stage)
    _paint_mountains(stage)
    woods = _wooded(stage, "woods", stage.ridge("woods base", horizon + 0.004, 0.03, 0.4), 0.045, 0.018)
    stage.layer(woods, mixed(lit((112, 138, 156)), air, 0.3), mixed(lit((182, 200, 214)), air, 0.4), horizon + 0.01)
    rows = _ground(stage, lit((234, 241, 248)), lit((202, 217, 236)), 0.05, 0.5, 0.6)
    if rows.start < rows.stop:
        drift = stage.ground_noise("drifts", rows, 0.34, 0.5, 2)
        stage.blend(
            lit((172, 192, 224)), np.clip((drift - np.float32(0.5)) * np.float32(2.4), 0.0, 1.0) * np.float32(0.5), rows
        )
        stage.blend(
            lit((252, 253, 255)),
            np.clip((np.float32(0.46) - drift) * np.float32(3.0), 0.0, 1.0) * np.float32(0.6),
            rows,
        )
    stage.to_crisp()
    draw_stars(stage, horizon - 0.12)
    for place in stage.strewn("sparkles", 60):
        tone = mixed(stage.color_at(place.x, place.y), lit((255, 255, 255)), 0.8)
        stage.draw([circle(place.x, place.y, 0.0012 + 0.004 * place.depth * (0.4 + 0.6 * place.a), 8)], tone)
    _draw_ripples(stage, 16, lit((166, 186, 216)), lit((255, 255, 255)))


def _paint_mountains(stage: Stage) -> None:
    """Peaks with a lit and a shaded face, and snow that ends in a ragged line."""
    horizon, air, lit = stage.backdrop.horizon, haze(stage), stage.lit
    dice = stage.dice.child("peaks")
    peaks = [
        (-0.7 + 0.3 * k + dice.uniform(-0.1, 0.1), dice.uniform(0.1, 0.19), dice.uniform(0.8, 1.2)) for k in range(10)
    ]
    tents = np.stack([height - np.abs(stage.xs - x) * steep * 0.62 for x, height, steep in peaks])
    owner = tents.argmax(axis=0)
    rough = 0.022 * stage.ridge("crags", 0.0, 1.0, 0.04, 3)
    crest = horizon - np.maximum(tents.max(axis=0), 0.0) - 0.012 - rough
    stage.layer(crest, mixed(lit((186, 200, 220)), air, 0.1), mixed(lit((196, 208, 224)), air, 0.5), horizon)
    rows = slice(stage.frame.row(float(crest.min()) if len(crest) else 0.0), stage.frame.row(horizon))
    if rows.start >= rows.stop:
        return
    body = stage.below(crest, rows)
    height = np.clip((horizon - stage.ys[rows]) / 0.16, 0.0, 1.0)[:, None]
    jag = stage.plain_noise("snow line", 0.022, 0.05, rows).astype(np.float64)
    snow = np.clip((height - 0.34 - 0.3 * jag) * 14.0, 0.0, 1.0)
    stage.blend(mixed(lit((250, 252, 255)), air, 0.1), (snow * body).astype(np.float32), rows)
    tops = np.array([x for x, _, _ in peaks])[owner]
    wander = (stage.plain_noise("ridge lines", 0.035, 0.025, rows).astype(np.float64) - 0.5) * 0.03
    side = np.sign(0.5 - stage.backdrop.light.x + 1e-9)
    away = (stage.xs[None, :] - tops[None, :] + wander) * side
    cover = np.clip(away * stage.frame.scale * 0.5 + 0.5, 0.0, 1.0) * np.sqrt(height) * (0.8 - 0.25 * snow)
    stage.blend(mixed(lit((124, 148, 188)), air, 0.15), (cover * body).astype(np.float32), rows)


def paint_beach(stage: Stage) -> None:
    """Sea behind, a foaming waterline, wet and dry sand."""
    horizon, lit = stage.backdrop.horizon, stage.lit
    paint_sky(stage)
    shore = shore_y(stage.backdrop, stage.xs)
    _ground(stage, lit((240, 218, 170)), lit((228, 194, 136)), 0.12, 0.25, 0.3)
    rows = slice(stage.frame.row(horizon), stage.frame.size.height)
    if rows.start < rows.stop:
        beyond = (stage.ys[rows][:, None] - shore[None, :]).astype(np.float32)
        wet = np.clip(np.float32(1.0) - beyond / np.float32(0.06), 0.0, 1.0)
        stage.blend(lit((186, 152, 110)), wet * np.float32(0.75), rows)
        sea = np.clip(np.float32(0.5) - beyond * np.float32(stage.frame.scale), 0.0, 1.0)
        fill_water(stage, sea, float(stage.backdrop.shore or 1.0) + 0.1, rows)
        shallow = np.clip(np.float32(1.0) + beyond / np.float32(0.07), 0.0, 1.0) * sea
        stage.blend(lit((142, 208, 204)), shallow * np.float32(0.55), rows)
        ragged = (stage.plain_noise("foam", 0.05, 0.02, rows) - np.float32(0.5)) * np.float32(0.016)
        foam = np.clip(np.float32(1.0) - np.abs(beyond + ragged) / np.float32(0.009), 0.0, 1.0)
        second = np.clip(np.float32(1.0) - np.abs(beyond + ragged + np.float32(0.035)) / np.float32(0.004), 0.0, 1.0)
        stage.blend(lit((252, 252, 248)), np.maximum(foam, second * np.float32(0.7)), rows)
    stage.to_crisp()
    draw_stars(stage, horizon)
    draw_glints(stage, 45, float(shore.min()) - 0.01 if len(shore) else horizon)
    _draw_ripples(stage, 26, lit((196, 156, 104)), lit((252, 236, 200)))
    _draw_pebbles(stage, 26, lit((172, 146, 122)))


def paint_forest(stage: Stage) -> None:
    """Ranks of firs that darken towards the viewer, trunks, a mossy floor."""
    horizon, air, lit = stage.backdrop.horizon, haze(stage), stage.lit
    paint_sky(stage, horizon * 0.75)
    veil = mixed(lit((168, 196, 172)), air, 0.35)
    ranks = (("far", 0.12, 0.12, 0.026, 0.62), ("middle", 0.055, 0.15, 0.036, 0.36), ("near", -0.005, 0.2, 0.052, 0.1))
    for name, rise, height, pitch, share in ranks:
        crest = _fir_tops(stage, name, horizon - rise, height, pitch)
        stage.layer(
            crest,
            mixed(lit((50, 98, 74)), veil, share),
            mixed(lit((70, 112, 80)), veil, min(1.0, share + 0.25)),
            horizon,
        )
    _paint_trunks(stage, veil)
    rows = _ground(stage, lit((126, 152, 82)), lit((72, 98, 52)), 0.34, 0.14, 0.16)
    if rows.start < rows.stop:
        litter = stage.ground_noise("litter", rows, 0.2, 0.3, 2)
        stage.blend(
            lit((134, 106, 66)),
            np.clip((litter - np.float32(0.56)) * np.float32(3.0), 0.0, 1.0) * np.float32(0.4),
            rows,
        )
        stage.blend(
            lit((214, 222, 140)),
            np.clip((np.float32(0.36) - litter) * np.float32(3.5), 0.0, 1.0) * np.float32(0.45),
            rows,
        )
    stage.to_crisp()
    draw_stars(stage, horizon - 0.3)
    _draw_grass(stage, 100, lit((44, 84, 46)), lit((150, 184, 90)), 0.1)


def _fir_tops(stage: Stage, name: str, base: float, height: float, pitch: float) -> NDArray[np.floating]:
    """A crest of pointed tops with stepped sides."""
    dice = stage.dice.child(name)
    firs = []
    x = -MARGIN
    while x < 1.0 + MARGIN + stage.frame.size.width / stage.frame.size.height:
        firs.append((x, height * dice.uniform(0.55, 1.0)))
        x += pitch * dice.uniform(0.6, 1.3)
    places, heights = np.array([x for x, _ in firs]), np.array([h for _, h in firs])
    away = np.abs(stage.xs[:, None] - places[None, :])
    fall = away * 3.1
    step = pitch * 0.42
    saw = fall / step - np.floor(fall / step)
    tops = heights[None, :] - fall - 0.35 * step * (1.0 - saw)
    return base - np.maximum(tops.max(axis=1), height * 0.25)


def _paint_trunks(stage: Stage, veil: RGB) -> None:
    """Soft vertical stems at the foot of the nearest rank."""
    horizon = stage.backdrop.horizon
    rows = slice(stage.frame.row(horizon - 0.14), stage.frame.row(horizon + 0.01))
    if rows.start >= rows.stop:
        return
    dice = stage.dice.child("trunks")
    profile = np.zeros(len(stage.xs))
    for k in range(44):
        x, half = -0.8 + 0.06 * k + dice.uniform(-0.02, 0.02), dice.uniform(0.003, 0.008)
        profile = np.maximum(profile, np.clip((half - np.abs(stage.xs - x)) * stage.frame.scale + 0.5, 0.0, 1.0))
    rise = np.clip((stage.ys[rows] - (horizon - 0.13)) / 0.08, 0.0, 1.0)
    cover = (profile[None, :] * rise[:, None] * 0.65).astype(np.float32)
    stage.blend(mixed(stage.lit((66, 58, 50)), veil, 0.12), cover, rows)
    mist = (np.clip((stage.ys[rows] - (horizon - 0.07)) / 0.08, 0.0, 1.0) * 0.5).astype(np.float32)
    stage.blend(mixed(stage.lit((178, 196, 140)), veil, 0.4), np.repeat(mist[:, None], len(stage.xs), 1), rows)
