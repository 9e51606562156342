"""ImageMagick 6, which reads the merged image and each layer's pixels, opacity and mask already multiplied in."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np

from studio.core.geometry import Rect
from studio.core.layers import BlendMode
from tests.readers.seen import Reader, Samples, Seen, SeenLayer

PROGRAM = "convert-im6.q16"

_MODES = {"over": "normal", "colorize": "color", "luminize": "luminosity", "saturate": "saturation"} | {
    mode.replace("_", ""): mode.value for mode in BlendMode
}


def available() -> bool:
    return shutil.which(PROGRAM) is not None


def read(path: Path, scratch: Path) -> Seen:
    listing = subprocess.run(
        [PROGRAM, str(path), "-format", "%s|%w|%h|%X|%Y|%[compose]|%[label]\n", "info:"],
        check=True,
        capture_output=True,
        timeout=120,
    )
    rows = [
        line.split("|", 6) for line in listing.stdout.decode("utf-8", "replace").splitlines() if line.count("|") >= 6
    ]
    layers: list[SeenLayer] = []
    merged: Samples | None = None
    for index, width, height, left, top, mode, name in rows:
        size = (int(width), int(height))
        pixels = _pixels(path, int(index), size, scratch)
        if index == "0":
            merged = pixels
            continue
        bounds = Rect(int(left), int(top), int(left) + size[0], int(top) + size[1])
        plain = mode.lower()
        layers.append(SeenLayer(name=name, mode=_MODES.get(plain, plain), bounds=bounds, pixels=pixels))
    return Seen(tuple(layers), merged, alpha_is_baked=True)


def _pixels(path: Path, index: int, size: tuple[int, int], scratch: Path) -> Samples:
    raw = scratch / "layer.rgba"
    subprocess.run(
        [PROGRAM, f"{path}[{index}]", "-depth", "16", "-endian", "LSB", f"rgba:{raw}"],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return np.fromfile(raw, "<u2").reshape(size[1], size[0], 4)


READER = Reader("ImageMagick", "apt-get install imagemagick", available, read)
