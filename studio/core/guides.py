"""Guides: lines to align to, kept with the document among its metadata."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

from studio.core.document import Document
from studio.core.geometry import Rect

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


def with_guides(document: Document, guides: Guides) -> Document:
    """The document with these guides in place of its own; its other metadata stays in its order."""
    pairs = [pair for pair in document.metadata if pair[0] != GUIDES_KEY]
    if guides != Guides():
        keys = [key for key, _ in document.metadata]
        place = keys.index(GUIDES_KEY) if GUIDES_KEY in keys else len(pairs)
        pairs.insert(place, (GUIDES_KEY, guides.to_text()))
    return replace(document, metadata=tuple(pairs))


def mapped_guides(document: Document, place: Callable[[Rect], Rect]) -> Guides:
    """The document's guides where `place` puts the thin rectangles that they are; a turn makes columns of rows."""
    guides, canvas = guides_of(document), document.canvas
    lines = [Rect(x, canvas.top, x, canvas.bottom) for x in guides.columns]
    lines += [Rect(canvas.left, y, canvas.right, y) for y in guides.rows]
    placed = [place(line) for line in lines]
    columns, rows = ([line for line in placed if (line.width == 0) is upright] for upright in (True, False))
    return Guides(tuple(sorted({line.left for line in columns})), tuple(sorted({line.top for line in rows})))


def _whole_numbers(told: object) -> tuple[int, ...]:
    values = cast("list[object]", told) if isinstance(told, list) else []
    return tuple(sorted({value for value in values if type(value) is int}))
