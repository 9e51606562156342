"""Selections and channels in a document: combining, saving, following the canvas; edits that keep to a selection."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.core import edits
from studio.core.adjustments import BrightnessContrast
from studio.core.changes import diff
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.errors import DocumentError, ShapeError
from studio.core.geometry import EMPTY, Point, Rect, Size
from studio.core.history import History
from studio.core.layers import AdjustmentLayer, LayerId, Locks, Mask, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.core.selection import FULL, Combine, Coverage, Selection
from tests.support.documents import noise, random_document

PAPER, INK = LayerId("paper"), LayerId("ink")
BOX = Rect(10, 8, 30, 20)


def sheet(depth: Depth = Depth.EIGHT) -> Document:
    """White paper, and noise above it that reaches off the canvas."""
    white = np.full((40, 60, 4), depth.top, depth.dtype)
    ink = noise(np.random.default_rng(1), Size(50, 30), depth)
    return Document(
        size=Size(60, 40),
        depth=depth,
        layers=(
            RasterLayer(id=PAPER, name="Paper", pixels=PixelBuffer.from_array(white)),
            RasterLayer(id=INK, name="Ink", pixels=PixelBuffer.from_array(ink), origin=Point(-5, 4)),
        ),
    )


def selected(document: Document) -> Coverage:
    assert document.selection is not None
    return document.selection.read()


def pixels_of(document: Document, layer_id: LayerId, rect: Rect | None = None) -> np.ndarray:
    layer = document.layer(layer_id)
    assert isinstance(layer, RasterLayer)
    return layer.pixels.read((document.canvas if rect is None else rect).moved(-layer.origin))


class TestCombining:
    def test_every_way_of_combining(self) -> None:
        first = edits.select_rectangle(sheet(), Rect(0, 0, 20, 20))
        second = Rect(10, 10, 40, 30)
        a, b = selected(first) > 0, selected(edits.select_rectangle(first, second)) > 0
        wanted = {Combine.REPLACE: b, Combine.ADD: a | b, Combine.SUBTRACT: a & ~b, Combine.INTERSECT: a & b}
        for how, expected in wanted.items():
            out = selected(edits.select_rectangle(first, second, combine=how))
            assert (out == np.where(expected, FULL, 0)).all(), how

    def test_no_selection_is_everything_but_for_adding(self) -> None:
        box = selected(edits.select_rectangle(sheet(), BOX))
        assert (selected(edits.select_rectangle(sheet(), BOX, combine=Combine.ADD)) == box).all()
        assert (selected(edits.select_rectangle(sheet(), BOX, combine=Combine.INTERSECT)) == box).all()
        assert (selected(edits.select_rectangle(sheet(), BOX, combine=Combine.SUBTRACT)) == FULL - box).all()

    def test_what_would_select_nothing_is_refused_and_changes_nothing(self) -> None:
        start = edits.select_rectangle(sheet(), BOX)
        for refused in (
            lambda: edits.select_rectangle(start, Rect(0, 0, 5, 5), combine=Combine.INTERSECT),
            lambda: edits.select_rectangle(start, start.canvas, combine=Combine.SUBTRACT),
            lambda: edits.shrink_selection(start, 50),
            lambda: edits.select_colors(start, []),
            lambda: edits.invert_selection(edits.deselect(start)),
            lambda: edits.feather_selection(edits.deselect(start), 3),
        ):
            with pytest.raises(DocumentError):
                refused()
        assert edits.deselect(start).selection is None

    def test_inverting_twice_gives_the_selection_back(self) -> None:
        start = edits.feather_selection(edits.select_ellipse(sheet(), BOX), 3)
        assert edits.invert_selection(edits.invert_selection(start)) == start

    def test_other_arrays_are_refused(self) -> None:
        with pytest.raises(ShapeError):
            Selection.of(np.zeros((4, 4), np.uint16))  # pyright: ignore[reportArgumentType] - what a caller may do wrong
        with pytest.raises(DocumentError, match="as large as the canvas"):
            edits.set_selection(sheet(), Selection.of(np.ones((4, 4), np.uint8)))

    def test_a_selection_is_history_and_no_picture(self) -> None:
        history = History(sheet())
        before = history.document
        history.apply(edits.step(edits.select_rectangle, BOX))
        history.apply(edits.step(edits.save_selection, "box"))
        change = diff(before, history.document)
        assert change.document_fields == {"selection", "channels"}
        assert change.dirty == EMPTY
        assert history.nbytes == 0
        history.undo()
        assert history.undo() is before
        assert history.nbytes == 256 * 256  # both steps share the one tile
        assert history.redo().selection is not None

    def test_bounds(self) -> None:
        selection = edits.select_rectangle(sheet(), BOX).selection
        assert selection is not None
        assert selection.bounds == BOX
        assert selection.read(Rect(28, 18, 70, 60)).sum() == 2 * 2 * FULL


class TestSources:
    def test_the_wand_on_one_layer_or_on_all(self) -> None:
        start = edits.fill_selected(edits.select_rectangle(sheet(), BOX), PAPER, (1.0, 0.0, 0.0))
        start = edits.set_visible(start, INK, visible=False)
        own = edits.select_similar(start, Point(12, 10), tolerance=0, source=PAPER)
        merged = edits.select_similar(start, Point(12, 10), tolerance=0)
        assert selected(own).tolist() == selected(merged).tolist() == selected(start).tolist()
        with pytest.raises(DocumentError, match="no picture"):
            edits.select_similar(start, Point(-1, 0))
        with pytest.raises(DocumentError, match="Tolerance"):
            edits.select_similar(start, Point(1, 1), tolerance=256)

    @pytest.mark.parametrize("depth", Depth)
    def test_a_layers_alpha_and_a_mask(self, depth: Depth) -> None:
        start = sheet(depth)
        alpha = pixels_of(start, INK)[..., 3] / depth.top * FULL
        assert np.abs(selected(edits.select_layer(start, INK)) - alpha).max() <= 0.5
        values = np.linspace(0, depth.top, 200).astype(depth.dtype).reshape(10, 20)
        mask = Mask(pixels=PixelBuffer.from_array(values), origin=Point(4, 5), density=0.5)
        masked = edits.set_mask(start, PAPER, mask)
        out = selected(edits.select_mask(masked, PAPER))
        assert out[0, 0] == 128
        assert out[14, 23] == FULL

    def test_a_group_is_selected_as_it_looks(self) -> None:
        start = edits.group_layers(sheet(), [PAPER, INK], group_id=LayerId("group"))
        assert (selected(edits.select_layer(start, LayerId("group"))) == FULL).all()

    def test_mask_from_selection_and_back(self) -> None:
        start = edits.feather_selection(edits.select_ellipse(sheet(), BOX), 2)
        masked = edits.mask_from_selection(start, PAPER)
        assert (selected(edits.select_mask(edits.deselect(masked), PAPER)) == selected(start)).all()
        hidden = edits.mask_from_selection(start, PAPER, hide=True)
        assert (selected(edits.select_mask(edits.deselect(hidden), PAPER)) == FULL - selected(start)).all()
        layer = edits.mask_from_selection(sheet(), PAPER).layer(PAPER)
        assert layer.mask is not None
        assert layer.mask.pixels.fill == 255


class TestChannels:
    def test_save_load_combine_rename_remove(self) -> None:
        start = edits.save_selection(edits.select_rectangle(sheet(), BOX), "box")
        other = edits.select_rectangle(start, Rect(0, 0, 12, 12))
        added = edits.save_selection(other, "box", combine=Combine.ADD)
        both = selected(edits.load_channel(edits.deselect(added), "box"))
        assert (both == np.maximum(selected(start), selected(other))).all()
        cut = edits.load_channel(other, "box", combine=Combine.INTERSECT)
        assert (selected(cut) == np.minimum(selected(start), selected(other))).all()
        renamed = edits.rename_channel(added, "box", "Kasten")
        assert [channel.name for channel in renamed.channels] == ["Kasten"]
        assert edits.remove_channel(renamed, "Kasten").channels == ()

    def test_wrong_names_say_what_there_is(self) -> None:
        start = edits.save_selection(edits.select_rectangle(sheet(), BOX), "box")
        with pytest.raises(DocumentError, match="no channel “bux”") as caught:
            edits.load_channel(start, "bux")
        assert caught.value.hint == "The channels are “box”."
        two = edits.save_selection(start, "second")
        with pytest.raises(DocumentError, match="called “box”"):
            edits.rename_channel(two, "second", "box")
        with pytest.raises(DocumentError, match="no name"):
            edits.save_selection(start, "")
        with pytest.raises(DocumentError, match="no selection"):
            edits.save_selection(edits.deselect(start), "box")


class TestTheCanvas:
    def test_selection_and_channels_follow_crop_and_turn(self) -> None:
        start = edits.save_selection(edits.feather_selection(edits.select_ellipse(sheet(), BOX), 2), "soft")
        there = edits.turn_canvas(start, edits.Turn.QUARTER)
        assert there.check() == []
        assert (selected(there) == np.rot90(selected(start), -1)).all()
        assert edits.turn_canvas(there, edits.Turn.THREE_QUARTERS) == start
        cropped = edits.crop(start, Rect(15, 5, 55, 35))
        assert cropped.check() == []
        assert (selected(cropped) == selected(start)[5:35, 15:55]).all()
        grown = edits.resize_canvas(start, Size(80, 50), Point(7, 3))
        assert grown.selection is not None
        assert (grown.selection.read(Rect(7, 3, 67, 43)) == selected(start)).all()
        assert int(selected(grown).sum()) == int(selected(start).sum())

    def test_a_selection_that_is_cropped_away_is_none(self) -> None:
        start = edits.save_selection(edits.select_rectangle(sheet(), BOX), "box")
        cropped = edits.crop(start, Rect(40, 30, 60, 40))
        assert cropped.selection is None
        assert cropped.channels[0].pixels.tiles == {}
        assert cropped.check() == []

    def test_check_names_what_is_wrong(self) -> None:
        start = edits.save_selection(edits.select_rectangle(sheet(), BOX), "box")
        channel = start.channels[0]
        assert start.check() == []
        for broken, words in (
            (replace(start, size=Size(61, 40)), "as large as the canvas"),
            (replace(start, channels=(channel, channel)), "2 channels"),
            (replace(start, channels=(replace(channel, name=""),)), "no name"),
            (replace(start, selection=Selection(PixelBuffer(start.size, Depth.EIGHT, 1))), "empty"),
        ):
            assert any(words in fault for fault in broken.check()), words


@pytest.mark.parametrize("depth", Depth)
class TestAreas:
    def test_filling_keeps_to_the_selection_and_mixes_at_its_edge(self, depth: Depth) -> None:
        start = edits.feather_selection(edits.select_ellipse(sheet(depth), BOX), 2)
        out = pixels_of(edits.fill_selected(start, PAPER, (0.0, 0.5, 1.0), opacity=0.5), PAPER)
        share = selected(start) / FULL * 0.5
        for channel, value in enumerate((0.0, 0.5, 1.0)):
            wanted = depth.top * (1 + (value - 1) * share)
            assert np.abs(out[..., channel] - wanted).max() <= 0.51
        untouched = selected(start) == 0
        assert (out[untouched] == depth.top).all()

    def test_filling_respects_locks(self, depth: Depth) -> None:
        locked = edits.set_locks(sheet(depth), INK, Locks(alpha=True))
        out = edits.fill_selected(locked, INK, (1.0, 0.0, 0.0))
        before, after = pixels_of(locked, INK), pixels_of(out, INK)
        assert (before[..., 3] == after[..., 3]).all()
        assert (after[after[..., 3] > 0][:, :3] == (depth.top, 0, 0)).all()
        off = Rect(-5, 4, 0, 34)
        assert (pixels_of(locked, INK, off) == pixels_of(out, INK, off)).all()
        with pytest.raises(DocumentError, match="locked"):
            edits.fill_selected(edits.set_locks(locked, INK, Locks(pixels=True)), INK, (1.0, 0.0, 0.0))
        with pytest.raises(DocumentError, match="not between"):
            edits.fill_selected(sheet(depth), INK, (1.5, 0.0, 0.0))

    def test_clearing(self, depth: Depth) -> None:
        start = edits.select_rectangle(sheet(depth), BOX)
        out = pixels_of(edits.clear_selected(start, PAPER), PAPER)
        assert not out[BOX.slices()].any()
        assert int((out[..., 3] == 0).sum()) == BOX.area
        empty = edits.clear_selected(edits.deselect(start), INK).layer(INK)
        assert isinstance(empty, RasterLayer)
        assert not empty.pixels.tiles

    def test_cutting_to_a_new_layer_keeps_the_picture(self, depth: Depth) -> None:
        start = edits.select_rectangle(sheet(depth), BOX)
        out = edits.layer_via_copy(start, INK, cut=True, new_id=LayerId("new"))
        assert [layer.id for layer in out.layers] == [PAPER, INK, "new"]
        assert (composite(out) == composite(start)).all()
        inside = pixels_of(start, INK, BOX)
        shown = inside[..., 3] > 0
        assert (pixels_of(out, LayerId("new"), BOX)[shown] == inside[shown]).all()
        assert not pixels_of(out, INK, BOX).any()
        away = edits.select_rectangle(start, Rect(50, 36, 60, 40))
        with pytest.raises(DocumentError, match="Nothing of “Ink” is selected"):
            edits.layer_via_copy(away, INK)

    def test_a_copy_of_a_layer_closed_to_models_is_closed_too(self, depth: Depth) -> None:
        closed = edits.set_ai_editable(edits.set_ai_visible(sheet(depth), INK, False), INK, False)
        copy = edits.layer_via_copy(closed, INK, new_id=LayerId("new")).layer(LayerId("new"))
        assert (copy.ai_visible, copy.ai_editable) == (False, False)

    def test_an_adjustment_acts_where_it_was_selected(self, depth: Depth) -> None:
        start = edits.select_rectangle(sheet(depth), BOX)
        out = edits.add_adjustment(
            start, BrightnessContrast(brightness=-50, legacy=True), PAPER, new_id=LayerId("dark")
        )
        assert [layer.id for layer in out.layers] == [PAPER, "dark", INK]
        assert isinstance(out.layer(LayerId("dark")), AdjustmentLayer)
        hidden = edits.set_visible(out, INK, visible=False)
        picture = composite(hidden)
        assert (picture[..., :3] < depth.top).all(axis=2).sum() == BOX.area
        assert edits.add_adjustment(edits.deselect(start), BrightnessContrast()).layers[-1].mask is None


class TestMoving:
    def test_the_outline_moves_and_what_leaves_the_canvas_goes(self) -> None:
        start = edits.select_rectangle(sheet(), BOX)
        moved = edits.move_selection(start, Point(40, -12))
        wanted = np.zeros((40, 60), np.uint8)
        wanted[0:8, 50:60] = FULL
        assert np.array_equal(selected(moved), wanted)
        assert edits.move_selection(start, Point(0, 0)).selection == start.selection

    @pytest.mark.parametrize("offset", [Point(60, 0), Point(0, 40), Point(-30, -20)])
    def test_all_of_it_cannot_leave(self, offset: Point) -> None:
        with pytest.raises(DocumentError, match="would leave the canvas"):
            edits.move_selection(edits.select_rectangle(sheet(), BOX), offset)

    def test_there_must_be_one(self) -> None:
        with pytest.raises(DocumentError, match="no selection to move"):
            edits.move_selection(sheet(), Point(1, 1))

    def test_steps_of_a_burst_add_up_in_what_was_called(self) -> None:
        history = History(edits.select_rectangle(sheet(), BOX))
        for _ in range(3):
            history.apply(edits.step(edits.move_selection, Point(2, 1)), merge_key="nudge")
        (call,) = list(history.calls[-1] or ())
        assert (call.id, call.arguments) == ("move_selection", {"offset": Point(6, 3)})
        assert len(history.labels) == 2


def test_edits_never_touch_the_selection_of_the_old_root() -> None:
    start = edits.select_rectangle(random_document(4), Rect(2, 2, 30, 30))
    before = selected(start).copy()
    for change in (
        edits.invert_selection,
        lambda d: edits.grow_selection(d, 5),
        lambda d: edits.smooth_selection(d, 3),
    ):
        change(start)
        assert (selected(start) == before).all()
