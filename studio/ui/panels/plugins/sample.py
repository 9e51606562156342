"""The panel on a plugin that is not there, with something in every field: for the gallery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from studio.plugin_api.interactions import Box, Candidates, ObjectEntry, ObjectList, Region, Regions, SceneCard, Scenes
from studio.plugin_api.manifest import Manifest
from studio.plugin_api.params import (
    BoxPick,
    LayerRef,
    ParamsClass,
    Picks,
    PictureFile,
    choice,
    integer,
    layer,
    number,
    objects,
    picks,
    picture_file,
    places,
    prompt,
    regions,
    scenes,
    switch,
)
from studio.plugin_host.registry import Plugin, Registry
from studio.session import Session
from studio.ui.panels.plugins.panel import PluginPanel

SAMPLE = "sample"
_LONG = (
    "How far the result may leave the picture. 0 keeps it as it is, 1 lets the model do what it likes; in between it "
    "keeps what is large and changes what is small. Default: 0.5."
)
_MANIFEST = {
    "id": SAMPLE,
    "title": "Every kind of parameter",
    "version": "1.0",
    "api": 1,
    "summary": "Shows what a form is made of.",
    "licence": "Apache-2.0",
    "input": "picture",
    "engines": [
        {
            "id": "tiny",
            "title": "Tiny",
            "kind": "classical",
            "good_at": "Practice scenes. For photos, install a public model.",
            "licence": "Apache-2.0",
            "size_mb": 12,
            "memory_mb": 400,
        }
    ],
    "entry": {"params": "params:Params", "run": "run:run"},
}


class Look(StrEnum):
    SOFT = "soft"
    HARD = "hard_edges"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Something of everything."""

    version: ClassVar[int] = 1
    words: str = prompt(label="Prompt", help="What shall be seen.")
    strength: float = number(0.5, 0, 1, step=0.05, label="Strength", help=_LONG)
    boxes: Regions = regions(label="Regions", help="Where layers shall lie.")
    cast: ObjectList = objects(label="Objects", help="What shall be where.")
    subjects: Picks = picks(label="Subjects", help="What shall be taken.")
    place: Candidates = places(label="Place", help="Where it shall stand.")
    stamp: PictureFile = picture_file(label="Object picture", help="What shall be put there.")
    base: LayerRef = layer(label="Sketch", help="The layer that says where.")
    story: Scenes = scenes(label="Scenes", help="What happens, and how long.")
    tidy: bool = switch(True, label="Tidy up afterwards", help="Trims what is made.")
    look: Look = choice(Look.SOFT, label="Edges", help="How edges look.", advanced=True)
    rounds: int = integer(3, 1, 9, label="Rounds", help="How often.", unit="times", advanced=True)

    def check(self) -> Mapping[str, str]:
        """A file that cannot be there."""
        return {} if self.words else {"words": "Say what shall be seen."}


class _Sample(Plugin):
    @property
    def params_class(self) -> type[ParamsClass]:  # pyright: ignore[reportIncompatibleVariableOverride] - nothing is loaded
        return Params


def sample_panel() -> PluginPanel:
    """The panel with filled fields, one list open and an advanced row changed."""
    plugin = _Sample(Path(), "", Manifest.model_validate(_MANIFEST))
    panel = PluginPanel(Session(Registry([plugin])))
    panel.choose(SAMPLE)
    if panel.form is not None:
        panel.form.set_params(
            Params(
                words="a boat at dawn, 朝の船",
                strength=0.75,
                boxes=(Region(box=Box(0, 0, 900, 300), label="sky"), Region(box=Box(0, 300, 900, 300))),
                cast=(ObjectEntry(box=Box(120, 240, 200, 180), phrase="a very long red boat with a white sail"),),
                subjects=(BoxPick(x=20, y=30, width=200, height=100, name="Mug"),),
                stamp="gone.png",
                story=(SceneCard(caption="dawn", frames=16), SceneCard(caption="", frames=24)),
                rounds=5,
            )
        )
        panel.form["boxes"].field.choose_row(0)  # pyright: ignore[reportAttributeAccessIssue] - a list
    return panel


def chooser() -> PluginPanel:
    """The panel with no plugin chosen."""
    return PluginPanel(Session())
