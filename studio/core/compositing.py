"""From the layer tree to one picture: the one source of truth for screen, export and a PSD's merged image.

Colours are float32 and premultiplied while layers pile up; the result is divided by its alpha and rounded once, at the
end. Compiled kernels do the work where they are ready (see `kernels.loader`), else numpy does; both give the same
picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from studio.core.blend import Floats
from studio.core.document import Document
from studio.core.geometry import Point, Rect
from studio.core.kernels import machine, strips
from studio.core.kernels.loader import (
    Kernels,
    kernels_ready,
    load_kernels,
    loaded_kernels,
    warm_kernels_in_child,
)
from studio.core.kernels.machine import CELL, Block, Stack
from studio.core.kernels.moved import MovedLayers
from studio.core.kernels.program import CLOSING, OPENING, Program, Programs, Step, StepKind, program_of, shrunk_rect
from studio.core.kernels.reduced import ReducedLayers
from studio.core.kernels.table import Grid, StepTables, grid_within, tables_of, tables_with
from studio.core.layers import BlendMode, Layer
from studio.core.moved import MovedBuffer
from studio.core.pixels import PixelBuffer, Pixels

K = TypeVar("K")

__all__ = ["Compositor", "composite", "composite_layers", "kernels_ready", "load_kernels", "warm_kernels_in_child"]

LOAD_WORTH = 24_000_000
"""Layers times pixels from which loading the kernels (about a second) is quicker than drawing with numpy."""

SCALES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""At which reductions a document can be rendered."""

_NUMPY_PIXELS = 1 << 22
_KEEP_FROM_STEPS = 2
"""How many steps that stay the same must follow each other for keeping their pile to pay."""
_MOST_STACKS = 3
"""How many piles above a changed layer are kept for one cell."""
_ABRUPT = frozenset(
    {
        *(BlendMode.COLOR_BURN, BlendMode.COLOR_DODGE, BlendMode.VIVID_LIGHT, BlendMode.HARD_MIX, BlendMode.DIVIDE),
        *(BlendMode.DARKER_COLOR, BlendMode.LIGHTER_COLOR, BlendMode.SATURATION),
    }
)
"""Modes in which the smallest difference below can become a visible one: jumps, and divisions by what may be near 0."""


def composite(document: Document, rect: Rect | None = None) -> Pixels:
    """The flattened picture of `rect` (the canvas by default): (h, w, 4) straight RGBA at the document's depth."""
    return composite_layers(document, document.layers, rect)


def composite_layers(document: Document, layers: Sequence[Layer], rect: Rect | None = None) -> Pixels:
    """The same for a part of the document's tree, such as one group's children, over nothing."""
    rect = document.canvas if rect is None else rect
    program = program_of(layers)
    kernels = _kernels_for(program, rect)
    if kernels is None:
        return strips.render(program, rect, document.depth)
    return machine.render(kernels, tables_of(program, rect), rect, document.depth)


def _kernels_for(program: Program, rect: Rect) -> Kernels | None:
    """The kernels, if they are here or worth loading for this much work."""
    if loaded_kernels() is None and len(program) * rect.area < LOAD_WORTH:
        return None
    return load_kernels()


class Compositor:
    """Renders a document that changes, and keeps what the next picture of it can use again.

    That is, within `budget_bytes`: layers at reduced sizes, for zoomed-out views; and while one layer changes again and
    again, the pile below it and those above it that can be laid over as one. What it renders for a changed document
    costs the changed layer, and those above that depend on the colours below them, not the stack.
    One thread at a time may use it.
    """

    def __init__(self, budget_bytes: int = 640 << 20) -> None:
        self._programs = Programs()
        self._reduced = ReducedLayers(budget_bytes // 2)
        self._moved = MovedLayers()
        self._piles = _KeptPiles(budget_bytes // 2)

    def render(self, document: Document, rect: Rect | None = None, scale: int = 1) -> Pixels:
        """The picture of `rect` (canvas pixels) with one output pixel for `scale` x `scale` canvas pixels.

        `scale` is one of `SCALES`. The result covers the output pixels that `rect` touches: (h, w, 4) straight
        RGBA at the document's depth. At scale 1 it is what `composite` gives, but for a rounding to the other side in
        few pixels while piles are kept. At a larger scale, layers are reduced first and composited then: equal to the
        reduced composite for layers in mode Normal whose edges do not meet in one pixel, close to it for others.
        """
        if scale not in SCALES:
            raise ValueError(f"scale must be one of {SCALES}, not {scale}")
        view = shrunk_rect(document.canvas if rect is None else rect, scale)
        kernels = load_kernels()
        if kernels is None:
            return _with_numpy(document, view, scale)
        program = self._programs.program(document.layers, scale)
        storing, drawing = self._piles.blocks(program, (scale, document.depth), view)
        blocks = (*storing, *drawing)
        used = range(min((b.first for b in blocks), default=0), max((b.last for b in blocks), default=0))
        out = np.empty((view.height, view.width, 4), document.depth.dtype)
        try:
            tables = self._tables(kernels, program, scale, view, used)
            machine.carry_out(kernels, tables, storing, document.depth, None, view)
            machine.carry_out(kernels, tables, drawing, document.depth, out, view)
        except BaseException:
            self._piles.forget()  # some of them were promised and never made
            raise
        self._reduced.settle(program)
        self._moved.settle(program)
        self._piles.trim()
        return out

    def _tables(self, kernels: Kernels, program: Program, scale: int, view: Rect, used: range) -> StepTables:
        """The tables of the used steps, for all cells that the view touches."""
        cells = machine.whole_cells(view)

        def grids(pixels: PixelBuffer, origin: Point) -> tuple[Grid, Point]:
            if isinstance(pixels, MovedBuffer):
                return self._moved.grid(kernels, pixels, scale, view)
            if scale == 1:
                return grid_within(cells, pixels, origin)
            return self._reduced.grid(kernels, pixels, origin, scale, view)

        return tables_with(program, grids, used)


Cell = tuple[int, int]
Span = tuple[int, int]
"""The steps first..last of a program."""


@dataclass(slots=True, eq=False)
class _KeptPiles:
    """Piles of steps that stay the same while one layer changes, for whole cells of the view.

    `below` holds what the first `low` steps leave. From step `high` on all stay the same, too: `spans` are those of
    them that can be laid over any pile as one, counted from `high`, and `stacks` what each leaves on an empty pile.
    """

    budget_bytes: int
    program: Program = ()
    kind: tuple[object, ...] = ()
    low: int = 0
    high: int = 0
    spans: tuple[Span, ...] = ()
    repeated: bool = False
    below: dict[Cell, Floats] = field(default_factory=dict[Cell, Floats])
    stacks: dict[tuple[Span, Cell], Floats] = field(default_factory=dict[tuple[Span, Cell], Floats])

    def blocks(self, program: Program, kind: tuple[object, ...], view: Rect) -> tuple[list[Block], list[Block]]:
        """Blocks that make missing piles, and blocks that then draw `view`."""
        self._notice(program, kind)
        rects, end = machine.cells(view), len(program)
        if len(rects) > self._room:
            return [], [Block(rect, 0, end) for rect in rects]
        storing: list[Block] = []
        drawing: list[Block] = []
        for rect in rects:
            cell = rect.left // CELL, rect.top // CELL
            below = self._pile(self.below, cell, cell, (0, self.low), storing)
            stacks: list[Stack] = []
            for span in self.spans:
                first, last = self.high + span[0], self.high + span[1]
                pile = self._pile(self.stacks, (span, cell), cell, (first, last), storing)
                if pile is not None:
                    stacks.append(Stack(first, last, pile))
            drawing.append(Block(rect, 0 if below is None else self.low, end, load=below, stacks=tuple(stacks)))
        return storing, drawing

    def forget(self) -> None:
        """Keep nothing."""
        self.below.clear()
        self.stacks.clear()

    @property
    def _room(self) -> int:
        """Cells for which there may be piles."""
        return self.budget_bytes // ((1 + len(self.spans)) * 16 * CELL * CELL)

    def trim(self) -> None:
        """Forget the oldest piles beyond the budget."""
        room = self._room
        while len(self.below) > room:
            del self.below[next(iter(self.below))]
        while len(self.stacks) > room * len(self.spans):
            del self.stacks[next(iter(self.stacks))]

    def _pile(self, piles: dict[K, Floats], key: K, cell: Cell, span: Span, storing: list[Block]) -> Floats | None:
        """A kept pile of a cell; made now if the same layer has changed before."""
        first, last = span
        if last - first < _KEEP_FROM_STEPS:
            return None
        kept = piles.get(key)
        if kept is None and self.repeated:
            kept = piles[key] = np.empty((4, CELL, CELL), np.float32)
            left, top = cell[0] * CELL, cell[1] * CELL
            storing.append(Block(Rect(left, top, left + CELL, top + CELL), first, last, store=kept))
        return kept

    def _notice(self, program: Program, kind: tuple[object, ...]) -> None:
        """See which steps stayed the same since the last picture, and drop what no longer fits."""
        old, end = self.program, len(program)
        if kind == self.kind and len(old) == end and all(a.same(b) for a, b in zip(old, program, strict=True)):
            self.program = program
            return
        low, tail = (_common_start(old, program), _common_end(old, program)) if kind == self.kind else (0, 0)
        high = max(end - tail, low)
        self.repeated = kind == self.kind and low == self.low and end - high == len(old) - self.high
        if not self.repeated:
            self.forget()
            self.spans = _laying_spans(program[high:])
        self.program, self.kind, self.low, self.high = program, kind, low, high


def _common_start(old: Program, new: Program) -> int:
    """How many steps both begin with, up to a place where only the lowest pile is left."""
    depth = start = 0
    for i, (before, after) in enumerate(zip(old, new, strict=False)):
        if not before.same(after):
            break
        depth += (after.kind in OPENING) - (after.kind in CLOSING)
        start = i + 1 if depth == 0 else start
    return start


def _common_end(old: Program, new: Program) -> int:
    """How many steps both end with, from a place where only the lowest pile is left."""
    depth = length = 0
    for i, (before, after) in enumerate(zip(reversed(old), reversed(new), strict=False)):
        if not before.same(after):
            break
        depth += (after.kind in CLOSING) - (after.kind in OPENING)
        length = i + 1 if depth == 0 else length
    return length


def _laying_spans(program: Program) -> tuple[Span, ...]:
    """The longest runs of steps that can be drawn on a pile of their own and laid over any other, in their order.

    That rounds otherwise than laying one after the other, so that below a step that can turn the smallest difference
    into a visible one there is none.
    """
    spans: list[Span] = []
    first = 0
    for start, last in _units(program):
        if _lays(program[last - 1]) and program[start].kind not in (StepKind.OPEN_COPY, StepKind.OPEN_ADJUSTED):
            continue
        if all(_is_gentle(step) for step in program[start:last]):
            spans.append((first, start))
        else:
            spans.clear()
        first = last
    spans.append((first, len(program)))
    longest = sorted((span for span in spans if span[1] - span[0] >= _KEEP_FROM_STEPS), key=lambda s: s[0] - s[1])
    return tuple(sorted(longest[:_MOST_STACKS]))


def _units(program: Program) -> Iterator[Span]:
    """The steps of each layer on the lowest pile, with those of what lies in it."""
    start = depth = 0
    for i, step in enumerate(program):
        depth += (step.kind in OPENING) - (step.kind in CLOSING)
        if depth == 0:
            yield start, i + 1
            start = i + 1


def _lays(step: Step) -> bool:
    """Whether the last step of a layer lays it over what is below, without looking at the colours there."""
    kinds = (StepKind.DRAW, StepKind.CLOSE, StepKind.CLOSE_CLIPPED)
    return step.kind in kinds and step.mode in (BlendMode.NORMAL, BlendMode.DISSOLVE)


def _is_gentle(step: Step) -> bool:
    """Whether what the step gives changes little where what is below it does."""
    adjusts = step.kind in (StepKind.ADJUST, StepKind.OPEN_ADJUSTED, StepKind.CLOSE_ADJUSTED)
    return not adjusts and step.mode not in _ABRUPT


def _with_numpy(document: Document, view: Rect, scale: int) -> Pixels:
    """The view while there are no kernels: composited first, then reduced, band by band."""
    program = program_of(document.layers)
    out = np.empty((view.height, view.width, 4), document.depth.dtype)
    rows = max(1, _NUMPY_PIXELS // (max(1, view.width) * scale * scale))
    for top in range(view.top, view.bottom, rows):
        band = Rect(view.left, top, view.right, min(top + rows, view.bottom))
        behind = Rect(band.left * scale, band.top * scale, band.right * scale, band.bottom * scale)
        out[band.slices(view.origin)] = _shrunk(strips.render(program, behind, document.depth), scale)
    return out


def _shrunk(samples: Pixels, scale: int) -> Pixels:
    """The mean of each `scale` x `scale` block, colours weighted by alpha."""
    if scale == 1:
        return samples
    height, width, channels = samples.shape
    blocks = samples.reshape(height // scale, scale, width // scale, scale, channels).astype(np.float32)
    alpha = blocks[..., 3:]
    total = alpha.sum(axis=(1, 3))
    weighted = (blocks[..., :3] * alpha).sum(axis=(1, 3))
    color = weighted / np.where(total > 0, total, 1)
    mean = np.concatenate([color, total / np.float32(scale * scale)], axis=-1)
    return (mean + np.float32(0.5)).astype(samples.dtype)
