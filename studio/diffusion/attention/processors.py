"""The two kinds of processor to derive from.

`WrappedProcessor` calls what the layer had before and lets a method change tensors on the way in and out; it works for
every attention class. `OpenProcessor` repeats the arithmetic of `Attention` (the class of all U-Nets and ControlNets)
with its
stages open: what queries, keys and values are made from, how they attend, and what comes out before the last
    projection.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from diffusers.models.attention_processor import (
    Attention,
    AttnProcessor,
    AttnProcessor2_0,
    SlicedAttnProcessor,
    XFormersAttnProcessor,
)
from torch import Tensor

from studio.core.errors import StudioError
from studio.diffusion.attention.layers import AttentionKind, AttentionLayer
from studio.diffusion.attention.tracking import GridTracker
from studio.diffusion.rows import Role, Rows
from studio.diffusion.run_state import Grid, Step

# Processors that compute the same attention in different ways, so that one may stand in for another.
_PLAIN = (AttnProcessor2_0, AttnProcessor, XFormersAttnProcessor, SlicedAttnProcessor)


@dataclass(slots=True)
class Site:
    """Where a processor works, and what runs there now."""

    layer: AttentionLayer
    tracker: GridTracker

    @property
    def step(self) -> Step:
        """Raises StudioError outside a sampling loop."""
        return self.tracker.run.current_step

    @property
    def rows(self) -> Rows:
        return self.tracker.run.rows

    def grid(self, tokens: int) -> Grid:
        """The grid of this layer's `tokens` picture tokens. Raises ShapeError when they do not lie on one."""
        return self.tracker.grid_of(tokens)

    def batch_indices(self, role: Role | None = None, item: int | None = None, tag: str | None = None) -> list[int]:
        """Positions in this layer's batch of the rows asked for.

        A video model has one per frame, or one per place in its temporal layers, row by row.
        """
        temporal = self.layer.kind is AttentionKind.TEMPORAL
        repeat = self.tracker.places() if temporal else self.tracker.frames_per_row()
        return [index * repeat + part for index in self.rows.indices(role, item, tag) for part in range(repeat)]


class WrappedProcessor:
    """The layer's own processor with `before` and `after` around it; as it stands, it changes nothing.

    Backends chosen with `set_attention_backend` stay with the wrapped processor.
    """

    def __init__(self, layer: AttentionLayer, tracker: GridTracker) -> None:
        self.site = Site(layer, tracker)
        self._stock = layer.stock
        # Attention classes pass a keyword on only if the processor's signature has it, so this one shows the wrapped
        # one's.
        call = _forward_to(self)
        call.__signature__ = inspect.signature(layer.stock.__call__)  # pyright: ignore[reportFunctionMemberAccess]
        self.__dict__["__call__"] = call

    def __call__(
        self,
        attn: torch.nn.Module,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        *args: object,
        **kwargs: object,
    ) -> object:
        hidden, context = self.before(hidden_states, encoder_hidden_states)
        return self.after(self._stock(attn, hidden, context, *args, **kwargs))

    def before(self, hidden: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """(B, N, C) tokens of the layer, and (B, T, D) what they look at, None for self-attention."""
        return hidden, context

    def after(self, output: object) -> object:
        """What the wrapped processor gave: (B, N, C), or a tuple for joint attention."""
        return output


def _forward_to(processor: WrappedProcessor) -> Callable[..., object]:
    def call(*args: object, **kwargs: object) -> object:
        return type(processor).__call__(processor, *args, **kwargs)  # pyright: ignore[reportArgumentType]

    return call


@dataclass(slots=True)
class Sources:
    """(B, N, C) tokens that queries are projected from, and (B, T, D) those of keys and of values."""

    query: Tensor
    key: Tensor
    value: Tensor


class OpenProcessor:
    """Plain attention with three places to intervene; as it stands, it equals the stock processor.

    Raises StudioError when made for a layer whose processor does more than plain attention (IP-Adapter, LoRA, fused or
    added projections): taking its place would silently lose what it does. Sliced and xFormers attention are plain;
    while this processor is installed, torch's own kernels, which save as much memory, are used instead.
    """

    def __init__(self, layer: AttentionLayer, tracker: GridTracker) -> None:
        module, stock = layer.module, layer.stock
        if not isinstance(module, Attention) or not isinstance(stock, (*_PLAIN, OpenProcessor)):
            raise StudioError(
                f"This method cannot work with the attention of {layer.name} ({type(stock).__name__}).",
                "Remove IP-Adapters and other add-ons that change attention, or choose another engine.",
            )
        if not module.scale_qk or module.added_kv_proj_dim is not None or module.fused_projections:
            raise StudioError(
                f"This method cannot work with the attention of {layer.name}: it is unscaled, fused or has added keys.",
                "Choose another engine.",
            )
        self.site = Site(layer, tracker)
        self.is_cross = layer.kind is AttentionKind.CROSS

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        residual, shape = hidden_states, hidden_states.shape
        hidden = hidden_states if attn.spatial_norm is None else attn.spatial_norm(hidden_states, temb)
        if hidden.ndim == 4:
            self.site.tracker.grid = Grid(hidden.shape[-2], hidden.shape[-1])
            hidden = hidden.flatten(2).transpose(1, 2)
        if attn.group_norm is not None:
            hidden = attn.group_norm(hidden.transpose(1, 2)).transpose(1, 2)
        context = hidden if encoder_hidden_states is None else encoder_hidden_states
        sources = self.sources(hidden, context)
        if encoder_hidden_states is not None and attn.norm_cross is not None:
            sources = _normalise_context(attn, sources)
        output = self._output(attn, sources, _expand_mask(attn, attention_mask, sources.key))
        output = attn.to_out[1](attn.to_out[0](output))  # pyright: ignore[reportOptionalSubscript]
        if residual.ndim == 4:
            output = output.transpose(-1, -2).reshape(shape)
        if attn.residual_connection:
            output = output + residual
        return output / attn.rescale_output_factor if attn.rescale_output_factor != 1.0 else output

    def _output(self, attn: Attention, sources: Sources, mask: Tensor | None) -> Tensor:
        """(B, N, heads * d) before the output projection."""
        query = _heads(attn, attn.to_q(sources.query))
        key = _heads(attn, attn.to_k(sources.key))  # pyright: ignore[reportOptionalCall]
        value = _heads(attn, attn.to_v(sources.value))  # pyright: ignore[reportOptionalCall]
        query = query if attn.norm_q is None else attn.norm_q(query)
        key = key if attn.norm_k is None else attn.norm_k(key)
        features = self.features(self.attend(query, key, value, mask), value)
        return features.transpose(1, 2).flatten(2).to(query.dtype)

    def sources(self, hidden: Tensor, context: Tensor) -> Sources:
        """What the projections are given: by default queries from `hidden`, keys and values from `context`.

        Args:
            hidden: (B, N, C) normalised tokens of the layer; do not change it in place.
            context: `hidden` itself for self-attention, else the (B, T, D) text.
        """
        return Sources(hidden, context, context)

    def attend(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
        """(B, heads, N, d) queries over (B, heads, T, d) keys and values. Override it to reach the logits."""
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask)

    def features(self, output: Tensor, value: Tensor) -> Tensor:
        """(B, heads, N, d) attended features on their way to the output projection, with the values they came from."""
        return output


def _normalise_context(attn: Attention, sources: Sources) -> Sources:
    """Text is normalised before its projections where the layer asks for it, keys and values alike."""
    key = attn.norm_encoder_hidden_states(sources.key)
    value = key if sources.value is sources.key else attn.norm_encoder_hidden_states(sources.value)
    return Sources(sources.query, key, value)


def logits(query: Tensor, key: Tensor) -> Tensor:
    """(B, heads, N, T) scaled dot products in float32, for processors that change them before the softmax.

    Costs B * heads * N * T * 4 bytes, so reach for it on coarse levels and on text only.
    """
    return torch.matmul(query.float(), key.float().transpose(-1, -2)) * query.shape[-1] ** -0.5


def attend_with(weights: Tensor, value: Tensor) -> Tensor:
    """Softmax of (B, heads, N, T) logits applied to (B, heads, T, d) values."""
    return torch.matmul(weights.softmax(-1).to(value.dtype), value)


def _heads(attn: Attention, projected: Tensor) -> Tensor:
    """(B, N, heads * d) -> (B, heads, N, d)."""
    return projected.unflatten(-1, (attn.heads, -1)).transpose(1, 2)


def _expand_mask(attn: Attention, mask: Tensor | None, keys: Tensor) -> Tensor | None:
    """A mask as Attention is given it, as (B, heads, 1 or N, T)."""
    if mask is None:
        return None
    batch, tokens = keys.shape[:2]
    prepared = attn.prepare_attention_mask(mask, tokens, batch)
    return prepared.view(batch, attn.heads, -1, prepared.shape[-1])
