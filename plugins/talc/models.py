"""Aligned captions in the video models of diffusers, through attention processors alone.

- Models that fold frames into the batch (ModelScope's and AnimateDiff's U-Nets): every spatial cross-attention gets,
  per frame, the tokens of that frame's caption.
- Transformers with cross-attention (Wan, LTX): tokens are regrouped by frame, each frame attends to its caption; exact,
  without a mask.
- Transformers that attend to text and video together (CogVideoX, HunyuanVideo): a block mask.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import cast

from torch import Tensor, nn

from plugins.talc.alignment import Alignment
from studio.core.errors import ShapeError, StudioError
from studio.diffusion.attention.layers import AttentionKind, AttentionLayer, Processor
from studio.diffusion.attention.processors import WrappedProcessor
from studio.diffusion.attention.swap import Factory, swapped_attention
from studio.diffusion.attention.tracking import GridTracker
from studio.diffusion.run_state import RunState

FRAMES_IN_BATCH = ("UNet3DConditionModel", "UNetMotionModel")
WITH_CROSS_ATTENTION = ("WanTransformer3DModel", "LTXVideoTransformer3DModel")
TEXT_FIRST, VIDEO_FIRST = ("CogVideoXTransformer3DModel",), ("HunyuanVideoTransformer3DModel",)
_REFINER = "context_embedder"
"""HunyuanVideo's self-attention over its text, before the text meets the video."""


@contextmanager
def aligned(
    model: nn.Module,
    run: RunState,
    alignment: Alignment,
    *,
    text: Tensor | None = None,
    seen: Tensor | None = None,
) -> Iterator[None]:
    """Let every frame see its scene's caption; what the model was before is back at the end.

    Inside, give the model all captions one after another, (rows, T, D), each encoded alone. Rows of one caption only
    (the negative of models that are called once per role) are left as they are.

    Args:
        text: (rows, T, D) for models that fold frames into the batch, which repeat what they are given: give those the
            text here, and any one caption of it when they are called.
        seen: (rows, T) False for padding, for models that attend to text and video together.

    Raises:
        StudioError: the model is of a kind that this method does not know.
        ShapeError: text is needed and not given, or does not fit.
    """
    kind = type(model).__name__
    with ExitStack() as stack:
        if kind in FRAMES_IN_BATCH:
            if text is None:
                raise ShapeError(f"{kind} needs the captions before it runs.")
            stack.enter_context(swapped_attention(model, _frame_text(alignment.per_frame(text).flatten(0, 1)), run))
        elif kind in WITH_CROSS_ATTENTION:
            stack.enter_context(swapped_attention(model, _regrouped(alignment), run))
        elif kind in TEXT_FIRST + VIDEO_FIRST:
            masks = BlockMasks(alignment, text_first=kind in TEXT_FIRST, seen=seen)
            stack.enter_context(swapped_attention(model, _blocked(masks, heads_axis=kind in VIDEO_FIRST), run))
            if kind in VIDEO_FIRST:
                stack.enter_context(_refined_alone(model, alignment))
        else:
            raise StudioError(f"Scenes cannot be aligned in a model of the kind {kind}.", "Choose another engine.")
        yield


class FrameText(WrappedProcessor):
    """Cross-attention where frames are folded into the batch, row by row: each looks at its own text."""

    def __init__(self, layer: AttentionLayer, tracker: GridTracker, seen: Tensor) -> None:
        super().__init__(layer, tracker)
        self._seen = seen

    def before(self, hidden: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor | None]:
        if hidden.shape[0] != self._seen.shape[0]:
            raise ShapeError(f"There is text for {self._seen.shape[0]} frames, and {hidden.shape[0]} frames.")
        return hidden, self._seen.to(hidden.device, hidden.dtype)


class RegroupedText(WrappedProcessor):
    """Cross-attention of all tokens of a video: (B, F h w, C) become (B F, h w, C), each frame with its caption."""

    def __init__(self, layer: AttentionLayer, tracker: GridTracker, alignment: Alignment) -> None:
        super().__init__(layer, tracker)
        self._alignment = alignment

    def __call__(
        self,
        attn: nn.Module,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        *args: object,
        **kwargs: object,
    ) -> object:
        """`attention_mask` is a bias for padding, (B, 1, T), or None."""
        alignment, frames = self._alignment, len(self._alignment.owners)
        if encoder_hidden_states is None or encoder_hidden_states.shape[1] == alignment.tokens:
            return super().__call__(attn, hidden_states, encoder_hidden_states, attention_mask, *args, **kwargs)
        grid = self.site.tracker.grid
        if hidden_states.shape[1] % frames or (grid is not None and grid.frames != frames):
            raise ShapeError(f"{hidden_states.shape[1]} tokens of a video do not lie in {frames} frames.")
        seen = alignment.per_frame(encoder_hidden_states).flatten(0, 1)
        mask = attention_mask
        if mask is not None:
            mask = alignment.per_frame(mask.transpose(1, 2)).flatten(0, 1).transpose(1, 2)
        grouped = hidden_states.unflatten(1, (frames, -1)).flatten(0, 1)
        output = cast("Tensor", super().__call__(attn, grouped, seen, mask, *args, **kwargs))
        return output.unflatten(0, (-1, frames)).flatten(1, 2)


@dataclass(slots=True)
class BlockMasks:
    """The block mask of a joint sequence, made once for all layers and steps."""

    alignment: Alignment
    text_first: bool
    seen: Tensor | None = None
    _made: Tensor | None = None

    def of(self, video_tokens: int) -> Tensor:
        """(1 or B, N, N), see `Alignment.blocks`."""
        if self._made is None or self._made.shape[-1] != self.alignment.text_tokens + video_tokens:
            self._made = self.alignment.blocks(video_tokens, text_first=self.text_first, seen=self.seen)
        return self._made


class SceneBlocks(WrappedProcessor):
    """Joint attention under the block mask instead of the model's own mask.

    Args:
        heads_axis: whether the wrapped processor wants (B, 1, N, N), and not (B, N, N).
    """

    def __init__(self, layer: AttentionLayer, tracker: GridTracker, masks: BlockMasks, heads_axis: bool) -> None:
        super().__init__(layer, tracker)
        self._masks, self._heads_axis = masks, heads_axis

    def __call__(
        self,
        attn: nn.Module,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        *args: object,
        **kwargs: object,
    ) -> object:
        whole = self._masks.alignment.text_tokens
        text = whole if encoder_hidden_states is None else encoder_hidden_states.shape[1]
        if text == whole:
            video = hidden_states.shape[1] - (whole if encoder_hidden_states is None else 0)
            mask = self._masks.of(video).to(hidden_states.device).expand(hidden_states.shape[0], -1, -1)
            attention_mask = mask[:, None] if self._heads_axis else mask
        return super().__call__(attn, hidden_states, encoder_hidden_states, attention_mask, *args, **kwargs)


def _frame_text(seen: Tensor) -> Factory:
    def make(layer: AttentionLayer, tracker: GridTracker) -> Processor | None:
        return FrameText(layer, tracker, seen) if layer.kind is AttentionKind.CROSS else None

    return make


def _regrouped(alignment: Alignment) -> Factory:
    def make(layer: AttentionLayer, tracker: GridTracker) -> Processor | None:
        # LTX does not say of its layers which of the two looks at text; both models call it so.
        return RegroupedText(layer, tracker, alignment) if layer.name.endswith("attn2") else None

    return make


def _blocked(masks: BlockMasks, heads_axis: bool) -> Factory:
    def make(layer: AttentionLayer, tracker: GridTracker) -> Processor | None:
        return None if layer.is_in(_REFINER) else SceneBlocks(layer, tracker, masks, heads_axis)

    return make


@contextmanager
def _refined_alone(model: nn.Module, alignment: Alignment) -> Iterator[None]:
    """Let the text refiner see one caption at a time: it attends over all the text it is given, and would mix them."""
    refiner, count = model.get_submodule(_REFINER), alignment.captions

    def split(_: nn.Module, args: tuple[Tensor | None, ...]) -> tuple[Tensor | None, ...]:
        text, timestep, mask = args
        if text is None or text.shape[1] != alignment.text_tokens or timestep is None:
            return args
        alone = alignment.split(text).flatten(0, 1)
        return (
            alone,
            timestep.repeat_interleave(count, dim=0),
            None if mask is None else alignment.split(mask).flatten(0, 1),
        )

    def join(_: nn.Module, args: tuple[Tensor | None, ...], output: Tensor) -> Tensor:
        return output.unflatten(0, (-1, count)).flatten(1, 2) if output.shape[1] == alignment.tokens else output

    handles = (refiner.register_forward_pre_hook(split), refiner.register_forward_hook(join))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
