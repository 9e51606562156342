"""What a plugin may use while it runs: the pixels it was given, progress, cancelling, and other plugins."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.errors import JobCancelled, StudioError
from studio.core.geometry import Rect
from studio.core.layers import Layer, LayerId, Provenance
from studio.core.pixels import Depth, Pixels, to_depth
from studio.plugin_api.params import LayerRef, ParamsClass, to_json
from studio.plugin_api.results import Results

Arrays = Mapping[str, NDArray[np.uint8]]


PREVIEW_SIDE_PX = 512
"""Previews are made this small."""


class OnProgress(Protocol):
    """Hears how far a run is; see `Context.progress`."""

    def __call__(self, stage: str, fraction: float | None, step: int = 0, steps: int = 0) -> None: ...


OnPreview: TypeAlias = Callable[[NDArray[np.uint8], Rect], None]
"""Hears what a run has come to: (h, w, 4) straight RGBA and the canvas pixels that it stands for."""


class RunNested(Protocol):
    """Runs another plugin as a nested job, on the document and arrays given."""

    def __call__(self, plugin_id: str, params: Mapping[str, object], document: Document, arrays: Arrays) -> Results: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which plugin, engine and model runs; copied into the provenance of every layer made."""

    plugin: str
    plugin_version: str
    engine: str
    model_id: str = ""
    model_hash: str = ""
    licence: str = ""


def _no_progress(stage: str, fraction: float | None, step: int = 0, steps: int = 0) -> None:
    """Nobody listens."""


def no_preview(samples: NDArray[np.uint8], area: Rect) -> None:
    """Nobody looks."""


def _never() -> bool:
    return False


def _no_nested(plugin_id: str, params: Mapping[str, object], document: Document, arrays: Arrays) -> Results:
    raise StudioError(f"The plugin {plugin_id} cannot be run from here.")


@dataclass(slots=True, kw_only=True)
class Context:
    """One run. `document` holds only what the model may see; `arrays` are masks and pictures the parameters name.

    `seed` is the only source of randomness a plugin may use; `steps` is None for the engine's own number.
    """

    document: Document
    identity: Identity
    seed: int = 0
    steps: int | None = None
    arrays: Arrays = field(default_factory=dict[str, NDArray[np.uint8]])
    on_progress: OnProgress = _no_progress
    on_preview: OnPreview = no_preview
    is_cancelled: Callable[[], bool] = _never
    nested: RunNested = _no_nested

    @property
    def depth(self) -> Depth:
        return self.document.depth

    def picture(self) -> Pixels:
        """(H, W, 4) straight RGBA of everything visible, in the document's depth and colour space."""
        return composite(self.document)

    def array(self, name: str) -> NDArray[np.uint8]:
        """An array of the request. Raises StudioError when the request has none of that name."""
        if name not in self.arrays:
            raise StudioError(
                f"The picture “{name}” did not come with the request.", "Give it again and run once more."
            )
        return self.arrays[name]

    def layer(self, chosen: LayerRef) -> Layer:
        """A layer that a parameter names. Raises StudioError when it is gone, or closed to models."""
        found = self.document.find(LayerId(chosen))
        if found is None:
            raise StudioError(
                "The chosen layer is not there, or models may not see it.",
                "Choose another layer, or open it to models.",
            )
        return found

    def progress(self, stage: str, fraction: float | None = None, *, step: int = 0, steps: int = 0) -> None:
        """Say what is being done and how far the whole run is, 0..1; and stop here if the user cancelled.

        A stage that goes in steps says which one it is at, from 1 to `steps`. Raises JobCancelled.
        """
        self.check_cancelled()
        if steps:
            self.on_progress(stage, fraction, step, steps)
        else:
            self.on_progress(stage, fraction)

    def preview(self, samples: Pixels, area: Rect | None = None) -> None:
        """Show what the run has come to over `area` (canvas pixels; all of the canvas by default).

        `samples` is (h, w, 4) straight RGBA of any size and depth; it never becomes a layer. Cheap enough for every
        step: it is made small, and shown as often as there is time.
        """
        factor = max(1, -(-max(samples.shape[:2]) // PREVIEW_SIDE_PX))
        small = to_depth(np.ascontiguousarray(samples[::factor, ::factor]), Depth.EIGHT)
        self.on_preview(small.astype(np.uint8, copy=False), self.document.canvas if area is None else area)

    def check_cancelled(self) -> None:
        """Raises JobCancelled when the user has stopped the run. Call it at every step."""
        if self.is_cancelled():
            raise JobCancelled

    def run(
        self, plugin_id: str, params: Mapping[str, object], document: Document, arrays: Arrays | None = None
    ) -> Results:
        """Run another plugin on `document` as a nested job; its progress shows inside this one's."""
        return self.nested(plugin_id, params, document, arrays or {})

    def provenance(
        self, params: ParamsClass, inputs: Mapping[str, NDArray[np.generic]], prompt: str = ""
    ) -> Provenance:
        """The record for the layers of this run; `inputs` are hashed, not kept."""
        return Provenance(
            plugin=self.identity.plugin,
            plugin_version=self.identity.plugin_version,
            engine=self.identity.engine,
            model_id=self.identity.model_id,
            model_hash=self.identity.model_hash,
            licence=self.identity.licence,
            prompt=prompt,
            seed=self.seed,
            parameters=to_json(params),
            inputs=tuple((role, content_hash(samples)) for role, samples in inputs.items()),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )


def content_hash(samples: NDArray[np.generic]) -> str:
    """BLAKE2b (16 bytes, hex) of an array's dtype, shape and samples."""
    digest = hashlib.blake2b(f"{samples.dtype.str}{samples.shape}".encode(), digest_size=16)
    digest.update(np.ascontiguousarray(samples).data)
    return digest.hexdigest()
