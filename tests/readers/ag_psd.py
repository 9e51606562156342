"""ag-psd, a JavaScript reader and writer of PSD."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from studio.core.geometry import Rect
from tests.readers.seen import Reader, Samples, Seen, SeenLayer, SeenMask

MODULES = Path(__file__).resolve().parents[2] / ".cache" / "readers" / "node_modules"
DUMP = Path(__file__).with_name("ag_psd_dump.cjs")


def available() -> bool:
    return shutil.which("node") is not None and (MODULES / "ag-psd").is_dir()


def read(path: Path, scratch: Path) -> Seen:
    subprocess.run(
        ["node", str(DUMP), str(MODULES), str(path), str(scratch)], check=True, capture_output=True, timeout=120
    )
    found = json.loads((scratch / "layers.json").read_text(encoding="utf-8"))
    layers = tuple(_layer(entry, scratch) for entry in found["layers"])
    return Seen(layers, _samples(found["merged"], scratch), remarks=tuple(found["remarks"]))


def _layer(entry: Mapping[str, Any], scratch: Path) -> SeenLayer:
    stored = entry.get("mask")
    mask = None
    if stored is not None:
        samples = _samples(stored.get("pixels"), scratch)
        mask = SeenMask(Rect(*stored["bounds"]), None if samples is None else samples[:, :, 0])
    return SeenLayer(
        name=entry["name"],
        parents=tuple(entry["parents"]),
        group=entry["group"],
        mode=entry["mode"].replace(" ", "_"),
        opacity=entry["opacity"],
        visible=not entry["hidden"],
        clipping=entry["clipping"],
        bounds=None if entry["group"] else Rect(*entry["bounds"]),
        pixels=_samples(entry.get("pixels"), scratch),
        mask=mask,
        adjustment=None if entry["adjustment"] is None else "".join(filter(str.isalpha, entry["adjustment"])),
    )


def _samples(picture: Mapping[str, Any] | None, scratch: Path) -> Samples | None:
    if picture is None:
        return None
    raw = np.fromfile(scratch / picture["name"], np.uint8 if picture["bytes"] == 1 else "<u2")
    return raw.reshape(picture["height"], picture["width"], 4)


READER = Reader("ag-psd", "npm install --prefix .cache/readers ag-psd@31.0.2", available, read)
