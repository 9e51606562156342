"""The XMP packet: ours beside what other programs wrote."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from studio.core.document import Document
from studio.core.geometry import Size
from studio.core.layers import LayerId, Provenance, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.io.psd import read, write
from studio.io.psd.xmp import DUBLIN, NAMESPACE, read_packet, write_packet

FOREIGN = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:ColorMode="3"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Old</rdf:li></rdf:Alt></dc:title>
<dc:subject><rdf:Bag><rdf:li>one</rdf:li></rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def layer(**rest: object) -> RasterLayer:
    return RasterLayer(id=LayerId("ab" * 16), pixels=PixelBuffer(Size(0, 0), Depth.EIGHT), **rest)  # pyright: ignore[reportArgumentType] - plain fields


def test_provenance_with_any_characters_comes_back() -> None:
    provenance = Provenance(
        plugin="p",
        engine="e",
        prompt="\0\x1f\ud800 <&> 赤い\r\n\ufffe",
        seed=2**63,
        inputs=(("image", "ff"),),
        parameters="{}",
    )
    packet = write_packet([(7, layer(provenance=provenance, ai_visible=False))], [], None)
    assert packet is not None
    found = read_packet(packet)
    assert found is not None
    note = found.layers[7]
    assert (note.id, note.ai_visible, note.ai_editable, note.provenance) == ("ab" * 16, False, True, provenance)


def test_what_others_wrote_stays_and_title_is_taken_over() -> None:
    found = read_packet(FOREIGN)
    assert found is not None
    assert found.metadata == (("title", "Old"),)
    assert found.rest is not None
    packet = write_packet([(1, layer())], [("title", "New")], found.rest)
    assert packet is not None
    assert b'photoshop:ColorMode="3"' in packet
    assert b"<dc:subject>" in packet
    assert packet.count(b"New") == 1
    assert b"Old" not in packet
    assert NAMESPACE.encode() in packet


def test_writing_again_changes_nothing() -> None:
    first = write_packet([(1, layer())], [("author", "A")], FOREIGN)
    assert first is not None
    found = read_packet(first)
    assert found is not None
    assert write_packet([(1, layer())], found.metadata, found.rest) == write_packet(
        [(1, layer())], found.metadata, found.rest
    )


def test_bombs_and_rubbish_are_no_packets() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    for raw in (b"", b"rubbish", b"<a>", bomb, b"<a/>", b"<?xml version='1.0' encoding='nope'?><a/>"):
        assert read_packet(raw) is None


def test_nothing_to_say_is_no_packet() -> None:
    assert write_packet([], [], None) is None


@pytest.mark.parametrize(
    "metadata",
    [
        (("camera", "X100"),),
        (("title", "first"), ("author", "then"), ("camera", "last")),
        (("author", "A"), ("author", "B")),
        (("k", "x"), ("k", "x"), ("", "")),
        (("title", "one"), ("title", "two")),
        (("title", "  "), ("description", "")),
        (("title", "a\r\nb\rc\0\ud800"), ("k\1", "\0<&>]]>\r\n")),
    ],
)
def test_any_metadata_comes_back(tmp_path: Path, metadata: tuple[tuple[str, str], ...]) -> None:
    pixels = PixelBuffer.from_array(np.full((6, 8, 4), 200, np.uint8))
    document = Document(size=Size(8, 6), layers=(RasterLayer(pixels=pixels),), metadata=metadata)
    written = write(document, tmp_path / "out.psd")
    assert read(tmp_path / "out.psd").document.metadata == metadata
    free = {f"metadata “{key}”" for key, _ in metadata if key not in DUBLIN}
    assert {notice.what for notice in written.notices} == free


def test_a_title_that_another_program_changed_wins() -> None:
    metadata = (("title", "Ours"), ("camera", "X100"), ("author", "A"))
    packet = write_packet([(1, layer())], metadata, None)
    assert packet is not None
    found = read_packet(packet.replace(b'"x-default">Ours<', b'"x-default">Theirs<'))
    assert found is not None
    assert found.metadata == (("camera", "X100"), ("author", "A"), ("title", "Theirs"))


def test_a_list_of_free_keys_alone_is_joined_with_the_title() -> None:
    """As versions before this one wrote it."""
    packet = write_packet([], [("title", "T")], None)
    assert packet is not None
    listed = f'<n:metadata xmlns:n="{NAMESPACE}">[["camera", "X100"]]</n:metadata></rdf:Description>'.encode()
    found = read_packet(packet.replace(b"</rdf:Description>", listed))
    assert found is not None
    assert found.metadata == (("camera", "X100"), ("title", "T"))
