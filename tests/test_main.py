"""`lamina` and `python -m studio`: files or nothing open the window, anything else is the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.__main__ import names_a_file


@pytest.mark.parametrize("argument", ["photo.jpg", "folder/photo", "./run", "poster.final.psd", "日本.png"])
def test_files(argument: str) -> None:
    assert names_a_file(argument)


@pytest.mark.parametrize("argument", ["run", "info", "--version", "-o", "batch", ""])
def test_others(argument: str) -> None:
    assert not names_a_file(argument)


def test_a_subcommand_loads_no_qt(checkout: Path) -> None:
    code = (
        "import sys; sys.argv = ['lamina', '--help']\n"
        "from studio.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    print(stop.code, 'PySide6' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=checkout, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "0 False"


def test_the_window_starts_with_a_file_and_without_torch(checkout: Path, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from PySide6.QtCore import QTimer\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from studio.ui import app\n"
        "begin = app.begin\n"
        "def began(window, files):\n"
        "    begin(window, files)\n"
        "    def look():\n"
        "        if window.session.has_document:\n"
        "            print(window.session.document.size.width, 'torch' in sys.modules, 'numba' in sys.modules)\n"
        "            window.close()\n"
        "    window.watch = QTimer(window, interval=10)\n"
        "    window.watch.timeout.connect(look)\n"
        "    window.watch.start()\n"
        "app.begin = began\n"
        "sys.argv = ['lamina', 'assets/samples/still_life.jpg']\n"
        "from studio.__main__ import main\n"
        "main()\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=checkout, capture_output=True, text=True, check=False, timeout=120
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split()[:2] == ["1200", "False"]
