"""Memory for the compiled machine: addresses as arrays, and the plainest work on rows of floats."""

# pyright: basic
# numba carries no type information; what leaves this package is typed in the loader.

from __future__ import annotations

from llvmlite import ir
from numba import njit, types, void  # pyright: ignore[reportAttributeAccessIssue]  # its own hints lack void
from numba.extending import intrinsic

from studio.core.blend import ZERO
from studio.core.kernels.layout import WIDTH

_OPTIONS = {
    "nogil": True,
    "error_model": "numpy",
    "boundscheck": False,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}


def compiled(function):
    """Machine code without the interpreter lock, with numpy's rules for division; kept on disk by its caller only."""
    return njit(**_OPTIONS)(function)


def _pointer_to(item):
    @intrinsic
    def pointer(typing, address):
        def build(context, builder, signature, arguments):
            return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

        return types.CPointer(item)(types.int64), build

    return pointer


@intrinsic
def _prefetch(typing, address):
    def build(context, builder, signature, arguments):
        pointer, number = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), (pointer, number, number, number))
        function = builder.module.declare_intrinsic("llvm.prefetch", (pointer,), kind)
        reading, keep, data = (ir.Constant(number, value) for value in (0, 2, 1))
        builder.call(function, (builder.inttoptr(arguments[0], pointer), reading, keep, data))
        return context.get_dummy_value()

    return void(types.int64), build


int32_at, int64_at = _pointer_to(types.int32), _pointer_to(types.int64)
uint8_at, uint16_at = _pointer_to(types.uint8), _pointer_to(types.uint16)
float32_at = _pointer_to(types.float32)


@compiled
def fill_row(row, n, value):
    for x in range(n):
        row[x] = value


@compiled
def clear_pile(pile, n):
    for plane in range(4):
        fill_row(pile[plane * WIDTH :], n, ZERO)


@compiled
def copy_planes(source, target, planes, n):
    for plane in range(planes):
        for x in range(n):
            target[plane * WIDTH + x] = source[plane * WIDTH + x]


@compiled
def multiply_rows(row, by, n, out):
    for x in range(n):
        out[x] = row[x] * by[x]


@compiled
def prefetch(address, nbytes):
    """Have memory brought near that will be read soon. No address is wrong here."""
    for offset in range(0, nbytes, 64):
        _prefetch(address + offset)
