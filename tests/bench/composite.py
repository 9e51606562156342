"""Compositing speed: a whole 4K stack, one tile, and what the window repaints while one layer changes.

The document is the hard case: 20 layers of noise with alpha everywhere, so that no tile is empty, uniform or covered;
14 Normal, two each of Multiply, Overlay and Hue at 50 %. Wall times depend on who shares the processors, so each
note gives the time of copying the layers' bytes once in the same run, or the processor time of the cheapest repeat.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from studio.core import compositing
from studio.core.compositing import Compositor, composite
from studio.core.document import Document
from studio.core.geometry import Point, Rect, Size
from studio.core.kernels import strips
from studio.core.kernels.program import program_of
from studio.core.layers import BlendMode, Layer, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from tests.bench.row import Row

FULL, QUICK = Size(3840, 2160), Size(1920, 1080)
VIEW_SCALE = 2
ACTIVE = 10
MODES = (
    *(BlendMode.NORMAL, BlendMode.MULTIPLY, BlendMode.NORMAL, BlendMode.NORMAL, BlendMode.OVERLAY),
    *(BlendMode.NORMAL, BlendMode.NORMAL, BlendMode.HUE, BlendMode.NORMAL, BlendMode.NORMAL),
    *(BlendMode.NORMAL, BlendMode.MULTIPLY, BlendMode.NORMAL, BlendMode.NORMAL, BlendMode.OVERLAY),
    *(BlendMode.NORMAL, BlendMode.HUE, BlendMode.NORMAL, BlendMode.NORMAL, BlendMode.NORMAL),
)


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one repeat: the median, the 95th percentile, and the processor time of the cheapest."""

    median: float
    p95: float
    cpu: float


def rows(quick: bool) -> list[Row]:
    """The table; `quick` takes a quarter of the pixels, to which the targets do not apply."""
    size, repeats = (QUICK, 8) if quick else (FULL, 30)
    _have_kernels()
    document = noise_document(size)
    copy = _copying(document)
    note = f"{size.width} x {size.height} x {len(document.layers)} layers; copying them once takes {copy:.0f} ms"
    return [
        Row("copy of all layers", copy, "ms", "", "the memory baseline"),
        *_whole(document, copy, note, 3 if quick else 6),
        _sparse(size),
        *_tile(document, repeats),
        *_view(document, note, repeats),
        _numpy(document),
    ]


def noise_document(size: Size, depth: Depth = Depth.EIGHT) -> Document:
    """20 layers of noise, alpha from a quarter to three quarters everywhere but in the opaque bottom layer."""
    rng = np.random.default_rng(20)
    base = rng.integers(0, 256, (size.height, size.width, 4), dtype=np.uint8)
    base[..., 3] = base[..., 3] // 2 + 64
    layers: list[Layer] = []
    for index, mode in enumerate(MODES):
        samples = np.roll(base, 131 * index, axis=1)
        if index == 0:
            samples[..., 3] = 255
        if depth is Depth.SIXTEEN:
            samples = samples.astype(np.uint16) * np.uint16(257)
        opacity = 1.0 if mode is BlendMode.NORMAL else 0.5
        pixels = PixelBuffer.from_array(samples)
        layers.append(RasterLayer(name=str(mode), blend=mode, opacity=opacity, pixels=pixels))
    return Document(size=size, depth=depth, layers=tuple(layers))


def _have_kernels() -> None:
    """Load the compiled kernels; compile them first where that was never done."""
    child = compositing.warm_kernels_in_child()
    if child is not None:
        child.wait()
    compositing.load_kernels()


def _timed(work: Callable[[int], object], repeats: int, warm_up: int = 3) -> Timing:
    for index in range(warm_up):
        work(index)
    walls: list[float] = []
    processor: list[float] = []
    for index in range(warm_up, warm_up + repeats):
        wall, spent = time.perf_counter(), time.process_time()
        work(index)
        walls.append(1e3 * (time.perf_counter() - wall))
        processor.append(1e3 * (time.process_time() - spent))
    return Timing(float(np.median(walls)), float(np.percentile(walls, 95)), min(processor))


def _copying(document: Document) -> float:
    """Milliseconds for copying every tile of the document once, on one thread."""
    tiles = [
        tile for layer in document.layers if isinstance(layer, RasterLayer) for tile in layer.pixels.tiles.values()
    ]
    target = np.empty_like(tiles[0])
    return _timed(lambda _: [np.copyto(target, tile) for tile in tiles], 3, 1).median


def _whole(document: Document, copy: float, note: str, repeats: int) -> list[Row]:
    found = _timed(lambda _: composite(document), repeats, 1)
    plain = document.with_layers(
        tuple(replace(layer, blend=BlendMode.NORMAL, opacity=1.0) for layer in document.layers)
    )
    normal = _timed(lambda _: composite(plain), repeats, 1)
    wide = noise_document(Size(document.size.width // 2, document.size.height // 2), Depth.SIXTEEN)
    sixteen = _timed(lambda _: composite(wide), repeats, 1)
    return [
        Row(
            "full composite, mixed modes",
            found.median,
            "ms",
            "<= 90 ms",
            f"{note}; {found.median / copy:.2g} times that; processor {found.cpu:.0f} ms",
        ),
        Row("full composite, all Normal", normal.median, "ms", "", f"processor {normal.cpu:.0f} ms"),
        Row("quarter composite, 16 bit", sixteen.median, "ms", "", f"processor {sixteen.cpu:.0f} ms"),
    ]


def _sparse(size: Size) -> Row:
    """What a decomposed photo looks like: an opaque background and small trimmed objects."""
    rng = np.random.default_rng(21)
    photo = rng.integers(0, 256, (size.height, size.width, 4), dtype=np.uint8)
    photo[..., 3] = 255
    layers: list[Layer] = [RasterLayer(pixels=PixelBuffer.from_array(photo))]
    for index in range(19):
        side = size.height // 3
        part = PixelBuffer.from_array(photo[:side, : 2 * side] // 2)
        layers.append(RasterLayer(pixels=part, origin=Point(157 * index % size.width, 101 * index % size.height)))
    document = Document(size=size, layers=tuple(layers))
    found = _timed(lambda _: composite(document), 4, 1)
    return Row("full composite, background and 19 objects", found.median, "ms", "", f"processor {found.cpu:.0f} ms")


def _with_active(document: Document, layer: Layer) -> Document:
    return document.with_layers((*document.layers[:ACTIVE], layer, *document.layers[ACTIVE + 1 :]))


def _tile(document: Document, repeats: int) -> list[Row]:
    """One 256 x 256 part at scale 1 while one layer's opacity changes, and without anything kept."""
    rect = Rect(512, 512, 768, 768)
    compositor, layer = Compositor(), document.layers[ACTIVE]
    changed = [_with_active(document, replace(layer, opacity=0.3 + 0.6 * i / 999)) for i in range(repeats + 3)]
    warm = _timed(lambda i: compositor.render(changed[i], rect), repeats)
    bare = _timed(lambda _: composite(document, rect), repeats)
    return [
        Row(
            "dirty 256 tile, warm", warm.median, "ms", "<= 1 ms", f"p95 {warm.p95:.2f} ms, processor {warm.cpu:.2f} ms"
        ),
        Row("256 tile, nothing kept", bare.median, "ms", "", f"p95 {bare.p95:.2f} ms, processor {bare.cpu:.2f} ms"),
    ]


def _view(document: Document, note: str, repeats: int) -> list[Row]:
    """Repaints of the whole canvas at half size, and of one dab."""
    compositor, layer = Compositor(), document.layers[ACTIVE]
    assert isinstance(layer, RasterLayer)
    start = time.perf_counter()
    compositor.render(document, None, VIEW_SCALE)
    first = 1e3 * (time.perf_counter() - start)

    def opacity(i: int) -> None:
        changed = replace(layer, opacity=0.3 + 0.6 * i / 999)
        compositor.render(_with_active(document, changed), None, VIEW_SCALE)

    def move(i: int) -> None:
        changed = replace(layer, origin=Point(3 * i, 2 * i))
        compositor.render(_with_active(document, changed), None, VIEW_SCALE)

    rng = np.random.default_rng(22)
    edited = PixelBuffer.from_array(
        rng.integers(0, 256, (document.size.height, document.size.width, 4), dtype=np.uint8)
    )
    versions = (_with_active(document, replace(layer, pixels=edited)), document)
    found = {
        "opacity of one layer, view-size p95": (_timed(opacity, repeats), "<= 25 ms"),
        "move of one layer, view-size p95": (_timed(move, repeats), "<= 25 ms"),
        "undo of a full-layer edit p95": (
            _timed(lambda i: compositor.render(versions[i % 2], None, VIEW_SCALE), repeats),
            "<= 25 ms",
        ),
        "brush dab of 60 px p95": (_timed(_painting(document, layer, compositor), 2 * repeats), "<= 16 ms"),
    }
    table = [Row("first view at half size", first, "ms", "", f"reduces every layer; {note}")]
    for name, (timing, target) in found.items():
        table.append(
            Row(name, timing.p95, "ms", target, f"median {timing.median:.1f} ms, processor {timing.cpu:.1f} ms")
        )
    return table


def _painting(document: Document, layer: RasterLayer, compositor: Compositor) -> Callable[[int], None]:
    """One dab after the other along a stroke, each written into the layer and shown."""
    held = [layer]
    dab = np.full((60, 60, 4), 200, np.uint8)

    def paint(i: int) -> None:
        at = Point(300 + 23 * i % (document.size.width - 400), 300 + 11 * i % (document.size.height - 400))
        held[0] = replace(held[0], pixels=held[0].pixels.with_rect(at, dab))
        compositor.render(_with_active(document, held[0]), Rect.at(at, Size(60, 60)), VIEW_SCALE)

    return paint


def _numpy(document: Document) -> Row:
    """The stand-in, on one tenth of the height."""
    size = document.size
    rect = Rect(0, 0, size.width, size.height // 10)
    found = _timed(lambda _: strips.render(program_of(document.layers), rect, document.depth), 1, 0)
    return Row("numpy stand-in, a tenth of the canvas", found.median, "ms", "", "until the kernels are compiled")
