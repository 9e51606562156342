"""What every test needs before anything is imported: no display, one thread, no network, no user folders."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parent.parent
_MARK = "STUDIO_TESTS_HOME"  # set by the first process, inherited by pytest-xdist's workers and by every child


def _isolate() -> tempfile.TemporaryDirectory[str] | None:
    """Point threads, Qt, caches and user folders at test values; the returned folder lives as long as the run."""
    os.environ["OMP_NUM_THREADS"] = "1"  # two OpenMP threads on busy cores are many times slower than one
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ.setdefault("NUMBA_CACHE_DIR", str(_ROOT / ".cache" / "numba"))
    if _MARK in os.environ:
        return None
    home = tempfile.TemporaryDirectory(prefix="studio-tests-")
    os.environ[_MARK] = home.name
    for name in ("CONFIG", "DATA", "STATE"):
        os.environ[f"XDG_{name}_HOME"] = str(Path(home.name) / name.lower())
    return home


_HOME = _isolate()


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Root folder of the checkout the tests run in."""
    return _ROOT


def pytest_unconfigure() -> None:
    """Remove the user folders of this run."""
    if _HOME is not None:
        _HOME.cleanup()
