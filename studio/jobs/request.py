"""JobRequest: everything a run needs, in one frozen value."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

import numpy as np
from numpy.typing import NDArray

from studio.core.document import Document
from studio.core.errors import UsageError

JobId = NewType("JobId", str)

TOP_SEED = 2**32 - 1
"""The largest seed; every generator takes it, and other programs stay below it, too."""
MOST_STEPS = 1000
"""The most steps that may be asked for."""


def new_job_id() -> JobId:
    """A fresh id, made by whoever submits the request."""
    return JobId(uuid.uuid4().hex)


def refuse_numbers(seed: int, steps: int | None) -> None:
    """Raises UsageError for a seed outside 0..`TOP_SEED`, or steps outside 1..`MOST_STEPS`."""
    if not 0 <= seed <= TOP_SEED:
        raise UsageError(f"The seed {seed} cannot be used.", f"Choose a whole number from 0 to {TOP_SEED}.")
    if steps is not None and not 1 <= steps <= MOST_STEPS:
        raise UsageError(f"{steps} steps cannot be run.", f"Choose a whole number from 1 to {MOST_STEPS}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request says, without its pixels; the fields are those of `JobRequest`."""

    plugin: str
    engine: str
    params: Mapping[str, object]
    seed: int
    steps: int | None
    in_place_of: str
    has_arrays: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JobRequest:
    """Same request, same result on the same engine.

    `params` is JSON values with the plugin's `version`. `document` holds only what the model may see; `arrays` are
    masks and pictures that the parameters name, uint8. `steps` None is the engine's own number. `in_place_of` is the
    layer whose pixels the result is to take the place of; empty for a result that is put into the document anew.
    """

    id: JobId = field(default_factory=new_job_id)
    plugin: str
    engine: str
    params: Mapping[str, object]
    document: Document
    arrays: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict[str, NDArray[np.uint8]])
    seed: int = 0
    steps: int | None = None
    in_place_of: str = ""

    @property
    def asked(self) -> Asked:
        """The request without its pixels."""
        return Asked(
            plugin=self.plugin,
            engine=self.engine,
            params=self.params,
            seed=self.seed,
            steps=self.steps,
            in_place_of=self.in_place_of,
            has_arrays=bool(self.arrays),
        )
