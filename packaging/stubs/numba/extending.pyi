"""Functions written in numba's own terms."""

from collections.abc import Callable
from typing import Any

def intrinsic(function: Callable[..., object]) -> Callable[..., Any]: ...
