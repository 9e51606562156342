"""Licences of weights that a person has accepted, kept as TOML in the user's configuration folder."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import platformdirs
import tomli_w

from studio.core.errors import StudioError
from studio.plugin_api.weights import Weights

VERSION = 1


class Consents:
    """Which weights' licences were accepted, and when. A file that cannot be read counts as none accepted.

    Args:
        path: the file; the user's own unless given.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = (
            platformdirs.user_config_path("lamina-studio", appauthor=False) / "licences.toml" if path is None else path
        )

    @property
    def accepted(self) -> frozenset[str]:
        """The ids of those weights."""
        return frozenset(self._read())

    def accept(self, weights: Weights) -> None:
        """Remember that a person accepted this licence. Raises StudioError when it cannot be written."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        told = {**self._read(), weights.id: {"licence": weights.licence, "accepted": now}}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            draft = self.path.with_suffix(".new")
            draft.write_text(tomli_w.dumps({"version": VERSION, "weights": told}), encoding="utf-8")
            draft.replace(self.path)
        except OSError as error:
            raise StudioError(
                "Your consent could not be kept, so the engine stays closed.", "Free some disk space.", repr(error)
            ) from error

    def _read(self) -> dict[str, object]:
        try:
            told = tomllib.loads(self.path.read_text(encoding="utf-8")).get("weights", {})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            return {}
        return cast("dict[str, object]", told) if isinstance(told, dict) else {}
