"""JobRequest: everything a run needs, in one frozen value."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

import numpy as np
from numpy.typing import NDArray

from studio.core.document import Document

JobId = NewType("JobId", str)


def new_job_id() -> JobId:
    """A fresh id, made by whoever submits the request."""
    return JobId(uuid.uuid4().hex)


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
