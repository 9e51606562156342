"""Noun phrases of a prompt: attribute and noun, each with its place in the text.

Rules and closed word lists, no model and no data: a phrase is a run of words without prepositions, verbs, conjunctions
    or
punctuation. English only; the window lets people correct the phrases. Rules after structured_guidance.md, section 12.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from studio.diffusion.lexicon import BOUNDARIES, COLOURS, DETERMINERS, ING_NOUNS, JOINERS, RELATIONAL, VERBS

_TOKEN = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*|\d+(?:[.,]\d+)*|[^\w\s]|_+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word or punctuation mark and its half-open character range."""

    start: int
    stop: int
    text: str

    @property
    def lower(self) -> str:
        return self.text.lower().replace("’", "'")

    @property
    def is_determiner(self) -> bool:
        return self.lower in DETERMINERS or self.text.isdigit()

    @property
    def is_colour(self) -> bool:
        return self.lower in COLOURS


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that belong together; the last one is the head, as in "a red striped house"."""

    text: str
    words: tuple[Word, ...]

    @property
    def span(self) -> tuple[int, int]:
        """Half-open character range in the prompt."""
        return self.words[0].start, self.words[-1].stop

    @property
    def head(self) -> Word:
        return self.words[-1]

    @property
    def attributes(self) -> tuple[Word, ...]:
        """What stands before the head, determiners and joining words aside."""
        return tuple(word for word in self.words[:-1] if not word.is_determiner and word.lower not in JOINERS)


def find_phrases(prompt: str, *, single_words: bool | None = None, nested: bool = False) -> tuple[Phrase, ...]:
    """The noun phrases of a prompt, in order.

    Args:
        single_words: keep phrases of one word. None keeps them in prompts in tag style ("castle, fog, red sky"):
            several parts between commas, and no determiner anywhere.
        nested: also give "phrase preposition phrase" as one phrase, before its parts, as a parser with nested noun
            phrases would.
    """
    words = [Word(match.start(), match.end(), match.group()) for match in _TOKEN.finditer(prompt)]
    if single_words is None:
        single_words = prompt.count(",") > 0 and not any(word.is_determiner for word in words)
    runs = [run for run in _join_colours(words, _runs(words)) if _is_phrase(run)]
    if nested:
        runs = list(_with_parents(words, runs))
    return tuple(
        Phrase(prompt[run[0].start : run[-1].stop], tuple(run)) for run in runs if single_words or len(run) > 1
    )


def _runs(words: list[Word]) -> list[list[Word]]:
    """Maximal runs of words that may stand in a phrase; a determiner starts a new one."""
    runs: list[list[Word]] = [[]]
    for index, word in enumerate(words):
        if _is_boundary(words, index):
            runs.append([])
            continue
        if word.is_determiner and runs[-1] and not runs[-1][-1].is_determiner:
            runs.append([])
        runs[-1].append(word)
    return [run for run in runs if run]


def _is_boundary(words: list[Word], index: int) -> bool:
    word = words[index]
    text = word.lower
    if not (text[0].isalnum()) or text in BOUNDARIES:
        return True
    if text not in VERBS and not (text.endswith("ing") and text not in ING_NOUNS):
        return False
    return not _is_attributive(words, index)


def _is_attributive(words: list[Word], index: int) -> bool:
    """A verb form that stands like an adjective or noun: "a walking path", "the painted wall", "in a park"."""
    if index == 0:
        return False
    before, text = words[index - 1], words[index].lower
    owned = before.is_determiner or before.lower.endswith("'s")
    if owned and (text in ING_NOUNS or not text.endswith(("ing", "ed"))):
        return True
    if index + 1 == len(words) or not (owned or before.is_colour):
        return False
    after = words[index + 1]
    return after.lower[0].isalpha() and after.lower not in BOUNDARIES | VERBS and not after.is_determiner


def _join_colours(words: list[Word], runs: list[list[Word]]) -> list[list[Word]]:
    """Runs that coordinate colours become one: "black and white cat", "red, white and orange sheet"."""
    order = {word: index for index, word in enumerate(words)}
    joined: list[list[Word]] = []
    for run in runs:
        previous = joined[-1] if joined else []
        if previous and previous[-1].is_colour and not run[0].is_determiner:
            between = words[order[previous[-1]] + 1 : order[run[0]]]
            if between and all(word.lower in JOINERS for word in between):
                joined[-1] = [*previous, *between, *run]
                continue
        joined.append(run)
    return joined


def _is_phrase(run: Iterable[Word]) -> bool:
    """Runs of determiners and places alone ("the left", "the background") are no phrases."""
    return any(not word.is_determiner and word.lower not in RELATIONAL for word in run)


def _with_parents(words: list[Word], runs: list[list[Word]]) -> Iterator[list[Word]]:
    order = {word: index for index, word in enumerate(words)}
    for run, following in zip(runs, [*runs[1:], []], strict=True):
        if following:
            between = words[order[run[-1]] + 1 : order[following[0]]]
            if len(between) == 1 and between[0].lower in BOUNDARIES and between[0].lower not in JOINERS:
                yield [*run, *between, *following]
        yield run
