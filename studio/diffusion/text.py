"""Text to embeddings for the Stable Diffusion family: one CLIP encoder, or SDXL's two side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import torch
from torch import Tensor, nn
from transformers import CLIPTextModelWithProjection

from studio.core.errors import StudioError


class Encoding(Protocol):
    """What a tokenizer gives."""

    input_ids: list[list[int]]


class Tokenizer(Protocol):
    """What is used of a CLIP tokenizer, of whatever version of transformers."""

    model_max_length: int
    bos_token_id: int | None
    eos_token_id: int | None

    def __call__(self, text: list[str], **options: object) -> Encoding: ...


@dataclass(frozen=True, slots=True)
class TextEmbeds:
    """Encoded texts.

    Args:
        sequence: (B, L, D) one vector per token; BOS first, then the words, then EOS and padding.
        pooled: (B, P) one vector per text for models that want it (SDXL), else None.
    """

    sequence: Tensor
    pooled: Tensor | None = None

    def __len__(self) -> int:
        return self.sequence.shape[0]

    def take(self, indices: Sequence[int]) -> TextEmbeds:
        """The texts at these indices, in this order, repeated where an index is."""
        order = torch.tensor(list(indices), device=self.sequence.device)
        return TextEmbeds(self.sequence[order], None if self.pooled is None else self.pooled[order])

    @staticmethod
    def join(parts: Sequence[TextEmbeds]) -> TextEmbeds:
        """All texts of several results, in order."""
        pooled = [part.pooled for part in parts if part.pooled is not None]
        return TextEmbeds(torch.cat([part.sequence for part in parts]), torch.cat(pooled) if pooled else None)


@dataclass(frozen=True, slots=True)
class ClipText:
    """The tokenizers and text encoders of one engine.

    Args:
        tokenizers, encoders: as many of one as of the other; SDXL has two.
        penultimate: take the states before the last layer, as SDXL does; else the last ones, after the final norm.
    """

    tokenizers: tuple[Tokenizer, ...]
    encoders: tuple[nn.Module, ...]
    penultimate: bool

    @classmethod
    def of(cls, components: Mapping[str, object], penultimate: bool | None = None) -> ClipText:
        """From the parts of an engine named as diffusers names them.

        Raises StudioError when there is no CLIP encoder.
        """
        numbers = [suffix for suffix in ("", "_2") if components.get(f"text_encoder{suffix}") is not None]
        if not numbers:
            raise StudioError("This engine has no text encoder.", "Choose an engine that takes a prompt.")
        encoders = tuple(cast("nn.Module", components[f"text_encoder{number}"]) for number in numbers)
        tokenizers = tuple(cast("Tokenizer", components[f"tokenizer{number}"]) for number in numbers)
        projected = any(isinstance(encoder, CLIPTextModelWithProjection) for encoder in encoders)
        return cls(tokenizers, encoders, projected if penultimate is None else penultimate)

    @torch.no_grad()
    def encode(self, texts: Sequence[str]) -> TextEmbeds:
        """Encode each text alone, padded to the tokenizer's length.

        The empty text is encoded like any other; some pipelines use zeros for it, which is another conditioning.
        Tokens over the limit are dropped: see `tokens.align`, which says what that cuts off.
        """
        sequences: list[Tensor] = []
        pooled: Tensor | None = None
        for tokenizer, encoder in zip(self.tokenizers, self.encoders, strict=True):
            ids = tokenizer(list(texts), padding="max_length", max_length=tokenizer.model_max_length, truncation=True)
            output = encoder(
                torch.tensor(ids.input_ids, device=_device(encoder)), output_hidden_states=self.penultimate
            )
            sequences.append(output.hidden_states[-2] if self.penultimate else output.last_hidden_state)
            if isinstance(encoder, CLIPTextModelWithProjection):
                pooled = output.text_embeds
        return TextEmbeds(torch.cat(sequences, dim=-1), pooled)


def _device(module: nn.Module) -> torch.device:
    return next(module.parameters()).device
