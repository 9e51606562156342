"""One writer per project: a lock beside the file that the system lets go of when its process ends, however it ends.

SQLite's own file lock is used on an empty database, because it works alike on every system and network drive.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from studio.core.errors import StudioError


class ProjectInUse(StudioError):
    """Another window or program has the project open for writing."""


class WriteLock:
    """Held from construction to `release`. Raises ProjectInUse; OSError when the folder may not be written."""

    def __init__(self, project: Path) -> None:
        project = project.resolve()
        self._path = project.with_name(f".{project.name}.lock")
        while True:
            self._path.touch()
            inode = self._path.stat().st_ino
            self._connection = self._locked(project)
            if self._path.exists() and self._path.stat().st_ino == inode:
                return
            self._connection.close()  # its last holder removed the file just now; lock the next one

    def release(self) -> None:
        """Let others write. Calling it twice does nothing."""
        self._path.unlink(missing_ok=True)
        self._connection.close()

    def _locked(self, project: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("begin exclusive")
        except sqlite3.OperationalError as error:
            connection.close()
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise ProjectInUse(
                    f"{project.name} is open in another window.",
                    "Close it there, or open it here for reading only.",
                    detail=str(project),
                ) from error
            self._path.unlink(missing_ok=True)
            raise OSError(f"{self._path} cannot be locked: {error}") from error
        return connection
