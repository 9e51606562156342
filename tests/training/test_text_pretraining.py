"""The text encoder learns to keep its words: what it said alike comes apart, and its heads read what was asked."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.synth.splits import Split
from studio.training.choices import Config
from studio.training.scene_latents import tokens_of
from studio.training.scene_set import caption_text, chosen_scene
from studio.training.text_model import build_text_encoder, build_tokenizer
from studio.training.text_pretraining import KeepsWords, WordTable, pretrain

TOKENIZER = build_tokenizer()


@pytest.fixture(scope="module")
def captions() -> np.ndarray:
    return tokens_of(TOKENIZER, [caption_text(chosen_scene(Split.TRAIN, index, Config.CPU), 0) for index in range(60)])


def test_the_table_numbers_what_occurs() -> None:
    tokens = tokens_of(TOKENIZER, ["a red house", "a red tree"])
    table = WordTable.of(tokens, len(TOKENIZER))
    assert table.word_count == 6  # start, end, a, red, house, tree
    red, house = (int(table.words[TOKENIZER(word, add_special_tokens=False).input_ids[0]]) for word in ("red", "house"))
    assert table.pairs[red, house] >= 0
    assert table.pairs[house, red] == -1
    numbers = table.pairs[table.pairs >= 0].tolist()
    assert sorted(numbers) == list(range(table.pair_count))


def test_what_occurred_is_marked() -> None:
    tokens = tokens_of(TOKENIZER, ["a red house", "a tree"])
    table = WordTable.of(tokens, len(TOKENIZER))
    task = KeepsWords(build_text_encoder(TOKENIZER, layers=1), table)
    found = task._occurred(table.words[torch.from_numpy(tokens)])
    red = int(table.words[TOKENIZER("red", add_special_tokens=False).input_ids[0]])
    assert found[:, red].tolist() == [1.0, 0.0]
    assert found.shape == (2, table.word_count + table.pair_count)
    assert found[0].sum() > found[1].sum()


def test_the_loss_falls(captions: np.ndarray) -> None:
    torch.manual_seed(0)
    encoder = build_text_encoder(TOKENIZER, layers=2)
    losses: list[float] = []
    pretrain(encoder, captions, steps=60, tell=lambda step, loss: losses.append(loss))
    assert losses[-1] < 0.8 * losses[0]
    assert not encoder.training
