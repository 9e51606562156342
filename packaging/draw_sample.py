"""Draws the bundled sample picture: a mug and a pear on a wooden table, path traced, with their object masks.

    .venv/bin/python packaging/draw_sample.py [--samples 240] [--width 1200] [--out assets/samples]

Everything in it is computed here, so it is ours to give away; the light is one window, the shadows are what that
window really casts. Writes `still_life.jpg`, `still_life_mug.png` and `still_life_pear.png` (white = object).
Units are decimetres, y points up, the camera looks towards -z. Takes about ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import cv2
import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

FLOOR, WALL, MUG, COFFEE, PEAR, STEM, NOTHING = range(7)
TABLE_END_Z, WALL_Z, FAR = -3.4, -7.0, 1e9
MUG_X, MUG_Z = 0.78, -0.45
PEAR_X, PEAR_Z = -0.82, 0.30
# The window: a rectangle seen only by light and reflections, its centre and half edges.
LIGHT = (-4.6, 3.7, -1.5)
LIGHT_U, LIGHT_V = (0.45, 0.0, -1.15), (0.62, 0.78, 0.24)
LIGHT_RADIANCE = (40.0, 37.6, 33.6)
CAMERA, TARGET, FOV_DEG = (0.1, 2.75, 6.6), (0.07, 0.40, -0.1), 19.5
LENS_RADIUS = 0.05
BOUNCES = 6
SHARP = 0.1  # surfaces rougher than this get a broad highlight, smoother ones mirror the window


@njit(cache=True, inline="always")
def _hash(i: int, j: int) -> float:
    """A fixed pseudo-random number in 0..1 for a lattice point."""
    h = (i * 374761393 + j * 668265263) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
    return ((h ^ (h >> 16)) & 0xFFFFFF) / 16777216.0


@njit(cache=True)
def _noise(x: float, y: float) -> float:
    """Smooth value noise in 0..1 with features of size one."""
    i, j = math.floor(x), math.floor(y)
    u, v = x - i, y - j
    u, v = u * u * (3 - 2 * u), v * v * (3 - 2 * v)
    low = _hash(i, j) * (1 - u) + _hash(i + 1, j) * u
    high = _hash(i, j + 1) * (1 - u) + _hash(i + 1, j + 1) * u
    return low * (1 - v) + high * v


@njit(cache=True)
def _fractal(x: float, y: float, octaves: int) -> float:
    """Sum of noise octaves, in 0..1."""
    total, size, weight = 0.0, 0.0, 1.0
    for octave in range(octaves):
        total += weight * _noise(x + 17.3 * octave, y - 9.1 * octave)
        size += weight
        x, y, weight = x * 2.03, y * 2.03, weight * 0.5
    return total / size


@njit(cache=True, inline="always")
def _smooth_min(a: float, b: float, k: float) -> float:
    """The smaller of two distances, rounded off over a width k."""
    h = max(k - abs(a - b), 0.0) / k
    return min(a, b) - h * h * k * 0.25


@njit(cache=True, inline="always")
def _segment(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> float:
    """Distance of a point to a line segment in the plane."""
    px, py, dx, dy = x - ax, y - ay, bx - ax, by - ay
    t = min(max((px * dx + py * dy) / (dx * dx + dy * dy), 0.0), 1.0)
    return math.hypot(px - t * dx, py - t * dy)


@njit(cache=True)
def _mug(x: float, y: float, z: float) -> tuple[float, float]:
    """Distances to the stoneware and to the coffee in it, for a point relative to the mug's foot."""
    r = math.hypot(x, z)
    wall = _segment(r, y, 0.37, 0.10, 0.43, 0.93) - 0.026
    foot = _segment(r, y, 0.0, 0.055, 0.34, 0.055) - 0.045
    body = _smooth_min(wall, foot, 0.09)
    # The handle: an upright ring turned towards the camera, cut off inside the wall.
    c, s = math.cos(0.55), math.sin(0.55)
    hx, hz = c * x + s * z, -s * x + c * z
    ring = math.hypot((hx - 0.45) * 0.86, (y - 0.53) * 0.92) - 0.215
    handle = max(math.hypot(ring, hz * 0.72) - 0.042, 0.405 - math.hypot(hx, hz))
    body = _smooth_min(body, handle, 0.07)
    coffee = max(r - 0.415, abs(y - 0.66) - 0.15)
    return body, coffee


@njit(cache=True)
def _pear(x: float, y: float, z: float) -> tuple[float, float]:
    """Distances to the fruit and to its stem, for a point relative to the spot it stands on."""
    lean = 0.10 * y * y  # a pear never stands quite straight
    x, z = x - lean, z + 0.5 * lean
    r = math.hypot(x, z)
    swell = 0.012 * math.sin(3.0 * math.atan2(z, x) + 0.7)
    belly = math.sqrt(r * r * 0.94 + (y - 0.335) ** 2) - 0.345 - swell
    neck = math.sqrt(r * r + (y - 0.80) ** 2) - 0.150
    fruit = _smooth_min(belly, neck, 0.36)
    dimple = math.sqrt(r * r + (y - 0.985) ** 2) - 0.045
    fruit = -_smooth_min(-fruit, dimple, 0.05)
    bend = 0.9 * (y - 0.93) ** 2
    stem = max(math.hypot(x - bend, z + 0.4 * bend) - 0.017 - 0.03 * max(y - 1.15, 0.0), abs(y - 1.05) - 0.15)
    return fruit * 0.9, stem * 0.8


@njit(cache=True)
def _march(
    ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, near: float, mug: bool
) -> tuple[float, int]:
    """Sphere-trace one object from its own origin; returns the distance along the ray, and what was hit."""
    radius, height = (0.78, 0.52) if mug else (0.72, 0.58)
    b = ox * dx + (oy - height) * dy + oz * dz
    c = ox * ox + (oy - height) ** 2 + oz * oz - radius * radius
    inside = b * b - c
    if inside <= 0:
        return FAR, NOTHING
    t, end = max(-b - math.sqrt(inside), 1e-3), min(-b + math.sqrt(inside), near)
    for _ in range(160):
        if t >= end:
            break
        if mug:
            first, second = _mug(ox + t * dx, oy + t * dy, oz + t * dz)
        else:
            first, second = _pear(ox + t * dx, oy + t * dy, oz + t * dz)
        step = min(first, second)
        if step < 4e-4:
            if mug:
                return t, MUG if first <= second else COFFEE
            return t, PEAR if first <= second else STEM
        t += step * 0.9
    return FAR, NOTHING


@njit(cache=True)
def _hit(ox: float, oy: float, oz: float, dx: float, dy: float, dz: float) -> tuple[float, int]:
    """Nearest surface along a ray: distance and what it is."""
    near, what = FAR, NOTHING
    if dy < -1e-9:
        t = -oy / dy
        if t > 1e-4 and oz + t * dz > TABLE_END_Z:
            near, what = t, FLOOR
    if dz < -1e-9:
        t = (WALL_Z - oz) / dz
        if 1e-4 < t < near:
            near, what = t, WALL
    t, found = _march(ox - MUG_X, oy, oz - MUG_Z, dx, dy, dz, near, True)
    if t < near:
        near, what = t, found
    t, found = _march(ox - PEAR_X, oy, oz - PEAR_Z, dx, dy, dz, near, False)
    if t < near:
        near, what = t, found
    return near, what


@njit(cache=True)
def _wood(x: float, z: float) -> tuple[float, float, float, float]:
    """Oak boards along x: colour (linear RGB) and height (dm) at a point of the table."""
    x, z = x + 0.045 * z, z - 0.045 * x
    board = math.floor((z + 0.33) / 0.82)
    across = (z + 0.33) / 0.82 - board
    shift = 37.0 * _hash(board, 7)
    along = x + shift
    warp = _fractal(along * 0.35, z * 1.1 + shift, 3)
    rings = z * 5.5 + 5.0 * warp + 0.8 * _noise(along * 0.9, z * 5.0 + shift)
    ring = rings - math.floor(rings)
    ring = ring * ring * (1.0 - 0.6 * ring) * 2.2
    fibre = _fractal(along * 3.2, z * 62.0 + shift, 3)
    pore = _noise(along * 9.0, z * 150.0 + shift)
    tone = 0.60 + 0.40 * _hash(board, 3) - 0.38 * ring + 0.62 * (fibre - 0.5) + 0.25 * (warp - 0.5)
    tone -= 0.35 * max(0.0, pore - 0.74) / 0.26
    tone = min(max(tone, 0.0), 1.2)
    gap = min(across, 1.0 - across) * 0.82
    seam = 1.0 - 0.82 * math.exp(-((gap / 0.012) ** 2))
    warm = 0.04 * (_hash(board, 11) - 0.5)
    red = (0.135 + 0.43 * tone) * seam
    green = (0.060 + (0.265 - warm) * tone) * seam
    blue = (0.026 + (0.130 - warm) * tone) * seam
    height = 0.004 * fibre - 0.004 * ring - 0.03 * math.exp(-((gap / 0.016) ** 2))
    return red, green, blue, height


@njit(cache=True)
def _pear_skin(x: float, y: float, z: float) -> tuple[float, float, float]:
    """Skin colour of the pear (linear RGB): green to yellow, a red cheek, lenticels, russet at the stem."""
    angle = math.atan2(z, x)
    patch = _fractal(angle * 1.6 + 9.0, y * 3.2, 4)
    blush = max(0.0, math.cos(angle - 1.05)) * min(max(1.25 - abs(y - 0.42) * 2.1, 0.0), 1.0)
    blush = min(max(blush * (0.62 + 1.15 * patch) - 0.22, 0.0), 0.85)
    ripe = min(max(0.3 + 0.9 * (patch - 0.35), 0.0), 1.0)
    red = 0.40 + 0.22 * ripe
    green = 0.44 + 0.02 * ripe
    blue = 0.055
    red, green, blue = (
        red * (1 - blush) + 0.47 * blush,
        green * (1 - blush) + 0.085 * blush,
        blue * (1 - blush) + 0.04 * blush,
    )
    u, v = angle * 7.5, y * 21.0
    i, j = math.floor(u), math.floor(v)
    away = math.hypot((u - i - 0.25 - 0.5 * _hash(i, j)) * 1.05, v - j - 0.25 - 0.5 * _hash(i + 91, j))
    dot = 0.55 * math.exp(-((away / 0.11) ** 2)) * _hash(i, j + 53)
    russet = min(max((y - 0.88) * 6.0 + 1.2 * (patch - 0.5), 0.0), 0.7)
    red, green, blue = red * (1 - dot), green * (1 - 1.05 * dot), blue * (1 - 0.4 * dot)
    return (
        red * (1 - russet) + 0.24 * russet,
        green * (1 - russet) + 0.145 * russet,
        blue * (1 - russet) + 0.055 * russet,
    )


@njit(cache=True)
def _glaze(x: float, y: float, z: float) -> tuple[float, float, float, float]:
    """Colour (linear RGB) and gloss of the stoneware: blue glaze above a bare clay foot, thin at the rim."""
    angle = math.atan2(z, x)
    drip = 0.145 + 0.03 * (_fractal(angle * 2.2 + 4.0, 0.5, 3) - 0.5)
    cloud = _fractal(angle * 3.0 + 3.0 * y, y * 5.0, 4)
    speck = _noise(angle * 30.0 + 60.0, y * 62.0) * _noise(angle * 13.0, y * 29.0)
    if y < drip:
        shade = 0.85 + 0.3 * cloud - 0.5 * max(0.0, speck - 0.5)
        return 0.42 * shade, 0.31 * shade, 0.215 * shade, 0.0
    thin = min(max((y - 0.915) / 0.04, 0.0), 1.0)
    depth = 0.70 + 0.7 * (cloud - 0.5) + 0.35 * math.exp(-((y - drip) / 0.03))
    dark = 1.0 - 0.75 * min(max((speck - 0.52) * 9.0, 0.0), 1.0)
    red, green, blue = 0.030 * depth * dark, 0.118 * depth * dark, 0.215 * depth * dark
    return red * (1 - thin) + 0.27 * thin, green * (1 - thin) + 0.20 * thin, blue * (1 - thin) + 0.135 * thin, 1.0


@njit(cache=True)
def _surface(what: int, x: float, y: float, z: float) -> tuple[float, float, float, float, float]:
    """Albedo (linear RGB), reflectance straight on, and roughness of what a ray met."""
    if what == FLOOR:
        red, green, blue, _ = _wood(x, z)
        return red, green, blue, 0.03, 0.30
    if what == WALL:
        cloud = 0.9 + 0.2 * _fractal(x * 0.8, y * 0.8, 3)
        return 0.46 * cloud, 0.47 * cloud, 0.43 * cloud, 0.0, 1.0
    if what == MUG:
        red, green, blue, gloss = _glaze(x - MUG_X, y, z - MUG_Z)
        return red, green, blue, 0.055 * gloss, 0.035
    if what == COFFEE:
        return 0.022, 0.010, 0.005, 0.03, 0.01
    if what == PEAR:
        red, green, blue = _pear_skin(x - PEAR_X, y, z - PEAR_Z)
        return red, green, blue, 0.035, 0.22
    return 0.13, 0.075, 0.035, 0.0, 1.0


@njit(cache=True)
def _normal(what: int, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Unit normal of a surface, the table's with the grain in it."""
    if what == WALL:
        return 0.0, 0.0, 1.0
    e = 1e-3
    if what == FLOOR:
        e = 2e-3
        nx = -(_wood(x + e, z)[3] - _wood(x - e, z)[3]) / (2 * e)
        nz = -(_wood(x, z + e)[3] - _wood(x, z - e)[3]) / (2 * e)
        length = math.sqrt(nx * nx + 1.0 + nz * nz)
        return nx / length, 1.0 / length, nz / length
    mug = what in (MUG, COFFEE)
    second = what in (COFFEE, STEM)
    x, z = (x - MUG_X, z - MUG_Z) if mug else (x - PEAR_X, z - PEAR_Z)
    nx, ny, nz = 0.0, 0.0, 0.0
    for sx, sy, sz in ((1.0, -1.0, -1.0), (-1.0, -1.0, 1.0), (-1.0, 1.0, -1.0), (1.0, 1.0, 1.0)):
        both = _mug(x + e * sx, y + e * sy, z + e * sz) if mug else _pear(x + e * sx, y + e * sy, z + e * sz)
        distance = both[1] if second else both[0]
        nx, ny, nz = nx + sx * distance, ny + sy * distance, nz + sz * distance
    length = math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-12
    return nx / length, ny / length, nz / length


@njit(cache=True, inline="always")
def _random(state: NDArray[np.uint64]) -> float:
    """Next number in 0..1 of a xorshift stream."""
    s = state[0]
    s ^= s << np.uint64(13)
    s ^= s >> np.uint64(7)
    s ^= s << np.uint64(17)
    state[0] = s
    return (s >> np.uint64(40)) / 16777216.0


@njit(cache=True)
def _window_seen(ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, near: float) -> bool:
    """True when a ray meets the window before distance `near`."""
    ux, uy, uz = LIGHT_U
    vx, vy, vz = LIGHT_V
    nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    slope = dx * nx + dy * ny + dz * nz
    if abs(slope) < 1e-9:
        return False
    t = ((LIGHT[0] - ox) * nx + (LIGHT[1] - oy) * ny + (LIGHT[2] - oz) * nz) / slope
    if t < 1e-3 or t > near:
        return False
    px, py, pz = ox + t * dx - LIGHT[0], oy + t * dy - LIGHT[1], oz + t * dz - LIGHT[2]
    a = (px * ux + py * uy + pz * uz) / (ux * ux + uy * uy + uz * uz)
    b = (px * vx + py * vy + pz * vz) / (vx * vx + vy * vy + vz * vz)
    # A glazing bar each way makes the reflection a window and not a lamp.
    return abs(a) < 1.0 and abs(b) < 1.0 and abs(a) > 0.04 and abs(b) > 0.03


@njit(cache=True)
def _window_light(
    x: float,
    y: float,
    z: float,
    nx: float,
    ny: float,
    nz: float,
    shine: float,
    view: tuple[float, float, float],
    state: NDArray[np.uint64],
) -> tuple[float, float]:
    """Shares of the window's radiance that a point sends on from one random spot of it: diffuse, and as a highlight.

    shine: Blinn-Phong exponent of the highlight; view: unit direction in which the eye's ray runs.
    """
    a, b = 2 * _random(state) - 1, 2 * _random(state) - 1
    ux, uy, uz = LIGHT_U
    vx, vy, vz = LIGHT_V
    lx = LIGHT[0] + a * ux + b * vx - x
    ly = LIGHT[1] + a * uy + b * vy - y
    lz = LIGHT[2] + a * uz + b * vz - z
    distance = math.sqrt(lx * lx + ly * ly + lz * lz)
    lx, ly, lz = lx / distance, ly / distance, lz / distance
    facing = nx * lx + ny * ly + nz * lz
    if facing <= 0:
        return 0.0, 0.0
    wx, wy, wz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    area = math.sqrt(wx * wx + wy * wy + wz * wz)
    cosine = abs(wx * lx + wy * ly + wz * lz) / area
    if _hit(x, y, z, lx, ly, lz)[0] < distance:
        return 0.0, 0.0
    share = facing * cosine * 4 * area / (math.pi * distance * distance)
    hx, hy, hz = lx - view[0], ly - view[1], lz - view[2]
    tilt = (hx * nx + hy * ny + hz * nz) / (math.sqrt(hx * hx + hy * hy + hz * hz) + 1e-12)
    return share, share * (shine + 8) / 8 * max(tilt, 0.0) ** shine


@njit(cache=True)
def _room(dx: float, dy: float, dz: float) -> tuple[float, float, float]:
    """Radiance of the room for rays that meet nothing: a pale ceiling, warm walls, darker behind the camera."""
    up = 0.5 + 0.5 * dy
    side = 0.75 + 0.25 * dx - 0.35 * max(dz, 0.0)
    return (0.19 + 0.20 * up) * side, (0.18 + 0.22 * up) * side, (0.17 + 0.26 * up) * side


@njit(cache=True)
def _path(
    ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, state: NDArray[np.uint64]
) -> tuple[float, float, float, int]:
    """Light along one camera ray (linear RGB), and what the ray met first."""
    red, green, blue = 0.0, 0.0, 0.0
    wr, wg, wb = 1.0, 1.0, 1.0
    first, mirrored = NOTHING, False
    for bounce in range(BOUNCES):
        near, what = _hit(ox, oy, oz, dx, dy, dz)
        if bounce == 0:
            first = what
        if mirrored and _window_seen(ox, oy, oz, dx, dy, dz, near):
            return red + wr * LIGHT_RADIANCE[0], green + wg * LIGHT_RADIANCE[1], blue + wb * LIGHT_RADIANCE[2], first
        if what == NOTHING:
            sr, sg, sb = _room(dx, dy, dz)
            return red + wr * sr, green + wg * sg, blue + wb * sb, first
        x, y, z = ox + near * dx, oy + near * dy, oz + near * dz
        ar, ag, ab, straight, rough = _surface(what, x, y, z)
        nx, ny, nz = _normal(what, x, y, z)
        cosine = -(dx * nx + dy * ny + dz * nz)
        ox, oy, oz = x + 2e-3 * nx, y + 2e-3 * ny, z + 2e-3 * nz
        grazing = (1.0 - min(max(cosine, 0.0), 1.0)) ** 5
        view = (dx, dy, dz)
        share = straight + (1 - straight) * grazing * (1 - 0.7 * rough) if straight > 0 else 0.0
        # What a smooth surface mirrors is a small share of its light and most of its noise: look there more often.
        chance = max(share, 0.3) if bounce == 0 and straight > 0 and rough < SHARP else share
        mirror = _random(state) < chance
        weight = share / chance if mirror else (1 - share) / (1 - chance)
        wr, wg, wb = wr * weight, wg * weight, wb * weight
        # A random direction of the unit sphere serves both lobes.
        h, turn = 2 * _random(state) - 1, 2 * math.pi * _random(state)
        flat = math.sqrt(max(1 - h * h, 0.0))
        rx, ry, rz = flat * math.cos(turn), h, flat * math.sin(turn)
        mirrored = mirror and rough < SHARP and bounce == 0  # no caustics: they only speckle
        if mirror:
            spread = rough * math.sqrt(_random(state))
            dx, dy, dz = (
                dx + 2 * cosine * nx + spread * rx,
                dy + 2 * cosine * ny + spread * ry,
                dz + 2 * cosine * nz + spread * rz,
            )
        else:
            shine = 2 / (rough * rough) - 2 if rough > SHARP else 1.0
            lit, glint = _window_light(ox, oy, oz, nx, ny, nz, shine, view, state)
            glint *= straight if rough > SHARP else 0.0
            red += LIGHT_RADIANCE[0] * (wr * ar * lit + wr * glint)
            green += LIGHT_RADIANCE[1] * (wg * ag * lit + wg * glint)
            blue += LIGHT_RADIANCE[2] * (wb * ab * lit + wb * glint)
            wr, wg, wb = wr * ar, wg * ag, wb * ab
            dx, dy, dz = nx + rx, ny + ry, nz + rz
        length = math.sqrt(dx * dx + dy * dy + dz * dz) + 1e-12
        dx, dy, dz = dx / length, dy / length, dz / length
        if dx * nx + dy * ny + dz * nz <= 0:
            break
    return red, green, blue, first


@njit(cache=True, parallel=True)
def _expose(
    width: int,
    height: int,
    samples: int,
    frame: NDArray[np.float64],
    picture: NDArray[np.float32],
    met: NDArray[np.float32],
) -> None:
    """Fill `picture` (H, W, 3, linear) and `met` (H, W, 2: share of mug and of pear in each pixel).

    frame: (4, 3) camera position, right, up and forward; right and up are half the picture at distance one.
    """
    focus = 6.75
    for row in prange(height):
        state = np.empty(1, np.uint64)
        for column in range(width):
            state[0] = np.uint64(row * 1000003 + column * 7919 + 88172645463325252)
            for _ in range(6):
                _random(state)
            for _sample in range(samples):
                # A tent filter one and a half pixels wide, and a point of the lens.
                u = column + 0.5 + 0.75 * (_random(state) + _random(state) - 1)
                v = row + 0.5 + 0.75 * (_random(state) + _random(state) - 1)
                u, v = 2 * u / width - 1, 1 - 2 * v / height
                turn, reach = 2 * math.pi * _random(state), LENS_RADIUS * math.sqrt(_random(state))
                a, b = reach * math.cos(turn), reach * math.sin(turn)
                ray = frame[3] + u * frame[1] + v * frame[2]
                side, up = frame[1] / math.sqrt((frame[1] ** 2).sum()), frame[2] / math.sqrt((frame[2] ** 2).sum())
                lens = a * side + b * up
                ray = ray * focus - lens
                ray /= math.sqrt((ray**2).sum())
                start = frame[0] + lens
                r, g, bl, what = _path(start[0], start[1], start[2], ray[0], ray[1], ray[2], state)
                picture[row, column, 0] += min(r, 12.0) / samples
                picture[row, column, 1] += min(g, 12.0) / samples
                picture[row, column, 2] += min(bl, 12.0) / samples
                if what in (MUG, COFFEE):
                    met[row, column, 0] += 1.0 / samples
                elif what in (PEAR, STEM):
                    met[row, column, 1] += 1.0 / samples


def camera_frame(width: int, height: int) -> NDArray[np.float64]:
    """(4, 3): camera position, half-width vector, half-height vector, forward."""
    position, target = np.array(CAMERA), np.array(TARGET)
    forward = (target - position) / np.linalg.norm(target - position)
    right = np.cross(forward, (0.0, 1.0, 0.0))
    right /= np.linalg.norm(right)
    half = math.tan(math.radians(FOV_DEG) / 2)
    return np.stack([position, right * half * width / height, np.cross(right, forward) * half, forward])


def develop(linear: NDArray[np.float32], seed: int = 5) -> NDArray[np.uint8]:
    """(H, W, 3) scene light to sRGB bytes: exposure, a film-like shoulder, a little vignette and sensor noise."""
    height, width, _ = linear.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    light = linear * 1.42 * (1 - 0.16 * (x * x + y * y) / 2)[..., None]
    light = light * (1 + light / 6.0) / (1 + light)  # highlights roll off, white at about six times grey
    light = np.clip(light * 1.32, 0, 1)
    rng = np.random.default_rng(seed)
    grain = rng.normal(size=light.shape) * 0.6 + rng.normal(size=(*light.shape[:2], 1)) * 0.8
    light = light + grain * np.sqrt(2.2e-6 + 6e-5 * light)
    light = np.clip(light, 0, 1)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(encoded * 255).astype(np.uint8)


def calm(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take out what noise the finite number of paths left, edges kept, working on the square root of light."""
    root = np.sqrt(np.clip(linear, 0, None)).astype(np.float32)
    return cv2.bilateralFilter(root, d=5, sigmaColor=0.035, sigmaSpace=1.3) ** 2


def main() -> None:
    """Draw the picture and its masks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--samples", type=int, default=240, help="paths per pixel")
    parser.add_argument("--width", type=int, default=1200, help="pixels; the picture is 3:2")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "assets" / "samples")
    chosen = parser.parse_args()
    width, height = chosen.width, chosen.width * 2 // 3
    picture, met = np.zeros((height, width, 3), np.float32), np.zeros((height, width, 2), np.float32)
    _expose(width, height, chosen.samples, camera_frame(width, height), picture, met)
    chosen.out.mkdir(parents=True, exist_ok=True)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 93, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
    cv2.imwrite(str(chosen.out / "still_life.jpg"), develop(calm(picture))[..., ::-1], quality)
    for index, name in enumerate(("mug", "pear")):
        cv2.imwrite(
            str(chosen.out / f"still_life_{name}.png"), np.where(met[..., index] >= 0.5, 255, 0).astype(np.uint8)
        )


if __name__ == "__main__":
    main()
