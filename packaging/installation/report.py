"""What bootstrap.py says, how it runs other programs, and how it stops."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

# Variables that would make a child use another Python or install somewhere else.
_MISLEADING = {
    "PYTHONHOME",
    "PYTHONPATH",
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_REQUIRE_VIRTUALENV",
    "__PYVENV_LAUNCHER__",
}


class Stop(Exception):
    """The installation cannot go on; the text says what failed and what to do."""


def say(line: str) -> None:
    """Print one line at once, marked as ours among the lines of pip and apt."""
    print(f"-- {line}", flush=True)


def child_environment(**changes: str) -> dict[str, str]:
    """Our environment variables without the misleading ones, with `changes` made."""
    return {name: value for name, value in os.environ.items() if name not in _MISLEADING} | changes


def run(command: Sequence[str], cwd: Path | None = None, **changes: str) -> bool:
    """Run a program whose output goes straight to ours; True when it succeeded."""
    return subprocess.run(command, cwd=cwd, env=child_environment(**changes), check=False).returncode == 0


def ask(command: Sequence[str], **changes: str) -> tuple[bool, str, str]:
    """Run a program and keep its output: whether it succeeded, stdout, stderr. A missing program is a failure."""
    try:
        finished = subprocess.run(
            command,
            env=child_environment(**changes),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        return False, "", str(error)
    return finished.returncode == 0, finished.stdout.strip(), finished.stderr.strip()
