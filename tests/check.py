"""Every check of the repository, in the order in which a failure is cheapest: `python tests/check.py`.

Format, lint, types, contracts, tests. All steps run even when one fails; the exit status is 1 if any did, and the
last line is pytest's own. `python tests/check.py format lint` runs the named steps only.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("studio", "plugins", "packaging", "tests")


@dataclass(frozen=True, slots=True)
class Step:
    """One check: its name and the arguments after `python -m`."""

    name: str
    module_args: tuple[str, ...]


def steps() -> list[Step]:
    """The checks of this checkout, in order."""
    sources = tuple(name for name in SOURCES if (ROOT / name).is_dir())
    workers = str(min(os.cpu_count() or 1, 4))
    return [
        Step("format", ("ruff", "format", "--check", *sources)),
        Step("lint", ("ruff", "check", "--quiet", *sources)),
        Step("types", ("pyright", "--warnings")),
        Step("contracts", ("pytest", "-q", "tests/contracts")),
        Step("tests", ("pytest", "-q", "-n", workers, "--ignore=tests/contracts")),
    ]


def run(step: Step, environment: dict[str, str]) -> bool:
    """Run one step, its output going straight to ours; True when it passed."""
    print(f"== {step.name}: {' '.join(step.module_args)}", flush=True)
    started = time.monotonic()
    code = subprocess.run([sys.executable, "-m", *step.module_args], cwd=ROOT, env=environment, check=False).returncode
    passed = code == 0
    if step.name != "tests":  # the last line of the whole run is pytest's own
        verdict = "passed" if passed else f"FAILED (exit {code})"
        print(f"== {step.name}: {verdict} in {time.monotonic() - started:.1f} s", flush=True)
    return passed


def main() -> int:
    """Run the named steps, or all of them, and return the exit status."""
    known = steps()
    parser = argparse.ArgumentParser(description="Run the checks of the repository.")
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"any of: {', '.join(s.name for s in known)}")
    wanted = parser.parse_args().steps or [step.name for step in known]
    unknown = [name for name in wanted if name not in {step.name for step in known}]
    if unknown:
        parser.error(f"no such step: {', '.join(unknown)}")
    # Quiet and self-contained: pyright must not look for a newer release of itself.
    environment = os.environ | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", "OMP_NUM_THREADS": "1"}
    chosen = [step for step in known if step.name in wanted]
    failed = []
    for step in chosen:
        if step.name == "tests" and failed:
            print(f"== failed before the tests: {', '.join(failed)}", flush=True)
        if not run(step, environment):
            failed.append(step.name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
