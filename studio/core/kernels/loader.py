"""Compiled kernels on disk: whether they are there, making them in a child process, and loading them.

Compiling takes half a minute of one core and would stop every other thread of the process, so it happens in a child;
until it has ended, numpy draws. The machine code lies in the user's cache folder (or where NUMBA_CACHE_DIR says), in a
folder named after everything it depends on: our sources, Python, numba and the processor. So an update, another machine
with the same home, or several processes at once never meet code that is not theirs; each file is written whole.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import logging
import os
import platform
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
import platformdirs
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Reals = NDArray[np.float32]
Flags = NDArray[np.bool_]

_SOURCES = (
    "../adjust.py",
    "../blend.py",
    "../layers.py",
    "../pixels.py",
    "layout.py",
    "lookup.py",
    "memory.py",
    "modes.py",
    "piles.py",
    "program.py",
    "rows.py",
    "samples.py",
    "shrink.py",
)
_DONE = "complete"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Kernels:
    """The compiled functions; see `rows.run`, `shrink.shrink_layer` and `shrink.shrink_mask` for their arguments."""

    run: Callable[[Integers, Reals, Integers, Reals, Integers, Flags], None]
    shrink_layer: Callable[[Integers, int, int, int, bool, int, Reals], None]
    shrink_mask: Callable[[Integers, int, int, int, bool, int, Reals], None]


class _Loaded:
    """What this process has loaded; `failed` keeps it from trying again."""

    kernels: Kernels | None = None
    failed = False
    lock = threading.Lock()


def kernels_ready() -> bool:
    """Whether the kernels can be had without compiling."""
    return _Loaded.kernels is not None or (not _Loaded.failed and (kernel_folder() / _DONE).is_file())


def loaded_kernels() -> Kernels | None:
    """The kernels if this process has them already."""
    return _Loaded.kernels


def load_kernels() -> Kernels | None:
    """Load the kernels, about a second the first time; None where they are not ready or do not work here."""
    if _Loaded.kernels is not None or not kernels_ready():
        return _Loaded.kernels
    with _Loaded.lock:
        if _Loaded.kernels is None and not _Loaded.failed:
            try:
                _Loaded.kernels = _import_kernels()
            except Exception:  # whatever a broken cache or library does, numpy can draw
                _Loaded.failed = True
                _log.warning("The compiled kernels do not load; drawing goes on with numpy.", exc_info=True)
    return _Loaded.kernels


def warm_kernels_in_child() -> subprocess.Popen[bytes] | None:
    """Start a process of low priority that fills the cache; None when that is done, or cannot be done here.

    The caller may wait for it, forget it, or end it: what it has not finished, the next one does.
    """
    if kernels_ready() or _Loaded.failed or not _writable(kernel_folder()):
        return None
    command = [sys.executable, "-m", "studio.core.kernels.warm"]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        command, stdin=quiet, stdout=quiet, stderr=quiet, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )


def compile_kernels() -> Kernels:
    """Compile what is missing in this process, and say in the cache that all is there."""
    folder = kernel_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with _Loaded.lock:
        if _Loaded.kernels is None:
            _Loaded.kernels = _import_kernels()
    (folder / _DONE).touch()
    return _Loaded.kernels


@cache
def kernel_folder() -> Path:
    """Where the machine code of exactly these sources, libraries and this processor lies."""
    root = os.environ.get("NUMBA_CACHE_DIR")
    base = Path(root) if root else platformdirs.user_cache_path("lamina-studio", appauthor=False) / "kernels"
    return base / f"lamina-{_fingerprint()}"


def _import_kernels() -> Kernels:
    """Import the compiled modules with numba's cache in our folder; other users of numba keep theirs."""
    from numba.core import config

    settings = cast("dict[str, str]", vars(config))
    before = settings["CACHE_DIR"]
    settings["CACHE_DIR"] = str(kernel_folder())
    try:
        rows = importlib.import_module("studio.core.kernels.rows")
        shrink = importlib.import_module("studio.core.kernels.shrink")
    finally:
        settings["CACHE_DIR"] = before
    return Kernels(rows.run, shrink.shrink_layer, shrink.shrink_mask)


def _fingerprint() -> str:
    """numba itself compares only the time and size of one file, so all that the code depends on goes in here."""
    digest = hashlib.blake2b(digest_size=12)
    here = Path(__file__).resolve().parent
    for name in _SOURCES:
        source = (here / name).resolve()
        digest.update(f"{source} {source.stat().st_mtime_ns}\n".encode())
        digest.update(source.read_bytes())
    libraries = (importlib.metadata.version(name) for name in ("numba", "llvmlite", "numpy"))
    digest.update(" ".join((*libraries, sys.version, platform.machine(), _processor())).encode())
    return digest.hexdigest()


def _processor() -> str:
    """What tells processors with other instructions apart."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").split("\n\n", 1)[0].splitlines()
    except OSError:
        return platform.processor()
    return "\n".join(sorted(line for line in lines if line.startswith(("model name", "flags", "Features"))))


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
