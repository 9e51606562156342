"""Macros: recorded from the history, written as recipes, played on other documents and by `lamina batch`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from studio import commands, macros, recipe
from studio.core import edits
from studio.core.adjustments import Invert, Threshold
from studio.core.compositing import composite
from studio.core.document import Document
from studio.core.edits.wet import Stroke
from studio.core.errors import DocumentError, StudioError, UsageError
from studio.core.filters import GaussianBlur
from studio.core.geometry import Point, Rect, Size
from studio.core.layers import AdjustmentLayer, LayerId, RasterLayer
from studio.core.painting.brush import Brush, StrokePoint
from studio.core.painting.inks import Clone, Erase, Paint
from studio.core.pixels import Depth, PixelBuffer
from studio.io.formats import save_document
from studio.plugin_host.registry import user_plugins_dir
from studio.requests import PluginRun
from studio.session import Session
from tests.support.documents import noise
from tests.support.plugins import write_plugin

SIZE = Size(64, 48)
STROKE = [StrokePoint(x=10, y=10), StrokePoint(x=40, y=30, pressure=0.5)]


def picture(seed: int, name: str) -> Document:
    samples = noise(np.random.default_rng(seed), SIZE, Depth.EIGHT)
    samples[..., 3] = 255
    return Document(size=SIZE, layers=(RasterLayer(name=name, pixels=PixelBuffer.from_array(samples)),))


def open_session(document: Document) -> Session:
    session = Session()
    session.start(document)
    return session


def top(session: Session) -> LayerId:
    return session.document.layers[-1].id


def work(session: Session) -> None:
    """An afternoon's work: selections, strokes, filters, layers, adjustments, a drag, something undone."""
    history = session.history
    photo = top(session)
    history.apply(edits.step(edits.select_ellipse, Rect(5, 5, 50, 40)))
    history.apply(edits.step(edits.feather_selection, 2.5))
    history.apply(edits.step(edits.apply_filter, photo, GaussianBlur(radius_px=2)))
    history.apply(edits.step(edits.layer_via_copy, photo))
    history.apply(edits.step(edits.rename, top(session), "Soft"))
    for value in (0.9, 0.7, 0.55):
        history.apply(edits.step(edits.set_opacity, top(session), value), merge_key="drag")
    history.seal()
    for step in (Point(1, 0), Point(3, 1), Point(1, 1)):
        history.apply(edits.step(edits.translate, [top(session)], step), merge_key="move")
    history.seal()
    history.apply(edits.step(edits.set_visible, photo, visible=False))
    history.undo()
    clone = Clone(offset=Point(8, 3), source=photo)
    for ink in (Paint(color=(0.1, 0.2, 0.9)), clone, Erase()):
        stroke = Stroke(session.document, top(session), Brush(size_px=9), ink)
        for point in STROKE:
            stroke.extend([point])
            history.apply(stroke.edit, merge_key=("stroke", id(stroke)))
        stroke.finish()
        history.apply(stroke.edit, merge_key=("stroke", id(stroke)))
        history.seal()
    history.apply(edits.step(edits.add_adjustment, Threshold(level=90), top(session), "Ink"))
    history.apply(edits.step(edits.set_adjustment, session.document.layers[-1].id, Invert()))
    commands.get("resize_image").call(session, {"size": {"width": 32, "height": 24}})


def same_picture(a: Document, b: Document) -> bool:
    return a.size == b.size and bool((composite(a) == composite(b)).all())


class TestRecording:
    def test_played_on_the_same_start_it_gives_the_same_picture(self) -> None:
        session = open_session(picture(1, "Photo"))
        recorder = macros.Recorder(session)
        work(session)
        recorded = recorder.recorded()
        assert recorded.left_out == ()
        again = open_session(picture(1, "Photo"))
        macros.play(again, recorded.steps)
        assert same_picture(again.document, session.document)
        assert [layer.name for layer in again.document.layers] == ["Photo", "Soft", "Ink"]
        assert again.document.selection == session.document.selection
        assert again.history.labels == ("", "Play macro")
        again.history.undo()
        assert not again.history.can_undo

    def test_on_another_picture_it_does_the_same_work(self) -> None:
        first, second = open_session(picture(1, "DSC_0001")), open_session(picture(2, "DSC_0002"))
        recorder = macros.Recorder(first)
        work(first)
        macros.play(second, recorder.recorded().steps)
        by_hand = open_session(picture(2, "DSC_0002"))
        work(by_hand)
        assert same_picture(second.document, by_hand.document)

    def test_drags_are_one_step_and_undone_steps_are_none(self) -> None:
        session = open_session(picture(1, "Photo"))
        recorder = macros.Recorder(session)
        work(session)
        steps = [dict(step) for step in recorder.recorded().steps]
        names = [step["command"] for step in steps]
        assert names.count("set_opacity") == names.count("translate") == 1
        assert "set_visible" not in names
        assert {"command": "set_opacity", "layer_id": "Soft", "opacity": 0.55} in steps
        assert {"command": "translate", "ids": ["Soft"], "offset": {"x": 5, "y": 2}} in steps
        strokes = [step for step in steps if step["command"] == "paint_stroke"]
        drawn = [{"x": 10.0, "y": 10.0}, {"x": 40.0, "y": 30.0, "pressure": 0.5}]
        assert [step["points"] for step in strokes] == [drawn, drawn, drawn]
        assert strokes[1]["ink"] == {"kind": "clone", "offset": {"x": 8, "y": 3}, "source": "#1"}
        assert strokes[2]["ink"] == {"kind": "erase"}
        assert steps[2]["layer_id"] == "#1"
        assert json.loads(json.dumps(steps)) == steps

    def test_what_cannot_be_told_is_named(self) -> None:
        session = open_session(picture(1, "Photo"))
        recorder = macros.Recorder(session)
        session.history.apply(edits.step(edits.deselect))
        session.history.apply(lambda document: edits.flatten(document), "Something of its own")
        session.history.apply(edits.step(edits.write_pixels, top(session), Point(0, 0), np.zeros((2, 2, 4), np.uint8)))
        with session.history.transaction("Both"):
            session.history.apply(edits.step(edits.select_all))
            session.history.apply(edits.step(edits.rename, top(session), "Two"))
        recorded = recorder.recorded()
        assert recorded.left_out == ("Something of its own", "Paint")
        assert [step["command"] for step in recorded.steps] == ["select_all", "rename"]

    def test_a_failed_transaction_leaves_no_call_behind(self) -> None:
        session = open_session(picture(1, "Photo"))
        recorder = macros.Recorder(session)

        def fail() -> None:
            with session.history.transaction("Fails"):
                session.history.apply(edits.step(edits.select_all))
                session.history.apply(edits.step(edits.invert_selection))

        with pytest.raises(DocumentError):
            fail()
        session.history.apply(edits.step(edits.rename, top(session), "One"))
        assert [step["command"] for step in recorder.recorded().steps] == ["rename"]

    def test_a_recording_whose_beginning_is_gone_says_so(self) -> None:
        session = open_session(picture(1, "Photo"))
        session.history.apply(edits.step(edits.rename, top(session), "One"))
        recorder = macros.Recorder(session)
        session.history.undo()
        with pytest.raises(DocumentError, match="no longer in the history"):
            recorder.recorded()


def test_runs_of_plugins_are_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    write_plugin(user_plugins_dir(), "square")
    session = Session()
    session.start(picture(1, "Photo"))
    recorder = macros.Recorder(session)
    session.run_plugin(PluginRun(plugin="square", params={"side": 12}, seed=3))
    recorded = recorder.recorded()
    assert recorded.left_out == ()
    assert [step["command"] for step in recorded.steps] == ["run_plugin"]
    again = Session()
    again.start(picture(1, "Photo"))
    macros.play(again, recorded.steps)
    assert same_picture(again.document, session.document)
    assert len(again.document.layers) == len(session.document.layers) > 1


class TestPlaying:
    def test_a_step_that_fails_takes_all_back(self) -> None:
        session = open_session(picture(1, "Photo"))
        start = session.document
        steps = [{"command": "rename", "layer_id": place, "name": "One"} for place in ("#1", "#7")]
        with pytest.raises(StudioError, match=r"Step 2 of 2 of the macro failed, so none was done: .* no layer “#7”"):
            macros.play(session, steps)
        assert session.document == start
        assert not session.history.can_undo
        with pytest.raises(UsageError, match="Step 1 of the macro is no edit"):
            macros.play(session, ({"command": "save", "path": "x.png"},))

    def test_as_a_recipe_of_batch(self, tmp_path: Path) -> None:
        session = open_session(picture(1, "Photo"))
        recorder = macros.Recorder(session)
        session.history.apply(edits.step(edits.select_ellipse, Rect(5, 5, 50, 40)))
        session.history.apply(edits.step(edits.add_adjustment, Threshold(level=90)))
        session.history.apply(edits.step(edits.rotate_canvas, 90.0))
        macros.write(tmp_path / "macro.json", recorder.recorded().steps, ("{stem}-done.lamina",))
        folder = tmp_path / "in"
        folder.mkdir()
        for number in (1, 2):
            save_document(picture(number, "any"), folder / f"p{number}.png")
        done = list(
            recipe.run(Session(), folder, recipe.load(tmp_path / "macro.json"), tmp_path / "out", lambda *_: None)
        )
        assert [(outcome.error, outcome.outputs) for outcome in done] == [
            ("", ["p1-done.lamina"]),
            ("", ["p2-done.lamina"]),
        ]
        opened = Session()
        opened.open(tmp_path / "out" / "p1-done.lamina")
        assert same_picture(opened.document, session.document)
        adjusted = opened.document.layers[-1]
        assert isinstance(adjusted, AdjustmentLayer)
        assert adjusted.adjustment == Threshold(level=90)

    def test_layers_by_place(self) -> None:
        session = open_session(picture(1, "Photo"))
        session.history.apply(edits.step(edits.duplicate_layers, [top(session)]))
        for told, index in (("#1", 0), ("#2", 1), ("#-1", 1), ("#-2", 0)):
            assert commands.layer_named(session.document, told) == session.document.layers[index].id
        for told in ("#0", "#3", "#-3", "#x"):
            with pytest.raises(StudioError):
                commands.layer_named(session.document, told)

    def test_adjustments_say_their_kind(self) -> None:
        session = open_session(picture(1, "Photo"))
        for told, wanted in (({"kind": "invert"}, Invert()), ({"kind": "threshold", "level": 9}, Threshold(level=9))):
            commands.get("add_adjustment").call(session, {"adjustment": told})
            layer = session.document.layers[-1]
            assert isinstance(layer, AdjustmentLayer)
            assert layer.adjustment == wanted
        with pytest.raises(UsageError, match="adjustment"):
            commands.get("add_adjustment").call(session, {"adjustment": {"kind": "nonsense"}})
