"""The command line: a view of the command table, without Qt. `main` is the `lamina` program.

stdout carries results only, progress and errors go to stderr. Exit codes: 0 done, 1 the work failed, 2 wrong use.
"""

from studio.cli.program import main

__all__ = ["main"]
