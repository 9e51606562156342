"""Parts that a pipeline shares with a model kept beside it: the same weights lie on the disk once.

A pipeline's folder names such parts in `shared.json`, each with its model and the hash of that model's weights, so that
a model which was trained again is not taken for the one that the pipeline was made with. No torch here.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from studio.diffusion.files import MANIFEST, ModelFault, digest_file, read_manifest, verify, write_manifest

SHARED = "shared.json"
_WEIGHTS = ".safetensors"


def part_folder(folder: Path, part: str, restore: str) -> Path:
    """Where a part of the pipeline in `folder` lies: in a folder of its own, or in the model that it is shared with.

    Raises:
        ModelFault: there is neither, or the other model is damaged or was made again; it names the file at fault.
    """
    own = folder / part
    if own.is_dir() or not (folder / SHARED).is_file():
        return own
    entry = _read(folder / SHARED, restore).get(part)
    if entry is None:
        return own
    other = folder.parent / entry["model"]
    records = read_manifest(other, restore)
    verify(other, records, restore)
    if entry["weights"] not in {record.digest for record in records}:
        reason = f"{folder.name} was made with weights {entry['weights']}"
        raise ModelFault(other, f"The model {folder.name} was made with another version of this model", restore, reason)
    return other


def share_parts(folder: Path, models: Path) -> tuple[str, ...]:
    """Drop the parts of a pipeline's folder whose weights a model in `models` has, byte for byte, and record that.

    Returns:
        The parts that are shared now; the folder's list of files is written anew when there are any.
    """
    known = {
        record.digest: path.parent.name
        for path in sorted(models.glob(f"*/{MANIFEST}"))
        for record in read_manifest(path.parent, "")
        if "/" not in record.path and record.path.endswith(_WEIGHTS)
    }
    shared: dict[str, dict[str, str]] = {}
    for part in sorted(path for path in folder.iterdir() if path.is_dir()):
        weights = list(part.glob(f"*{_WEIGHTS}"))
        digest = digest_file(weights[0]) if len(weights) == 1 else ""
        if digest in known:
            shared[part.name] = {"model": known[digest], "weights": digest}
            shutil.rmtree(part)
    if shared:
        (folder / SHARED).write_text(json.dumps(shared, indent=1) + "\n", encoding="utf-8")
        write_manifest(folder)
    return tuple(shared)


def _read(path: Path, restore: str) -> Mapping[str, Mapping[str, str]]:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {
            part: {"model": str(entry["model"]), "weights": str(entry["weights"])} for part, entry in stored.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelFault(path, "The list of the model's shared parts cannot be read", restore, repr(error)) from error
