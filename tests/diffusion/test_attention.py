"""Swapping attention: equal when nothing is changed, restored whatever happens, and told the truth about where it
works.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest
import torch
import torch.nn.functional as F
from diffusers.models.attention_processor import (
    Attention,
    AttnProcessor2_0,
    SlicedAttnProcessor,
    XFormersAttnProcessor,
)
from torch import Tensor, nn

from studio.core.errors import JobCancelled, ShapeError, StudioError
from studio.diffusion.attention.layers import AttentionKind, AttentionLayer, attention_layers
from studio.diffusion.attention.processors import (
    OpenProcessor,
    Sources,
    WrappedProcessor,
    attend_with,
    logits,
)
from studio.diffusion.attention.swap import Factory, swapped_attention
from studio.diffusion.attention.tracking import GridTracker
from studio.diffusion.masks import MaskPyramid, Resize
from studio.diffusion.noise import gaussian
from studio.diffusion.rows import Role, Rows
from studio.diffusion.run_state import Grid, RunState, Step
from tests.support import diffusion_models as models


@dataclass(frozen=True)
class Case:
    """A model and a call of it with 2 rows; `packed` when the model is given packed tokens."""

    model: Any  # of many classes, all with diffusers' AttentionMixin
    call: Callable[[], Tensor]
    packed: Grid | None = None

    @property
    def run(self) -> RunState:
        return RunState(Rows.guided(1), packed_grid=self.packed)


def text(width: int = models.WIDTH, rows: int = 2) -> Tensor:
    return gaussian((rows, 7, width), 2)


def unet_case() -> Case:
    unet, sample = models.unet(), gaussian((2, 4, 10, 14), 1)  # 10 x 14 halves to 5 x 7: no level is square or even
    return Case(unet, lambda: unet(sample, 5, encoder_hidden_states=text()).sample)


def sdxl_case() -> Case:
    unet = models.stable_diffusion_xl().unet
    added = {"text_embeds": gaussian((2, models.WIDTH), 3), "time_ids": torch.ones(2, 6)}
    sample = gaussian((2, 4, 8, 12), 1)
    return Case(
        unet,
        lambda: unet(sample, 5, encoder_hidden_states=text(2 * models.WIDTH), added_cond_kwargs=added).sample,
    )


def controlnet_case() -> Case:
    net = models.controlnet_for(models.unet())
    sample, picture = gaussian((2, 4, 8, 12), 1), gaussian((2, 3, 16, 24), 4)
    return Case(
        net,
        lambda: net(sample, 5, encoder_hidden_states=text(), controlnet_cond=picture).mid_block_res_sample,
    )


def video_case() -> Case:
    unet, sample = models.video_unet(), gaussian((2, 4, 3, 8, 12), 1)
    return Case(unet, lambda: unet(sample, 5, encoder_hidden_states=text()).sample)


def flux_case() -> Case:
    model = models.flux_transformer()
    ids = torch.stack(torch.meshgrid(torch.zeros(1), torch.arange(4.0), torch.arange(6.0), indexing="ij"), -1).view(
        -1, 3
    )

    def call() -> Tensor:
        return model(
            hidden_states=gaussian((2, 24, 16), 1),
            encoder_hidden_states=text(),
            pooled_projections=gaussian((2, models.WIDTH), 3),
            timestep=torch.full((2,), 0.5),
            img_ids=ids,
            txt_ids=torch.zeros(7, 3),
        ).sample

    return Case(model, call, Grid(4, 6))


def wan_case() -> Case:
    model, sample = models.wan_transformer(), gaussian((2, 4, 3, 8, 12), 1)
    return Case(model, lambda: model(sample, torch.full((2,), 5), text()).sample)


CASES = [unet_case, sdxl_case, controlnet_case, video_case, flux_case, wan_case]
U_NETS = CASES[:4]


@torch.no_grad()
def output(case: Case) -> Tensor:
    return case.call()


class TestUnchanged:
    @pytest.mark.parametrize("make", CASES)
    def test_wrapped_attention_changes_nothing(self, make: Callable[[], Case]) -> None:
        case = make()
        expected = output(case)
        with swapped_attention(case.model, WrappedProcessor, case.run):
            assert torch.equal(output(case), expected)

    @pytest.mark.parametrize("make", U_NETS)
    def test_open_attention_equals_the_stock_processor(self, make: Callable[[], Case]) -> None:
        case = make()
        expected = output(case)
        with swapped_attention(case.model, OpenProcessor, case.run):
            assert (output(case) - expected).abs().max() <= 1e-6

    def test_open_attention_of_pictures_with_a_text_norm_and_a_mask(self) -> None:
        unet = models.unet(
            down_block_types=("SimpleCrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            mid_block_type="UNetMidBlock2DCrossAttn",
        )
        layers = [layer for layer in attention_layers(unet) if isinstance(layer.stock, AttnProcessor2_0)]
        sample, mask = gaussian((2, 4, 8, 12), 1), torch.tensor([[1.0] * 7, [1.0] * 4 + [0.0] * 3])
        for layer in layers:
            if layer.kind is AttentionKind.CROSS:
                layer.module.norm_cross = nn.LayerNorm(models.WIDTH)

        def call() -> Tensor:
            return unet(sample, 5, encoder_hidden_states=text(), encoder_attention_mask=mask).sample

        case = Case(unet, call)
        expected = output(case)
        chosen = {layer.name for layer in layers}
        with swapped_attention(
            unet, lambda layer, tracker: OpenProcessor(layer, tracker) if layer.name in chosen else None, case.run
        ):
            assert (output(case) - expected).abs().max() <= 1e-6

    def test_open_attention_of_an_autoencoder(self) -> None:
        vae: Any = models.autoencoder()
        run = RunState(Rows.plain(1))
        latents = gaussian((1, 4, 6, 8), 1)
        with torch.no_grad():
            expected = vae.decode(latents).sample
            with swapped_attention(vae, OpenProcessor, run) as tracker:
                assert (vae.decode(latents).sample - expected).abs().max() <= 1e-6
            assert tracker.grid == Grid(6, 8)


class TestRestoring:
    @pytest.mark.parametrize("make", CASES)
    @pytest.mark.parametrize("error", [None, JobCancelled, ValueError, KeyboardInterrupt])
    def test_the_old_processors_come_back(self, make: Callable[[], Case], error: type[BaseException] | None) -> None:
        case = make()
        before = dict(case.model.attn_processors)
        hooks = hook_count(case.model)
        if error is None:
            with swapped_attention(case.model, WrappedProcessor, case.run):
                assert all(isinstance(value, WrappedProcessor) for value in case.model.attn_processors.values())
        else:
            with pytest.raises(error), swapped_attention(case.model, WrappedProcessor, case.run):
                raise error
        assert case.model.attn_processors == before
        assert hook_count(case.model) == hooks == 0

    def test_nested_swaps_come_back_one_by_one(self) -> None:
        case = unet_case()
        stock = dict(case.model.attn_processors)
        with swapped_attention(case.model, OpenProcessor, case.run):
            outer = dict(case.model.attn_processors)
            with swapped_attention(case.model, Doubling, case.run):
                assert not set(case.model.attn_processors.values()) & set(outer.values())
            assert case.model.attn_processors == outer
        assert case.model.attn_processors == stock

    def test_an_inner_wrapped_processor_works_on_the_outer_one(self) -> None:
        case = unet_case()
        with swapped_attention(case.model, Doubling, case.run):
            doubled = output(case)
            with swapped_attention(case.model, WrappedProcessor, case.run):
                assert torch.equal(output(case), doubled)

    def test_a_factory_that_fails_leaves_the_model_alone(self) -> None:
        case = unet_case()
        stock = dict(case.model.attn_processors)

        def factory(layer: AttentionLayer, tracker: GridTracker) -> OpenProcessor:
            if layer.is_in("mid_block"):
                raise ValueError("no")
            return OpenProcessor(layer, tracker)

        with pytest.raises(ValueError, match="no"), swapped_attention(case.model, factory, case.run):
            pytest.fail("the swap was entered")
        assert case.model.attn_processors == stock
        assert hook_count(case.model) == 0

    def test_sliced_attention_is_replaced_and_comes_back(self) -> None:
        case = unet_case()
        expected = output(case)
        case.model.set_attention_slice(1)
        sliced = dict(case.model.attn_processors)
        assert all(isinstance(value, SlicedAttnProcessor) for value in sliced.values())
        with swapped_attention(case.model, OpenProcessor, case.run):
            assert (output(case) - expected).abs().max() <= 1e-5
        assert case.model.attn_processors == sliced

    def test_xformers_is_replaced_and_comes_back(self) -> None:
        case = unet_case()
        expected = output(case)
        case.model.set_attn_processor(XFormersAttnProcessor())  # cannot run here: it needs a card
        before = dict(case.model.attn_processors)
        with swapped_attention(case.model, OpenProcessor, case.run):
            assert (output(case) - expected).abs().max() <= 1e-6
        assert case.model.attn_processors == before

    def test_a_toggle_used_inside_is_undone(self) -> None:
        case = unet_case()
        stock = dict(case.model.attn_processors)
        with swapped_attention(case.model, OpenProcessor, case.run):
            case.model.set_attention_slice("auto")
        assert case.model.attn_processors == stock

    def test_processors_with_weights_come_back_as_parts_of_the_model(self) -> None:
        case = unet_case()
        trained = {name: TrainedProcessor() for name in case.model.attn_processors}
        case.model.set_attn_processor(dict(trained))
        keys = list(case.model.state_dict())
        with swapped_attention(case.model, WrappedProcessor, case.run):
            assert len(case.model.state_dict()) < len(keys)
        assert sorted(case.model.state_dict()) == sorted(keys)
        assert case.model.attn_processors == trained

    def test_attention_that_does_more_is_not_taken_over(self) -> None:
        case = unet_case()
        case.model.set_attn_processor({name: TrainedProcessor() for name in case.model.attn_processors})
        with (
            pytest.raises(StudioError, match="TrainedProcessor"),
            swapped_attention(case.model, OpenProcessor, case.run),
        ):
            pytest.fail("the swap was entered")
        flux = flux_case()
        with (
            pytest.raises(StudioError, match="FluxAttnProcessor"),
            swapped_attention(flux.model, OpenProcessor, flux.run),
        ):
            pytest.fail("the swap was entered")

    def test_a_model_without_attention_is_refused(self) -> None:
        with (
            pytest.raises(StudioError, match="no attention"),
            swapped_attention(nn.Linear(1, 1), WrappedProcessor, RunState(Rows.plain(1))),
        ):
            pytest.fail("the swap was entered")


class TestWhereItWorks:
    def test_names_and_kinds_of_layers(self) -> None:
        kinds = {make.__name__: {layer.kind for layer in attention_layers(make().model)} for make in CASES}
        picture, video = {AttentionKind.SELF, AttentionKind.CROSS}, {*AttentionKind} - {AttentionKind.JOINT}
        assert kinds == {
            "unet_case": picture,
            "sdxl_case": picture,
            "controlnet_case": picture,
            "video_case": video,
            "flux_case": {AttentionKind.JOINT},
            "wan_case": picture,
        }
        layers = {layer.name: layer for layer in attention_layers(unet_case().model)}
        cross = layers["down_blocks.1.attentions.0.transformer_blocks.0.attn2"]
        assert cross.kind is AttentionKind.CROSS
        assert cross.is_in("mid_block", "down_blocks.1")
        assert not cross.is_in("down_blocks.10", "down_blocks.0", "down")

    @pytest.mark.parametrize(
        ("make", "grids"),
        [
            (unet_case, {Grid(10, 14), Grid(5, 7)}),
            (sdxl_case, {Grid(8, 12), Grid(4, 6)}),
            (controlnet_case, {Grid(8, 12), Grid(4, 6)}),
            (wan_case, {Grid(4, 6, frames=3)}),
        ],
    )
    def test_grids_are_measured(self, make: Callable[[], Case], grids: set[Grid]) -> None:
        case, seen = make(), set[Grid]()
        with swapped_attention(case.model, recording(seen), case.run):
            output(case)
        assert seen == grids

    def test_packed_tokens_need_a_declared_grid(self) -> None:
        case, seen = flux_case(), set[Grid]()
        run = case.run
        with swapped_attention(case.model, recording(seen, text_tokens=7), run):
            output(case)
            run.packed_grid = None
            with pytest.raises(ShapeError, match="packed"):
                output(case)
        assert seen == {Grid(4, 6)}

    def test_rows_of_a_video_model_are_counted_per_frame_and_place(self) -> None:
        case = video_case()
        found: dict[AttentionKind, list[int]] = {}

        class Recording(WrappedProcessor):
            def before(self, hidden: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor | None]:
                chosen = self.site.batch_indices(Role.POSITIVE)
                assert chosen == list(range(len(hidden) // 2, len(hidden)))  # the second of two rows
                found[self.site.layer.kind] = [len(chosen), hidden.shape[1]]
                return hidden, context

        with swapped_attention(case.model, Recording, case.run):
            output(case)
        assert found[AttentionKind.CROSS] == [3, 8 * 12]
        assert found[AttentionKind.TEMPORAL][1] == 3

    def test_a_batch_that_is_not_the_layout_is_refused(self) -> None:
        case = unet_case()
        with (
            swapped_attention(case.model, WrappedProcessor, RunState(Rows.guided(2))),
            pytest.raises(ShapeError, match="layout"),
        ):
            output(case)

    def test_the_step_is_only_known_inside_a_loop(self) -> None:
        run = RunState(Rows.plain(1))
        with pytest.raises(StudioError, match="outside"):
            _ = run.current_step
        run.step = Step(5, 20, 741.0)
        assert (run.current_step.fraction, run.current_step.noise_level) == (0.25, 0.741)


class TestIntervening:
    """The three open places, on one layer computed by hand, and that other rows stay as they were to the bit."""

    def test_masked_keys_change_only_their_row(self) -> None:
        case = unet_case()
        expected = output(case)
        hole = torch.zeros(1, 10, 14)
        hole[:, 2:6, 3:9] = 1

        def factory(layer: AttentionLayer, tracker: GridTracker) -> OpenProcessor | None:
            return (
                MaskedKeys(layer, tracker, MaskPyramid(hole, Resize.BILINEAR))
                if layer.kind is AttentionKind.SELF
                else None
            )

        with swapped_attention(case.model, factory, case.run):
            masked = output(case)
        assert torch.equal(masked[0], expected[0])
        assert (masked[1] - expected[1]).abs().max() > 1e-4

    def test_logits_and_softmax_equal_the_kernel(self) -> None:
        query, key, value = (gaussian((2, 3, 5, 4), seed) for seed in (1, 2, 3))
        by_hand = attend_with(logits(query, key), value)
        assert (by_hand - F.scaled_dot_product_attention(query, key, value)).abs().max() <= 1e-6

    def test_features_and_values_reach_a_processor(self) -> None:
        case = unet_case()
        expected = output(case)
        shapes = set()

        class Gating(OpenProcessor):
            def features(self, output: Tensor, value: Tensor) -> Tensor:
                shapes.add((output.shape[1:3], value.shape[1:3]))
                return output * 1.0

        factory: Factory = lambda layer, tracker: Gating(layer, tracker) if layer.kind is AttentionKind.CROSS else None  # noqa: E731
        with swapped_attention(case.model, factory, case.run):
            assert (output(case) - expected).abs().max() <= 1e-6
        assert {tokens for (_, tokens), _ in shapes} == {140, 35}
        assert {tokens for _, (_, tokens) in shapes} == {7}

    def test_text_of_every_frame(self) -> None:
        """TALC's conditioning: the same caption for all frames equals the stock model; another one changes its frame
        most.
        """
        case = video_case()
        expected = output(case)
        same = text().repeat_interleave(3, 0)
        other = same.clone()
        other[5] += gaussian((7, models.WIDTH), 8)  # the last frame of the positive row

        def per_frame(captions: Tensor) -> Factory:
            class PerFrame(WrappedProcessor):
                def before(self, hidden: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor | None]:
                    return hidden, captions

            return lambda layer, tracker: PerFrame(layer, tracker) if layer.kind is AttentionKind.CROSS else None

        with swapped_attention(case.model, per_frame(same), case.run):
            assert torch.equal(output(case), expected)
        with swapped_attention(case.model, per_frame(other), case.run):
            change = (output(case) - expected).abs().amax((1, 3, 4))
        assert (change[0] == 0).all()
        assert change[1, 2] > 2 * change[1, 0]


def hook_count(model: nn.Module) -> int:
    return sum(len(module._forward_pre_hooks) for module in model.modules())


def recording(seen: set[Grid], text_tokens: int = 0) -> Factory:
    class Recording(WrappedProcessor):
        def before(self, hidden: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor | None]:
            joined = text_tokens if context is None else 0
            seen.add(self.site.grid(hidden.shape[1] - joined))
            return hidden, context

    return Recording


class Doubling(WrappedProcessor):
    def after(self, output: object) -> object:
        return output * 2 if isinstance(output, Tensor) else output


class MaskedKeys(OpenProcessor):
    """DesignEdit's rule: keys of the positive row come from tokens that are zero inside the hole."""

    def __init__(self, layer: AttentionLayer, tracker: GridTracker, hole: MaskPyramid) -> None:
        super().__init__(layer, tracker)
        self._hole = hole

    def sources(self, hidden: Tensor, context: Tensor) -> Sources:
        keep = 1 - self._hole.tokens(self.site.grid(hidden.shape[1]), hidden.device)[0]
        keys = hidden.clone()
        rows = self.site.batch_indices(Role.POSITIVE)
        keys[rows] = keys[rows] * keep[:, None]
        return Sources(hidden, keys, context)


class TrainedProcessor(nn.Module):
    """Stands for add-ons with weights of their own, such as an IP-Adapter."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.plain = AttnProcessor2_0()

    def __call__(
        self,
        attn: nn.Module,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        return (
            self.plain(cast("Attention", attn), hidden_states, encoder_hidden_states, attention_mask, temb) * self.scale
        )
