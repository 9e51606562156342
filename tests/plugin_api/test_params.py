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
from studio.plugin_api import params as p


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
