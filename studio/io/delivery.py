"""What a file for other programs holds: a document fitted to what they read, and what that changes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from studio.core.document import Document
from studio.io.report import Notice


class Adjustments(StrEnum):
    """What becomes of adjustment layers in a format that has them, but not for every program that reads it."""

    LIVE = "live"
    """They stay adjustment layers. Programs that do not know them show another picture."""
    BAKED = "baked"
    """They are merged with what they act on, so that every program shows the same picture."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The document that is written in place of the one at hand, and what became of its layers."""

    document: Document
    notices: tuple[Notice, ...] = ()
