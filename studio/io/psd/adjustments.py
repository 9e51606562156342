"""Adjustment layers in a PSD: live for programs that read them, or baked into pixels for every program.

Which programs do is seen in `tests/readers`: psd-tools and ag-psd find all settings in the records, which are
Photoshop's own; GIMP and Krita pass over them, so that what lies below shows unadjusted.
"""

from __future__ import annotations

from collections.abc import Iterator

from studio.core.baking import Baked, Extent, Merger, bake_adjustments
from studio.core.document import Document
from studio.core.layers import AdjustmentLayer, GroupLayer, Layer, walk
from studio.io.delivery import Adjustments, Fitted
from studio.io.psd import blocks
from studio.io.report import Fate, Notice

READ_BY = "it stays editable in Photoshop"
PASSED_OVER = "GIMP and Krita pass over it and show the picture without it"
AVOIDED = "GIMP and Krita would pass over it"

_NAMED = 3
"""How many merged layers a notice names before it counts the others."""

_BECAUSE = {
    Extent.BASE: "",
    Extent.GROUP: "",
    Extent.OUTSIDE: ", because its pass-through group lets it act on what lies below the group",
    Extent.ABOVE: ", because their modes would show the rounding of what lies below them",
}


def fit(document: Document, adjustments: Adjustments) -> Fitted:
    """The document as it is to be written. Baking composites the layers that are merged."""
    if adjustments is Adjustments.LIVE:
        return Fitted(document, tuple(_kept(document)))
    baked = bake_adjustments(document)
    return Fitted(baked.document, tuple(_told(baked)))


def _kept(document: Document) -> Iterator[Notice]:
    for layer in document.walk():
        if isinstance(layer, AdjustmentLayer):
            yield Notice(Fate.KEPT, "adjustment layer", layer.name, f"{READ_BY}; {PASSED_OVER}")


def _told(baked: Baked) -> Iterator[Notice]:
    for merger in baked.mergers:
        yield from _merger_notices(merger)
    for layer in baked.left_out:
        yield Notice(Fate.DROPPED, "hidden adjustment layer", layer.name, "it changes nothing while it is hidden")


def _merger_notices(merger: Merger) -> Iterator[Notice]:
    shown = merger.shown
    others = [layer.name for layer in shown if not isinstance(layer, AdjustmentLayer | GroupLayer)]
    for layer in shown:
        if isinstance(layer, AdjustmentLayer):
            yield Notice(Fate.BAKED, "adjustment layer", layer.name, _why(merger, others))
    for layer in merger.hidden:
        what = "hidden adjustment layer" if isinstance(layer, AdjustmentLayer) else "hidden layer"
        yield Notice(Fate.DROPPED, what, layer.name, f"it lay among layers that became “{merger.into}”")
    for layer in walk(merger.layers):
        yield from _lost_blocks(layer)


def _why(merger: Merger, others: list[str]) -> str:
    if not merger.into:
        return "there is nothing below for it to change"
    if others == [merger.into]:
        return f"into the pixels of “{merger.into}”{_BECAUSE[merger.extent]}; {AVOIDED}"
    named = [f"“{name}”" for name in others[:_NAMED]]
    if len(others) > _NAMED:
        named.append(f"{len(others) - _NAMED} more")
    listed = " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
    return f"{listed} became “{merger.into}”{_BECAUSE[merger.extent]}; {AVOIDED}"


def _lost_blocks(layer: Layer) -> Iterator[Notice]:
    """What a merged layer had brought from its file."""
    own = [block for block in layer.foreign if block.format == blocks.FORMAT]
    for title in blocks.undrawn(own):
        yield Notice(Fate.DROPPED, title, layer.name, "the layer was merged")
    if any(len(block.key) == 4 and blocks.is_redrawn(block) for block in own):
        yield Notice(Fate.DROPPED, "editable text, shape or smart object", layer.name, "the layer was merged")
