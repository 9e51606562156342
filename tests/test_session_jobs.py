"""What becomes of a job's layers when the document was edited, undone, closed or exchanged while the job ran."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.core import edits
from studio.core.document import Document
from studio.core.geometry import Point, Size
from studio.core.layers import BlendMode, GroupLayer, Layer, Locks, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.jobs.request import JobId
from studio.placing import Source
from studio.plugin_host.registry import user_plugins_dir
from studio.requests import PluginRun
from studio.session import Arrived, Offered, Session, Withheld
from tests.support.plugins import write_plugin
from tests.support.threads import MainThread

RUN = PluginRun(plugin="square", params={"trouble": "replace"}, seed=7)


class Worked:
    """A session with a worker, and what it told."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session = session
        self.thread = MainThread()
        self.arrived: list[Arrived] = []
        self.offered: list[Offered] = []
        session.use_worker(folder, self.thread.post)
        self._held = (session.arrived.connect(self.arrived.append), session.offered.connect(self.offered.append))

    def run(self, meanwhile: Callable[[], object], run: PluginRun = RUN) -> JobId:
        """Submit the run, do something before anything of it is heard, and wait for its end."""
        job = self.session.submit(run)
        meanwhile()
        self.thread.run_until(lambda: self.session.jobs.record(job).state.is_final)
        return job

    @property
    def names(self) -> list[str]:
        return [layer.name for layer in self.session.document.layers]


@pytest.fixture
def worked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worked]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    write_plugin(user_plugins_dir(), "square")
    session = Session()
    session.start(Document(size=Size(60, 40), layers=(layer("Photo"),)))
    yield Worked(session, tmp_path / "jobs")
    session.close()


def layer(name: str, value: int = 255) -> RasterLayer:
    return RasterLayer(name=name, pixels=PixelBuffer.from_array(np.full((40, 60, 4), value, np.uint8)))


def edited(worked: Worked, change: Callable[[Layer], Layer]) -> None:
    """Change the one layer of the document."""
    (only,) = worked.session.document.layers
    worked.session.apply("Edit", lambda document: document.with_layers((change(only),)))


def test_an_untouched_source_is_replaced(worked: Worked) -> None:
    job = worked.run(lambda: None)
    assert worked.names == ["Squares"]
    assert worked.arrived == [Arrived(job, (worked.session.document.layers[0].id,), Source.AS_ASKED)]
    assert worked.session.jobs.result_layers(job) == worked.arrived[0].layers


def test_a_deleted_source_puts_the_result_on_top(worked: Worked) -> None:
    """Not in place of the layer that happens to be alone now."""
    other = layer("Other")
    worked.run(lambda: worked.session.apply("Exchange", lambda document: document.with_layers((other,))))
    assert worked.names == ["Other", "Squares"]
    assert worked.arrived[0].source is Source.GONE


@pytest.mark.parametrize(
    "change",
    [
        lambda only: replace(only, pixels=only.pixels.with_rect(Point(0, 0), np.zeros((4, 4, 4), np.uint8))),
        lambda only: replace(only, origin=Point(3, 0)),
        lambda only: replace(only, opacity=0.5),
        lambda only: replace(only, blend=BlendMode.MULTIPLY),
        lambda only: replace(only, visible=False),
        lambda only: replace(only, locks=Locks(pixels=True)),
        lambda only: replace(only, ai_editable=False),
        lambda only: replace(only, name="Portrait"),
    ],
    ids=["painted", "moved", "faded", "blended", "hidden", "locked", "closed", "renamed"],
)
def test_a_changed_source_stays_below(worked: Worked, change: Callable[[Layer], Layer]) -> None:
    session = worked.session
    job = worked.run(lambda: edited(worked, change))
    session.history.undo()
    shown, _ = session.with_result_later(job)()
    session.take(job)
    assert session.document.layers[:-1] == shown.layers[:-1]
    assert [layer.name for layer in shown.layers][-1] == "Squares"
    assert session.history.steps[1][1].layers[0] == session.document.layers[0]
    assert worked.arrived[0].source is Source.CHANGED


def test_a_layer_added_meanwhile_stays_above(worked: Worked) -> None:
    sketch = layer("Sketch", 9)
    worked.run(lambda: worked.session.apply("Add", lambda document: document.with_layers((*document.layers, sketch))))
    assert worked.names == ["Squares", "Sketch"]


def test_a_source_that_went_into_a_group_is_not_torn_out(worked: Worked) -> None:
    def group(document: Document) -> Document:
        return document.with_layers((GroupLayer(name="Group", children=document.layers),))

    worked.run(lambda: worked.session.apply("Group", group))
    assert worked.names == ["Group", "Squares"]
    assert worked.arrived[0].source is Source.CHANGED


def test_undone_steps_are_not_lost_to_a_result(worked: Worked) -> None:
    session = worked.session
    edited(worked, lambda only: replace(only, name="Portrait"))
    job = worked.run(session.history.undo)
    assert worked.offered == [Offered(job, Withheld.REDO)]
    assert not session.jobs.record(job).accepted
    session.history.redo()
    assert worked.names == ["Portrait"]
    session.take(job)
    assert worked.names == ["Squares"]
    assert session.jobs.record(job).accepted


def test_the_layers_of_a_job_wait_when_its_document_is_closed(worked: Worked) -> None:
    job = worked.run(worked.session.shut)
    assert worked.offered == [Offered(job, Withheld.ELSEWHERE)]
    assert not worked.session.awaits(job)
    worked.session.start(Document(size=Size(60, 40), depth=Depth.SIXTEEN, layers=()))
    worked.session.take(job)
    assert worked.names == ["Squares"]
    assert worked.session.document.check() == []
    assert worked.arrived[-1].source is Source.GONE


def test_another_document_gets_nothing_by_itself(worked: Worked) -> None:
    job = worked.run(lambda: worked.session.start(Document(size=Size(10, 10), layers=(layer("Elsewhere"),))))
    assert worked.names == ["Elsewhere"]
    assert [offer.job for offer in worked.offered] == [job]


def test_taking_a_second_time_makes_layers_of_their_own(worked: Worked) -> None:
    job = worked.run(lambda: None)
    worked.session.take(job)
    first, second = worked.session.document.layers
    assert first.id != second.id
    assert worked.session.document.check() == []


def test_a_result_is_read_beside_the_window_and_edits_go_on(worked: Worked) -> None:
    session = worked.session
    job = worked.run(lambda: None, replace(RUN, kept_aside=True))
    session.jobs.accept(job)  # it must be read from disk now
    session.take_soon(job)
    assert worked.names == ["Photo"]
    extra = layer("Extra", 9)
    session.apply("Add", lambda document: document.with_layers((*document.layers, extra)))
    worked.thread.run_until(lambda: bool(worked.arrived))
    assert worked.names == ["Squares", "Extra"]
    session.history.undo()
    assert worked.names == ["Photo", "Extra"]


def test_a_result_that_is_being_read_stays_out_of_another_document(worked: Worked) -> None:
    session = worked.session
    job = worked.run(lambda: None, replace(RUN, kept_aside=True))
    session.take_soon(job)
    session.start(Document(size=Size(60, 40), layers=(layer("Another"),)))
    again = worked.run(lambda: None)  # read after it
    worked.thread.run_until(lambda: session.jobs.record(again).accepted)
    assert worked.names == ["Squares"]
    assert not session.jobs.record(job).accepted


def test_a_result_made_again_in_place_is_placed_from_what_is_on_disk(worked: Worked) -> None:
    session = worked.session
    worked.run(lambda: None)
    (first,) = session.document.layers
    job = worked.run(lambda: None, replace(RUN, seed=8, in_place_of=first.id))
    worked.thread.run_until(lambda: session.jobs.record(job).accepted)
    (second,) = session.document.layers
    assert second.id == first.id
    assert second.provenance is not None
    assert second.provenance.seed == 8
    assert len(session.history.labels) == 3


def test_damage_to_a_result_is_told(worked: Worked, tmp_path: Path) -> None:
    session = worked.session
    job = worked.run(lambda: None, replace(RUN, kept_aside=True))
    session.jobs.accept(job)
    told: list[str] = []
    held = session.troubled.connect(lambda error: told.append(error.message))
    for file in (tmp_path / "jobs").glob(f"{job}*"):
        if "request" not in file.name:
            file.write_bytes(b"damaged")
    session.take_soon(job)
    worked.thread.run_until(lambda: bool(told))
    held.close()
    assert worked.names == ["Photo"]


def test_a_result_that_was_turned_down_by_undo_can_be_taken_again(worked: Worked) -> None:
    job = worked.run(lambda: None)
    worked.session.history.undo()
    assert worked.names == ["Photo"]
    worked.session.take(job)
    assert worked.names == ["Squares"]


def test_a_job_that_is_run_again_is_still_for_its_document(worked: Worked) -> None:
    session = worked.session
    session.jobs.pause()
    job = session.submit(RUN)
    session.jobs.cancel(job)
    session.jobs.resume()
    session.jobs.retry(job)
    worked.thread.run_until(lambda: session.jobs.record(job).state.is_final)
    assert worked.offered == []
    assert worked.names == ["Squares"]


def test_what_is_kept_aside_is_neither_placed_nor_offered(worked: Worked) -> None:
    job = worked.run(lambda: None, replace(RUN, kept_aside=True))
    assert worked.names == ["Photo"]
    assert worked.offered == worked.arrived == []
    worked.session.take(job)
    assert worked.names == ["Squares"]


def test_a_hidden_layer_of_the_document_never_leaves_it(worked: Worked) -> None:
    secret = replace(layer("Secret"), ai_visible=False)
    session = worked.session
    session.apply("Add", lambda document: document.with_layers((*document.layers, secret)))
    worked.run(lambda: None)
    assert worked.names == ["Squares", "Secret"]
    assert session.document.layers[1] == secret


def test_a_result_waits_for_the_end_of_a_drag(worked: Worked) -> None:
    session = worked.session
    edit = edits.step(edits.set_visible, session.document.layers[0].id, False)
    job = worked.run(lambda: session.history.apply(edit, merge_key="drag"))
    assert worked.arrived == worked.offered == []
    assert session.awaits(job)
    session.history.apply(edits.step(edits.rename, session.document.layers[0].id, "Moved"), merge_key="drag")
    session.history.seal()
    worked.thread.run_until(lambda: session.jobs.record(job).accepted)
    assert list(session.history.labels) == ["", edit.label, "Paint a square"]
    assert worked.names == ["Moved", "Squares"]


def test_a_result_that_waits_for_a_drag_is_offered_when_its_document_goes(worked: Worked) -> None:
    session = worked.session
    edit = edits.step(edits.set_visible, session.document.layers[0].id, False)
    job = worked.run(lambda: session.history.apply(edit, merge_key="drag"))
    session.shut()
    worked.thread.run_until(lambda: bool(worked.offered))
    assert worked.offered == [Offered(job, Withheld.ELSEWHERE)]


def test_a_result_without_layers_needs_no_place_after_undo(worked: Worked) -> None:
    session = worked.session
    edited(worked, lambda only: replace(only, name="Portrait"))
    job = worked.run(session.history.undo, replace(RUN, params={"trouble": "nothing"}))
    assert worked.offered == []
    assert session.jobs.record(job).accepted
    assert session.history.can_redo


def test_a_damaged_request_does_not_keep_its_result_out(worked: Worked, tmp_path: Path) -> None:
    session = worked.session
    job = session.submit(RUN)
    worked.thread.run_until(lambda: session.jobs.running == job)  # its request is on disk, and on its way
    (tmp_path / "jobs" / f"{job}.request.lamina").write_bytes(b"damaged")
    worked.thread.run_until(lambda: session.jobs.record(job).state.is_final)
    assert worked.names == ["Squares"]
    session.history.undo()
    session.take(job)  # nobody knows any more whether the layer is as it was
    assert worked.names == ["Photo", "Squares"]


def test_what_is_kept_aside_stays_so_after_a_restart(worked: Worked, tmp_path: Path) -> None:
    session = worked.session
    session.jobs.pause()
    job = session.submit(replace(RUN, kept_aside=True))
    session.close()
    again = Session(session.registry)
    again.start(session.document)
    offered: list[Offered] = []
    held = again.offered.connect(offered.append)
    again.use_worker(tmp_path / "jobs", worked.thread.post)
    again.jobs.resume()
    worked.thread.run_until(lambda: again.jobs.record(job).state.is_final)
    assert offered == []
    held.close()
    again.close()
