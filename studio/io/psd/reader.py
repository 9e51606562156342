"""From a PSD or PSB to a document, and the notices of what could not be kept."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from psd_tools.constants import Clipping, Resource, SectionDivider, Tag
from psd_tools.psd import PSD

from studio.core.document import Document
from studio.core.feedback import report
from studio.core.geometry import ORIGIN
from studio.core.guides import guides_of, with_guides
from studio.core.layers import (
    BACKGROUND_NAME,
    AdjustmentLayer,
    BlendMode,
    ColorLabel,
    ForeignBlock,
    GroupLayer,
    Layer,
    LayerBase,
    Layers,
    Locks,
    RasterLayer,
    new_layer_id,
)
from studio.core.pixels import PixelBuffer
from studio.core.selection import Channel
from studio.io.psd import blocks, xmp
from studio.io.psd.adjust_blocks import other_adjustment, read_adjustment, unreadable_adjustment
from studio.io.psd.alphas import read_alphas
from studio.io.psd.channels import Channels
from studio.io.psd.colour import Colours
from studio.io.psd.container import broken, parse, size_of
from studio.io.psd.features import layer_kind, unkept
from studio.io.psd.guides import read_guides
from studio.io.psd.merged import profile_of, stored_picture
from studio.io.psd.modes import LABEL_OF_SHEET, MODE_OF_KEY, locks_of
from studio.io.psd.substitutes import REPLACED, substitute
from studio.io.psd.tree import Node, divider, divider_kind, layer_tree
from studio.io.psd.vectors import Artist
from studio.io.report import Fate, Notice, Opened

PLAIN_PPI = 72.0


def read(path: Path) -> Opened:
    """Open a PSD or PSB. Raises FileFormatError, or StudioError when the file cannot be read."""
    psd, mended = parse(path)
    opened = _Reading(path, psd).opened()
    repairs = tuple(Notice(Fate.CONVERTED, "damaged file", why=what) for what in mended)
    return Opened(opened.document, repairs + opened.notices)


@dataclass(slots=True)
class _Common:
    """The fields that every kind of layer takes from its record."""

    values: dict[str, object] = field(default_factory=dict[str, object])

    def onto(self, layer: LayerBase) -> Layer:
        return cast(Layer, replace(layer, **self.values))


def _count(node: Node) -> int:
    """A node and all that it holds."""
    return 1 + sum(_count(child) for child in node.children or ())


class _Reading:
    """One file on its way to a document."""

    def __init__(self, path: Path, psd: PSD) -> None:
        self.path = path
        self.psd = psd
        header = psd.header
        profile = profile_of(psd.image_resources)
        palette = psd.color_mode_data.value
        self.colours = Colours.of(header.color_mode, header.depth, header.channels, profile, palette)
        self.notices: list[Notice] = []
        self.packet = self._packet()
        self.channels = Channels(header, self.colours, Artist(psd), self.notices)
        self.taken: set[str] = set()
        self.count, self.read_layers = 1, 0

    def opened(self) -> Opened:
        nodes, odd = layer_tree(self.psd)
        if self.colours.conversion:
            self._say(
                Fate.CONVERTED,
                f"{self.colours.conversion} colours",
                why="Lamina works in 8-bit and 16-bit RGB; modes and adjustments act on RGB",
            )
        if odd:
            self._say(Fate.CONVERTED, "groups", why=f"{odd} group markers have no partner")
        self.count = max(1, sum(_count(node) for node in nodes))
        layers = self._layers(nodes) if nodes else self._flat()
        document = Document(
            size=size_of(self.psd.header),
            depth=self.colours.depth,
            layers=layers,
            icc=self.colours.icc,
            ppi=self._ppi(),
            metadata=self.packet.metadata,
            foreign=self._foreign(),
            channels=self._channels(),
        )
        document = self._with_guides(document)
        faults = document.check()
        if faults:
            raise broken(self.path, "its layers do not make a sound document", "; ".join(faults))
        return Opened(document, tuple(dict.fromkeys(self.notices)))

    def _layers(self, nodes: list[Node]) -> Layers:
        built = (self._layer(node) for node in nodes)
        return tuple(layer for layer in built if layer is not None)

    def _layer(self, node: Node) -> Layer | None:
        record = node.record
        name = _name(node)
        self.read_layers += 1
        report(self.read_layers / self.count)
        self.notices.extend(
            Notice(fate, what, name, why) for fate, what, why in unkept(record, node.children is not None)
        )
        common = self._common(node, name)
        if node.children is not None:
            return common.onto(self._group(node))
        gray = self.colours.channels == 1
        adjustment = read_adjustment(record.tagged_blocks, gray)
        if adjustment is not None:
            if self.colours.channels not in (1, 3) or self.colours.mode.name == "LAB":
                self._say(Fate.CONVERTED, "adjustment", name, f"made for {self.colours.conversion}; acts on RGB here")
            return common.onto(AdjustmentLayer(adjustment=adjustment))
        replaced = substitute(record.tagged_blocks, gray)
        if replaced is not None:
            title, adjustment = replaced
            self._say(Fate.CONVERTED, f"{title} adjustment", name, f"to {type(adjustment).__name__} of the same effect")
            return _without(common.onto(AdjustmentLayer(adjustment=adjustment)), REPLACED)
        damaged = unreadable_adjustment(record.tagged_blocks)
        if damaged is not None:
            self._say(Fate.DROPPED, f"{damaged} adjustment", name, "its settings cannot be read")
        other = other_adjustment(record.tagged_blocks)
        if other is not None:
            self._say(
                Fate.DROPPED,
                f"{other} adjustment",
                name,
                "Lamina has no such adjustment; merge it down in the program that made it to keep its effect",
            )
        return _with_digest(common.onto(self._raster(node, name)))

    def _raster(self, node: Node, name: str) -> RasterLayer:
        kind = layer_kind(node.record)
        pixels, origin, drawn = self.channels.pixels(node, name)
        if kind is not None:
            how = "drawn from its description" if drawn else "its stored pixels are used"
            self._say(Fate.CONVERTED, f"{kind} to pixels", name, how)
        buffer = PixelBuffer.from_array(pixels)
        if drawn:
            buffer, start = buffer.trimmed()
            origin = origin + start
        return RasterLayer(pixels=buffer, origin=origin)

    def _group(self, node: Node) -> GroupLayer:
        setting = divider(node.record)
        blend = MODE_OF_KEY[node.record.blend_mode]
        if setting is not None and setting.blend_mode is not None:
            blend = MODE_OF_KEY[setting.blend_mode]
        return GroupLayer(
            children=self._layers(node.children or []),
            blend=blend,
            expanded=divider_kind(node.record) is not SectionDivider.CLOSED_FOLDER,
        )

    def _common(self, node: Node, name: str) -> _Common:
        record, tags = node.record, node.record.tagged_blocks
        blend = MODE_OF_KEY[record.blend_mode]
        number = _int(tags.get_data(Tag.LAYER_ID), 0)
        note = self.packet.layers.get(number)
        if note is None or note.id in self.taken:
            note = xmp.LayerNote(new_layer_id())
        self.taken.add(note.id)
        values: dict[str, object] = {
            "id": note.id,
            "name": name,
            "visible": record.flags.visible,
            "opacity": record.opacity / 255,
            "fill": _int(tags.get_data(Tag.BLEND_FILL_OPACITY), 255) / 255,
            "clipping": record.clipping is Clipping.NON_BASE,
            "mask": self.channels.mask(node, name),
            "locks": self._locks(node),
            "label": LABEL_OF_SHEET.get(_int(tags.get_data(Tag.SHEET_COLOR_SETTING), 0), ColorLabel.NONE),
            "ai_visible": note.ai_visible,
            "ai_editable": note.ai_editable,
            "provenance": note.provenance,
            "foreign": blocks.layer_blocks(tags, self.psd.header.version, keeps_path=layer_kind(record) is not None),
        }
        if node.children is None:
            values["blend"] = BlendMode.NORMAL if blend is BlendMode.PASS_THROUGH else blend
        return _Common(values)

    def _locks(self, node: Node) -> Locks:
        bits = _int(node.record.tagged_blocks.get_data(Tag.PROTECTED_SETTING), 0)
        locks = locks_of(bits)
        return replace(locks, alpha=locks.alpha or node.record.flags.transparency_protected)

    def _flat(self) -> Layers:
        """A file without layers: its merged image becomes the only one."""
        pixels = stored_picture(self.psd, self.colours)
        if pixels is None:
            raise broken(self.path, "it holds neither layers nor a readable merged image")
        return (RasterLayer(name=BACKGROUND_NAME, pixels=PixelBuffer.from_array(pixels), origin=ORIGIN),)

    def _ppi(self) -> float:
        info = self.psd.image_resources.get_data(Resource.RESOLUTION_INFO)
        fixed = getattr(info, "horizontal", None)
        ppi = fixed / 65536 if isinstance(fixed, int) else PLAIN_PPI
        return ppi if 0.1 <= ppi <= 100_000 else PLAIN_PPI

    def _packet(self) -> xmp.Packet:
        raw = self.psd.image_resources.get_data(Resource.XMP_METADATA)
        if not isinstance(raw, bytes) or not raw.strip(b"\0 "):
            return xmp.EMPTY
        packet = xmp.read_packet(raw)
        if packet is None:
            self._say(Fate.DROPPED, "XMP metadata", why="it is not well formed")
            return xmp.EMPTY
        return packet

    def _channels(self) -> tuple[Channel, ...]:
        channels, whole = read_alphas(self.psd, self.colours)
        if not whole:
            self._say(Fate.DROPPED, "alpha channels", why="they cannot be read")
        return channels

    def _with_guides(self, document: Document) -> Document:
        """With the guides that Photoshop shows; our own note of them stays where it says the same."""
        guides, moved = read_guides(self.psd.image_resources)
        if guides is None or guides == guides_of(document):
            return document
        if moved:
            why = "shown on whole pixels; kept as they are until one is changed"
            self._say(Fate.CONVERTED, "guides between pixels", why=why)
        return with_guides(document, guides)

    def _foreign(self) -> tuple[ForeignBlock, ...]:
        shared = self.psd.layer_and_mask_information.tagged_blocks
        found = blocks.resource_blocks(self.psd.image_resources)
        found += blocks.shared_blocks(shared, self.psd.header.version)
        if self.packet.rest is not None:
            found += (ForeignBlock(blocks.FORMAT, blocks.XMP, self.packet.rest),)
        return found

    def _say(self, fate: Fate, what: str, layer: str = "", why: str = "") -> None:
        self.notices.append(Notice(fate, what, layer, why))


def _name(node: Node) -> str:
    """The Unicode name, else the old one."""
    name = node.record.tagged_blocks.get_data(Tag.UNICODE_LAYER_NAME)
    text = name if isinstance(name, str) and name.strip("\0") else node.record.name
    return text.rstrip("\0")


def _without(layer: Layer, tags: tuple[Tag, ...]) -> Layer:
    keys = {tag.value.decode("latin-1") for tag in tags}
    return replace(layer, foreign=tuple(block for block in layer.foreign if block.key not in keys))


def _with_digest(layer: Layer) -> Layer:
    if not isinstance(layer, RasterLayer):
        return layer
    return replace(layer, foreign=blocks.with_digest(layer, layer.foreign))


def _int(value: object, default: int) -> int:
    number = getattr(value, "value", value)
    return int(number) if isinstance(number, (int, float)) else default
