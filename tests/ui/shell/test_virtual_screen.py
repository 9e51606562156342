"""The whole program in a real window on a virtual screen, driven by keys from outside: open, duplicate, save, quit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.io import formats

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("Xvfb") is None or shutil.which("xdotool") is None, reason="Xvfb and xdotool are not installed"
    ),
]
PATIENCE_S = 60.0


@pytest.fixture
def screen() -> Iterator[str]:
    """The name of a virtual screen."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x900x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as told:
        name = f":{told.readline().strip()}"
    yield name
    server.terminate()
    server.wait()


def until(done: str, environment: dict[str, str]) -> str:
    """Search for a window with this title until it is there; its number."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", done], env=environment, capture_output=True, text=True
        )
        if found.stdout.split():
            return found.stdout.split()[0]
        time.sleep(0.1)
    raise AssertionError(f"no window called {done}")


def test_open_duplicate_save_and_quit(screen: str, checkout: Path, tmp_path: Path) -> None:
    work = tmp_path / "work.lamina"
    formats.save_document(formats.open_document(checkout / "assets/samples/still_life.jpg").document, work)
    environment = os.environ | {
        "DISPLAY": screen,
        "QT_QPA_PLATFORM": "xcb",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }
    program = subprocess.Popen([sys.executable, "-m", "studio", str(work)], cwd=checkout, env=environment)
    try:
        window = until("work.lamina", environment)
        for keys in ("ctrl+j", "ctrl+s"):
            subprocess.run(["xdotool", "windowfocus", "--sync", window, "key", keys], env=environment, check=True)
        end = time.monotonic() + PATIENCE_S
        while len(formats.open_document(work).document.layers) < 2 and time.monotonic() < end:
            time.sleep(0.2)
        subprocess.run(["xdotool", "windowfocus", "--sync", window, "key", "ctrl+q"], env=environment, check=True)
        assert program.wait(PATIENCE_S) == 0
    finally:
        program.kill()
        program.wait()
    assert [layer.name for layer in formats.open_document(work).document.layers] == ["Background", "Background copy"]
