"""From a document to the members of an OpenRaster file."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from studio.core.blend import SPECIAL_FILL
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.feedback import part, report
from studio.core.geometry import Point, Size
from studio.core.layers import AdjustmentLayer, BlendMode, ColorLabel, GroupLayer, Layer, Locks, RasterLayer
from studio.core.pixels import Depth, PixelBuffer, Pixels, to_depth
from studio.io import atomic
from studio.io.images import png
from studio.io.ora import names
from studio.io.ora.standins import Item, Look, Plain, Stack, StandIn, arranged
from studio.io.records import adjustment_json, provenance_json
from studio.io.report import TEXT_IS_BAKED, Fate, Notice, Written, dropped_channels

_DATE = (1980, 1, 1, 0, 0, 0)
_THUMBNAIL_PX = 256
_ONE_PIXEL = Size(1, 1)
_KEPT = "kept for Lamina; other programs show it merged"


def write(document: Document, path: Path) -> Written:
    """Raises StudioError. The same document gives the same bytes."""
    with atomic.replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        _Writer(document, archive).write()
    return Written(plan(document))


def plan(document: Document) -> tuple[Notice, ...]:
    """What other programs will see otherwise, and what is left out."""
    notices = [notice for item in arranged(document) for notice in _item_notices(item)]
    notices += dropped_channels(document)
    written = [layer for layer in document.walk() if isinstance(layer, RasterLayer) and layer.lettering is not None]
    notices += [Notice(Fate.BAKED, "text", layer.name, TEXT_IS_BAKED) for layer in written]
    foreign = [block for layer in document.walk() for block in layer.foreign if block.format != "ora"]
    if document.foreign or foreign:
        notices.append(Notice(Fate.DROPPED, "blocks of other file formats", why="only a project keeps them"))
    return tuple(notices)


def _item_notices(item: Item) -> list[Notice]:
    match item:
        case StandIn():
            return [notice for layer in item.originals for notice in _original_notices(layer)]
        case Stack():
            return [*_mode_notices(item.group), *(notice for inner in item.items for notice in _item_notices(inner))]
        case Plain():
            return _mode_notices(item.layer)


def _original_notices(layer: Layer) -> list[Notice]:
    """What of a layer kept in our namespace others miss."""
    reasons: list[str] = []
    if isinstance(layer, AdjustmentLayer):
        reasons.append("adjustment layer")
    if layer.clipping:
        reasons.append("clipping")
    if layer.mask is not None:
        reasons.append("mask")
    if isinstance(layer, GroupLayer):
        reasons.append("group")
    notices = [Notice(Fate.CONVERTED, what, layer.name, _KEPT) for what in reasons]
    inside = layer.children if isinstance(layer, GroupLayer) else ()
    return notices + [notice for child in inside for notice in _original_notices(child)]


def _mode_notices(layer: Layer) -> list[Notice]:
    notices: list[Notice] = []
    mode = layer.blend.replace("_", " ")
    if names.is_extension(layer.blend):
        why = "written as Krita names it; other programs may show Normal"
        notices.append(Notice(Fate.CONVERTED, f"mode {mode}", layer.name, why))
    if layer.blend is BlendMode.SOFT_LIGHT:
        why = "other programs use the W3C formula, up to 17/255 from Photoshop's, which is ours"
        notices.append(Notice(Fate.CONVERTED, f"mode {mode}", layer.name, why))
    if layer.fill < 1 and layer.blend in SPECIAL_FILL:
        why = "kept for Lamina; other programs take it for opacity, which differs in this mode"
        notices.append(Notice(Fate.CONVERTED, f"fill with mode {mode}", layer.name, why))
    return notices


@dataclass(slots=True)
class _Writer:
    """Writes the pictures as their elements are made, and the stack last."""

    document: Document
    archive: zipfile.ZipFile
    count: int = field(default=0)
    layers_written: int = 0

    def write(self) -> None:
        merged = composite(self.document)
        self._add("mimetype", names.MIMETYPE.encode(), zipfile.ZIP_STORED)
        stack = ET.Element("stack")
        with part(0.05, 0.9):
            self._fill(stack, arranged(self.document))
        image = ET.Element("image", self._image_attributes())
        image.append(stack)
        self._add("stack.xml", ET.tostring(image, "UTF-8", xml_declaration=True), zipfile.ZIP_DEFLATED)
        self._add("mergedimage.png", self._png(merged), zipfile.ZIP_STORED)
        self._add("Thumbnails/thumbnail.png", _thumbnail(merged), zipfile.ZIP_STORED)

    def _image_attributes(self) -> dict[str, str]:
        document = self.document
        whole_ppi = str(max(1, round(document.ppi)))
        own = {"depth": str(int(document.depth)), "ppi": repr(document.ppi)}
        if document.metadata:
            own["metadata"] = json.dumps(document.metadata)
        return {
            "version": names.VERSION,
            "w": str(document.size.width),
            "h": str(document.size.height),
            "xres": whole_ppi,
            "yres": whole_ppi,
            f"xmlns:{names.PREFIX}": names.NAMESPACE,
            **_own(own),
        }

    def _fill(self, parent: ET.Element, items: tuple[Item, ...]) -> None:
        """Add the elements of items (bottom to top); the first element is the uppermost."""
        for item in reversed(items):
            match item:
                case Plain():
                    parent.append(self._layer(item.layer))
                case Stack():
                    stack = self._group(item.group)
                    self._fill(stack, item.items)
                    parent.append(stack)
                case StandIn():
                    self._stand_in(parent, item)

    def _stand_in(self, parent: ET.Element, item: StandIn) -> None:
        """The merged layer, if others shall see one, and behind it the layers it stands for."""
        if item.drawn:
            buffer, origin = item.picture(self.document)
            look = _look_attributes(item.look)
            ET.SubElement(parent, "layer", {**look, **self._pixels(buffer, origin), **_own({"stand-in": "true"})})
        originals = ET.SubElement(parent, f"{names.PREFIX}:original")
        for layer in reversed(item.originals):
            originals.append(self._original(layer))

    def _original(self, layer: Layer) -> ET.Element:
        """A layer of any kind, as only we read it."""
        match layer:
            case RasterLayer():
                return self._layer(layer)
            case GroupLayer():
                stack = self._group(layer)
                for child in reversed(layer.children):
                    stack.append(self._original(child))
                return stack
            case AdjustmentLayer():
                own = _own({"adjustment": adjustment_json(layer.adjustment)})
                return ET.Element(f"{names.PREFIX}:adjustment", {**self._common(layer), **own})

    def _layer(self, layer: RasterLayer) -> ET.Element:
        report(self.layers_written / max(1, sum(isinstance(one, RasterLayer) for one in self.document.walk())))
        self.layers_written += 1
        return ET.Element("layer", {**self._common(layer), **self._pixels(layer.pixels, layer.origin)})

    def _group(self, group: GroupLayer) -> ET.Element:
        isolation = "auto" if group.blend is BlendMode.PASS_THROUGH else "isolate"
        own = {} if group.expanded else _own({"expanded": "false"})
        return ET.Element("stack", {**self._common(group), "isolation": isolation, **own})

    def _common(self, layer: Layer) -> dict[str, str]:
        """The attributes that every kind has; ours only where they say something."""
        own = {"id": str(layer.id)}
        if (written := names.writable(layer.name)) != layer.name:
            own["name"] = json.dumps(layer.name)
        if layer.fill != 1.0:
            own |= {"opacity": repr(layer.opacity), "fill": repr(layer.fill)}
        if layer.clipping:
            own["clipping"] = "true"
        if layer.locks != Locks():
            own["locks"] = " ".join(name for name in ("alpha", "pixels", "position") if getattr(layer.locks, name))
        if layer.label is not ColorLabel.NONE:
            own["label"] = layer.label
        if not layer.ai_visible:
            own["ai-visible"] = "false"
        if not layer.ai_editable:
            own["ai-editable"] = "false"
        if layer.provenance is not None:
            own["provenance"] = provenance_json(layer.provenance)
        plain = _look_attributes(Look(written, layer.visible, layer.opacity * layer.fill, layer.blend))
        locked = {"edit-locked": "true"} if layer.locks.pixels else {}
        kept = {block.key: block.data.decode("utf-8", "replace") for block in layer.foreign if block.format == "ora"}
        return {**plain, **locked, **_own(own), **self._mask(layer), **kept}

    def _mask(self, layer: Layer) -> dict[str, str]:
        mask = layer.mask
        if mask is None:
            return {}
        own = {f"mask-{key}": value for key, value in self._pixels(mask.pixels, mask.origin).items()}
        own |= {
            "mask-fill": str(mask.pixels.fill),
            "mask-enabled": str(mask.enabled).lower(),
            "mask-linked": str(mask.linked).lower(),
            "mask-density": repr(mask.density),
        }
        return _own({key.replace(f"{names.PREFIX}:", ""): value for key, value in own.items()})

    def _pixels(self, buffer: PixelBuffer, origin: Point) -> dict[str, str]:
        """Write a buffer as a PNG and say where it is. One without pixels gets a transparent one."""
        samples = buffer.read()
        own: dict[str, str] = {}
        if buffer.size.area == 0:
            own = _own({"size": f"{buffer.size.width} {buffer.size.height}"})
            samples = PixelBuffer(_ONE_PIXEL, buffer.depth, buffer.channels).read()
        name = f"data/layer{self.count:03}.png"
        self.count += 1
        self._add(name, self._png(samples), zipfile.ZIP_STORED)
        return {"src": name, "x": str(origin.x), "y": str(origin.y), **own}

    def _png(self, samples: Pixels) -> bytes:
        return png.encode(samples, self.document.icc if samples.shape[2] == 4 else None, self.document.ppi)

    def _add(self, name: str, data: bytes, compression: int) -> None:
        entry = zipfile.ZipInfo(name, _DATE)
        entry.compress_type = compression
        entry.create_system = 3
        entry.external_attr = 0o644 << 16
        self.archive.writestr(entry, data)


def _look_attributes(look: Look) -> dict[str, str]:
    return {
        "name": names.writable(look.name),
        "opacity": repr(look.opacity),
        "visibility": "visible" if look.visible else "hidden",
        "composite-op": names.OPERATIONS[look.blend],
    }


def _own(attributes: dict[str, str]) -> dict[str, str]:
    return {f"{names.PREFIX}:{key}": value for key, value in attributes.items()}


def _thumbnail(samples: Pixels) -> bytes:
    """At most 256 x 256, 8 bits, not enlarged."""
    image = Image.fromarray(to_depth(samples, Depth.EIGHT))
    image.thumbnail((_THUMBNAIL_PX, _THUMBNAIL_PX), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
