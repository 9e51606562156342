"""What is seen of a filter or an adjustment while its values are dragged, on a 3840 x 2160 layer.

Each row is one value of a drag: the preview made, and the view composited from it. Beside it stands the edit itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from studio.core import edits
from studio.core.adjustments import Curves, HueSaturation
from studio.core.compositing import Compositor, load_kernels
from studio.core.document import Document
from studio.core.filters import BoxBlur, Filter, GaussianBlur, HighPass, Median, MotionBlur, Noise, Sharpen
from studio.core.geometry import Rect, Size
from studio.core.previews import FilterPreview, adjustment_preview
from tests.bench.row import Row
from tests.bench.tools import PHOTO, document_of

FILTERS: tuple[tuple[Filter, Filter], ...] = (
    (GaussianBlur(radius_px=4), GaussianBlur(radius_px=5)),
    (GaussianBlur(radius_px=60), GaussianBlur(radius_px=61)),
    (BoxBlur(radius_px=12), BoxBlur(radius_px=16)),
    (MotionBlur(length_px=40, angle=20), MotionBlur(length_px=44, angle=20)),
    (Sharpen(radius_px=4), Sharpen(radius_px=5)),
    (Noise(), Noise(amount=0.2)),
    (HighPass(radius_px=8), HighPass(radius_px=9)),
    (Median(radius_px=8), Median(radius_px=12)),
)
"""A value and the next one of a drag."""
VIEW = Size(1400, 900)
TARGET, LIMIT_S = "<= 0.25 s", 0.25


def rows(quick: bool) -> list[Row]:
    """Seconds to see the next value, of the whole picture and at full size; the best of two."""
    size = Size(960, 540) if quick else Size(3840, 2160)
    document = document_of(size)
    load_kernels()
    scale = 2 if quick else 4
    part = Rect.at(document.canvas.origin, VIEW).intersect(document.canvas)
    out: list[Row] = []
    for first, second in FILTERS:
        done_s = _best(lambda second=second: edits.apply_filter(document, PHOTO, second))
        for seen, at in ((document.canvas, scale), (part, 1)):
            preview = FilterPreview(document, PHOTO)
            see = Compositor()
            see.render(preview.at(first, seen, at), seen, at)
            seconds = _best(lambda: see.render(preview.at(second, seen, at), seen, at))  # noqa: B023 - called at once
            what = f"{second.kind} {_value(second)}, " + ("all of it" if at > 1 else "at full size")
            out.append(Row(what, seconds, "s", TARGET, f"the edit {done_s:.2f} s; {size.width}x{size.height}", LIMIT_S))
    for value in (Curves(rgb=((0, 0), (90, 120), (255, 255))), HueSaturation(hue=30)):
        done_s = _best(lambda value=value: edits.apply_adjustment(document, PHOTO, value))
        see = Compositor()
        see.render(adjustment_preview(document, PHOTO, value), document.canvas, scale)
        seconds = _best(
            lambda: see.render(adjustment_preview(document, PHOTO, replace(value)), document.canvas, scale)  # noqa: B023
        )
        out.append(Row(f"{type(value).__name__}, all of it", seconds, "s", TARGET, f"the edit {done_s:.2f} s", LIMIT_S))
    return out


def _best(case: Callable[[], Document | object]) -> float:
    seconds: list[float] = []
    for _ in range(2):
        start = time.perf_counter()
        case()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def _value(filter_: Filter) -> str:
    match filter_:
        case GaussianBlur() | BoxBlur() | Sharpen() | HighPass() | Median():
            return f"{filter_.radius_px:g} px"
        case MotionBlur():
            return f"{filter_.length_px:g} px"
        case Noise():
            return f"{filter_.amount:g}"
