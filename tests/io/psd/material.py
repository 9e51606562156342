"""Inputs of the PSD tests: our own documents, other people's files where they are present, and damaged ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from psd_tools.psd import PSD
from psd_tools.psd.layer_and_mask import LayerInfo

from studio.core.document import Document
from studio.core.geometry import Point, Size
from studio.core.layers import (
    AdjustmentLayer,
    BlendMode,
    ColorLabel,
    GroupLayer,
    Layer,
    LayerId,
    Locks,
    Mask,
    RasterLayer,
)
from studio.core.pixels import Depth, PixelBuffer
from studio.io.psd.tree import layer_info
from tests.support.documents import noise, random_adjustment, random_provenance

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "psd"

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(),
    reason=f"other people's PSD files are not here: put them in {SHARED.name} in a folder “shared” beside the checkout",
)


def shared_files() -> list[Path]:
    """Every PSD and PSB that others wrote; none when the folder is absent."""
    return sorted(path for path in SHARED.rglob("*") if path.suffix in (".psd", ".psb")) if SHARED.is_dir() else []


def shared_id(path: Path) -> str:
    return str(path.relative_to(SHARED))


def noise_document(depth: Depth = Depth.EIGHT, *, transparent: bool = False) -> Document:
    """Noise in every kind of place: nested groups, group mask, clipping, off-canvas pixels, names in many scripts."""
    rng = np.random.default_rng(5)
    size = Size(120, 90)

    def raster(name: str, at: tuple[int, int] = (0, 0), of: Size = size, **rest: object) -> RasterLayer:
        pixels = PixelBuffer.from_array(noise(rng, of, depth))
        return RasterLayer(id=_id(rng), name=name, pixels=pixels, origin=Point(*at), **rest)  # pyright: ignore[reportArgumentType] - plain fields

    def mask(at: tuple[int, int], of: Size, white_outside: bool = False, **rest: object) -> Mask:
        pixels = PixelBuffer.from_array(noise(rng, of, depth, channels=1), depth.top if white_outside else 0)
        return Mask(pixels=pixels, origin=Point(*at), **rest)  # pyright: ignore[reportArgumentType] - plain fields

    solid = noise(rng, size, depth)
    solid[:, :, 3] = depth.top
    bottom: list[Layer] = []
    if not transparent:
        bottom.append(RasterLayer(id=_id(rng), name="Background", pixels=PixelBuffer.from_array(solid)))
    inner = GroupLayer(
        id=_id(rng),
        name="内側のグループ",
        blend=BlendMode.MULTIPLY,
        opacity=179 / 255,
        mask=mask((10, 5), Size(60, 70)),
        expanded=False,
        children=(
            raster("Screen", (-30, 20), Size(70, 40), blend=BlendMode.SCREEN),
            raster("empty", (3, 4), Size(0, 0)),
        ),
    )
    group = GroupLayer(
        id=_id(rng),
        name="مجموعة",
        children=(
            raster(
                "图层 1",
                (40, -20),
                Size(90, 60),
                opacity=200 / 255,
                mask=mask((50, 0), Size(40, 30), density=128 / 255),
            ),
            inner,
            AdjustmentLayer(
                id=_id(rng), name="curves", adjustment=random_adjustment(rng), mask=mask((0, 0), Size(9, 9), True)
            ),
        ),
    )
    return Document(
        size=size,
        depth=depth,
        ppi=300.0,
        metadata=(("author", "作者 Ève"), ("title", "Noise")),
        layers=(
            *bottom,
            raster("乗算", blend=BlendMode.MULTIPLY, opacity=204 / 255),
            group,
            raster("clip base", (20, 20), Size(50, 50)),
            raster("clipped 🌈", (30, 10), Size(50, 50), clipping=True, fill=0.6, provenance=random_provenance(rng)),
            raster(
                "hidden",
                (100, 80),
                Size(40, 30),
                visible=False,
                locks=Locks(alpha=True, position=True),
                label=ColorLabel.VIOLET,
                mask=mask((0, 0), Size(20, 20), True, enabled=False, linked=False),
                ai_visible=False,
                ai_editable=False,
            ),
        ),
    )


@contextmanager
def edited(path: Path) -> Iterator[PSD]:
    """The low-level structure of a file, written back when the block ends."""
    with path.open("rb") as file:
        psd = PSD.read(file)
    yield psd
    with path.open("wb") as file:
        psd.write(file)


def layers_of(psd: PSD) -> LayerInfo:
    info = layer_info(psd)
    assert info is not None
    return info


Mutation = Callable[[PSD], None]


def _id(rng: np.random.Generator) -> LayerId:
    return LayerId(rng.bytes(16).hex())
