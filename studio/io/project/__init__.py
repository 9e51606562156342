"""The project file `.lamina`: one SQLite database that holds the document, its history and every tile once.

`read`, `write` and `plan` serve the table of formats; `Project` is the file while it is being worked on.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from studio.core.document import Document
from studio.io.project import database
from studio.io.project.live import Project, replace_project
from studio.io.project.lock import ProjectInUse
from studio.io.project.recovery import check, recover
from studio.io.project.store import Result, Step, Store, Timeline
from studio.io.report import Notice, Opened, Written

__all__ = ["Project", "ProjectInUse", "Result", "Step", "Timeline", "check", "plan", "read", "recover", "write"]


def read(path: Path) -> Opened:
    """The present document, with the edits that were not saved yet. Raises StudioError."""
    with closing(database.open_existing(path, writable=False)) as connection, database.reading(path):
        return Opened(Store(connection).present())


def write(document: Document, path: Path) -> Written:
    """A new project whose history begins with this document. Raises StudioError."""
    replace_project(path, Timeline.of(document))
    return Written()


def plan(document: Document) -> tuple[Notice, ...]:
    """Nothing: a project keeps everything."""
    return ()
