"""Presets on disk: kept, found again, brought up to date, and a broken file set aside."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from studio.core.errors import StudioError, UsageError
from studio.plugin_api.interactions import Box, Candidate, Candidates, Region
from studio.ui.forms.presets import Presets
from tests.plugins.demo_interactions.params import Look, Params


def test_come_back_with_every_kind_of_value(tmp_path: Path) -> None:
    params = Params(
        prompt="夜の港\n“quoted”",
        strength=0.25,
        regions=(Region(box=Box(1, 2, 3, 4), label="空"),),
        place=Candidates(places=(Candidate(box=Box(0, 0, 2, 2), score=0.5),)),  # chosen is None, which TOML lacks
        look=Look.NOISY,
    )
    Presets(tmp_path, "demo").save("夜", params, "classical", 12)
    again = Presets(tmp_path, "demo")
    assert again.names() == ["夜"]
    assert again["夜"].read(Params) == params
    assert (again["夜"].engine, again["夜"].steps) == ("classical", 12)
    assert Presets(tmp_path, "another").names() == []
    assert tomllib.loads(again.path.read_text(encoding="utf-8"))["presets"]["夜"]["params"]["version"] == 2


def test_are_replaced_and_deleted(tmp_path: Path) -> None:
    presets = Presets(tmp_path, "demo")
    presets.save("b", Params(strength=0.1))
    presets.save("A", Params())
    presets.save("b", Params(strength=0.9))
    assert presets.names() == ["A", "b"]
    assert presets["b"].read(Params).strength == 0.9
    presets.delete("A")
    assert Presets(tmp_path, "demo").names() == ["b"]


def test_an_older_one_goes_through_the_class(tmp_path: Path) -> None:
    (tmp_path / "demo.toml").write_text("version = 1\n[presets.old.params]\nversion = 1\namount = 0.125\n")
    assert Presets(tmp_path, "demo")["old"].read(Params).strength == 0.125


def test_one_that_does_not_fit_is_told(tmp_path: Path) -> None:
    (tmp_path / "demo.toml").write_text("version = 1\n[presets.old.params]\nversion = 9\n")
    with pytest.raises(UsageError, match="newer version"):
        Presets(tmp_path, "demo")["old"].read(Params)


@pytest.mark.parametrize("broken", ["presets = ", "version = 7\n", 'version = 1\npresets = "x"', "\x00"])
def test_a_broken_file_is_set_aside(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "demo.toml"
    path.write_text(broken)
    presets = Presets(tmp_path, "demo")
    assert presets.names() == []
    assert presets.problem is not None
    assert (tmp_path / "demo.toml.broken").read_text() == broken
    presets.save("new", Params())
    assert Presets(tmp_path, "demo").names() == ["new"]


def test_a_folder_that_cannot_be_written_is_told_and_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    presets = Presets(tmp_path / "file", "demo")
    with pytest.raises(StudioError, match="could not be kept"):
        presets.save("x", Params())
    assert presets.names() == []
