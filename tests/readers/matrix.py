"""Our PSDs in other programs' eyes: `python -m tests.readers.matrix` prints reader x property, 8 and 16 bit.

The document is random noise in groups, masks, scripts and off the canvas (tests/io/psd/material.py); a second one
has one tile per blend mode, a third every kind of adjustment, live and baked. A figure is the largest difference in
1/255; "n of m" counts what came back right.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from studio.core.adjustments import (
    Adjustment,
    BrightnessContrast,
    ColorBalance,
    Curves,
    Exposure,
    GradientMap,
    HueSaturation,
    Invert,
    Levels,
    LevelsBand,
    Posterize,
    Threshold,
)
from studio.core.compositing import composite
from studio.core.difference import distance_map
from studio.core.document import Document
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import AdjustmentLayer, BlendMode, GroupLayer, Layer, Mask, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.io.delivery import Adjustments
from studio.io.psd import fit, write
from tests.io.psd.material import noise_document
from tests.readers import ag_psd, gimp, imagemagick, krita, psd_tools_reader
from tests.readers.seen import Reader, Seen, SeenLayer, apart_255
from tests.support.documents import MODES, noise

READERS = (psd_tools_reader.READER, ag_psd.READER, imagemagick.READER, gimp.READER, krita.READER)
CANNOT = "cannot"
SCRIPTS = {"Japanese": "乗算", "Chinese": "图层 1", "Arabic": "مجموعة", "emoji": "clipped 🌈"}
KINDS = {
    "levels": "levels",
    "curves": "curves",
    "hue": "huesaturation",
    "brightness": "brightnesscontrast",
    "balance": "colorbalance",
    "exposure": "exposure",
    "invert": "invert",
    "threshold": "threshold",
    "posterize": "posterize",
    "gradient map": "gradientmap",
}
SIMPLE: dict[str, Adjustment] = {
    "exposure": Exposure(exposure=0.7, gamma=1.2),
    "invert": Invert(),
    "threshold": Threshold(level=120),
    "posterize": Posterize(levels=5),
    "gradient map": GradientMap(reverse=True),
}
_TILE = Size(24, 24)
_COLUMNS = 7
_MODE_TOLERANCE_255 = 5.0


def structure_document(depth: Depth) -> Document:
    """The noise document without its adjustment layer, which three of the readers do not have."""
    document = noise_document(depth)

    def without(layers: Sequence[Layer]) -> tuple[Layer, ...]:
        kept = (layer for layer in layers if not isinstance(layer, AdjustmentLayer))
        return tuple(replace(c, children=without(c.children)) if isinstance(c, GroupLayer) else c for c in kept)

    return document.with_layers(without(document.layers))


def plain_document(depth: Depth) -> Document:
    """What GIMP and Krita can draw of it: no clipping, no group opacity, no fill, no mask density."""
    document = structure_document(depth)

    def plain(layer: Layer) -> Layer:
        mask = None if layer.mask is None else replace(layer.mask, density=1.0)
        if isinstance(layer, GroupLayer):
            return replace(layer, opacity=1.0, mask=mask, children=tuple(plain(child) for child in layer.children))
        return replace(layer, fill=1.0, clipping=False, mask=mask)

    return document.with_layers(tuple(plain(layer) for layer in document.layers))


def adjusted_document(depth: Depth) -> Document:
    """Every kind of adjustment over plain layers: masked, clipped, in a group of its own and in one that passes
    through, so that each way of baking one is there.
    """
    rng = np.random.default_rng(8)
    size = Size(120, 90)

    def raster(name: str, at: tuple[int, int] = (0, 0), of: Size = size) -> RasterLayer:
        samples = noise(rng, of, depth)
        if of == size:
            samples[:, :, 3] = depth.top
        return RasterLayer(name=name, pixels=PixelBuffer.from_array(samples), origin=Point(*at))

    mask = Mask(pixels=PixelBuffer.from_array(noise(rng, Size(60, 50), depth, channels=1)), origin=Point(20, 10))
    hue = HueSaturation(hue=70, saturation=-20)
    return Document(
        size=size,
        depth=depth,
        layers=(
            raster("Background"),
            AdjustmentLayer(name="levels", adjustment=Levels(rgb=LevelsBand(gamma=1.6)), mask=mask, opacity=153 / 255),
            GroupLayer(
                name="passes through",
                children=(
                    raster("under", (5, 5), Size(40, 30)),
                    AdjustmentLayer(name="brightness", adjustment=BrightnessContrast(brightness=40, contrast=10)),
                    raster("over", (60, 20), Size(50, 40)),
                ),
            ),
            GroupLayer(
                name="isolated",
                blend=BlendMode.NORMAL,
                children=(
                    raster("inside", (30, 40), Size(60, 40)),
                    AdjustmentLayer(name="curves", adjustment=Curves(rgb=((0, 20), (120, 90), (255, 240)))),
                ),
            ),
            raster("base", (10, 50), Size(40, 35)),
            AdjustmentLayer(name="hue", adjustment=hue, clipping=True),
            AdjustmentLayer(name="balance", adjustment=ColorBalance(midtones=(40, -30, 20)), clipping=True),
            *(
                layer
                for index, (name, adjustment) in enumerate(SIMPLE.items())
                for layer in (
                    raster(f"under {name}", (70 + 9 * index, 5 + 14 * index), Size(12, 12)),
                    AdjustmentLayer(name=name, adjustment=adjustment, clipping=True),
                )
            ),
        ),
    )


def modes_document(depth: Depth) -> Document:
    """One noise tile per mode, opaque, over one opaque noise backdrop."""
    rng = np.random.default_rng(3)
    rows = -(-len(MODES) // _COLUMNS)
    size = Size(_TILE.width * _COLUMNS, _TILE.height * rows)

    def opaque(of: Size) -> PixelBuffer:
        samples = noise(rng, of, depth)
        samples[:, :, 3] = depth.top
        return PixelBuffer.from_array(samples)

    tiles = [
        RasterLayer(name=mode.value, blend=mode, pixels=opaque(_TILE), origin=_tile_rect(index).origin)
        for index, mode in enumerate(MODES)
    ]
    return Document(size=size, depth=depth, layers=(RasterLayer(name="Backdrop", pixels=opaque(size)), *tiles))


def _tile_rect(index: int) -> Rect:
    row, column = divmod(index, _COLUMNS)
    return Rect.at(Point(column * _TILE.width, row * _TILE.height), _TILE)


@dataclass(frozen=True, slots=True)
class SeenAll:
    """What one reader saw of each document; of the one with adjustments live and baked."""

    structure: Seen
    plain: Seen
    modes: Seen
    live: Seen
    baked: Seen


def properties(depth: Depth, seen_all: SeenAll) -> dict[str, str]:
    """What the reader makes of every property, as a table cell."""
    document, modes = structure_document(depth), modes_document(depth)
    seen, seen_modes = seen_all.structure, seen_all.modes
    pairs = _paired(document, seen.layers)
    cells = {
        "tree": _tree(document, seen),
        **{f"{script} name": _named(name, seen) for script, name in SCRIPTS.items()},
        "blend modes": _mode_names(modes, seen_modes),
        "opacity": _counted(pairs, "opacity", 1 / 255),
        "visibility": _counted(pairs, "visible", 0),
        "clipping": _counted(pairs, "clipping", 0),
        "bounds": _bounds(pairs),
        "masks": _masks(pairs),
        "layer pixels": _pixels(pairs, seen.alpha_is_baked),
    }
    picture = composite(document)
    cells["merged picture (stored)"] = _figure(picture, seen.merged)
    cells["own picture, plain features"] = _figure(composite(plain_document(depth)), seen_all.plain.recomposed)
    cells["own picture, all features"] = _figure(picture, seen.recomposed)
    cells["own picture, by mode"] = _modes_agree(modes, seen_modes)
    adjusted = composite(adjusted_document(depth))
    cells["adjustment layers, live"] = _adjustments(seen_all.live)
    cells["own picture, adjustments live"] = _figure(adjusted, seen_all.live.recomposed)
    cells["own picture, adjustments baked"] = _figure(adjusted, seen_all.baked.recomposed)
    return cells


def _paired(document: Document, layers: Iterable[SeenLayer]) -> list[tuple[Layer, SeenLayer]]:
    """Our layers with those of the same name (or the reader's rendering of it) that hold the same kind."""
    left = list(layers)
    pairs: list[tuple[Layer, SeenLayer]] = []
    for layer in document.walk():
        for wanted in (layer.name, _question_marks(layer.name)):
            found = next((s for s in left if s.name == wanted and s.group is isinstance(layer, GroupLayer)), None)
            if found is not None:
                pairs.append((layer, found))
                left.remove(found)
                break
    return pairs


def _question_marks(name: str) -> str:
    return name.encode("macroman", "replace").decode("macroman")


def _tree(document: Document, seen: Seen) -> str:
    if all(layer.parents is None for layer in seen.layers):
        return CANNOT
    wanted = set(_paths(document.layers, ()))
    found = {(*(layer.parents or ()), layer.name) for layer in seen.layers}
    return f"{len(wanted & found)} of {len(wanted)}"


def _paths(layers: Iterable[Layer], above: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    for layer in layers:
        yield (*above, layer.name)
        if isinstance(layer, GroupLayer):
            yield from _paths(layer.children, (*above, layer.name))


def _named(name: str, seen: Seen) -> str:
    if any(layer.name == name for layer in seen.layers):
        return "right"
    return "as ?" if any(layer.name == _question_marks(name) for layer in seen.layers) else CANNOT


def _mode_names(modes: Document, seen: Seen) -> str:
    pairs = [(ours, theirs) for ours, theirs in _paired(modes, seen.layers) if ours.name in set(MODES)]
    right = sum(ours.blend.value == theirs.mode for ours, theirs in pairs)
    return f"{right} of {len(MODES)}"


def _counted(pairs: Sequence[tuple[Layer, SeenLayer]], name: str, tolerance: float) -> str:
    told = [(getattr(ours, name), getattr(theirs, name)) for ours, theirs in pairs if getattr(theirs, name) is not None]
    if not told:
        return CANNOT
    return f"{sum(abs(a - b) <= tolerance / 2 for a, b in told)} of {len(told)}"


def _bounds(pairs: Sequence[tuple[Layer, SeenLayer]]) -> str:
    told = [
        (ours.bounds, theirs.bounds)
        for ours, theirs in pairs
        if isinstance(ours, RasterLayer) and not ours.bounds.is_empty and theirs.bounds is not None
    ]
    return f"{sum(a == b for a, b in told)} of {len(told)}" if told else CANNOT


def _masks(pairs: Sequence[tuple[Layer, SeenLayer]]) -> str:
    ours = [(layer, theirs) for layer, theirs in pairs if layer.mask is not None]
    present = [(layer.mask, theirs.mask) for layer, theirs in ours if theirs.mask is not None]
    if not present:
        return CANNOT
    gaps = [
        _mask_gap(a, b.bounds, b.samples) for a, b in present if a is not None and b.samples is not None and b.bounds
    ]
    figure = f", {max(gaps):.1f}" if gaps else ", samples: cannot"
    return f"{len(present)} of {len(ours)}{figure}"


def _mask_gap(mask: Mask, bounds: Rect, samples: np.ndarray) -> float:
    """Over what the reader shows of the mask, which may be cut to its layer or grown to it."""
    wanted = mask.pixels.read(bounds.moved(-mask.origin))[:, :, 0]
    return apart_255(wanted, samples) if wanted.shape == samples.shape else float("inf")


def _pixels(pairs: Sequence[tuple[Layer, SeenLayer]], alpha_is_baked: bool) -> str:
    told = [
        apart_255(ours.pixels.read(), theirs.pixels, colour_only=alpha_is_baked)
        for ours, theirs in pairs
        if isinstance(ours, RasterLayer) and not ours.bounds.is_empty and theirs.pixels is not None
    ]
    wanted = sum(isinstance(ours, RasterLayer) and not ours.bounds.is_empty for ours, _ in pairs)
    return f"{len(told)} of {wanted}, {max(told):.1f}{' colour only' if alpha_is_baked else ''}" if told else CANNOT


def _figure(wanted: np.ndarray, found: np.ndarray | None) -> str:
    if found is None:
        return CANNOT
    return f"{float(distance_map(wanted, found).max(initial=0)):.1f}"


def _adjustments(seen: Seen) -> str:
    """How many of the kinds the reader names, or how many it has as layers without saying what they do."""
    named = {layer.adjustment for layer in seen.layers} & set(KINDS.values())
    if named:
        return f"{len(named)} of {len(KINDS)}"
    bare = [layer for layer in seen.layers if layer.name in KINDS]
    return f"{len(bare)} as empty layers" if bare else "dropped"


def _modes_agree(modes: Document, seen: Seen) -> str:
    if seen.recomposed is None:
        return CANNOT
    gap = distance_map(composite(modes), seen.recomposed)
    right = sum(gap[_tile_rect(index).slices()].max() <= _MODE_TOLERANCE_255 for index in range(len(MODES)))
    return f"{right} of {len(MODES)}"


def odd_modes(modes: Document, seen: Seen) -> dict[BlendMode, float]:
    """The modes in which the reader's picture is more than the tolerance from ours, with the largest difference."""
    if seen.recomposed is None:
        return {}
    gap = distance_map(composite(modes), seen.recomposed)
    largest = {mode: float(gap[_tile_rect(index).slices()].max()) for index, mode in enumerate(MODES)}
    return {mode: value for mode, value in largest.items() if value > _MODE_TOLERANCE_255}


def examine(reader: Reader, depth: Depth, kind: str = ".psd") -> tuple[dict[str, str], SeenAll]:
    """The reader's cells, and what it saw of each document."""
    adjusted = adjusted_document(depth)
    documents = (
        structure_document(depth),
        plain_document(depth),
        modes_document(depth),
        fit(adjusted, Adjustments.LIVE).document,
        fit(adjusted, Adjustments.BAKED).document,
    )
    with tempfile.TemporaryDirectory() as folder:
        seen: list[Seen] = []
        for index, each in enumerate(documents):
            path = Path(folder) / f"{index}{kind}"
            write(each, path)
            scratch = Path(folder) / f"scratch{index}"
            scratch.mkdir()
            seen.append(reader.read(path, scratch))
    found = SeenAll(*seen)
    return properties(depth, found), found


def table(readers: Sequence[Reader], depth: Depth, kind: str = ".psd") -> str:
    """Markdown, and below it what each reader remarked and which modes it draws otherwise."""
    columns: dict[str, dict[str, str]] = {}
    notes: list[str] = []
    for reader in readers:
        if not reader.available():
            notes.append(f"- {reader.name} is not here: {reader.install}")
            continue
        try:
            columns[reader.name], seen = examine(reader, depth, kind)
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            notes.append(f"- {reader.name} cannot open it: {error}")
            continue
        notes += [f"- {reader.name}: {remark}" for remark in {*seen.structure.remarks, *seen.modes.remarks}]
        odd = odd_modes(modes_document(depth), seen.modes)
        if odd:
            told = ", ".join(f"{mode.value} {value:.0f}" for mode, value in odd.items())
            notes.append(f"- {reader.name} draws otherwise (largest difference in 1/255): {told}")
    names = list(columns)
    rows = [
        f"| {depth.value} bit{' PSB' if kind == '.psb' else ''} | {' | '.join(names)} |",
        "|---" * (len(names) + 1) + "|",
    ]
    for key in next(iter(columns.values()), {}):
        rows.append(f"| {key} | {' | '.join(columns[name][key] for name in names)} |")
    return "\n".join([*rows, "", *notes])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--psb", action="store_true", help="write PSB instead of PSD")
    kind = ".psb" if parser.parse_args().psb else ".psd"
    for depth in Depth:
        print(table(READERS, depth, kind), end="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
