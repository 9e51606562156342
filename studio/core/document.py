"""The document: a frozen value that anyone may read from any thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from studio.core.errors import DocumentError
from studio.core.geometry import Rect, Size
from studio.core.layers import BlendMode, ForeignBlock, GroupLayer, Layer, LayerId, Layers, RasterLayer, find, walk
from studio.core.pixels import Depth, PixelBuffer
from studio.core.selection import Channel, Selection, is_canvas_channel

MAX_SIDE_PX = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Canvas size, depth and layers (bottom to top).

    `icc` is the embedded profile that the samples are in (None means sRGB); `ppi` pixels per inch. `foreign` keeps
    file-level blocks that we do not understand. `metadata` is (key, value) text pairs such as title or author.
    `selection` is the selected part of the canvas (None means all of it), `channels` are saved ones, by unique name.
    """

    size: Size
    depth: Depth = Depth.EIGHT
    layers: Layers = ()
    icc: bytes | None = None
    ppi: float = 72.0
    metadata: tuple[tuple[str, str], ...] = ()
    foreign: tuple[ForeignBlock, ...] = ()
    selection: Selection | None = None
    channels: tuple[Channel, ...] = ()

    @property
    def canvas(self) -> Rect:
        return self.size.rect

    def walk(self) -> Iterator[Layer]:
        """Every layer, bottom to top, a group before its children."""
        return walk(self.layers)

    def find(self, layer_id: LayerId) -> Layer | None:
        return find(self.layers, layer_id)

    def layer(self, layer_id: LayerId) -> Layer:
        """The layer with this id. Raises DocumentError when it is not there."""
        layer = self.find(layer_id)
        if layer is None:
            raise DocumentError("That layer is no longer in the document.", detail=f"layer {layer_id}")
        return layer

    def with_layers(self, layers: Layers) -> Document:
        return replace(self, layers=layers)

    def buffers(self) -> Iterator[PixelBuffer]:
        """Every pixel buffer: those of layers and masks, of the selection and of the channels."""
        for layer in self.walk():
            if isinstance(layer, RasterLayer):
                yield layer.pixels
            if layer.mask is not None:
                yield layer.mask.pixels
        if self.selection is not None:
            yield self.selection.pixels
        yield from (channel.pixels for channel in self.channels)

    def check(self) -> list[str]:
        """Broken invariants, one sentence each; empty for a sound document."""
        faults: list[str] = []
        if not (0 < self.size.width <= MAX_SIDE_PX and 0 < self.size.height <= MAX_SIDE_PX):
            faults.append(
                f"The canvas of {self.size.width} x {self.size.height} px is not between 1 and {MAX_SIDE_PX} px."
            )
        counts = Counter(layer.id for layer in self.walk())
        faults += [f"The layer id {layer_id} is used {n} times." for layer_id, n in counts.items() if n > 1]
        for layer in self.walk():
            faults += [f"“{layer.name}”: {fault}" for fault in _layer_faults(layer, self.depth)]
        faults += _selection_faults(self)
        return faults


def _selection_faults(document: Document) -> Iterator[str]:
    selection = document.selection
    if selection is not None and not is_canvas_channel(selection.pixels, document.size):
        yield "The selection is not one 8-bit channel as large as the canvas."
    if selection is not None and not selection.pixels.tiles:
        yield "The selection is empty."
    names = Counter(channel.name for channel in document.channels)
    for name, count in names.items():
        if not name:
            yield "A channel has no name."
        if count > 1:
            yield f"{count} channels are called “{name}”."
    for channel in document.channels:
        if not is_canvas_channel(channel.pixels, document.size):
            yield f"The channel “{channel.name}” is not one 8-bit channel as large as the canvas."


def _layer_faults(layer: Layer, depth: Depth) -> Iterator[str]:
    if not 0.0 <= layer.opacity <= 1.0:
        yield f"opacity {layer.opacity} is not between 0 and 1."
    if not 0.0 <= layer.fill <= 1.0:
        yield f"fill {layer.fill} is not between 0 and 1."
    if layer.blend is BlendMode.PASS_THROUGH and not isinstance(layer, GroupLayer):
        yield "only a group can pass through."
    if isinstance(layer, RasterLayer) and (layer.pixels.depth is not depth or layer.pixels.channels != 4):
        yield f"its pixels are not {depth}-bit RGBA."
    if isinstance(layer, RasterLayer) and layer.pixels.fill:
        yield "its pixels are not transparent outside their tiles."
    mask = layer.mask
    if mask is not None and (mask.pixels.depth is not depth or mask.pixels.channels != 1):
        yield f"its mask is not one {depth}-bit channel."
    if mask is not None and not 0.0 <= mask.density <= 1.0:
        yield f"mask density {mask.density} is not between 0 and 1."
