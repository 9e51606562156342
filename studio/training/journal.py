"""The log of a run: one JSON object per line, in the order of its steps, whatever happened in between."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

Entry = Mapping[str, object]


class Journal:
    """Appends entries to a file. Entries carry "kind" and "step"."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def rewind(self, step: int) -> None:
        """Forget what was logged after a step: the run goes on from there. A line cut short by a kill goes too."""
        kept = [entry for entry in self.entries() if isinstance(at := entry.get("step"), int) and at <= step]
        draft = self.path.with_name(f".{self.path.name}.new")
        draft.write_text("".join(_line(entry) for entry in kept), encoding="utf-8")
        os.replace(draft, self.path)

    def add(self, kind: str, step: int, **values: object) -> None:
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(_line({"kind": kind, "step": step, **values}))

    def entries(self) -> Iterator[Entry]:
        """The whole lines, oldest first; none when there is no file."""
        if not self.path.is_file():
            return
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                yield entry


def _line(entry: Entry) -> str:
    return json.dumps({key: _plain(value) for key, value in entry.items()}) + "\n"


def _plain(value: object) -> object:
    """JSON has no infinities; five digits are enough to plot."""
    if isinstance(value, float):
        return float(f"{value:.5g}") if math.isfinite(value) else None
    return value
