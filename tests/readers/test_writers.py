"""Files that other programs write: opened here, compared with the picture that they stored.

GIMP and Krita get our noise document and save it again; ImageMagick and ag-psd write files of their own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from studio.core.adjustments import (
    Adjustment,
    BrightnessContrast,
    ColorBalance,
    Curves,
    HueSaturation,
    Levels,
    LevelsBand,
)
from studio.core.compositing import composite
from studio.core.difference import distance_map
from studio.core.layers import AdjustmentLayer, GroupLayer, RasterLayer
from studio.core.pixels import Depth
from studio.io.psd import merged_preview, read, write
from tests.readers import ag_psd, gimp, imagemagick, krita
from tests.readers.matrix import structure_document

pytestmark = [pytest.mark.readers, pytest.mark.slow]

WRITER = Path(__file__).with_name("ag_psd_write.cjs")


def _agrees(path: Path, limit_255: float) -> None:
    opened = read(path)
    stored = merged_preview(path)
    assert stored is not None
    assert distance_map(composite(opened.document), stored).max() <= limit_255


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.skipif(not gimp.available(), reason=f"GIMP is not here: {gimp.READER.install}")
def test_gimp(tmp_path: Path, depth: Depth) -> None:
    ours, theirs = tmp_path / "ours.psd", tmp_path / "theirs.psd"
    write(structure_document(depth), ours)
    script = f"""
    (let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{ours}" "{ours}"))))
      (file-psd-save RUN-NONINTERACTIVE image (car (gimp-image-get-active-drawable image)) "{theirs}" "theirs" 0 0))
    (gimp-quit 0)"""
    home = {**os.environ, "GIMP2_DIRECTORY": str(tmp_path / "profile")}
    command = ["gimp", "-i", "-n", "-d", "-f", "-b", "-"]
    subprocess.run(command, input=script.encode(), capture_output=True, timeout=300, env=home)
    _agrees(theirs, 2.0)
    names = {layer.name for layer in read(theirs).document.walk()}
    assert {"乗算", "مجموعة", "图层 1", "clipped 🌈"} <= names


@pytest.mark.skipif(not krita.available(), reason=f"Krita is not here: {krita.READER.install}")
@pytest.mark.parametrize("depth", list(Depth))
def test_krita(tmp_path: Path, depth: Depth) -> None:
    write(structure_document(depth), tmp_path / "ours.psd")
    krita.export(tmp_path / "ours.psd", tmp_path / "ours.kra", tmp_path)
    krita.export(tmp_path / "ours.kra", tmp_path / "theirs.psd", tmp_path)
    _agrees(tmp_path / "theirs.psd", 2.01)


@pytest.mark.skipif(not imagemagick.available(), reason=f"ImageMagick is not here: {imagemagick.READER.install}")
@pytest.mark.parametrize("coding", ["None", "RLE", "Zip"])
@pytest.mark.parametrize("bits", [8, 16])
def test_imagemagick(tmp_path: Path, bits: int, coding: str) -> None:
    """A merged image that is the first layer alone is ImageMagick's way; the layers have to be right."""
    path = tmp_path / "im.psd"
    base = ["-size", "40x30", "plasma:red-blue"]
    top = [
        "(",
        "-size",
        "20x20",
        "plasma:tomato",
        "-alpha",
        "set",
        "-channel",
        "A",
        "-evaluate",
        "set",
        "60%",
        "+channel",
    ]
    command = [imagemagick.PROGRAM, *base, *top, "-repage", "+7-5", ")", "-seed", "1", "-depth", str(bits)]
    written = [*command, "(", "-clone", "0", ")", "-insert", "0", "-compress", coding, str(path)]
    subprocess.run(written, check=True, capture_output=True, timeout=60)
    document = read(path).document
    assert document.depth is Depth(bits)
    last = document.layers[-1]
    assert isinstance(last, RasterLayer)
    assert (last.bounds.left, last.bounds.top) == (7, -5)
    seen = imagemagick.read(path, tmp_path).layers[-1].pixels
    assert seen is not None
    assert np.abs(last.pixels.to_depth(Depth.SIXTEEN).read().astype(int) - seen).max() <= (0 if bits == 16 else 128)


@pytest.mark.skipif(not ag_psd.available(), reason=f"ag-psd is not here: {ag_psd.READER.install}")
@pytest.mark.parametrize("options", [{}, {"compress": True}, {"trimImageData": True}, {"psb": True}])
def test_ag_psd(tmp_path: Path, options: dict[str, bool]) -> None:
    path = tmp_path / ("ag.psb" if options.get("psb") else "ag.psd")
    node = shutil.which("node")
    assert node is not None
    command = [node, str(WRITER), str(ag_psd.MODULES), str(path), json.dumps(options)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    opened = read(path)
    layers = {layer.name: layer for layer in opened.document.walk()}
    straight = LevelsBand()
    band = LevelsBand(black=10, white=240, gamma=1.3, out_black=5, out_white=250)
    wanted: dict[str, Adjustment] = {
        "levels": Levels(rgb=band, red=straight, green=straight, blue=straight),
        "curves": Curves(rgb=((0, 10), (120, 140), (255, 255))),
        "huesat": HueSaturation(hue=20, saturation=-10, lightness=5),
        "bc": BrightnessContrast(brightness=20, contrast=-10),
        "bal": ColorBalance(shadows=(10, 0, -20), midtones=(0, 30, 0)),
    }
    for name, adjustment in wanted.items():
        layer = layers[name]
        assert isinstance(layer, AdjustmentLayer)
        assert layer.adjustment == adjustment
    assert isinstance(layers["invert"], AdjustmentLayer)
    group = layers["grp"]
    assert isinstance(group, GroupLayer)
    assert not group.expanded
    assert group.mask is not None
    assert layers["clip"].clipping
    for name in ("shape", "gradient"):
        drawn = layers[name]
        assert isinstance(drawn, RasterLayer)
        assert not drawn.bounds.is_empty
    lost = {notice.what for notice in opened.notices}
    assert {"layer effects", "Posterize adjustment", "Vibrance adjustment"} <= lost
