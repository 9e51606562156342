"""What stands out from the surroundings: the ground is what runs into the picture's frame.

After Zhu, Liang, Wei, Sun: Saliency Optimization from Robust Background Detection (2014), on our superpixels. Ours
differs: one quadratic solve over a dense matrix, and colours after smoothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.cutout.arrays import Floats
from studio.cutout.superpixels import Borders, Labels, frame_lengths, means

ALIKE_LAB = 9.0
"""Regions linked by steps that sum up to less are of one ground."""
SMOOTH_LAB = 10.0
NEAR_SHARE = 0.25
"""How far, as a share of the picture's side, others count for contrast."""
GROUND_WEIGHT = 5.0
LARGEST_STEP = 6.0
"""A step between neighbours that counts as none is this large at most."""


def saliency(labels: Labels, lab: Floats, edges: Borders, edge_gain: float = 0.0) -> NDArray[np.float64]:
    """0..1 for each superpixel: how much it stands out.

    Args:
        lab: (H, W, 3) smoothed CIE L*a*b*.
        edges: the superpixels' borders.
        edge_gain: how much an edge between two regions of like colour parts them; 0 asks their colours alone.
    """
    colours = means(labels, lab)
    area = np.bincount(labels.ravel()).astype(np.float64)
    apart = np.linalg.norm(colours[:, None] - colours[None], axis=2)
    step = np.maximum(apart[edges.first, edges.second], edge_gain * edges.edge / edges.length)
    ground = _groundness(apart, step, area, frame_lengths(labels), edges)
    figure = _contrast(labels, apart, area, ground) * (1 - ground)
    figure /= max(float(figure.max()), 1e-9)
    found = np.linalg.solve(_smoothness(apart, edges) + np.diag(GROUND_WEIGHT * ground + figure + 1e-6), figure)
    found -= found.min()
    return found / max(float(found.max()), 1e-9)


def _groundness(
    apart: NDArray[np.float64],
    step: NDArray[np.float64],
    area: NDArray[np.float64],
    frame: NDArray[np.float64],
    edges: Borders,
) -> NDArray[np.float64]:
    """0..1: how much a region, with all that is linked to it by small steps, runs along the frame."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import dijkstra

    count = len(area)
    least = np.full(count, np.inf)
    np.minimum.at(least, edges.first, step)
    np.minimum.at(least, edges.second, step)
    free = min(float(np.mean(least[np.isfinite(least)])), LARGEST_STEP) if np.isfinite(least).any() else 0.0
    on_frame = np.flatnonzero(frame)
    one, other = (grid.ravel() for grid in np.meshgrid(on_frame, on_frame))
    one, other = one[one < other], other[one < other]
    first, second = np.concatenate([edges.first, one]), np.concatenate([edges.second, other])
    cost = np.maximum(np.concatenate([step, apart[one, other]]) - free, 0) + 1e-6
    graph = coo_matrix((cost, (first, second)), shape=(count, count)).tocsr()
    way = np.asarray(dijkstra(graph, directed=False), np.float64)
    alike = np.exp(-(way**2) / (2 * ALIKE_LAB**2))
    connected = (alike @ frame) / np.sqrt(alike @ area)
    return 1 - np.exp(-(connected**2) / 2)


def _contrast(
    labels: Labels, apart: NDArray[np.float64], area: NDArray[np.float64], ground: NDArray[np.float64]
) -> NDArray[np.float64]:
    """0..1: how different a region is from the ground near it."""
    height, width = labels.shape
    rows, columns = np.mgrid[0:height, 0:width]
    place = means(labels, np.dstack([rows / height, columns / width]))
    far = np.linalg.norm(place[:, None] - place[None], axis=2)
    near = np.exp(-(far**2) / (2 * NEAR_SHARE**2)) * (area / area.sum())
    found = (apart * near) @ ground
    found -= found.min()
    return found / max(float(found.max()), 1e-9)


def _smoothness(apart: NDArray[np.float64], edges: Borders) -> NDArray[np.float64]:
    """The graph Laplacian that keeps neighbours of one colour together."""
    weight = np.exp(-(apart[edges.first, edges.second] ** 2) / (2 * SMOOTH_LAB**2)) + 0.1
    linked = np.zeros_like(apart)
    linked[edges.first, edges.second] = linked[edges.second, edges.first] = weight
    return np.diag(linked.sum(axis=1)) - linked
