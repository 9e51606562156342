"""The checkout's `.venv`: made, filled, and left alone when it is already right."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from installation import torch_build
from installation.pip_wheel import download_pip
from installation.report import Stop, ask, run, say
from installation.system_packages import Apt

STAMP_NAME = "lamina-installed.json"
NOT_LOCKED = {"pip", "setuptools", "wheel", "lamina-studio"}
VIRTUALENV = "virtualenv==21.15.8"
# pip shows its bars to a person and keeps quiet in a log.
PIP_INSTALL = ["install", "--disable-pip-version-check", "--no-input", *([] if sys.stdout.isatty() else ["--quiet"])]


def ensure(root: Path, extras: frozenset[str], apt: Apt | None) -> Path:
    """Bring `.venv` to what pyproject.toml asks for with these extras; returns its Python.

    Raises:
        Stop: no environment can be made, or a package cannot be installed.
    """
    venv = root / ".venv"
    python = venv_python(venv)
    stamp = _read_stamp(venv)
    had = frozenset(stamp.get("extras", "").split()) if stamp.get("root") == str(root) else frozenset[str]()
    if stamp.get("key") == installation_key(root) and extras <= had and python.is_file():
        say(f"environment: up to date in {venv}")
        return python
    if not _is_ours(venv):
        _create(venv, apt)
        had = frozenset()
    _fill(root, python, sorted(extras | had))
    stamp = {"key": installation_key(root), "extras": " ".join(sorted(extras | had)), "root": str(root)}
    (venv / STAMP_NAME).write_text(json.dumps(stamp), encoding="utf-8")
    return python


def venv_python(venv: Path) -> Path:
    """The Python inside an environment."""
    return venv / "Scripts" / "python.exe" if sys.platform == "win32" else venv / "bin" / "python"


def write_lock(root: Path) -> None:
    """Write the exact versions in `.venv` to packaging/constraints.txt.

    Raises:
        Stop: there is no environment to read.
    """
    python = venv_python(root / ".venv")
    answered, listing, _ = ask([str(python), "-m", "pip", "list", "--format=json", "--disable-pip-version-check"])
    if not answered:
        raise Stop("There is no environment to read: run `python3 packaging/bootstrap.py test` first.")
    versions = {re.sub(r"[-_.]+", "-", item["name"]).lower(): item["version"] for item in json.loads(listing)}
    lines = [f"{name}=={versions[name].split('+')[0]}" for name in sorted(versions.keys() - NOT_LOCKED)]
    target = root / "packaging" / "constraints.txt"
    comments = [line for line in target.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    target.write_text("\n".join([*comments, *lines]) + "\n", encoding="utf-8")
    say(f"{len(lines)} versions written to {target}")


def installation_key(root: Path) -> str:
    """What the installation depends on: our two lists and this Python."""
    digest = hashlib.sha256(f"{sys.version}\0{sys.base_prefix}".encode())
    for name in ("pyproject.toml", "packaging/constraints.txt"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def _read_stamp(venv: Path) -> dict[str, str]:
    try:
        return json.loads((venv / STAMP_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _is_ours(venv: Path) -> bool:
    """True when `.venv` runs, has pip and our Python version, and was made for this very folder."""
    version = sys.version_info[:2]
    code = f"import sys, pip; print(sys.prefix if sys.version_info[:2] == {version} else '')"
    answered, prefix, _ = ask([str(venv_python(venv)), "-c", code])
    return answered and prefix != "" and Path(prefix).resolve() == venv.resolve()


def _create(venv: Path, apt: Apt | None) -> None:
    """Make a new environment with pip in it: by venv where this Python has it, else by virtualenv."""
    say(f"environment: making {venv} with Python {sys.version.split()[0]}")
    if not _has_venv() and apt is not None and Path(sys.base_prefix) == Path("/usr"):
        apt.install([f"python{sys.version_info.major}.{sys.version_info.minor}-venv"])
        importlib.invalidate_caches()
    if _has_venv() and run([sys.executable, "-m", "venv", "--clear", str(venv)]):
        return
    say("this Python cannot make an environment by itself: fetching virtualenv")
    shutil.rmtree(venv, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="lamina-bootstrap-") as folder:
        _create_by_virtualenv(venv, Path(folder))


def _has_venv() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))


def _create_by_virtualenv(venv: Path, folder: Path) -> None:
    """Fetch virtualenv into a temporary folder with any pip there is, and make the environment with it."""
    pip = [sys.executable, "-m", "pip"]
    if not ask([*pip, "--version"])[0]:
        pip = [sys.executable, str(download_pip(folder) / "pip")]
    site = folder / "site"
    fetched = run([*pip, *PIP_INSTALL, "--target", str(site), VIRTUALENV], PIP_ROOT_USER_ACTION="ignore")
    make = [sys.executable, "-m", "virtualenv", "--quiet", "--app-data", str(folder / "data"), str(venv)]
    if not (fetched and run(make, PYTHONPATH=str(site))):
        raise Stop(
            f"No environment could be made in {venv}; the lines above say why.\n"
            "Install venv with the system's package manager (Debian: python3-venv), then run this again."
        )


def _fill(root: Path, python: Path, extras: list[str]) -> None:
    """Install torch, then this checkout in place, all at the locked versions."""
    started = time.monotonic()
    pip_install = [str(python), "-m", "pip", *PIP_INSTALL]
    constraints = root / "packaging" / "constraints.txt"
    say(f"packages: installing Lamina Studio with {' and '.join(extras)}; the first time this takes minutes")
    torch_build.install(python, pip_install, constraints)
    if not run([*pip_install, "-c", str(constraints), "-e", f".[{','.join(extras)}]"], cwd=root):
        raise Stop(
            "The packages could not be installed; pip's lines above say why.\n"
            "Check the network connection and the free disk space (3 GB), then run this again: it goes on where it was."
        )
    say(f"packages: installed in {time.monotonic() - started:.0f} s")
