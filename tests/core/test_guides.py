"""Guides among the metadata: read, written, and carried along when the canvas changes."""

from __future__ import annotations

import pytest

from studio.core import edits
from studio.core.document import Document
from studio.core.edits import Turn
from studio.core.geometry import Point, Rect, Size
from studio.core.guides import Guides, guides_of


@pytest.fixture
def document() -> Document:
    empty = Document(size=Size(100, 60), metadata=(("title", "T"),))
    return edits.set_guides(empty, (70, 10, 10), (20,))


def test_they_are_sorted_once_each_and_leave_other_metadata(document: Document) -> None:
    assert guides_of(document) == Guides((10, 70), (20,))
    assert document.metadata[0] == ("title", "T")
    assert edits.set_guides(document, (), ()).metadata == (("title", "T"),)


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (Turn.FLIP_HORIZONTAL, Guides((30, 90), (20,))),
        (Turn.FLIP_VERTICAL, Guides((10, 70), (40,))),
        (Turn.HALF, Guides((30, 90), (40,))),
        (Turn.QUARTER, Guides((40,), (10, 70))),
        (Turn.THREE_QUARTERS, Guides((20,), (30, 90))),
    ],
)
def test_turning_the_canvas_turns_them(document: Document, turn: Turn, expected: Guides) -> None:
    assert guides_of(edits.turn_canvas(document, turn)) == expected


def test_cropping_and_resizing_move_them(document: Document) -> None:
    assert guides_of(edits.crop(document, Rect(5, 15, 60, 50))) == Guides((5, 65), (5,))
    assert guides_of(edits.resize_canvas(document, Size(200, 200), Point(3, 4))) == Guides((13, 73), (24,))


def test_a_document_without_guides_stays_without(document: Document) -> None:
    plain = Document(size=Size(100, 60), metadata=(("title", "T"),))
    assert edits.turn_canvas(plain, Turn.QUARTER).metadata == plain.metadata


def test_resizing_the_image_scales_them(document: Document) -> None:
    assert guides_of(edits.resize_image(document, Size(200, 30))) == Guides((20, 140), (10,))
    close = edits.set_guides(document, (10, 11), ())
    assert guides_of(edits.resize_image(close, Size(20, 12))) == Guides((2,), ())


def test_a_free_rotation_keeps_their_distance_from_the_centre(document: Document) -> None:
    rotated = edits.rotate_canvas(document, 10)
    middles = [(now - was) / 2 for now, was in zip((rotated.size.width, rotated.size.height), (100, 60), strict=True)]
    x, y = (round(middle) for middle in middles)
    assert (x, y) > (0, 0)
    assert guides_of(rotated) == Guides((10 + x, 70 + x), (20 + y,))
