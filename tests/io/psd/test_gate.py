"""Every single damage to a written file must fail the gate."""

from __future__ import annotations

from pathlib import Path

import pytest
from psd_tools.constants import BlendMode, Clipping, Compression, Tag
from psd_tools.psd import PSD

from studio.core.errors import FileFormatError
from studio.core.pixels import Depth
from studio.io.psd import verify, write
from studio.io.psd import writer as writer_module
from tests.io.psd.material import Mutation, edited, layers_of, noise_document


def _record(psd: PSD, name: str):
    info = layers_of(psd)
    for record, channels in zip(info.layer_records, info.channel_image_data, strict=True):
        if record.tagged_blocks.get_data(Tag.UNICODE_LAYER_NAME) == name:
            return record, channels
    raise AssertionError(f"no layer {name}")


def drop_opacity(psd: PSD) -> None:
    _record(psd, "乗算")[0].opacity = 255


def drop_group_opacity(psd: PSD) -> None:
    _record(psd, "内側のグループ")[0].opacity = 255


def swap_layers(psd: PSD) -> None:
    info = layers_of(psd)
    records, channels = list(info.layer_records), list(info.channel_image_data)
    for rows in (records, channels):
        rows[0], rows[1] = rows[1], rows[0]
    info.layer_records = type(info.layer_records)(records)
    info.channel_image_data = type(info.channel_image_data)(channels)


def shift_one_pixel(psd: PSD) -> None:
    record, _ = _record(psd, "clip base")
    record.left += 1
    record.right += 1


def blank_merged(psd: PSD) -> None:
    size = psd.header.width * psd.header.height * psd.header.depth // 8
    psd.image_data.compression = Compression.RLE
    psd.image_data.set_data([b"\0" * size] * psd.header.channels, psd.header)


def break_name(psd: PSD) -> None:
    _record(psd, "乗算")[0].tagged_blocks.set_data(Tag.UNICODE_LAYER_NAME, "??")


def change_mode(psd: PSD) -> None:
    _record(psd, "乗算")[0].blend_mode = BlendMode.SCREEN


def unclip(psd: PSD) -> None:
    _record(psd, "clipped 🌈")[0].clipping = Clipping.BASE


def show_hidden(psd: PSD) -> None:
    _record(psd, "hidden")[0].flags.visible = True


def move_mask(psd: PSD) -> None:
    mask = _record(psd, "内側のグループ")[0].mask_data
    assert mask is not None
    mask.top += 1
    mask.bottom += 1


def invert_mask_surround(psd: PSD) -> None:
    mask = _record(psd, "内側のグループ")[0].mask_data
    assert mask is not None
    mask.background_color = 255


def one_sample(psd: PSD) -> None:
    record, channels = _record(psd, "clip base")
    depth, version = psd.header.depth, psd.header.version
    raw = bytearray(channels[1].get_data(record.width, record.height, depth, version))
    raw[-1] ^= 1
    channels[1].set_data(bytes(raw), record.width, record.height, depth, version)


def drop_fill(psd: PSD) -> None:
    _record(psd, "clipped 🌈")[0].tagged_blocks.set_data(Tag.BLEND_FILL_OPACITY, 255)


def lose_provenance(psd: PSD) -> None:
    del psd.image_resources[1060]


MUTATIONS: list[Mutation] = [
    drop_opacity,
    drop_group_opacity,
    swap_layers,
    shift_one_pixel,
    blank_merged,
    break_name,
    change_mode,
    unclip,
    show_hidden,
    move_mask,
    invert_mask_surround,
    one_sample,
    drop_fill,
    lose_provenance,
]

# Without the document to compare with, only what changes the picture can be seen.
VISIBLE: list[Mutation] = [drop_opacity, swap_layers, shift_one_pixel, blank_merged, change_mode, unclip, show_hidden]


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda f: f.__name__)
def test_every_damage_fails_the_gate(tmp_path: Path, mutate: Mutation, depth: Depth) -> None:
    document = noise_document(depth)
    path = tmp_path / "a.psd"
    write(document, path)
    assert verify(path, document).passed
    with edited(path) as psd:
        mutate(psd)
    report = verify(path, document)
    assert not report.passed, f"{mutate.__name__} went unseen"


@pytest.mark.parametrize("mutate", VISIBLE, ids=lambda f: f.__name__)
def test_a_picture_that_is_not_its_layers_fails_without_the_document(tmp_path: Path, mutate: Mutation) -> None:
    path = tmp_path / "a.psd"
    write(noise_document(), path)
    assert verify(path).passed
    with edited(path) as psd:
        mutate(psd)
    assert not verify(path).passed


def test_rewriting_a_file_without_a_change_passes(tmp_path: Path) -> None:
    """The mutations above fail for what they change, not for the way they are written."""
    document = noise_document()
    path = tmp_path / "a.psd"
    write(document, path)
    with edited(path):
        pass
    assert verify(path, document).passed


@pytest.mark.parametrize("mutate", [blank_merged, shift_one_pixel, break_name], ids=lambda f: f.__name__)
def test_a_failing_gate_leaves_no_file(tmp_path: Path, mutate: Mutation, monkeypatch: pytest.MonkeyPatch) -> None:
    real = writer_module.build

    def spoiled(*arguments: object, **options: object) -> PSD:
        psd = real(*arguments, **options)  # pyright: ignore[reportArgumentType] - passed through
        mutate(psd)
        return psd

    monkeypatch.setattr(writer_module, "build", spoiled)
    path = tmp_path / "a.psd"
    path.write_bytes(b"what was there")
    with pytest.raises(FileFormatError, match="did not come back as the document"):
        write(noise_document(), path)
    assert path.read_bytes() == b"what was there"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.psd"]


def test_the_report_says_figures_and_faults(tmp_path: Path) -> None:
    path = tmp_path / "a.psd"
    write(noise_document(), path)
    with edited(path) as psd:
        blank_merged(psd)
    report = verify(path)
    assert "merged vs layers, largest difference in 1/255" in dict(report.figures)
    assert "FAULT: The merged image differs from its layers" in str(report)
