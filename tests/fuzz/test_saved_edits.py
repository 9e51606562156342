"""Random sequences of edits, retouches too: what a project keeps of them is the document, selection and all."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from studio.core.document import Document
from studio.core.errors import StudioError
from studio.core.history import History
from studio.core.layers import RasterLayer
from studio.core.pixels import Depth
from studio.io.formats import open_document, save_document
from studio.io.project import Project, Step, Timeline
from studio.lettering import LETTERINGS
from studio.retouch import RETOUCHES
from tests.fuzz.test_edits import assert_canonical, fingerprint
from tests.support.documents import random_document
from tests.support.edits import edit_calls, edited, unlocked
from tests.support.tool_edits import LETTERING_ARGUMENTS, RETOUCH_ARGUMENTS, Keywords

OTHERS = {**RETOUCHES, **LETTERINGS}
OTHER_ARGUMENTS = {**RETOUCH_ARGUMENTS, **LETTERING_ARGUMENTS}
SLOW_DRAWS = (HealthCheck.too_slow, HealthCheck.data_too_large)


@settings(max_examples=15, deadline=None, suppress_health_check=SLOW_DRAWS)
@given(data=st.data(), seed=st.integers(0, 10_000), depth=st.sampled_from(Depth))
def test_saved_and_opened_it_is_the_same_document(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, seed: int, depth: Depth
) -> None:
    folder = tmp_path_factory.mktemp("saved")
    history = History(unlocked(random_document(seed, depth, layers=5)))
    for _ in range(data.draw(st.integers(1, 6))):
        name, arguments = data.draw(edit_calls(history.document))
        history.apply(lambda document, n=name, a=arguments: edited(document, n, a), name)
    save_document(history.document, folder / "one.lamina")
    opened = open_document(folder / "one.lamina")
    assert opened.document == history.document
    assert opened.notices == ()
    steps = tuple(Step(label, root) for label, root in history.steps)
    with Project.create(folder / "all.lamina", steps[0].document) as project:
        project.record(Timeline(steps, history.cursor))
        project.save()
    with Project.open(folder / "all.lamina") as project:
        assert [step.document for step in project.timeline().steps] == [step.document for step in steps]


def test_the_fuzzer_knows_every_retouch() -> None:
    assert set(RETOUCH_ARGUMENTS) == set(RETOUCHES)
    assert set(LETTERING_ARGUMENTS) == set(LETTERINGS)


@pytest.mark.parametrize("name", OTHERS)
@settings(max_examples=4, deadline=None, suppress_health_check=SLOW_DRAWS)
@given(data=st.data(), seed=st.integers(0, 10_000))
def test_every_one_for_itself(name: str, data: st.DataObject, seed: int) -> None:
    start = unlocked(random_document(seed, layers=4))
    rasters = [layer.id for layer in start.walk() if isinstance(layer, RasterLayer)]
    if data.draw(st.booleans()):
        start = edited(start, "select_layer", (data.draw(st.sampled_from(rasters)),))
    before = fingerprint(start)
    document = data.draw(retouched(start, name))
    assert document.check() == []
    for buffer in document.buffers():
        assert_canonical(buffer)
    assert fingerprint(start) == before


@st.composite
def retouched(draw: DrawFn, document: Document, name: str) -> Document:
    """The document after such an edit with drawn arguments, or as it was where that is refused."""
    *values, more = OTHER_ARGUMENTS[name](draw, document)
    assert isinstance(more, Keywords)
    try:
        return OTHERS[name].function(document, *values, **more)
    except StudioError as error:
        assert error.message.endswith("."), error.message
        return document
