#!/usr/bin/env python3
"""From a bare checkout to a working program, with nothing but Python 3.11 and its standard library.

    python3 packaging/bootstrap.py demo    install for a user, then take the sample picture apart
    python3 packaging/bootstrap.py test    install for a developer, then run every check and test
    python3 packaging/bootstrap.py lock    write packaging/constraints.txt from the environment

Makes `.venv` inside the checkout and nothing outside it, except the system packages that apt installs on
Debian-like systems when it may (as root, or with sudo that asks for no password). Running it again takes
seconds: a stamp inside `.venv` says what is there already.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

OLDEST_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parent.parent


def use_a_new_enough_python() -> None:
    """Start over in a newer Python from the path when this one is too old, or stop with what to install."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in (13, 12, 11):
        found = shutil.which("python3.%d" % minor)  # noqa: UP031  # old Pythons read this file too
        if found:
            os.execv(found, [found, *sys.argv])
    sys.exit(
        "Lamina Studio needs Python 3.11 or newer, this is Python %d.%d.\n"  # noqa: UP031
        "Install one (for instance from python.org) and run this again with it." % sys.version_info[:2]
    )


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Install Lamina Studio into .venv and run it or its tests.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="demo|test|lock")
    demo = commands.add_parser("demo", help="install for a user, then take the sample picture apart")
    demo.add_argument("--out", type=Path, default=ROOT / "demo-out", help="folder for the results (default: demo-out)")
    test = commands.add_parser("test", help="install for a developer, then run every check and test")
    test.add_argument("steps", nargs="*", metavar="STEP", help="only these steps of tests/check.py")
    for command in (demo, test):
        command.add_argument("--no-system-packages", action="store_true", help="print the apt line, do not run it")
        command.add_argument("--install-only", action="store_true", help="stop once everything is installed")
    commands.add_parser("lock", help="write packaging/constraints.txt from .venv")
    return parser.parse_args()


def main() -> int:
    """Install what the command needs, run it, and return its exit status."""
    use_a_new_enough_python()
    from installation import environment
    from installation.report import Stop, child_environment

    chosen = arguments()
    try:
        if chosen.command == "lock":
            environment.write_lock(ROOT)
            return 0
        python = install(chosen)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. Run the same command again to go on.", file=sys.stderr)
        return 130
    if chosen.install_only:
        return 0
    if chosen.command == "demo":
        command = [str(python), "-m", "studio", "demo", "--out", str(chosen.out.resolve())]
    else:
        command = [str(python), str(ROOT / "tests" / "check.py"), *chosen.steps]
    return subprocess.run(command, cwd=ROOT, env=child_environment(), check=False).returncode


def install(chosen: argparse.Namespace) -> Path:
    """Bring system libraries and `.venv` to what the command needs; returns the Python of `.venv`."""
    from installation import environment, system_packages
    from installation.report import say

    started = time.monotonic()
    apt = system_packages.find_apt(may_install=not chosen.no_system_packages)
    system_packages.ensure_libraries(apt)
    extras = frozenset({"models"} if chosen.command == "demo" else {"models", "dev"})
    python = environment.ensure(ROOT, extras, apt)
    say(f"ready after {time.monotonic() - started:.0f} s")
    return python


if __name__ == "__main__":
    sys.exit(main())
