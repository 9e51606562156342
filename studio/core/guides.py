"""Guides: lines to align to, kept with the document among its metadata."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import cast

from studio.core.document import Document

GUIDES_KEY = "guides"


@dataclass(frozen=True, slots=True)
class Guides:
    """Lines to align to: `columns` are x, `rows` are y, in canvas pixels."""

    columns: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()

    def to_text(self) -> str:
        """As metadata holds them."""
        return json.dumps({"columns": self.columns, "rows": self.rows})


def guides_of(document: Document) -> Guides:
    """The guides of a document; none where its metadata holds something else under their name."""
    told = dict(document.metadata).get(GUIDES_KEY)
    if told is None:
        return Guides()
    try:
        lines = cast("object", json.loads(told))
    except ValueError:
        return Guides()
    if not isinstance(lines, dict):
        return Guides()
    by_name = cast("dict[str, object]", lines)
    return Guides(_whole_numbers(by_name.get("columns")), _whole_numbers(by_name.get("rows")))


def _whole_numbers(told: object) -> tuple[int, ...]:
    values = cast("list[object]", told) if isinstance(told, list) else []
    return tuple(sorted({value for value in values if type(value) is int}))
