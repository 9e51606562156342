"""`lamina` and `python -m studio`: a subcommand runs the command line; file names, or nothing, open the window."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WINDOW_SWITCHES = ("--debug", "--profile")


def main() -> None:
    """Open the window or run the command line, as the arguments say."""
    arguments = sys.argv[1:]
    switches = [argument for argument in arguments if argument in WINDOW_SWITCHES]
    rest = [argument for argument in arguments if argument not in WINDOW_SWITCHES]
    if all(names_a_file(argument) for argument in rest):
        raise SystemExit(open_window(rest, switches))
    from studio.cli import main as run_command_line

    run_command_line()


def names_a_file(argument: str) -> bool:
    """Whether an argument is a file and no subcommand: those have neither an extension nor a folder.

    >>> names_a_file("photo.jpg"), names_a_file("run"), names_a_file("--version")
    (True, False, False)
    """
    return not argument.startswith("-") and (bool(Path(argument).suffix) or os.sep in argument)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Look for no garbage meanwhile: what imports make stays, and looking through it each time is a tenth of them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def open_window(files: list[str], switches: list[str]) -> int:
    """Show the window until it is closed; the exit status."""
    if "--debug" in switches:
        import logging

        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    with without_collecting():
        from studio.ui.app import run

    if "--profile" not in switches:
        return run(files)
    import cProfile

    with cProfile.Profile() as profiler:
        code = run(files)
    profiler.print_stats("cumulative")
    return code


if __name__ == "__main__":
    main()
