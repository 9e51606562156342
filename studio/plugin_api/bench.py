"""What a benchmark prints: a titled table, notes under it, and pictures for a person to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class BenchPicture:
    """(H, W, 3) uint8 to look at; `name` is that of its file, without a suffix."""

    name: str
    pixels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class BenchTable:
    """Cells are text, numbers already rounded for reading; every row is as long as the header."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    pictures: tuple[BenchPicture, ...] = ()

    def markdown(self) -> str:
        """The table with aligned columns, its title above and its notes below."""
        widths = [max(len(row[i]) for row in (self.header, *self.rows)) for i in range(len(self.header))]

        def line(cells: Sequence[str]) -> str:
            return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"

        body = [line(self.header), line(["-" * width for width in widths]), *(line(row) for row in self.rows)]
        return "\n".join([f"### {self.title}", "", *body, *(f"\n{note}" for note in self.notes)])
