"""Where the files shipped with the program lie: `plugins/` and `assets/`.

In a checkout they stand beside the package, in an installed wheel inside it. Nothing else in the program
works out such a path.
"""

from __future__ import annotations

from pathlib import Path

import studio

_PACKAGE = Path(studio.__file__).resolve().parent


def checkout_root() -> Path | None:
    """Folder of the checkout the program runs from, or None when it runs from an installed wheel."""
    root = _PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() else None


def plugins_dir() -> Path:
    """Folder that holds one folder per bundled plugin."""
    return _shipped("plugins")


def assets_dir() -> Path:
    """Folder of bundled icons, sample documents and tiny weights."""
    return _shipped("assets")


def sample(name: str) -> Path:
    """Path of one bundled sample picture, for instance `still_life.jpg`."""
    return assets_dir() / "samples" / name


def _shipped(name: str) -> Path:
    root = checkout_root()
    return root / name if root else _PACKAGE / name
