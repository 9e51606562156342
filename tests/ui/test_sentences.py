"""Errors in the window's languages: every sentence of the source has its translation, and is found filled in."""

from __future__ import annotations

import re

import pytest

from studio.ui import language, result_names
from studio.ui.language import ERROR_WORDS, ERRORS, catalogue
from studio.ui.sentences import FilledSentences
from tests.support.sentences import sentences

LANGUAGES = [code for code in language.LANGUAGES if code != "en"]
UNREAD = {"_allowed(params_class, where)", "_allowed(type(params), spec.name)", "spec.help", "sentence"}
"""What parameters say of themselves: the window's form tells it beside the field, from the plugin's own texts."""
FORWARDED = {"message", "hint"}
"""Sentences of a failed job that are passed on."""


def letters(template: str) -> int:
    return len(re.sub(r"\{\d\}|[^A-Za-z]", "", template))


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_of_the_source_is_there(code: str) -> None:
    found, unread = sentences()
    assert {place.split(": ", 1)[1] for place in unread} == UNREAD | FORWARDED
    wanted = {said.template for said in found if letters(said.template) >= 4}  # less is only what others say
    assert len(wanted) > 300
    assert set(catalogue(code)[ERRORS]) == wanted


@pytest.mark.parametrize("code", LANGUAGES)
def test_translations_have_the_same_fields(code: str) -> None:
    field = re.compile(r"\{\d\}")
    for english, other in catalogue(code)[ERRORS].items():
        assert sorted(field.findall(english)) == sorted(field.findall(other)), english


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_is_found_filled_in(code: str) -> None:
    said = FilledSentences(catalogue(code)[ERRORS], catalogue(code)[ERROR_WORDS])
    for english, other in catalogue(code)[ERRORS].items():
        assert said(english.format(*"ABCDE")) == other.format(*"ABCDE"), english


def test_fields_are_translated_but_for_names() -> None:
    said = FilledSentences(
        {"“{0}” has its {1} locked.": "{1} von {0} gesperrt.", "Step {0} failed: {1}": "Schritt {0}: {1}"},
        {"pixels": "Pixel"},
    )
    assert said("“pixels” has its pixels locked.") == "Pixel von pixels gesperrt."
    assert said("Step 3 failed: “a {0} b” has its edges locked.") == "Schritt 3: edges von a {0} b gesperrt."
    assert said("Nothing of the kind.") is None


@pytest.mark.parametrize("code", LANGUAGES)
def test_names_of_results_are_complete(code: str) -> None:
    assert set(catalogue(code)[result_names.CONTEXT]) == set(result_names.NAMES)
