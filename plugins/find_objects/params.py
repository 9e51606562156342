"""There is nothing to set. Read by the window, so it imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """No parameters."""

    version: ClassVar[int] = 1
