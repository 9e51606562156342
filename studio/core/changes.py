"""What differs between two roots of a document: layers, fields, and the part of the canvas to draw again.

Found by identity first, so that the cost follows what changed and not how large the document is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields

from studio.core.document import Document
from studio.core.geometry import EMPTY, Point, Rect, Size
from studio.core.layers import (
    AdjustmentLayer,
    BlendMode,
    GroupLayer,
    Layer,
    LayerId,
    Mask,
    RasterLayer,
    clipping_runs,
)
from studio.core.pixels import TILE, PixelBuffer

_DOCUMENT_FIELDS = ("size", "depth", "icc", "ppi", "metadata", "foreign", "selection", "channels")
_PICTURE_FIELDS = frozenset({"size", "depth", "icc"})
_LOOK_FIELDS = frozenset({"kind", "visible", "opacity", "fill", "blend", "clipping", "adjustment"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The difference between two roots.

    `moved` layers have another parent or another place among the siblings that stayed. `fields` names, for each layer
    that is in both roots, the dataclass fields that differ ("kind" where its type does; never "children", because
    those are told as added, removed and moved). `dirty` lies on the new canvas and is `EMPTY` when the picture is the
    same; it may hold more than what differs, never less.
    """

    added: tuple[LayerId, ...] = ()
    removed: tuple[LayerId, ...] = ()
    moved: tuple[LayerId, ...] = ()
    fields: Mapping[LayerId, frozenset[str]] = field(default_factory=dict[LayerId, frozenset[str]])
    document_fields: frozenset[str] = frozenset()
    dirty: Rect = EMPTY

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.moved or self.fields or self.document_fields)

    @property
    def structure_changed(self) -> bool:
        """Whether a list of the layers must be laid out again."""
        return bool(self.added or self.removed or self.moved)


def diff(old: Document, new: Document) -> Changes:
    """What changed from `old` to `new`."""
    if old is new:
        return Changes()
    before, after = _survey(old), _survey(new)
    added = tuple(key for key in after if key not in before)
    removed = tuple(key for key in before if key not in after)
    moved = tuple(_moved(before, after))
    changed = {key: names for key in after if key in before and (names := _changed_fields(before[key], after[key]))}
    document_fields = frozenset(name for name in _DOCUMENT_FIELDS if getattr(old, name) != getattr(new, name))
    if document_fields & _PICTURE_FIELDS:
        dirty = new.canvas
    else:
        parts = [after[key].extent for key in added] + [before[key].extent for key in removed]
        parts += [seen[key].extent for key in moved for seen in (before, after)]
        parts += [_dirty(before[key], after[key], changed.get(key, frozenset())) for key in after if key in before]
        dirty = Rect.union(parts).intersect(new.canvas)
    return Changes(
        added=added, removed=removed, moved=moved, fields=changed, document_fields=document_fields, dirty=dirty
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """A layer in its tree. `extent` is where on the canvas it can change the picture: empty when it is hidden."""

    layer: Layer
    parent: LayerId | None
    index: int
    extent: Rect
    base: LayerId | None
    isolated: bool


def _survey(document: Document) -> dict[LayerId, _Seen]:
    """Every layer by id, bottom to top."""
    out: dict[LayerId, _Seen] = {}
    _survey_siblings(document.layers, None, document.canvas, out)
    return out


def _survey_siblings(
    siblings: Sequence[Layer], parent: LayerId | None, reach: Rect, out: dict[LayerId, _Seen]
) -> list[Rect]:
    """Enter the siblings and all below them in `out`; their extents. Nothing in them shows outside `reach`."""
    extents: list[Rect] = []
    index = 0
    for run in clipping_runs(siblings):
        base_extent = reach
        for layer in run:
            is_base = layer is run[0]
            isolated = isinstance(layer, GroupLayer) and (
                layer.blend is not BlendMode.PASS_THROUGH or (is_base and any(_shows(clipped) for clipped in run[1:]))
            )
            extent = _enter(layer, parent, index, base_extent, None if is_base else run[0].id, isolated, out)
            base_extent = extent if is_base else base_extent
            extents.append(extent)
            index += 1
    return extents


def _enter(
    layer: Layer,
    parent: LayerId | None,
    index: int,
    reach: Rect,
    base: LayerId | None,
    isolated: bool,
    out: dict[LayerId, _Seen],
) -> Rect:
    """Enter one layer in `out` before its children, and return its extent."""
    extent = _limited(reach, layer.mask) if _shows(layer) else EMPTY
    match layer:
        case RasterLayer():
            extent = extent.intersect(layer.bounds)
        case GroupLayer():
            out[layer.id] = _Seen(layer, parent, index, EMPTY, base, isolated)  # holds the place before the children
            inner = extent.intersect(_content(layer.children)) if isolated else extent
            extent = Rect.union(_survey_siblings(layer.children, layer.id, inner, out))
        case AdjustmentLayer():
            pass
    out[layer.id] = _Seen(layer, parent, index, extent, base, isolated)
    return extent


def _shows(layer: Layer) -> bool:
    return layer.visible and layer.opacity > 0


def _limited(reach: Rect, mask: Mask | None) -> Rect:
    """`reach` without what the mask surely hides: all outside its buffer when it is black there."""
    if mask is None or not mask.enabled or mask.pixels.fill or mask.density < 1:
        return reach
    return reach.intersect(mask.bounds)


def _content(layers: Sequence[Layer]) -> Rect:
    """Where a group that is drawn on its own can have pixels; an adjustment in it acts nowhere else."""
    return Rect.union(layer.bounds for layer in layers if _shows(layer))


def _moved(before: Mapping[LayerId, _Seen], after: Mapping[LayerId, _Seen]) -> Iterator[LayerId]:
    """Layers with another parent, and the fewest that must have been taken out of their siblings' order."""
    siblings: dict[LayerId | None, list[LayerId]] = {}
    for key, seen in after.items():
        if key not in before:
            continue
        if before[key].parent != seen.parent:
            yield key
        else:
            siblings.setdefault(seen.parent, []).append(key)
    for keys in siblings.values():
        keys.sort(key=lambda key: after[key].index)
        stayed = _longest_rising([before[key].index for key in keys])
        yield from (key for key in keys if before[key].index not in stayed)


def _longest_rising(values: Sequence[int]) -> frozenset[int]:
    """The members of one longest rising subsequence of distinct values (patience sorting)."""
    tails: list[int] = []
    previous: dict[int, int | None] = {}
    for value in values:
        pile = bisect_left(tails, value)
        previous[value] = tails[pile - 1] if pile else None
        tails[pile : pile + 1] = [value]
    members: set[int] = set()
    link = tails[-1] if tails else None
    while link is not None:
        members.add(link)
        link = previous[link]
    return frozenset(members)


def _changed_fields(old: _Seen, new: _Seen) -> frozenset[str]:
    if old.layer is new.layer:
        return frozenset()
    if type(old.layer) is not type(new.layer):
        return frozenset({"kind"})
    names = (entry.name for entry in fields(old.layer) if entry.name != "children")
    return frozenset(name for name in names if getattr(old.layer, name) != getattr(new.layer, name))


def _dirty(old: _Seen, new: _Seen, changed: frozenset[str]) -> Rect:
    """Canvas area to draw again for one layer; a group's children speak for themselves."""
    both = Rect.union((old.extent, new.extent))
    if old.base != new.base or old.isolated != new.isolated or changed & _LOOK_FIELDS:
        return both
    parts: list[Rect] = []
    if "mask" in changed:
        parts.append(_mask_dirty(old.layer.mask, new.layer.mask, both))
    if isinstance(old.layer, RasterLayer) and isinstance(new.layer, RasterLayer) and changed & {"pixels", "origin"}:
        old_at, new_at = (old.layer.pixels, old.layer.origin), (new.layer.pixels, new.layer.origin)
        parts.append(_buffer_dirty(*old_at, *new_at))
    return Rect.union(parts).intersect(both)


def _mask_dirty(old: Mask | None, new: Mask | None, both: Rect) -> Rect:
    if old is None or new is None or (old.enabled, old.density) != (new.enabled, new.density):
        return both
    if not new.enabled:
        return EMPTY
    if old.pixels.fill != new.pixels.fill:
        return both
    return _buffer_dirty(old.pixels, old.origin, new.pixels, new.origin)


def _buffer_dirty(old: PixelBuffer, old_origin: Point, new: PixelBuffer, new_origin: Point) -> Rect:
    """Canvas area where two buffers with one value outside their bounds may differ.

    A buffer that grew by whole tiles still shares them, so growing dirties only what was written.
    """
    shift = new_origin - old_origin
    whole = Rect.union((Rect.at(old_origin, old.size), Rect.at(new_origin, new.size)))
    alike = (old.depth, old.channels, old.fill) == (new.depth, new.channels, new.fill)
    if not alike or shift.x % TILE or shift.y % TILE:
        return whole
    columns, rows = shift.x // TILE, shift.y // TILE
    old_tiles = {(column - columns, row - rows): tile for (column, row), tile in old.tiles.items()}
    keys = [key for key in old_tiles.keys() | new.tiles.keys() if old_tiles.get(key) is not new.tiles.get(key)]
    corners = (Point(column * TILE, row * TILE) + new_origin for column, row in keys)
    return Rect.union(Rect.at(corner, Size(TILE, TILE)) for corner in corners).intersect(whole)


def surviving(selection: tuple[LayerId, ...], old: Document, new: Document) -> tuple[LayerId, ...]:
    """The selected layers that are still there; when none is, the nearest below the first of them,
    else above it, else the topmost."""
    present = {layer.id for layer in new.walk()}
    kept = tuple(layer for layer in selection if layer in present)
    if kept or not selection:
        return kept
    order = [layer.id for layer in old.walk()]
    at = order.index(selection[0]) if selection[0] in order else len(order)
    near = [layer for layer in (*reversed(order[:at]), *order[at + 1 :]) if layer in present]
    return tuple(near[:1]) or tuple(layer.id for layer in new.layers[-1:])
