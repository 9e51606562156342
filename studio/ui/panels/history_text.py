"""What the history panel says, in English; studio/ui/translations holds the other languages."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "history"

PANEL = "History"
LIST = "Steps"
NO_DOCUMENT = "Open a picture to see its history."
FIRST = "Opened"
UNNAMED = "Edit"
CURRENT = "present state"
UNDONE = "undone"
SAVED = "saved"
SAVED_TIP = "The file holds this state."
GO_TIP = "Click, or press Return, to go to this state."
PENDING = "Apply or cancel what the tool shows first."
PENDING_HINT = "Applying it is a new step, and the steps that were undone would be lost."
MEMORY = "Undo memory: {used} of {budget}"
MEMORY_TIP = "Pixels that only other states hold. When they exceed the limit, the oldest steps are forgotten."


def say(english: str, **values: object) -> str:
    """One of the sentences above in the user's language, with `{name}` replaced by `values`."""
    said = QCoreApplication.translate(CONTEXT, english)
    return said.format(**values) if values else said
