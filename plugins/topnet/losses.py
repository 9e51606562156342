"""What pushes the true bin above the others. One box per picture is known; most other bins are neither good nor bad.

`scores` are (B, S, G, G), `truth` (B, 3) the bins (k, i, j) of the true boxes. The neighbours of a true bin, within one
cell and one scale step, are left out: they are nearly right. The published formula could not be read; the sparse hinge
is the nearest to its description, the grid softmax was as good in our comparison and needs no margin.

Where all good bins of a pair are known, as they are in the practice world, `labelled_softmax` learns from all of them.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

MARGIN = 1.0
RANGE_WEIGHT = 1e-3
BCE_DIVISOR = 50.0


def grid_softmax(scores: Tensor, truth: Tensor) -> Tensor:
    """L_B = logsumexp of all bins that count, minus the true bin's score: a cross-entropy over the whole grid."""
    near, at = neighbours(scores, truth)
    return functional.cross_entropy(scores.flatten(1).masked_fill(near, float("-inf")), at)


def sparse_hinge(scores: Tensor, truth: Tensor) -> Tensor:
    """L_A: every bin that comes within a margin of the true one is pushed back, averaged over those bins alone."""
    near, at = neighbours(scores, truth)
    flat = scores.flatten(1)
    violation = (flat - flat.gather(1, at[:, None]) + MARGIN).masked_fill(near, 0).clamp_min(0)
    violation = violation.scatter(1, at[:, None], 0.0)
    each = violation.sum(1) / (violation > 0).sum(1).clamp_min(1)
    return each.mean() + RANGE_WEIGHT * flat.square().mean()


def full_grid_bce(scores: Tensor, truth: Tensor) -> Tensor:
    """L_C: the true bin is 1, every other bin that counts 0."""
    near, at = neighbours(scores, truth)
    target = torch.zeros_like(scores.flatten(1)).scatter(1, at[:, None], 1.0)
    each = functional.binary_cross_entropy_with_logits(scores.flatten(1), target, reduction="none")
    return each.masked_fill(near, 0).sum(1).mean() / BCE_DIVISOR


def labelled_softmax(scores: Tensor, good: Tensor) -> Tensor:
    """L_B with many labels: each of the `good` bins (B, S, G, G) against all that are not, averaged over the good."""
    flat, right = scores.flatten(1), good.flatten(1)
    others = flat.masked_fill(right, float("-inf")).logsumexp(1, keepdim=True)
    each = functional.softplus(others - flat) * right
    return (each.sum(1) / right.sum(1).clamp_min(1)).mean()


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "grid_softmax": grid_softmax,
    "sparse_hinge": sparse_hinge,
    "full_grid_bce": full_grid_bce,
}


def neighbours(scores: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
    """(B, S * G * G) whether a bin is a neighbour of the true one and not it, and (B,) the true one's number."""
    _, _, rows, columns = scores.shape
    places = torch.meshgrid(*(torch.arange(n, device=scores.device) for n in scores.shape[1:]), indexing="ij")
    near = torch.ones(scores.shape, dtype=torch.bool, device=scores.device)
    for axis, place in enumerate(places):
        near &= (place[None] - truth[:, axis, None, None, None]).abs() <= 1
    at = (truth[:, 0] * rows + truth[:, 1]) * columns + truth[:, 2]
    return near.flatten(1).scatter(1, at[:, None], False), at
