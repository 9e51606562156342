"""What a PSD has no field for, in its XMP packet: our layer ids, AI switches and provenance; title and author too.

Title, author, description and copyright stand where every program looks for them. Where that does not say it all
(other keys, their order, a key twice), our list stands beside it as it is; what another program has changed since wins.
"""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, cast

from studio.core.layers import Layer, LayerId, Provenance

NAMESPACE: Final = "urn:lamina-studio:psd:1#"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DC: Final = "http://purl.org/dc/elements/1.1/"
_META: Final = "adobe:ns:meta/"
_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"

_PREFIXES: Final = {"x": _META, "rdf": _RDF, "dc": _DC, "lamina": NAMESPACE}

# Our metadata keys that Dublin Core has a property for, and the container it asks for.
DUBLIN: Final = {
    "title": ("title", "Alt"),
    "author": ("creator", "Seq"),
    "description": ("description", "Alt"),
    "copyright": ("rights", "Alt"),
}
_BEGIN: Final = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
_END: Final = b'\n<?xpacket end="w"?>'


@dataclass(frozen=True, slots=True)
class LayerNote:
    """What the packet says of one layer."""

    id: LayerId
    ai_visible: bool = True
    ai_editable: bool = True
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True)
class Packet:
    """Notes by the layer's number in the file, metadata pairs, and the rest of the packet (None: nothing left)."""

    layers: Mapping[int, LayerNote]
    metadata: tuple[tuple[str, str], ...] = ()
    rest: bytes | None = None


EMPTY: Final = Packet({})


def read_packet(raw: bytes) -> Packet | None:
    """The packet's content; None when it is no XMP that can be parsed."""
    parsed = _parse(raw)
    if parsed is None:
        return None
    root, prefixes = parsed
    rdf = root if root.tag == f"{{{_RDF}}}RDF" else root.find(f".//{{{_RDF}}}RDF")
    if rdf is None:
        return None
    layers: dict[int, LayerNote] = {}
    ours: list[tuple[str, str]] = []
    shown: dict[str, str] = {}
    for description in list(rdf):
        for item in description.findall(f"{{{NAMESPACE}}}layers/{{{_RDF}}}Seq/{{{_RDF}}}li"):
            _read_note(item, layers)
        for item in description.findall(f"{{{NAMESPACE}}}metadata"):
            ours += _pairs(item.text)
        shown |= _dublin(description)
        _strip(description)
        if not len(description) and not [name for name in description.attrib if name != f"{{{_RDF}}}about"]:
            rdf.remove(description)
    rest = _serialise(root, prefixes) if len(rdf) else None
    return Packet(layers, _joined(ours, shown), rest)


def write_packet(
    notes: Iterable[tuple[int, Layer]], metadata: Iterable[tuple[str, str]], rest: bytes | None
) -> bytes | None:
    """An XMP packet with our properties added to what the file had; None when there is nothing to say."""
    pairs = tuple(metadata)
    shown = _shown(pairs)
    parsed = _parse(rest) if rest else None
    if parsed is None:
        root, prefixes = ET.Element(f"{{{_META}}}xmpmeta"), dict(_PREFIXES)
        rdf = ET.SubElement(root, f"{{{_RDF}}}RDF")
    else:
        root, prefixes = parsed
        rdf = root if root.tag == f"{{{_RDF}}}RDF" else root.find(f".//{{{_RDF}}}RDF")
        if rdf is None:
            rdf = ET.SubElement(root, f"{{{_RDF}}}RDF")
    description = ET.SubElement(rdf, f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": ""})
    for key in sorted(shown):
        values = [value for other, value in pairs if other == key]
        _add_dublin(description, key, values if DUBLIN[key][1] == "Seq" else values[:1])
    if _joined((), shown) != pairs:
        ET.SubElement(description, f"{{{NAMESPACE}}}metadata").text = _json(pairs)
    sequence: ET.Element | None = None
    for number, layer in notes:
        if sequence is None:
            sequence = ET.SubElement(ET.SubElement(description, f"{{{NAMESPACE}}}layers"), f"{{{_RDF}}}Seq")
        _add_note(sequence, number, layer)
    if not len(description):
        rdf.remove(description)
    return _serialise(root, prefixes) if len(rdf) else None


def _parse(raw: bytes) -> tuple[ET.Element, dict[str, str]] | None:
    """The tree and its prefixes. A packet with a document type is refused: none has a use for one."""
    text = raw.strip(b"\0 \r\n\t")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        return None
    prefixes = dict(_PREFIXES)
    root: ET.Element | None = None
    try:
        for event, value in ET.iterparse(io.BytesIO(text), events=("start-ns", "start")):
            if event == "start-ns":
                prefix, uri = cast("tuple[str, str]", value)
                prefixes.setdefault(prefix, uri)
            elif root is None:
                root = cast(ET.Element, value)
    except (ET.ParseError, ValueError, LookupError):
        return None
    return None if root is None else (root, prefixes)


def _serialise(root: ET.Element, prefixes: Mapping[str, str]) -> bytes:
    """The packet with its prefixes as they were; ElementTree keeps them in one table for the whole process."""
    for prefix, uri in prefixes.items():
        if prefix and not re.fullmatch(r"ns\d+", prefix):
            ET.register_namespace(prefix, uri)
    return _BEGIN + ET.tostring(root, encoding="utf-8") + _END


def _read_note(item: ET.Element, into: dict[int, LayerNote]) -> None:
    number, layer_id = _text(item, "number"), _text(item, "id")
    if not number.isdigit() or not layer_id:
        return
    into[int(number)] = LayerNote(
        LayerId(layer_id),
        _text(item, "aiVisible") != "False",
        _text(item, "aiEditable") != "False",
        _provenance(_text(item, "provenance")),
    )


def _add_note(sequence: ET.Element, number: int, layer: Layer) -> None:
    item = ET.SubElement(sequence, f"{{{_RDF}}}li", {f"{{{_RDF}}}parseType": "Resource"})
    fields = {"number": str(number), "id": _legal(layer.id)}
    if not layer.ai_visible:
        fields["aiVisible"] = "False"
    if not layer.ai_editable:
        fields["aiEditable"] = "False"
    if layer.provenance is not None:
        fields["provenance"] = _json(asdict(layer.provenance))
    for name, value in fields.items():
        ET.SubElement(item, f"{{{NAMESPACE}}}{name}").text = value


def _provenance(text: str) -> Provenance | None:
    """The record, with fields that a newer version added left out; None when it is not readable."""
    try:
        stored = json.loads(text) if text else None
        if not isinstance(stored, dict):
            return None
        known = {k: v for k, v in cast("dict[str, object]", stored).items() if k in Provenance.__dataclass_fields__}
        inputs = cast("list[list[str]]", known.pop("inputs", []))
        return Provenance(**known, inputs=tuple((str(a), str(b)) for a, b in inputs))  # pyright: ignore[reportArgumentType] - checked by JSON's own types
    except (ValueError, TypeError):
        return None


def _joined(ours: Iterable[tuple[str, str]], shown: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Our own list with what Dublin Core shows now: keys that it lacks, and values that are no longer ours."""
    ours = tuple(ours)
    then = _shown(ours)
    kept = tuple(pair for pair in ours if then.get(pair[0]) == shown.get(pair[0]))
    have = {key for key, _ in kept}
    return (*kept, *sorted(pair for pair in shown.items() if pair[0] not in have))


def _shown(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What Dublin Core can show of these pairs: each key once, nothing blank."""
    texts: dict[str, list[str]] = {}
    for key, value in pairs:
        if key in DUBLIN:
            texts.setdefault(key, []).append(_legal(value))
    return _told(texts)


def _told(texts: Mapping[str, list[str]]) -> dict[str, str]:
    told = {
        key: ", ".join(t for t in found if t) if DUBLIN[key][1] == "Seq" else found[0] for key, found in texts.items()
    }
    return {key: value for key, value in told.items() if value.strip()}


def _dublin(description: ET.Element) -> dict[str, str]:
    texts: dict[str, list[str]] = {}
    for key, (name, _) in DUBLIN.items():
        for item in description.findall(f"{{{_DC}}}{name}")[:1]:
            texts[key] = [li.text for li in item.iter(f"{{{_RDF}}}li") if li.text] or [item.text or ""]
    return _told(texts)


def _add_dublin(description: ET.Element, key: str, values: Sequence[str]) -> None:
    name, container = DUBLIN[key]
    box = ET.SubElement(ET.SubElement(description, f"{{{_DC}}}{name}"), f"{{{_RDF}}}{container}")
    attributes = {_XML_LANG: "x-default"} if container == "Alt" else {}
    for value in values:
        ET.SubElement(box, f"{{{_RDF}}}li", attributes).text = _legal(value)


def _strip(description: ET.Element) -> None:
    """Take out our own properties and those that we carry as metadata; they are written anew."""
    ours = {f"{{{_DC}}}{name}" for name, _ in DUBLIN.values()}
    for item in list(description):
        if item.tag in ours or item.tag.startswith(f"{{{NAMESPACE}}}"):
            description.remove(item)


def _pairs(text: str | None) -> list[tuple[str, str]]:
    try:
        return [(str(key), str(value)) for key, value in json.loads(text or "[]")]
    except (ValueError, TypeError):
        return []


def _text(item: ET.Element, name: str) -> str:
    found = item.find(f"{{{NAMESPACE}}}{name}")
    return "" if found is None or found.text is None else found.text


_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _json(value: object) -> str:
    """JSON that XML can hold: characters that XML has no way to write, and carriage returns, become \\u escapes."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return re.sub(f"{_ILLEGAL.pattern}|\r", lambda match: f"\\u{ord(match[0]):04x}", text)


def _legal(text: str) -> str:
    """Text as it comes back out of XML, which knows one kind of line end."""
    return _ILLEGAL.sub("\ufffd", text).replace("\r\n", "\n").replace("\r", "\n")
