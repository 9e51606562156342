"""What we call of numba. Its own annotations lose the signature of every compiled function and describe intrinsics
as they look before compilation."""

from collections.abc import Callable
from typing import TypeVar, overload

import numpy as np
from numpy.typing import DTypeLike, NDArray

from . import config as config
from . import types as types

void: types.Type

_Function = TypeVar("_Function", bound=Callable[..., object])

@overload
def njit(function: _Function, /) -> _Function: ...
@overload
def njit(
    signature: str | list[str] = ...,
    *,
    cache: bool = ...,
    parallel: bool = ...,
    nogil: bool = ...,
    fastmath: bool | set[str] = ...,
    inline: str = ...,
    error_model: str = ...,
    boundscheck: bool = ...,
    locals: dict[str, object] = ...,
) -> Callable[[_Function], _Function]: ...
def prange(start: int, stop: int = ..., step: int = ..., /) -> range: ...
def carray(pointer: object, shape: int | tuple[int, ...], dtype: DTypeLike | None = ...) -> NDArray[np.generic]: ...
def set_num_threads(n: int) -> None: ...
def get_num_threads() -> int: ...
