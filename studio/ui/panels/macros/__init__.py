"""Macros: recorded from what is done in the window, listed with their steps, played as one undo step.

    flow     records and plays; the window owns it, and the panel and the actions are views of it
    saving   the dialog that keeps what was recorded
    panel    the list, and what can be done with a macro
    telling  what a step does, in words

It imports the session, the library of macros and the window's words for edits.
"""

from studio.ui.panels.macros.panel import MacrosPanel

__all__ = ["MacrosPanel"]
