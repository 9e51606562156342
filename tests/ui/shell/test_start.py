"""The start of the window: what it loads before it is seen, and what is made ready once it is."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.core.kernels import loader
from studio.ui.canvas.warming import Warming
from studio.ui.main_window import MainWindow
from tests.support.kernels import compiled_kernels
from tests.ui.shell.conftest import Make

HEAVY = ("torch", "diffusers", "transformers", "numba", "llvmlite", "cv2", "scipy", "psd_tools", "pymatting", "av")
LATER = (
    *(f"studio.ui.canvas.tools.{name}" for name in ("brush", "clone", "crop", "fill", "gradient", "heal", "lettering")),
    "studio.ui.panels.history",
)
"""What is loaded when it is first chosen, or once the window is seen."""
SHOWN = """
import json, sys
from pathlib import Path
from studio.ui import app
shown = []

def begin(window, files):
    shown.extend(name for name in HEAVY if name in sys.modules)
    window.grab()
    shown.extend(name for name in HEAVY if name in sys.modules)
    print(json.dumps(shown), gc.isenabled())
    window.close()

import gc
app.begin = begin
code = app.run()
print(code, gc.isenabled())
"""


def test_nothing_heavy_is_loaded_before_the_window_is_seen(checkout: Path, tmp_path: Path) -> None:
    """And garbage is left to the main thread as long as the window is there."""
    homes = {name: str(tmp_path) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    run = subprocess.run(
        [sys.executable, "-c", f"HEAVY = {(*HEAVY, *LATER)!r}\n{SHOWN}"],
        cwd=checkout,
        env={**os.environ, **homes, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    shown, code = run.stdout.splitlines()[-2:]
    assert json.loads(shown.rsplit(" ", 1)[0]) == []
    assert shown.endswith(" False")
    assert code == "0 True"


def test_panels_behind_others_are_made_once_the_window_is_seen(make: Make, qtbot: QtBot) -> None:
    def without_panel(window: MainWindow) -> set[str]:
        return {dock.objectName() for dock in window.docks if dock.widget() is None}

    window = make()
    assert without_panel(window) <= {"dock.history", "dock.macros", "dock.properties", "dock.colors", "dock.jobs"}
    qtbot.waitUntil(lambda: not without_panel(window))
    assert all(dock.widget().isVisibleTo(dock) for dock in window.docks)


def test_a_panel_that_is_brought_to_the_front_is_there(make: Make, qtbot: QtBot) -> None:
    window = make()
    made: list[QWidget] = []
    window.docks.when_made("history", made.append)
    assert window.docks.show("history")
    assert made == [window.docks.panel("history")]
    window.docks.when_made("history", made.append)
    assert len(made) == 2
    qtbot.waitUntil(made[0].isVisible)


def test_kernels_on_disk_are_loaded_once_the_window_rests(
    qtbot: QtBot, qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled_kernels()
    monkeypatch.setattr(loader._Loaded, "kernels", None)
    warming = Warming()
    warming.start()
    assert not warming.is_done
    qtbot.waitSignal(warming.done, timeout=60_000).wait()
    assert loader.loaded_kernels() is not None
    warming.release()
    assert warming.is_done


def test_missing_kernels_are_made_in_a_child_that_goes_with_the_window(
    qtbot: QtBot, qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader._Loaded, "kernels", None)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    loader.kernel_folder.cache_clear()
    warming = Warming()
    try:
        warming.start()
        qtbot.waitUntil(lambda: warming.child is not None, timeout=60_000)
        child = warming.child
        assert child is not None
        assert child.poll() is None
        assert loader.loaded_kernels() is None
        warming.release()
        assert child.poll() is not None
        assert warming.is_done
    finally:
        warming.release()
        loader.kernel_folder.cache_clear()
    assert gc.isenabled()
