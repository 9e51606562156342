"""A document's tree as JSON, with pixels and other large parts as hashes: what a root of a project is.

The records below are the stored form; they change only together with the project's schema version.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from studio.core.document import Document
from studio.core.errors import FileFormatError
from studio.core.geometry import Point, Size
from studio.core.layers import (
    AdjustmentLayer,
    BlendMode,
    ColorLabel,
    ForeignBlock,
    GroupLayer,
    Layer,
    LayerId,
    Locks,
    Mask,
    Provenance,
    RasterLayer,
)
from studio.core.pixels import Depth, PixelBuffer
from studio.core.selection import Channel, Selection
from studio.io.records import adjustment_json, adjustment_of, lettering_json, lettering_of

_Hash: TypeAlias = str


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Foreign(_Record):
    format: str
    key: str
    data: _Hash


class _Mask(_Record):
    pixels: _Hash
    origin: tuple[int, int]
    enabled: bool
    linked: bool
    density: float


class _Layer(_Record):
    id: str
    name: str
    visible: bool
    opacity: float
    fill: float
    blend: BlendMode
    clipping: bool
    mask: _Mask | None
    locks: Locks
    label: ColorLabel
    ai_visible: bool
    ai_editable: bool
    provenance: Provenance | None
    foreign: tuple[_Foreign, ...]


class _Raster(_Layer):
    kind: Literal["raster"]
    pixels: _Hash
    origin: tuple[int, int]
    lettering: str | None = None  # trees from before version 4 have none


class _Group(_Layer):
    kind: Literal["group"]
    expanded: bool
    children: tuple[_AnyLayer, ...]


class _Adjustment(_Layer):
    kind: Literal["adjustment"]
    adjustment: str


_AnyLayer: TypeAlias = "_Raster | _Group | _Adjustment"


class _Channel(_Record):
    name: str
    pixels: _Hash


class _Root(_Record):
    size: tuple[int, int]
    depth: Literal[8, 16]
    icc: _Hash | None
    ppi: float
    metadata: tuple[tuple[str, str], ...]
    foreign: tuple[_Foreign, ...]
    layers: tuple[_Raster | _Group | _Adjustment, ...]
    selection: _Hash | None
    channels: tuple[_Channel, ...]


_ROOT = TypeAdapter(_Root)


LayerMemo: TypeAlias = "dict[object, Layer]"


@dataclass(frozen=True, slots=True)
class Sink:
    """Where the large parts go while a tree is written: each call stores one and returns its hash in hexadecimal."""

    buffer: Callable[[PixelBuffer], str]
    blob: Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Source:
    """Where they come from while it is read."""

    buffer: Callable[[str], PixelBuffer]
    blob: Callable[[str], bytes]
    layers: LayerMemo
    """Layers that were read already: trees of one history share those that did not change."""


def to_json(document: Document, sink: Sink) -> str:
    """The tree of one root."""
    root = {
        "size": (document.size.width, document.size.height),
        "depth": int(document.depth),
        "icc": None if document.icc is None else sink.blob(document.icc),
        "ppi": document.ppi,
        "metadata": document.metadata,
        "foreign": _foreign_records(document.foreign, sink),
        "layers": [_layer_record(layer, sink) for layer in document.layers],
        "selection": None if document.selection is None else sink.buffer(document.selection.pixels),
        "channels": [{"name": channel.name, "pixels": sink.buffer(channel.pixels)} for channel in document.channels],
    }
    return json.dumps(root, separators=(",", ":"))


def from_json(text: str, source: Source) -> Document:
    """The document of a tree. Raises FileFormatError when it is damaged."""
    root = _parsed(text)
    return Document(
        size=Size(*root.size),
        depth=Depth(root.depth),
        layers=tuple(_layer(record, source) for record in root.layers),
        icc=None if root.icc is None else source.blob(root.icc),
        ppi=root.ppi,
        metadata=root.metadata,
        foreign=_foreign(root.foreign, source),
        selection=None if root.selection is None else Selection(source.buffer(root.selection)),
        channels=tuple(Channel(name=record.name, pixels=source.buffer(record.pixels)) for record in root.channels),
    )


def references(text: str) -> tuple[list[str], list[str]]:
    """The buffers and the blobs that a tree names. Raises FileFormatError when it is damaged."""
    root = _parsed(text)
    buffers = [] if root.selection is None else [root.selection]
    buffers += [channel.pixels for channel in root.channels]
    blobs = [] if root.icc is None else [root.icc]
    blobs += [block.data for block in root.foreign]
    waiting: list[_Raster | _Group | _Adjustment] = list(root.layers)
    while waiting:
        record = waiting.pop()
        blobs += [block.data for block in record.foreign]
        buffers += [record.pixels] if isinstance(record, _Raster) else []
        buffers += [] if record.mask is None else [record.mask.pixels]
        waiting += record.children if isinstance(record, _Group) else ()
    return buffers, blobs


def _parsed(text: str) -> _Root:
    try:
        return _ROOT.validate_python(json.loads(text))
    except (ValidationError, ValueError, RecursionError) as error:
        raise FileFormatError("The project's layer tree is damaged.", detail=repr(error)[:2000]) from error


def _layer_record(layer: Layer, sink: Sink) -> dict[str, object]:
    record: dict[str, object] = {
        "id": layer.id,
        "name": layer.name,
        "visible": layer.visible,
        "opacity": layer.opacity,
        "fill": layer.fill,
        "blend": layer.blend,
        "clipping": layer.clipping,
        "mask": None if layer.mask is None else _mask_record(layer.mask, sink),
        "locks": asdict(layer.locks),
        "label": layer.label,
        "ai_visible": layer.ai_visible,
        "ai_editable": layer.ai_editable,
        "provenance": None if layer.provenance is None else asdict(layer.provenance),
        "foreign": _foreign_records(layer.foreign, sink),
    }
    match layer:
        case RasterLayer():
            own = {"kind": "raster", "pixels": sink.buffer(layer.pixels), "origin": _pair(layer.origin)}
            if layer.lettering is not None:
                own["lettering"] = lettering_json(layer.lettering)
        case GroupLayer():
            children = [_layer_record(child, sink) for child in layer.children]
            own = {"kind": "group", "expanded": layer.expanded, "children": children}
        case AdjustmentLayer():
            own = {"kind": "adjustment", "adjustment": adjustment_json(layer.adjustment)}
    return record | own


def _layer(record: _Raster | _Group | _Adjustment, source: Source) -> Layer:
    """The layer of a record; equal records give the same object."""
    if record not in source.layers:
        source.layers[record] = _new_layer(record, source)
    return source.layers[record]


def _new_layer(record: _Raster | _Group | _Adjustment, source: Source) -> Layer:
    match record:
        case _Raster():
            bare = RasterLayer(
                id=LayerId(record.id),
                pixels=source.buffer(record.pixels),
                origin=Point(*record.origin),
                lettering=None if record.lettering is None else lettering_of(record.lettering),
            )
        case _Group():
            children = tuple(_layer(child, source) for child in record.children)
            bare = GroupLayer(id=LayerId(record.id), children=children, expanded=record.expanded)
        case _Adjustment():
            bare = AdjustmentLayer(id=LayerId(record.id), adjustment=adjustment_of(record.adjustment))
    return replace(
        bare,
        name=record.name,
        visible=record.visible,
        opacity=record.opacity,
        fill=record.fill,
        blend=record.blend,
        clipping=record.clipping,
        mask=None if record.mask is None else _mask(record.mask, source),
        locks=record.locks,
        label=record.label,
        ai_visible=record.ai_visible,
        ai_editable=record.ai_editable,
        provenance=record.provenance,
        foreign=_foreign(record.foreign, source),
    )


def _mask_record(mask: Mask, sink: Sink) -> dict[str, object]:
    return {
        "pixels": sink.buffer(mask.pixels),
        "origin": _pair(mask.origin),
        "enabled": mask.enabled,
        "linked": mask.linked,
        "density": mask.density,
    }


def _mask(record: _Mask, source: Source) -> Mask:
    return Mask(
        pixels=source.buffer(record.pixels),
        origin=Point(*record.origin),
        enabled=record.enabled,
        linked=record.linked,
        density=record.density,
    )


def _foreign_records(blocks: Sequence[ForeignBlock], sink: Sink) -> list[dict[str, object]]:
    return [{"format": block.format, "key": block.key, "data": sink.blob(block.data)} for block in blocks]


def _foreign(records: Sequence[_Foreign], source: Source) -> tuple[ForeignBlock, ...]:
    return tuple(ForeignBlock(record.format, record.key, source.blob(record.data)) for record in records)


def _pair(point: Point) -> tuple[int, int]:
    return point.x, point.y
