"""Guides in Photoshop's own resource: there and back, as Photoshop wrote them, and what psd-tools sees of ours."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from psd_tools import PSDImage
from psd_tools.constants import Resource

from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.guides import Guides, guides_of, with_guides
from studio.core.layers import ForeignBlock
from studio.io.formats import open_document, save_document
from studio.io.psd import verify
from tests.io.psd.material import SHARED
from tests.support.documents import random_document

PHOTOSHOP = SHARED / "adjustments" / "adjustment_clipping.psd"
RESOURCE = "resource:1032"


@pytest.fixture
def plain() -> Document:
    return random_document(5, size=Size(60, 50), layers=2)


def stored(path: Path) -> bytes | None:
    resources = PSDImage.open(path).image_resources
    data = resources.get_data(Resource.GRID_AND_GUIDES_INFO)
    return None if data is None else data.tobytes()


@pytest.mark.skipif(not PHOTOSHOP.exists(), reason="the files that Photoshop wrote are not here")
def test_those_that_photoshop_wrote_are_read() -> None:
    assert guides_of(open_document(PHOTOSHOP).document) == Guides((100,), (100,))


@pytest.mark.parametrize("suffix", [".psd", ".psb"])
def test_they_come_back_also_from_off_the_canvas(plain: Document, tmp_path: Path, suffix: str) -> None:
    document = with_guides(plain, Guides((-7, 0, 30), (49, 120)))
    path = tmp_path / f"guides{suffix}"
    save_document(document, path)
    assert verify(path, document).passed
    assert guides_of(open_document(path).document) == Guides((-7, 0, 30), (49, 120))


def test_photoshop_finds_them_in_32nds_of_a_pixel(plain: Document, tmp_path: Path) -> None:
    save_document(with_guides(plain, Guides((30,), (5,))), tmp_path / "a.psd")
    assert stored(tmp_path / "a.psd") == struct.pack(">4I", 1, 576, 576, 2) + struct.pack(">iBiB", 960, 0, 160, 1)


def test_a_document_without_any_says_nothing_of_them(plain: Document, tmp_path: Path) -> None:
    save_document(plain, tmp_path / "a.psd")
    assert stored(tmp_path / "a.psd") is None


def test_what_another_program_changed_counts_and_not_our_own_note(plain: Document, tmp_path: Path) -> None:
    path = tmp_path / "a.psd"
    save_document(with_guides(plain, Guides((30,), (5,))), path)
    data = path.read_bytes()
    ours = struct.pack(">iBiB", 960, 0, 160, 1)
    assert data.count(ours) == 1
    path.write_bytes(data.replace(ours, struct.pack(">iBiB", 320, 0, 160, 0)))
    assert guides_of(open_document(path).document) == Guides((5, 10), ())


def test_a_damaged_resource_is_written_anew(plain: Document, tmp_path: Path) -> None:
    foreign = (ForeignBlock("psd", RESOURCE, b"cut"),)
    document = with_guides(Document(size=plain.size, layers=plain.layers, foreign=foreign), Guides((3,), ()))
    save_document(document, tmp_path / "a.psd")
    assert guides_of(open_document(tmp_path / "a.psd").document) == Guides((3,), ())


def test_the_grid_and_guides_between_pixels_stay_as_they_were_until_a_guide_is_changed(
    plain: Document, tmp_path: Path
) -> None:
    theirs = struct.pack(">4I", 1, 320, 640, 1) + struct.pack(">iB", 16 + 32 * 9, 1)
    foreign = (ForeignBlock("psd", RESOURCE, theirs),)
    document = with_guides(Document(size=plain.size, layers=plain.layers, foreign=foreign), Guides((), (10,)))
    path = tmp_path / "a.psd"
    save_document(document, path)
    assert stored(path) == theirs
    read = open_document(path)
    assert guides_of(read.document) == Guides((), (10,))
    save_document(with_guides(read.document, Guides()), path)
    assert stored(path) == struct.pack(">4I", 1, 320, 640, 0)
    assert guides_of(open_document(path).document) == Guides()
