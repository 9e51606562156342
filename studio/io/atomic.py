"""Write beside the target, then rename: a reader sees the old file or the new one, never a part."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from studio.core.errors import StudioError
from studio.core.feedback import report

_HINTS = {
    errno.ENOSPC: "The disk is full. Free some space or save to another place.",
    errno.EDQUOT: "Your disk quota is used up. Free some space or save to another place.",
    errno.EACCES: "You may not write there. Choose another folder.",
    errno.EPERM: "You may not write there. Choose another folder.",
    errno.EROFS: "That disk is read-only. Choose another folder.",
    errno.ENOENT: "The folder does not exist. Create it or choose another one.",
    errno.ENOTDIR: "A part of the path is a file, not a folder. Choose another folder.",
    errno.EISDIR: "There is a folder of that name. Choose another file name.",
    errno.ENAMETOOLONG: "The name is too long. Choose a shorter one.",
}


def write_error(path: Path, error: OSError) -> StudioError:
    """The error to show when `path` could not be written."""
    hint = _HINTS.get(error.errno or 0, "Check the disk, or save to another place.")
    return StudioError(f"Could not write {path.name}: {error.strerror or error}.", hint, detail=f"{path}: {error!r}")


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """Give a temporary path beside `path`; when the block ends well, sync it and rename it to `path`.

    On any error the temporary file is removed and `path` is as it was. The temporary name keeps the suffix.
    Raises StudioError in place of OSError.
    """
    if path.is_dir():
        raise write_error(path, IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)))
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem[:40]}-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        _publish(temporary, path)
        temporary = None
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _publish(temporary: Path, path: Path) -> None:
    """Sync file and folder, and give the file the permissions that a plain `open` would have given."""
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    umask = os.umask(0)
    os.umask(umask)
    temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~umask)
    os.replace(temporary, path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` atomically; the last moment to cancel is before the rename. Raises StudioError."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)
        report(1.0)
