"""A document without adjustment layers that looks the same: each one is merged with what it acts on.

An adjustment acts on all that is drawn before it on the same pile. The pile ends at an isolated group, at the base of a
clipping run, or at the bottom of the document; pass-through groups lie on the pile of what surrounds them. So

- an adjustment clipped to a base is merged into that base, with the clipped layers between them;
- any other is merged with the layers below it in its group;
- in a pass-through group also with the layers below that group, because it acts on those too;
- a pass-through group with an opacity or a mask of its own is merged as a whole with them: no plain layer can mix the
  picture before and after it.

Merged pixels are rounded to the document's depth. Where a blend mode above them makes more than `TOLERANCE_255` of
that, the layers up to that mode are merged as well; in the end, a whole pile is one layer, which is exact. Hidden
layers stay, hidden adjustments go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from studio.core.compositing import composite_layers
from studio.core.difference import distance_map
from studio.core.document import Document
from studio.core.edits.merging import as_raster, flat_pixels, shown_layers, shows, strips
from studio.core.edits.targets import switched
from studio.core.layers import (
    AdjustmentLayer,
    BlendMode,
    GroupLayer,
    Layer,
    Layers,
    Mask,
    RasterLayer,
    clipping_runs,
    walk,
)

TOLERANCE_255 = 1.0
"""How far the baked picture may be from the document's, in 1/255 of premultiplied colour or alpha."""

_ROUNDING_255 = 0.01  # 16-bit samples and float32 do not hit a whole 1/255 exactly


class Extent(StrEnum):
    """With what an adjustment was merged."""

    BASE = "base"
    """The base it was clipped to, and the clipped layers between."""
    GROUP = "group"
    """What lay below it in its group."""
    OUTSIDE = "outside"
    """What lay below it in its pass-through group, and below that group."""
    ABOVE = "above"
    """Layers above it too, whose modes would have shown the rounding."""


@dataclass(frozen=True, slots=True)
class Merger:
    """Layers that became one. `layers` are siblings, bottom to top, as they were; `into` names the one there is now,
    and is empty when they showed nothing."""

    layers: Layers
    into: str
    extent: Extent

    @property
    def shown(self) -> list[Layer]:
        """Those that were drawn, with those in groups."""
        return list(shown_layers(self.layers))

    @property
    def hidden(self) -> list[Layer]:
        """Those that were not, and are gone."""
        drawn = {layer.id for layer in shown_layers(self.layers)}
        return [layer for layer in walk(self.layers) if layer.id not in drawn]


@dataclass(frozen=True, slots=True)
class Baked:
    """The document without adjustments, how it came about, and the hidden adjustments that were left out."""

    document: Document
    mergers: tuple[Merger, ...] = ()
    left_out: tuple[AdjustmentLayer, ...] = ()


def bake_adjustments(document: Document) -> Baked:
    """The document with its adjustment layers merged into pixels; the document itself when it has none.

    Its picture is within `TOLERANCE_255` of the document's.
    """
    if not any(isinstance(layer, AdjustmentLayer) for layer in document.walk()):
        return Baked(document)
    for careful in (False, True):
        baker = _Baker(document, careful)
        baked = document.with_layers(baker.pile(document.layers))
        if careful or _fits(document, document.layers, baked.layers):
            break
    return Baked(baked, tuple(baker.mergers), tuple(baker.left_out))


@dataclass(slots=True)
class _Baker:
    """One pass over the tree. A careful one compares every pile that it changes with what it was."""

    document: Document
    careful: bool
    mergers: list[Merger] = field(default_factory=list[Merger])
    left_out: list[AdjustmentLayer] = field(default_factory=list[AdjustmentLayer])

    def pile(self, layers: Layers) -> Layers:
        """Siblings that are drawn over nothing."""
        runs = list(clipping_runs(layers))
        top = max((index for index, run in enumerate(runs) if _reaches_below(run)), default=-1)
        grown = False
        while True:
            marks = len(self.mergers), len(self.left_out)
            baked = self._merged_to(runs, top, grown=grown)
            if not self.careful or _fits(self.document, layers, baked):
                return baked
            top, grown = self._first_misfit(runs, top, grown=grown), True
            self._forget(*marks)

    def _merged_to(self, runs: Sequence[Layers], top: int, *, grown: bool) -> Layers:
        """The runs up to `top` as one layer, and the others, each on its own."""
        if top < 0:
            return tuple(layer for run in runs for layer in self._apart(run))
        lower, kept = self._cut(runs, top, whole=grown)
        through_group = isinstance(runs[top][0], GroupLayer)
        extent = Extent.ABOVE if grown else Extent.OUTSIDE if through_group else Extent.GROUP
        hidden = tuple(layer for run in runs[:top] if not shows(run[0]) for layer in self._apart(run))
        return (*hidden, *self._merge(lower, extent), *kept)

    def _cut(self, runs: Sequence[Layers], top: int, *, whole: bool) -> tuple[Layers, Layers]:
        """What to merge, and what stays above it; unless `whole`, the cut may go through a pass-through group."""
        run = runs[top]
        lower = tuple(layer for other in runs[:top] if shows(other[0]) for layer in other)
        upper = tuple(layer for other in runs[top + 1 :] for layer in self._apart(other))
        group = run[0]
        if whole or not isinstance(group, GroupLayer) or not _is_open(run):
            return (*lower, *run), upper
        inner = list(clipping_runs(group.children))
        inner_top = max(index for index, other in enumerate(inner) if _reaches_below(other))
        inside, rest = self._cut(inner, inner_top, whole=False)
        hidden = tuple(layer for other in inner[:inner_top] if not shows(other[0]) for layer in self._apart(other))
        children = (*hidden, *rest)
        left = (replace(group, children=children),) if children else ()
        return (*lower, replace(group, children=inside), *run[1:]), (*left, *upper)

    def _first_misfit(self, runs: Sequence[Layers], top: int, *, grown: bool) -> int:
        """The lowest run that is not yet merged as a whole with which the picture so far is no longer the same."""
        marks = len(self.mergers), len(self.left_out)
        for index in range(max(top + grown, 0), len(runs) - 1):
            part = runs[: index + 1]
            before = tuple(layer for run in part for layer in run)
            fits = _fits(self.document, before, self._merged_to(part, top, grown=grown))
            self._forget(*marks)
            if not fits:
                return index
        return len(runs) - 1

    def _forget(self, mergers: int, left_out: int) -> None:
        """Take back what was noted since there were so many."""
        del self.mergers[mergers:], self.left_out[left_out:]

    def _apart(self, run: Layers) -> Layers:
        """One base with its clipped layers, none of which acts on anything below the base."""
        base, *clipped = run
        if isinstance(base, AdjustmentLayer):  # hidden, and so is what is clipped to it
            self.left_out.append(base)
            return tuple(replace(layer, visible=False, clipping=False) for layer in self._simple(clipped))
        bound = max((index for index, layer in enumerate(clipped, 1) if _acts_on_base(layer)), default=0)
        marks = len(self.mergers), len(self.left_out)
        out = self._clipped_into(run, bound)
        while self.careful and bound < len(clipped) and not _fits(self.document, _bare(run), _bare(out)):
            bound += 1
            self._forget(*marks)
            out = self._clipped_into(run, bound)
        return out

    def _clipped_into(self, run: Layers, bound: int) -> Layers:
        """The run with its clipped layers up to `bound` merged into its base."""
        base, clipped = run[0], run[1:]
        above = self._simple(clipped[bound:])
        if not bound:
            isolated = any(shows(layer) for layer in clipped)
            return (self._without(base, isolated=isolated), *above)
        parts = (base, *(layer for layer in clipped[:bound] if shows(layer)))
        hidden = self._simple([layer for layer in clipped[:bound] if not shows(layer)])
        blend = BlendMode.NORMAL if base.blend is BlendMode.PASS_THROUGH else base.blend
        new = switched(as_raster(base, *flat_pixels(self.document, _bare(parts)), blend), parts)
        self.mergers.append(Merger(parts, new.name, Extent.BASE))
        return (replace(new, provenance=base.provenance), *hidden, *above)

    def _simple(self, layers: Sequence[Layer]) -> Layers:
        """Clipped layers without the adjustments, which are hidden, and without those in groups."""
        self.left_out += [layer for layer in layers if isinstance(layer, AdjustmentLayer)]
        return tuple(self._without(layer) for layer in layers if not isinstance(layer, AdjustmentLayer))

    def _without(self, layer: Layer, *, isolated: bool = False) -> Layer:
        """A layer without adjustments in it. A pass-through group that shows lies on the pile around it."""
        if not isinstance(layer, GroupLayer):
            return layer
        if isolated or layer.blend is not BlendMode.PASS_THROUGH or not shows(layer):
            return replace(layer, children=self.pile(layer.children))
        children = tuple(child for run in clipping_runs(layer.children) for child in self._apart(run))
        return replace(layer, children=children)

    def _merge(self, layers: Layers, extent: Extent) -> Layers:
        """Siblings drawn over nothing as one layer; none when nothing of them shows."""
        pixels, origin = flat_pixels(self.document, layers)
        if pixels.size.area == 0:
            self.mergers.append(Merger(layers, "", extent))
            return ()
        parts = list(shown_layers(layers))
        drawn = [layer for layer in parts if not isinstance(layer, AdjustmentLayer)]
        if len(drawn) == 1 and isinstance(drawn[0], RasterLayer):
            source = drawn[0]
            new = replace(as_raster(source, pixels, origin, BlendMode.NORMAL), provenance=source.provenance)
        else:
            top = [layer for layer in parts if isinstance(layer, AdjustmentLayer)][-1]
            new = RasterLayer(id=top.id, name=f"{top.name} (merged)", pixels=pixels, origin=origin)
        new = switched(replace(new, opacity=1.0, fill=1.0, mask=None, clipping=False), parts)
        self.mergers.append(Merger(layers, new.name, extent))
        return (new,)


def _passes(run: Layers) -> bool:
    """Whether the run is a group whose children are drawn onto what lies below it."""
    base, *clipped = run
    return isinstance(base, GroupLayer) and base.blend is BlendMode.PASS_THROUGH and not any(map(shows, clipped))


def _is_open(run: Layers) -> bool:
    """Whether the children of such a group might as well be its siblings."""
    group = run[0]
    return _passes(run) and group.opacity == 1 and group.fill == 1 and not _masks(group.mask)


def _masks(mask: Mask | None) -> bool:
    return mask is not None and mask.enabled and mask.density > 0


def _reaches_below(run: Layers) -> bool:
    """Whether an adjustment in the run changes what was drawn before the run on the same pile."""
    base = run[0]
    if not shows(base):
        return False
    if isinstance(base, GroupLayer):
        return _passes(run) and any(_reaches_below(inner) for inner in clipping_runs(base.children))
    return isinstance(base, AdjustmentLayer)


def _acts_on_base(layer: Layer) -> bool:
    """Whether a clipped layer is, or passes through, an adjustment of its base."""
    return _reaches_below((layer,))


def _bare(run: Layers) -> Layers:
    """The run with its base as if it were plain, so that its mode, opacity and mask can stay with what replaces it."""
    base = replace(run[0], visible=True, opacity=1.0, fill=1.0, blend=BlendMode.NORMAL, mask=None, clipping=False)
    return (base, *run[1:])


def _fits(document: Document, before: Layers, after: Layers) -> bool:
    """Whether both give the same picture on the canvas."""
    for strip in strips(document.canvas):
        pictures = [composite_layers(document, layers, strip) for layers in (before, after)]
        if distance_map(*pictures).max(initial=0.0) > TOLERANCE_255 + _ROUNDING_255:
            return False
    return True
