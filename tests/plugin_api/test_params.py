"""Plugin parameters: specification, JSON round trip, limits and migration."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

import pytest

from studio.core.errors import UsageError
from studio.plugin_api import interactions as i
from studio.plugin_api import params as p
from studio.plugin_api.testing import check_params


class Look(StrEnum):
    SOFT = "soft"
    HARD = "hard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    version: ClassVar[int] = 2
    strength: float = p.number(0.7, 0, 1, label="Strength", help="How far the result may go.")
    rounds: int = p.integer(3, 1, 9, label="Rounds", help="How often.", unit="times")
    look: Look = p.choice(Look.SOFT, label="Look", help="Soft or hard.")
    prompt: str = p.text("", label="Prompt", help="What to draw.")
    tidy: bool = p.switch(True, label="Tidy", help="Clean up afterwards.")
    objects: p.Picks = p.picks(label="Objects", help="What to take.")

    @staticmethod
    def migrate(told: Mapping[str, object], from_version: int) -> Mapping[str, object]:
        return {("strength" if key == "amount" else key): value for key, value in told.items()}


def test_specs_follow_the_fields() -> None:
    assert [spec.name for spec in p.specs(Params)] == ["strength", "rounds", "look", "prompt", "tidy", "objects"]
    strength, _, look = p.specs(Params)[:3]
    assert (strength.minimum, strength.maximum, strength.default) == (0, 1, 0.7)
    assert look.choices == ("soft", "hard")


def test_json_gives_back_the_same_value() -> None:
    params = Params(
        strength=0.25,
        look=Look.HARD,
        objects=(p.BoxPick(x=1, y=2, width=3, height=4), p.MaskPick(array="m"), p.PointPick(x=5, y=6, name="猫")),
    )

    assert p.from_json(Params, json.loads(p.to_json(params))) == params


def test_an_older_version_is_migrated() -> None:
    assert p.from_json(Params, {"version": 1, "amount": 0.1}).strength == 0.1


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ({"strength": 1.5}, ["strength", "0 to 1"]),
        ({"strength": math.nan}, ["strength"]),
        ({"rounds": 0}, ["rounds", "1 to 9 times"]),
        ({"look": "loud"}, ["look", "soft, hard"]),
        ({"objects": [{"kind": "circle"}]}, ["objects"]),
        ({"colour": 1}, ["colour"]),
        ({"version": 3}, ["newer version"]),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(told: dict[str, object], names: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        p.from_json(Params, told)
    for name in names:
        assert name in caught.value.message + caught.value.hint


def test_the_schema_has_limits_and_labels() -> None:
    properties = p.json_schema(Params)["properties"]
    assert isinstance(properties, dict)
    assert properties["strength"]["maximum"] == 1
    assert properties["rounds"]["title"] == "Rounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A parameter of each kind that the first class lacks."""

    version: ClassVar[int] = 1
    words: str = p.prompt(label="Words", help="What to draw.")
    canvas: p.PixelSize = p.size(p.PixelSize(64, 64), 16, 512, step=8, label="Size", help="How large.")
    stamp: p.PictureFile = p.picture_file(label="Stamp", help="A picture.")
    base: p.LayerRef = p.layer("pixels", label="Base", help="A layer.")
    boxes: i.Regions = p.regions(label="Boxes", help="Where.")
    cast: i.ObjectList = p.objects(label="Cast", help="Who.")
    moves: i.Operations = p.operations(label="Moves", help="What happens.")
    place: i.Candidates = p.places(label="Place", help="Which.")
    story: i.Scenes = p.scenes(maximum=32, label="Story", help="When.")

    def check(self) -> Mapping[str, str]:
        return {} if self.words else {"words": "Say what to draw."}


def test_drawings_survive_json() -> None:
    params = Drawn(
        words="猫\nand a boat",
        canvas=p.PixelSize(128, 64),
        stamp="a/b.png",
        base="layer",
        boxes=(i.Region(box=i.Box(1, 2, 3, 4), label="空"),),
        cast=(i.ObjectEntry(box=i.Box(-1, 0, 5, 5), phrase="cat", color="#ff0011", layer="x"),),
        moves=(i.Operation(layer="x", source=i.Box(0, 0, 2, 2), target=i.Box(4, 4, 2, 2), kind=i.OperationKind.FLIP),),
        place=i.Candidates(places=(i.Candidate(box=i.Box(0, 0, 1, 1), score=0.5),), chosen=0),
        story=(i.SceneCard(caption="夜", frames=4),),
    )
    assert p.from_json(Drawn, json.loads(p.to_json(params))) == params
    assert p.from_json(Drawn, json.loads(p.to_json(Drawn()))) == Drawn()


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ({"canvas": {"width": 8, "height": 64}}, ["canvas", "16 to 512 px for each side", "multiples of 8"]),
        ({"canvas": {"width": 65, "height": 64}}, ["canvas", "65 x 64"]),
        ({"boxes": [{"box": {"x": 0, "y": 0, "width": 0, "height": 4}}]}, ["boxes", "number 1"]),
        ({"cast": [{"box": {"x": 0, "y": 0, "width": 1, "height": 4}, "color": "red"}]}, ["cast", "#rrggbb"]),
        ({"place": {"chosen": 2}}, ["place", "not there"]),
        ({"story": [{"caption": "", "frames": 33}]}, ["story", "33 frames", "1 to 32"]),
        ({"moves": [{"layer": "a", "kind": "explode"}]}, ["moves"]),
    ],
)
def test_a_wrong_drawing_is_named(told: dict[str, object], names: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        p.from_json(Drawn, told)
    for name in names:
        assert name in caught.value.message + caught.value.hint


def test_a_class_says_what_is_missing_and_its_defaults_are_still_allowed() -> None:
    assert p.from_json(Drawn, {}) == Drawn()
    assert p.problems(Drawn()) == {"words": "Say what to draw."}
    assert p.problems(Drawn(words="a boat")) == {}
    wrong = Drawn(words="a boat", canvas=p.PixelSize(7, 7))
    assert list(p.problems(wrong)) == ["canvas"]


def test_the_schema_tells_kinds_and_limits_of_drawings() -> None:
    properties = p.json_schema(Drawn)["properties"]
    assert isinstance(properties, dict)
    assert properties["cast"]["x-kind"] == "objects"
    assert properties["story"]["x-limits"] == {"minimum": 1, "maximum": 32, "step": 1}
    assert "minimum" not in properties["story"]


def test_the_kit_finds_a_check_that_names_no_parameter() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Wrong(Drawn):
        def check(self) -> Mapping[str, str]:
            return {"wrods": "Say what to draw."}

    check_params(Drawn)
    with pytest.raises(AssertionError, match="wrods"):
        check_params(Wrong)
