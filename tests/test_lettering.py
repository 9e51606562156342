"""Text layers: how text is drawn, written and changed, and what of it files keep."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio import commands, macros
from studio.core import edits
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.errors import DocumentError, FileFormatError
from studio.core.geometry import Affine, Point, Rect, Size
from studio.core.history import EditCall, History, LabelledEdit
from studio.core.homography import Homography
from studio.core.layers import GroupLayer, LayerId, Locks, RasterLayer
from studio.core.lettering import Lettering, TextAlignment
from studio.core.pixels import Depth, PixelBuffer
from studio.core.resampling import Sampling
from studio.io.formats import open_document, save_document
from studio.io.project import Project
from studio.io.project.database import VERSION
from studio.io.records import lettering_json, lettering_of
from studio.io.report import Fate
from studio.lettering import change_text, drawn, fonts, is_written, rasterize_text, write_text
from studio.lettering.fonts import FONTS_HELD, Face, face_of, families, has_character, runs_of, usual_family, weights_of
from studio.plugin_host.registry import Registry
from studio.session import Session
from tests.support.documents import random_document

TEXT, GROUND = LayerId("text"), LayerId("ground")
V3 = Path(__file__).parent / "io" / "data" / "project_v3.lamina"


def blank(depth: Depth = Depth.EIGHT) -> Document:
    ground = PixelBuffer.from_array(np.full((120, 200, 4), depth.top, depth.dtype))
    return Document(size=Size(200, 120), depth=depth, layers=(RasterLayer(id=GROUND, name="Ground", pixels=ground),))


def written(lettering: Lettering | None = None, depth: Depth = Depth.EIGHT) -> Document:
    return write_text(blank(depth), lettering or Lettering(text="Hello", size_px=32), (20, 60), layer_id=TEXT)


def text_layer(document: Document) -> RasterLayer:
    layer = document.layer(TEXT)
    assert isinstance(layer, RasterLayer)
    return layer


class TestDrawing:
    @pytest.mark.parametrize("depth", Depth)
    def test_letters_are_the_colour_and_stand_on_the_baseline(self, depth: Depth) -> None:
        pixels, offset = drawn(Lettering(text="HIL", size_px=40, color=(1.0, 0.5, 0.0)), depth)
        samples = pixels.read()
        assert samples.dtype == depth.dtype
        solid = samples[samples[..., 3] == depth.top]
        assert len(solid)
        assert (solid[:, :3] == [depth.top, round(depth.top / 2), 0]).all()
        assert offset.y + pixels.size.height in (0, 1)  # nothing below the baseline
        assert 24 <= pixels.size.height <= 34
        assert 0 <= offset.x <= 6

    @pytest.mark.parametrize(
        ("alignment", "share"), [(TextAlignment.LEFT, 0.0), (TextAlignment.CENTER, 0.5), (TextAlignment.RIGHT, 1.0)]
    )
    def test_lines_are_aligned_at_the_anchor(self, alignment: TextAlignment, share: float) -> None:
        pixels, offset = drawn(Lettering(text="MMMM\nM", size_px=40, alignment=alignment), Depth.EIGHT)
        assert offset.x == pytest.approx(-share * pixels.size.width, abs=5)
        shown = pixels.read()[..., 3] > 128
        short = np.flatnonzero(shown[-20:].any(axis=0))
        middle = (short[0] + short[-1]) / 2 + offset.x
        assert middle == pytest.approx((0.5 - share) * (short[-1] - short[0]), abs=6)

    def test_size_tracking_and_line_height_act(self) -> None:
        plain = Lettering(text="AB\nAB", size_px=40)
        pixels, _ = drawn(plain, Depth.EIGHT)
        larger, _ = drawn(replace(plain, size_px=80.0), Depth.EIGHT)
        wider, _ = drawn(replace(plain, tracking=500), Depth.EIGHT)
        taller, _ = drawn(replace(plain, line_height=2.2), Depth.EIGHT)
        assert larger.size.width == pytest.approx(2 * pixels.size.width, abs=6)
        assert wider.size.width == pytest.approx(pixels.size.width + 20, abs=2)
        assert taller.size.height == pixels.size.height + 40

    def test_tracking_keeps_where_letters_begin(self) -> None:
        plain, _ = drawn(Lettering(text="HH", size_px=40), Depth.EIGHT)
        close, _ = drawn(Lettering(text="HH", size_px=40, tracking=1), Depth.EIGHT)
        assert abs(plain.size.width - close.size.width) <= 1

    def test_a_heavier_weight_covers_more(self) -> None:
        family = usual_family()
        weights = weights_of(family)
        if len(weights) < 2:
            pytest.skip("this system has one weight of its usual font")
        light, heavy = (
            drawn(Lettering(text="HAMBURG", family=family, size_px=48, weight=weight), Depth.EIGHT)[0]
            for weight in (weights[0], weights[-1])
        )
        assert int(heavy.read()[..., 3].sum()) > 1.15 * int(light.read()[..., 3].sum())

    @pytest.mark.parametrize(
        "values",
        [
            {"text": " \n "},
            {"size_px": 0.0},
            {"size_px": float("nan")},
            {"weight": 50},
            {"line_height": 0.0},
            {"tracking": -2000},
            {"color": (2.0, 0.0, 0.0)},
            {"text": "W" * 2000, "size_px": 4000.0},
        ],
        ids=str,
    )
    def test_what_cannot_be_drawn_is_told(self, values: dict[str, object]) -> None:
        with pytest.raises(DocumentError) as told:
            drawn(replace(Lettering(text="Hello"), **values), Depth.EIGHT)
        assert told.value.hint

    @settings(max_examples=25, deadline=None)
    @given(text=st.text(max_size=12), size=st.floats(1, 60), tracking=st.integers(-300, 900))
    def test_any_text_is_drawn_or_told(self, text: str, size: float, tracking: int) -> None:
        try:
            pixels, _ = drawn(Lettering(text=text, size_px=size, tracking=tracking), Depth.EIGHT)
        except DocumentError:
            return
        assert pixels.read()[..., 3].any()


class TestFonts:
    def test_families_are_there_and_unknown_ones_become_the_usual(self) -> None:
        assert usual_family() in families()
        assert face_of("No such family", 400, italic=False).family == usual_family()
        assert face_of(usual_family(), 700, italic=False).weight >= face_of(usual_family(), 300, italic=False).weight

    def test_only_some_fonts_are_kept_open(self) -> None:
        face = face_of(usual_family(), 400, italic=False)
        for size in range(FONTS_HELD + 9):
            assert face.at(20 + size, 400).size == 20 + size
        assert fonts._font.cache_info().currsize <= FONTS_HELD

    def test_without_any_font_there_is_still_one(self) -> None:
        font = Face("", 0, "", 400, italic=False).at(20, 400)
        assert font.getlength("Hello") > 20

    def test_characters_a_family_lacks_come_from_another(self) -> None:
        face = face_of("DejaVu Sans", 400, italic=False)
        if face.family != "DejaVu Sans":
            pytest.skip("this system has no DejaVu Sans")
        assert has_character(face, "é")
        assert not has_character(face, "層")
        assert runs_of("plain", face, 400, italic=False) == [(face, "plain")]
        runs = runs_of("a層b", face, 400, italic=False)
        assert "".join(text for _, text in runs) == "a層b"


class TestWriting:
    def test_a_text_layer_lies_above_the_layer_told(self) -> None:
        document = written()
        assert [layer.id for layer in document.layers] == [GROUND, TEXT]
        assert text_layer(document).name == "Hello"
        assert is_written(text_layer(document))
        grouped = edits.group_layers(blank(), [GROUND], group_id=LayerId("g"))
        inside = write_text(grouped, Lettering(text="Hi"), (5, 50), above=GROUND, layer_id=TEXT)
        group = inside.layer(LayerId("g"))
        assert isinstance(group, GroupLayer)
        assert [layer.id for layer in group.children] == [GROUND, TEXT]
        assert inside.check() == []

    def test_changing_keeps_the_anchor_wherever_it_was_moved(self) -> None:
        document = edits.translate(written(), [TEXT], Point(13, -4))
        assert is_written(text_layer(document))
        changed = change_text(document, TEXT, Lettering(text="Hello", size_px=32, alignment=TextAlignment.LEFT))
        assert text_layer(changed).bounds == text_layer(document).bounds
        longer = change_text(document, TEXT, Lettering(text="Hello there", size_px=32))
        assert text_layer(longer).bounds.origin == text_layer(document).bounds.origin
        assert text_layer(longer).name == "Hello there"
        named = change_text(edits.rename(document, TEXT, "Title"), TEXT, Lettering(text="Other", size_px=32))
        assert text_layer(named).name == "Title"

    def test_what_was_changed_by_hand_is_not_thrown_away(self) -> None:
        document = written()
        painted = edits.write_pixels(document, TEXT, Point(25, 50), np.full((4, 4, 4), 255, np.uint8))
        scaled = edits.scale_layers(document, [TEXT], 2, 2)
        for other in (painted, scaled):
            assert not is_written(text_layer(other))
            with pytest.raises(DocumentError, match="after it was written"):
                change_text(other, TEXT, Lettering(text="New"))

    def test_other_bits_per_channel_leave_it_a_text(self) -> None:
        deep = edits.convert_depth(written(), Depth.SIXTEEN)
        assert text_layer(change_text(deep, TEXT, Lettering(text="New"))).pixels.depth is Depth.SIXTEEN
        assert is_written(text_layer(edits.convert_depth(deep, Depth.EIGHT)))
        painted = edits.write_pixels(written(), TEXT, Point(25, 50), np.full((4, 4, 4), 255, np.uint8))
        assert not is_written(text_layer(edits.convert_depth(painted, Depth.SIXTEEN)))

    def test_rasterized_it_looks_the_same_and_is_no_text(self) -> None:
        document = rasterize_text(written(), TEXT)
        assert text_layer(document).lettering is None
        assert composite(document).tobytes() == composite(written()).tobytes()
        with pytest.raises(DocumentError, match="no text"):
            rasterize_text(document, TEXT)

    def test_locks_and_other_layers_are_told(self) -> None:
        locked = edits.set_locks(written(), TEXT, Locks(pixels=True))
        with pytest.raises(DocumentError, match="locked"):
            change_text(locked, TEXT, Lettering(text="New"))
        with pytest.raises(DocumentError, match="no text"):
            change_text(written(), GROUND, Lettering(text="New"))

    def test_undo_gives_the_words_back(self) -> None:
        history = History(written())
        history.apply(lambda document: change_text(document, TEXT, Lettering(text="New")), "Change text")
        history.undo()
        assert history.document == written()

    def test_commands_write_and_change(self) -> None:
        session = Session(Registry())
        session.start(blank())
        commands.get("write_text").call(session, {"lettering": {"text": "Hello"}, "at": [20, 60], "layer_id": "text"})
        assert session.history.undo_label == "Write text"
        commands.get("change_text").call(session, {"layer_id": "Hello", "lettering": {"text": "Bye", "weight": 700}})
        layer = text_layer(session.document)
        assert layer.lettering is not None
        assert (layer.lettering.text, layer.lettering.weight, layer.name) == ("Bye", 700, "Bye")


class TestFiles:
    @pytest.mark.parametrize("depth", Depth)
    def test_a_project_keeps_the_words(self, tmp_path: Path, depth: Depth) -> None:
        lettering = Lettering(
            text="Zeile 1\n二行目", family="DejaVu Sans", italic=True, color=(0.2, 0.4, 1.0), tracking=40
        )
        document = written(lettering, depth)
        save_document(document, tmp_path / "one.lamina")
        opened = open_document(tmp_path / "one.lamina")
        assert opened.document == document
        assert is_written(text_layer(opened.document))
        assert opened.notices == ()

    @pytest.mark.parametrize("ending", ["psd", "ora"])
    def test_other_files_keep_the_pixels_and_say_so(self, tmp_path: Path, ending: str) -> None:
        document = written()
        told = save_document(document, tmp_path / f"one.{ending}")
        assert [(n.fate, n.what, n.layer) for n in told.notices if n.what == "text"] == [(Fate.BAKED, "text", "Hello")]
        opened = open_document(tmp_path / f"one.{ending}").document
        layer = opened.layers[-1]
        assert isinstance(layer, RasterLayer)
        assert layer.lettering is None
        kept = text_layer(document)
        assert (layer.pixels.read(Rect.at(kept.origin - layer.origin, kept.pixels.size)) == kept.pixels.read()).all()

    def test_records_go_there_and_back_and_damage_is_told(self) -> None:
        lettering = Lettering(text="“Hi”", offset=Point(-3, -20), digest="8:ab")
        assert lettering_of(lettering_json(lettering)) == lettering
        for damaged in ('{"size_px": 4}', '{"text": 5}', "[]"):
            with pytest.raises(FileFormatError):
                lettering_of(damaged)

    def test_a_project_of_version_3_is_read_and_migrated(self, tmp_path: Path) -> None:
        path = tmp_path / "old.lamina"
        shutil.copyfile(V3, path)
        first = random_document(303, size=Size(24, 16), layers=4)
        second = open_document(path).document
        assert [channel.name for channel in second.channels] == ["縁"]
        with Project.open(path) as project:
            restored = project.timeline()
            assert restored.steps[0].document == first
            assert restored.document == second
            text = write_text(second, Lettering(text="New"), (2, 12))
            project.record(
                replace(restored, steps=(*restored.steps, replace(restored.steps[-1], document=text)), cursor=2)
            )
            project.save()
        assert open_document(path).document == text

        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("pragma user_version").fetchone()[0] == VERSION


def test_a_macro_writes_and_transforms_again_on_other_pictures_and_twice() -> None:
    session = Session(Registry())
    session.start(blank())
    recorder = macros.Recorder(session)
    write = partial(write_text, lettering=Lettering(text="Hello", size_px=30), at=(20.0, 60.0), layer_id=TEXT)
    told = {key: value for key, value in write.keywords.items() if key != "layer_id"}
    session.history.apply(LabelledEdit("Write text", write, (EditCall("write_text", told),)))
    turn = Homography.about((50, 50), Affine.rotation(10))
    session.history.apply(edits.step(edits.transform_layers, (TEXT,), turn, sampling=Sampling.NEAREST))
    session.history.apply(edits.step(edits.crop_turned, Rect(5, 5, 100, 100), 7.0))
    recorded = recorder.recorded()
    assert recorded.left_out == ()
    other = Session(Registry())
    other.start(blank())
    macros.play(other, recorded.steps)
    assert composite(other.document).tobytes() == composite(session.document).tobytes()
    macros.play(other, recorded.steps)
    assert len(other.document.layers) == 3
