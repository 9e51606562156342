"""Killed processes, full disks and read-only folders: edits known to be on disk are there, and the file is sound."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.io.project import Project, Timeline, check, read, write
from tests.io.project_editor import after
from tests.support.documents import random_document

posix = pytest.mark.skipif(os.name != "posix", reason="uses signals and resource limits of POSIX")


@contextmanager
def editor(checkout: Path, path: Path, *arguments: str) -> Generator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.io.project_editor", str(path), *arguments]
    with subprocess.Popen(command, cwd=checkout, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def last(lines: list[str], word: str) -> int:
    return max((int(line.split()[1]) for line in lines if line.startswith(f"{word} ")), default=-1)


def kill_while_editing(checkout: Path, path: Path, delay_s: float) -> tuple[int, int]:
    """The last edit known to be durable, and the last handed over, when the process was killed."""
    lines: list[str] = []
    with editor(checkout, path) as process:
        assert process.stdout is not None
        lines.append(process.stdout.readline())
        timer = threading.Timer(delay_s, lambda: process.send_signal(signal.SIGKILL))
        timer.start()
        lines += process.stdout.readlines()
        timer.join()
    whole = [line for line in lines if line.endswith("\n")]
    return last(whole, "durable"), last(whole, "recorded")


def assert_sound_after(path: Path, durable: int, recorded: int) -> None:
    with Project.open(path) as project:  # rolls back what was half written
        document = project.document()
        number = int(document.ppi) - 1000
        assert durable <= number <= recorded + 1
        assert document == after(number)
        timeline = project.timeline()
        assert timeline.document == document
        if timeline.cursor > 0:
            assert timeline.steps[timeline.cursor - 1].document == after(number - 1)
    assert check(path) == []
    assert {file.name for file in path.parent.iterdir()} == {path.name}


@posix
@pytest.mark.parametrize("seed", range(3))
def test_a_kill_loses_at_most_edits_not_yet_written(tmp_path: Path, checkout: Path, seed: int) -> None:
    path = tmp_path / "work.lamina"
    durable, recorded = kill_while_editing(checkout, path, random.Random(seed).uniform(0.05, 0.6))
    assert_sound_after(path, durable, recorded)


@posix
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_many_kills(tmp_path: Path, checkout: Path, seed: int) -> None:
    path = tmp_path / "work.lamina"
    durable, recorded = kill_while_editing(checkout, path, random.Random(1000 + seed).uniform(0.0, 1.5))
    assert_sound_after(path, durable, recorded)


@posix
def test_reading_alone_undoes_a_half_written_commit(tmp_path: Path, checkout: Path) -> None:
    path = tmp_path / "work.lamina"
    durable, recorded = kill_while_editing(checkout, path, 0.2)
    number = int(read(path).document.ppi) - 1000
    assert durable <= number <= recorded + 1


@posix
def test_a_full_disk_is_told_and_the_file_stays_sound(tmp_path: Path, checkout: Path) -> None:
    path = tmp_path / "work.lamina"
    with editor(checkout, path, str(6_000_000)) as process:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 1
    lines = output.splitlines()
    assert lines[-1].startswith("error Could not save work.lamina:")
    assert_sound_after(path, last(lines, "durable"), last(lines, "recorded"))


@posix
def test_writing_afresh_to_a_full_disk_leaves_no_part(tmp_path: Path, checkout: Path) -> None:
    path = tmp_path / "work.lamina"
    with editor(checkout, path, str(100_000)) as process:
        output, _ = process.communicate(timeout=120)
    assert output.startswith("error Could not write work.lamina:")
    assert list(tmp_path.iterdir()) == []


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_small_disk_that_is_really_full(tmp_path: Path, checkout: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=5m", "none", disk], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("no small disk can be mounted here")
    try:
        with editor(checkout, disk / "work.lamina") as process:
            output, _ = process.communicate(timeout=120)
        lines = output.splitlines()
        assert "the disk is full" in lines[-1]
        assert_sound_after(disk / "work.lamina", last(lines, "durable"), last(lines, "recorded"))
        before = (disk / "work.lamina").read_bytes()
        with pytest.raises(StudioError, match=r"full|write"):
            write(after(1), disk / "more.lamina")
        assert {file.name for file in disk.iterdir()} == {"work.lamina"}
        assert (disk / "work.lamina").read_bytes() == before
    finally:
        subprocess.run(["umount", disk], check=True)


@posix
def test_a_read_only_folder_opens_for_reading(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    with read_only_after(folder, lambda: write(random_document(3), folder / "work.lamina")):
        assert read(folder / "work.lamina").document == random_document(3)
        with Project.open(folder / "work.lamina") as project:
            assert project.is_read_only
            assert project.document() == random_document(3)
            with pytest.raises(StudioError, match="open for reading only"):
                project.record(Timeline.of(random_document(4)))
        with pytest.raises(StudioError, match="Could not write"):
            write(random_document(4), folder / "other.lamina")
        assert [file.name for file in folder.iterdir()] == ["work.lamina"]


@contextmanager
def read_only_after(folder: Path, fill: Callable[[], object]) -> Generator[None]:
    """The folder is read-only inside: by its mode for a user, as a read-only disk for root, whom modes do not stop."""
    if os.geteuid() != 0:
        fill()
        folder.chmod(0o555)
        try:
            yield
        finally:
            folder.chmod(0o755)
        return
    if subprocess.run(["mount", "-t", "tmpfs", "none", folder], capture_output=True, check=False).returncode != 0:
        pytest.skip("root can write everywhere, and no disk can be mounted here")
    try:
        fill()
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)
