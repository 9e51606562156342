"""Whole edits of the artist's tools on a 3840 x 2160 layer: selections, fills, transforms, filters."""

from __future__ import annotations

import time
from collections.abc import Callable

import cv2
import numpy as np

from studio.core import edits
from studio.core.document import Document
from studio.core.filters import BoxBlur, Filter, GaussianBlur, HighPass, Median, MotionBlur, Noise, Sharpen
from studio.core.geometry import Point, Rect, Size
from studio.core.gradients import BLACK_TO_WHITE
from studio.core.layers import LayerId, RasterLayer
from studio.core.painting.shading import GradientShape
from studio.core.pixels import PixelBuffer
from tests.bench.row import Row

PHOTO = LayerId("photo")
FILTERS: tuple[Filter, ...] = (
    GaussianBlur(radius_px=4),
    GaussianBlur(radius_px=60),
    BoxBlur(radius_px=10),
    MotionBlur(length_px=40, angle=20),
    Sharpen(),
    Noise(),
    HighPass(),
    Median(radius_px=2),
)


def rows(quick: bool) -> list[Row]:
    """Seconds of each edit at 4K, or at 960 x 540 when quick; the best of two."""
    size = Size(960, 540) if quick else Size(3840, 2160)
    start = document_of(size)
    box = Rect(size.width // 8, size.height // 8, size.width * 7 // 8, size.height * 7 // 8)
    chosen = edits.select_ellipse(start, box)
    middle = Point(size.width // 2, size.height // 2)
    turns = np.linspace(0, 2 * np.pi, 400)
    around = [(size.width * (0.5 + 0.4 * np.cos(t)), size.height * (0.5 + 0.4 * np.sin(t))) for t in turns]
    ends = ((0.0, 0.0), (float(size.width), float(size.height)))
    cases: dict[str, Callable[[], Document]] = {
        "select an ellipse": lambda: edits.select_ellipse(start, box),
        "lasso of 400 points": lambda: edits.select_polygon(start, around),
        "magic wand, contiguous": lambda: edits.select_similar(start, middle, tolerance=40, source=PHOTO),
        "colour range": lambda: edits.select_colors(start, [(0.5, 0.4, 0.3)], source=PHOTO),
        "grow by 20 px": lambda: edits.grow_selection(chosen, 20),
        "feather by 20 px": lambda: edits.feather_selection(chosen, 20),
        "feather by 200 px": lambda: edits.feather_selection(chosen, 200),
        "fill the selection": lambda: edits.fill_selected(chosen, PHOTO, (0.2, 0.4, 0.6)),
        "radial gradient": lambda: edits.draw_gradient(start, PHOTO, BLACK_TO_WHITE, *ends, shape=GradientShape.RADIAL),
        "rotate by 12 degrees": lambda: edits.rotate_layers(start, [PHOTO], 12),
        "turn by 90 degrees": lambda: edits.rotate_layers(start, [PHOTO], 90),
        "scale to 60 %": lambda: edits.scale_layers(start, [PHOTO], 0.6, 0.6),
        "scale to 130 %": lambda: edits.scale_layers(start, [PHOTO], 1.3, 1.3),
        "image size to a half": lambda: edits.resize_image(start, Size(size.width // 2, size.height // 2)),
    }
    for filter_ in FILTERS:
        cases[f"filter {filter_}"] = lambda filter_=filter_: edits.apply_filter(start, PHOTO, filter_)
    return [_row(name, case, f"{size.width}x{size.height}, 8 bit") for name, case in cases.items()]


def document_of(size: Size) -> Document:
    """Smooth colours with grain, opaque."""
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 256, (9, 16, 3)).astype(np.float32)
    color = cv2.resize(coarse, (size.width, size.height), interpolation=cv2.INTER_CUBIC)
    grain = rng.standard_normal((size.height, size.width, 1), np.float32) * 4
    samples = np.full((size.height, size.width, 4), 255, np.uint8)
    samples[..., :3] = np.clip(color + grain, 0, 255)
    return Document(size=size, layers=(RasterLayer(id=PHOTO, pixels=PixelBuffer.from_array(samples)),))


def _row(name: str, case: Callable[[], Document], note: str) -> Row:
    wall: list[float] = []
    processor: list[float] = []
    for _ in range(2):
        start, started = time.perf_counter(), time.process_time()
        case()
        wall.append(time.perf_counter() - start)
        processor.append(time.process_time() - started)
    return Row(name, min(wall), "s", note=f"processor {min(processor):.2f} s; {note}")
