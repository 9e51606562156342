"""Other people's files: opened, what is lost named, kept through a round trip; skipped where the files are absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.core.document import Document
from studio.core.layers import AdjustmentLayer, GroupLayer, RasterLayer
from studio.io.psd import merged_preview, plan, read, verify, write
from studio.io.psd.gate import document_faults
from studio.io.psd.prepare import prepare
from studio.io.report import Fate
from tests.io.psd.families import Outcome, examine, table
from tests.io.psd.material import SHARED, needs_shared, shared_files, shared_id

FILES = shared_files()


def _open(name: str) -> Document:
    return read(SHARED / name).document


@needs_shared
@pytest.mark.parametrize("path", FILES, ids=[shared_id(path) for path in FILES])
def test_every_file_opens_and_survives_a_round_trip(tmp_path: Path, path: Path) -> None:
    first = read(path)
    assert first.document.check() == []
    for notice in first.notices:
        assert notice.what
        assert notice.fate is not Fate.DROPPED or notice.why
    copy = tmp_path / f"copy{path.suffix}"
    write(first.document, copy)
    second = read(copy).document
    assert list(document_faults(prepare(first.document).document, second)) == []
    again = tmp_path / f"again{path.suffix}"
    write(second, again)
    assert copy.read_bytes() == again.read_bytes()


@needs_shared
def test_what_agrees_with_photoshop() -> None:
    findings = [examine(path) for path in FILES]
    assert not [finding for finding in findings if finding.outcome is Outcome.REFUSED]
    unexplained = [shared_id(f.path) for f in findings if f.outcome is Outcome.DIFFERS and not f.why]
    assert unexplained == []
    agreeing = {shared_id(f.path) for f in findings if f.outcome is Outcome.AGREES}
    for family in ("blend-modes", "group-clipping", "layers", "masks", "colorprofiles", "third-party-psds"):
        files = {shared_id(path) for path in FILES if path.parent.name == family}
        compared = {shared_id(f.path) for f in findings if f.outcome is not Outcome.NO_PICTURE}
        assert files & compared - agreeing <= {"blend-modes/dissolve.psd"}
    assert len(agreeing) >= 80
    assert "| blend-modes | 29 |" in table(findings, SHARED)


@needs_shared
@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("layers/type-layer.psd", "text to pixels"),
        ("layers/smartobject-layer.psd", "smart object to pixels"),
        ("layers/shape-layer.psd", "shape to pixels"),
        ("layers/pattern-fill.psd", "pattern fill to pixels"),
        ("layers/vibrance.psd", "Vibrance adjustment"),
        ("layers/selective-color.psd", "Selective Color adjustment"),
        ("layers/curves-with-vectormask.psd", "vector mask to pixels"),
        ("effects/stroke-effects.psd", "layer effects"),
        ("transparency/knockout-isolated-groups.psd", "knockout"),
        ("colormodes/4x4_8bit_cmyk.psd", "CMYK colours"),
        ("colormodes/4x4_32bit_rgb.psd", "32-bit colours"),
    ],
)
def test_what_is_not_kept_is_named(name: str, what: str) -> None:
    assert what in [notice.what for notice in read(SHARED / name).notices]


@needs_shared
@pytest.mark.parametrize(
    ("name", "block"),
    [
        ("layers/type-layer.psd", "TySh"),
        ("layers/smartobject-layer.psd", "SoLd"),
        ("layers/vibrance.psd", "vibA"),
        ("effects/stroke-effects.psd", "lfx2"),
    ],
)
def test_blocks_that_we_cannot_draw_come_back(tmp_path: Path, name: str, block: str) -> None:
    document = _open(name)
    before = [b for layer in document.walk() for b in layer.foreign if b.key == block]
    assert before
    assert not [notice for notice in plan(document) if notice.fate is Fate.DROPPED]
    write(document, tmp_path / "back.psd")
    after = [b for layer in read(tmp_path / "back.psd").document.walk() for b in layer.foreign if b.key == block]
    assert after == before


@needs_shared
def test_photoshops_own_files_pass_the_gate() -> None:
    for name in ("group-clipping/group-clipping.psd", "layers/group.psd", "transparency/clip-opacity.psd"):
        report = verify(SHARED / name)
        assert report.passed, f"{name}: {report}"


@needs_shared
def test_a_blank_merged_image_is_not_taken_for_a_picture() -> None:
    assert merged_preview(SHARED / "layers-minimal" / "pixel-layer.psd") is None


@needs_shared
def test_groups_are_open_or_closed_and_pass_through_as_stored() -> None:
    group = next(layer for layer in _open("blend-modes/pass-through.psd").walk() if isinstance(layer, GroupLayer))
    assert group.blend.value == "pass_through"
    assert all(isinstance(child, (RasterLayer, GroupLayer, AdjustmentLayer)) for child in group.children)
