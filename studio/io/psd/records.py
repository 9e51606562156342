"""A prepared document as the low-level records that psd-tools writes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from psd_tools.constants import ChannelID, Clipping, ColorMode, Compression, Resource, SectionDivider, Tag
from psd_tools.psd import PSD
from psd_tools.psd.header import FileHeader
from psd_tools.psd.image_resources import ImageResource, ImageResources, ResoulutionInfo, VersionInfo
from psd_tools.psd.layer_and_mask import (
    ChannelData,
    ChannelDataList,
    ChannelImageData,
    ChannelInfo,
    GlobalLayerMaskInfo,
    LayerAndMaskInformation,
    LayerFlags,
    LayerInfo,
    LayerInfoBlock,
    LayerRecord,
    LayerRecords,
)
from psd_tools.psd.tagged_blocks import TaggedBlock, TaggedBlocks

from studio.core.document import Document
from studio.core.feedback import report
from studio.core.layers import AdjustmentLayer, ForeignBlock, GroupLayer, Layer, Layers, RasterLayer
from studio.core.pixels import Depth, Pixels
from studio.io.psd import blocks, xmp
from studio.io.psd.adjust_blocks import write_adjustment
from studio.io.psd.alphas import alpha_planes, alpha_resources
from studio.io.psd.guides import guides_resource
from studio.io.psd.masks import mask_data
from studio.io.psd.merged import merged_data
from studio.io.psd.modes import KEY_OF_MODE, SHEET_OF_LABEL, lock_bits
from studio.io.psd.profiles import srgb_profile
from studio.io.psd.samples import encode, planes_of
from studio.io.psd.tree import END_OF_GROUP

# Photoshop stores transparency first.
_CHANNELS = (ChannelID.TRANSPARENCY_MASK, ChannelID.CHANNEL_0, ChannelID.CHANNEL_1, ChannelID.CHANNEL_2)
_PER_INCH = 1
_NUMBERS = 1 << 20
_OLD_NAME_BYTES = 255
_WRITER = "Lamina Studio"


def build(document: Document, picture: Pixels, large: bool) -> PSD:
    """The whole file: `picture` is the merged image, (H, W, 4) straight RGBA; `large` asks for PSB."""
    transparent = bool((picture[:, :, 3] != document.depth.top).any())
    header = FileHeader(
        version=2 if large else 1,
        channels=(4 if transparent else 3) + len(document.channels),
        height=document.size.height,
        width=document.size.width,
        depth=document.depth.value,
        color_mode=ColorMode.RGB,
    )
    numbers = layer_numbers(document)
    return PSD(
        header=header,
        image_resources=_resources(document, numbers),
        layer_and_mask_information=_section(document, numbers, transparent, header.version),
        image_data=merged_data(picture, header, alpha_planes(document.channels, document.depth)),
    )


def layer_numbers(document: Document) -> dict[str, int]:
    """The number (`lyid`) of each layer id: the one it had in its PSD, else one that follows from the id alone."""
    numbers: dict[str, int] = {}
    taken: set[int] = set()
    for layer in document.walk():
        number = _stored_number(layer.foreign)
        if number is None or number in taken:
            number = int.from_bytes(hashlib.blake2b(layer.id.encode(), digest_size=4).digest(), "big") % _NUMBERS + 1
            while number in taken:
                number = number % _NUMBERS + 1
        numbers[layer.id] = number
        taken.add(number)
    return numbers


def _stored_number(foreign: tuple[ForeignBlock, ...]) -> int | None:
    for block in foreign:
        if block.format == blocks.FORMAT and block.key == "lyid" and len(block.data) >= 4:
            number = int.from_bytes(block.data[:4], "big")
            return number or None
    return None


@dataclass(slots=True)
class _Records:
    """The two parallel lists that a file keeps, bottom to top."""

    records: list[LayerRecord] = field(default_factory=list[LayerRecord])
    channels: list[ChannelDataList] = field(default_factory=list[ChannelDataList])
    expected: int = 1

    def add(self, record: LayerRecord, channels: list[tuple[ChannelID, ChannelData]]) -> None:
        record.channel_info = [ChannelInfo(id=key, length=len(data.data) + 2) for key, data in channels]
        report(len(self.records) / self.expected)
        self.records.append(record)
        self.channels.append(ChannelDataList([data for _, data in channels]))


def _section(document: Document, numbers: dict[str, int], transparent: bool, version: int) -> LayerAndMaskInformation:
    """Layers and shared blocks. Photoshop keeps the layers of a 16-bit file in a block of their own."""
    out = _Records(expected=max(1, len(numbers)))
    _add_layers(document.layers, numbers, version, out)
    count = len(out.records)
    kind = LayerInfo if document.depth is Depth.EIGHT else LayerInfoBlock
    info = kind(
        layer_count=-count if transparent else count,
        layer_records=LayerRecords(out.records),
        channel_image_data=ChannelImageData(out.channels),
    )
    shared = TaggedBlocks()
    if document.depth is Depth.SIXTEEN:
        shared[Tag.LAYER_16] = TaggedBlock(key=Tag.LAYER_16, data=info)  # pyright: ignore[reportArgumentType] - typed as bytes, takes elements too
        if transparent:  # after the layers: GIMP 2.10 looks for them in the first block only
            shared.set_data(Tag.SAVING_MERGED_TRANSPARENCY16)
    for block in document.foreign:
        if block.format == blocks.FORMAT and len(block.key) == 4:
            key, tagged = blocks.tagged(block)
            shared[key] = tagged
    first = info if document.depth is Depth.EIGHT else LayerInfo()
    return LayerAndMaskInformation(first, GlobalLayerMaskInfo(), shared)


def _add_layers(layers: Layers, numbers: dict[str, int], version: int, out: _Records) -> None:
    for layer in layers:
        if isinstance(layer, GroupLayer):
            out.add(_end_of_group(), _no_pixels())
            _add_layers(layer.children, numbers, version, out)
        record = _record(layer, numbers[layer.id])
        out.add(record, [*_pixel_channels(layer, version), *_mask_channel(layer, version)])


def _record(layer: Layer, number: int) -> LayerRecord:
    bounds = layer.bounds if isinstance(layer, RasterLayer) else None
    key = KEY_OF_MODE[layer.blend]
    kept, _ = blocks.valid_blocks(layer, layer.foreign)
    record = LayerRecord(
        top=bounds.top if bounds else 0,
        left=bounds.left if bounds else 0,
        bottom=bounds.bottom if bounds else 0,
        right=bounds.right if bounds else 0,
        blend_mode=KEY_OF_MODE[layer.blend] if key.value != b"pass" else b"norm",
        opacity=round(layer.opacity * 255),
        clipping=Clipping.NON_BASE if layer.clipping else Clipping.BASE,
        flags=LayerFlags(
            transparency_protected=layer.locks.alpha,
            visible=layer.visible,
            pixel_data_irrelevant=not isinstance(layer, RasterLayer) or any(blocks.is_fill(block) for block in kept),
        ),
        mask_data=None if layer.mask is None else mask_data(layer.mask),
        name=_old_name(layer.name),
    )
    _add_blocks(record.tagged_blocks, layer, number, kept)
    return record


def _add_blocks(tags: TaggedBlocks, layer: Layer, number: int, kept: list[ForeignBlock]) -> None:
    """Ours in one fixed order, then the others as they came: a file read and written again stays the same."""
    if isinstance(layer, AdjustmentLayer):
        write_adjustment(layer.adjustment, tags)
    tags.set_data(Tag.UNICODE_LAYER_NAME, layer.name)
    tags.set_data(Tag.LAYER_NAME_SOURCE_SETTING, b"layr")
    tags.set_data(Tag.LAYER_ID, number)
    tags.set_data(Tag.BLEND_CLIPPING_ELEMENTS, 1)
    tags.set_data(Tag.BLEND_INTERIOR_ELEMENTS, 0)
    tags.set_data(Tag.BLEND_FILL_OPACITY, round(layer.fill * 255))
    tags.set_data(Tag.PROTECTED_SETTING, lock_bits(layer.locks))
    tags.set_data(Tag.SHEET_COLOR_SETTING, SHEET_OF_LABEL[layer.label])
    if isinstance(layer, GroupLayer):
        kind = SectionDivider.OPEN_FOLDER if layer.expanded else SectionDivider.CLOSED_FOLDER
        mode = KEY_OF_MODE[layer.blend]
        tags.set_data(Tag.SECTION_DIVIDER_SETTING, kind=kind, signature=b"8BIM", blend_mode=mode)
    for block in kept:
        key, tagged = blocks.tagged(block)
        if key != Tag.LAYER_ID:
            tags[key] = tagged


def _end_of_group() -> LayerRecord:
    record = LayerRecord(name=END_OF_GROUP, flags=LayerFlags(pixel_data_irrelevant=True))
    record.tagged_blocks.set_data(Tag.UNICODE_LAYER_NAME, END_OF_GROUP)
    record.tagged_blocks.set_data(Tag.SECTION_DIVIDER_SETTING, kind=SectionDivider.BOUNDING_SECTION_DIVIDER)
    return record


def _no_pixels() -> list[tuple[ChannelID, ChannelData]]:
    return [(key, ChannelData(Compression.RAW, b"")) for key in _CHANNELS]


def _pixel_channels(layer: Layer, version: int) -> Iterator[tuple[ChannelID, ChannelData]]:
    if not isinstance(layer, RasterLayer):
        yield from _no_pixels()
        return
    red, green, blue, alpha = planes_of(layer.pixels.read())
    # Krita 5.1 cannot open a 16-bit file in which a layer with a mask has deflated pixels.
    coded = encode([alpha, red, green, blue], version, raw=layer.mask is not None)
    yield from zip(_CHANNELS, coded, strict=True)


def _mask_channel(layer: Layer, version: int) -> Iterator[tuple[ChannelID, ChannelData]]:
    if layer.mask is not None:
        yield ChannelID.USER_LAYER_MASK, encode([layer.mask.pixels.read()[:, :, 0]], version)[0]


def _old_name(name: str) -> str:
    """The name for readers without Unicode: MacRoman, what it lacks as question marks."""
    return name.encode("macroman", "replace")[:_OLD_NAME_BYTES].decode("macroman")


def _resources(document: Document, numbers: dict[str, int]) -> ImageResources:
    resources: dict[int, ImageResource] = {}
    for block in document.foreign:
        if block.format == blocks.FORMAT and block.key.startswith(blocks.RESOURCE_PREFIX):
            number = int(block.key.removeprefix(blocks.RESOURCE_PREFIX))
            resources[number] = ImageResource(key=number, data=block.data)
    fixed = round(document.ppi * 65536)
    added: dict[Resource, object] = {
        Resource.RESOLUTION_INFO: ResoulutionInfo(fixed, _PER_INCH, _PER_INCH, fixed, _PER_INCH, _PER_INCH),
        Resource.VERSION_INFO: VersionInfo(has_composite=True, writer=_WRITER, reader=_WRITER),
        Resource.ICC_PROFILE: srgb_profile() if document.icc is None else document.icc,
        **alpha_resources(document.channels),
    }
    packet = xmp.write_packet(
        ((numbers[layer.id], layer) for layer in document.walk()), document.metadata, _foreign_packet(document)
    )
    if packet is not None:
        added[Resource.XMP_METADATA] = packet
    if (guides := guides_resource(document)) is not None:
        added[Resource.GRID_AND_GUIDES_INFO] = guides
    for key, data in added.items():
        resources[key.value] = ImageResource(key=key.value, data=data)  # pyright: ignore[reportArgumentType] - typed as bytes, takes elements too
    return ImageResources([(key, resources[key]) for key in sorted(resources)])


def _foreign_packet(document: Document) -> bytes | None:
    found = (b.data for b in document.foreign if b.format == blocks.FORMAT and b.key == blocks.XMP)
    return next(found, None)
