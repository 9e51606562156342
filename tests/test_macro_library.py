"""The folder of macros: any name, no file lost, and each one a recipe that `lamina batch` runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio import recipe
from studio.core.errors import StudioError
from studio.macro_library import LONGEST_NAME, MacroLibrary

STEPS = ({"command": "select_all"}, {"command": "invert_selection"})


@pytest.fixture
def library(tmp_path: Path) -> MacroLibrary:
    return MacroLibrary(tmp_path / "macros")


@pytest.mark.parametrize(
    "name", ["Ink", "線画", 'a/b: 50 % \\ "x"?', ".hidden", " space", "tab\tand\nline", "CON.json"]
)
def test_any_name_is_kept(library: MacroLibrary, name: str) -> None:
    assert library.names() == []
    library.save(name, STEPS)
    assert library.names() == [name]
    assert library.steps(name) == STEPS
    assert recipe.load(library.path(name)).save[0].file == "{stem}.lamina"
    library.rename(name, "Other")
    assert library.names() == ["Other"]
    library.delete("Other")
    assert library.names() == []


def test_names_that_cannot_be_used_are_refused(library: MacroLibrary) -> None:
    library.save("One", STEPS)
    library.save("Two", STEPS[:1])
    for name in ("", "   ", "x" * (LONGEST_NAME + 1)):
        with pytest.raises(StudioError):
            library.save(name, STEPS)
    with pytest.raises(StudioError, match="already"):
        library.rename("One", "Two")
    library.rename("One", "One")
    assert library.steps("Two") == STEPS[:1]
    assert library.names() == ["One", "Two"]


def test_exported_and_taken_in_again(library: MacroLibrary, tmp_path: Path) -> None:
    library.save("Ink / blue", STEPS)
    target = tmp_path / "Ink.json"
    library.export("Ink / blue", target)
    assert json.loads(target.read_text(encoding="utf-8"))["steps"] == list(STEPS)
    assert [library.add(target) for _ in range(3)] == ["Ink", "Ink 2", "Ink 3"]
    assert library.steps("Ink 3") == STEPS


def test_what_is_no_recipe_is_refused(library: MacroLibrary, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    for told in ("{", '{"version": 1, "steps": [{"command": "no such"}], "save": ["x.png"]}', "[]"):
        broken.write_text(told, encoding="utf-8")
        with pytest.raises(StudioError):
            library.add(broken)
    assert library.names() == []
    with pytest.raises(StudioError):
        library.steps("gone")
    with pytest.raises(StudioError):
        library.export("gone", tmp_path / "gone.json")
    assert not (tmp_path / "gone.json").exists()
