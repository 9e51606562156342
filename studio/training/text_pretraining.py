"""Teaches the text encoder to keep what it is told, before a denoiser learns from it.

From random weights, the loss of a denoiser lets the encoder tell settings apart (they change every pixel) and flattens
everything else, objects and colours included: measured, "red house" and "green tree" came to lie twenty times closer
than day and night. Captions alone mend that in two minutes: every word must be readable from its own state, the word
before it too, and from the states after the end all words and pairs of neighbours. The heads that read are
thrown away.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import CLIPTextModel

RAREST_PAIR = 0.002
"""Pairs of neighbours in fewer captions than this share are not asked for."""
LEARNING_RATE = 1e-3
_PATIENCE = 50


@dataclass(frozen=True, slots=True)
class WordTable:
    """The words and pairs of neighbouring words of a set of captions, numbered.

    Args:
        words: (V,) number of each token id, 0 for those that do not occur.
        pairs: {(word, next word): number}, as a (W, W) table with -1 for pairs that are not asked for.
    """

    words: Tensor
    pairs: Tensor

    @classmethod
    def of(cls, tokens: NDArray[np.integer], vocabulary: int) -> WordTable:
        used = np.unique(tokens)
        words = np.zeros(vocabulary, np.int64)
        words[used] = np.arange(len(used))
        numbers = words[tokens]
        counts = np.zeros((len(used), len(used)), np.int64)
        np.add.at(counts, (numbers[:, :-1].ravel(), numbers[:, 1:].ravel()), 1)
        pairs = np.full(counts.shape, -1, np.int64)
        frequent = counts >= RAREST_PAIR * len(tokens)
        pairs[frequent] = np.arange(int(frequent.sum()))
        return cls(torch.from_numpy(words), torch.from_numpy(pairs))

    @property
    def word_count(self) -> int:
        return len(self.pairs)

    @property
    def pair_count(self) -> int:
        return int(self.pairs.max()) + 1


class KeepsWords(nn.Module):
    """The encoder under test by its heads."""

    def __init__(self, encoder: CLIPTextModel, table: WordTable) -> None:
        super().__init__()
        self.encoder, self.table = encoder, table
        width = encoder.config.hidden_size
        self.own = nn.Linear(width, table.word_count)
        self.before = nn.Linear(width, table.word_count)
        self.after = nn.Linear(width, table.word_count + table.pair_count)

    def forward(self, tokens: Tensor) -> Tensor:
        """The loss on (B, L) captions."""
        end = cast("int", self.encoder.config.eos_token_id)
        states = self.encoder(tokens).last_hidden_state.float()
        words = self.table.words[tokens]
        ended = (tokens == end).cumsum(1) > 0
        spoken = ~ended[:, 1:]
        own = F.cross_entropy(self.own(states[:, 1:][spoken]), words[:, 1:][spoken])
        before = F.cross_entropy(self.before(states[:, 1:][spoken]), words[:, :-1][spoken])
        occurred = self._occurred(words)[:, None].expand(-1, tokens.shape[1], -1)
        after = F.binary_cross_entropy_with_logits(self.after(states[ended]), occurred[ended])
        return own + before + 10 * after

    def _occurred(self, words: Tensor) -> Tensor:
        """(B, words + pairs) which words and pairs each caption holds."""
        table = self.table
        found = torch.zeros(len(words), table.word_count + table.pair_count + 1)
        found.scatter_(1, words, 1.0)
        pairs = table.pairs[words[:, :-1], words[:, 1:]]
        return found.scatter_(1, torch.where(pairs < 0, table.pair_count, pairs) + table.word_count, 1.0)[:, :-1]


def pretrain(
    encoder: CLIPTextModel,
    tokens: NDArray[np.integer],
    steps: int,
    batch: int = 16,
    tell: Callable[[int, float], None] = lambda step, loss: None,
) -> float:
    """Train the encoder on (N, L) captions; returns the mean loss of the last steps.

    Random draws come from torch's global generator.
    """
    task = KeepsWords(encoder, WordTable.of(tokens, encoder.config.vocab_size)).train()
    optimizer = torch.optim.AdamW(task.parameters(), LEARNING_RATE, betas=(0.9, 0.98), weight_decay=0.01)
    recent: list[float] = []
    for step in range(steps):
        rate = min(1.0, (step + 1) / _PATIENCE) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * rate
        chosen = torch.randint(0, len(tokens), (batch,))
        loss = task(torch.from_numpy(tokens[chosen.numpy()].astype(np.int64)))
        loss.backward()
        nn.utils.clip_grad_norm_(task.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        recent = [*recent[-_PATIENCE + 1 :], float(loss.detach())]
        tell(step, float(np.mean(recent)))
    encoder.eval()
    return float(np.mean(recent))
