"""What a run may tell: progress in steps, and previews that are made small."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.core.document import Document
from studio.core.errors import JobCancelled
from studio.core.geometry import Rect, Size
from studio.plugin_api.context import PREVIEW_SIDE_PX, Context, Identity

IDENTITY = Identity(plugin="test", plugin_version="1", engine="classical")


def test_a_preview_is_small_8_bit_and_over_the_whole_canvas_unless_told() -> None:
    shown: list[tuple[NDArray[np.uint8], Rect]] = []
    ctx = Context(
        document=Document(size=Size(3000, 2000)), identity=IDENTITY, on_preview=lambda *told: shown.append(told)
    )
    ctx.preview(np.full((2000, 3000, 4), 65535, np.uint16))
    ctx.preview(np.zeros((20, 30, 4), np.uint8), Rect(5, 6, 35, 26))
    (first, whole), (second, part) = shown
    assert first.dtype == np.uint8
    assert max(first.shape) <= PREVIEW_SIDE_PX
    assert first.shape[1] / first.shape[0] == pytest.approx(1.5, rel=0.01)
    assert first.min() == 255
    assert whole == Rect(0, 0, 3000, 2000)
    assert second.shape == (20, 30, 4)
    assert part == Rect(5, 6, 35, 26)


def test_steps_are_told_with_the_stage() -> None:
    told: list[tuple[object, ...]] = []

    def listen(stage: str, fraction: float | None, step: int = 0, steps: int = 0) -> None:
        told.append((stage, fraction, step, steps))

    ctx = Context(document=Document(size=Size(1, 1)), identity=IDENTITY, on_progress=listen)
    ctx.progress("Denoising", 0.4, step=12, steps=30)
    ctx.progress("Decoding", 0.9)
    assert told == [("Denoising", 0.4, 12, 30), ("Decoding", 0.9, 0, 0)]


def test_a_cancelled_run_stops_where_it_tells_of_itself() -> None:
    ctx = Context(document=Document(size=Size(1, 1)), identity=IDENTITY, is_cancelled=lambda: True)
    with pytest.raises(JobCancelled):
        ctx.progress("Denoising", 0.4)
