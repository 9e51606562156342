"""Undo, redo, painting and the difference of roots on a 4K document of 20 layers."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from studio.core import edits
from studio.core.changes import Changes, diff
from studio.core.document import Document
from studio.core.events import DocumentChanged, Event
from studio.core.geometry import ORIGIN, Point, Size
from studio.core.history import History
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import PixelBuffer, Pixels
from tests.bench.row import Row

TARGET = LayerId("10")
MIB = 1024**2


def rows(quick: bool) -> list[Row]:
    """The figures at 3840 x 2160 with 20 layers, or at 960 x 540 when quick."""
    size, repeats = (Size(960, 540), 5) if quick else (Size(3840, 2160), 9)
    bench = _Bench.of(size, repeats)
    return [*bench.full_layer_edit(), *bench.dab(), *bench.difference(), bench.drag()]


def _median_ms(action: Callable[[], object], repeats: int, before: Callable[[], object] = lambda: None) -> float:
    """Median wall time of `action`; `before` runs untimed each time."""
    times: list[float] = []
    for _ in range(repeats):
        before()
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


@dataclass(slots=True)
class _Bench:
    history: History
    note: str
    repeats: int
    fresh: Pixels

    @classmethod
    def of(cls, size: Size, repeats: int) -> _Bench:
        """A document of 20 noise layers, and a listener as the window has."""
        event = Event("document_changed", DocumentChanged)
        rng = np.random.default_rng(1)
        noise = rng.integers(0, 256, (size.height, size.width, 4), dtype=np.uint8)
        layers = tuple(
            RasterLayer(id=LayerId(str(index)), pixels=PixelBuffer.from_array(np.roll(noise, index, axis=1)))
            for index in range(20)
        )
        history = History(Document(size=size, layers=layers), on_change=event.emit)
        return cls(history, f"{size.width}x{size.height}, 20 layers", repeats, np.ascontiguousarray(noise[::-1]))

    def full_layer_edit(self) -> list[Row]:
        """Every pixel of one layer changes: what undo costs in time and in memory."""
        step = edits.step(edits.write_pixels, TARGET, ORIGIN, self.fresh)
        history = self.history
        apply = _median_ms(lambda: history.apply(step), self.repeats, lambda: history.go_to(0))
        undo = _median_ms(history.undo, self.repeats, lambda: history.go_to(1))
        redo = _median_ms(history.redo, self.repeats, lambda: history.go_to(0))
        layer = history.document.layer(TARGET)
        assert isinstance(layer, RasterLayer)
        held = history.nbytes / layer.pixels.nbytes
        history.undo()
        return [
            Row("full-layer edit", apply, "ms", note=self.note),
            Row("undo of a full-layer edit", undo, "ms", "<= 25 ms", f"{self.note}, listeners told"),
            Row("redo of a full-layer edit", redo, "ms", "<= 25 ms", f"{self.note}, listeners told"),
            Row("memory of that step / its changed tiles", held, "x", "1.0", f"{layer.pixels.nbytes / MIB:.0f} MiB"),
        ]

    def dab(self) -> list[Row]:
        """Dabs of 64 px over three tiles, as one stroke: each edit with its step, and the tiles the stroke holds."""
        history = History(self.history.document, on_change=Event("document_changed", DocumentChanged).emit)
        dabs = iter(range(self.repeats))

        def paint() -> None:
            index = next(dabs)
            samples = np.full((64, 64, 4), 128 + index, np.uint8)
            at = Point(20 + 256 * (index % 3), 20)
            history.apply(edits.step(edits.write_pixels, TARGET, at, samples), merge_key="stroke")

        cost = _median_ms(paint, self.repeats)
        return [
            Row("brush dab to listeners told", cost, "ms", "<= 16 ms with repaint", self.note),
            Row("tiles held by a stroke over 3 tiles", history.nbytes / (256 * 256 * 4), "tiles", "3", self.note),
        ]

    def difference(self) -> list[Row]:
        """What `diff` costs when one thing changed, and when no layer is the same object."""
        old = self.history.document
        cases: dict[str, Document] = {
            "opacity": edits.set_opacity(old, TARGET, 0.5),
            "a moved layer": edits.translate(old, [TARGET], Point(5, 5)),
            "a full layer": edits.write_pixels(old, TARGET, ORIGIN, self.fresh),
            "all layers turned": edits.turn_canvas(old, edits.Turn.HALF),
        }
        return [Row(f"diff of {name}", self._diff_ms(old, new), "ms", note=self.note) for name, new in cases.items()]

    def _diff_ms(self, old: Document, new: Document) -> float:
        changes: list[Changes] = []
        cost = _median_ms(lambda: changes.append(diff(old, new)), self.repeats)
        assert not changes[0].is_empty
        return cost

    def drag(self) -> Row:
        """One value of an opacity slider."""
        values = iter(np.linspace(0.9, 0.1, self.repeats).tolist())
        cost = _median_ms(
            lambda: self.history.apply(edits.step(edits.set_opacity, TARGET, next(values)), merge_key="opacity"),
            self.repeats,
        )
        return Row("opacity drag, one value to listeners told", cost, "ms", "<= 25 ms with repaint", self.note)
