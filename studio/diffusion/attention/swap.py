"""Install attention processors for the length of a `with` block; whatever ends the block, the old ones come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from torch import nn

from studio.diffusion.attention.layers import AttentionLayer, Processor, attention_layers
from studio.diffusion.attention.tracking import GridTracker
from studio.diffusion.run_state import RunState

Factory = Callable[[AttentionLayer, GridTracker], Processor | None]
"""A processor for a layer, or None to leave the layer as it is."""


@contextmanager
def swapped_attention(model: nn.Module, factory: Factory, run: RunState) -> Iterator[GridTracker]:
    """Give layers of `model` the processors of `factory`, and the old ones back at the end.

    Swaps nest, on one model or on several that share `run` (a U-Net and its ControlNet). On one model the inner
    factory sees the outer processors as `stock`: a WrappedProcessor calls them, an OpenProcessor takes their place or
    refuses. The toggles of diffusers (`enable_xformers_memory_efficient_attention`, `enable_attention_slicing`)
    replace processors
    too: use them before, never inside. What they had installed is back afterwards, also if they were used inside.

    Raises:
        StudioError: the model has no processors, or a factory refuses a layer; then nothing has been changed.
    """
    before: dict[str, Processor] = {}
    tracker = GridTracker.install(model, run)
    try:
        layers = attention_layers(model)
        after = {layer: factory(layer, tracker) for layer in layers}
        before = {f"{layer.name}.processor": layer.stock for layer in layers}
        wanted = {f"{layer.name}.processor": layer.stock if new is None else new for layer, new in after.items()}
        model.set_attn_processor(wanted)  # pyright: ignore[reportCallIssue]  # diffusers' AttentionMixin; it empties the dict
        yield tracker
    finally:
        tracker.close()
        if before:
            model.set_attn_processor(before)  # pyright: ignore[reportCallIssue]
