"""From characters of a prompt to positions in the encoded sequence.

CLIP's byte pairs never join two words, so the position of a character is the number of tokens of the text before it.
That holds for every version of the tokenizer and needs no offsets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.core.errors import StudioError
from studio.diffusion.text import Tokenizer

CharSpan = tuple[int, int]
"""Half-open character range of a prompt."""


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """Half-open range of positions in the encoded sequence; BOS is position 0."""

    first: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.first

    @property
    def positions(self) -> range:
        return range(self.first, self.stop)


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where the phrases of one prompt lie in its sequence.

    Args:
        spans: one per phrase asked for; None when the phrase runs over the tokenizer's limit and so is not there in
            full.
        words: tokens of the prompt that are kept; they are positions 1 to `words`.
        dropped: the text that the limit cut off, "" when nothing was.
    """

    spans: tuple[TokenSpan | None, ...]
    words: int
    dropped: str

    @property
    def end(self) -> int:
        """Position of the first EOS; padding may use the same id, so it must not be searched for."""
        return self.words + 1


def align(tokenizers: Sequence[Tokenizer], prompt: str, spans: Sequence[CharSpan]) -> Alignment:
    """Find `spans` of `prompt` in its token sequence.

    Args:
        tokenizers: of every encoder that shares the sequence; SDXL's two must agree.

    Raises:
        StudioError: a span cuts through a word, or the tokenizers disagree.
    """
    ids = [_ids(tokenizer, prompt) for tokenizer in tokenizers]
    if any(other != ids[0] for other in ids[1:]):
        raise StudioError("The text encoders of this engine split the prompt differently.", "Choose another engine.")
    tokenizer, limit = tokenizers[0], tokenizers[0].model_max_length - 2
    found: list[TokenSpan | None] = []
    for start, stop in spans:
        first, last = _count(tokenizer, prompt[:start]), _count(tokenizer, prompt[:stop])
        if first == last or _ids(tokenizer, prompt[start:stop]) != ids[0][first:last]:
            raise StudioError(
                f"The phrase “{prompt[start:stop]}” does not begin and end at words of the prompt.",
                "Choose whole words.",
            )
        found.append(None if last > limit else TokenSpan(first + 1, last + 1))
    return Alignment(tuple(found), min(len(ids[0]), limit), _cut_off(tokenizer, prompt, limit))


def locate(prompt: str, phrases: Sequence[str]) -> list[CharSpan]:
    """Where each phrase occurs in the prompt; the second of two equal phrases is matched to the second occurrence.

    Whole words only, letter case aside. Raises StudioError that names a phrase which is not there (often enough).
    """
    text = prompt.lower()
    places: list[CharSpan] = []
    next_from: dict[str, int] = {}
    for phrase in phrases:
        wanted = phrase.strip().lower()
        start = _find_word(text, wanted, next_from.get(wanted, 0)) if wanted else -1
        if start < 0:
            again = " another time" if wanted in next_from else ""
            raise StudioError(
                f"The phrase “{phrase}” is not in the prompt{again}.", "Write each phrase as it stands in the prompt."
            )
        next_from[wanted] = start + len(wanted)
        places.append((start, start + len(wanted)))
    return places


def place_phrase(sequence: Tensor, phrase: Tensor, span: TokenSpan) -> Tensor:
    """A copy of `sequence` with the positions of `span` taken from `phrase`, a text that was encoded alone.

    BOS, EOS and padding stay those of the whole prompt. Structured guidance calls this aligning a sequence; T3-S2S,
    replacing.

    Args:
        sequence, phrase: (L, D), encoded by the same encoders.
    """
    placed = sequence.clone()
    placed[span.first : span.stop] = phrase[1 : 1 + len(span)]
    return placed


def token_mask(alignment: Alignment, length: int) -> Tensor:
    """(L,) bool: the positions that are words of the prompt."""
    mask = torch.zeros(length, dtype=torch.bool)
    mask[1 : alignment.end] = True
    return mask


def _ids(tokenizer: Tokenizer, text: str) -> list[int]:
    """Ids of a text without BOS and EOS, however long."""
    return list(tokenizer([text], add_special_tokens=False, truncation=False, verbose=False).input_ids[0])


def _count(tokenizer: Tokenizer, text: str) -> int:
    return len(_ids(tokenizer, text))


def _cut_off(tokenizer: Tokenizer, prompt: str, limit: int) -> str:
    """The end of the prompt from the first word that is not kept in full."""
    if _count(tokenizer, prompt) <= limit:
        return ""
    kept = 0
    for position, letter in enumerate(prompt):
        if letter.isspace():
            if _count(tokenizer, prompt[:position]) > limit:
                break
            kept = position
    return prompt[kept:].strip()


def _find_word(text: str, wanted: str, start: int) -> int:
    """Index of `wanted` at word boundaries, from `start` on, or -1."""
    while (start := text.find(wanted, start)) >= 0:
        stop = start + len(wanted)
        if not (text[start - 1 : start].isalnum() or text[stop : stop + 1].isalnum()):
            return start
        start += 1
    return -1
