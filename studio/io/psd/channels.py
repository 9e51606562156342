"""The pixels and masks of a layer record."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from psd_tools.constants import ChannelID
from psd_tools.psd.header import FileHeader
from psd_tools.psd.layer_and_mask import LayerRecord

from studio.core.geometry import ORIGIN, Point, Rect, Size
from studio.core.layers import Mask
from studio.core.pixels import PixelBuffer, Pixels
from studio.io.psd.colour import Colours, to_samples
from studio.io.psd.container import MAX_PIXELS, size_of
from studio.io.psd.features import has_fill
from studio.io.psd.masks import StoredMask, empty_mask, feathered, stored_mask
from studio.io.psd.samples import DamagedChannel, Plane, decode
from studio.io.psd.tree import Node
from studio.io.psd.vectors import Artist, vector_mask
from studio.io.report import Fate, Notice


class Channels:
    """Decodes the channels of one file's records; what is damaged or converted goes into `notices`."""

    def __init__(self, header: FileHeader, colours: Colours, artist: Artist, notices: list[Notice]) -> None:
        self.header = header
        self.colours = colours
        self.artist = artist
        self.notices = notices
        self.canvas = size_of(header).rect

    def pixels(self, node: Node, name: str) -> tuple[Pixels, Point, bool]:
        """RGBA samples, where they start, and whether they were drawn from a fill's description."""
        record = node.record
        bounds = Rect(record.left, record.top, record.right, record.bottom)
        if self._stored(node) and not bounds.is_empty:
            return self._stored_pixels(node, bounds, name), bounds.origin, False
        if has_fill(record):
            drawn = self.artist.fill(record, self.canvas, self.colours)
            if drawn is not None:
                self._clip_to_path(record, drawn)
                return drawn, ORIGIN, True
            self._say(Fate.DROPPED, "fill", name, "it has no stored pixels and its description cannot be drawn")
        return np.zeros((0, 0, 4), self.colours.depth.dtype), bounds.origin, False

    def mask(self, node: Node, name: str) -> Mask | None:
        """The layer's mask: the pixel mask, the path's, or the two joined."""
        record = node.record
        stored = stored_mask(record.mask_data, {int(info.id) for info in record.channel_info})
        path = None
        drawn_already = stored is not None and stored.rendered
        if vector_mask(record) is not None and not drawn_already and not self._shows_path(node):
            path = self.artist.path_coverage(record, self._path_rect(node))
        if stored is None:
            return None if path is None else self._path_mask(path, self._path_rect(node), name)
        mask = self._pixel_mask(node, stored, name)
        if path is not None:
            mask = self._joined(mask, path, self._path_rect(node), name)
        elif stored.rendered:
            self._say(Fate.CONVERTED, "vector mask to pixels", name)
        return mask

    def _stored(self, node: Node) -> bool:
        """Whether the record carries pixel data of its own."""
        return any(
            int(info.id) >= ChannelID.TRANSPARENCY_MASK and len(channel.data) > 0
            for info, channel in zip(node.record.channel_info, node.channels, strict=False)
        )

    def _stored_pixels(self, node: Node, bounds: Rect, name: str) -> Pixels:
        depth = self.colours.depth
        if bounds.area > MAX_PIXELS:
            self._say(Fate.DROPPED, "pixels", name, f"the layer states {bounds.width} x {bounds.height} px")
            return np.zeros((0, 0, 4), depth.dtype)
        found: dict[int, Plane] = {}
        for index, info in enumerate(node.record.channel_info):
            if int(info.id) >= ChannelID.TRANSPARENCY_MASK:
                plane = self._plane(node, index, bounds.size, name)
                if plane is not None:
                    found[int(info.id)] = plane
        if not found:
            return np.zeros((bounds.height, bounds.width, 4), depth.dtype)
        planes = [found.get(channel) for channel in range(self.colours.channels)]
        colours = [self._paper(bounds.size) if plane is None else plane for plane in planes]
        stored = found.get(int(ChannelID.TRANSPARENCY_MASK))
        if stored is None:
            alpha = np.full((bounds.height, bounds.width), depth.top, depth.dtype)
        else:
            alpha = to_samples(stored, depth)
        return self.colours.rgba(colours, alpha)

    def _plane(self, node: Node, index: int, size: Size, name: str) -> Plane | None:
        """One decoded channel; None when it is empty or damaged."""
        if index >= len(node.channels):
            return None
        channel = node.channels[index]
        if not channel.data:
            return None
        try:
            return decode(channel.data, channel.compression, size, self.header.depth, self.header.version)
        except DamagedChannel:
            self._say(Fate.DROPPED, "a channel", name, "its data is damaged")
            return None

    def _paper(self, size: Size) -> Plane:
        """A colour plane that the layer does not have."""
        if self.header.depth == 32:
            return np.full((size.height, size.width), self.colours.paper, np.float32)
        depth = self.colours.depth
        return np.full((size.height, size.width), round(self.colours.paper * depth.top), depth.dtype)

    def _clip_to_path(self, record: LayerRecord, drawn: Pixels) -> None:
        if vector_mask(record) is None:
            return
        coverage = self.artist.path_coverage(record, self.canvas)
        if coverage is not None:
            drawn[:, :, 3] = np.round(drawn[:, :, 3] * coverage)

    def _shows_path(self, node: Node) -> bool:
        """Whether the pixels we use already end at the path: a shape's do, whether stored or drawn."""
        return node.children is None and has_fill(node.record)

    def _path_rect(self, node: Node) -> Rect:
        """Where the path's mask is drawn: the canvas, and the layer's pixels beyond it."""
        record = node.record
        bounds = Rect(record.left, record.top, record.right, record.bottom)
        if node.children is not None or bounds.area > MAX_PIXELS // 16:
            return self.canvas
        return Rect.union((self.canvas, bounds))

    def _pixel_mask(self, node: Node, stored: StoredMask, name: str) -> Mask:
        depth = self.colours.depth
        samples = self._mask_samples(node, stored, name)
        if samples is None:
            pixels, origin = empty_mask(depth, stored.white_outside), stored.bounds.origin
        else:
            origin = stored.bounds.origin
            if stored.feather_px:
                samples, origin = feathered(samples, origin, stored.feather_px, stored.white_outside)
                self._say(Fate.CONVERTED, "mask feather", name, f"{stored.feather_px:g} px, blurred into the mask")
            pixels = PixelBuffer.from_array(samples, depth.top if stored.white_outside else 0)
        return Mask(
            pixels=pixels, origin=origin, enabled=not stored.disabled, linked=stored.linked, density=stored.density
        )

    def _mask_samples(self, node: Node, stored: StoredMask, name: str) -> NDArray[np.uint8 | np.uint16] | None:
        if stored.bounds.is_empty or stored.bounds.area > MAX_PIXELS:
            return None
        for index, info in enumerate(node.record.channel_info):
            if int(info.id) == int(stored.channel):
                plane = self._plane(node, index, stored.bounds.size, name)
                return None if plane is None else to_samples(plane, self.colours.depth)
        return None

    def _path_mask(self, path: NDArray[np.float64], rect: Rect, name: str) -> Mask:
        depth = self.colours.depth
        self._say(Fate.CONVERTED, "vector mask to pixels", name)
        samples = np.round(path * depth.top).astype(depth.dtype)
        return Mask(pixels=PixelBuffer.from_array(samples), origin=rect.origin)

    def _joined(self, mask: Mask, path: NDArray[np.float64], rect: Rect, name: str) -> Mask:
        """Pixel mask times path, over the path's rectangle; a disabled pixel mask counts as white."""
        self._say(Fate.CONVERTED, "vector mask to pixels", name, "joined with the pixel mask")
        depth = self.colours.depth
        share = np.ones_like(path)
        if mask.enabled:
            local = rect.moved(-mask.origin)
            share = 1 - mask.density * (1 - mask.pixels.read(local)[:, :, 0] / depth.top)
        samples = np.round(share * path * depth.top).astype(depth.dtype)
        return Mask(pixels=PixelBuffer.from_array(samples), origin=rect.origin, linked=mask.linked)

    def _say(self, fate: Fate, what: str, layer: str, why: str = "") -> None:
        self.notices.append(Notice(fate, what, layer, why))
