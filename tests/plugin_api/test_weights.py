"""The engine entry: what a manifest may say about weights, and that the loader's side understands it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from studio.plugin_api.manifest import EngineInfo, EngineKind, Manifest, load_manifest
from studio.plugin_api.weights import Consent, LocalImport, PlanMemory, WeightFile, Weights
from tests.support.plugins import MANIFEST

DIGEST = "blake2b:" + "0" * 64
ENTRY = """
[[engines]]
id = "full"
title = "Stable Diffusion XL"
kind = "public"
good_at = "Photos."
licence = "Open RAIL++-M"
memory_mb = 9848

[engines.memory]
full = 9848
tiled = 7544
offload = 5213
sequential = 777

[[engines.weights]]
id = "stabilityai/stable-diffusion-xl-base-1.0"
title = "Stable Diffusion XL 1.0"
licence = "Open RAIL++-M"
licence_url = "https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0/blob/main/LICENSE.md"
consent = "notice"
repo = "stabilityai/stable-diffusion-xl-base-1.0"
revision = "462165984030d82259a11f4367a4eed129e94a7b"
size_mb = 6940
imports = ["folder", "file"]
recognised_as = "Stable Diffusion XL"

[[engines.weights.files]]
path = "unet/diffusion_pytorch_model.fp16.safetensors"
size = 5135149760
digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"

[entry]
"""


def weights(**changes: object) -> Weights:
    return Weights.model_validate({"id": "a/b", "title": "B", "licence": "MIT", "repo": "a/b"} | changes)


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    text = MANIFEST.format(id="square", api=1).replace("[entry]", ENTRY.strip(), 1)
    (tmp_path / "plugin.toml").write_text(text)
    return load_manifest(tmp_path)


def test_a_manifest_carries_the_whole_entry(manifest: Manifest) -> None:
    engine = manifest.engine("full")
    assert engine is not None
    (entry,) = engine.weights
    assert entry.consent is Consent.NOTICE
    assert entry.imports == (LocalImport.FOLDER, LocalImport.FILE)
    assert entry.files[0].size == 5135149760
    assert engine.memory is not None
    assert [engine.memory.best_plan(free) for free in (20000, 8000, 6000, 1000, 500)] == [
        "full",
        "tiled",
        "offload",
        "sequential",
        None,
    ]


def test_manifests_without_weights_stay_valid(manifest: Manifest) -> None:
    assert manifest.default_engine.weights == ()
    assert manifest.default_engine.memory is None


def test_licences_that_must_be_accepted_are_asked_for_once() -> None:
    free = weights()
    bound = weights(id="c/d", commercial_use=False, consent="accept")
    engine = EngineInfo(
        id="full", title="F", kind=EngineKind.PUBLIC, good_at="X.", licence="mixed", weights=(free, bound)
    )
    assert engine.unaccepted(()) == (bound,)
    assert engine.unaccepted({"c/d"}) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"repo": ""}, "no source"),
        ({"shipped": "scene"}, "both shipped and on the hub"),
        ({"commercial_use": False}, "must be accepted"),
        ({"repo": "../etc"}, "pattern"),
        ({"repo": "", "shipped": "../scene"}, "pattern"),
        ({"files": [{"path": "/etc/passwd", "size": 1, "digest": DIGEST}]}, "inside the model's folder"),
        ({"files": [{"path": "a/../../b", "size": 1, "digest": DIGEST}]}, "inside the model's folder"),
        ({"files": [{"path": "a", "size": 1, "digest": "md5:00"}]}, "pattern"),
        ({"surprise": 1}, "Extra"),
    ],
)
def test_entries_that_cannot_be_meant_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        weights(**changes)


def test_classical_engines_have_no_weights() -> None:
    with pytest.raises(ValidationError, match="lists weights"):
        EngineInfo(
            id="classical", title="C", kind=EngineKind.CLASSICAL, good_at="X.", licence="MIT", weights=(weights(),)
        )


def test_the_loader_takes_entries_as_they_are(tmp_path: Path) -> None:
    from studio.diffusion.files import digest_file, verify
    from studio.diffusion.sources import HubSource, source_of
    from studio.diffusion.symbolic import MemoryPlan

    (tmp_path / "a").write_bytes(b"abc")
    file = WeightFile(path="a", size=3, digest=digest_file(tmp_path / "a"))
    verify(tmp_path, [file], "Install it again.")
    assert source_of(weights(revision="0123", files=[file.model_dump()])) == HubSource("a/b", "0123", (file,))
    assert set(PlanMemory.model_fields) == {plan.value for plan in MemoryPlan}
