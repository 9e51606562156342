"""The tokenizer takes any text, knows the grammar's words, and is the same every time it is built."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import CLIPTokenizer

from studio.diffusion.files import ModelFault, record_folder
from studio.synth.caption import Style, Wording, describe
from studio.synth.splits import Split, split_scene
from studio.training.text_model import (
    MAX_TOKENS,
    VOCABULARY,
    build_text_encoder,
    build_tokenizer,
    grammar_words,
    known_words,
    read_vocabulary,
    write_vocabulary,
)

TOKENIZER = build_tokenizer()


def ids_of(text: str) -> list[int]:
    return TOKENIZER(text, add_special_tokens=False, truncation=False, verbose=False).input_ids


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_encodes_and_comes_back(text: str) -> None:
    ids = ids_of(text)
    assert all(0 <= number < len(TOKENIZER) for number in ids)
    normal = TOKENIZER.backend_tokenizer.normalizer.normalize_str(text)
    assert "".join(str(TOKENIZER.decode(ids)).split()) == "".join(normal.split())
    padded = TOKENIZER(text, padding="max_length", max_length=MAX_TOKENS, truncation=True).input_ids
    assert len(padded) == MAX_TOKENS


@pytest.mark.parametrize("word", grammar_words())
def test_a_word_of_the_grammar_is_one_token(word: str) -> None:
    assert len(ids_of(word)) == 1


def test_case_and_spaces_do_not_matter() -> None:
    assert ids_of("A RED   House") == ids_of("a red house")


@pytest.mark.parametrize("style", list(Style))
def test_captions_fit(style: Style) -> None:
    wording = Wording(style=style)
    for index in range(60):
        for split in (Split.TEST, Split.CROWDED):
            assert len(ids_of(describe(split_scene(split, index), index, wording).text)) <= MAX_TOKENS - 2


def test_building_it_again_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("first", "second"):
        build_tokenizer().save_pretrained(tmp_path / name)
    assert record_folder(tmp_path / "first") == record_folder(tmp_path / "second")
    read = CLIPTokenizer.from_pretrained(tmp_path / "first", local_files_only=True)
    text = "a red striped house, 乘 at night"
    assert read(text).input_ids == TOKENIZER(text).input_ids
    assert read.model_max_length == MAX_TOKENS


def test_later_words_do_not_take_earlier_ones_apart() -> None:
    tokenizer = build_tokenizer(["and", "sand", "sandy", "a", "an"])
    for word in ("and", "sand", "sandy", "a", "an"):
        assert len(tokenizer(word, add_special_tokens=False).input_ids) == 1


def test_the_encoder_is_causal() -> None:
    torch.manual_seed(0)
    encoder = build_text_encoder(TOKENIZER).eval()
    first, second = (
        torch.tensor([TOKENIZER(text, padding="max_length", max_length=MAX_TOKENS).input_ids])
        for text in ("a red house and a tree", "a red house and a boat")
    )
    same = int((first != second).nonzero()[0, 1])
    with torch.no_grad():
        before, after = encoder(first).last_hidden_state, encoder(second).last_hidden_state
    assert torch.allclose(before[:, :same], after[:, :same], atol=1e-5)
    assert not torch.allclose(before[:, same:], after[:, same:], atol=1e-2)


def test_a_vocabulary_is_stored_beside_the_model(tmp_path: Path) -> None:
    assert read_vocabulary(tmp_path) is None
    words = known_words(TOKENIZER, [*ids_of("a red house, twice xq"), *ids_of("red")])
    assert {"a", "red", "house"} <= set(words)
    write_vocabulary(tmp_path, words)
    assert read_vocabulary(tmp_path) == frozenset(words)
    (tmp_path / VOCABULARY).write_text("[]")
    with pytest.raises(ModelFault, match=VOCABULARY):
        read_vocabulary(tmp_path)
