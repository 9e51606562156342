"""Training runs where torch and its companions are installed and nothing of the desktop program is."""

from __future__ import annotations

import subprocess
import sys

from tests.contracts.import_graph import all_imports, module_files
from tests.synth.test_bare import ROOT

COMPANIONS = {"torch", "diffusers", "transformers", "accelerate", "safetensors", "numpy", "PIL", "cv2", "tokenizers"}
ALLOWED = COMPANIONS | {"studio"} | set(sys.stdlib_module_names)
DESKTOP = {"pydantic", "platformdirs", "numba", "PySide6", "psd_tools", "psygnal", "pymatting"}
LOAD = (
    "import importlib, sys; [importlib.import_module(name) for name in {modules}]; print({desktop} & set(sys.modules))"
)


def test_only_the_companions_of_torch_are_named() -> None:
    ours = [found for found in all_imports(ROOT, ("studio",)) if found.importer.startswith("studio.training")]
    assert ours
    assert [str(found) for found in ours if found.target.split(".")[0] not in ALLOWED] == []


def test_loading_it_loads_nothing_of_the_desktop_program() -> None:
    modules = [name for name in module_files(ROOT, ("studio",)) if name.startswith("studio.training")]
    code = LOAD.format(modules=modules, desktop=DESKTOP)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_its_command_explains_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "studio.training", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "--minutes" in done.stdout
    assert "vae16" in done.stdout
