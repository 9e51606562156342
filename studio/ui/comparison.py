"""How far a stack of layers is from the picture it came from."""

from __future__ import annotations

from dataclasses import dataclass

from studio.core import difference
from studio.core.compositing import composite
from studio.core.difference import Difference
from studio.core.document import Document
from studio.core.pixels import Pixels


@dataclass(frozen=True, slots=True)
class Comparison:
    """Figures, and `heat` (H, W, 4) 8-bit RGBA: black is equal."""

    difference: Difference
    heat: Pixels


def compared(first: Document, second: Document) -> Comparison:
    """Compare two documents as they look; may be called from any thread. Raises ShapeError for different sizes."""
    one, other = composite(first), composite(second)
    return Comparison(difference.measure(one, other), difference.heat_map(difference.distance_map(one, other)))
