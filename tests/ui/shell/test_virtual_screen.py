"""The whole program in a real window on a virtual screen, driven by keys and pointer from outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from studio.core.compositing import composite
from studio.io import formats

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("Xvfb") is None or shutil.which("xdotool") is None, reason="Xvfb and xdotool are not installed"
    ),
]
PATIENCE_S = 120.0


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


class Screen:
    """A program on a virtual screen, seen and driven from outside only."""

    def __init__(self, name: str, checkout: Path, home: Path, file: Path) -> None:
        self.environment = os.environ | {
            "DISPLAY": name,
            "QT_QPA_PLATFORM": "xcb",
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
        }
        self.program = subprocess.Popen([sys.executable, "-m", "studio", str(file)], cwd=checkout, env=self.environment)

    def xdotool(self, *words: str) -> str:
        done = subprocess.run(["xdotool", *words], env=self.environment, capture_output=True, text=True)
        return done.stdout.strip()

    def window(self, title: str) -> str:
        """The number of a window whose title fits, once it is there."""
        found = ""

        def look() -> bool:
            nonlocal found
            found = self.xdotool("search", "--onlyvisible", "--name", title)
            return bool(found)

        self.wait(look, f"no window called {title}")
        return found.split()[0]

    def wait(self, done: Callable[[], bool], otherwise: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while not done():
            assert self.program.poll() is None, "the program ended"
            assert time.monotonic() < end, otherwise
            time.sleep(0.1)

    def press(self, window: str, *keys: str) -> None:
        for one in keys:
            self.xdotool("windowfocus", "--sync", window, "key", one)

    def quit(self, window: str) -> int:
        self.press(window, "ctrl+q")
        return self.program.wait(PATIENCE_S)

    def close(self) -> None:
        self.program.kill()
        self.program.wait()


Start = Callable[[Path], Screen]


@pytest.fixture
def start(screen: str, checkout: Path, tmp_path: Path) -> Iterator[Start]:
    """Run the program on a file; it is ended after the test."""
    started: list[Screen] = []

    def begin(file: Path) -> Screen:
        started.append(Screen(screen, checkout, tmp_path, file))
        return started[-1]

    yield begin
    for one in started:
        one.close()


def test_open_duplicate_save_and_quit(start: Start, checkout: Path, tmp_path: Path) -> None:
    work = tmp_path / "work.lamina"
    formats.save_document(formats.open_document(checkout / "assets/samples/still_life.jpg").document, work)
    screen = start(work)
    window = screen.window("work.lamina")
    screen.press(window, "ctrl+j", "ctrl+s")
    screen.wait(lambda: len(formats.open_document(work).document.layers) == 2, "it was not saved")
    assert screen.quit(window) == 0
    assert [layer.name for layer in formats.open_document(work).document.layers] == ["Background", "Background copy"]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """640 x 480: a red disc in the middle, with a soft shadow to its right, on a grey gradient."""
    y, x = np.mgrid[0:480, 0:640].astype(np.float32)
    ground = np.stack([150 + x / 12, 150 + y / 12, np.full_like(x, 165)], axis=-1)
    shadow = np.exp(-(((x - 400) / 90) ** 2 + ((y - 320) / 25) ** 2))
    ground *= 1 - 0.45 * shadow[..., None]
    picture = cv2.circle(np.ascontiguousarray(ground), (320, 240), 90, (40, 30, 200), -1, cv2.LINE_AA)
    path = tmp_path / "disc.png"
    assert cv2.imwrite(str(path), picture.round().astype(np.uint8))  # blue, green, red
    return path


def test_the_way_from_a_photo_to_a_psd(start: Start, photo: Path, tmp_path: Path) -> None:
    screen = start(photo)
    window = screen.window("disc.png")
    width, height = (int(line.split("=")[1]) for line in _geometry(screen, window))
    screen.press(window, "F12", "ctrl+alt+shift+d")  # without panels the picture stands in the middle of the canvas
    middle = (45 + width) // 2, (71 + height - 32) // 2 + 20
    screen.xdotool("mousemove", *map(str, middle), "click", "1")
    screen.press(window, "Return")
    modified = screen.window(r"disc\.png\*")  # the layers are there
    _drag(screen, middle, (middle[0] - 150, middle[1]))
    screen.press(modified, "ctrl+z", "ctrl+shift+z")

    out = tmp_path / "disc.psd"
    screen.press(window, "ctrl+alt+shift+w")
    _type(screen, screen.window("^Export"), str(out))
    screen.press(screen.window("^Before writing"), "Return")
    screen.wait(out.exists, "nothing was exported")
    stack = formats.open_document(out).document
    names = [layer.name for layer in stack.walk()]
    assert names[:2] == ["Decomposition", "Background"]
    assert names[-1] == "Object 1"
    picture = composite(stack).astype(int)
    red, green, _, _ = picture[240, 320 - 150]
    assert red > green + 100  # the disc is where it was dragged to
    red, green, _, _ = picture[240, 390]
    assert abs(red - green) < 60  # where it was is ground

    screen.press(window, "ctrl+z", "ctrl+z")
    screen.window(r"disc\.png –")  # nothing is left to save
    assert screen.quit(window) == 0


def _geometry(screen: Screen, window: str) -> list[str]:
    told = screen.xdotool("getwindowgeometry", "--shell", window).splitlines()
    return [line for line in told if line.startswith(("WIDTH", "HEIGHT"))]


def _drag(screen: Screen, start: tuple[int, int], end: tuple[int, int]) -> None:
    steps = [start[0] + (end[0] - start[0]) * i // 5 for i in range(1, 6)]
    moves = [word for x in steps for word in ("mousemove", str(x), str(end[1]), "sleep", "0.05")]
    screen.xdotool("mousemove", *map(str, start), "mousedown", "1", *moves, "mouseup", "1")


def _type(screen: Screen, window: str, words: str) -> None:
    screen.xdotool("windowfocus", "--sync", window, "key", "ctrl+a", "type", words)
    screen.press(window, "Return")
