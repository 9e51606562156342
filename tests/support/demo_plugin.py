"""The plugin that uses every kind of parameter, as a stranger would install it."""

from __future__ import annotations

import shutil
from pathlib import Path

from studio.plugin_host.registry import user_plugins_dir

DEMO = "demo_interactions"
_SOURCE = Path(__file__).resolve().parent.parent / "plugins" / DEMO


def install_demo() -> Path:
    """Copy it into the user's plugin folder, which a test must have of its own (XDG_DATA_HOME)."""
    return Path(shutil.copytree(_SOURCE, user_plugins_dir() / DEMO))
