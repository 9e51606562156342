"""Superpixels joined step by step, the most alike neighbours first, into ever larger parts of a picture."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.cutout.arrays import Floats
from studio.cutout.superpixels import Borders, Labels, means

COLOURS = 24
"""How many colours the picture is reduced to for comparing mixtures."""
BLUR_LAB = 18.0
"""Colours nearer than this are much the same one."""
MIXTURE_WEIGHT = 25.0
EDGE_WEIGHT = 0.5
SALIENCY_WEIGHT = 35.0
BORDER_WEIGHT = 0.5
"""How much easier two parts are joined that share their whole outline."""
SIZE_POWER = 0.12
SIZE_UNIT = 1 / 200
"""Parts below this share of the picture are joined more easily than others."""
SEED = 20


@dataclass(slots=True)
class _Part:
    """A part while parts are joined; sums over its pixels. `near` maps neighbours to length and edge of the border."""

    area: float
    colour: NDArray[np.float64]
    mixture: NDArray[np.float64]
    saliency: float
    outline: float
    near: dict[int, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class MergeTree:
    """`joined[i]` are the two nodes that node `leaves + i` is made of, `heights[i]` how unlike they were."""

    leaves: int
    joined: tuple[tuple[int, int], ...]
    heights: tuple[float, ...]

    def cut(self, count: int) -> NDArray[np.intp]:
        """The number of the part of each superpixel, for `count` parts (fewer when there are not so many)."""
        roots = {self.leaves + len(self.joined) - 1} if self.joined else {0}
        waiting = [(-self.heights[-1], root) for root in roots] if self.joined else []
        while waiting and len(roots) < count:
            _, node = heapq.heappop(waiting)
            roots.discard(node)
            for child in self.joined[node - self.leaves]:
                roots.add(child)
                if child >= self.leaves:
                    heapq.heappush(waiting, (-self.heights[child - self.leaves], child))
        numbers = np.zeros(self.leaves, np.intp)
        for number, root in enumerate(sorted(roots)):
            numbers[self._leaves_of(root)] = number
        return numbers

    def _leaves_of(self, node: int) -> list[int]:
        found: list[int] = []
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if one < self.leaves:
                found.append(one)
            else:
                waiting += self.joined[one - self.leaves]
        return found


def merge_tree(labels: Labels, lab: Floats, edges: Borders, saliency: NDArray[np.float64]) -> MergeTree:
    """Join all superpixels, one pair after the other.

    Args:
        lab: (H, W, 3) smoothed CIE L*a*b*.
        saliency: 0..1 for each superpixel; parts that differ in it stay apart longer.
    """
    parts = dict(enumerate(_leaves(labels, lab, edges, saliency)))
    leaves = len(parts)
    waiting = [
        (_unlike(parts, one, other, labels.size), one, other)
        for one, other in zip(edges.first.tolist(), edges.second.tolist(), strict=True)
    ]
    heapq.heapify(waiting)
    joined: list[tuple[int, int]] = []
    heights: list[float] = []
    while waiting:
        height, one, other = heapq.heappop(waiting)
        if one not in parts or other not in parts:
            continue
        node = leaves + len(joined)
        joined.append((one, other))
        heights.append(max(height, heights[-1] if heights else 0.0))
        _join(parts, one, other, node)
        for neighbour in parts[node].near:
            heapq.heappush(waiting, (_unlike(parts, neighbour, node, labels.size), neighbour, node))
    return MergeTree(leaves, tuple(joined), tuple(heights))


def _leaves(labels: Labels, lab: Floats, edges: Borders, saliency: NDArray[np.float64]) -> list[_Part]:
    area = np.bincount(labels.ravel()).astype(np.float64)
    colour, mixture = means(labels, lab) * area[:, None], _mixtures(labels, lab)
    parts = [
        _Part(float(area[i]), colour[i], mixture[i], float(saliency[i] * area[i]), 0.0, {}) for i in range(len(area))
    ]
    told = zip(edges.first.tolist(), edges.second.tolist(), edges.length.tolist(), edges.edge.tolist(), strict=True)
    for one, other, length, edge in told:
        parts[one].near[other] = parts[other].near[one] = (length, edge)
        parts[one].outline += length
        parts[other].outline += length
    return parts


def _mixtures(labels: Labels, lab: Floats) -> NDArray[np.float64]:
    """(regions, COLOURS) how much of each of the picture's main colours a region has, neighbours in colour shared."""
    pixels = lab.reshape(-1, 3).astype(np.float32)
    sample = pixels[:: max(1, len(pixels) // 8000)]
    cv2.setRNGSeed(SEED)
    count = min(COLOURS, len(sample))
    unnamed = np.zeros((len(sample), 1), np.int32)
    _, _, main = cv2.kmeans(sample, count, unnamed, (3, 12, 1.0), 1, cv2.KMEANS_PP_CENTERS)
    main = np.asarray(main, np.float32)
    nearest = np.argmin(np.linalg.norm(pixels[:, None] - main[None], axis=2), axis=1)
    regions = int(labels.max()) + 1
    counts = np.bincount(labels.ravel() * count + nearest, minlength=regions * count).reshape(regions, count)
    apart = np.linalg.norm(main[:, None] - main[None], axis=2)
    return counts @ np.exp(-((apart / BLUR_LAB) ** 2)).astype(np.float64)


def _unlike(parts: dict[int, _Part], one: int, other: int, pixels: int) -> float:
    """How unlike two neighbours are; small parts count as more alike, and so do those with a long common border."""
    a, b = parts[one], parts[other]
    length, edge = a.near[other]
    colour = float(np.linalg.norm(a.colour / a.area - b.colour / b.area))
    mixture = 0.5 * float(np.abs(a.mixture / a.mixture.sum() - b.mixture / b.mixture.sum()).sum())
    saliency = abs(a.saliency / a.area - b.saliency / b.area)
    told = colour + MIXTURE_WEIGHT * mixture + EDGE_WEIGHT * edge / length + SALIENCY_WEIGHT * saliency
    size = (min(a.area, b.area) / pixels / SIZE_UNIT) ** SIZE_POWER
    return told * size * (1 - BORDER_WEIGHT * length / max(1.0, min(a.outline, b.outline)))


def _join(parts: dict[int, _Part], one: int, other: int, node: int) -> None:
    a, b = parts.pop(one), parts.pop(other)
    near: dict[int, tuple[float, float]] = {}
    for part in (a, b):
        for neighbour, (length, edge) in part.near.items():
            if neighbour not in (one, other):
                known = near.get(neighbour, (0.0, 0.0))
                near[neighbour] = (known[0] + length, known[1] + edge)
    for neighbour, border in near.items():
        parts[neighbour].near.pop(one, None)
        parts[neighbour].near.pop(other, None)
        parts[neighbour].near[node] = border
    parts[node] = _Part(
        a.area + b.area,
        a.colour + b.colour,
        a.mixture + b.mixture,
        a.saliency + b.saliency,
        a.outline + b.outline - 2 * a.near[other][0],
        near,
    )
