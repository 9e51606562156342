"""What a person sees in the terminal: progress on stderr, results on stdout, errors in at most three lines."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from studio.io.atomic import write_bytes
from studio.io.report import Fate, Notice

PLAIN_INTERVAL_S = 2.0


class ShowProgress(Protocol):
    """Called with the stage's name and the fraction of the whole, or None when it is not known."""

    def __call__(self, stage: str, fraction: float | None) -> None: ...


@contextmanager
def progress(quiet: bool) -> Generator[ShowProgress]:
    """A bar when stderr is a terminal, else one plain line per stage and every two seconds; nothing when quiet."""
    if quiet:
        yield lambda stage, fraction: None
    elif sys.stderr.isatty():
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Starting", total=1.0)

            def show(stage: str, fraction: float | None) -> None:
                bar.update(task, description=stage, completed=fraction, total=None if fraction is None else 1.0)

            yield show
    else:
        yield _PlainLines()


class _PlainLines:
    def __init__(self) -> None:
        self._stage, self._printed_at = "", 0.0

    def __call__(self, stage: str, fraction: float | None) -> None:
        now = time.monotonic()
        if stage == self._stage and now - self._printed_at < PLAIN_INTERVAL_S:
            return
        self._stage, self._printed_at = stage, now
        share = "" if fraction is None else f" {fraction:.0%}"
        print(f"{stage}{share}", file=sys.stderr, flush=True)


def show_notices(notices: Sequence[Notice], *, kept: bool = False) -> None:
    """The loss report on stderr, worst first; what was `kept` comes last, if at all."""
    order = [Fate.DROPPED, Fate.BAKED, Fate.CONVERTED, *([Fate.KEPT] if kept else [])]
    for notice in sorted((n for n in notices if n.fate in order), key=lambda n: order.index(n.fate)):
        print(f"  {notice}", file=sys.stderr)


def write_report(path: Path | None, report: Mapping[str, object]) -> None:
    """Write a report as JSON, atomically; nothing when no path was given."""
    if path is not None:
        write_bytes(path, (json.dumps(_finite(report), indent=2, ensure_ascii=False) + "\n").encode())


def print_json(value: object) -> None:
    """One JSON value on stdout."""
    typer.echo(json.dumps(_finite(value), indent=2, ensure_ascii=False))


def _finite(value: object) -> object:
    """The same value with null for infinite figures, which JSON cannot hold: a PSNR of equal pictures."""
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
