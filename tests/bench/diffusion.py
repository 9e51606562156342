"""What the shared diffusion parts cost beside the stock ones. Ratios are of runs that alternate in one process."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from torch import Tensor

from studio.diffusion.attention.layers import AttentionKind, AttentionLayer, attention_layers
from studio.diffusion.attention.processors import OpenProcessor, Sources, WrappedProcessor
from studio.diffusion.attention.swap import Factory, swapped_attention
from studio.diffusion.attention.tracking import GridTracker
from studio.diffusion.files import write_manifest
from studio.diffusion.guidance import classifier_free
from studio.diffusion.loading import load_engine
from studio.diffusion.masks import MaskPyramid, Resize
from studio.diffusion.noise import gaussian
from studio.diffusion.phrases import find_phrases
from studio.diffusion.predictors import Conditioning, unet_predictor
from studio.diffusion.previews import fit_factors, preview
from studio.diffusion.public_models import FLUX_DEV, SD15, SDXL, PublicModel
from studio.diffusion.rows import Role, Rows
from studio.diffusion.run_state import RunState
from studio.diffusion.sampling import denoise
from studio.diffusion.schedules import Schedule
from studio.diffusion.sources import FolderSource
from studio.diffusion.symbolic import MemoryPlan
from studio.diffusion.text import TextEmbeds
from tests.bench.row import Row
from tests.support import diffusion_models as models

LATENTS = (1, 4, 32, 32)
PROMPT = "a red striped house beside a yellow tree under a blue moon, at night on a meadow"


def rows(quick: bool) -> list[Row]:
    """All figures; `quick` takes fewer repetitions and leaves out the full-size models."""
    torch.set_num_threads(1)
    rounds = 15 if quick else 40
    found = [*_attention(rounds), _loop(rounds), *_small_parts(rounds), _loading()]
    if not quick:
        found += [row for model in (SD15, SDXL, FLUX_DEV) for row in _memory(model)]
    return found


class _MaskedKeys(OpenProcessor):
    """DesignEdit's key mask: the cheapest intervention of a published method."""

    def __init__(self, layer: AttentionLayer, tracker: GridTracker, hole: MaskPyramid) -> None:
        super().__init__(layer, tracker)
        self._hole = hole

    def sources(self, hidden: Tensor, context: Tensor) -> Sources:
        keep = 1 - self._hole.tokens(self.site.grid(hidden.shape[1]), hidden.device)[0]
        keys = hidden.clone()
        chosen = self.site.batch_indices(Role.POSITIVE)
        keys[chosen] = keys[chosen] * keep[:, None]
        return Sources(hidden, keys, context)


def _attention(rounds: int) -> Iterator[Row]:
    """One U-Net call of two rows, 32 x 32 latents, attention on every level."""
    plain, changed = (models.unet(block_out_channels=(64, 128), attention_head_dim=8) for _ in range(2))
    text, sample = gaussian((2, 77, models.WIDTH), 1), gaussian((2, *LATENTS[1:]), 2)
    hole = torch.zeros(1, *LATENTS[2:])
    hole[:, 8:20, 8:20] = 1
    pyramid = MaskPyramid(hole, Resize.BILINEAR)
    run = RunState(Rows.guided(1))

    def masked(layer: AttentionLayer, tracker: GridTracker) -> OpenProcessor | None:
        return _MaskedKeys(layer, tracker, pyramid) if layer.kind is AttentionKind.SELF else None

    @torch.no_grad()
    def call(unet: UNet2DConditionModel) -> None:
        unet(sample, 500, encoder_hidden_states=text)

    def install(factory: Factory) -> None:
        with swapped_attention(changed, factory, run):
            pass

    for name, factory in (("wrapped", WrappedProcessor), ("opened", OpenProcessor), ("masked keys", masked)):
        with swapped_attention(changed, factory, run):
            ratio = _ratio(partial(call, changed), partial(call, plain), rounds)
        yield Row(f"U-Net call with {name} attention, beside stock", ratio, "x", "<= 1.05 x")
    layers = len(attention_layers(changed))
    seconds = _median(partial(install, WrappedProcessor), rounds)
    yield Row("install and restore processors, once a run", seconds * 1e3, "ms", note=f"{layers} layers")


def _loop(rounds: int) -> Row:
    """Our DDIM loop with guidance beside the stock pipeline, 4 steps, without decoding."""
    pipeline = models.stable_diffusion()
    pipeline.set_progress_bar_config(disable=True)
    noise, layout = gaussian(LATENTS, 1), Rows.guided(1)
    text = gaussian((2, 77, models.WIDTH), 2)
    run = RunState(layout)
    predict = unet_predictor(pipeline.unet, Conditioning(TextEmbeds(text)), run)
    guide = partial(classifier_free, rows=layout, scale=7.5)

    def ours() -> None:
        denoise(predict, Schedule(pipeline.scheduler, 4), noise, run, guide=guide)

    def stock() -> None:
        with models.quiet_libraries():
            pipeline(
                prompt_embeds=text[1:],
                negative_prompt_embeds=text[:1],
                latents=noise,
                num_inference_steps=4,
                output_type="latent",
            )

    return Row(
        "4 DDIM steps with guidance, beside StableDiffusionPipeline", _ratio(ours, stock, rounds), "x", "<= 1.05 x"
    )


def _small_parts(rounds: int) -> Iterator[Row]:
    factors = fit_factors(gaussian((1, 16, 32, 32), 1), gaussian((1, 3, 64, 64), 2))
    latents = gaussian((16, 128, 128), 3)
    yield Row(
        "preview of 16 x 128 x 128 latents", _median(lambda: preview(latents, factors), rounds) * 1e3, "ms", "<= 5 ms"
    )
    yield Row("noise of one SDXL layer", _median(lambda: gaussian((4, 128, 128), 1, "layer", 3), rounds) * 1e3, "ms")
    yield Row("phrases of a long prompt", _median(lambda: find_phrases(PROMPT), rounds) * 1e3, "ms", "<= 1 ms")


def _loading() -> Row:
    """A tiny engine from its folder, hashes checked."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models.stable_diffusion().save_pretrained(folder)
        source = FolderSource(folder, write_manifest(folder))
        seconds = _median(lambda: load_engine(source), 3)
    return Row("load a tiny engine from its folder", seconds * 1e3, "ms", note="0.8 M parameters, all hashes checked")


def _memory(model: PublicModel) -> Iterator[Row]:
    """Device memory by plan, computed without weights."""
    start = time.perf_counter()
    memory = model.memory()
    seconds = time.perf_counter() - start
    height, width = model.size
    for plan in MemoryPlan:
        note = f"{model.dtype}, {width} x {height}; worked out in {seconds:.1f} s"
        yield Row(f"{model.repo}: memory, {plan}", memory[plan] / 2**30, "GiB", note=note)


def _median(action: Callable[[], object], rounds: int) -> float:
    """Median seconds."""
    return statistics.median(_seconds(action) for _ in range(rounds))


def _ratio(action: Callable[[], object], beside: Callable[[], object], rounds: int) -> float:
    """Median of the ratios of neighbouring runs, so that other work on the machine touches both alike."""
    action()
    beside()
    return statistics.median(_seconds(action) / _seconds(beside) for _ in range(rounds))


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start
