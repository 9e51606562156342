"""Undo, redo, transactions, merging of drags, the budget and the saved mark."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core import edits
from studio.core.document import Document
from studio.core.errors import DocumentError
from studio.core.events import DocumentChanged
from studio.core.geometry import ORIGIN, Point, Size
from studio.core.history import BUDGET_BYTES, History, LabelledEdit
from studio.core.layers import ColorLabel, LayerId, Mask, RasterLayer
from studio.core.pixels import TILE, Depth, PixelBuffer

A = LayerId("a")
TILE_BYTES = TILE * TILE * 4


def blank(tiles: int = 4) -> Document:
    """One layer `a` of `tiles` x 1 tiles, all of them stored."""
    samples = np.full((TILE, TILE * tiles, 4), 1, np.uint8)
    layer = RasterLayer(id=A, name="0", pixels=PixelBuffer.from_array(samples))
    return Document(size=Size(TILE * tiles, TILE), layers=(layer,))


def named(name: str) -> LabelledEdit:
    return LabelledEdit(f"Name {name}", lambda document: edits.rename(document, A, name))


def painted(tile: int, value: int) -> LabelledEdit:
    samples = np.full((1, 1, 4), value, np.uint8)
    return LabelledEdit("Paint", lambda document: edits.write_pixels(document, A, Point(tile * TILE, 0), samples))


def name(history: History) -> str:
    return history.document.layer(A).name


def fail_in_transaction(history: History, label: str, text: str) -> None:
    with history.transaction(label):
        history.apply(named(text))
        raise ZeroDivisionError


@pytest.fixture
def history() -> History:
    return History(blank())


class TestUndoAndRedo:
    def test_labels_and_roots(self, history: History) -> None:
        start = history.document
        one = history.apply(named("1"))
        two = history.apply(edits.step(edits.set_opacity, A, 0.5))
        assert history.labels == ("", "Name 1", "Change opacity")
        assert (history.undo_label, history.redo_label) == ("Change opacity", "")
        assert history.undo() is one
        assert (history.undo_label, history.redo_label) == ("Name 1", "Change opacity")
        assert history.undo() is start
        assert not history.can_undo
        assert history.redo() is one
        assert history.redo() is two
        assert not history.can_redo

    def test_an_edit_forgets_what_was_undone(self, history: History) -> None:
        history.apply(named("1"))
        history.undo()
        history.apply(named("2"))
        assert history.labels == ("", "Name 2")
        assert not history.can_redo

    def test_an_equal_document_leaves_no_step(self, history: History) -> None:
        start = history.document
        assert history.apply(lambda document: document) is start
        assert history.apply(named("0")) is start
        assert history.apply(lambda _: blank()) is start
        assert history.labels == ("",)

    def test_nothing_to_undo_or_redo(self, history: History) -> None:
        with pytest.raises(DocumentError, match="nothing to undo"):
            history.undo()
        with pytest.raises(DocumentError, match="nothing to redo"):
            history.redo()

    def test_a_refused_edit_changes_nothing(self, history: History) -> None:
        history.apply(named("1"))
        with pytest.raises(DocumentError):
            history.apply(edits.step(edits.rename, LayerId("gone"), "2"))
        assert history.labels == ("", "Name 1")
        assert name(history) == "1"

    def test_going_to_a_step(self, history: History) -> None:
        for text in "123":
            history.apply(named(text))
        history.go_to(1)
        assert (name(history), history.cursor) == ("1", 1)
        history.go_to(3)
        assert name(history) == "3"
        with pytest.raises(DocumentError, match="no longer"):
            history.go_to(4)


class TestTransactions:
    def test_one_gesture_is_one_step(self, history: History) -> None:
        with history.transaction("Gesture"):
            history.apply(named("1"))
            history.apply(named("2"))
            assert name(history) == "2"
            assert not history.can_undo
        assert history.labels == ("", "Gesture")
        assert name(history) == "2"
        history.undo()
        assert name(history) == "0"

    def test_an_unchanged_document_leaves_no_step(self, history: History) -> None:
        start = history.document
        with history.transaction("Nothing"):
            history.apply(named("1"))
            history.apply(named("0"))
        assert history.labels == ("",)
        assert history.document is start
        assert not history.is_modified

    def test_an_exception_takes_it_back(self, history: History) -> None:
        start = history.document
        with pytest.raises(ZeroDivisionError):
            fail_in_transaction(history, "Gesture", "1")
        assert history.document is start
        assert history.labels == ("",)
        history.apply(named("2"))
        assert history.undo_label == "Name 2"

    def test_an_inner_failure_takes_back_only_its_own(self, history: History) -> None:
        with history.transaction("Outer"):
            history.apply(named("1"))
            with pytest.raises(ZeroDivisionError):
                fail_in_transaction(history, "Inner", "2")
            assert name(history) == "1"
        assert history.labels == ("", "Outer")

    def test_no_undo_in_the_middle(self, history: History) -> None:
        history.apply(named("1"))
        with history.transaction("Gesture"):
            history.apply(named("2"))
            refused: list[Callable[[], object]] = [history.undo, history.redo, history.mark_saved]
            for action in refused:
                with pytest.raises(DocumentError, match="middle of an edit"):
                    action()
        assert history.labels == ("", "Name 1", "Gesture")


class TestDrags:
    def test_a_drag_is_one_step(self, history: History) -> None:
        for opacity in (0.9, 0.7, 0.4):
            history.apply(edits.step(edits.set_opacity, A, opacity), merge_key=("opacity", A))
        assert history.labels == ("", "Change opacity")
        assert history.document.layer(A).opacity == 0.4
        history.undo()
        assert history.document.layer(A).opacity == 1.0

    def test_a_drag_back_to_the_start_leaves_no_step(self, history: History) -> None:
        start = history.document
        history.apply(named("1"), merge_key="k")
        history.apply(named("0"), merge_key="k")
        assert history.labels == ("",)
        assert history.document is start
        history.apply(named("2"), merge_key="k")
        assert history.labels == ("", "Name 2")

    @pytest.mark.parametrize(
        "interruption",
        [
            lambda h: h.seal(),
            lambda h: h.mark_saved(),
            lambda h: (h.undo(), h.redo()),
            lambda h: h.apply(named("other")),
        ],
        ids=["seal", "save", "undo and redo", "another edit"],
    )
    def test_what_ends_a_drag(self, history: History, interruption: Callable[[History], object]) -> None:
        history.apply(named("1"), merge_key="k")
        interruption(history)
        steps = len(history.labels)
        history.apply(named("2"), merge_key="k")
        assert len(history.labels) == steps + 1

    def test_another_key_is_another_step(self, history: History) -> None:
        history.apply(named("1"), merge_key="k")
        history.apply(named("2"), merge_key="l")
        history.apply(named("3"))
        history.apply(named("4"))
        assert history.labels == ("", "Name 1", "Name 2", "Name 3", "Name 4")


@given(data=st.data())
def test_a_drag_that_comes_back_leaves_everything_as_it_was(data: st.DataObject) -> None:
    history = History(blank(1))
    steps = data.draw(st.integers(0, 4))
    for value in range(2, 2 + steps):
        history.apply(painted(0, value))
    history.go_to(data.draw(st.integers(0, steps)))
    if data.draw(st.booleans()):
        history.mark_saved()
    cursor = data.draw(st.integers(0, steps))
    history.go_to(cursor)

    def told() -> tuple[object, ...]:
        h = history
        return h.steps, h.cursor, h.document, h.calls, h.nbytes, h.can_redo, h.saved_cursor, h.is_modified

    before, start = told(), history.document
    values = data.draw(st.lists(st.integers(20, 29), min_size=1, max_size=4))
    for value in values:
        history.apply(painted(0, value), merge_key="drag")
        assert not history.can_redo
        assert history.is_modified
    history.apply(lambda _: start, merge_key="drag")
    assert told() == before
    assert history.is_at_rest
    history.apply(painted(0, values[0]), merge_key="drag")
    history.seal()
    assert len(history.labels) == cursor + 2  # a drag that ends elsewhere forgets what was undone
    history.apply(lambda _: start, merge_key="drag")
    assert not history.can_redo


class TestSaved:
    def test_clean_after_saving_and_after_going_back_there(self, history: History) -> None:
        assert not history.is_modified
        history.apply(named("1"))
        assert history.is_modified
        history.mark_saved()
        assert not history.is_modified
        history.apply(named("2"))
        assert history.is_modified
        history.undo()
        assert not history.is_modified
        history.undo()
        assert history.is_modified

    def test_a_saved_root_that_is_forgotten_cannot_come_back(self, history: History) -> None:
        history.apply(named("1"))
        history.mark_saved()
        history.undo()
        history.apply(named("1"))
        assert history.is_modified

    def test_modified_inside_a_transaction(self, history: History) -> None:
        with history.transaction("Gesture"):
            history.apply(named("1"))
            assert history.is_modified


class TestBudget:
    def test_a_step_costs_the_tiles_it_changed(self, history: History) -> None:
        assert history.nbytes == 0
        history.apply(painted(0, 7))
        assert history.nbytes == TILE_BYTES
        history.apply(painted(1, 7))
        assert history.nbytes == 2 * TILE_BYTES
        history.apply(named("1"))
        history.apply(edits.step(edits.duplicate_layers, [A]))
        history.apply(edits.step(edits.translate, [A], Point(5, 5)))
        assert history.nbytes == 2 * TILE_BYTES

    def test_undone_steps_cost_what_only_they_hold(self, history: History) -> None:
        history.apply(painted(0, 7))
        history.undo()
        assert history.nbytes == TILE_BYTES
        grey = RasterLayer(pixels=PixelBuffer.from_array(np.full((TILE, TILE, 4), 3, np.uint8)))
        history.apply(lambda document: document.with_layers((*document.layers, grey)), "Add")
        assert history.nbytes == 0
        history.undo()
        assert history.nbytes == TILE_BYTES

    def test_the_oldest_steps_go_when_it_is_full(self) -> None:
        history = History(blank(), budget_bytes=3 * TILE_BYTES)
        for value in range(2, 8):
            history.apply(painted(0, value), f"Paint {value}")
        assert history.nbytes == 3 * TILE_BYTES
        assert history.labels[1:] == ("Paint 5", "Paint 6", "Paint 7")
        while history.can_undo:
            history.undo()
        assert history.document.layer(A) != blank().layer(A)
        assert history.nbytes == 3 * TILE_BYTES

    def test_the_last_step_is_always_kept(self) -> None:
        history = History(blank(), budget_bytes=0)
        history.apply(painted(0, 2))
        history.apply(painted(0, 3))
        assert history.labels == ("Paint", "Paint")
        assert history.can_undo

    def test_a_forgotten_saved_root_is_not_kept_alive(self) -> None:
        history = History(blank(), budget_bytes=0)
        for value in (2, 3, 4):
            history.apply(painted(0, value))
        history.undo()
        assert not history.can_undo
        assert history.is_modified

    def test_replacing_everything_costs_the_old_layer(self) -> None:
        history = History(blank(4))
        fresh = PixelBuffer.from_array(np.full((TILE, TILE * 2, 4), 9, np.uint8))
        history.apply(edits.step(edits.replace_pixels, A, fresh, ORIGIN))
        assert history.nbytes == 4 * TILE_BYTES
        history.undo()
        assert history.nbytes == 2 * TILE_BYTES

    def test_masks_count(self, history: History) -> None:
        mask = PixelBuffer.from_array(np.full((TILE, TILE, 1), 9, np.uint8))
        history.apply(edits.step(edits.set_mask, A, Mask(pixels=mask)))
        history.apply(edits.step(edits.remove_mask, A))
        assert history.nbytes == TILE * TILE


class TestNews:
    @pytest.fixture
    def news(self) -> list[DocumentChanged]:
        return []

    def test_every_change_is_told_once_with_its_label(self, news: list[DocumentChanged]) -> None:
        history = History(blank(), on_change=news.append)
        history.apply(named("1"))
        history.apply(named("1"))
        history.undo()
        history.redo()
        history.go_to(0)
        assert [entry.label for entry in news] == ["Name 1", "Undo Name 1", "Redo Name 1", "Go to the first state"]
        for earlier, later in pairwise(news):
            assert earlier.new is later.old
        assert all(entry.changes.fields == {A: {"name"}} for entry in news)

    def test_the_next_value_of_a_drag_continues_it(self, news: list[DocumentChanged]) -> None:
        history = History(blank(), on_change=news.append)
        history.apply(named("1"), merge_key="drag")
        history.apply(named("2"), merge_key="drag")
        history.apply(named("3"), merge_key="another")
        history.seal()
        history.apply(named("4"), merge_key="another")
        history.undo()
        assert [entry.continues for entry in news] == [False, True, False, False, False]

    def test_a_transaction_shows_as_it_goes_and_tells_when_it_is_taken_back(self, news: list[DocumentChanged]) -> None:
        history = History(blank(), on_change=news.append)
        with pytest.raises(ZeroDivisionError):
            fail_in_transaction(history, "Gesture", "1")
        assert news[0].new.layer(A).name == "1"
        assert [entry.label for entry in news] == ["Name 1", "Undo Gesture"]
        assert news[-1].new is history.document

    def test_all_is_consistent_when_it_is_told(self) -> None:
        seen: list[tuple[bool, str, bool]] = []
        history = History(
            blank(),
            on_change=lambda news: seen.append((history.document is news.new, history.undo_label, history.is_modified)),
        )
        history.apply(named("1"))
        history.undo()
        assert seen == [(True, "Name 1", True), (True, "", False)]

    def test_a_listener_may_edit(self) -> None:
        def answer(news: DocumentChanged) -> None:
            if news.label == "Name 1":
                history.apply(named("2"))

        history = History(blank(), on_change=answer)
        assert history.apply(named("1")).layer(A).name == "2"
        assert history.labels == ("", "Name 1", "Name 2")


def test_depth_conversion_is_undone_exactly() -> None:
    history = History(blank())
    history.apply(edits.step(edits.convert_depth, Depth.SIXTEEN))
    assert history.document.depth is Depth.SIXTEEN
    assert history.undo() == blank()


class TestRestored:
    def test_is_the_history_it_was(self) -> None:
        history = History(blank())
        history.apply(named("one"))
        history.apply(painted(0, 9))
        history.undo()
        again = History.restored(history.steps, history.cursor, saved=True)
        assert (again.steps, again.cursor, again.document) == (history.steps, history.cursor, history.document)
        assert again.nbytes == history.nbytes
        assert not again.is_modified
        assert name(History.restored(history.steps, 0, saved=True)) == "0"

    def test_with_unsaved_edits_no_step_counts_as_saved(self) -> None:
        history = History(blank())
        history.apply(named("one"))
        again = History.restored(history.steps, history.cursor, saved=False)
        assert again.is_modified
        again.undo()
        assert again.is_modified
        again.mark_saved()
        assert not again.is_modified


class TestAmending:
    def test_is_no_step_and_keeps_what_was_undone(self, history: History) -> None:
        history.apply(named("one"))
        history.apply(named("two"))
        history.undo()
        history.amend(edits.step(edits.set_label, A, ColorLabel.RED))
        assert history.labels == ("", "Name one", "Name two")
        assert (name(history), history.document.layer(A).label) == ("one", ColorLabel.RED)
        history.redo()
        assert name(history) == "two"
        assert history.undo().layer(A).label is ColorLabel.RED

    def test_tells_and_counts_as_a_change(self) -> None:
        told: list[DocumentChanged] = []
        history = History(blank(), on_change=told.append)
        history.amend(edits.step(edits.set_label, A, ColorLabel.RED))
        assert [(news.label, dict(news.changes.fields)) for news in told] == [
            ("Change color label", {A: frozenset({"label"})})
        ]
        assert history.is_modified
        history.amend(edits.step(edits.set_label, A, ColorLabel.RED))
        assert len(told) == 1

    def test_not_in_the_middle_of_an_edit(self, history: History) -> None:
        with pytest.raises(DocumentError, match="middle of an edit"), history.transaction("x"):
            history.amend(named("one"))


def test_says_which_step_is_saved(history: History) -> None:
    assert history.saved_cursor == 0
    history.apply(named("one"))
    history.mark_saved()
    history.apply(named("two"))
    assert history.saved_cursor == 1
    history.undo()
    history.undo()
    history.apply(named("other"))
    assert history.saved_cursor is None
    assert history.budget_bytes == BUDGET_BYTES


def test_tells_when_a_drag_is_over() -> None:
    rests: list[str] = []
    history = History(blank(), on_rest=lambda: rests.append(name(history)))
    history.apply(named("Alone"))
    history.seal()
    assert history.is_at_rest
    assert rests == []  # there was no drag
    history.apply(named("First"), merge_key="drag")
    assert not history.is_at_rest
    history.apply(named("Last"), merge_key="drag")
    history.seal()
    assert history.is_at_rest
    assert rests == ["Last"]
    with history.transaction("Both"):
        assert not history.is_at_rest
    history.apply(named("Saved"), merge_key="drag")
    history.mark_saved()
    assert rests == ["Last", "Saved"]
