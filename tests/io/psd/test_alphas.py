"""Saved selections as alpha channels: there and back at both depths, with and without transparency."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from psd_tools import PSDImage
from psd_tools.constants import Resource

from studio.core import edits
from studio.core.document import Document
from studio.core.geometry import Rect, Size
from studio.core.layers import RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.core.selection import Channel, coverage_buffer
from studio.io.formats import open_document, plan_document, save_document
from studio.io.psd import verify
from tests.support.documents import random_document
from tests.support.edits import unlocked


def with_channels(document: Document) -> Document:
    """The document with a soft and a hard channel, and one that is empty."""
    soft = edits.feather_selection(edits.select_ellipse(document, Rect(3, 4, 40, 30)), 2)
    saved = edits.save_selection(soft, "Himmel 空")
    saved = edits.save_selection(edits.select_rectangle(saved, Rect(1, 1, 9, 9)), "hard")
    nothing = Channel(name="none", pixels=PixelBuffer(document.size, Depth.EIGHT, 1))
    return replace(saved, channels=(*saved.channels, nothing), selection=None)


def opaque(document: Document) -> Document:
    """Only an opaque background."""
    layer = document.layers[0]
    assert isinstance(layer, RasterLayer)
    return document.with_layers((replace(layer, name="Ground"),))


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("suffix", [".psd", ".psb"])
@pytest.mark.parametrize("transparent", [True, False])
def test_channels_come_back(tmp_path: Path, depth: Depth, suffix: str, transparent: bool) -> None:
    start = random_document(5, depth, Size(60, 50), layers=3)
    if transparent:
        start = edits.clear_selected(unlocked(start), start.layers[0].id)
    document = with_channels(start if transparent else opaque(start))
    path = tmp_path / f"channels{suffix}"
    assert not [notice for notice in plan_document(document, path) if "selection" in notice.what]
    save_document(document, path)
    assert verify(path, document).passed
    assert open_document(path).document.channels == document.channels


def test_psd_tools_sees_their_names_and_count(tmp_path: Path) -> None:
    document = with_channels(opaque(random_document(5, size=Size(60, 50))))
    save_document(document, tmp_path / "a.psd")
    seen = PSDImage.open(tmp_path / "a.psd")
    assert seen.channels == 6
    names = seen.image_resources.get_data(Resource.ALPHA_NAMES_UNICODE)
    assert [str(name).rstrip("\0") for name in names] == ["Himmel 空", "hard", "none"]
    third = np.asarray(seen.numpy("color"))
    assert third.shape[:2] == (50, 60)


def test_the_gate_finds_a_channel_that_is_not_the_documents(tmp_path: Path) -> None:
    document = with_channels(opaque(random_document(5, size=Size(60, 50))))
    save_document(document, tmp_path / "a.psd")
    other = edits.rename_channel(document, "hard", "soft")
    assert any("alpha channels" in fault for fault in verify(tmp_path / "a.psd", other).faults)
    changed = Channel(name="hard", pixels=coverage_buffer(np.full((50, 60), 9, np.uint8)))
    channels = (document.channels[0], changed, document.channels[2])
    report = verify(tmp_path / "a.psd", replace(document, channels=channels))
    assert any("“hard” has samples" in fault for fault in report.faults)


def test_names_that_cannot_be_stored_and_too_many_are_told(tmp_path: Path) -> None:
    document = opaque(random_document(5, size=Size(20, 10)))
    bare = PixelBuffer(document.size, Depth.EIGHT, 1)
    names = ("x" * 300, "x" * 301, *(f"number {index}" for index in range(60)))
    crowded = replace(document, channels=tuple(Channel(name=name, pixels=bare) for name in names))
    told = [str(notice) for notice in plan_document(crowded, tmp_path / "a.psd")]
    assert sum("a PSD holds 52" in line for line in told) == 10
    assert sum("stored as" in line for line in told) == 2
    save_document(crowded, tmp_path / "a.psd")
    found = open_document(tmp_path / "a.psd").document.channels
    assert len(found) == 52
    assert found[0].name == "x" * 255
    assert found[1].name.endswith(" 2")
