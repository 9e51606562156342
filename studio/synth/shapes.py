"""Outlines as (N, 2) arrays of points, y up: circles, boxes, smooth curves, blobs and strokes of varying width."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.synth.dice import Dice

Outline: TypeAlias = NDArray[np.float64]
Points: TypeAlias = Sequence[tuple[float, float]] | Outline


@lru_cache(maxsize=16)
def _unit_circle(count: int) -> Outline:
    angles = np.arange(count) * (2 * np.pi / count)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    circle.setflags(write=False)
    return circle


def ellipse(cx: float, cy: float, rx: float, ry: float, angle_deg: float = 0.0, count: int = 36) -> Outline:
    """An ellipse, turned counter-clockwise by `angle_deg`."""
    points = _unit_circle(count) * (rx, ry)
    return shifted(turned(points, angle_deg), cx, cy)


def circle(cx: float, cy: float, radius: float, count: int = 36) -> Outline:
    return _unit_circle(count) * radius + (cx, cy)


def box(left: float, bottom: float, right: float, top: float) -> Outline:
    return np.array([(left, bottom), (right, bottom), (right, top), (left, top)], dtype=np.float64)


def rounded_box(left: float, bottom: float, right: float, top: float, radius: float) -> Outline:
    unit = _unit_circle(24)
    corners = ((right, top, 0), (left, top, 6), (left, bottom, 12), (right, bottom, 18))
    parts = []
    for x, y, start in corners:
        inset = (x - radius if x == right else x + radius, y - radius if y == top else y + radius)
        parts.append(unit[[(start + step) % 24 for step in range(7)]] * radius + inset)
    return np.concatenate(parts)


def arc(cx: float, cy: float, rx: float, ry: float, start_deg: float, end_deg: float, count: int = 24) -> Outline:
    """Points along an ellipse from one angle to another, counter-clockwise when the end is larger."""
    angles = np.radians(np.linspace(start_deg, end_deg, count))
    return np.stack([cx + rx * np.cos(angles), cy + ry * np.sin(angles)], axis=1)


def shifted(points: Outline, dx: float, dy: float) -> Outline:
    return points + np.array([dx, dy])


def turned(points: Outline, angle_deg: float, about: tuple[float, float] = (0.0, 0.0)) -> Outline:
    """Turned counter-clockwise about a point."""
    if angle_deg == 0.0:
        return points
    cos, sin = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    centred = points - about
    x, y = centred[:, 0], centred[:, 1]
    return np.stack([x * cos - y * sin, x * sin + y * cos], axis=1) + about


def curve(points: Points, closed: bool = True, steps: int = 6) -> Outline:
    """A smooth (Catmull-Rom) curve through the points."""
    knots = np.asarray(points, dtype=np.float64)
    if closed:
        ring = np.concatenate([knots[-1:], knots, knots[:2]])
        before, start, after, beyond = ring[:-3], ring[1:-2], ring[2:-1], ring[3:]
    else:
        padded = np.concatenate([knots[:1], knots, knots[-1:]])
        before, start, after, beyond = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = (np.arange(steps) / steps)[None, :, None]
    a, b, c, d = (part[:, None, :] for part in (before, start, after, beyond))
    spline = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * (b - c) + d - a) * t**3)
    flat = spline.reshape(-1, 2)
    return flat if closed else np.concatenate([flat, knots[-1:]])


def blob(
    cx: float, cy: float, rx: float, ry: float, dice: Dice, bumps: int = 9, depth: float = 0.08, count: int = 5
) -> Outline:
    """A rounded shape with a wavy rim of `bumps` lobes whose height is about `depth` of the radius."""
    turn = dice.uniform(0.0, 360.0)
    angles = np.radians(np.arange(bumps * 2) * (180.0 / bumps) + turn)
    reach = np.array([1.0 + (depth if k % 2 else -depth) * dice.uniform(0.5, 1.2) for k in range(bumps * 2)])
    knots = np.stack([cx + rx * reach * np.cos(angles), cy + ry * reach * np.sin(angles)], axis=1)
    return curve(knots, steps=count)


def scalloped(cx: float, cy: float, rx: float, ry: float, lobes: int, depth: float, turn: float = 0.0) -> Outline:
    """A round shape whose rim is a row of outward arcs, as foliage is drawn; `depth` is how deep the notches go."""
    steps = lobes * 7
    angles = np.arange(steps) * (2 * np.pi / steps)
    reach = 1.0 - depth + depth * np.sqrt(np.abs(np.sin(angles * (lobes / 2))))
    angles = angles + turn
    return np.stack([cx + rx * reach * np.cos(angles), cy + ry * reach * np.sin(angles)], axis=1)


def stroke(points: Points, widths: float | Sequence[float]) -> Outline:
    """A band along a line of points; `widths` is one full width or one per point."""
    path = np.asarray(points, dtype=np.float64)
    half = np.broadcast_to(np.asarray(widths, dtype=np.float64) / 2, (len(path),))[:, None]
    ahead = np.concatenate([path[1:], path[-1:]]) - np.concatenate([path[:1], path[:-1]])
    length = np.sqrt(ahead[:, :1] ** 2 + ahead[:, 1:] ** 2)
    normal = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) / np.maximum(length, 1e-9)
    return np.concatenate([path + normal * half, (path - normal * half)[::-1]])
