"""The compiled machine: carries out a program row by row over a block of the canvas, at most WIDTH columns wide.

Everything that one row needs (piles, source, blended colours) lies in a few thousand floats that stay in the
first-level cache; layers are read straight from their tiles.
"""

# pyright: basic
# numba carries no type information; what leaves this package is typed in the loader.

from __future__ import annotations

from numba import njit

from studio.core.blend import ONE
from studio.core.kernels.layout import (
    AT_BOTTOM,
    AT_LEFT,
    AT_RIGHT,
    AT_TOP,
    BOTTOM,
    COVERS,
    FILL,
    FIRST,
    KIND,
    LAST,
    LEFT,
    LOAD,
    MASK_GRID,
    MODE,
    MODES,
    OPACITY,
    OUT,
    PARTNER,
    PILE,
    REQUEST_FIELDS,
    RIGHT,
    SCRATCH,
    SIXTEEN,
    STACK_FIELDS,
    STACK_FIRST,
    STACK_LAST,
    STACK_PLANES,
    STACKS,
    STORE,
    TABLE,
    TABLE_KIND,
    TOP,
    WIDTH,
)
from studio.core.kernels.lookup import adjust
from studio.core.kernels.memory import clear_pile, compiled, copy_planes, fill_row, multiply_rows, prefetch
from studio.core.kernels.piles import blend, close_copy, close_normal, lay_8, seal, straighten
from studio.core.kernels.program import StepKind
from studio.core.kernels.samples import (
    all_opaque,
    alpha_bits,
    coverage_row,
    lay_planes,
    line_at,
    load_planes,
    loads_opaque,
    read_row,
    store_planes,
    unpack,
    write_row,
)
from studio.core.layers import BlendMode
from studio.core.pixels import TILE

_DISSOLVE = MODES.index(BlendMode.DISSOLVE)
_NORMAL = MODES.index(BlendMode.NORMAL)
_DRAW = StepKind.DRAW.value
_ADJUST = StepKind.ADJUST.value
_OPEN = StepKind.OPEN.value
_OPEN_COPY = StepKind.OPEN_COPY.value
_OPEN_BASE = StepKind.OPEN_BASE.value
_OPEN_ADJUSTED = StepKind.OPEN_ADJUSTED.value
_SEAL = StepKind.SEAL.value
_CLOSE = StepKind.CLOSE.value
_CLOSE_COPY = StepKind.CLOSE_COPY.value
_CLOSE_ADJUSTED = StepKind.CLOSE_ADJUSTED.value


@compiled
def _draw_plain(steps, opacity, i, x, y, n, pile, opaque):
    """An 8-bit raster layer in mode Normal without a mask; whether all n columns are opaque now."""
    full = True
    done = 0
    while done < n:
        line, count = line_at(steps, i, False, x + done, y, n - done)
        if line == 0:
            full = False
        else:
            prefetch(line + TILE * 4, count * 4)
            every, some = alpha_bits(line, False, count)
            every = every and opacity == ONE
            full = full and every
            if every:
                unpack(line, False, count, ONE, pile[done:])
            elif some:
                lay_8(line, count, pile[done:], opaque, opacity)
        done += count
    return full


@compiled
def _source_row(steps, reals, i, sixteen, x, y, n, scratch):
    """A raster layer's colour and alpha, with opacity and mask, as source; (all alpha full, any alpha at all)."""
    source, coverage = scratch[: 4 * WIDTH], scratch[11 * WIDTH :]
    masked = steps[i, MASK_GRID] != 0
    full, shown = read_row(steps, i, sixteen, x, y, n, ONE if masked else reals[i, OPACITY], source)
    if masked and shown:
        coverage_row(steps, reals, i, sixteen, x, y, n, coverage)
        multiply_rows(source[3 * WIDTH :], coverage, n, source[3 * WIDTH :])
    return full and not masked, shown


@compiled
def _covers(steps, i, sixteen, x, y, n):
    """Whether this raster layer hides everything below it in n columns."""
    if y < steps[i, TOP] or y >= steps[i, BOTTOM]:
        return False
    done = 0
    while done < n:
        line, count = line_at(steps, i, sixteen, x + done, y, n - done)
        if line == 0 or not all_opaque(line, sixteen, count):
            return False
        done += count
    return True


@compiled
def _open(steps, i, sixteen, x, y, n, below, below_opaque, pile, source):
    """Fill a new pile; whether it is opaque wherever its steps reach."""
    kind = steps[i, KIND]
    if kind == _OPEN:
        clear_pile(pile, n)
        return False
    if kind == _OPEN_COPY:
        copy_planes(below, pile, 4, n)
        return below_opaque
    if kind == _OPEN_BASE:
        read_row(steps, i, sixteen, x, y, n, ONE, source)
        copy_planes(source, pile, 3, n)
        copy_planes(source[3 * WIDTH :], pile[4 * WIDTH :], 1, n)
    else:
        straighten(below, below_opaque, n, pile)
        adjust(steps[i, TABLE], steps[i, TABLE_KIND], sixteen, pile, n)
        fill_row(pile[4 * WIDTH :], n, ONE)
    fill_row(pile[3 * WIDTH :], n, ONE)
    return True


@compiled
def _closed(kind, mode, top, top_opaque, pile, n, scratch):
    """Take `top` off: laid onto the pile below (True), or left as source colour and alpha to be blended (False)."""
    source, coverage = scratch[: 4 * WIDTH], scratch[11 * WIDTH :]
    if kind == _CLOSE_COPY:
        close_copy(top, pile, coverage, n)
        return True
    if kind == _CLOSE and mode == _NORMAL:
        close_normal(top, pile, coverage, n)
        return True
    if kind == _CLOSE_ADJUSTED:
        copy_planes(top, source, 3, n)
        copy_planes(coverage, source[3 * WIDTH :], 1, n)
        return False
    straighten(top, top_opaque, n, source)
    kept = top[3 * WIDTH :] if kind == _CLOSE else top[4 * WIDTH :]
    multiply_rows(kept, coverage, n, source[3 * WIDTH :])
    return False


@compiled
def _adjusted(steps, i, sixteen, pile, opaque, n, scratch):
    """The pile's adjusted colours as source, with the coverage as alpha."""
    source, coverage = scratch[: 4 * WIDTH], scratch[11 * WIDTH :]
    straighten(pile, opaque, n, source)
    adjust(steps[i, TABLE], steps[i, TABLE_KIND], sixteen, source, n)
    copy_planes(coverage, source[3 * WIDTH :], 1, n)


@compiled
def _stack(number):
    """Where in the request a kept stack is told."""
    return REQUEST_FIELDS + number * STACK_FIELDS


@compiled
def _next_stack(request, stack, i):
    """The first kept stack from this one on that does not end before step `i`."""
    while stack < request[STACKS] and request[_stack(stack) + STACK_LAST] < i:
        stack += 1
    return stack


@compiled
def _find_covering(steps, request, candidates):
    """Enter in `candidates` the steps that may hide all below them in this block; how many there are."""
    count = stack = 0
    for i in range(request[FIRST], request[LAST]):
        stack = _next_stack(request, stack, i + 1)
        if stack < request[STACKS] and request[_stack(stack) + STACK_FIRST] <= i:
            continue
        if steps[i, COVERS] and steps[i, LEFT] <= request[AT_LEFT] and steps[i, RIGHT] >= request[AT_RIGHT]:
            candidates[count] = i
            count += 1
    return count


@compiled
def _start_row(steps, request, candidates, count, y, n, pile):
    """(first step, whether the pile is opaque): from the topmost layer that hides all below it, else from the start."""
    start, found = request[FIRST], False
    for k in range(count - 1, -1, -1):
        if not found and _covers(steps, candidates[k], request[SIXTEEN] != 0, request[AT_LEFT], y, n):
            start, found = candidates[k], True
    if found or request[LOAD] == 0:
        clear_pile(pile, n)
        return start, False
    load_planes(request, y, n, pile)
    return start, loads_opaque(request, y, n)


@compiled
def _finish_row(request, y, n, pile, opaque, scratch):
    """Keep the row, write it: whatever the request asks for."""
    if request[STORE] != 0:
        store_planes(request, y, n, pile)
    if request[OUT] != 0:
        write_row(request, y, n, pile, opaque, scratch)


@njit(
    "void(int64[:,::1], float32[:,::1], int64[::1], float32[::1], int64[::1], boolean[::1])",
    nogil=True,
    cache=True,
    error_model="numpy",
    boundscheck=False,
)
def run(steps, reals, request, work, candidates, opaque):
    """Carry out steps FIRST..LAST of the tables over the block of the request, with kept stacks in place of some.

    `work` holds one PILE for each level and SCRATCH, `candidates` room for every step, `opaque` a flag for each level.
    One function, long as it is: what it calls is compiled into it, and again into each function between.
    """
    left, width, sixteen = request[AT_LEFT], request[AT_RIGHT] - request[AT_LEFT], request[SIXTEEN] != 0
    scratch = work[work.size - SCRATCH :]
    coverage = scratch[11 * WIDTH :]
    count = _find_covering(steps, request, candidates)
    for y in range(request[AT_TOP], request[AT_BOTTOM]):
        i, opaque[0] = _start_row(steps, request, candidates, count, y, width, work)
        level = 0
        stack = _next_stack(request, 0, i + 1)
        while i < request[LAST]:
            if stack < request[STACKS] and i == request[_stack(stack) + STACK_FIRST]:
                lay_planes(request, request[_stack(stack) + STACK_PLANES], y, width, work)
                i = request[_stack(stack) + STACK_LAST]
                stack += 1
                continue
            kind, mode, fill, opacity = steps[i, KIND], steps[i, MODE], reals[i, FILL], reals[i, OPACITY]
            opening = kind >= _OPEN and kind <= _OPEN_ADJUSTED
            low, high = max(steps[i, LEFT] - left, 0), min(steps[i, RIGHT] - left, width)
            if y < steps[i, TOP] or y >= steps[i, BOTTOM] or low >= high:
                i = steps[i, PARTNER] + 1 if opening else i + 1
                continue
            pile, x, n = work[level * PILE + low :], left + low, high - low
            full, done = False, False
            if opening:
                above = work[(level + 1) * PILE + low :]
                opaque[level + 1] = _open(steps, i, sixteen, x, y, n, pile, opaque[level], above, scratch)
                level += 1
                done = True
            elif kind == _SEAL:
                seal(pile, opaque[level], n, scratch)
                opaque[level] = True
                done = True
            elif kind == _DRAW and mode == _NORMAL and steps[i, MASK_GRID] == 0 and not sixteen:
                full = _draw_plain(steps, opacity, i, x, y, n, pile, opaque[level])
                done = True
            elif kind == _DRAW:
                full, shown = _source_row(steps, reals, i, sixteen, x, y, n, scratch)
                done = not shown
            elif kind == _ADJUST:
                coverage_row(steps, reals, i, sixteen, x, y, n, coverage)
                _adjusted(steps, i, sixteen, pile, opaque[level], n, scratch)
            else:
                coverage_row(steps, reals, i, sixteen, x, y, n, coverage)
                level -= 1
                under = work[level * PILE + low :]
                done = _closed(kind, mode, pile, opaque[level + 1], under, n, scratch)
                pile = under
            if not done:
                recolors = kind in (_ADJUST, _CLOSE_ADJUSTED)
                blend(mode, fill, recolors, pile, opaque[level], x, y, n, scratch)
            if kind == _DRAW and full and level == 0 and n == width and fill == ONE and mode != _DISSOLVE:
                opaque[0] = True
            i += 1
        _finish_row(request, y, width, work, opaque[0], scratch)
