"""Our picture of documents that Photoshop wrote, against the picture that Photoshop stored in them.

The files are not part of the project: the tests skip where the folder `shared/psd` beside the checkout is absent. Each
tolerance says how far Photoshop's integer steps, or our knowledge of its formulas, let us come; `pytest -s` prints the
table. Differences of colour are weighted with alpha, in 1/255.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from psd_tools import PSDImage

from studio.core.compositing import composite
from studio.io import psd

MODES = (
    "color-burn",
    "color-dodge",
    "color",
    "darken",
    "darker-color",
    "difference",
    "divide",
    "exclusion",
    "hard-light",
    "hard-mix",
    "hue",
    "lighten",
    "lighter-color",
    "linear-burn",
    "linear-dodge",
    "linear-light",
    "luminosity",
    "multiply",
    "normal",
    "overlay",
    "pass-through",
    "pin-light",
    "saturation",
    "screen",
    "soft-light",
    "subtract",
    "vivid-light",
)
OTHERS = {
    # file: (largest difference allowed, 99th percentile allowed)
    "group-clipping/group-clipping.psd": (0.5, 0.5),  # groups clipped to a layer, a layer clipped inside a group
    "transparency/clip-opacity.psd": (1, 1),  # opacity and fill together
    "transparency/transparency-group.psd": (2, 1),  # isolated groups over transparency
    "adjustments/adjustment_backdrop_test.psd": (2, 1.5),  # adjustments over a transparent backdrop
    "adjustments/adjustment_clipping.psd": (1, 1),  # adjustments as base and as clipped layers
    "adjustments/adjustment_nested_composition_2.psd": (3, 2),  # in pass-through groups
    "adjustments/curves_grayscale.psd": (2, 0.5),
    "adjustments/levels_grayscale.psd": (2, 1),
    "adjustments/brightnesscontrast_grayscale.psd": (4, 3),  # the roll-off of brightness is our fit
    "adjustments/brightnesscontrast_legacy_grayscale.psd": (1, 1),
    "adjustments/brightnesscontrast_legacy_rgb.psd": (1, 1),
}


@pytest.fixture(scope="module")
def folder() -> Path:
    found = Path(__file__).resolve().parents[3] / "shared" / "psd"
    if not found.is_dir():
        pytest.skip("Photoshop's files are not here: put them in a folder “shared/psd” beside the checkout")
    return found


def pictures(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ours and the stored one, (h, w, 4) straight RGBA in 0..255."""
    document = psd.read(path).document
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stored = np.asarray(PSDImage.open(path).numpy(), np.float64)
    grey, opaque = stored.shape[2] < 3, stored.shape[2] in (1, 3)
    color = stored[..., :1].repeat(3, axis=2) if grey else stored[..., :3]
    alpha = np.ones_like(color[..., :1]) if opaque else stored[..., -1:]
    ours = composite(document).astype(np.float64) / document.depth.top
    return ours * 255, np.concatenate([color, alpha], axis=2) * 255


def differences(path: Path) -> tuple[float, float, float]:
    """Largest difference of alpha; largest and 99th percentile of colour, weighted with alpha."""
    ours, stored = pictures(path)
    weight = np.minimum(ours[..., 3:], stored[..., 3:]) / 255
    color = (np.abs(ours[..., :3] - stored[..., :3]) * weight).max(axis=2)
    alpha = np.abs(ours[..., 3] - stored[..., 3])
    found = float(alpha.max()), float(color.max()), float(np.percentile(color, 99))
    print(f"{path.parent.name}/{path.name}: alpha {found[0]:.1f}, colour max {found[1]:.1f}, p99 {found[2]:.1f}")
    return found


@pytest.mark.parametrize("name", MODES)
def test_blend_mode(folder: Path, name: str) -> None:
    """Three overlapping primaries at 50 %, over transparency. Photoshop's alpha is one step off here and there."""
    alpha, color, percentile = differences(folder / "blend-modes" / f"{name}.psd")
    assert alpha <= 1.01
    assert color <= 2.2
    assert percentile <= 1.5


@pytest.mark.parametrize("name", OTHERS)
def test_tree_and_adjustments(folder: Path, name: str) -> None:
    alpha, color, percentile = differences(folder / name)
    largest, usual = OTHERS[name]
    assert alpha <= 0.5
    assert color <= largest + 0.01
    assert percentile <= usual + 0.01


def test_the_coverage_of_dissolve(folder: Path) -> None:
    """The noise is ours, so only how much is covered can agree. One noise serves all layers: where two overlap at 50 %,
    half of the pixels stay empty, as in the stored picture."""
    ours, stored = pictures(folder / "blend-modes" / "dissolve.psd")
    for part in (np.s_[:, :], np.s_[20:44, 20:44]):
        covered = (stored[part][..., 3] > 0).mean()
        assert (ours[part][..., 3] > 0).mean() == pytest.approx(covered, abs=0.08)
