"""Krita 5, driven by its exporter under a virtual screen: .kra for the tree, .ora for pixels, .png for its picture."""

from __future__ import annotations

import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

from studio.core.geometry import Rect
from tests.readers.seen import Reader, Samples, Seen, SeenLayer, SeenMask, png_samples

TIMEOUT_S = 900  # it starts in seconds, but not on a busy machine
_NS = "{http://www.calligra.org/DTD/krita}"
_MODES = {
    "add": "linear_dodge",
    "burn": "color_burn",
    "dodge": "color_dodge",
    "diff": "difference",
    "darker color": "darker_color",
    "lighter color": "lighter_color",
    "soft_light_svg": "soft_light",
    "hard_light": "hard_light",
    "hard_mix_photoshop": "hard_mix",
    "linear light": "linear_light",
    "luminize": "luminosity",
    "color_hsl": "color",
    "hue_hsl": "hue",
    "saturation_hsl": "saturation",
}


def available() -> bool:
    return shutil.which("krita") is not None and shutil.which("xvfb-run") is not None


def read(path: Path, scratch: Path) -> Seen:
    for kind in ("kra", "ora", "png"):
        export(path, scratch / f"out.{kind}", scratch)
    with zipfile.ZipFile(scratch / "out.kra") as kra:
        image = ET.fromstring(kra.read("maindoc.xml")).find(f"{_NS}IMAGE")
    assert image is not None
    pixels = _pixels(scratch / "out.ora")
    layers: list[SeenLayer] = []
    _walk(image, (), pixels, layers)
    return Seen(tuple(layers), alpha_is_baked=True, recomposed=png_samples((scratch / "out.png").read_bytes()))


def export(path: Path, target: Path, scratch: Path) -> None:
    home = {**os.environ, "HOME": str(scratch), "XDG_CONFIG_HOME": str(scratch), "XDG_DATA_HOME": str(scratch)}
    home.pop("QT_QPA_PLATFORM", None)  # Krita ends at once on the offscreen platform
    command = ["xvfb-run", "-a", "krita", str(path), "--export", "--export-filename", str(target)]
    for _ in range(3):  # it aborts now and then while it starts
        subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, env=home)
        if target.exists():
            return
    raise RuntimeError(f"Krita did not open {path.name}.")


def _walk(
    node: ET.Element,
    parents: tuple[str, ...],
    pixels: dict[str, tuple[Rect, Samples]],
    into: list[SeenLayer],
) -> None:
    for layer in node.findall(f"{_NS}layers/{_NS}layer"):
        name, group = layer.get("name", ""), layer.get("nodetype") == "grouplayer"
        kept = pixels.get(name)
        mode = layer.get("compositeop", "")
        masked = layer.find(f"{_NS}masks/{_NS}mask") is not None or layer.find(f"{_NS}layers/{_NS}mask") is not None
        into.append(
            SeenLayer(
                name=name,
                parents=parents,
                group=group,
                mode="pass_through" if layer.get("passthrough") == "1" else _MODES.get(mode, mode),
                opacity=int(layer.get("opacity", "255")) / 255,
                visible=layer.get("visible") == "1",
                bounds=None if group or kept is None else kept[0],
                pixels=None if group or kept is None else kept[1],
                mask=SeenMask() if masked else None,
            )
        )
        _walk(layer, (*parents, name), pixels, into)


def _pixels(path: Path) -> dict[str, tuple[Rect, Samples]]:
    """Bounds and pixels by layer name."""
    found: dict[str, tuple[Rect, Samples]] = {}
    with zipfile.ZipFile(path) as ora:
        for layer in ET.fromstring(ora.read("stack.xml")).iter("layer"):
            samples = png_samples(ora.read(layer.get("src", "")))
            if samples is not None:
                left, top = int(layer.get("x", "0")), int(layer.get("y", "0"))
                bounds = Rect(left, top, left + samples.shape[1], top + samples.shape[0])
                found[layer.get("name", "")] = (bounds, samples)
    return found


READER = Reader("Krita", "apt-get install krita xvfb xauth", available, read)
