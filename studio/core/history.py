"""Undo and redo: a list of (label, root) with a cursor.

Roots share every tile that did not change, so a step costs what it changed. Only the main thread may call this.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise

from studio.core.changes import diff
from studio.core.document import Document
from studio.core.errors import DocumentError
from studio.core.events import DocumentChanged
from studio.core.geometry import Point
from studio.core.pixels import PixelBuffer

BUDGET_BYTES = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class EditCall:
    """What was done, in words of the edit table: the edit's id and its arguments by name."""

    id: str
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class LabelledEdit:
    """An edit with its arguments, and what the menu calls it. `calls` say how to do it again, where that is known."""

    label: str
    function: Callable[[Document], Document]
    calls: tuple[EditCall, ...] = ()

    def __call__(self, document: Document) -> Document:
        return self.function(document)


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """A root and how it came about.

    `undo_bytes` of tiles are held by the root before it and not by this one, `redo_bytes` the other way round.
    `calls` are all that led here from the root before it; None when not all of them are known.
    """

    label: str
    root: Document
    undo_bytes: int = 0
    redo_bytes: int = 0
    calls: tuple[EditCall, ...] | None = None


class History:
    """The document as it is now, and what it was.

    Args:
        document: the first root, which counts as saved.
        on_change: called after every change of the document, undo and redo included, once all is consistent.
        on_rest: called when a drag is over; see `seal`.
        budget_bytes: how much pixel data old and undone roots may hold beyond the present one. When they hold more,
            the oldest steps are forgotten; the last one is always kept.
    """

    def __init__(
        self,
        document: Document,
        *,
        on_change: Callable[[DocumentChanged], None] | None = None,
        on_rest: Callable[[], None] | None = None,
        budget_bytes: int = BUDGET_BYTES,
    ) -> None:
        self._steps = [_Step("", document)]
        self._cursor = 0
        self._document = document
        self._saved: _Step | None = self._steps[0]
        self._on_change = on_change
        self._on_rest = on_rest
        self._budget_bytes = budget_bytes
        self._transactions = 0
        self._open_key: Hashable = None  # what the next edit must bring to become part of the newest step
        self._undone: list[_Step] = []  # by the open drag: they come back if it comes back to where it started
        self._pending: tuple[EditCall, ...] | None = ()  # what was done since the newest step

    @classmethod
    def restored(
        cls,
        steps: Sequence[tuple[str, Document]],
        cursor: int,
        *,
        saved: bool,
        on_change: Callable[[DocumentChanged], None] | None = None,
        on_rest: Callable[[], None] | None = None,
        budget_bytes: int = BUDGET_BYTES,
    ) -> History:
        """A history as `steps` told it once, such as one that a project kept.

        Args:
            saved: whether the present root is what the file holds; otherwise none of them counts as saved.
        """
        history = cls(steps[0][1], on_change=on_change, on_rest=on_rest, budget_bytes=budget_bytes)
        pairs = pairwise(root for _, root in steps)
        history._steps = [
            _Step("", steps[0][1]),
            *(
                _Step(label, new, *_own_bytes(old, new))
                for (label, _), (old, new) in zip(steps[1:], pairs, strict=True)
            ),
        ]
        history._cursor = cursor
        history._document = history._steps[cursor].root
        history._saved = history._steps[cursor] if saved else None
        return history

    @property
    def steps(self) -> tuple[tuple[str, Document], ...]:
        """(label, root) of every step, oldest first, as `restored` takes them; without an open transaction."""
        return tuple((step.label, step.root) for step in self._steps)

    @property
    def document(self) -> Document:
        """The present root, as it is in the middle of a transaction too."""
        return self._document

    @property
    def is_at_rest(self) -> bool:
        """Whether no transaction and no drag is going on, in which another edit would get into the middle."""
        return self._open_key is None and not self._transactions

    @property
    def can_undo(self) -> bool:
        return self._cursor > 0 and not self._transactions

    @property
    def can_redo(self) -> bool:
        return self._cursor < len(self._steps) - 1 and not self._transactions

    @property
    def undo_label(self) -> str:
        """What undo would take back; empty when there is nothing."""
        return self._steps[self._cursor].label if self.can_undo else ""

    @property
    def redo_label(self) -> str:
        """What redo would do again; empty when there is nothing."""
        return self._steps[self._cursor + 1].label if self.can_redo else ""

    @property
    def labels(self) -> tuple[str, ...]:
        """What made each root, oldest first; empty for the root the history began with. The first cannot be undone."""
        return tuple(step.label for step in self._steps)

    @property
    def calls(self) -> tuple[tuple[EditCall, ...] | None, ...]:
        """What was called for each of `labels`; None where that is not known."""
        return tuple(step.calls for step in self._steps)

    @property
    def cursor(self) -> int:
        """Which of `labels` is the present one."""
        return self._cursor

    @property
    def nbytes(self) -> int:
        """Bytes of tiles that only old or undone roots hold, each step compared with its neighbour."""
        undo = sum(step.undo_bytes for step in self._steps[1 : self._cursor + 1])
        return undo + sum(step.redo_bytes for step in self._steps[self._cursor + 1 :])

    @property
    def budget_bytes(self) -> int:
        """How many bytes they may hold before the oldest steps are forgotten."""
        return self._budget_bytes

    @property
    def saved_cursor(self) -> int | None:
        """Which of `labels` the file holds; None when it is none of them."""
        return next((index for index, step in enumerate(self._steps) if step is self._saved), None)

    @property
    def is_modified(self) -> bool:
        """Whether the document differs from the root that was saved last."""
        return self._saved is None or self._document is not self._saved.root

    def mark_saved(self) -> None:
        """The present root is what the file holds."""
        self._refuse_inside_transaction()
        self._saved = self._steps[self._cursor]
        self.seal()

    def apply(
        self, change: Callable[[Document], Document], label: str | None = None, *, merge_key: Hashable = None
    ) -> Document:
        """Edit the document, and return it.

        An equal result leaves no step. A step with the same `merge_key` as the one before it, such as the next value
        of a drag, replaces it, until `seal` is called. The label is the change's own unless given.
        Whatever `change` raises goes through, and the document stays as it is.
        """
        old = self._document
        new = change(old)
        if new is old or new == old:
            return old
        if label is None:
            label = change.label if isinstance(change, LabelledEdit) else ""
        known = change.calls if isinstance(change, LabelledEdit) else ()
        self._pending = (*self._pending, *known) if known and self._pending is not None else None
        self._document = new
        continues = not self._transactions and merge_key is not None and merge_key == self._open_key
        if not self._transactions:
            self._record(label, merge_key)
        self._tell(old, label, continues=continues)
        return self._document

    def amend(self, change: Callable[[Document], Document]) -> Document:
        """Change the present root itself, and return it: for what is worth keeping and no step to undo.

        `change` must leave the pixels alone. Undone steps stay; the document no longer is what was saved.
        Raises DocumentError in the middle of a transaction.
        """
        self._refuse_inside_transaction()
        old = self._document
        new = change(old)
        if new is old or new == old:
            return old
        step = self._steps[self._cursor]
        self._steps[self._cursor] = replace(step, root=new)
        self._document = new
        if self._saved is step:
            self._saved = None
        self._tell(old, change.label if isinstance(change, LabelledEdit) else step.label)
        return new

    @contextmanager
    def transaction(self, label: str) -> Generator[None]:
        """Everything applied inside is one step; nothing changed is no step; an exception takes it all back.

        A transaction inside another is part of it, and takes back only its own edits when it fails.
        """
        before, called = self._document, self._pending
        self._transactions += 1
        try:
            yield
        except BaseException:
            self._transactions -= 1
            self._pending = called
            failed, self._document = self._document, before
            if failed is not before:
                self._tell(failed, f"Undo {label}")
            raise
        self._transactions -= 1
        if self._transactions:
            return
        if self._document == before:
            self._document, self._pending = before, ()
        else:
            self._record(label, None)

    def seal(self) -> None:
        """End of a drag: the next edit is a new step, whatever its merge key."""
        was_open = self._open_key is not None
        self._end_drag()
        if was_open and self._on_rest is not None:
            self._on_rest()

    def undo(self) -> Document:
        """Go back one step. Raises DocumentError when there is none."""
        if not self.can_undo:
            self._refuse_inside_transaction()
            raise DocumentError("There is nothing to undo.")
        return self._go(self._cursor - 1, f"Undo {self.undo_label}")

    def redo(self) -> Document:
        """Go forward one step. Raises DocumentError when there is none."""
        if not self.can_redo:
            self._refuse_inside_transaction()
            raise DocumentError("There is nothing to redo.")
        return self._go(self._cursor + 1, f"Redo {self.redo_label}")

    def go_to(self, cursor: int) -> Document:
        """Go to any step of `labels`. Raises DocumentError when there is no such step."""
        self._refuse_inside_transaction()
        if not 0 <= cursor < len(self._steps):
            raise DocumentError("That step is no longer in the history.", detail=f"{cursor} of {len(self._steps)}")
        if cursor == self._cursor:
            return self._document
        label = self._steps[cursor].label or "the first state"
        return self._go(cursor, f"Go to {label}")

    def _go(self, cursor: int, label: str) -> Document:
        old = self._document
        self._cursor = cursor
        self._end_drag()
        self._document = self._steps[cursor].root
        self._tell(old, label)
        return self._document

    def _record(self, label: str, merge_key: Hashable) -> None:
        """Make the present document the newest step, forget what was undone, and keep to the budget."""
        continues = merge_key is not None and merge_key == self._open_key
        if not continues:
            self._end_drag()
            self._undone = self._steps[self._cursor + 1 :]
            del self._steps[self._cursor + 1 :]
        calls, self._pending = self._pending, ()
        if continues:
            merged = self._steps.pop()
            label, calls = merged.label, _joined(merged.calls, calls)
        before = self._steps[-1].root
        came_back = self._document == before
        if came_back:
            self._document = before
        else:
            self._steps.append(_Step(label, self._document, *_own_bytes(before, self._document), calls))
            self._open_key = merge_key
        self._cursor = len(self._steps) - 1
        if came_back:
            self._steps += self._undone
        if came_back or merge_key is None:
            self._end_drag()
        self._keep_to_budget()

    def _end_drag(self) -> None:
        """The next edit is a new step, and what a drag undid is gone for good."""
        self._open_key = None
        self._undone = []
        self._forget_saved()

    def _forget_saved(self) -> None:
        """No step counts as saved any more when the one that did is gone."""
        if self._saved not in self._steps and self._saved not in self._undone:
            self._saved = None

    def _keep_to_budget(self) -> None:
        held_bytes = self.nbytes
        forgotten = 0
        while held_bytes > self._budget_bytes and forgotten < self._cursor - 1:
            forgotten += 1
            held_bytes -= self._steps[forgotten].undo_bytes
        del self._steps[:forgotten]
        self._cursor -= forgotten
        self._forget_saved()

    def _tell(self, old: Document, label: str, *, continues: bool = False) -> None:
        if self._on_change is not None and old is not self._document:
            self._on_change(DocumentChanged(old, self._document, diff(old, self._document), label, continues))

    def _refuse_inside_transaction(self) -> None:
        if self._transactions:
            raise DocumentError("This cannot be done in the middle of an edit.", "Finish the edit first.")


def _joined(old: tuple[EditCall, ...] | None, new: tuple[EditCall, ...] | None) -> tuple[EditCall, ...] | None:
    """The calls of a drag so far and of its next value: moves add up, of any other edit the last value counts."""
    if old is None or new is None:
        return None
    if len(old) != 1 or len(new) != 1 or old[0].id != new[0].id:
        return (*old, *new)
    first, last = old[0].arguments, new[0].arguments
    moved, more = first.get("offset"), last.get("offset")
    if old[0].id in ("translate", "move_selection") and isinstance(moved, Point) and isinstance(more, Point):
        return (EditCall(new[0].id, {**last, "offset": moved + more}),)
    return new


def _own_bytes(old: Document, new: Document) -> tuple[int, int]:
    """Bytes of tiles that only `old` holds, and that only `new` holds."""
    old_buffers, new_buffers = _buffers(old), _buffers(new)
    if old_buffers.keys() == new_buffers.keys():
        return 0, 0
    old_tiles, new_tiles = _tile_bytes(old_buffers), _tile_bytes(new_buffers)
    return (
        sum(nbytes for key, nbytes in old_tiles.items() if key not in new_tiles),
        sum(nbytes for key, nbytes in new_tiles.items() if key not in old_tiles),
    )


def _buffers(document: Document) -> dict[int, PixelBuffer]:
    """Every pixel buffer of the document by identity."""
    return {id(buffer): buffer for buffer in document.buffers()}


def _tile_bytes(buffers: dict[int, PixelBuffer]) -> dict[int, int]:
    """Bytes of every tile, by identity."""
    return {id(tile): tile.nbytes for buffer in buffers.values() for tile in buffer.tiles.values()}
