"""The placement network with random weights, and a worker process that finds them in the place of the shipped ones."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from plugins.topnet.network import TopNet
from studio import resources
from studio.diffusion.files import write_manifest
from studio.worker.loop import main

ASSETS = "LAMINA_TEST_ASSETS"
"""The environment variable that tells the worker where its weights are."""


def write_placement_model(models: Path) -> Path:
    """Put the network's folder into `models`, as it is shipped."""
    folder = models / "topnet"
    torch.manual_seed(5)
    TopNet().half().save_pretrained(folder)
    write_manifest(folder)
    return folder


def placement_main(connection: Connection) -> None:
    """Entry of the process."""
    resources.assets_dir = lambda: Path(os.environ[ASSETS])
    main(connection)
