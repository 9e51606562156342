"""The tracked tree: its size, and that no text in it names a machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MIB = 2**20
TREE_LIMIT_BYTES = 55 * MIB
MODEL_LIMIT_BYTES = 16 * MIB
MODELS_LIMIT_BYTES = 40 * MIB
TEXT_SUFFIXES = {".py", ".pyi", ".toml", ".md", ".txt", ".json", ".js", ".scm", ".sh", ".yml", ".cfg", ""}
# A home, a work folder, a private registry or a key that only one machine has.
MACHINE = re.compile(
    r"(?<![\w.])/(?:home|root|Users|work|opt)/\w"
    r"|https?://(?:10|192\.168)\.\d|artifactory|BEGIN \w* ?PRIVATE KEY"
)


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Files that git tracks."""
    git = shutil.which("git")
    listing = git and subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if not listing or listing.returncode:
        pytest.skip("not a git checkout, so there is no list of tracked files")
    paths = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def test_size_stays_within_the_budget(tracked: list[Path]) -> None:
    sizes = {path: path.stat().st_size for path in tracked}
    weights = {path: size for path, size in sizes.items() if path.suffix == ".safetensors"}
    assert sum(sizes.values()) <= TREE_LIMIT_BYTES
    assert sum(weights.values()) <= MODELS_LIMIT_BYTES
    assert [str(path) for path, size in weights.items() if size > MODEL_LIMIT_BYTES] == []


def test_no_text_names_a_machine(tracked: list[Path]) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked
        if path.suffix in TEXT_SUFFIXES and path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE.search(line)
    ]
    assert found == []


def test_every_requirement_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = {
        _pin(line)
        for group in groups
        for line in group
        if not line.startswith(("lamina-", "xformers", "ray"))  # extras that a plain machine does not install
    }
    lock = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert sorted(wanted - set(lock)) == []


def _pin(requirement: str) -> str:
    """`Name_x[extra]==1.0; marker` as the lock writes it: `name-x==1.0`."""
    name, version = re.sub(r"\[.*?\]|;.*", "", requirement).strip().split("==")
    return f"{re.sub(r'[-_.]+', '-', name).lower()}=={version}"
