"""Which row of a model's batch means what.

Guidance puts several rows into one batch, methods add layers, and video models fold frames into it. Nothing may guess
from a batch size ("the second half is conditional"): the layout is a value, and every loop and processor reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor

from studio.core.errors import ShapeError


class Role(StrEnum):
    """What guidance does with a row: push towards it, or away from it."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its role, the item it denoises, and the layer, phrase or scene it stands for ("" when there is none)."""

    role: Role
    item: int
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one forward pass, in batch order.

    >>> Rows.guided(2).indices(role=Role.POSITIVE)
    (2, 3)
    """

    rows: tuple[Row, ...]

    @classmethod
    def plain(cls, items: int, tags: Sequence[str] = ()) -> Rows:
        """One positive row per item: no guidance."""
        return cls(tuple(Row(Role.POSITIVE, item, tag) for item, tag in _tagged(items, tags)))

    @classmethod
    def guided(cls, items: int, tags: Sequence[str] = ()) -> Rows:
        """All negative rows, then all positive rows: the order of the stock pipelines."""
        roles = (Role.NEGATIVE, Role.POSITIVE)
        return cls(tuple(Row(role, item, tag) for role in roles for item, tag in _tagged(items, tags)))

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @property
    def items(self) -> int:
        """Number of items, 0 for no rows."""
        return max((row.item for row in self.rows), default=-1) + 1

    def indices(self, role: Role | None = None, item: int | None = None, tag: str | None = None) -> tuple[int, ...]:
        """Positions of the rows that match everything asked for, in batch order."""
        return tuple(
            index
            for index, row in enumerate(self.rows)
            if (role is None or row.role is role)
            and (item is None or row.item == item)
            and (tag is None or row.tag == tag)
        )

    def part(self, start: int, stop: int) -> Rows:
        """The rows of a smaller pass."""
        return Rows(self.rows[start:stop])

    def gather(self, per_item: Tensor) -> Tensor:
        """(items, ...) -> (rows, ...): what each row denoises. Raises ShapeError when an item is missing."""
        if per_item.shape[0] != self.items:
            raise ShapeError(f"These rows denoise {self.items} items, but {per_item.shape[0]} were given.")
        if all(row.item == index for index, row in enumerate(self.rows)):
            return per_item
        order = torch.tensor([row.item for row in self.rows], device=per_item.device)
        return per_item.index_select(0, order)

    def check(self, batch: int) -> None:
        """Raises ShapeError when a batch of `batch` rows cannot have this layout."""
        if batch != len(self):
            raise ShapeError(f"The batch has {batch} rows, but the layout describes {len(self)}.")


def _tagged(items: int, tags: Sequence[str]) -> list[tuple[int, str]]:
    if tags and len(tags) != items:
        raise ShapeError(f"{items} items were given {len(tags)} tags.")
    return list(enumerate(tags or [""] * items))
