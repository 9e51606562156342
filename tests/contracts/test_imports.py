"""Who may import whom: the arrows of the program, checked on every import statement in studio/ and plugins/.

An arrow is data here: change `ARROWS` on purpose, in the same commit as the import that needs it.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.contracts.import_graph import Import, all_imports, cycles, module_files

ROOT = Path(__file__).resolve().parent.parent.parent
TOPS = ("studio", "plugins")

# Area -> areas of ours it may import. "plugin:params", "plugin:panel" and "plugin:worker" are the files of a plugin.
_DOCUMENTS = {"core", "resources"}
_SERVICES = _DOCUMENTS | {"io", "plugin_api", "plugin_host", "jobs"}
ARROWS: dict[str, set[str]] = {
    "core": set(),
    "resources": set(),
    "io": _DOCUMENTS | {"plugin_api"},
    "plugin_api": _DOCUMENTS,
    "plugin_host": _DOCUMENTS | {"plugin_api"},
    "jobs": _DOCUMENTS | {"plugin_api", "io"},
    "placing": {"core", "plugin_api"},
    "requests": _SERVICES,
    "outlook": {"core", "plugin_api", "jobs", "placing"},
    "session": _SERVICES | {"worker", "placing", "outlook", "requests"},
    "retouch": {"core", "cutout"},
    "lettering": {"core"},
    "commands": _SERVICES | {"session", "requests", "retouch", "lettering"},
    "documents": _SERVICES | {"session"},
    # What the subcommands of the command line do, one module each.
    "summary": {"core"},
    "contact_sheet": {"core"},
    "benchmarks": _DOCUMENTS | {"plugin_api", "plugin_host"},
    "doctor": _DOCUMENTS | {"io", "plugin_api", "plugin_host"},
    "macros": _SERVICES | {"session", "commands"},
    "recipe": _SERVICES | {"session", "commands"},
    "macro_library": {"core", "io", "commands", "macros", "recipe"},
    "demo": _SERVICES | {"session", "commands", "contact_sheet"},
    "cli": _SERVICES
    | {"session", "commands", "summary", "benchmarks", "doctor", "recipe", "demo", "ui", "synth", "training"},
    "__main__": {"cli", "ui"},
    "worker": _DOCUMENTS | {"plugin_host", "plugin_api", "diffusion", "cutout", "jobs"},
    "diffusion": _DOCUMENTS | {"plugin_api"},
    "cutout": _DOCUMENTS,
    "synth": _DOCUMENTS,
    "training": _DOCUMENTS | {"synth", "diffusion"},
    "ui": _SERVICES
    | {"session", "placing", "requests", "commands", "documents", "retouch", "lettering", "macros", "macro_library"},
    "plugin:params": {"plugin_api", "core"},
    "plugin:panel": {"plugin_api", "core"},
    "plugin:worker": {"plugin_api", "core", "resources", "cutout", "diffusion", "retouch", "synth", "training"},
}
# Heavy third parties -> the only areas that may name them at all, even inside a function.
TORCH = ("torch", "diffusers", "transformers", "accelerate", "xformers", "safetensors", "huggingface_hub")
_TORCH_AREAS = frozenset({"plugin_api", "worker", "diffusion", "synth", "training", "plugin:worker"})
_QT_AREAS = frozenset({"ui", "plugin:panel"})
HEAVY: dict[str, frozenset[str]] = dict.fromkeys(TORCH, _TORCH_AREAS) | {"PySide6": _QT_AREAS}
LIGHT_MODULES = ("studio.core", "studio.io", "studio.jobs", "studio.plugin_api", "studio.plugin_host")


def area(module: str) -> str:
    """The area a module of ours belongs to: its part of studio/, or its kind of plugin file."""
    parts = module.split(".")
    if parts[0] == "plugins":
        return {"params": "plugin:params", "panel": "plugin:panel"}.get(parts[-1], "plugin:worker")
    return parts[1] if len(parts) > 1 else "studio"


@pytest.fixture(scope="module")
def imports() -> list[Import]:
    """Every import of the program."""
    return all_imports(ROOT, TOPS)


def test_every_area_has_its_arrows() -> None:
    areas = {area(module) for module in module_files(ROOT, TOPS)} - {"studio"}
    assert areas <= set(ARROWS), f"add arrows for {sorted(areas - set(ARROWS))}"


def test_package_root_imports_nothing(imports: list[Import]) -> None:
    assert [str(found) for found in imports if found.importer == "studio"] == []


def test_arrows_point_one_way(imports: list[Import]) -> None:
    wrong = [
        str(found)
        for found in imports
        if found.target.split(".")[0] == "studio"
        and found.target != "studio"
        and area(found.target) not in ARROWS.get(area(found.importer), set()) | {area(found.importer)}
    ]
    assert wrong == []


def test_plugins_never_import_each_other(imports: list[Import]) -> None:
    wrong = [
        str(found)
        for found in imports
        if found.target.split(".")[0] == "plugins" and found.target.split(".")[:2] != found.importer.split(".")[:2]
    ]
    assert wrong == []


def test_heavy_libraries_stay_where_they_belong(imports: list[Import]) -> None:
    wrong = [
        str(found)
        for found in imports
        if (allowed := HEAVY.get(found.target.split(".")[0])) is not None and area(found.importer) not in allowed
    ]
    assert wrong == []


def test_no_import_cycles(imports: list[Import]) -> None:
    ours = [found for found in imports if found.target.split(".")[0] in TOPS]
    assert cycles(ours) == []


def test_importing_the_light_side_loads_neither_qt_nor_torch() -> None:
    known = module_files(ROOT, TOPS)
    modules = [name for name in known if name.startswith(LIGHT_MODULES) or name.endswith(".params")]
    assert modules, "no module found: the tree moved and this test no longer looks at it"
    found = _loaded_after_importing(modules)
    assert found == "", f"importing core, io, jobs, plugin_api, plugin_host or a params.py loads {found}"


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert _loaded_after_importing(["studio", "studio.resources"], "numpy", "numba", "cv2", "pymatting") == ""


def test_what_the_window_starts_from_loads_nothing_slow() -> None:
    """The window is to be seen within a second; OpenCV alone would take a good part of that."""
    modules = ["studio.commands", "studio.documents", "studio.session"]
    assert _loaded_after_importing(modules, "numba", "cv2", "scipy", "psd_tools", "pymatting") == ""


def _loaded_after_importing(modules: list[str], *more: str) -> str:
    """Names of heavy libraries that a fresh process has loaded after importing `modules`."""
    code = f"""
        import importlib, sys
        for name in {modules!r}:
            importlib.import_module(name)
        print(*sorted({{*{sorted({*HEAVY, *more})!r}}} & set(sys.modules)), end="")
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


class TestTheGraphReader:
    """The reader itself, on a tree whose imports are known."""

    @pytest.fixture
    def tree(self, tmp_path: Path) -> Path:
        files = {
            "studio/__init__.py": "",
            "studio/core/__init__.py": "from .document import Document\n",
            "studio/core/document.py": "def late():\n    from studio.io import psd\n    return psd\n",
            "studio/io/__init__.py": "",
            "studio/io/psd.py": "from ..core import document\nimport numpy.linalg\n",
        }
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path

    def test_sees_relative_late_and_plain_imports(self, tree: Path) -> None:
        pairs = {(found.importer, found.target) for found in all_imports(tree, TOPS)}
        assert pairs == {
            ("studio.core", "studio.core.document"),
            ("studio.core.document", "studio.io.psd"),
            ("studio.io.psd", "studio.core.document"),
            ("studio.io.psd", "numpy.linalg"),
        }

    def test_sees_the_cycle(self, tree: Path) -> None:
        assert cycles(all_imports(tree, TOPS)) == [["studio.core.document", "studio.io.psd"]]
