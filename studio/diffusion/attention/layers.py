"""The attention layers of a model: names, kinds, and the processors they have now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from torch import nn

from studio.core.errors import StudioError

Processor = Callable[..., object]


class AttentionKind(StrEnum):
    """What the queries of a layer look at."""

    SELF = "self"
    CROSS = "cross"
    JOINT = "joint"
    TEMPORAL = "temporal"


class AttentionModel(Protocol):
    """A model with diffusers' AttentionMixin, or with the same two members."""

    @property
    def attn_processors(self) -> dict[str, Processor]: ...

    def set_attn_processor(self, processor: dict[str, Processor]) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class AttentionLayer:
    """One attention layer.

    Args:
        name: path inside the model, such as "down_blocks.2.attentions.0.transformer_blocks.1.attn2".
        kind: JOINT also for the single-stream layers of a transformer that appends text to its picture tokens.
        stock: the processor the layer has before a swap.
    """

    name: str
    kind: AttentionKind
    module: nn.Module
    stock: Processor

    def is_in(self, *blocks: str) -> bool:
        """Whether the layer lies in one of these blocks, such as "mid_block" or "down_blocks.2"."""
        return any(self.name == block or self.name.startswith(f"{block}.") for block in blocks)


def attention_layers(model: nn.Module) -> tuple[AttentionLayer, ...]:
    """Every attention layer of a model, in the model's order. Raises StudioError for a model without processors."""
    processors = getattr(model, "attn_processors", None)
    if not processors:
        raise StudioError(f"{type(model).__name__} has no attention processors that could be changed.")
    modules = dict(model.named_modules())
    temporal = tuple(f"{name}." for name, module in modules.items() if _is_temporal(module))
    named = {key.removesuffix(".processor"): stock for key, stock in processors.items()}
    joint = any(_is_joint(modules[name]) for name in named)
    layers: list[AttentionLayer] = []
    for name, stock in named.items():
        module = modules[name]
        kind = AttentionKind.TEMPORAL if name.startswith(temporal) else _kind(module, joint)
        layers.append(AttentionLayer(name, kind, module, stock))
    return tuple(layers)


def _kind(module: nn.Module, joint_model: bool) -> AttentionKind:
    if getattr(module, "is_cross_attention", False):
        return AttentionKind.CROSS
    return AttentionKind.JOINT if joint_model else AttentionKind.SELF


def _is_joint(module: nn.Module) -> bool:
    """A layer with projections of its own for the text that shares its sequence."""
    added = getattr(module, "added_kv_proj_dim", None) is not None
    return added and not getattr(module, "is_cross_attention", False)


def _is_temporal(module: nn.Module) -> bool:
    """Modules that fold space into the batch and attend over frames."""
    return type(module).__name__ in (
        "TransformerTemporalModel",
        "AnimateDiffTransformer3D",
        "TemporalBasicTransformerBlock",
    )
