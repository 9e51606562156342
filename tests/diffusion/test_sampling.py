"""Our loops against the stock pipelines, and what the pipelines do not do: windows, edits, cancelling, small passes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from diffusers.pipelines.controlnet.pipeline_controlnet import StableDiffusionControlNetPipeline
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl import StableDiffusionXLPipeline
from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler
from diffusers.schedulers.scheduling_euler_ancestral_discrete import EulerAncestralDiscreteScheduler
from torch import Tensor

from studio.core.errors import JobCancelled, ShapeError, StudioError
from studio.diffusion.guidance import classifier_free
from studio.diffusion.noise import gaussian
from studio.diffusion.predictors import Conditioning, controlnet_residuals, unet_predictor
from studio.diffusion.rows import Role, Row, Rows
from studio.diffusion.run_state import RunState
from studio.diffusion.sampling import Predict, StepResult, denoise
from studio.diffusion.schedules import Schedule, Scheduler, flow_schedule, plain_config, resolution_shift
from studio.diffusion.text import ClipText, TextEmbeds
from tests.support import diffusion_models as models

Pipeline = StableDiffusionPipeline | StableDiffusionControlNetPipeline
SIZE = (4, 12, 16)  # latents are not square on purpose
PROMPT, NEGATIVE = "a red house", "a green moon"


TOLERANCE = 5e-5
"""Passes of other sizes add up in another order; how much that shows depends on the processor."""


def embeds(pipeline: Pipeline, *texts: str) -> TextEmbeds:
    return ClipText.of(pipeline.components).encode(texts)


def sd_run(sd: Pipeline, rows: Rows, rows_per_pass: int | None = None) -> tuple[RunState, Predict]:
    run = RunState(rows)
    text = embeds(sd, *(PROMPT if row.role is Role.POSITIVE else NEGATIVE for row in rows))
    return run, unet_predictor(sd.unet, Conditioning(text), run, rows_per_pass=rows_per_pass)


def stock_latents(sd: StableDiffusionPipeline, start: Tensor, steps: int, **options: float) -> Tensor:
    return stock(sd, PROMPT, negative_prompt=NEGATIVE, latents=start, num_inference_steps=steps, **options)


def like(kind: Any, sd: StableDiffusionPipeline) -> Scheduler:
    """A scheduler of another class with the pipeline's noise levels."""
    with models.quiet_libraries():
        return kind.from_config(plain_config(sd.scheduler))


def stock(pipeline: Callable[..., Any], *args: object, **options: object) -> Tensor:
    """Latents of a stock pipeline."""
    with models.quiet_libraries():
        return pipeline(*args, output_type="latent", **options).images


class TestAgainstStock:
    def test_ddim_with_guidance(self, sd: StableDiffusionPipeline) -> None:
        start = gaussian((2, *SIZE), 3)
        rows = Rows.guided(2)
        run, predict = sd_run(sd, rows)
        ours = denoise(
            predict, Schedule(sd.scheduler, 6), start, run, guide=partial(classifier_free, rows=rows, scale=5.0)
        )
        expected = stock(
            sd,
            [PROMPT] * 2,
            negative_prompt=[NEGATIVE] * 2,
            latents=start,
            num_inference_steps=6,
            guidance_scale=5.0,
        )
        assert (ours - expected).abs().max() <= TOLERANCE

    def test_guidance_rescale(self, sd: StableDiffusionPipeline) -> None:
        start = gaussian((1, *SIZE), 3)
        rows = Rows.guided(1)
        run, predict = sd_run(sd, rows)
        guide = partial(classifier_free, rows=rows, scale=5.0, rescale=0.7)
        ours = denoise(predict, Schedule(sd.scheduler, 4), start, run, guide=guide)
        expected = stock_latents(sd, start, 4, guidance_scale=5.0, guidance_rescale=0.7)
        assert (ours - expected).abs().max() <= TOLERANCE

    def test_seed_gives_the_stock_pipelines_noise(self, sd: StableDiffusionPipeline) -> None:
        rows = Rows.guided(1)
        run, predict = sd_run(sd, rows)
        schedule = Schedule(sd.scheduler, 3)
        start = schedule.build(torch.device("cpu")).pure_noise(gaussian((1, *SIZE), 42))
        ours = denoise(predict, schedule, start, run, guide=partial(classifier_free, rows=rows, scale=7.5))
        expected = stock(
            sd,
            PROMPT,
            negative_prompt=NEGATIVE,
            height=SIZE[1] * 2,
            width=SIZE[2] * 2,
            generator=torch.Generator("cpu").manual_seed(42),
            num_inference_steps=3,
        )
        assert (ours - expected).abs().max() <= TOLERANCE

    def test_sdxl_with_its_own_scheduler(self, sdxl: StableDiffusionXLPipeline) -> None:
        rows = Rows.guided(1)
        run = RunState(rows)
        text = ClipText.of(sdxl.components).encode([NEGATIVE, PROMPT])
        time_ids = torch.tensor([[24.0, 32.0, 0.0, 0.0, 24.0, 32.0]] * 2)
        schedule = Schedule(sdxl.scheduler, 4)
        noise = gaussian((1, *SIZE), 5)
        ours = denoise(
            unet_predictor(sdxl.unet, Conditioning(text, time_ids), run),
            schedule,
            schedule.build(torch.device("cpu")).pure_noise(noise),
            run,
            guide=partial(classifier_free, rows=rows, scale=6.0),
        )
        expected = stock(
            sdxl,
            PROMPT,
            negative_prompt=NEGATIVE,
            latents=noise,
            height=24,
            width=32,
            num_inference_steps=4,
            guidance_scale=6.0,
        )
        assert (ours - expected).abs().max() <= 1e-4 * expected.abs().max()

    def test_multistep_scheduler(self, sd: StableDiffusionPipeline) -> None:
        scheduler = like(DPMSolverMultistepScheduler, sd)
        rows, start = Rows.guided(1), gaussian((1, *SIZE), 3)
        run, predict = sd_run(sd, rows)
        guide = partial(classifier_free, rows=rows, scale=7.5)
        ours = denoise(predict, Schedule(scheduler, 5), start, run, guide=guide)
        parts: dict[str, Any] = sd.components | {"scheduler": scheduler}
        with_solver = StableDiffusionPipeline(**parts, requires_safety_checker=False)
        with_solver.set_progress_bar_config(disable=True)
        assert (ours - stock_latents(with_solver, start, 5)).abs().max() <= TOLERANCE

    def test_controlnet(self) -> None:
        pipeline = models.stable_diffusion_controlnet()
        pipeline.set_progress_bar_config(disable=True)
        picture = torch.rand(1, 3, SIZE[1] * 2, SIZE[2] * 2, generator=torch.Generator().manual_seed(1))
        rows, start = Rows.guided(1), gaussian((1, *SIZE), 3)
        run = RunState(rows)
        residuals = controlnet_residuals(pipeline.controlnet, picture, 0.5, run)
        text = ClipText.of(pipeline.components).encode([NEGATIVE, PROMPT])
        predict = unet_predictor(pipeline.unet, Conditioning(text), run, residuals=residuals)
        guide = partial(classifier_free, rows=rows, scale=7.5)
        ours = denoise(predict, Schedule(pipeline.scheduler, 3), start, run, guide=guide)
        expected = stock(
            pipeline,
            PROMPT,
            negative_prompt=NEGATIVE,
            image=picture,
            latents=start,
            num_inference_steps=3,
            controlnet_conditioning_scale=0.5,
        )
        without = denoise(sd_run(pipeline, rows)[1], Schedule(pipeline.scheduler, 3), start, run, guide=guide)
        assert (ours - expected).abs().max() <= TOLERANCE
        assert (ours - without).abs().max() > 1e-3

    def test_flux(self) -> None:
        pipeline = models.flux()
        pipeline.set_progress_bar_config(disable=True)
        height, width, steps = 24, 32, 4
        sequence, pooled, text_ids = pipeline.encode_prompt(PROMPT, PROMPT, max_sequence_length=16)
        noise = gaussian((1, 4, height // 2, width // 2), 9)
        packed = pipeline._pack_latents(noise, 1, 4, height // 2, width // 2)
        grid_ids = pipeline._prepare_latent_image_ids(1, height // 4, width // 4, torch.device("cpu"), torch.float32)
        run = RunState(Rows.plain(1))

        def predict(noisy: Tensor, timestep: Tensor) -> Tensor:
            return pipeline.transformer(
                hidden_states=noisy,
                timestep=timestep.expand(len(noisy)) / 1000,
                pooled_projections=pooled,
                encoder_hidden_states=sequence,
                txt_ids=text_ids,
                img_ids=grid_ids,
                return_dict=False,
            )[0]

        schedule = flow_schedule(pipeline.scheduler, steps, tokens=packed.shape[1])
        ours = denoise(predict, schedule, packed, run, guide=lambda prediction: prediction)
        expected = stock(
            pipeline,
            PROMPT,
            latents=packed,
            height=height,
            width=width,
            num_inference_steps=steps,
            max_sequence_length=16,
        )
        assert (ours - expected).abs().max() <= TOLERANCE


class TestTheLoop:
    def test_any_order_of_rows_gives_the_same_picture(self, sd: StableDiffusionPipeline) -> None:
        start = gaussian((2, *SIZE), 3)
        order = ((1, Role.POSITIVE), (0, Role.NEGATIVE), (0, Role.POSITIVE), (1, Role.NEGATIVE))
        mixed = Rows(tuple(Row(role, item) for item, role in order))
        results = []
        for rows in (Rows.guided(2), mixed):
            run, predict = sd_run(sd, rows)
            guide = partial(classifier_free, rows=rows, scale=4.0)
            results.append(denoise(predict, Schedule(sd.scheduler, 3), start, run, guide=guide))
        assert (results[0] - results[1]).abs().max() <= TOLERANCE

    @pytest.mark.parametrize("rows_per_pass", [1, 3])
    def test_small_passes_give_the_same_picture(self, sd: StableDiffusionPipeline, rows_per_pass: int) -> None:
        start, rows = gaussian((2, *SIZE), 3), Rows.guided(2)
        guide = partial(classifier_free, rows=rows, scale=4.0)
        run, whole = sd_run(sd, rows)
        expected = denoise(whole, Schedule(sd.scheduler, 2), start, run, guide=guide)
        run, parts = sd_run(sd, rows, rows_per_pass=rows_per_pass)
        ours = denoise(parts, Schedule(sd.scheduler, 2), start, run, guide=guide)
        assert (ours - expected).abs().max() <= TOLERANCE
        assert run.rows is rows

    def test_cancelled_halfway_then_run_again_gives_the_same_pixels(self, sd: StableDiffusionPipeline) -> None:
        scheduler = like(DPMSolverMultistepScheduler, sd)  # keeps the last prediction in itself
        schedule, start, rows = Schedule(scheduler, 4), gaussian((1, *SIZE), 3), Rows.guided(1)
        run, predict = sd_run(sd, rows)
        again = partial(denoise, predict, schedule, start, run, guide=partial(classifier_free, rows=rows, scale=4.0))
        clean = again()

        def stop(result: StepResult) -> None:
            if result.step.index == 1:
                raise JobCancelled

        with pytest.raises(JobCancelled):
            again(watch=stop)
        assert run.step is None
        assert torch.equal(again(), clean)

    def test_two_windows_make_one_run(self, sd: StableDiffusionPipeline) -> None:
        rows, start = Rows.plain(1), gaussian((1, *SIZE), 3)
        run, predict = sd_run(sd, rows)
        schedule = Schedule(sd.scheduler, 5)
        guide = partial(classifier_free, rows=rows, scale=1.0)
        whole = denoise(predict, schedule, start, run, guide=guide)
        half = denoise(predict, schedule.between(0, 2), start, run, guide=guide)
        assert torch.equal(denoise(predict, schedule.between(2), half, run, guide=guide), whole)

    def test_watch_sees_every_step_and_the_edited_latents(self, sd: StableDiffusionPipeline) -> None:
        rows, seen = Rows.plain(1), []
        run, predict = sd_run(sd, rows)
        result = denoise(
            predict,
            Schedule(sd.scheduler, 4),
            gaussian((1, *SIZE), 3),
            run,
            guide=partial(classifier_free, rows=rows, scale=1.0),
            edit=lambda result: torch.full_like(result.latents, result.step.index),
            watch=seen.append,
        )
        assert [(step.step.index, step.step.fraction) for step in seen] == [(0, 0), (1, 0.25), (2, 0.5), (3, 0.75)]
        assert [step.step.timestep for step in seen] == [751, 501, 251, 1]
        assert all((step.latents == step.step.index).all() and step.clean is not None for step in seen)
        assert (result == 3).all()

    def test_half_precision_models_keep_full_precision_latents(self) -> None:
        unet: Any = models.unet()
        unet.to(torch.bfloat16)
        rows = Rows.plain(1)
        run = RunState(rows)
        text = TextEmbeds(gaussian((1, 7, models.WIDTH), 1))
        guide = partial(classifier_free, rows=rows, scale=1.0)
        predict = unet_predictor(unet, Conditioning(text), run)
        result = denoise(predict, Schedule(models.ddim(), 2), gaussian((1, *SIZE), 1), run, guide=guide)
        assert result.dtype is torch.float32

    def test_noise_of_a_stochastic_scheduler_is_seeded(self, sd: StableDiffusionPipeline) -> None:
        scheduler = like(EulerAncestralDiscreteScheduler, sd)
        rows = Rows.plain(1)
        run, predict = sd_run(sd, rows)
        guide = partial(classifier_free, rows=rows, scale=1.0)
        sample = partial(denoise, predict, Schedule(scheduler, 3), gaussian((1, *SIZE), 3), run, guide=guide)
        assert torch.equal(sample(seed=1), sample(seed=1))
        assert not torch.equal(sample(seed=1), sample(seed=2))

    def test_a_prediction_of_another_shape_is_refused(self) -> None:
        with pytest.raises(ShapeError, match="prediction"):
            denoise(
                lambda noisy, _: noisy[:, :2],
                Schedule(models.ddim(), 2),
                gaussian((1, *SIZE), 1),
                RunState(Rows.plain(1)),
                guide=lambda prediction: prediction,
            )


class TestSchedules:
    def test_flow_levels_are_those_of_the_paper(self) -> None:
        scheduler = models.flux().scheduler
        count, tokens = 28, 2848
        mu = resolution_shift(scheduler, tokens)
        assert mu == pytest.approx(0.94, abs=0.005)  # ART, section 5
        assert resolution_shift(scheduler, 20480) == pytest.approx(3.92, abs=0.005)
        ready: Any = flow_schedule(scheduler, count, tokens).build(torch.device("cpu")).scheduler
        levels = ready.sigmas
        raw = torch.linspace(1, 1 / count, count)
        expected = torch.exp(torch.tensor(mu)) / (torch.exp(torch.tensor(mu)) + 1 / raw - 1)
        assert (levels[:-1] - expected).abs().max() <= TOLERANCE
        assert levels[-1] == 0

    def test_flow_model_of_unknown_size_is_refused(self) -> None:
        with pytest.raises(StudioError, match="size"):
            flow_schedule(models.flux().scheduler, 4)

    def test_known_content_is_brought_to_any_level(self) -> None:
        clean, noise = gaussian((1, *SIZE), 1), gaussian((1, *SIZE), 2)
        flow = flow_schedule(models.flux().scheduler, 4, tokens=256).build(torch.device("cpu"))
        scheduler: Any = flow.scheduler
        sigma = scheduler.sigmas[2]
        assert torch.equal(flow.noisy_at(clean, noise, 2), (1 - sigma) * clean + sigma * noise)
        assert torch.equal(flow.noisy_at(clean, noise, 0), noise)
        assert torch.equal(flow.noisy_at(clean, noise, 4), clean)
        ddim = Schedule(models.ddim(), 4).build(torch.device("cpu"))
        level = models.ddim().alphas_cumprod[750]
        assert (ddim.noisy(clean, noise) - (level**0.5 * clean + (1 - level) ** 0.5 * noise)).abs().max() <= 1e-6

    @pytest.mark.parametrize(("count", "start", "stop"), [(0, 0, None), (4, 3, 2), (4, 0, 5), (4, -1, None)])
    def test_windows_outside_the_schedule_are_refused(self, count: int, start: int, stop: int | None) -> None:
        with pytest.raises(StudioError, match="do not exist"):
            Schedule(models.ddim(), count, start, stop)
