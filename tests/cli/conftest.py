"""Fixtures for the command line: a picture, a plugin folder of the user, and a way to run a command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from studio.cli.program import invoke
from studio.plugin_host.registry import user_plugins_dir
from tests.support.plugins import write_plugin


@dataclass(frozen=True, slots=True)
class Ran:
    """Exit code and what was printed."""

    code: int
    out: str
    err: str


Lamina = Callable[..., Ran]


@pytest.fixture
def lamina(capsys: pytest.CaptureFixture[str]) -> Lamina:
    """Run `lamina` with these arguments in this process."""

    def run(*arguments: object) -> Ran:
        code = invoke([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A small noisy picture."""
    path = tmp_path / "photo.png"
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    assert cv2.imwrite(str(path), noise)
    return path


@pytest.fixture(autouse=True)
def square_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugin that paints a square, in a user folder of this test's own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    write_plugin(user_plugins_dir(), "square")
