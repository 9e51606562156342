"""The installer: what it finds missing, what it leaves alone, and how it gets pip where there is none."""

from __future__ import annotations

import ast
import ensurepip
import functools
import hashlib
import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from installation import environment, system_packages
from installation.pip_wheel import download_pip
from installation.report import Stop, child_environment
from installation.system_packages import Apt

ROOT = Path(__file__).resolve().parent.parent.parent


def test_an_old_python_can_read_the_script_far_enough_to_say_what_it_needs() -> None:
    text = (ROOT / "packaging" / "bootstrap.py").read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 7))
    plain = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    assert plain <= set(sys.stdlib_module_names)


def test_the_two_commands_are_what_readme_and_ci_say() -> None:
    assert "python3 packaging/bootstrap.py test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("demo", "test"):
        assert f"python3 packaging/bootstrap.py {command}" in readme
        asked = subprocess.run(
            [sys.executable, str(ROOT / "packaging" / "bootstrap.py"), command, "--help"],
            capture_output=True,
            check=False,
        )
        assert asked.returncode == 0


def test_a_missing_library_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(system_packages, "QT_LIBRARIES", {"libnothing-of-the-kind.so.7": "libnothing7"})
    system_packages.ensure_libraries(Apt((), allowed=False))
    said = capsys.readouterr().out
    assert "libnothing-of-the-kind.so.7" in said
    assert "sudo apt-get install -y --no-install-recommends libnothing7" in said


def test_other_systems_get_their_own_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(system_packages, "QT_LIBRARIES", {"libnothing-of-the-kind.so.7": "libnothing7"})
    system_packages.ensure_libraries(None)
    said = capsys.readouterr().out
    assert "dnf install" in said
    assert "pacman -S" in said
    assert "apt-get" not in said


def test_children_do_not_inherit_another_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "wheels")
    inherited = child_environment(EXTRA="yes")
    assert {"PYTHONPATH", "PIP_USER"} & inherited.keys() == set()
    assert (inherited["PIP_FIND_LINKS"], inherited["EXTRA"]) == ("wheels", "yes")


class TestTheStamp:
    """A second run asks neither apt nor pip, and says so."""

    @pytest.fixture
    def checkout_copy(self, tmp_path: Path) -> Path:
        """A checkout in a folder with a space, whose `.venv` is stamped as complete."""
        root = tmp_path / "my checkout"
        (root / "packaging").mkdir(parents=True)
        (root / "pyproject.toml").write_text("[project]\n")
        (root / "packaging" / "constraints.txt").write_text("torch==2.13.0\n")
        python = environment.venv_python(root / ".venv")
        python.parent.mkdir(parents=True)
        python.write_text("")
        stamp = {"key": environment.installation_key(root), "extras": "dev models", "root": str(root)}
        (root / ".venv" / environment.STAMP_NAME).write_text(json.dumps(stamp))
        return root

    def test_is_enough_for_a_second_run(self, checkout_copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
        python = environment.ensure(checkout_copy, frozenset({"models"}), None)
        assert python == environment.venv_python(checkout_copy / ".venv")
        assert "up to date" in capsys.readouterr().out

    @pytest.mark.parametrize("name", ["pyproject.toml", "packaging/constraints.txt"])
    def test_changes_with_what_it_depends_on(self, checkout_copy: Path, name: str) -> None:
        before = environment.installation_key(checkout_copy)
        (checkout_copy / name).write_text("changed\n")
        assert environment.installation_key(checkout_copy) != before


class TestPipFromTheIndex:
    """A Python with neither venv nor pip fetches pip's wheel; served here by an index on this machine."""

    @pytest.fixture
    def wheel(self) -> Path:
        bundled = sorted((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))
        if not bundled:
            pytest.skip("this Python bundles no pip wheel to serve")
        return bundled[-1]

    @pytest.fixture
    def index(self, tmp_path: Path, wheel: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        """Folder of an HTML index that lists pip's bundled wheel and an older one; yields pip's page."""
        page = tmp_path / "simple" / "pip" / "index.html"
        page.parent.mkdir(parents=True)
        (page.parent / wheel.name).write_bytes(wheel.read_bytes())
        sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
        page.write_text(
            f'<a href="{wheel.name}#sha256={sha256}">{wheel.name}</a>'
            f'<a href="pip-9.0.3-py3-none-any.whl#sha256={"0" * 64}">pip-9.0.3-py3-none-any.whl</a>'
        )
        handler = functools.partial(_QuietFiles, directory=str(tmp_path))
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
            monkeypatch.setenv("no_proxy", "127.0.0.1")
            yield page
            server.shutdown()
            thread.join()

    def test_the_newest_wheel_arrives_and_runs(self, index: Path, tmp_path: Path, wheel: Path) -> None:
        fetched = download_pip(tmp_path)
        assert fetched.name == wheel.name
        asked = subprocess.run(
            [sys.executable, "-S", str(fetched / "pip"), "--version"], capture_output=True, text=True, check=False
        )
        assert asked.stdout.startswith("pip ")

    def test_a_damaged_wheel_is_refused(self, index: Path, tmp_path: Path, wheel: Path) -> None:
        (index.parent / wheel.name).write_bytes(wheel.read_bytes()[:-1])
        with pytest.raises(Stop, match="damaged"):
            download_pip(tmp_path)

    def test_an_index_without_pip_says_what_to_install(self, index: Path, tmp_path: Path) -> None:
        index.write_text("<html></html>")
        with pytest.raises(Stop, match="python3-venv"):
            download_pip(tmp_path)


class _QuietFiles(http.server.SimpleHTTPRequestHandler):
    """Serves a folder without a line per request."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
