"""How long the window takes to be seen, what it loads for that, and what its lists cost."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from studio import resources
from tests.bench.row import Row

START = """
import json, sys, time
began = time.perf_counter()
from studio.__main__ import without_collecting
with without_collecting():
    from studio.ui import app
imported = time.perf_counter()

def begin(window, files):
    window.grab()
    seen = time.perf_counter()
    loaded = [name for name in HEAVY if name in sys.modules]
    cpu = time.process_time()
    refreshes = []
    for _ in range(50):
        at = time.perf_counter()
        window.action_set.refresh()
        refreshes.append(time.perf_counter() - at)
    from studio.ui.palette import matches
    at = time.perf_counter()
    matches(window.action_set, "mer")
    search = time.perf_counter() - at
    print(json.dumps({"imports": imported - began, "seen": seen - began, "loaded": loaded,
                      "refresh": sorted(refreshes)[47], "search": search, "cpu": cpu}))
    window.close()

app.begin = begin
app.run()
"""
"""The program as `lamina` starts it; what it does once the window is seen is replaced by the measurement."""
HEAVY = ("torch", "numba", "pymatting", "psd_tools", "scipy", "cv2")


@dataclass(frozen=True, slots=True)
class Start:
    """What one process told, in seconds; `refresh` and `search` are one call each."""

    imports: float
    seen: float
    total: float
    cpu: float
    refresh: float
    search: float
    loaded: tuple[str, ...]


def rows(quick: bool) -> list[Row]:
    """Fresh processes; the first one warms the disk, compiles to bytecode as an installer does, and is not counted."""
    with tempfile.TemporaryDirectory(prefix="lamina-bench-") as home:
        runs = [_start(Path(home)) for _ in range(3 if quick else 8)][1:]
    seen = statistics.median(run.seen for run in runs)
    loaded = ", ".join(runs[-1].loaded) or "none of them"
    total = statistics.median(run.total for run in runs)
    note = f"median of {len(runs)} processes, best {min(run.seen for run in runs):.3f}"
    refresh, search = (statistics.median(getattr(run, name) for run in runs) for name in ("refresh", "search"))
    return [
        Row("window seen, from the first import", seen, "s", "< 1.0 s warm", note, 1.0),
        Row("the same with Python's own start and end", total, "s", "", "whole process"),
        Row("of that imports", statistics.median(run.imports for run in runs), "s"),
        Row("processor time until then", statistics.median(run.cpu for run in runs), "s"),
        Row("heavy libraries loaded by then", len(runs[-1].loaded), f"of {len(HEAVY)}", "none", loaded),
        Row("actions brought up to date, p95", 1e3 * refresh, "ms", "<= 2 ms", limit=2),
        Row("command palette, one letter typed", 1e3 * search, "ms", "<= 8 ms", limit=8),
    ]


def _start(home: Path) -> Start:
    """One start with settings, recovery and bytecode of its own in `home`."""
    kept = {name: str(home) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "PYTHONPYCACHEPREFIX")}
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, "OMP_NUM_THREADS": "1", **kept}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-c", f"HEAVY = {HEAVY!r}\n{START}"],
        cwd=resources.checkout_root(),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(run.stdout.splitlines()[-1])
    return Start(**(told | {"loaded": tuple(told["loaded"]), "total": time.perf_counter() - began}))
