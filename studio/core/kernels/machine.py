"""Blocks of a picture given to the compiled machine, on as many threads as there are processors."""

from __future__ import annotations

import os
import threading
from _thread import start_new_thread
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from studio.core.blend import Floats
from studio.core.geometry import Rect
from studio.core.kernels import layout
from studio.core.kernels.loader import Kernels
from studio.core.kernels.table import StepTables, address_of
from studio.core.pixels import TILE, Depth, Pixels

CELL = TILE
"""Blocks lie in the cells of a grid with this step, as tiles do."""

_ALONE_WORK = 1 << 20
"""Steps times pixels up to which starting a thread costs more than it saves."""


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """What the steps first..last leave on an empty pile, when laid over any other gives what they give there."""

    first: int
    last: int
    pile: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Part of one cell, and the steps first..last to carry out there.

    `load`, `store` and those of `stacks` are piles kept for the whole cell: (4, CELL, CELL) premultiplied colour and
    alpha. They are the pile to start from, where to keep the result, and stacks to lay over the lowest pile in place of
    some steps, in their order; what is None is not done.
    """

    rect: Rect
    first: int
    last: int
    load: Floats | None = None
    store: Floats | None = None
    stacks: tuple[Stack, ...] = ()


def render(kernels: Kernels, tables: StepTables, rect: Rect, depth: Depth) -> Pixels:
    """(h, w, 4) straight RGBA of `rect` with all steps of the tables."""
    out = np.empty((rect.height, rect.width, 4), depth.dtype)
    carry_out(kernels, tables, [Block(part, 0, len(tables.steps)) for part in cells(rect)], depth, out, rect)
    return out


def cells(rect: Rect) -> list[Rect]:
    """The rectangle cut along the grid, row by row."""
    whole = ((column * CELL, row * CELL) for column, row in rect.cells(CELL))
    return [Rect(left, top, left + CELL, top + CELL).intersect(rect) for left, top in whole]


def whole_cells(rect: Rect) -> Rect:
    """The rectangle grown to the grid."""
    return Rect(
        rect.left // CELL * CELL,
        rect.top // CELL * CELL,
        -(-rect.right // CELL) * CELL,
        -(-rect.bottom // CELL) * CELL,
    )


def carry_out(
    kernels: Kernels, tables: StepTables, blocks: Sequence[Block], depth: Depth, out: Pixels | None, out_rect: Rect
) -> None:
    """Carry out the blocks; those without `store` are written to `out`, whose corner is that of `out_rect`."""
    work = sum(block.rect.area * (block.last - block.first) for block in blocks)
    threads = 1 if work < _ALONE_WORK else processors()
    if len(blocks) < 2 * threads:
        blocks = [half for block in blocks for half in _halves(block)]
    in_parallel([partial(_run, kernels, tables, block, depth, out, out_rect) for block in blocks], threads)


def in_parallel(jobs: Sequence[Callable[[], None]], threads: int) -> None:
    """Call all jobs, on this thread and some others. Raises what a job raises, when all threads have stopped.

    Nobody waits for a helper to begin, which takes milliseconds on a busy machine: one that comes when all is done does
    nothing.
    """
    waiting, failures = deque(jobs), list[BaseException]()
    helping = threading.Condition()
    helpers, over = 0, False

    def work() -> None:
        while waiting and not failures:
            try:
                job = waiting.popleft()
            except IndexError:
                return  # another thread took the last one
            try:
                job()
            except BaseException as failure:
                failures.append(failure)

    def join_in() -> None:
        nonlocal helpers
        with helping:
            if over:
                return
            helpers += 1
        work()
        with helping:
            helpers -= 1
            helping.notify()

    with suppress(RuntimeError):  # the system has no more threads to give
        for _ in range(min(threads, len(jobs)) - 1):
            start_new_thread(join_in, ())
    work()
    with helping:
        over = True
        helping.wait_for(lambda: helpers == 0)
    if failures:
        raise failures[0]


def processors() -> int:
    """How many processors this process may use; no more than help."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, 16)


def _run(kernels: Kernels, tables: StepTables, block: Block, depth: Depth, out: Pixels | None, out_rect: Rect) -> None:
    """One block."""
    rect = block.rect
    request = np.zeros(layout.REQUEST_FIELDS + layout.STACK_FIELDS * len(block.stacks), np.int64)
    request[: layout.SIXTEEN + 1] = (
        *(rect.left, rect.top, rect.right, rect.bottom),
        *(block.first, block.last, depth is Depth.SIXTEEN),
    )
    if out is not None and block.store is None:
        request[layout.OUT : layout.OUT_STRIDE + 1] = address_of(out), out_rect.left, out_rect.top, out.strides[0]
    request[layout.PLANES_LEFT : layout.STACKS + 1] = (
        *(rect.left // CELL * CELL, rect.top // CELL * CELL, CELL, CELL),
        *(0 if kept is None else address_of(kept) for kept in (block.load, block.store)),
        len(block.stacks),
    )
    for number, stack in enumerate(block.stacks):
        place = layout.REQUEST_FIELDS + number * layout.STACK_FIELDS
        request[place : place + layout.STACK_FIELDS] = stack.first, stack.last, address_of(stack.pile)
    work = np.zeros(tables.levels * layout.PILE + layout.SCRATCH, np.float32)
    candidates = np.zeros(len(tables.steps) + 1, np.int64)
    kernels.run(tables.steps, tables.reals, request, work, candidates, np.zeros(tables.levels + 1, np.bool_))


def _halves(block: Block) -> list[Block]:
    """The upper and the lower half, for two threads."""
    rect, middle = block.rect, (block.rect.top + block.rect.bottom) // 2
    parts = (Rect(rect.left, rect.top, rect.right, middle), Rect(rect.left, middle, rect.right, rect.bottom))
    return [replace(block, rect=part) for part in parts if not part.is_empty]
