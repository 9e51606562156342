"""What becomes of a job's layers when the document was edited, undone, closed or exchanged while the job ran."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.core.document import Document
from studio.core.geometry import Point, Size
from studio.core.layers import GroupLayer, Layer, RasterLayer
from studio.core.pixels import Depth, PixelBuffer
from studio.jobs.request import JobId
from studio.plugin_host.registry import user_plugins_dir
from studio.session import Arrived, Offered, PluginRun, Session, Source, Withheld
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
    ],
    ids=["painted", "moved"],
)
def test_a_changed_source_stays_below(worked: Worked, change: Callable[[Layer], Layer]) -> None:
    worked.run(lambda: edited(worked, change))
    assert worked.names == ["Photo", "Squares"]
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


def test_a_renamed_source_is_still_the_source(worked: Worked) -> None:
    worked.run(lambda: edited(worked, lambda only: replace(only, name="Portrait")))
    assert worked.names == ["Squares"]


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
