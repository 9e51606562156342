"""TALC and what it is compared with, as one loop over any video model: the arms differ in the text that frames see.

Symbols of the paper: S scenes, F frames, s(f) the scene of frame f, e_j the caption of scene j, each encoded alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Protocol

import torch
from torch import Tensor, nn

from plugins.talc.alignment import Alignment
from plugins.talc.models import aligned
from plugins.talc.timeline import Timeline
from studio.core.errors import ShapeError
from studio.diffusion.guidance import classifier_free
from studio.diffusion.noise import gaussian
from studio.diffusion.rows import Rows
from studio.diffusion.run_state import RunState
from studio.diffusion.sampling import StepResult, denoise
from studio.diffusion.schedules import Schedule, Scheduler

JOINT = " Then, "
"""What stands between captions where one text holds them all; that of the released scripts."""


class Arm(StrEnum):
    """How captions reach frames.

    ALIGNED: the method. MERGED_CAPTIONS: one text holds all captions, and all frames see it. MERGED_VIDEOS: every scene
    is a video of its own, with noise of its own, put one after another.
    """

    ALIGNED = "aligned"
    MERGED_CAPTIONS = "merged_captions"
    MERGED_VIDEOS = "merged_videos"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What to film.

    Args:
        captions: one per scene.
        timeline: how many frames each has.
        everywhere: a caption that all frames see besides their own, "" for none; not part of the method.
        crossfade: frames on either side of a cut over which captions fade into each other; not part of the method.
        negative: what guidance leads away from.
    """

    captions: tuple[str, ...]
    timeline: Timeline
    everywhere: str = ""
    crossfade: int = 0
    negative: str = ""

    def scene(self, number: int) -> Story:
        """One scene as a story of its own."""
        length = self.timeline.lengths[number]
        return replace(self, captions=(self.captions[number],), timeline=Timeline((length,)))

    @property
    def merged(self) -> Story:
        """All captions as one, over the same frames."""
        return replace(self, captions=(JOINT.join(self.captions),), timeline=Timeline((self.timeline.frames,)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filming:
    """How to film: steps of the scheduler, guidance (at 1 or below there are no negative rows), and latents' size."""

    steps: int
    scale: float
    height: int
    width: int
    seed: int


class VideoModel(Protocol):
    """A video model, whatever its class.

    Attributes:
        denoiser: one of the classes that `models.aligned` knows.
        compression: frames that one latent holds, the first one aside; 1 where every frame has its own.
        channels: of the latents.
    """

    @property
    def denoiser(self) -> nn.Module: ...
    @property
    def scheduler(self) -> Scheduler: ...
    @property
    def compression(self) -> int: ...
    @property
    def channels(self) -> int: ...

    def encode(self, texts: Sequence[str]) -> Tensor:
        """(texts, L, D), each encoded alone and padded to the same length."""
        ...

    def predict(self, noisy: Tensor, timestep: Tensor, text: Tensor) -> Tensor:
        """(rows, C, F, h, w) latents under (rows, T, D) text -> what the scheduler expects, of the same shape."""
        ...


Watch = Callable[[StepResult], None]


def film(
    model: VideoModel, story: Story, filming: Filming, arm: Arm = Arm.ALIGNED, watch: Watch | None = None
) -> Tensor:
    """(1, C, F, h, w) latents of the whole video.

    All arms draw noise from the same seed; merged videos from a stream of it per scene, as they share nothing.
    """
    if arm is Arm.MERGED_CAPTIONS:
        story = story.merged
    if arm is Arm.MERGED_VIDEOS:
        # A later scene of a model that folds frames starts with a latent of a single frame, like every video.
        parts = (story.scene(number) for number in range(story.timeline.scenes))
        return torch.cat([_filmed(model, part, filming, (number,), watch) for number, part in enumerate(parts)], dim=2)
    return _filmed(model, story, filming, (), watch)


def _filmed(model: VideoModel, story: Story, filming: Filming, stream: tuple[int, ...], watch: Watch | None) -> Tensor:
    owners = story.timeline.latent_owners(model.compression)
    noise = gaussian((1, model.channels, len(owners), filming.height, filming.width), filming.seed, *stream)
    rows = Rows.guided(1) if filming.scale > 1 else Rows.plain(1)
    run = RunState(rows)
    text = _text_rows(model, story, guided=filming.scale > 1)
    alignment = Alignment(
        owners=owners,
        scenes=len(story.captions),
        tokens=text.shape[1] // (len(story.captions) + bool(story.everywhere)),
        shared=bool(story.everywhere),
        crossfade=story.crossfade,
    )
    ready = Schedule(model.scheduler, filming.steps).build(noise.device)
    guide = partial(classifier_free, rows=rows, scale=filming.scale)
    with _seeing(model, run, alignment, text):
        predict = partial(model.predict, text=text)
        return denoise(predict, ready, ready.pure_noise(noise), run, guide=guide, watch=watch, seed=filming.seed)


def _seeing(model: VideoModel, run: RunState, alignment: Alignment, text: Tensor) -> AbstractContextManager[None]:
    """With one caption for all frames there is nothing to align, and the stock model runs."""
    if alignment.captions == 1:
        return nullcontext()
    return aligned(model.denoiser, run, alignment, text=text)


def _text_rows(model: VideoModel, story: Story, *, guided: bool) -> Tensor:
    """(rows, T, D): all captions one after another; the negative text once for each of them."""
    told = [*story.captions, *([story.everywhere] if story.everywhere else [])]
    positive = model.encode(told)
    if positive.ndim != 3 or len(positive) != len(told):
        raise ShapeError(f"{len(told)} captions were encoded as {tuple(positive.shape)}.")
    rows = [positive.flatten(0, 1)]
    if guided:
        rows.insert(0, model.encode([story.negative]).expand_as(positive).flatten(0, 1))
    return torch.stack(rows)
