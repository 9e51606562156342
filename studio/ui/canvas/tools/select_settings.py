"""What is set for the selection tools; that of boxes is in `select_box`."""

from __future__ import annotations

from dataclasses import dataclass

from studio.core.selection import FULL, Combine


@dataclass(frozen=True, slots=True)
class SelectSet:
    """What is set for all selection tools together."""

    combine: Combine = Combine.REPLACE
    antialias: bool = True


@dataclass(frozen=True, slots=True)
class WandSet:
    """`tolerance` is 0..255 in each channel."""

    tolerance: int = 32
    contiguous: bool = True
    all_layers: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.tolerance <= FULL:
            raise ValueError("the tolerance is 0..255")


@dataclass(frozen=True, slots=True)
class ObjectSet:
    """Whether a click takes parts of objects."""

    fine: bool = False
