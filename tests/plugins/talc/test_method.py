"""The loop and its arms over whole engines with random weights: one that gives every frame a latent, one that folds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from plugins.talc.engines import ModelScopeVideo, WanVideo
from plugins.talc.method import Arm, Filming, Story, VideoModel, film
from plugins.talc.timeline import Timeline
from studio.diffusion.sampling import StepResult
from tests.support import video_models

FILMING = Filming(steps=3, scale=4.0, height=4, width=6, seed=5)
CAPTIONS = ("a red house", "a yellow tree")


@pytest.fixture(scope="module")
def modelscope() -> ModelScopeVideo:
    return ModelScopeVideo.of(video_models.modelscope())


@pytest.fixture(scope="module")
def wan() -> WanVideo:
    return replace(WanVideo.of(video_models.wan()), tokens=12)


@pytest.fixture(params=["modelscope", "wan"])
def model(request: pytest.FixtureRequest) -> VideoModel:
    return request.getfixturevalue(request.param)


def story(model: VideoModel, *captions: str, **told: object) -> Story:
    lengths = (2, 2) if model.compression == 1 else (5, 4)
    return Story(captions=captions, timeline=Timeline(lengths[: len(captions)]), **told)  # pyright: ignore[reportArgumentType]


def test_every_arm_makes_the_whole_video(model: VideoModel) -> None:
    one = story(model, *CAPTIONS)
    frames = {arm: film(model, one, FILMING, arm).shape[2] for arm in (Arm.ALIGNED, Arm.MERGED_CAPTIONS)}
    latents = len(one.timeline.latent_owners(model.compression))
    assert set(frames.values()) == {latents}
    assert film(model, one, FILMING, Arm.ALIGNED).isfinite().all()


def test_equal_captions_are_one_caption_for_all(model: VideoModel) -> None:
    same = story(model, CAPTIONS[0], CAPTIONS[0])
    whole = Story(captions=CAPTIONS[:1], timeline=Timeline((same.timeline.frames,)))
    assert torch.allclose(film(model, same, FILMING), film(model, whole, FILMING), atol=1e-5)


def test_a_caption_shows_most_in_its_own_frames(model: VideoModel) -> None:
    one, other = story(model, *CAPTIONS), story(model, CAPTIONS[0], "a blue boat at night")
    change = (film(model, one, FILMING) - film(model, other, FILMING)).abs().mean(dim=(0, 1, 3, 4))
    owners = torch.tensor(one.timeline.latent_owners(model.compression))
    assert change[owners == 1].mean() > 2 * change[owners == 0].mean() > 0


def test_without_guidance_the_negative_text_has_no_part(model: VideoModel) -> None:
    plain = replace(FILMING, scale=1.0)
    made = [film(model, story(model, *CAPTIONS, negative=text), plain) for text in ("", "a green boat")]
    assert torch.equal(*made)
    guided = [film(model, story(model, *CAPTIONS, negative=text), FILMING) for text in ("", "a green boat")]
    assert not torch.equal(*guided)


def test_merged_videos_are_the_scenes_alone(modelscope: ModelScopeVideo) -> None:
    one = story(modelscope, *CAPTIONS)
    whole = film(modelscope, one, FILMING, Arm.MERGED_VIDEOS)
    other = film(modelscope, story(modelscope, CAPTIONS[0], "a blue boat"), FILMING, Arm.MERGED_VIDEOS)
    assert torch.equal(whole[:, :, :2], other[:, :, :2])
    assert not torch.allclose(whole[:, :, 2:], other[:, :, 2:])
    assert not torch.allclose(whole[:, :, :2], whole[:, :, 2:])  # each has noise of its own


def test_merged_captions_read_as_one_text() -> None:
    told = Story(captions=CAPTIONS, timeline=Timeline((2, 3))).merged
    assert told.captions == ("a red house Then, a yellow tree",)
    assert told.timeline.lengths == (5,)


def test_a_caption_for_all_frames_changes_all(model: VideoModel) -> None:
    made = [film(model, story(model, *CAPTIONS, everywhere=text), FILMING) for text in ("a picture at night", "a boat")]
    change = (made[0] - made[1]).abs().mean(dim=(0, 1, 3, 4))
    assert change.min() > 0.1 * change.max()


def test_cancelled_halfway_and_run_again_is_a_clean_run(model: VideoModel) -> None:
    def stop(result: StepResult) -> None:
        if result.step.index == 1:
            raise KeyboardInterrupt

    one = story(model, *CAPTIONS)
    clean = film(model, one, FILMING)
    with pytest.raises(KeyboardInterrupt):
        film(model, one, FILMING, watch=stop)
    assert torch.equal(film(model, one, FILMING), clean)


@pytest.mark.parametrize(("name", "frames"), [("modelscope", 4), ("wan", 9)])
def test_latents_become_frames(name: str, frames: int, request: pytest.FixtureRequest) -> None:
    engine: ModelScopeVideo | WanVideo = request.getfixturevalue(name)
    pictures = list(engine.frames(film(engine, story(engine, *CAPTIONS), FILMING)))
    assert len(pictures) == frames
    assert {tuple(picture.shape[1:]) for picture in pictures} == {_size(engine)}


def _size(engine: ModelScopeVideo | WanVideo) -> tuple[int, int]:
    stride = 8 if isinstance(engine, WanVideo) else 2 ** (len(engine.vae.config["block_out_channels"]) - 1)
    return FILMING.height * stride, FILMING.width * stride


def test_padding_of_wan_is_zeros(wan: WanVideo) -> None:
    """As the published pipeline gives it: the words alone, then nothing."""
    encode: Callable[[list[str]], Tensor] = wan.encode
    states = encode(["a red house", "a"])
    assert states.shape == (2, 12, 32)
    assert states[0, :4].abs().min() > 0
    assert not states[0, 4:].any()
    assert not states[1, 2:].any()
