"""The tagged blocks and resources that we do not understand: which of them may go back into a file, and when.

A block that describes the whole look of a layer (effects, blending options) goes back as it came. A block from which
Photoshop would draw the layer anew (text, shape, smart object, fill) goes back only while the layer's pixels and place
are the ones we read; a digest kept beside it tells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

from psd_tools.constants import Resource, Tag
from psd_tools.psd.base import BaseElement
from psd_tools.psd.image_resources import ImageResource, ImageResources
from psd_tools.psd.tagged_blocks import TaggedBlock, TaggedBlocks

from studio.core.layers import ForeignBlock, RasterLayer
from studio.io.psd.adjust_blocks import OTHER_ADJUSTMENTS

FORMAT: Final = "psd"
RESOURCE_PREFIX: Final = "resource:"
DIGEST: Final = "pixels"
XMP: Final = "xmp"

# What we read into the layer ourselves, and therefore write ourselves.
_UNDERSTOOD: Final = frozenset(
    {
        Tag.UNICODE_LAYER_NAME,
        Tag.LAYER_NAME_SOURCE_SETTING,
        Tag.SECTION_DIVIDER_SETTING,
        Tag.NESTED_SECTION_DIVIDER_SETTING,
        Tag.PROTECTED_SETTING,
        Tag.SHEET_COLOR_SETTING,
        Tag.BLEND_FILL_OPACITY,
        Tag.LEVELS,
        Tag.EXPOSURE,
        Tag.INVERT,
        Tag.THRESHOLD,
        Tag.POSTERIZE,
        Tag.GRADIENT_MAP,
        Tag.CURVES,
        Tag.HUE_SATURATION,
        Tag.HUE_SATURATION_V4,
        Tag.BRIGHTNESS_AND_CONTRAST,
        Tag.CONTENT_GENERATOR_EXTRA_DATA,
        Tag.COLOR_BALANCE,
    }
)

EFFECTS: Final = (
    Tag.EFFECTS_LAYER,
    Tag.OBJECT_BASED_EFFECTS_LAYER_INFO,
    Tag.OBJECT_BASED_EFFECTS_LAYER_INFO_V0,
    Tag.OBJECT_BASED_EFFECTS_LAYER_INFO_V1,
)

REDRAWN: Final = frozenset(
    {
        Tag.TYPE_TOOL_OBJECT_SETTING,
        Tag.TYPE_TOOL_INFO,
        Tag.SMART_OBJECT_LAYER_DATA1,
        Tag.SMART_OBJECT_LAYER_DATA2,
        Tag.PLACED_LAYER1,
        Tag.PLACED_LAYER2,
        Tag.SOLID_COLOR_SHEET_SETTING,
        Tag.GRADIENT_FILL_SETTING,
        Tag.PATTERN_FILL_SETTING,
        Tag.VECTOR_STROKE_DATA,
        Tag.VECTOR_STROKE_CONTENT_DATA,
        Tag.VECTOR_ORIGINATION_DATA,
        Tag.VECTOR_MASK_SETTING1,
        Tag.VECTOR_MASK_SETTING2,
    }
)

_FILLS: Final = frozenset(
    {
        Tag.SOLID_COLOR_SHEET_SETTING,
        Tag.GRADIENT_FILL_SETTING,
        Tag.PATTERN_FILL_SETTING,
        Tag.VECTOR_STROKE_CONTENT_DATA,
    }
)
_PATHS: Final = frozenset({Tag.VECTOR_MASK_SETTING1, Tag.VECTOR_MASK_SETTING2, Tag.VECTOR_ORIGINATION_DATA})

_UNDRAWN: Final[dict[bytes | Tag, str]] = {
    **dict.fromkeys(EFFECTS, "layer effects"),
    **{tag: f"{title} adjustment" for tag, title in OTHER_ADJUSTMENTS.items()},
}

# Resources that say nothing about pixels, layers or channels, so that they stay true whatever we change.
_SAFE_RESOURCES: Final = frozenset(
    {
        Resource.CAPTION_PASCAL,
        Resource.BORDER_INFO,
        Resource.PRINT_FLAGS,
        Resource.PRINT_FLAGS_INFO,
        Resource.IPTC_NAA,
        Resource.GRID_AND_GUIDES_INFO,
        Resource.COPYRIGHT_FLAG,
        Resource.URL,
        Resource.URL_LIST,
        Resource.GLOBAL_ANGLE,
        Resource.GLOBAL_ALTITUDE,
        Resource.EFFECTS_VISIBLE,
        Resource.EXIF_DATA_1,
        Resource.EXIF_DATA_3,
        Resource.PRINT_SCALE,
        Resource.PIXEL_ASPECT_RATIO,
        Resource.MEASUREMENT_SCALE,
        Resource.PRINT_INFO_CS5,
        Resource.PRINT_STYLE,
        Resource.BACKGROUND_COLOR,
        Resource.SLICES,
    }
)

# Document-wide blocks that layers refer to: patterns, embedded files and their filters, text styles.
_SAFE_SHARED: Final = frozenset(
    {
        Tag.PATTERNS1,
        Tag.PATTERNS2,
        Tag.PATTERNS3,
        Tag.LINKED_LAYER1,
        Tag.LINKED_LAYER2,
        Tag.LINKED_LAYER3,
        Tag.LINKED_LAYER_EXTERNAL,
        Tag.FILTER_EFFECTS1,
        Tag.FILTER_EFFECTS2,
        Tag.FILTER_EFFECTS3,
        Tag.TEXT_ENGINE_DATA,
    }
)

# Blocks that belong to layers as they lie in their own file; others would change what they mean.
_UNSAFE: Final = frozenset(
    {
        Tag.LAYER_16,
        Tag.LAYER_32,
        Tag.LAYER,
        Tag.SAVING_MERGED_TRANSPARENCY,
        Tag.SAVING_MERGED_TRANSPARENCY16,
        Tag.SAVING_MERGED_TRANSPARENCY32,
        Tag.CHANNEL_BLENDING_RESTRICTIONS_SETTING,
        Tag.ALPHA,
    }
)


def layer_blocks(blocks: TaggedBlocks, version: int, keeps_path: bool) -> tuple[ForeignBlock, ...]:
    """The blocks of a layer that we do not understand and that may go back.

    A path goes back only with the shape that is drawn from it (`keeps_path`): elsewhere we have turned it into a mask.
    """
    return tuple(
        ForeignBlock(FORMAT, _text(key), payload(block, version))
        for key, block in blocks.items()
        if _tag(key) not in _UNDERSTOOD | _UNSAFE and (keeps_path or _tag(key) not in _PATHS)
    )


def shared_blocks(blocks: TaggedBlocks | None, version: int) -> tuple[ForeignBlock, ...]:
    """The document-wide blocks that layers may refer to."""
    if blocks is None:
        return ()
    return tuple(
        ForeignBlock(FORMAT, _text(key), payload(block, version, padding=4))
        for key, block in blocks.items()
        if _tag(key) in _SAFE_SHARED
    )


def resource_blocks(resources: ImageResources) -> tuple[ForeignBlock, ...]:
    """The image resources that stay true, their names dropped."""
    found: list[ForeignBlock] = []
    for key, resource in resources.items():
        number = int(key)
        if number in _SAFE_RESOURCES or Resource.is_path_info(number) or Resource.is_plugin_resource(number):
            found.append(ForeignBlock(FORMAT, f"{RESOURCE_PREFIX}{number}", _resource_bytes(resource)))
    return tuple(found)


def undrawn(found: Iterable[ForeignBlock]) -> list[str]:
    """What the blocks would add to the picture in Photoshop, each thing once."""
    titles = (_UNDRAWN.get(_tag(block.key.encode("latin-1"))) for block in found)
    return list(dict.fromkeys(title for title in titles if title is not None))


def is_redrawn(block: ForeignBlock) -> bool:
    """Whether Photoshop would draw the layer from this block instead of from its pixels."""
    return _tag(block.key.encode("latin-1")) in REDRAWN


def is_fill(block: ForeignBlock) -> bool:
    """Whether the block makes its layer a fill or shape, whose stored pixels Photoshop passes over."""
    return _tag(block.key.encode("latin-1")) in _FILLS


def with_digest(layer: RasterLayer, blocks: tuple[ForeignBlock, ...]) -> tuple[ForeignBlock, ...]:
    """The blocks, and what the layer's pixels are now when any of them depends on it."""
    if not any(is_redrawn(block) for block in blocks):
        return blocks
    return (*blocks, ForeignBlock(FORMAT, DIGEST, pixel_digest(layer)))


def pixel_digest(layer: RasterLayer) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr((layer.bounds, layer.pixels.depth.value)).encode())
    for key in sorted(layer.pixels.tiles):
        digest.update(repr(key).encode())
        digest.update(layer.pixels.tiles[key].tobytes())
    return digest.digest()


def valid_blocks(layer: object, foreign: Iterable[ForeignBlock]) -> tuple[list[ForeignBlock], list[ForeignBlock]]:
    """The layer's PSD blocks that may be written now, and those that no longer fit its pixels."""
    own = [block for block in foreign if block.format == FORMAT and len(block.key) == 4]
    digest = next((block.data for block in foreign if block.format == FORMAT and block.key == DIGEST), None)
    redrawn = [block for block in own if is_redrawn(block)]
    if not redrawn:
        return own, []
    if isinstance(layer, RasterLayer) and digest == pixel_digest(layer):
        return own, []
    return [block for block in own if not is_redrawn(block)], redrawn


def tagged(block: ForeignBlock) -> tuple[bytes, TaggedBlock]:
    """The block as psd-tools writes it, its bytes untouched."""
    key = block.key.encode("latin-1")
    return key, TaggedBlock(key=_tag(key), data=block.data)


def payload(block: TaggedBlock, version: int, padding: int = 1) -> bytes:
    """A block's bytes without its key and length."""
    return _bytes(block.data, version=version, padding=1 if padding == 4 else 4)


def _resource_bytes(resource: ImageResource) -> bytes:
    return _bytes(resource.data, padding=1)


def _bytes(data: object, **options: int) -> bytes:
    """psd-tools types every payload as bytes and stores elements as well."""
    if isinstance(data, BaseElement):
        return data.tobytes(**options)
    return data if isinstance(data, bytes) else b""


def _tag(key: bytes | Tag) -> bytes | Tag:
    try:
        return Tag(key)
    except ValueError:
        return key


def _text(key: bytes | Tag) -> str:
    return (key.value if isinstance(key, Tag) else key).decode("latin-1")
