"""Where the backdrop is sky, land, water, road, table or wall: exact, at any resolution."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.synth.frame import Frame
from studio.synth.scene import Backdrop
from studio.synth.vocabulary import Biome, Ground

GroundMap: TypeAlias = NDArray[np.uint8]
"""(H, W) labels: `Ground.label`, 1..6."""


SKYLINE: dict[Biome, float] = {
    Biome.MEADOW: 0.13,
    Biome.DESERT: 0.13,
    Biome.SNOW: 0.2,
    Biome.BEACH: 0.0,
    Biome.SEA: 0.04,
    Biome.FOREST: 0.24,
    Biome.STREET: 0.31,
    Biome.TABLE: 0.0,
}
"""How far above the horizon hills, woods and house fronts rise; only what flies low may pass before them."""


def shore_y(backdrop: Backdrop, xs: NDArray[np.floating]) -> NDArray[np.floating]:
    """World y of a beach's waterline above each x: sea above it, sand below."""
    if backdrop.shore is None:
        return np.full_like(xs, backdrop.horizon)
    phase = (backdrop.seed % 628) / 100
    return backdrop.shore + backdrop.slope * (xs - 0.5) + 0.014 * np.sin(xs * 7.0 + phase)


def pond_depth_at(backdrop: Backdrop, xs: NDArray[np.floating], ys: NDArray[np.floating]) -> NDArray[np.floating]:
    """How far inside the pond each place lies: 1 in the middle, 0 on its shore, negative outside. Shapes broadcast."""
    pond = backdrop.pond
    if pond is None:
        return np.full(np.broadcast_shapes(xs.shape, ys.shape), -1.0)
    phase = (backdrop.seed % 628) / 100
    wave = 0.07 * np.sin(xs * 23.0 + phase)
    return 1.0 - ((xs - pond.x) / pond.rx) ** 2 - ((ys - pond.y) / pond.ry + wave) ** 2


def pond_depth(backdrop: Backdrop, xs: NDArray[np.floating], ys: NDArray[np.floating]) -> NDArray[np.floating]:
    """`pond_depth_at` on a grid: (W,) and (H,) give (H, W)."""
    return pond_depth_at(backdrop, xs[None, :], ys[:, None])


def ground_labels(backdrop: Backdrop, xs: NDArray[np.floating], ys: NDArray[np.floating]) -> GroundMap:
    """What the empty stage shows on a grid of places, (W,) and (H,), also beyond the picture's edge."""
    above = Ground.WALL if backdrop.biome is Biome.TABLE else Ground.SKY
    below = {Biome.TABLE: Ground.TABLE, Biome.SEA: Ground.WATER}.get(backdrop.biome, Ground.LAND)
    labels = np.where(ys[:, None] < backdrop.horizon, above.label, below.label)
    labels = np.repeat(labels, len(xs), axis=1)
    ground = ys[:, None] >= backdrop.horizon
    if backdrop.shore is not None:
        labels[ground & (ys[:, None] < shore_y(backdrop, xs)[None, :])] = Ground.WATER.label
    if backdrop.pond is not None:
        labels[ground & (pond_depth(backdrop, xs, ys) > 0)] = Ground.WATER.label
    if backdrop.road is not None:
        near, far = backdrop.road[1], backdrop.road[0]
        labels[(ys >= far) & (ys < near), :] = Ground.ROAD.label
    return labels.astype(np.uint8)


def ground_map(backdrop: Backdrop, frame: Frame) -> GroundMap:
    """What every pixel of the empty stage shows (its centre decides)."""
    return ground_labels(backdrop, frame.xs, frame.ys)


def ground_at(backdrop: Backdrop, x: float, y: float) -> Ground:
    """What lies at one place of the world."""
    label = int(ground_labels(backdrop, np.array([x]), np.array([y]))[0, 0])
    return tuple(Ground)[label - 1]
