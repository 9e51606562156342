"""Our files in other programs: every cell of the matrix that they can fill must be right.

The programs are not part of the installation; `python -m tests.readers.matrix` says which are missing and what installs
them. What a program cannot do, or does otherwise, is written down in tests/README.md.
"""

from __future__ import annotations

import re

import pytest

from studio.core.pixels import Depth
from tests.readers.matrix import CANNOT, READERS, examine
from tests.readers.seen import Reader

pytestmark = [pytest.mark.readers, pytest.mark.slow]

# What each program does not report, or reports otherwise than we wrote it; see tests/README.md for why.
SHORT = {
    "psd-tools": {},
    "ag-psd": {},
    "ImageMagick": {
        "tree": CANNOT,
        "Japanese name": "as ?",
        "Chinese name": "as ?",
        "Arabic name": CANNOT,
        "emoji name": "as ?",
        "blend modes": "23 of 27",
        "opacity": CANNOT,
        "visibility": CANNOT,
        "clipping": CANNOT,
        "masks": CANNOT,
        "adjustment layers, live": "dropped",
    },
    "GIMP": {
        "tree": "8 of 10",
        "blend modes": "23 of 27",
        "clipping": CANNOT,
        "adjustment layers, live": "dropped",
    },
    "Krita": {"opacity": "9 of 10", "clipping": CANNOT, "adjustment layers, live": "10 as empty layers"},
}
COUNTED = ("tree", "blend modes", "opacity", "visibility", "clipping", "bounds")
PIXELS_255 = 1.0
PLAIN_255 = 2.1  # psd-tools and Krita round to eight bits on the way


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_the_reader_sees_what_we_wrote(reader: Reader, depth: Depth) -> None:
    if not reader.available():
        pytest.skip(f"{reader.name} is not here: {reader.install}")
    cells, seen = examine(reader, depth)
    short = SHORT[reader.name]
    for name in (*COUNTED, "adjustment layers, live"):
        got, wanted = cells[name].split(" of ") if " of " in cells[name] else (cells[name], cells[name])
        assert cells[name] == short[name] if name in short else got == wanted, f"{name}: {cells[name]}"
    for script in ("Japanese", "Chinese", "Arabic", "emoji"):
        assert cells[f"{script} name"] == short.get(f"{script} name", "right")
    assert seen.structure.layers
    for name, limit in (
        ("layer pixels", PIXELS_255),
        ("merged picture (stored)", PIXELS_255),
        ("own picture, plain features", PLAIN_255),
        ("own picture, adjustments baked", PLAIN_255),
    ):
        assert _figure(cells[name]) <= limit, f"{name}: {cells[name]}"
    if "masks" not in short and "samples: cannot" not in cells["masks"]:
        assert _figure(cells["masks"]) <= PIXELS_255


def _figure(cell: str) -> float:
    """The last number of a cell; nothing where the program cannot tell."""
    numbers = re.findall(r"\d+\.\d+|inf", cell)
    return float(numbers[-1]) if numbers else 0.0
