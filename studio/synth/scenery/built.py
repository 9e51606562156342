"""Built stages: a town street seen across the road, and a table before a wall with a window."""

from __future__ import annotations

import numpy as np

from studio.synth.dice import Dice
from studio.synth.palette import RGB, mixed
from studio.synth.scenery.sky import SKY, draw_stars, haze, paint_sky
from studio.synth.scenery.stage import MARGIN, Stage
from studio.synth.vocabulary import Time

_PLASTER: tuple[RGB, ...] = (
    (226, 206, 178),
    (206, 188, 176),
    (190, 196, 190),
    (216, 190, 164),
    (196, 186, 196),
    (222, 214, 200),
)
_LAMPLIGHT: RGB = (250, 214, 134)


def _rectangle(left: float, top: float, right: float, bottom: float) -> list[tuple[float, float]]:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def paint_street(stage: Stage) -> None:
    """A row of muted house fronts, a pavement, the road with its lane marks, and the near pavement."""
    horizon, lit, road = stage.backdrop.horizon, stage.lit, stage.backdrop.road
    assert road is not None
    paint_sky(stage)
    floor = slice(stage.frame.row(horizon), stage.frame.size.height)
    bands = [(horizon, (176, 170, 164)), (road[0], (196, 190, 182))]
    stage.blend(stage.gradient([(y, lit(c)) for y, c in bands], floor), 1.0, floor)
    tarmac = slice(stage.frame.row(road[0]), stage.frame.row(road[1]))
    stage.blend(stage.gradient([(road[0], lit((122, 122, 130))), (road[1], lit((92, 92, 102)))], tarmac), 1.0, tarmac)
    near = slice(stage.frame.row(road[1]), stage.frame.size.height)
    stage.blend(stage.gradient([(road[1], lit((198, 192, 184))), (1.1, lit((166, 160, 156)))], near), 1.0, near)
    if floor.start < floor.stop:
        grain = stage.ground_noise("grain", floor, 0.1, 0.14, 2)
        stage.shade(np.float32(1.0) + (grain - np.float32(0.5)) * np.float32(0.09), floor)
    stage.to_crisp()
    draw_stars(stage, horizon - 0.3)
    _draw_fronts(stage)
    _draw_paving(stage, road)


def _draw_fronts(stage: Stage) -> None:
    dice = stage.dice.child("fronts")
    x = -MARGIN
    end = 1.0 + MARGIN + max(0.0, stage.frame.size.width / stage.frame.size.height - 1.0)
    number = 0
    while x < end:
        width, height = dice.uniform(0.14, 0.22), dice.uniform(0.15, 0.235)
        if stage.is_seen(x + width / 2, stage.backdrop.horizon, 0.2):
            _draw_front(stage, x, width, height, dice.child(number))
        x, number = x + width, number + 1


def _draw_front(stage: Stage, x: float, width: float, height: float, dice: Dice) -> None:
    base, air, lit = stage.backdrop.horizon, haze(stage), stage.lit
    wall = mixed(lit(dice.pick(_PLASTER)), air, 0.22)
    dark, pale = mixed(wall, (40, 40, 60), 0.3), mixed(wall, (255, 250, 240), 0.3)
    top = base - height
    roof = mixed(lit((120, 96, 96)), air, 0.25)
    if dice.chance(0.5):
        stage.draw(
            [
                [
                    (x - 0.004, top),
                    (x + width * 0.12, top - 0.05),
                    (x + width * 0.88, top - 0.05),
                    (x + width + 0.004, top),
                ]
            ],
            roof,
        )
    else:
        stage.draw([[(x, top), (x + width / 2, top - 0.06), (x + width, top)]], roof)
    stage.draw([_rectangle(x, top, x + width, base)], wall)
    stage.draw([_rectangle(x, top, x + width, top + 0.012)], pale)
    stage.draw([_rectangle(x + width - 0.006, top, x + width, base)], dark)
    columns, rows = (2 if width < 0.18 else 3), max(2, int(height / 0.068))
    for row in range(rows):
        for column in range(columns):
            cx = x + width * (column + 0.5) / columns
            cy = top + 0.035 + row * 0.068
            if cy > base - 0.07:
                continue
            glows = stage.backdrop.time is Time.NIGHT and dice.chance(0.45)
            pane = _LAMPLIGHT if glows else mixed(lit((112, 130, 148)), air, 0.25)
            stage.draw([_rectangle(cx - 0.016, cy - 0.003, cx + 0.016, cy + 0.041)], pale)
            stage.draw([_rectangle(cx - 0.0125, cy, cx + 0.0125, cy + 0.038)], mixed(pane, wall, 0.2))
    door = x + width * dice.uniform(0.25, 0.75)
    stage.draw([_rectangle(door - 0.02, base - 0.062, door + 0.02, base)], dark)
    stage.draw([_rectangle(x, base - 0.014, x + width, base)], mixed(dark, wall, 0.5))


def _draw_paving(stage: Stage, road: tuple[float, float]) -> None:
    lit = stage.lit
    left, right = -MARGIN, 1.0 + MARGIN + 1.0
    kerb, joint = lit((222, 218, 208)), lit((146, 140, 138))
    stage.draw([_rectangle(left, road[0] - 0.012, right, road[0])], kerb)
    stage.draw([_rectangle(left, road[0], right, road[0] + 0.006)], lit((78, 78, 86)))
    stage.draw([_rectangle(left, road[1] - 0.006, right, road[1] + 0.014)], kerb)
    middle = road[0] + (road[1] - road[0]) * 0.42
    dashes = [
        [(x, middle), (x + 0.1, middle), (x + 0.098, middle + 0.012), (x - 0.004, middle + 0.012)]
        for x in np.arange(left, right, 0.2)
    ]
    stage.draw(dashes, lit((226, 222, 206)))
    eye = stage.backdrop.eye
    slabs = [
        ((0.5 + (k / 7) * (road[1] - eye), road[1] + 0.014), (0.5 + (k / 7) * (1.8 - eye), 1.8)) for k in range(-22, 23)
    ]
    stage.draw_lines(slabs, joint, 0.0022)
    rows, y = [], road[1] + 0.014
    while y < 1.8:
        y = eye + (y - eye) * 1.13
        rows.append(((left, y), (right, y)))
    stage.draw_lines(rows, joint, 0.0022)


_TABLES: tuple[tuple[RGB, RGB], ...] = (
    ((206, 164, 116), (176, 130, 84)),
    ((150, 104, 74), (112, 74, 52)),
    ((222, 208, 186), (196, 178, 152)),
)
_WALLS: tuple[RGB, ...] = ((226, 214, 196), (178, 198, 196), (206, 184, 178), (188, 190, 208), (214, 208, 170))


def paint_table(stage: Stage) -> None:
    """A wall with wainscot or stripes, a window that shows the time, and boards running across the table."""
    dice, horizon = stage.dice.child("room"), stage.backdrop.horizon
    wall = _indoors(stage, dice.pick(_WALLS))
    far, near = dice.pick(_TABLES)
    stage.blend(stage.gradient([(0.0, mixed(wall, (40, 40, 60), 0.1)), (horizon, wall)]), 1.0)
    across = np.abs(stage.xs - stage.backdrop.light.x).astype(np.float32)
    stage.shade(
        np.broadcast_to(np.float32(1.06) - np.float32(0.18) * np.minimum(across, 1.2), (len(stage.ys), len(stage.xs)))
    )
    if dice.chance(0.6):
        stripe = (np.floor(stage.xs / 0.05) % 2).astype(np.float32) * np.float32(0.035)
        stage.shade(np.broadcast_to(np.float32(1.0) - stripe, (len(stage.ys), len(stage.xs))))
    _paint_boards(stage, _indoors(stage, far), _indoors(stage, near))
    stage.to_crisp()
    _draw_window(stage, dice)
    stage.draw([_rectangle(-1.0, horizon - 0.05, 3.0, horizon - 0.043)], mixed(wall, (70, 60, 60), 0.35))
    stage.draw(
        [_rectangle(-1.0, horizon - 0.004, 3.0, horizon + 0.006)], mixed(_indoors(stage, far), (255, 250, 235), 0.35)
    )


def _indoors(stage: Stage, color: RGB) -> RGB:
    """Rooms keep more light than the open at night."""
    lit = stage.lit(color)
    return mixed(lit, color, 0.45) if stage.backdrop.time is Time.NIGHT else mixed(lit, color, 0.3)


def _paint_boards(stage: Stage, far: RGB, near: RGB) -> None:
    horizon, eye = stage.backdrop.horizon, stage.backdrop.eye
    rows = slice(stage.frame.row(horizon), stage.frame.size.height)
    if rows.start >= rows.stop:
        return
    stage.blend(stage.gradient([(horizon, mixed(far, (255, 250, 235), 0.12)), (1.05, near)], rows), 1.0, rows)
    distance = np.log(stage.ys[rows] - eye) * 9.0 + 40.0
    board = np.floor(distance)
    tone = ((board * 7919 % 13) / 13 - 0.5).astype(np.float32)
    grain = stage.ground_noise("grain", rows, 0.012, 0.5, 2)
    stage.shade(np.float32(1.0) + tone[:, None] * np.float32(0.07) + (grain - np.float32(0.5)) * np.float32(0.13), rows)
    seam = np.clip(1.0 - (distance - board) * 16.0, 0.0, 1.0).astype(np.float32)
    stage.blend(mixed(near, (30, 20, 20), 0.45), np.repeat(seam[:, None] * np.float32(0.55), len(stage.xs), 1), rows)
    sheen = 1.0 - np.minimum(1.0, ((stage.xs - stage.backdrop.light.x * 0.6 - 0.2) / 0.35) ** 2)
    fade = np.clip(1.0 - (stage.ys[rows] - horizon) / 0.4, 0.0, 1.0)
    stage.blend((255, 248, 230), (fade[:, None] * sheen[None, :] * 0.22).astype(np.float32), rows)


def _draw_window(stage: Stage, dice: Dice) -> None:
    horizon, time = stage.backdrop.horizon, stage.backdrop.time
    centre = 0.22 if stage.backdrop.light.x < 0.5 else 0.78
    centre += dice.uniform(-0.04, 0.04)
    half, top, bottom = 0.15, horizon - 0.43, horizon - 0.12
    frame = _indoors(stage, (244, 240, 230))
    stage.draw(
        [_rectangle(centre - half - 0.018, top - 0.018, centre + half + 0.018, bottom + 0.018)],
        mixed(frame, (90, 90, 110), 0.12),
    )
    bands = 14
    for band in range(bands):
        share = band / (bands - 1)
        stops = SKY[time]
        color = tuple(int(np.interp(share, [s for s, _ in stops], [c[k] for _, c in stops])) for k in range(3))
        y0, y1 = top + (bottom - top) * band / bands, top + (bottom - top) * (band + 1) / bands
        stage.draw([_rectangle(centre - half, y0, centre + half, y1)], (color[0], color[1], color[2]))
    hill = [(centre - half + 2 * half * k / 8, bottom - 0.05 - 0.035 * dice.uniform(0.0, 1.0)) for k in range(9)]
    stage.draw(
        [[*hill, (centre + half, bottom), (centre - half, bottom)]],
        mixed(stage.lit((104, 148, 110)), haze(stage), 0.35),
    )
    bar = 0.008
    stage.draw(
        [
            _rectangle(centre - bar, top, centre + bar, bottom),
            _rectangle(centre - half, (top + bottom) / 2 - bar, centre + half, (top + bottom) / 2 + bar),
        ],
        frame,
    )
    stage.draw([_rectangle(centre - half - 0.03, bottom + 0.012, centre + half + 0.03, bottom + 0.032)], frame)
    stage.draw(
        [_rectangle(centre - half - 0.03, bottom + 0.032, centre + half + 0.03, bottom + 0.038)],
        mixed(frame, (90, 80, 90), 0.35),
    )
    _draw_curtains(stage, dice, centre, half, (top, bottom))


def _draw_curtains(stage: Stage, dice: Dice, centre: float, half: float, reach: tuple[float, float]) -> None:
    """Two gathered curtains on a rod, beside a window from `reach[0]` down to `reach[1]`."""
    top, bottom = reach
    cloth = _indoors(stage, dice.pick(((196, 120, 104), (120, 146, 162), (222, 208, 184))))
    for side in (-1, 1):
        x = centre + side * (half + 0.05)
        fall = [
            (x - 0.055, top - 0.04),
            (x + 0.055, top - 0.04),
            (x + 0.04 + 0.01 * side, bottom + 0.07),
            (x - 0.04 + 0.01 * side, bottom + 0.07),
        ]
        stage.draw([fall], cloth)
        folds = [((x + dx, top - 0.03), (x + dx * 0.75 + 0.01 * side, bottom + 0.06)) for dx in (-0.028, 0.0, 0.028)]
        stage.draw_lines(folds, mixed(cloth, (40, 30, 40), 0.25), 0.004)
    rod = mixed(cloth, (60, 50, 50), 0.6)
    stage.draw([_rectangle(centre - half - 0.12, top - 0.048, centre + half + 0.12, top - 0.036)], rod)
