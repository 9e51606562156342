"""What became of a document's features in a file: the loss report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from studio.core.document import Document

TEXT_IS_BAKED = "its pixels are kept; only a project keeps the words"
"""Why a text layer is told of."""


class Fate(StrEnum):
    """What happened to a feature. Only `DROPPED` and `BAKED` lose something that cannot be had back from the file."""

    KEPT = "kept"
    CONVERTED = "converted"
    BAKED = "baked"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Notice:
    """One line of the report: the feature, its fate, and why. `layer` is empty for the file as a whole."""

    fate: Fate
    what: str
    layer: str = ""
    why: str = ""

    def __str__(self) -> str:
        where = f" (“{self.layer}”)" if self.layer else ""
        because = f": {self.why}" if self.why else ""
        return f"{self.fate}: {self.what}{where}{because}"


@dataclass(frozen=True, slots=True)
class Opened:
    """A document just read, and what the reader could not keep."""

    document: Document
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """What a writer did: its notices and its measured figures, such as the gate's largest difference in 1/255."""

    notices: tuple[Notice, ...] = ()
    figures: tuple[tuple[str, float], ...] = field(default=())


def dropped_channels(document: Document) -> list[Notice]:
    """Saved selections, for formats that have no place for them."""
    return [
        Notice(Fate.DROPPED, f"saved selection “{channel.name}”", why="only projects and PSD files keep it")
        for channel in document.channels
    ]


def losses(notices: Sequence[Notice]) -> list[Notice]:
    """The notices that say something was changed for good."""
    return [n for n in notices if n.fate in (Fate.BAKED, Fate.DROPPED)]
