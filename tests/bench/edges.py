"""Edge repair on composites whose alpha is known: how much nearer to it than a hard mask, and what it leaves of fringe.

Each case is a textured object with soft and hairy edges over a textured ground. The layer starts as people cut it out:
the photo's pixels inside a hard mask. Errors are summed over the picture, colours weighted by the layer's alpha where
the true edge is soft.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.cutout.measure import gradient_error
from studio.retouch import repair_edges
from tests.bench.row import Row

PHOTO, OBJECT = LayerId("photo"), LayerId("object")
BAND_PX = 7.0
Reals = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Composite:
    """A photo with its truth: the object's colours everywhere, and its alpha."""

    name: str
    image: Reals
    foreground: Reals
    alpha: Reals


@dataclass(frozen=True, slots=True)
class Errors:
    """What a layer is off by: alpha, its gradient, and colour where the edge is soft."""

    absolute: float
    gradient: float
    fringe: float


def rows(quick: bool) -> list[Row]:
    """Ratios of the repaired layer to the hard one, over all cases; smaller is better."""
    size = Size(160, 120) if quick else Size(420, 320)
    out: list[Row] = []
    for case in composites(size, 2 if quick else 6):
        hard, repaired, outside = measured(case)
        note = f"{case.name}, {size.width}x{size.height}"
        out.append(Row("absolute error, repaired / hard", repaired.absolute / hard.absolute, "x", "<= 0.7", note))
        out.append(Row("gradient error, repaired / hard", repaired.gradient / hard.gradient, "x", "<= 0.7", note))
        out.append(Row("fringe colour, repaired / hard", repaired.fringe / hard.fringe, "x", "<= 0.5", note))
        out.append(Row("samples changed outside the band", float(outside), "px", "0", note))
    return out


def measured(case: Composite) -> tuple[Errors, Errors, int]:
    """Errors of the hard layer and of the repaired one, and how many pixels changed outside the band."""
    document = document_of(case)
    repaired = repair_edges(document, OBJECT, BAND_PX, source=PHOTO)
    before, after = _samples(document), _samples(repaired)
    far = ~band_of(before[..., 3] >= 128, BAND_PX)
    outside = int((before != after).any(axis=2)[far].sum())
    return errors(before, case), errors(after, case), outside


def document_of(case: Composite) -> Document:
    """The photo, and above it the object cut out of it by a hard mask."""
    photo = np.dstack([np.rint(case.image * 255), np.full(case.alpha.shape, 255)]).astype(np.uint8)
    cut = photo.copy()
    cut[case.alpha < 0.5] = 0
    size = Size(photo.shape[1], photo.shape[0])
    layers = (
        RasterLayer(id=PHOTO, name="Photo", pixels=PixelBuffer.from_array(photo)),
        RasterLayer(id=OBJECT, name="Object", pixels=PixelBuffer.from_array(cut)),
    )
    return Document(size=size, layers=layers)


def errors(samples: NDArray[np.uint8], case: Composite) -> Errors:
    """How far a layer's samples are from the truth."""
    alpha, color = samples[..., 3] / np.float32(255), samples[..., :3] / np.float32(255)
    soft = (case.alpha > 0.02) & (case.alpha < 0.98)
    weight = alpha * soft
    gap = np.linalg.norm(color - case.foreground, axis=2)
    return Errors(
        float(np.abs(alpha - case.alpha).sum()),
        gradient_error(alpha, case.alpha),
        float((gap * weight).sum() / max(float(weight.sum()), 1e-6)),
    )


def band_of(inside: NDArray[np.bool_], px: float) -> NDArray[np.bool_]:
    """Pixels within that distance of the outline."""
    sides = (inside.astype(np.uint8), (~inside).astype(np.uint8))
    distances = [cv2.distanceTransform(side, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for side in sides]
    return np.maximum(*distances) <= px


def composites(size: Size, count: int) -> Iterator[Composite]:
    """Objects of other outlines, softness and colours, all from their number."""
    for number in range(count):
        rng = np.random.default_rng(40 + number)
        alpha = _alpha(rng, size, soft_px=(0.8, 1.5, 2.5)[number % 3], hairs=40 if number % 2 else 0)
        hue = rng.random(3)
        foreground = _texture(rng, size, 0.35 + 0.5 * hue, 0.08)
        ground = _texture(rng, size, 0.85 - 0.6 * hue, 0.08)
        image = foreground * alpha[..., None] + ground * (1 - alpha[..., None])
        kind = "soft outline and hairs" if number % 2 else "soft outline"
        yield Composite(f"{kind} {number}", image.astype(np.float32), foreground, alpha)


def _alpha(rng: np.random.Generator, size: Size, soft_px: float, hairs: int) -> Reals:
    """A lobed blob, four times too large and shrunk, with thin strokes leaving it."""
    scale = 4
    height, width = size.height * scale, size.width * scale
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    dx, dy = x - width / 2, y - height / 2
    turn = np.arctan2(dy, dx)
    radius = min(height, width) * 0.32
    lobes = 1 + 0.15 * np.sin(3 * turn + rng.random() * 6) + 0.07 * np.sin(7 * turn + rng.random() * 6)
    blob = (np.hypot(dx, dy) < radius * lobes).astype(np.float32)
    for _ in range(hairs):
        angle, bend = rng.random() * 2 * math.pi, (rng.random() - 0.5) * 0.6
        reach = radius * np.linspace(0.8, 1.12 + 0.1 * rng.random(), 12)
        bent = angle + bend * np.linspace(0, 1, 12)
        points = np.stack([width / 2 + reach * np.cos(bent), height / 2 + reach * np.sin(bent)], axis=1)
        cv2.polylines(blob, [np.rint(points).astype(np.int32)], False, 1.0, thickness=3, lineType=cv2.LINE_AA)
    small = cv2.resize(blob, (size.width, size.height), interpolation=cv2.INTER_AREA)
    return np.clip(cv2.GaussianBlur(small, (0, 0), soft_px), 0, 1).astype(np.float32)


def _texture(rng: np.random.Generator, size: Size, color: NDArray[np.float64], strength: float) -> Reals:
    """A colour with a slow change across the picture and grain of two sizes."""
    shape = (size.height, size.width, 3)
    coarse = rng.random((4, 5, 3)).astype(np.float32)
    slow = cv2.resize(coarse, (size.width, size.height), interpolation=cv2.INTER_CUBIC)
    grain = cv2.GaussianBlur(rng.standard_normal(shape).astype(np.float32), (0, 0), 2.0) * 2
    return np.clip(color + strength * (slow - 0.5) + 0.25 * strength * grain, 0, 1).astype(np.float32)


def _samples(document: Document) -> NDArray[np.uint8]:
    layer = document.layer(OBJECT)
    assert isinstance(layer, RasterLayer)
    return layer.pixels.read(document.canvas.moved(-layer.origin)).astype(np.uint8)
