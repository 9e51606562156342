"""From an OpenRaster file to a document. Members are read in memory only; nothing is unpacked to disk."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import cast
from xml.parsers import expat

from studio.core.document import MAX_SIDE_PX, Document
from studio.core.errors import FileFormatError
from studio.core.feedback import report
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
    RasterLayer,
    new_layer_id,
)
from studio.core.pixels import Depth, PixelBuffer
from studio.io.formats import read_error
from studio.io.images import png
from studio.io.images.flat import MAX_PIXELS, Picture
from studio.io.ora import names
from studio.io.ora.names import ours
from studio.io.records import adjustment_of, provenance_of
from studio.io.report import Fate, Notice, Opened

_MAX_MEMBERS = 50_000
_MAX_STACK_BYTES = 256 << 20
_MAX_MEMBER_BYTES = 4 << 30
_MAX_TOTAL_PIXELS = 1 << 33
_MAX_NESTING = 100
_PLAIN = {"name", "src", "x", "y", "opacity", "visibility", "composite-op", "isolation", "selected", "edit-locked"}


def read(path: Path) -> Opened:
    """Raises StudioError."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise read_error(path, error) from error
    with file, _damaged_as_error(path.name), zipfile.ZipFile(file) as archive:
        return _Reader(archive, path.name).document()


@contextmanager
def _damaged_as_error(name: str) -> Generator[None]:
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        NotImplementedError,
        RuntimeError,
        OverflowError,
    ) as error:
        raise FileFormatError(
            f"Could not open {name}: the file is damaged or cut off.", "Export it again.", detail=repr(error)
        ) from error


@dataclass(slots=True)
class _Reader:
    archive: zipfile.ZipFile
    name: str
    notices: list[Notice] = field(default_factory=list[Notice])
    pixels_left: int = _MAX_TOTAL_PIXELS
    icc: bytes | None = None
    seen_ids: set[str] = field(default_factory=set[str])
    elements: int = 1
    elements_read: int = 0

    def document(self) -> Opened:
        self._check_archive()
        image = self._stack_xml()
        size = self._canvas(image)
        self._read_profile()
        stack = next((child for child in image if child.tag == "stack"), None)
        if stack is None:
            raise self._damaged("stack.xml holds no layer stack")
        self.elements = sum(1 for _ in stack.iter("layer"))
        layers = self._children(stack, 0)
        depth = self._depth(image, layers)
        document = Document(
            size=size,
            depth=depth,
            layers=tuple(_at_depth(layer, depth) for layer in layers),
            icc=self.icc,
            ppi=_number(image.get(ours("ppi")) or image.get("xres"), 72.0, 1e-3, 1e6),
            metadata=_metadata(image),
        )
        if faults := document.check():
            raise self._damaged("; ".join(faults))
        return Opened(document, tuple(self.notices))

    # The archive

    def _check_archive(self) -> None:
        members = self.archive.infolist()
        if len(members) > _MAX_MEMBERS:
            raise self._damaged(f"{len(members)} members")
        if self._member("mimetype", 1000).strip() != names.MIMETYPE.encode():
            raise FileFormatError(
                f"Could not open {self.name}: it is a zip file, but not OpenRaster.", "Choose another."
            )

    def _member(self, name: str, limit_bytes: int) -> bytes:
        """The bytes of one member. Raises FileFormatError when it is missing, outside the archive or too large."""
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts or "\\" in name or ":" in name:
            raise FileFormatError(f"Could not open {self.name}: it names a file outside itself.", "", detail=name)
        try:
            info = self.archive.getinfo(name)
        except KeyError:
            raise self._damaged(f"{name} is missing") from None
        if info.file_size > limit_bytes:
            raise self._damaged(f"{name} unpacks to {info.file_size} bytes")
        with self.archive.open(info) as member:
            data = member.read(limit_bytes + 1)
        if len(data) > limit_bytes:
            raise self._damaged(f"{name} unpacks to more than it says")
        return data

    def _stack_xml(self) -> ET.Element:
        data = self._member("stack.xml", _MAX_STACK_BYTES)
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        try:
            parser.Parse(data, True)
            return ET.fromstring(data)  # it has no document type, so no entities that could grow
        except (expat.ExpatError, ET.ParseError, ValueError, LookupError, RecursionError) as error:
            raise self._damaged(f"stack.xml: {error}") from error

    def _refuse_doctype(self, *_: object) -> None:
        raise FileFormatError(
            f"Could not open {self.name}: its stack.xml declares a document type, which OpenRaster does not have.",
            "Export it again from the program that made it.",
        )

    def _picture(self, name: str) -> Picture:
        data = self._member(name, _MAX_MEMBER_BYTES)
        picture = png.decode(io.BytesIO(data), f"{self.name} ({name})", len(data))
        height, width = picture.samples.shape[:2]
        self.pixels_left -= width * height
        if self.pixels_left < 0:
            raise FileFormatError(f"Could not open {self.name}: its layers together are too large.", "Split the file.")
        return picture

    def _read_profile(self) -> None:
        """The profile of the merged picture is the document's."""
        if "mergedimage.png" not in self.archive.namelist():
            return
        data = self._member("mergedimage.png", _MAX_MEMBER_BYTES)
        self.icc = png.profile_of(io.BytesIO(data), f"{self.name} (mergedimage.png)")

    # The stack

    def _canvas(self, image: ET.Element) -> Size:
        if image.tag != "image":
            raise self._damaged(f"stack.xml begins with {image.tag}")
        width, height = (_whole(image.get(key), 0) for key in ("w", "h"))
        if not (0 < width <= MAX_SIDE_PX and 0 < height <= MAX_SIDE_PX and width * height <= MAX_PIXELS * 4):
            raise FileFormatError(
                f"Could not open {self.name}: its header says {width} x {height} pixels.", "It is damaged."
            )
        return Size(width, height)

    def _depth(self, image: ET.Element, layers: tuple[Layer, ...]) -> Depth:
        """What we wrote, or 16 bits as soon as one layer has them."""
        if (own := image.get(ours("depth"))) in ("8", "16"):
            return Depth(int(own))
        return max((d for layer in layers for d in _depths(layer)), default=Depth.EIGHT)

    def _children(self, stack: ET.Element, nesting: int) -> tuple[Layer, ...]:
        """The layers of a stack, bottom to top. A stand-in counts only when what it stands for is missing."""
        if nesting > _MAX_NESTING:
            raise self._damaged(f"groups nested deeper than {_MAX_NESTING}")
        elements = list(stack)
        layers: list[Layer] = []
        for index, element in enumerate(elements):
            following = elements[index + 1].tag if index + 1 < len(elements) else ""
            if element.get(ours("stand-in")) == "true" and following == ours("original"):
                continue
            if element.tag == ours("original"):
                layers += reversed(self._children(element, nesting + 1))
            elif (layer := self._layer(element, nesting)) is not None:
                layers.append(layer)
        return tuple(reversed(layers))

    def _layer(self, element: ET.Element, nesting: int) -> Layer | None:
        name = _name(element)
        if element.tag == "layer" and not element.get("src", "").lower().endswith(".svg"):
            report(self.elements_read / max(1, self.elements))
            self.elements_read += 1
            buffer = self._buffer(element.get("src", ""), element.get(ours("size")), name)
            layer = RasterLayer(pixels=buffer, origin=_origin(element, "x", "y"))
        elif element.tag == "stack":
            layer = GroupLayer(
                children=self._children(element, nesting + 1), expanded=element.get(ours("expanded")) != "false"
            )
        elif element.tag == ours("adjustment"):
            layer = AdjustmentLayer(adjustment=adjustment_of(element.get(ours("adjustment"), "")))
        else:
            kind = "vector layer" if element.tag == "layer" else f"“{element.tag}” element"
            self.notices.append(Notice(Fate.DROPPED, kind, name, "Lamina cannot draw it"))
            return None
        return self._with_attributes(layer, element, name)

    def _with_attributes(self, layer: Layer, element: ET.Element, name: str) -> Layer:
        opacity = element.get(ours("opacity")) or element.get("opacity")
        provenance = element.get(ours("provenance"))
        return replace(
            layer,
            id=self._id(element),
            name=name,
            visible=element.get("visibility", "visible") != "hidden",
            opacity=_number(opacity, 1.0, 0.0, 1.0),
            fill=_number(element.get(ours("fill")), 1.0, 0.0, 1.0),
            blend=self._blend(element, name),
            clipping=element.get(ours("clipping")) == "true",
            mask=self._mask(element, name),
            locks=_locks(element),
            label=_label(element),
            ai_visible=element.get(ours("ai-visible")) != "false",
            ai_editable=element.get(ours("ai-editable")) != "false",
            provenance=None if provenance is None else provenance_of(provenance),
            foreign=_foreign(element),
        )

    def _id(self, element: ET.Element) -> LayerId:
        """The id we wrote, if no other layer has it: a layer that was duplicated elsewhere brings it twice."""
        own = element.get(ours("id"), "")
        if not own or own in self.seen_ids:
            return new_layer_id()
        self.seen_ids.add(own)
        return LayerId(own)

    def _blend(self, element: ET.Element, name: str) -> BlendMode:
        operation = element.get("composite-op", "svg:src-over")
        if element.tag == "stack" and element.get("isolation") == "auto" and operation == "svg:src-over":
            return BlendMode.PASS_THROUGH
        mode = names.MODES.get(operation)
        if mode is None:
            self.notices.append(
                Notice(Fate.BAKED, f"mode {operation}", name, "Lamina does not have it; drawn as Normal")
            )
            return BlendMode.NORMAL
        return mode

    def _buffer(self, source: str, empty_size: str | None, layer_name: str) -> PixelBuffer:
        picture = self._picture(source)
        if empty_size is not None:
            width, height = (_whole(part, 0) for part in (*empty_size.split(), "0", "0")[:2])
            if width == 0 or height == 0:
                return PixelBuffer(Size(max(width, 0), max(height, 0)), Depth.of(picture.samples))
        self.notices += [replace(notice, layer=layer_name) for notice in picture.notices]
        return PixelBuffer.from_array(picture.samples)

    def _mask(self, element: ET.Element, layer_name: str) -> Mask | None:
        source = element.get(ours("mask-src"))
        if source is None:
            return None
        picture = self._picture(source)
        top = Depth.of(picture.samples).top
        fill = min(max(_whole(element.get(ours("mask-fill")), 0), 0), top)
        size = element.get(ours("mask-size"))
        if size is not None:
            width, height = (max(0, _whole(part, 0)) for part in (*size.split(), "0", "0")[:2])
            pixels = PixelBuffer(Size(width, height), Depth.of(picture.samples), 1, fill)
        else:
            pixels = PixelBuffer.from_array(picture.samples[..., :1], fill)
        return Mask(
            pixels=pixels,
            origin=_origin(element, ours("mask-x"), ours("mask-y")),
            enabled=element.get(ours("mask-enabled")) != "false",
            linked=element.get(ours("mask-linked")) != "false",
            density=_number(element.get(ours("mask-density")), 1.0, 0.0, 1.0),
        )

    def _damaged(self, detail: str) -> FileFormatError:
        return FileFormatError(f"Could not open {self.name}: the file is damaged.", "Export it again.", detail)


def _name(element: ET.Element) -> str:
    own = element.get(ours("name"))
    if own is not None:
        try:
            return str(json.loads(own))
        except ValueError:
            pass
    return element.get("name", "") or ("Group" if element.tag == "stack" else "Layer")


def _origin(element: ET.Element, x: str, y: str) -> Point:
    return Point(_whole(element.get(x), 0), _whole(element.get(y), 0))


def _locks(element: ET.Element) -> Locks:
    own = element.get(ours("locks"))
    if own is None:
        return Locks(pixels=element.get("edit-locked") == "true")
    parts = own.split()
    return Locks(alpha="alpha" in parts, pixels="pixels" in parts, position="position" in parts)


def _label(element: ET.Element) -> ColorLabel:
    own = element.get(ours("label"), "")
    return ColorLabel(own) if own in list(ColorLabel) else ColorLabel.NONE


def _foreign(element: ET.Element) -> tuple[ForeignBlock, ...]:
    """Attributes of other programs, to be written again."""
    own = f"{{{names.NAMESPACE}}}"
    unknown = [(key, value) for key, value in element.attrib.items() if key not in _PLAIN and not key.startswith(own)]
    return tuple(ForeignBlock("ora", key, value.encode()) for key, value in unknown)


def _metadata(image: ET.Element) -> tuple[tuple[str, str], ...]:
    try:
        pairs = cast("list[tuple[object, object]]", json.loads(image.get(ours("metadata"), "[]")))
        return tuple((str(key), str(value)) for key, value in pairs)
    except (ValueError, TypeError):
        return ()


def _whole(text: str | None, default: int) -> int:
    """A whole number of the file; some programs write 12.0."""
    try:
        value = float(text or default)
        return int(value) if abs(value) < 1 << 31 else default
    except (ValueError, OverflowError):
        return default


def _number(text: str | None, default: float, low: float, high: float) -> float:
    """A number of the file inside its range, `default` for anything that is no number."""
    try:
        value = float(default if text is None else text)
    except ValueError:
        return default
    return min(max(value, low), high) if value == value else default


def _depths(layer: Layer) -> Generator[Depth]:
    if isinstance(layer, RasterLayer):
        yield layer.pixels.depth
    if isinstance(layer, GroupLayer):
        for child in layer.children:
            yield from _depths(child)


def _at_depth(layer: Layer, depth: Depth) -> Layer:
    """The layer with all its pixels and masks at the document's depth."""
    if layer.mask is not None:
        layer = replace(layer, mask=replace(layer.mask, pixels=layer.mask.pixels.to_depth(depth)))
    if isinstance(layer, RasterLayer):
        return replace(layer, pixels=layer.pixels.to_depth(depth))
    if isinstance(layer, GroupLayer):
        return replace(layer, children=tuple(_at_depth(child, depth) for child in layer.children))
    return layer
