"""The shared models on the practice world: the reader's validity, the autoencoders, and what text-to-image draws.

Rates are per asked object and judged by the reader; intervals are 95 %, by resampling prompts. All arms see the same
prompts and the same noise. "Drawn" is the same scenes from the renderer: what the judge itself gives at most.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import Tensor

from studio import resources
from studio.diffusion.latents import decode_latents, encode_picture
from studio.diffusion.loading import load_engine, load_model
from studio.diffusion.sources import FolderSource
from studio.diffusion.text_to_image import Sampling, TextToImage
from studio.synth.bootstrap import Estimate, estimate, paired_difference
from studio.synth.render import render
from studio.synth.scoring import Binding, PictureScore
from studio.synth.splits import Split
from studio.training.choices import Config
from studio.training.crops import to_signed
from studio.training.judge import Judge, load_judge
from studio.training.layer_set import OPAQUE, draw_layers, on_grey
from studio.training.measures import psnr
from studio.training.prompt_sets import Prompt, PromptKind, prompt_set
from studio.training.recipes.scene import RESCALE, SCALE, STEPS
from studio.training.scenes import CLASS, COLOR, draw_planes
from tests.bench.row import Row

CONFIG = Config.CPU
SIDE = 128
SAMPLING = Sampling(steps=STEPS, scale=SCALE, rescale=RESCALE, height=SIDE, width=SIDE)
_AT_ONCE = 16


def rows(quick: bool) -> list[Row]:
    """All figures; `quick` takes 24 prompts and 32 scenes of each kind instead of 200 and 256."""
    torch.set_num_threads(1)
    models = resources.assets_dir() / "models"
    judge = load_judge(models)
    found = [*_reading(judge, models, 32 if quick else 256)]
    model = TextToImage.of(load_engine(FolderSource(models / "scene")).parts)
    for kind in PromptKind:
        found += _drawing(model, judge, kind, prompt_set(kind, 24 if quick else 200, CONFIG))
    return [*found, *_cost(models, 3 if quick else 10)]


def _reading(judge: Judge, models: Path, count: int) -> Iterator[Row]:
    """The reader on held-out drawings, before and after the autoencoders; the autoencoders' own error."""
    planes = np.stack([draw_planes(Split.TEST, index, CONFIG) for index in range(count)])
    pictures = to_signed(planes[..., :3])
    yield from _accuracy(judge, "drawings", pictures, planes, ">= 98 %", ">= 97 %")
    for name, target in (("vae4", ">= 30 dB"), ("vae16", "")):
        vae = load_model(AutoencoderKL, FolderSource(models / name))
        seen = _through(vae, pictures)
        yield _there_and_back(f"{name}: pictures there and back", psnr(seen[:, :3], pictures), target)
        yield from _accuracy(judge, f"drawings after {name}", seen[:, :3], planes, ">= 97 %", ">= 97 %")
        if name == "vae16":
            yield from _layers(vae, count)


def _layers(vae: AutoencoderKL, count: int) -> Iterator[Row]:
    """The layers of held-out scenes and posters, each alone on its canvas, over grey, and their alpha."""
    items = [draw_layers(Split.TEST, index, CONFIG)[OPAQUE:] for index in range(count // 4)]
    values = torch.from_numpy(np.ascontiguousarray(np.moveaxis(on_grey(np.concatenate(items)), -1, 1)))
    seen = torch.cat([decode_latents(vae, encode_picture(vae, part)) for part in values.split(_AT_ONCE)])
    yield _there_and_back("vae16: layers there and back, over grey", psnr(seen[:, :3], values[:, :3]), ">= 32 dB")
    yield _there_and_back("vae16: their alpha", psnr(seen[:, 3:], values[:, 3:]), ">= 25 dB")


def _there_and_back(name: str, values: Tensor, target: str) -> Row:
    worst = float(values.quantile(0.05))
    return Row(
        name, float(values.mean()), "dB", target, f"{len(values)} of the test split; worst twentieth {worst:.1f} dB"
    )


def _accuracy(
    judge: Judge, what: str, pictures: Tensor, planes: np.ndarray, for_classes: str, for_colors: str
) -> Iterator[Row]:
    right = judge.accuracy(pictures, planes[..., CLASS], planes[..., COLOR])
    note = f"share of pixels, {len(pictures)} test scenes"
    yield Row(f"reader on {what}: class", 100 * right.classes, "%", for_classes, note)
    yield Row(f"reader on {what}: colour", 100 * right.colors, "%", for_colors, note)


@torch.no_grad()
def _through(vae: AutoencoderKL, pictures: Tensor) -> Tensor:
    """There and back; an alpha channel, where the autoencoder has one, is opaque."""
    channels = vae.encoder.conv_in.in_channels
    full = torch.cat([pictures, torch.ones(len(pictures), channels - 3, SIDE, SIDE)], dim=1)
    return torch.cat([decode_latents(vae, encode_picture(vae, part)) for part in full.split(_AT_ONCE)])


def _drawing(model: TextToImage, judge: Judge, kind: PromptKind, prompts: list[Prompt]) -> Iterator[Row]:
    """What pictures of one kind of prompt show, with guidance and without, beside drawings and shuffled prompts."""
    drawn = judge.score(to_signed(np.stack([render(prompt.scene, SIDE).composite for prompt in prompts])), prompts)
    pictures = _draw(model, prompts, SAMPLING)
    ours = judge.score(pictures, prompts)
    plain = judge.score(_draw(model, prompts, replace(SAMPLING, scale=1.0)), prompts)
    shuffled = judge.score(pictures, [*prompts[1:], *prompts[:1]])
    target = ">= 85 %" if kind in (PromptKind.ONE, PromptKind.TWO) else ""
    for name, binding in (("right colour", Binding.PROPER), ("colour of another", Binding.IMPROPER)):
        values = _rates(ours, binding)
        yield _rate(f"{kind}: {name}", estimate(values), target if binding is Binding.PROPER else "")
    yield _rate(f"{kind}: there at all", estimate([score.recall for score in ours]))
    yield _rate(f"{kind}: all objects right", estimate([float(score.is_right) for score in ours]))
    gain = paired_difference(_rates(ours, Binding.PROPER), _rates(plain, Binding.PROPER))
    yield _rate(f"{kind}: right colour, guidance {SCALE:g} less none", gain)
    yield _rate(f"{kind}: right colour, drawn", estimate(_rates(drawn, Binding.PROPER)), ">= 97 %" if target else "")
    yield _rate(f"{kind}: right colour, prompts shuffled", estimate(_rates(shuffled, Binding.PROPER)))


def _rates(scores: Sequence[PictureScore], binding: Binding) -> list[float]:
    return [score.rate(binding) for score in scores]


def _rate(name: str, found: Estimate, target: str = "") -> Row:
    note = f"95 %: {100 * found.low:.1f} to {100 * found.high:.1f}; {found.count} prompts"
    return Row(name, 100 * found.mean, "%", target, note)


@torch.no_grad()
def _draw(model: TextToImage, prompts: Sequence[Prompt], sampling: Sampling) -> Tensor:
    """One picture per prompt; the noise of prompt n is that of seed n."""
    parts = []
    for first in range(0, len(prompts), _AT_ONCE):
        part = prompts[first : first + _AT_ONCE]
        parts.append(model.draw([prompt.text for prompt in part], range(first, first + len(part)), sampling))
    return torch.cat(parts)


@dataclass(frozen=True, slots=True)
class _Cost:
    """Seconds of loading and of one picture, and the process's peak in MiB."""

    load_s: float
    picture_s: float
    peak_mb: float


def _cost(models: Path, rounds: int) -> Iterator[Row]:
    """A process of its own, so that nothing else is in its memory."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        cost = pool.apply(_measure, (str(models), rounds))
    yield Row("load the text-to-image engine", cost.load_s, "s", note="without importing the libraries")
    yield Row(
        f"one picture, {STEPS} steps with guidance", cost.picture_s, "s", "<= 10 s", f"best of {rounds}, one thread"
    )
    yield Row("peak memory of the process", cost.peak_mb, "MiB", note="torch and diffusers included")


def _measure(models: str, rounds: int) -> _Cost:
    torch.set_num_threads(1)
    start = time.perf_counter()
    model = TextToImage.of(load_engine(FolderSource(Path(models) / "scene")).parts)
    loaded = time.perf_counter() - start
    best = float("inf")
    for seed in range(rounds):
        start = time.perf_counter()
        model.draw(["a red house beside a yellow tree at night"], [seed], SAMPLING)
        best = min(best, time.perf_counter() - start)
    return _Cost(loaded, best, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
