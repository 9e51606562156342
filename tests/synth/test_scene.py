from __future__ import annotations

import json
from dataclasses import replace

import pytest

from studio.core.errors import FileFormatError, UsageError
from studio.synth.design import design_from_json, design_to_json, generate_design
from studio.synth.scene import View, from_json, to_json
from studio.synth.vocabulary import ObjectClass
from tests.synth.worlds import two_trees, varied_scenes


def test_json_returns_the_same_scene() -> None:
    for scene in varied_scenes():
        shifted = replace(scene, view=View(x=0.125, y=-0.1, zoom=1.5), aspect=1.6)
        assert from_json(to_json(scene)) == scene
        assert from_json(to_json(shifted)) == shifted


def test_json_returns_the_same_design() -> None:
    for seed in range(12):
        design = generate_design(seed)
        assert design_from_json(design_to_json(design)) == design


def _changed(**fields: object) -> str:
    return json.dumps(json.loads(to_json(two_trees())) | fields)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"version": 1}',
        "[" * 100_000,
        _changed(version=2),
        _changed(aspect="wide"),
        _changed(aspect=True),
        _changed(seed=1.5),
        _changed(extra=1),
        _changed(instances={}),
        _changed(backdrop={"biome": "moon base"}),
        to_json(two_trees()).replace('"tree"', '"dragon"', 1),
        to_json(two_trees()).replace('"rgb": [', '"rgb": [1, ', 1),
    ],
)
def test_text_that_is_no_scene_is_refused(text: str) -> None:
    with pytest.raises(FileFormatError):
        from_json(text)


def test_other_version_is_named() -> None:
    with pytest.raises(FileFormatError, match="format version 7"):
        from_json(_changed(version=7))


def test_missing_object_is_named() -> None:
    with pytest.raises(UsageError, match="no object 9") as caught:
        two_trees().instance(9)
    assert "1 (green tree), 2 (red tree)" in caught.value.hint


def test_without_leaves_the_others_alone() -> None:
    scene = two_trees()
    assert scene.without(1).instances == (scene.instances[1],)
    assert scene.without(3) == scene


def test_instances_are_ordered_by_depth() -> None:
    scene = two_trees()
    assert scene.with_instances(scene.instances[::-1]) == scene


def test_labels_are_stable() -> None:
    assert [kind.label for kind in ObjectClass] == list(range(1, 21))
    assert ObjectClass.HOUSE.label == 1
    assert ObjectClass.LAMP.label == 20
