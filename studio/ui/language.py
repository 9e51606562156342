"""The languages of the window: Qt's translation over TOML catalogues.

`translations/<language>/<context>.toml` maps English to the language, for `window`, `edits`, `canvas` and `panels`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from PySide6.QtCore import QLocale, QObject, QTranslator

from studio.ui import translations
from studio.ui.sentences import FilledSentences

LANGUAGES = {"en": "English", "ja": "日本語"}
"""What each language calls itself; English is the source and has no catalogue."""

ERRORS, ERROR_WORDS = "errors", "error_words"
"""The contexts of what errors say, and of words that fill their sentences."""

Catalogue = Mapping[str, Mapping[str, str]]


@cache
def catalogue(language: str) -> Catalogue:
    """The texts of a language by context and English; empty for English."""
    if language == "en" or language not in LANGUAGES:
        return {}
    folder = resources.files(translations) / language
    files = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return {entry.name.removesuffix(".toml"): tomllib.loads(entry.read_text(encoding="utf-8")) for entry in files}


def chosen(setting: str) -> str:
    """The language that a setting means: "system" is the system's own where we have it, else English."""
    if setting in LANGUAGES:
        return setting
    system = QLocale.system().name().split("_")[0]
    return system if system in LANGUAGES else "en"


class CatalogueTranslator(QTranslator):
    """Answers Qt's questions from a catalogue; what it does not know stays English.

    Sentences of the context “errors” come filled in; see `sentences`.
    """

    def __init__(self, texts: Catalogue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._errors = FilledSentences(texts.get(ERRORS, {}), texts.get(ERROR_WORDS, {}))

    def isEmpty(self) -> bool:
        return not self._texts

    def translate(self, context: str, sourceText: str, disambiguation: str | None = None, n: int = -1) -> str | None:  # pyright: ignore[reportIncompatibleMethodOverride]  # None is Qt's "not translated"
        if context == ERRORS:
            return self._errors(sourceText)
        return self._texts.get(context, {}).get(sourceText)
