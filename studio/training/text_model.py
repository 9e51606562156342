"""The tokenizer and the text encoder of our small models: CLIP's classes, with a vocabulary of our own.

Every word of the caption grammar is one token; anything else is spelled in bytes, so every text encodes.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers.pre_tokenizers import ByteLevel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from studio.diffusion.files import ModelFault
from studio.diffusion.lexicon import COLOURS
from studio.synth.words import COLORS, MOTIONS, NOUNS, NUMBERS, PATTERNS, PLACES, RELATIONS, TIMES

MAX_TOKENS = 48
"""Length of every encoded text, BOS and EOS included; the longest captions of the grammar fit."""
VOCABULARY = "vocabulary.json"
"""Beside a model: the words that it was trained with."""
WIDTH, LAYERS, HEADS = 128, 4, 4
START, END = "<|startoftext|>", "<|endoftext|>"
_EXTRA = ("a", "an", "and", "the", "of", "with", "in", "on", "at", "over", "to", "picture", "scene", "day", "sky")
_WORD_END = "</w>"


def grammar_words() -> tuple[str, ...]:
    """Every word that captions are made of, sorted, and a few small ones around them."""
    texts: list[str] = [*_EXTRA, *COLOURS, *NUMBERS, *MOTIONS.values()]
    texts += [form for nouns in NOUNS.values() for noun in nouns for form in (noun.one, noun.many)]
    texts += [word for words in (*COLORS.values(), *PATTERNS.values(), *RELATIONS.values()) for word in words]
    texts += [part for pairs in (*PLACES.values(), *TIMES.values()) for pair in pairs for part in pair]
    return tuple(sorted({word for text in texts for word in re.findall(r"[a-z]+", text)}))


def build_tokenizer(words: Iterable[str] | None = None) -> CLIPTokenizer:
    """A CLIP tokenizer; the same words give the same files, byte for byte."""
    alphabet = sorted(ByteLevel.alphabet())
    pieces = [*alphabet, *(letter + _WORD_END for letter in alphabet)]
    merges: dict[tuple[str, str], int] = {}
    for word in grammar_words() if words is None else words:
        _learn(word, merges)
    pieces += [first + second for first, second in merges]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys([*pieces, START, END]))}
    return CLIPTokenizer(
        vocab=vocabulary,  # pyright: ignore[reportArgumentType]  a dictionary will do
        merges=list(merges),  # pyright: ignore[reportArgumentType]
        pad_token=END,
        model_max_length=MAX_TOKENS,
    )


def known_words(tokenizer: CLIPTokenizer, ids: Iterable[int]) -> tuple[str, ...]:
    """The whole words among token ids, sorted: what a model that was trained with them knows."""
    pieces = tokenizer.convert_ids_to_tokens(sorted(set(ids)))
    words = {piece.removesuffix(_WORD_END) for piece in pieces if piece.endswith(_WORD_END)}
    return tuple(sorted(word for word in words if word.isalpha() and word.isascii()))


def write_vocabulary(folder: Path, words: Sequence[str]) -> None:
    """Store a model's words beside it."""
    text = json.dumps({"version": 1, "words": list(words)}, indent=1)
    (folder / VOCABULARY).write_text(text + "\n", encoding="utf-8")


def read_vocabulary(folder: Path) -> frozenset[str] | None:
    """The words that a model was trained with, or None when it does not say. Raises ModelFault for a damaged file."""
    path = folder / VOCABULARY
    if not path.is_file():
        return None
    try:
        return frozenset(str(word) for word in json.loads(path.read_text(encoding="utf-8"))["words"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFault(path, "The model's list of words cannot be read", "Delete the file.", repr(error)) from error


def _learn(word: str, merges: dict[tuple[str, str], int]) -> None:
    """Add the merges that make a word one token.

    They come after all earlier ones, which a byte pair encoder prefers, so no earlier word falls apart.
    """
    pieces = [*word[:-1], word[-1] + _WORD_END]
    while len(pieces) > 1:
        pair = min(itertools.pairwise(pieces), key=lambda pair: merges.get(pair, len(merges)))
        merges.setdefault(pair, len(merges))
        pieces = _merged(pieces, pair)


def _merged(pieces: list[str], pair: tuple[str, str]) -> list[str]:
    """Every occurrence of a pair joined, from the left."""
    out: list[str] = []
    for piece in pieces:
        if out and (out[-1], piece) == pair:
            out[-1] += piece
        else:
            out.append(piece)
    return out


def build_text_encoder(tokenizer: CLIPTokenizer, width: int = WIDTH, layers: int = LAYERS) -> CLIPTextModel:
    """A causal text encoder for the tokenizer, with random weights."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=4 * width,
        projection_dim=width,
        num_hidden_layers=layers,
        num_attention_heads=HEADS,
        max_position_embeddings=tokenizer.model_max_length,
        bos_token_id=tokenizer.bos_token_id,  # pyright: ignore[reportArgumentType]
        eos_token_id=tokenizer.eos_token_id,  # pyright: ignore[reportArgumentType]
        pad_token_id=tokenizer.pad_token_id,  # pyright: ignore[reportArgumentType]
    )
    return CLIPTextModel(config)
