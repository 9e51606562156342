"""The project file at work: saving and opening 20 layers of 4K, and what autosaving costs while one paints."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from studio.core.document import Document
from studio.core.geometry import Point, Size
from studio.core.layers import RasterLayer
from studio.core.pixels import PixelBuffer, Pixels
from studio.io.project import Project, Step, Timeline, check, read, write
from tests.bench.row import Row

LAYERS = 20
MB = 1_000_000


def rows(quick: bool) -> list[Row]:
    """The figures at 3840 x 2160 with 20 layers full of photograph-like pixels, or at 960 x 540 when quick."""
    size, edits = (Size(960, 540), 6) if quick else (Size(3840, 2160), 20)
    document = _document(size)
    with tempfile.TemporaryDirectory(prefix="lamina-bench-") as folder:
        path = Path(folder) / "bench.lamina"
        return [*_whole_file(document, path), *_Editing(document, path).rows(edits)]


def _document(size: Size) -> Document:
    """Smooth colours with grain, as hard to compress as a noisy photograph; the bottom layer is opaque."""
    rng = np.random.default_rng(20)
    layers: list[RasterLayer] = []
    for number in range(LAYERS):
        coarse = rng.integers(0, 256, (9, 16, 4), dtype=np.uint8)
        samples = cv2.resize(coarse, (size.width, size.height), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
        grain = rng.normal(0, 3, (size.height, size.width, 1)).astype(np.int16)
        samples[..., :3] = np.clip(samples[..., :3].astype(np.int16) + grain, 0, 255)
        if number == 0:
            samples[..., 3] = 255
        layers.append(RasterLayer(name=f"Layer {number}", pixels=PixelBuffer.from_array(samples)))
    return Document(size=size, layers=tuple(layers))


def _whole_file(document: Document, path: Path) -> list[Row]:
    raw_mb = sum(layer.pixels.nbytes for layer in document.layers if isinstance(layer, RasterLayer)) / MB
    saving_s = _seconds(lambda: write(document, path))
    opening_s = _seconds(lambda: read(path))
    checking_s = _seconds(lambda: check(path))
    file_mb = path.stat().st_size / MB
    what = f"{document.size.width} x {document.size.height}, {LAYERS} layers, {raw_mb:.0f} MB of tiles"
    return [
        Row("project: save all", saving_s, "s", note=f"{what}, in a {file_mb:.0f} MB file"),
        Row("project: open the present state", opening_s, "s", note=what),
        Row("project: check every tile", checking_s, "s", note=what),
        Row("project: size of the file", file_mb / raw_mb, "of the tiles", note=what),
    ]


@dataclass(frozen=True, slots=True)
class _Editing:
    document: Document
    path: Path

    def rows(self, edits: int) -> list[Row]:
        with Project.open(self.path) as project:
            steps = [Step("", project.document())]
            handing_us, dab_ms = self._durable(project, steps, edits, 96)
            _, full_ms = self._durable(project, steps, max(3, edits // 4), None)
            stalls_ms = self._stalls(project, steps, max(3, edits // 4))
            reopened_s = _seconds(lambda: Project.open(self.path, read_only=True).timeline())
        worst = sorted(stalls_ms)[int(len(stalls_ms) * 0.99)]
        return [
            Row("project: hand an edit over", statistics.median(handing_us), "µs", note="what the window waits for"),
            Row("project: dab is on disk", _p95(dab_ms), "ms", "<= 1000 ms", "p95 from handing over to synced"),
            Row("project: full-layer edit is on disk", _p95(full_ms), "ms", "<= 1000 ms", "p95"),
            Row(
                "project: stall while autosaving", worst, "ms", "<= 16 ms", "p99 lateness of a 1 ms tick, other thread"
            ),
            Row("project: open with history", reopened_s, "s", note=f"{len(steps)} steps"),
        ]

    def _durable(
        self, project: Project, steps: list[Step], count: int, side: int | None
    ) -> tuple[list[float], list[float]]:
        """µs to hand over, and ms until on disk, for edits of a square of `side` pixels or of a whole layer."""
        handing_us: list[float] = []
        durable_ms: list[float] = []
        for number in range(count):
            steps.append(Step(f"Edit {len(steps)}", self._edited(steps[-1].document, number, side)))
            timeline = Timeline(tuple(steps), len(steps) - 1)
            start = time.perf_counter()
            project.record(timeline)
            handing_us.append((time.perf_counter() - start) * 1e6)
            project.flush()
            durable_ms.append((time.perf_counter() - start) * 1e3)
        return handing_us, durable_ms

    def _stalls(self, project: Project, steps: list[Step], count: int) -> list[float]:
        """How late each tick of 1 ms comes, in ms, while full-layer edits are written behind it."""
        late_ms: list[float] = []
        for number in range(count):
            steps.append(Step(f"Edit {len(steps)}", self._edited(steps[-1].document, 100 + number, None)))
            project.record(Timeline(tuple(steps), len(steps) - 1))
            while not project.flush(timeout_s=0):
                start = time.perf_counter()
                time.sleep(0.001)
                late_ms.append((time.perf_counter() - start) * 1e3 - 1)
        return late_ms

    def _edited(self, document: Document, number: int, side: int | None) -> Document:
        rng = np.random.default_rng(1000 + number)
        index = 1 + number % (LAYERS - 1)
        layer = document.layers[index]
        assert isinstance(layer, RasterLayer)
        size = layer.pixels.size
        if side is None:
            pixels = layer.pixels.map_tiles(lambda tile: np.roll(tile, 1, axis=2))
            pixels = pixels.with_rect(Point(0, 0), _noise(rng, 16))
        else:
            at = Point(int(rng.integers(0, size.width - side)), int(rng.integers(0, size.height - side)))
            pixels = layer.pixels.with_rect(at, _noise(rng, side))
        changed = replace(layer, pixels=pixels)
        return document.with_layers((*document.layers[:index], changed, *document.layers[index + 1 :]))


def _noise(rng: np.random.Generator, side: int) -> Pixels:
    return rng.integers(0, 256, (side, side, 4), dtype=np.uint8)


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start
