"""The table of foreign PSD families: `python -m tests.io.psd.families [FOLDER]`.

Every file is opened, recomposited from its layers and compared with the picture that its own program made of it: the
merged image stored in it, else a PNG of the same name beside it. A file agrees when no sample is more than 2/255 off,
or when that is so for all but one pixel in a thousand (the rounding of antialiased edges).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from PIL import Image

from studio.core.adjustments import Exposure
from studio.core.compositing import composite
from studio.core.difference import distance_map
from studio.core.errors import StudioError
from studio.core.layers import AdjustmentLayer, BlendMode
from studio.core.pixels import Pixels
from studio.io.psd import merged_preview, read
from studio.io.report import Fate, Notice
from tests.io.psd.material import SHARED, shared_files

TOLERANCE_255 = 2.01
STRAY_SHARE = 0.001


class Outcome(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"
    NO_PICTURE = "no picture to compare with"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one file: largest difference, that of 99.9 % of the pixels, share beyond the tolerance, and why."""

    path: Path
    outcome: Outcome
    largest_255: float = 0.0
    most_255: float = 0.0
    share: float = 0.0
    why: str = ""


def examine(path: Path) -> Finding:
    """Open one file and compare its layers with its picture. Anything but a StudioError escapes."""
    try:
        opened = read(path)
        wanted = _picture(path)
    except StudioError as error:
        return Finding(path, Outcome.REFUSED, why=error.message)
    if wanted is None:
        return Finding(path, Outcome.NO_PICTURE)
    gap = distance_map(composite(opened.document), wanted)
    share = float((gap > TOLERANCE_255).mean())
    outcome = Outcome.AGREES if share <= STRAY_SHARE else Outcome.DIFFERS
    why = _why(opened.notices)
    if any(layer.blend is BlendMode.DISSOLVE for layer in opened.document.walk()):
        why = "; ".join(filter(None, (why, "Dissolve's grain is random; ours is not Photoshop's")))
    adjustments = [layer.adjustment for layer in opened.document.walk() if isinstance(layer, AdjustmentLayer)]
    if len(adjustments) > 1 and any(isinstance(adjustment, Exposure) for adjustment in adjustments):
        why = "; ".join(filter(None, (why, "Exposure among steep curves: our fit is not exact there")))
    return Finding(path, outcome, float(gap.max(initial=0)), float(np.percentile(gap, 99.9)), share, why)


def table(findings: Iterable[Finding], root: Path) -> str:
    """Markdown: a line per family, then a line per file that differs."""
    families: dict[str, list[Finding]] = {}
    for finding in findings:
        families.setdefault(str(finding.path.relative_to(root).parent), []).append(finding)
    lines = [
        "| family | files | agree | 99.9 % of the pixels within | differ | no picture |",
        "|---|---|---|---|---|---|",
    ]
    for family, found in sorted(families.items()):
        counts = {outcome: sum(f.outcome is outcome for f in found) for outcome in Outcome}
        agreeing = [f.most_255 for f in found if f.outcome is Outcome.AGREES]
        largest = f"{max(agreeing):.1f}/255" if agreeing else "-"
        differ = counts[Outcome.DIFFERS] + counts[Outcome.REFUSED]
        cells = (family, len(found), counts[Outcome.AGREES], largest, differ, counts[Outcome.NO_PICTURE])
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += ["", "| file that differs | largest | pixels beyond 2/255 | why |", "|---|---|---|---|"]
    for found in (f for family in sorted(families) for f in families[family]):
        if found.outcome in (Outcome.DIFFERS, Outcome.REFUSED):
            name = found.path.relative_to(root)
            lines.append(f"| {name} | {found.largest_255:.0f}/255 | {found.share:.1%} | {found.why or 'not known'} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED)
    folder: Path = parser.parse_args().folder
    files = shared_files() if folder == SHARED else sorted(p for p in folder.rglob("*.ps[db]"))
    if not files:
        print(f"There are no PSD files in {folder}.", file=sys.stderr)
        return 2
    print(table([examine(path) for path in files], folder))
    return 0


def _picture(path: Path) -> Pixels | None:
    stored = merged_preview(path)
    picture = path.with_suffix(".png")
    if stored is not None or not picture.exists():
        return stored
    with Image.open(picture) as image:
        return np.asarray(image.convert("RGBA"))


def _why(notices: Iterable[Notice]) -> str:
    """What the loss report says that can change the picture, each thing once."""
    reasons: dict[str, None] = {}
    for notice in notices:
        if notice.fate is Fate.DROPPED:
            reasons[f"{notice.what} not kept"] = None
        elif notice.what.endswith("adjustment"):
            reasons[f"{notice.what} {notice.why}, within 2/255 before rounding"] = None
        elif notice.why == "drawn from its description":
            reasons[f"{notice.what}, {notice.why}"] = None
        elif notice.what.endswith("colours"):
            reasons[f"{notice.what} blend in RGB"] = None
    return "; ".join(reasons)


if __name__ == "__main__":
    sys.exit(main())
