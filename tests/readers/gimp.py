"""GIMP 2.10, driven by Script-Fu without a display."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np

from studio.core.geometry import Rect
from tests.readers.seen import Reader, Samples, Seen, SeenLayer, SeenMask, png_samples

TIMEOUT_S = 900  # it starts in seconds, but not on a busy machine

_SCRIPT = """
(define (save image drawable name)
  (file-png-save-defaults RUN-NONINTERACTIVE image drawable (string-append "{out}/" name ".png") name))
(define (save-mask image mask name)
  (let* ((copy (car (gimp-layer-new-from-drawable mask image))))
    (gimp-image-insert-layer image copy 0 0)
    (save image copy name)
    (gimp-image-remove-layer image copy)))
(define (text value) (number->string value))
(define (walk image layer level)
  (let* ((place (gimp-drawable-offsets layer))
         (mask (car (gimp-layer-get-mask layer)))
         (group (car (gimp-item-is-group layer))))
    (display (string-append "LAYER|" (text level) "|" (text layer) "|" (text group)
      "|" (text (car (gimp-layer-get-mode layer)))
      "|" (text (car (gimp-layer-get-opacity layer))) "|" (text (car (gimp-item-get-visible layer)))
      "|" (text (car place)) "|" (text (cadr place))
      "|" (text (car (gimp-drawable-width layer))) "|" (text (car (gimp-drawable-height layer)))
      "|" (text mask) "|" (car (gimp-item-get-name layer)) "\\n"))
    (if (= group 0) (save image layer (string-append "layer" (text layer))))
    (if (> mask -1) (save-mask image mask (string-append "mask" (text layer))))
    (if (= group 1)
      (let* ((children (gimp-item-get-children layer)) (i 0))
        (while (< i (car children)) (walk image (vector-ref (cadr children) i) (+ level 1)) (set! i (+ i 1)))))))
(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{file}" "{file}"))) (layers (gimp-image-get-layers image)) (i 0))
  (while (< i (car layers)) (walk image (vector-ref (cadr layers) i) 0) (set! i (+ i 1)))
  (let* ((merged (car (gimp-image-merge-visible-layers image CLIP-TO-IMAGE)))) (save image merged "merged")))
(gimp-quit 0)
"""

_MODES = {
    28: "normal",
    1: "dissolve",
    61: "pass_through",
    23: "overlay",
    30: "multiply",
    31: "screen",
    32: "difference",
    33: "linear_dodge",
    34: "subtract",
    35: "darken",
    36: "lighten",
    41: "divide",
    42: "color_dodge",
    43: "color_burn",
    44: "hard_light",
    45: "soft_light",
    48: "vivid_light",
    49: "pin_light",
    50: "linear_light",
    51: "hard_mix",
    52: "exclusion",
    53: "linear_burn",
    54: "darker_color",
    55: "lighter_color",
    24: "hue (LCH)",
    25: "saturation (LCH)",
    26: "color (LCH)",
    27: "luminosity (LCH)",
}


def available() -> bool:
    return shutil.which("gimp") is not None


def read(path: Path, scratch: Path) -> Seen:
    script = _SCRIPT.replace("{out}", str(scratch)).replace("{file}", str(path))
    home = {**os.environ, "GIMP2_DIRECTORY": str(scratch / "profile"), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["gimp", "-i", "-n", "-d", "-f", "-b", "-"],
        input=script.encode(),
        capture_output=True,
        timeout=TIMEOUT_S,
        env=home,
    )
    lines = done.stdout.decode().splitlines()  # the first comes after the prompt of the interpreter
    rows = [line[line.index("LAYER|") :].split("|", 12)[1:] for line in lines if "LAYER|" in line]
    if not rows:
        raise RuntimeError("\n".join(line for line in lines if "rror" in line))
    layers: list[SeenLayer] = []
    parents: list[str] = []
    for level, number, group, mode, opacity, visible, left, top, width, height, mask, name in rows:
        del parents[int(level) :]
        bounds = Rect(int(left), int(top), int(left) + int(width), int(top) + int(height))
        layers.append(
            SeenLayer(
                name=name,
                parents=tuple(parents),
                group=group == "1",
                mode=_MODES.get(int(mode), f"mode {mode}"),
                opacity=float(opacity) / 100,
                visible=visible == "1",
                bounds=None if group == "1" else bounds,
                pixels=None if group == "1" else _png(scratch / f"layer{number}.png"),
                mask=_mask(scratch / f"mask{number}.png", bounds) if mask != "-1" else None,
            )
        )
        if group == "1":
            parents.append(name)
    return Seen(tuple(layers), recomposed=_png(scratch / "merged.png"))


def _mask(path: Path, bounds: Rect) -> SeenMask:
    """A mask that GIMP turned into a layer on the way out; its masks are linear and its layers are not."""
    samples = _png(path)
    if samples is None:
        return SeenMask(bounds)
    top = 255 if samples.dtype == np.uint8 else 65535
    coded = samples[:, :, 0] / top
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    return SeenMask(bounds, np.round(linear * top).astype(samples.dtype))


def _png(path: Path) -> Samples | None:
    return png_samples(path.read_bytes()) if path.exists() else None


READER = Reader("GIMP", "apt-get install gimp", available, read)
