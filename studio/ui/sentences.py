"""Sentences with fields, translated as they come: filled in, from where no language but English is spoken.

A catalogue maps sentences with what they name as `{0}`, `{1}`, … to the language; a sentence that comes filled in is
found by its pattern. A second one holds words that fill sentences, such as what the system calls a full disk. What
stands between “ and ” is a name and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_FIELD = re.compile(r"\{(\d)\}")


class FilledSentences:
    """Translates sentences that come with their fields filled in."""

    def __init__(self, sentences: Mapping[str, str], words: Mapping[str, str]) -> None:
        self._sentences = sentences
        self._words = words
        self._patterns: list[tuple[re.Pattern[str], str]] | None = None

    def __call__(self, english: str) -> str | None:
        """The sentence in the language of the catalogue; None where it is not known."""
        exact = self._sentences.get(english)
        if exact is not None:
            return exact
        if self._patterns is None:
            self._patterns = _patterns(self._sentences)
        for pattern, template in self._patterns:
            if (found := pattern.fullmatch(english)) is not None:
                fields = [self._field(*part) for part in zip(_quoted(pattern, found), found.groups(), strict=True)]
                return _FIELD.sub(lambda field, fields=fields: fields[int(field[1])], template)
        return None

    def _field(self, is_name: bool, filled: str) -> str:
        """What fills a field: a word, or a sentence in a sentence; names and numbers stay."""
        return filled if is_name else self._words.get(filled) or self(filled) or filled


def _patterns(sentences: Mapping[str, str]) -> list[tuple[re.Pattern[str], str]]:
    """The sentences with fields, those first that say most beside them."""
    filled = {english: other for english, other in sentences.items() if _FIELD.search(english)}
    most = sorted(filled, key=lambda english: -len(_FIELD.sub("", english)))
    return [(re.compile(_FIELD.sub("(.+?)", _escaped(english)), re.DOTALL), filled[english]) for english in most]


def _escaped(english: str) -> str:
    """As a pattern, but for its fields; they stand in order, each once."""
    parts = _FIELD.split(english)
    return "".join(f"{{{part}}}" if place % 2 else re.escape(part) for place, part in enumerate(parts))


def _quoted(pattern: re.Pattern[str], found: re.Match[str]) -> Iterable[bool]:
    """Whether each field stands between “ and ”."""
    whole = found.string
    for group in range(1, pattern.groups + 1):
        start, end = found.span(group)
        yield whole[max(0, start - 1) : start] == "“" and whole[end : end + 1] == "”"
