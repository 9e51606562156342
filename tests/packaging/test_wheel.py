"""A wheel built from this checkout, installed elsewhere, and used from there."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    """The built wheel."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(checkout)]
    subprocess.run(command, check=True, capture_output=True)
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """The Python of an environment that has the wheel and, of this environment, the libraries but not the checkout."""
    venv = tmp_path_factory.mktemp("installed") / "a venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = venv / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, str(wheel)], check=True)
    # A plain path in a .pth file is not searched for further .pth files, so the checkout itself stays out of sight.
    site = venv / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


def use(python: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed program in `folder`, where nothing of the checkout is."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(python), *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_holds_what_the_program_needs_and_no_more(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {"studio/plugins/layer_decomp/plugin.toml", "studio/assets/samples/still_life.jpg"} <= names
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"studio"}
    assert not [name for name in names if "__pycache__" in name]


def test_runs_from_where_it_was_installed(installed: Path, tmp_path: Path) -> None:
    found = use(installed, tmp_path, "-c", "import studio.resources as r; print(r.checkout_root(), r.plugins_dir())")
    assert found.stdout.split()[0] == "None", found.stderr
    assert "a venv" in found.stdout


def test_lists_the_bundled_plugins(installed: Path, tmp_path: Path) -> None:
    listed = use(installed, tmp_path, "-m", "studio", "plugins")
    assert listed.returncode == 0, listed.stderr
    assert "layer_decomp" in listed.stdout


def test_decomposes_a_picture(installed: Path, checkout: Path, tmp_path: Path) -> None:
    with Image.open(checkout / "assets" / "samples" / "still_life.jpg") as photo:
        photo.reduce(4).save(tmp_path / "photo.png")
    with Image.open(checkout / "assets" / "samples" / "still_life_pear.png") as mask:
        mask.resize((300, 200), Image.Resampling.NEAREST).save(tmp_path / "pear.png")
    arguments = ("run", "layer_decomp", "photo.png", "--mask", "pear.png", "-o", "stack.psd", "--quiet")
    done = use(installed, tmp_path, "-m", "studio", *arguments)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "stack.psd").read_bytes()[:4] == b"8BPS"
