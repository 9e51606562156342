"""Adjustment layers in a PSD: what is baked and kept, what the loss report says of it, and the gate on both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core.compositing import composite
from studio.core.difference import distance_map
from studio.core.document import Document
from studio.core.layers import AdjustmentLayer, ForeignBlock, GroupLayer, Layer, RasterLayer
from studio.core.pixels import Depth
from studio.io import psd
from studio.io.delivery import Adjustments
from studio.io.formats import open_document, plan_document, save_document
from studio.io.psd.merged import merged_preview
from studio.io.report import Fate
from tests.io.psd.material import noise_document
from tests.support.documents import random_document


def has_adjustments(document: Document) -> bool:
    return any(isinstance(layer, AdjustmentLayer) for layer in document.walk())


@pytest.mark.parametrize("depth", list(Depth))
def test_a_delivered_file_has_no_adjustments_and_looks_the_same(tmp_path: Path, depth: Depth) -> None:
    document, path = noise_document(depth), tmp_path / "out.psd"
    written = save_document(document, path)
    found = open_document(path).document
    assert not has_adjustments(found)
    stored = merged_preview(path)
    assert stored is not None
    for picture in (composite(found), stored):
        assert distance_map(composite(document), picture).max() <= 1.01
    assert [notice.layer for notice in written.notices if notice.fate is Fate.BAKED] == ["curves"]


def test_live_adjustments_come_back(tmp_path: Path) -> None:
    document, path = noise_document(), tmp_path / "out.psd"
    written = save_document(document, path, Adjustments.LIVE)
    found = open_document(path).document
    wanted = [layer for layer in document.walk() if isinstance(layer, AdjustmentLayer)]
    assert [layer.adjustment for layer in found.walk() if isinstance(layer, AdjustmentLayer)] == [
        layer.adjustment for layer in wanted
    ]
    kept = [notice for notice in written.notices if notice.fate is Fate.KEPT]
    assert [notice.layer for notice in kept] == ["curves"]
    assert "GIMP and Krita pass over it" in kept[0].why


@pytest.mark.parametrize("kind", [".ora", ".lamina"])
def test_other_layered_formats_keep_them(tmp_path: Path, kind: str) -> None:
    document, path = noise_document(), tmp_path / f"a{kind}"
    assert not [notice for notice in plan_document(document, path) if notice.fate is Fate.BAKED]
    save_document(document, path)
    assert has_adjustments(open_document(path).document)


def test_the_plan_says_what_the_write_does(tmp_path: Path) -> None:
    document, path = noise_document(), tmp_path / "out.psd"
    assert plan_document(document, path) == save_document(document, path).notices


def test_the_report_names_what_was_merged_and_who_would_pass_over_it() -> None:
    notices = psd.fit(noise_document(), Adjustments.BAKED).notices
    (told,) = [notice for notice in notices if notice.fate is Fate.BAKED]
    assert str(told) == (
        "baked: adjustment layer (“curves”): “Background”, “乗算”, “图层 1” and 2 more became “curves (merged)”, "
        "because its pass-through group lets it act on what lies below the group; "
        "GIMP and Krita would pass over it"
    )


def test_effects_and_text_of_merged_layers_are_named() -> None:
    document = noise_document()

    def styled(layer: Layer) -> Layer:
        if isinstance(layer, GroupLayer):
            return replace(layer, children=tuple(styled(child) for child in layer.children))
        blocks = (ForeignBlock("psd", "lfx2", b"x"), ForeignBlock("psd", "TySh", b"y"))
        return replace(layer, foreign=blocks) if layer.name == "Background" else layer

    notices = psd.fit(
        document.with_layers(tuple(styled(layer) for layer in document.layers)), Adjustments.BAKED
    ).notices
    lost = {(notice.what, notice.layer) for notice in notices if notice.fate is Fate.DROPPED}
    assert {("layer effects", "Background"), ("editable text, shape or smart object", "Background")} <= lost


def test_a_baked_file_is_verified_against_its_document(tmp_path: Path) -> None:
    document, path = noise_document(), tmp_path / "out.psd"
    save_document(document, path)
    report = psd.verify(path, document)
    assert report.passed
    assert ("adjustment layers baked", 1.0) in report.figures
    other = document.with_layers(
        tuple(replace(layer, opacity=0.3) if layer.name == "clip base" else layer for layer in document.layers)
    )
    assert not psd.verify(path, other).passed


def test_a_live_file_is_verified_layer_by_layer(tmp_path: Path) -> None:
    document, path = noise_document(), tmp_path / "out.psd"
    save_document(document, path, Adjustments.LIVE)
    assert psd.verify(path, document).passed


@settings(
    max_examples=25, deadline=None, suppress_health_check=(HealthCheck.too_slow, HealthCheck.function_scoped_fixture)
)
@given(seed=st.integers(0, 100_000), depth=st.sampled_from(Depth))
def test_any_document_is_delivered_as_it_looks(tmp_path: Path, seed: int, depth: Depth) -> None:
    document, path = random_document(seed, depth, layers=9), tmp_path / "out.psd"
    save_document(document, path)
    found = open_document(path).document
    assert not has_adjustments(found)
    exact = all(layer.opacity * 255 == round(layer.opacity * 255) for layer in found.walk())
    assert exact
    assert all(isinstance(layer, RasterLayer | GroupLayer) for layer in found.walk())
    assert distance_map(composite(document), composite(found)).max() <= 1.01
