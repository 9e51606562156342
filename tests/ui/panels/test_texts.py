"""What the layer, properties and history panels say: complete in every language."""

from __future__ import annotations

from types import ModuleType

import pytest

from studio.core.adjustments import Adjustment
from studio.core.layers import BlendMode, ColorLabel
from studio.ui import language
from studio.ui.language import catalogue
from studio.ui.panels import history_text
from studio.ui.panels.layers import text


def texts_of(module: ModuleType) -> set[str]:
    """The English texts of a module: its constants and the values of its tables."""
    constants = {name: value for name, value in vars(module).items() if name.isupper() and name != "CONTEXT"}
    single = {value for value in constants.values() if isinstance(value, str)}
    return single | {word for value in constants.values() if isinstance(value, dict) for word in value.values()}


@pytest.mark.parametrize("told", [code for code in language.LANGUAGES if code != "en"])
@pytest.mark.parametrize("module", [text, history_text], ids=["layers", "history"])
def test_is_complete_and_has_nothing_too_much(told: str, module: ModuleType) -> None:
    assert set(catalogue(told)[module.CONTEXT]) == texts_of(module)


def test_everything_has_a_name() -> None:
    assert set(text.BLEND_NAMES) == set(BlendMode)
    assert set(text.LABEL_NAMES) == set(ColorLabel)
    assert set(text.ADJUSTMENT_NAMES) == set(Adjustment.__args__)


@pytest.mark.parametrize("module", [text, history_text], ids=["layers", "history"])
def test_sentences_do_not_shout(module: ModuleType) -> None:
    assert [sentence for sentence in texts_of(module) if "!" in sentence] == []
