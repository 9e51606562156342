"""Which torch a machine gets, shown with real pip and wheels that are called torch and hold nothing."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from installation import torch_build
from installation.report import Stop

LOCK = "torch==2.13.0\n"


def write_wheel(folder: Path, version: str, requires: str = "") -> None:
    """A wheel of no content that pip takes for torch."""
    info = f"torch-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n"
    with zipfile.ZipFile(folder / f"torch-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{info}/METADATA", metadata + (f"Requires-Dist: {requires}\n" if requires else ""))
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that pip is set up to look in, and nowhere else."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, value in {"PIP_FIND_LINKS": str(folder), "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(torch_build, "has_nvidia_card", lambda: False)
    return folder


@pytest.fixture
def install(tmp_path: Path) -> tuple[Path, list[str], Path]:
    """An empty environment, the way to pip-install into it, and a lock that names torch."""
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = venv / "bin" / "python"
    constraints = tmp_path / "constraints.txt"
    constraints.write_text(LOCK)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--disable-pip-version-check"]
    return python, pip, constraints


def installed(python: Path) -> str:
    code = "import importlib.metadata as m; print([d.version for d in m.distributions() if d.name == 'torch'])"
    return subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_takes_the_cpu_build_that_pip_knows_once(
    wheels: Path, install: tuple[Path, list[str], Path], capfd: pytest.CaptureFixture[str]
) -> None:
    write_wheel(wheels, "2.13.0", requires="nvidia-cublas")
    write_wheel(wheels, "2.13.0+cpu")
    torch_build.install(*install)
    assert installed(install[0]) == "['2.13.0+cpu']"
    capfd.readouterr()
    torch_build.install(*install)
    assert capfd.readouterr().out == "", "an installed torch is left alone"


def test_takes_a_local_wheel_without_cuda(wheels: Path, install: tuple[Path, list[str], Path]) -> None:
    write_wheel(wheels, "2.13.0")
    torch_build.install(*install)
    assert installed(install[0]) == "['2.13.0']"


def test_stops_when_there_is_none(
    wheels: Path, install: tuple[Path, list[str], Path], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Stop, match="could not be installed from anywhere"):
        torch_build.install(*install)
    said = capfd.readouterr().out
    assert torch_build.CUDA_SIZE in said, "the size is stated before the large build is taken"
    assert installed(install[0]) == "[]"


def test_a_card_or_another_system_takes_what_the_index_has() -> None:
    assert [s.arguments for s in torch_build.sources("2.13.0", "linux", has_card=True)] == [("torch==2.13.0",)]
    assert [s.arguments for s in torch_build.sources("2.13.0", "darwin", has_card=False)] == [("torch==2.13.0",)]


def test_without_a_card_the_cpu_index_comes_before_the_cuda_build() -> None:
    arguments = [source.arguments for source in torch_build.sources("2.13.0", "linux", has_card=False)]
    assert arguments[-1] == ("torch==2.13.0",)
    assert torch_build.CPU_INDEX in arguments[-2]
    assert all("torch==2.13.0+cpu" in line or "--no-index" in line for line in arguments[:-1])
