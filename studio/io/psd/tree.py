"""The flat list of layer records as a tree, as forgiving as readers of this format have to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from psd_tools.constants import SectionDivider, Tag
from psd_tools.psd import PSD
from psd_tools.psd.layer_and_mask import ChannelData, LayerInfo, LayerRecord
from psd_tools.psd.tagged_blocks import SectionDividerSetting

END_OF_GROUP = "</Layer group>"

LAYER_BLOCKS = (b"Lr16", b"Lr32", b"Layr")
"""Blocks that hold the layers themselves, in place of the section made for them."""

LONG_KEYS = frozenset(
    b"LMsk Lr16 Lr32 Layr Mt16 Mt32 Mtrn Alph FMsk lnk2 lnk3 lnkE FEid FXid FELS PxSD pths extd extn cinf artd".split()
)
"""Blocks whose length takes eight bytes in a PSB."""


@dataclass(slots=True)
class Node:
    """One layer record with its channels; `children` (bottom to top) is None when it is no group."""

    record: LayerRecord
    channels: Sequence[ChannelData]
    children: list[Node] | None = None


@dataclass(slots=True)
class _Open:
    """A group whose folder record has not come yet: records run bottom to top, so the end marker comes first."""

    nodes: list[Node] = field(default_factory=list[Node])


def layer_info(psd: PSD) -> LayerInfo | None:
    """The list of layers, wherever the file keeps it: 16-bit and 32-bit files have it in a tagged block."""
    section = psd.layer_and_mask_information
    if section.tagged_blocks is not None:
        for key in (Tag.LAYER_16, Tag.LAYER_32, Tag.LAYER):
            block = section.tagged_blocks.get_data(key)
            if isinstance(block, LayerInfo) and block.layer_count:
                return block
    return section.layer_info


def layer_tree(psd: PSD) -> tuple[list[Node], int]:
    """Top-level nodes, bottom to top, and how many group markers had no partner.

    A folder record without an end marker becomes an empty group; an end marker without a folder record leaves its
    layers one level up, where Photoshop would show them.
    """
    info = layer_info(psd)
    stack = [_Open()]
    odd = 0
    if info is None:
        return [], 0
    for record, channels in zip(info.layer_records, info.channel_image_data, strict=False):
        kind = divider_kind(record)
        if kind is SectionDivider.BOUNDING_SECTION_DIVIDER:
            stack.append(_Open())
        elif kind in (SectionDivider.OPEN_FOLDER, SectionDivider.CLOSED_FOLDER):
            children: list[Node] = []
            if len(stack) > 1:
                children = stack.pop().nodes
            else:
                odd += 1
            stack[-1].nodes.append(Node(record, list(channels), children))
        else:
            stack[-1].nodes.append(Node(record, list(channels)))
    while len(stack) > 1:
        odd += 1
        orphans = stack.pop().nodes
        stack[-1].nodes.extend(orphans)
    return stack[0].nodes, odd


def divider(record: LayerRecord) -> SectionDividerSetting | None:
    for key in (Tag.NESTED_SECTION_DIVIDER_SETTING, Tag.SECTION_DIVIDER_SETTING):
        block = record.tagged_blocks.get_data(key)
        if isinstance(block, SectionDividerSetting):
            return block
    return None


def divider_kind(record: LayerRecord) -> SectionDivider:
    block = divider(record)
    return SectionDivider.OTHER if block is None else block.kind
