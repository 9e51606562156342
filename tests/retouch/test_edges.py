"""Edge repair and refined selections: nearer to a known alpha than what they started from, and only in the band."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import DocumentError, JobCancelled
from studio.core.feedback import listening
from studio.core.geometry import Rect, Size
from studio.core.layers import LayerId, Locks, Mask, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.retouch import extract_selected, refine_selection, repair_band, repair_edges, repair_mask
from studio.retouch.edges import edge_band
from tests.bench.edges import BAND_PX, OBJECT, PHOTO, Composite, band_of, composites, document_of, errors, measured

SMALL = Size(150, 110)


@pytest.fixture(scope="module")
def cases() -> list[Composite]:
    """A soft outline, and one with hairs."""
    return list(composites(SMALL, 2))


def samples(document: Document, layer_id: LayerId) -> NDArray[np.uint8]:
    layer = document.layer(layer_id)
    assert isinstance(layer, RasterLayer)
    return layer.pixels.read(document.canvas.moved(-layer.origin)).astype(np.uint8)


def selected(document: Document) -> NDArray[np.float32]:
    assert document.selection is not None
    return document.selection.read().astype(np.float32) / np.float32(255)


def masked(document: Document, layer_id: LayerId) -> NDArray[np.uint8]:
    mask = document.layer(layer_id).mask
    assert mask is not None
    return mask.pixels.read(document.canvas.moved(-mask.origin))[..., 0].astype(np.uint8)


class TestRepair:
    def test_errors_fall_as_promised_and_nothing_changes_outside_the_band(self, cases: list[Composite]) -> None:
        for case in cases:
            hard, repaired, outside = measured(case)
            assert repaired.absolute <= 0.7 * hard.absolute, case.name
            assert repaired.gradient <= 0.7 * hard.gradient, case.name
            assert repaired.fringe <= 0.5 * hard.fringe, case.name
            assert outside == 0, case.name

    def test_sixteen_bits_are_repaired_alike(self, cases: list[Composite]) -> None:
        start = document_of(cases[0])
        deep = repair_edges(edits.convert_depth(start, Depth.SIXTEEN), OBJECT, BAND_PX, source=PHOTO)
        back = samples(edits.convert_depth(deep, Depth.EIGHT), OBJECT).astype(int)
        flat = samples(repair_edges(start, OBJECT, BAND_PX, source=PHOTO), OBJECT).astype(int)
        assert deep.check() == []
        assert np.abs(back[..., 3] - flat[..., 3]).max() <= 2

    def test_without_the_photo_the_fringe_goes_and_alpha_stays(self, cases: list[Composite]) -> None:
        case = cases[0]
        start = document_of(case)
        before, after = samples(start, OBJECT), samples(repair_edges(start, OBJECT, 5.0), OBJECT)
        assert (before[..., 3] == after[..., 3]).all()
        assert errors(after, case).fringe <= 0.6 * errors(before, case).fringe

    @pytest.mark.parametrize("shift", [-2.0, 2.0])
    def test_shift_chokes_or_spreads_inside_the_band(self, cases: list[Composite], shift: float) -> None:
        start = document_of(cases[0])
        before = samples(start, OBJECT)
        after = samples(repair_edges(start, OBJECT, 5.0, fringe=False, shift_px=shift), OBJECT)
        grew = after[..., 3].astype(int).sum() - before[..., 3].astype(int).sum()
        assert (grew > 0) == (shift > 0)
        edge = int((band_of(before[..., 3] >= 128, 2.0)).sum()) / 2
        assert abs(grew) / 255 == pytest.approx(edge, rel=0.4)
        assert (before == after)[~band_of(before[..., 3] >= 128, 5.0)].all()

    def test_feather_softens_inside_the_band(self, cases: list[Composite]) -> None:
        start = document_of(cases[0])
        after = samples(repair_edges(start, OBJECT, 6.0, feather_px=1.5), OBJECT)
        soft = (after[..., 3] > 0) & (after[..., 3] < 255)
        assert soft.sum() > 200
        assert not soft[~band_of(samples(start, OBJECT)[..., 3] >= 128, 6.0)].any()

    def test_refusals(self, cases: list[Composite]) -> None:
        start = document_of(cases[0])
        with pytest.raises(DocumentError, match="locked"):
            repair_edges(edits.set_locks(start, OBJECT, Locks(alpha=True)), OBJECT)
        for band, shift, feather in ((0.5, 0.0, 0.0), (4.0, 60.0, 0.0), (4.0, 0.0, -1.0)):
            with pytest.raises(DocumentError, match="not between"):
                repair_edges(start, OBJECT, band, shift_px=shift, feather_px=feather)

    def test_a_layer_without_an_outline_stays(self, cases: list[Composite]) -> None:
        start = document_of(cases[0])
        assert repair_edges(start, PHOTO, source=PHOTO) == start
        empty = edits.clear_selected(start, OBJECT)
        assert samples(repair_edges(empty, OBJECT, source=PHOTO), OBJECT).any() == np.False_


class TestSelections:
    def test_refining_comes_nearer_to_the_truth_and_keeps_the_rest(self, cases: list[Composite]) -> None:
        for case in cases:
            start = document_of(case)
            rough = edits.select_layer(start, OBJECT)
            refined = refine_selection(rough, BAND_PX, source=PHOTO)
            before, after = selected(rough), selected(refined)
            assert np.abs(after - case.alpha).sum() <= 0.7 * np.abs(before - case.alpha).sum(), case.name
            far = ~edge_band(before, BAND_PX)
            assert (before[far] == after[far]).all()

    def test_a_cut_out_without_fringe_has_the_objects_colours(self, cases: list[Composite]) -> None:
        case = cases[0]
        document = refine_selection(edits.select_layer(document_of(case), OBJECT), BAND_PX, source=PHOTO)
        clean = extract_selected(document, PHOTO, new_id=LayerId("clean"))
        dirty = extract_selected(document, PHOTO, decontaminate=False, new_id=LayerId("dirty"))
        assert [layer.id for layer in clean.layers] == [PHOTO, "clean", OBJECT]
        fringes = [errors(samples(d, LayerId(name)), case).fringe for d, name in ((clean, "clean"), (dirty, "dirty"))]
        assert fringes[0] <= 0.5 * fringes[1]
        alpha = samples(clean, LayerId("clean"))[..., 3] / 255
        assert np.abs(alpha - selected(document)).max() <= 1 / 255

    def test_what_is_cut_out_of_a_layer_closed_to_models_is_closed_too(self, cases: list[Composite]) -> None:
        document = edits.select_rectangle(document_of(cases[0]), Rect(20, 20, 60, 60))
        new = LayerId("new")
        closed = edits.set_ai_editable(edits.set_ai_visible(document, PHOTO, False), PHOTO, False)
        for source in (PHOTO, OBJECT):  # the layer itself, and one clipped to it, which is no longer clipped then
            start = edits.set_clipping(closed, OBJECT, True)
            start = edits.select_layer(start, OBJECT) if source == OBJECT else start
            copy = extract_selected(start, source, decontaminate=False, new_id=new).layer(new)
            assert (copy.ai_visible, copy.ai_editable) == (False, False), source

    def test_without_a_selection_there_is_nothing_to_do(self, cases: list[Composite]) -> None:
        start = document_of(cases[0])
        for refused in (lambda: refine_selection(start), lambda: extract_selected(start, PHOTO)):
            with pytest.raises(DocumentError, match="no selection"):
                refused()
        full = edits.select_all(start)
        assert refine_selection(full) == full
        away = edits.select_rectangle(start, Rect(0, 0, 4, 4))
        with pytest.raises(DocumentError, match="Nothing of “Object”"):
            extract_selected(away, OBJECT)
        assert replace(away, selection=None) == start


class TestOtherSources:
    def test_the_picture_of_all_layers_serves_as_the_photo(self, cases: list[Composite]) -> None:
        """The hard-edged object lies on the photo, so that the stack looks like it."""
        start = document_of(cases[0])
        by_photo = samples(repair_edges(start, OBJECT, BAND_PX, source=PHOTO), OBJECT)
        by_stack = samples(repair_edges(start, OBJECT, BAND_PX, merged=True), OBJECT)
        assert np.abs(by_photo.astype(int) - by_stack).max() <= 1

    def test_work_tells_how_far_it_is_and_can_be_stopped(self, cases: list[Composite]) -> None:
        start = document_of(cases[0])
        heard: list[float] = []
        with listening(heard.append):
            repair_edges(start, OBJECT, BAND_PX, source=PHOTO)
        assert heard == sorted(heard)
        assert heard[-1] == 1.0
        assert len(heard) >= 4

        def stop(share: float) -> None:
            raise JobCancelled

        with listening(stop), pytest.raises(JobCancelled):
            repair_edges(start, OBJECT, BAND_PX, source=PHOTO)


class TestMasks:
    def start(self, case: Composite) -> Document:
        """The photo with the hard outline as its mask."""
        start = document_of(case)
        hard = samples(start, OBJECT)[..., 3:]
        mask = Mask(pixels=PixelBuffer.from_array(np.where(hard >= 128, 255, 0).astype(np.uint8)))
        return edits.set_mask(start, PHOTO, mask)

    def test_the_edge_is_found_again_in_the_layers_own_picture(self, cases: list[Composite]) -> None:
        for case in cases:
            start = self.start(case)
            done = repair_mask(start, PHOTO, BAND_PX)
            truth = case.alpha.astype(np.float32) * 255
            before, after = (np.abs(masked(document, PHOTO) - truth).mean() for document in (start, done))
            assert after <= 0.7 * before, case.name
            band, origin = repair_band(start, PHOTO, BAND_PX, on_mask=True)
            assert (origin.x, origin.y) == (0, 0)
            assert (masked(done, PHOTO) == masked(start, PHOTO))[~band].all()
            assert (samples(done, PHOTO) == samples(start, PHOTO)).all()
            assert done.check() == []

    def test_without_looking_it_is_only_shaped(self, cases: list[Composite]) -> None:
        start = self.start(cases[0])
        assert repair_mask(start, PHOTO, 5.0, refine=False) == start
        choked = repair_mask(start, PHOTO, 5.0, refine=False, shift_px=-2)
        assert masked(choked, PHOTO).astype(int).sum() < masked(start, PHOTO).astype(int).sum()
        assert (masked(choked, PHOTO) <= masked(start, PHOTO)).all()

    def test_a_layer_without_a_mask_is_refused(self, cases: list[Composite]) -> None:
        with pytest.raises(DocumentError, match="no mask"):
            repair_mask(document_of(cases[0]), OBJECT)

    def test_the_band_of_a_layer_lies_around_its_outline(self, cases: list[Composite]) -> None:
        start = document_of(cases[0])
        band, origin = repair_band(start, OBJECT, BAND_PX, on_mask=False)
        changed = samples(repair_edges(start, OBJECT, BAND_PX, source=PHOTO), OBJECT) != samples(start, OBJECT)
        rows, columns = np.nonzero(changed.any(axis=2))
        assert band[rows - origin.y, columns - origin.x].all()
