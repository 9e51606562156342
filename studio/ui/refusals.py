"""What errors say, in the user's language. Core, files and jobs speak English, as the command line does.

How a sentence that comes filled in is found in the catalogue stands in `sentences`.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from studio.core.errors import StudioError
from studio.ui.language import ERRORS
from studio.ui.spoken import say_plugin


def say_error(english: str) -> str:
    """A message or a hint in the user's language; one of a plugin's own from the plugin's texts."""
    if not english:
        return ""
    said = QCoreApplication.translate(ERRORS, english)
    return said if said != english else say_plugin(english)


def say_refusal(error: StudioError) -> str:
    """Message and hint of an error as one line in the user's language."""
    return f"{say_error(error.message)} {say_error(error.hint)}".strip()
