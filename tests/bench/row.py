"""One line of a benchmark table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A measured figure beside its target. `target` is text, such as "<= 25 ms"; `note` says how it was measured.

    `limit` is the largest value that meets the target, in `unit`; None where there is none.
    """

    name: str
    value: float
    unit: str
    target: str = ""
    note: str = ""
    limit: float | None = None
