"""The checker itself: a step that fails makes the run fail, and a step that does not exist is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests import check


def run_check(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(checkout / "tests" / "check.py"), *arguments], capture_output=True, text=True, check=False
    )


def test_an_unknown_step_is_refused(checkout: Path) -> None:
    refused = run_check(checkout, "nonsense")
    assert refused.returncode == 2
    assert "no such step: nonsense" in refused.stderr


def test_a_failing_step_is_reported() -> None:
    assert not check.run(check.Step("broken", ("no_such_module_of_anybody",)), dict(os.environ))
    assert check.run(check.Step("sound", ("platform",)), dict(os.environ))


def test_every_check_is_in_it() -> None:
    assert [step.name for step in check.steps()] == ["format", "lint", "types", "contracts", "tests"]
