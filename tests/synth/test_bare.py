"""The practice world runs where only numpy, Pillow and OpenCV are installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.contracts.import_graph import all_imports, module_files

ROOT = Path(__file__).resolve().parent.parent.parent
ALLOWED = {"numpy", "PIL", "cv2", "studio"} | set(sys.stdlib_module_names)


def test_only_bare_libraries_are_named() -> None:
    ours = [found for found in all_imports(ROOT, ("studio",)) if found.importer.startswith("studio.synth")]
    assert ours
    assert [str(found) for found in ours if found.target.split(".")[0] not in ALLOWED] == []


def test_of_ours_only_values_of_core_are_named() -> None:
    values = {f"studio.core.{name}" for name in ("document", "errors", "geometry", "layers", "pixels")}
    ours = [found for found in all_imports(ROOT, ("studio",)) if found.importer.startswith("studio.synth")]
    wrong = [str(f) for f in ours if f.target.startswith("studio.") and not f.target.startswith("studio.synth")]
    assert [text for text in wrong if text.rsplit(" ", 1)[1] not in values] == []


def test_importing_it_loads_nothing_else() -> None:
    modules = [name for name in module_files(ROOT, ("studio",)) if name.startswith("studio.synth")]
    heavy = ("scipy", "numba", "torch", "PySide6", "pydantic", "psd_tools", "psygnal")
    load = f"import sys, importlib; [importlib.import_module(name) for name in {modules}]"
    code = f"{load}; print({set(heavy)} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
