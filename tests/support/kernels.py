"""The compiled kernels for tests: compiled once into the tests' numba cache, by a child as in the program."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from studio.core.kernels import loader
from studio.core.kernels.loader import Kernels


def compiled_kernels() -> Kernels:
    """Load the kernels; the first time ever, wait half a minute for the child that compiles them."""
    child = loader.warm_kernels_in_child()
    if child is not None:
        assert child.wait(timeout=600) == 0
    kernels = loader.load_kernels()
    assert kernels is not None
    return kernels


@contextlib.contextmanager
def numpy_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Meanwhile this process has no kernels, as before they are ready."""
    with monkeypatch.context() as patched:
        patched.setattr(loader._Loaded, "kernels", None)
        patched.setattr(loader._Loaded, "failed", True)
        yield
