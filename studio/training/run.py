"""The folder of one run: checkpoint, best weights, log, pictures."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from studio.training.journal import Journal


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths inside `root`; made when a run starts."""

    root: Path

    @property
    def checkpoint(self) -> Path:
        return self.root / "checkpoint.pt"

    @property
    def best(self) -> Path:
        """The averaged weights that validated best."""
        return self.root / "best.pt"

    @property
    def journal(self) -> Journal:
        return Journal(self.root / "log.jsonl")

    @property
    def pictures(self) -> Path:
        return self.root / "samples"

    @property
    def model(self) -> Path:
        """What was made, ready to be used or published."""
        return self.root / "model"

    def make(self) -> None:
        self.pictures.mkdir(parents=True, exist_ok=True)

    def clear(self) -> None:
        """Remove what an earlier run left, and nothing else."""
        for path in (self.checkpoint, self.best, self.journal.path):
            path.unlink(missing_ok=True)
        for folder in (self.pictures, self.model):
            shutil.rmtree(folder, ignore_errors=True)
