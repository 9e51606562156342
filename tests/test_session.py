"""The session: plugins see what they may, results are one undo step, protected layers stay as they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.core.document import Document
from studio.core.errors import JobCancelled, ProtectedLayerError, StudioError, UsageError
from studio.core.geometry import Size
from studio.core.layers import GroupLayer, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.jobs.messages import Message, Progress
from studio.plugin_host.registry import user_plugins_dir
from studio.requests import PluginRun
from studio.session import Session
from tests.support.plugins import write_plugin
from tests.support.threads import MainThread


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session with the square plugin and a document of two layers."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    write_plugin(user_plugins_dir(), "square")
    session = Session()
    session.start(document())
    return session


def document() -> Document:
    pixels = PixelBuffer.from_array(np.full((40, 60, 4), 255, np.uint8))
    below, above = RasterLayer(name="Below", pixels=pixels), RasterLayer(name="Above", pixels=pixels)
    return Document(size=Size(60, 40), layers=(below, above))


def square(**params: object) -> PluginRun:
    return PluginRun(plugin="square", params=params, seed=7)


def test_a_result_is_one_undo_step_in_one_group(session: Session) -> None:
    before = session.document
    report = session.run_plugin(square(side=5))
    assert (report.engine, report.figures["area_px"]) == ("classical", 25)
    top = session.document.layers[-1]
    assert isinstance(top, GroupLayer)
    assert [child.name for child in top.children] == ["Square"]
    assert top.children[0].provenance is not None
    assert top.children[0].provenance.seed == 7
    session.history.undo()
    assert session.document == before


def test_the_same_seed_gives_the_same_pixels(session: Session) -> None:
    session.run_plugin(square())
    session.run_plugin(square())
    first, second = (g.children[0] for g in session.document.layers if isinstance(g, GroupLayer))
    assert isinstance(first, RasterLayer)
    assert isinstance(second, RasterLayer)
    assert first.pixels == second.pixels


def test_a_lone_source_is_replaced(session: Session) -> None:
    only = session.document.layers[0]
    session.start(session.document.with_layers((only,)))
    session.run_plugin(square(trouble="replace"))
    assert [layer.name for layer in session.document.layers] == ["Squares"]


def test_a_protected_source_stays_below(session: Session) -> None:
    only = replace(session.document.layers[0], ai_editable=False)
    session.start(session.document.with_layers((only,)))
    session.run_plugin(square(trouble="replace"))
    assert session.document.layers[0] is only
    assert len(session.document.layers) == 2


def test_hidden_layers_are_withheld_from_the_model(session: Session) -> None:
    below, above = session.document.layers
    session.run_plugin(square())
    seen = _picture_hash(session)
    session.start(session.document.with_layers((replace(below, ai_visible=False), above)))
    session.run_plugin(square())
    assert _picture_hash(session) == seen  # the layer above covers the hidden one
    session.start(session.document.with_layers((below, replace(above, visible=False, ai_visible=False))))
    session.run_plugin(square())
    assert session.document.layers[1].name == "Above"  # withheld, never removed


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("raise", "the brush broke"),
        ("say", "There is no paint"),
        ("wrong depth", "do not fit the document"),
        ("deep", "deep"),
    ],
)
def test_a_failing_plugin_leaves_the_document_alone(session: Session, trouble: str, words: str) -> None:
    before = session.document
    with pytest.raises(StudioError, match=words):
        session.run_plugin(square(trouble=trouble))
    assert session.document is before
    assert not session.history.can_undo


def test_cancelling_leaves_the_document_alone(session: Session) -> None:
    before = session.document

    def stop(message: Message) -> None:
        if isinstance(message, Progress):
            session.runner.cancel(message.job)

    with pytest.raises(JobCancelled):
        session.run_plugin(square(), stop)
    assert session.document is before
    session.run_plugin(square())
    assert session.document is not before


def test_wrong_names_and_values_are_refused_before_anything_runs(session: Session) -> None:
    with pytest.raises(UsageError, match="no plugin"):
        session.run_plugin(PluginRun(plugin="circle"))
    with pytest.raises(UsageError, match="no engine"):
        session.run_plugin(PluginRun(plugin="square", engine="steam"))
    with pytest.raises(UsageError, match="side"):
        session.run_plugin(square(side=1000))


def test_nothing_open_is_said_plainly() -> None:
    with pytest.raises(StudioError, match="No document is open"):
        _ = Session().document


def test_a_result_that_would_change_a_protected_layer_is_rejected(session: Session) -> None:
    protected = replace(session.document.layers[0], ai_editable=False)
    old = session.document.with_layers((protected,))
    session.start(old)
    with pytest.raises(ProtectedLayerError, match="Below"):
        session.accept("Test", old.with_layers(()))
    assert session.document is old


def _picture_hash(session: Session) -> str:
    group = session.document.layers[-1]
    assert isinstance(group, GroupLayer)
    assert group.children[0].provenance is not None
    return dict(group.children[0].provenance.inputs)["picture"]


def test_a_queued_run_comes_into_the_document_when_it_is_done(session: Session, tmp_path: Path) -> None:
    thread = MainThread()
    session.use_worker(tmp_path / "jobs", thread.post)
    job = session.submit(square(side=3))
    first = session.document
    session.apply("Move", lambda document: replace(document, ppi=100.0))  # editing goes on meanwhile
    thread.run_until(lambda: session.jobs.record(job).state.is_final)
    assert session.jobs.record(job).accepted
    assert [layer.name for layer in session.document.layers] == ["Below", "Above", "Squares"]
    session.history.undo()
    session.history.undo()
    assert session.document == first
    session.close()


def test_results_for_a_document_that_was_closed_wait_to_be_taken(session: Session, tmp_path: Path) -> None:
    thread = MainThread()
    session.use_worker(tmp_path / "jobs", thread.post)
    job = session.submit(square(side=3))
    session.start(document())
    thread.run_until(lambda: session.jobs.record(job).state.is_final)
    assert len(session.document.layers) == 2
    assert not session.jobs.record(job).accepted
    session.take(job)
    assert session.document.layers[-1].name == "Squares"
    session.close()


def test_selection_follows_what_is_there(session: Session) -> None:
    below, above = session.document.layers
    heard: list[tuple[str, ...]] = []
    held = session.selected.connect(lambda news: heard.append(news.layers))
    session.select([below.id, above.id])
    session.apply("Delete", lambda document: document.with_layers((above,)))
    assert session.selection == (above.id,)
    assert heard == [(below.id, above.id), (above.id,)]
    held.close()


def test_a_neighbour_is_selected_when_the_selected_layers_go(session: Session) -> None:
    below, above = session.document.layers
    session.select([above.id])
    session.apply("Delete", lambda document: document.with_layers((below,)))
    assert session.selection == (below.id,)
    session.history.undo()
    session.apply("Delete", lambda document: document.with_layers((above,)))
    assert session.selection == (above.id,)
    other = RasterLayer(name="Other", pixels=PixelBuffer.from_array(np.zeros((4, 4, 4), np.uint8)))
    session.apply("Replace", lambda document: document.with_layers((other,)))
    assert session.selection == (other.id,)
    session.apply("Delete", lambda document: document.with_layers(()))
    assert session.selection == ()


def test_listeners_never_see_a_selected_layer_that_is_gone(session: Session) -> None:
    _, above = session.document.layers
    session.select([above.id])
    seen: list[bool] = []
    held = session.document_changed.connect(
        lambda news: seen.append(all(news.new.find(layer) is not None for layer in session.selection))
    )
    session.apply("Delete", lambda document: document.with_layers(document.layers[:1]))
    assert seen == [True]
    held.close()


def test_a_history_comes_back_and_shutting_closes_it(session: Session) -> None:
    first = session.document
    second = first.with_layers(first.layers[:1])
    session.restore((("", first), ("Delete layer", second)), 1, saved=False)
    assert session.document is second
    assert session.history.is_modified
    session.history.undo()
    assert session.document is first
    assert session.history.is_modified
    session.shut()
    assert not session.has_document
    assert session.selection == ()
