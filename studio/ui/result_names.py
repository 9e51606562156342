"""What plugins call the layers that they make, in the user's language: said when a result comes into the document.

Names that a user gave, such as a region's, stay as they are. Files and the command line keep what the plugin said.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from studio.placing import ResultNames
from studio.ui import text
from studio.ui.text import say

CONTEXT = "results"

NAMES = ("Decomposition", "Background", "Object", "Shadow", "Reflection", "Residual", "Picture")
"""In English; with a number, too, such as “Object 2”."""


def result_names() -> ResultNames:
    """All names that results get, in the user's language."""
    return ResultNames(group=say(text.RESULTS_NAME), edited=say(text.EDITED_NAME), layer=say_layer)


def say_layer(name: str) -> str:
    """A layer's name in the user's language, where it is one of `NAMES`."""
    base, _, number = name.rpartition(" ")
    if name in NAMES:
        return QCoreApplication.translate(CONTEXT, name)
    if base in NAMES and number.isdecimal():
        return f"{QCoreApplication.translate(CONTEXT, base)} {number}"
    return name
