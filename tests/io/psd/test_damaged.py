"""Damaged and hostile files: an error in words or a document, never a crash, a hang or a giant allocation."""

from __future__ import annotations

import resource
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from studio.core.errors import FileFormatError, StudioError
from studio.core.pixels import Depth
from studio.io.psd import merged_preview, read, write
from studio.io.report import Fate
from tests.io.psd.material import noise_document


@pytest.fixture(autouse=True)
def bounded_memory() -> Iterator[None]:
    """Four GiB more than now: an allocation that follows a lying header fails instead of filling the machine."""
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + (4 << 30), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def header(width: int, height: int, version: int = 1, channels: int = 3, depth: int = 8, mode: int = 3) -> bytes:
    return struct.pack(">4sH6xHIIHH", b"8BPS", version, channels, height, width, depth, mode)


def layered(record: bytes, channels: bytes, resources: bytes = b"", size: tuple[int, int] = (8, 8)) -> bytes:
    """A file with one layer record and a blank merged image."""
    info = struct.pack(">h", 1) + record + channels
    info += b"\0" * (len(info) % 2)
    section = struct.pack(">I", len(info)) + info + struct.pack(">I", 0)
    merged = b"\0\0" + bytes(size[0] * size[1] * 3)
    return (
        header(*size)
        + struct.pack(">I", 0)
        + struct.pack(">I", len(resources))
        + resources
        + struct.pack(">I", len(section))
        + section
        + merged
    )


def record(
    rect: tuple[int, int, int, int],
    channels: list[tuple[int, int]],
    mode: bytes = b"norm",
    clipping: int = 0,
    extra: bytes = b"",
    signature: bytes = b"8BIM",
) -> bytes:
    """One layer record; `rect` is top, left, bottom, right and `channels` are (id, length)."""
    head = struct.pack(">4iH", *rect, len(channels)) + b"".join(struct.pack(">hI", *channel) for channel in channels)
    body = struct.pack(">II", 0, 0) + b"\1L\0\0" + extra
    return head + signature + mode + bytes([255, clipping, 8, 0]) + struct.pack(">I", len(body)) + body


def test_what_is_no_psd_is_refused(tmp_path: Path) -> None:
    for content in (
        b"",
        b"8BPS",
        b"8BPS\0\3" + bytes(40),
        b"\x89PNG\r\n\x1a\n" + bytes(99),
        header(0, 5),
        header(5, 5, depth=7),
    ):
        path = tmp_path / "a.psd"
        path.write_bytes(content)
        with pytest.raises(FileFormatError):
            read(path)
        with pytest.raises(FileFormatError):
            merged_preview(path)


def test_a_missing_file_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="Could not open"):
        read(tmp_path / "none.psd")


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("side", [100_000, 300_000, 400_000, 2**32 - 1])
def test_a_huge_header_is_refused_before_anything_is_allocated(tmp_path: Path, side: int, version: int) -> None:
    path = tmp_path / "huge.psd"
    path.write_bytes(header(side, side, version) + bytes(60))
    with pytest.raises(FileFormatError, match=r"px|header"):
        read(path)
    with pytest.raises(FileFormatError, match=r"px|header"):
        merged_preview(path)


def test_a_large_canvas_without_pixels_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "wide.psd"
    path.write_bytes(header(30_000, 30_000) + bytes(12) + b"\0\1" + bytes(50))
    with pytest.raises(FileFormatError, match="merged image"):
        read(path)
    assert merged_preview(path) is None


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("kind", [".psd", ".psb"])
def test_a_file_cut_anywhere_is_an_error_or_a_document(tmp_path: Path, kind: str, depth: Depth) -> None:
    whole = tmp_path / f"whole{kind}"
    write(noise_document(depth, transparent=True), whole)
    raw = whole.read_bytes()
    part = tmp_path / f"part{kind}"
    rng = np.random.default_rng(1)
    for cut in [*range(0, 400, 7), *rng.integers(0, len(raw), 60).tolist(), len(raw) - 1]:
        part.write_bytes(raw[:cut])
        try:
            assert read(part).document.check() == []
        except StudioError as error:
            assert error.message.endswith(".")
            assert error.hint


@pytest.mark.parametrize("kind", [".psd", ".psb"])
def test_flipped_bytes_are_an_error_or_a_document(tmp_path: Path, kind: str) -> None:
    whole = tmp_path / f"whole{kind}"
    write(noise_document(transparent=True), whole)
    raw = whole.read_bytes()
    rng = np.random.default_rng(2)
    path = tmp_path / f"flipped{kind}"
    for _ in range(150):
        data = bytearray(raw)
        for place in rng.integers(0, min(len(data), 12_000), rng.integers(1, 6)):
            data[place] = rng.integers(0, 256)
        path.write_bytes(data)
        try:
            assert read(path).document.check() == []
            merged_preview(path)
        except StudioError as error:
            assert error.message.endswith(".")


def test_a_layer_that_states_more_pixels_than_its_bytes_is_named(tmp_path: Path) -> None:
    bomb = zlib.compress(bytes(1000), 9)
    for code, data in ((0, b"abc"), (1, bytes(64)), (2, bomb), (3, bomb)):
        channel = struct.pack(">H", code) + data
        lengths = [(-1, len(channel)), (0, len(channel)), (1, len(channel)), (2, len(channel))]
        path = tmp_path / "lying.psd"
        path.write_bytes(layered(record((0, 0, 30_000, 30_000), lengths), channel * 4))
        opened = read(path)
        assert any(notice.fate is Fate.DROPPED and "damaged" in notice.why for notice in opened.notices)


def test_bounds_turned_round_are_an_empty_layer(tmp_path: Path) -> None:
    path = tmp_path / "turned.psd"
    path.write_bytes(layered(record((50, 50, 10, 10), [(-1, 2), (0, 2)]), b"\0\0\0\0"))
    assert read(path).document.layers[0].bounds.is_empty


def test_three_channels_without_transparency_are_opaque(tmp_path: Path) -> None:
    channel = b"\0\0" + bytes(range(64))
    path = tmp_path / "opaque.psd"
    path.write_bytes(layered(record((0, 0, 8, 8), [(0, 66), (1, 66), (2, 66)]), channel * 3))
    layer = read(path).document.layers[0]
    assert layer.name == "L"
    assert (layer.pixels.read()[:, :, 3] == 255).all()  # pyright: ignore[reportAttributeAccessIssue] - a raster layer
    assert layer.pixels.read()[7, 7, 0] == 63  # pyright: ignore[reportAttributeAccessIssue] - a raster layer


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mode": b"????"}, "blend mode"),
        ({"clipping": 7}, "clipping"),
        ({"signature": b"XXXX"}, "signature"),
        ({"extra": b"8BIMlsct" + struct.pack(">II", 4, 99)}, "group marker"),
        ({"extra": b"8BIMlsct" + struct.pack(">II4s4s", 12, 0, b"8BIM", b"????")}, "blend mode"),
    ],
)
def test_values_that_do_not_exist_are_mended_and_named(
    tmp_path: Path, change: dict[str, bytes | int], words: str
) -> None:
    channel = b"\0\0" + bytes(range(64))
    path = tmp_path / "odd.psd"
    built = record((0, 0, 8, 8), [(-1, 66), (0, 66), (1, 66), (2, 66)], **change)  # pyright: ignore[reportArgumentType] - as the cases say
    path.write_bytes(layered(built, channel * 4))
    opened = read(path)
    assert len(opened.document.layers) == 1
    assert any(words in notice.why for notice in opened.notices)


def test_a_channel_nobody_knows_is_left_out(tmp_path: Path) -> None:
    channel = b"\0\0" + bytes(range(64))
    path = tmp_path / "channel.psd"
    path.write_bytes(layered(record((0, 0, 8, 8), [(0, 66), (1, 66), (2, 66), (-9, 66), (40, 66)]), channel * 5))
    opened = read(path)
    assert opened.document.layers[0].pixels.read()[7, 7].tolist() == [63, 63, 63, 255]  # pyright: ignore[reportAttributeAccessIssue] - a raster layer
    assert any("channel" in notice.why for notice in opened.notices)


def test_an_unknown_compression_is_named(tmp_path: Path) -> None:
    channel = b"\0\x09" + bytes(range(64))
    path = tmp_path / "coded.psd"
    path.write_bytes(layered(record((0, 0, 8, 8), [(0, 66)]), channel))
    assert any("compression" in notice.why for notice in read(path).notices)


def test_a_resource_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    channel = b"\0\0" + bytes(range(64))
    short = b"8BIM" + struct.pack(">H", 1005) + b"\0\0" + struct.pack(">I", 2) + b"\0\1"
    good = b"8BIM" + struct.pack(">H", 1039) + b"\0\0" + struct.pack(">I", 200) + bytes(range(200))
    path = tmp_path / "resources.psd"
    path.write_bytes(layered(record((0, 0, 8, 8), [(0, 66)]), channel, resources=short + good))
    opened = read(path)
    assert opened.document.icc == bytes(range(200))
    assert any("resource" in notice.why for notice in opened.notices)


@pytest.mark.parametrize("kinds", [(1,), (3,), (3, 3, 1), (1, 3), (2, 2, 3), (0, 1, 0)])
def test_group_markers_without_a_partner_lose_no_layer(tmp_path: Path, kinds: tuple[int, ...]) -> None:
    """`kinds` are section dividers between pixel layers, bottom to top: 1 and 2 end a group, 3 begins one."""
    records, channels = b"", b""
    count = 0
    for kind in kinds:
        divider = b"8BIMlsct" + struct.pack(">II", 4, kind)
        records += record((0, 0, 0, 0), [(0, 2)], extra=divider) + record((0, 0, 2, 2), [(0, 6)])
        channels += b"\0\0" + b"\0\0" + bytes(4)
        count += 2
    info = struct.pack(">h", count) + records + channels
    section = struct.pack(">I", len(info)) + info + struct.pack(">I", 0)
    path = tmp_path / "groups.psd"
    path.write_bytes(header(8, 8) + bytes(8) + struct.pack(">I", len(section)) + section + b"\0\0" + bytes(192))
    found = [layer for layer in read(path).document.walk() if not layer.bounds.is_empty and hasattr(layer, "pixels")]
    assert len(found) == len(kinds)


def test_no_merged_image_at_all_is_no_error(tmp_path: Path) -> None:
    channel = b"\0\0" + bytes(range(64))
    whole = layered(record((0, 0, 8, 8), [(0, 66), (1, 66), (2, 66)]), channel * 3)
    path = tmp_path / "bare.psd"
    path.write_bytes(whole[: -(2 + 192)])
    assert merged_preview(path) is None
    assert len(read(path).document.layers) == 1
