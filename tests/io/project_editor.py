"""A program that edits a project without end, for tests that stop it.

`python -m tests.io.project_editor PATH [CAP_BYTES]` prints “recorded N” after handing edit N over and “durable N” once
N is known to be on disk. With a cap, no file of the process can grow beyond it, as on a full disk; the program then
prints the error's message and ends.
"""

from __future__ import annotations

import resource
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.geometry import Point, Size
from studio.core.layers import RasterLayer
from studio.io.project import Project, Step, Timeline
from tests.support.documents import random_document

KEPT_STEPS = 12


def start() -> Document:
    return replace(random_document(77, size=Size(500, 400), layers=4), ppi=1000.0)


def edited(document: Document, number: int) -> Document:
    """Edit `number`: noise in some square of the bottom layer; the resolution says which edit it was."""
    rng = np.random.default_rng(number)
    bottom = document.layers[0]
    assert isinstance(bottom, RasterLayer)
    square = rng.integers(0, 256, (150, 150, 4), dtype=np.uint8)
    pixels = bottom.pixels.with_rect(Point(int(rng.integers(0, 400)), int(rng.integers(0, 300))), square)
    return replace(document, layers=(replace(bottom, pixels=pixels), *document.layers[1:]), ppi=1000.0 + number)


def after(count: int) -> Document:
    """The document after that many edits."""
    document = start()
    for number in range(1, count + 1):
        document = edited(document, number)
    return document


def run(path: Path) -> None:
    document = start()
    steps = [Step("", document)]
    with Project.create(path, document) as project:
        print("durable 0", flush=True)
        for number in range(1, 1_000_000):
            document = edited(document, number)
            steps = [*steps, Step(f"Edit {number}", document)][-KEPT_STEPS:]
            project.record(Timeline(tuple(steps), len(steps) - 1))
            print(f"recorded {number}", flush=True)
            if number % 3 == 0:
                project.flush()
                print(f"durable {number}", flush=True)
            if number % 10 == 0:
                project.save()
                print(f"durable {number}", flush=True)


def main() -> None:
    path = Path(sys.argv[1])
    if len(sys.argv) > 2:
        cap_bytes = int(sys.argv[2])
        resource.setrlimit(resource.RLIMIT_FSIZE, (cap_bytes, cap_bytes))
    try:
        run(path)
    except StudioError as error:
        print(f"error {error.message} {error.hint}", flush=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
