"""The main job, photo to PSD, at 1 and 24 megapixels: seconds and peak memory of the whole program, one object."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2

from studio import resources
from tests.bench.row import Row

PHOTO, MASK = "still_life.jpg", "still_life_pear.png"
SIZES = {"1 MP": (1225, 816), "24 MP": (6000, 4000)}


def rows(quick: bool) -> list[Row]:
    """The bundled picture scaled to each size; only the small one when quick. The kernels are compiled beforehand."""
    found: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _decompose(folder, (600, 400))
        for label, size in list(SIZES.items())[: 1 if quick else None]:
            seconds, processor_s, peak_gib = _decompose(folder, size)
            note = f"decomposition, PSD and its gate; {processor_s:.1f} s of processor time"
            found.append(
                Row(f"decompose {label}, one object", seconds, "s", "<= 10 s" if label == "1 MP" else "", note)
            )
            found.append(Row(f"decompose {label}, peak memory", peak_gib, "GiB", "< 4 GiB" if label == "24 MP" else ""))
    return found


def _decompose(folder: Path, size: tuple[int, int]) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak GiB of `lamina run` on the picture at this size."""
    photo, mask = folder / "photo.png", folder / "mask.png"
    for target, source, how in ((photo, PHOTO, cv2.INTER_CUBIC), (mask, MASK, cv2.INTER_LINEAR)):
        samples = cv2.imread(str(resources.sample(source)), cv2.IMREAD_UNCHANGED)
        assert samples is not None
        cv2.imwrite(str(target), cv2.resize(samples, size, interpolation=how))
    command = [sys.executable, "-m", "studio", "run", "layer_decomp", str(photo), "--mask", str(mask)]
    started = time.perf_counter()
    process = subprocess.Popen([*command, "-o", str(folder / "out.psd"), "--quiet"], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    assert status == 0, "the decomposition failed"
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**20
