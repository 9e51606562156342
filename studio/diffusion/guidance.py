"""Classifier-free guidance over any layout of rows."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from studio.core.errors import ShapeError
from studio.diffusion.rows import Role, Rows

Scale = float | Sequence[float]


def classifier_free(prediction: Tensor, rows: Rows, scale: Scale, rescale: float = 0.0) -> Tensor:
    """`negative + scale * (positive - negative)` for every item; an item without a negative row keeps its positive one.

    Args:
        prediction: (rows, ...) what the model gave.
        scale: one number, or one per item.
        rescale: 0..1, how far the result takes over the standard deviation of the positive prediction (Lin et al.,
            2023, section 3.4); 0 leaves it alone.

    Returns:
        (items, ...).

    Raises:
        ShapeError: the prediction has another number of rows, or an item has no or several positive or several
            negative rows.
    """
    rows.check(prediction.shape[0])
    pairs = [_pair(rows, item) for item in range(rows.items)]
    positive = _select(prediction, [positive for positive, _ in pairs])
    if all(negative is None for _, negative in pairs):
        return positive
    negative = _select(prediction, [positive if negative is None else negative for positive, negative in pairs])
    guided = negative + _as_factor(scale, positive) * (positive - negative)
    if rescale == 0:
        return guided
    axes = list(range(1, guided.ndim))
    restored = guided * (positive.std(axes, keepdim=True) / guided.std(axes, keepdim=True))
    return rescale * restored + (1 - rescale) * guided


def _pair(rows: Rows, item: int) -> tuple[int, int | None]:
    """Row indices (positive, negative or None) of one item."""
    positive = rows.indices(Role.POSITIVE, item)
    negative = rows.indices(Role.NEGATIVE, item)
    if len(positive) != 1 or len(negative) > 1:
        raise ShapeError(
            f"Item {item} has {len(positive)} positive and {len(negative)} negative rows; guidance needs 1 and 0 or 1."
        )
    return positive[0], negative[0] if negative else None


def _select(prediction: Tensor, order: list[int]) -> Tensor:
    return prediction.index_select(0, torch.tensor(order, device=prediction.device))


def _as_factor(scale: Scale, like: Tensor) -> float | Tensor:
    if isinstance(scale, (int, float)):
        return scale
    if len(scale) != like.shape[0]:
        raise ShapeError(f"{like.shape[0]} items were given {len(scale)} guidance scales.")
    return torch.tensor(scale, dtype=like.dtype, device=like.device).view(-1, *[1] * (like.ndim - 1))
