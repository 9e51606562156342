"""Garbage is collected on the main thread, or a Qt object could be deleted on another one."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.layers import LayerId
from studio.session import Session
from studio.ui.canvas.collecting import hold_collector, release_collector, spare_what_is_there
from studio.ui.canvas.view import CanvasView


@pytest.fixture
def collecting_threads() -> Iterator[set[str]]:
    """Names of the threads in which collections ran."""
    names: set[str] = set()

    def note(phase: str, info: dict[str, int]) -> None:
        names.add(threading.current_thread().name)

    gc.callbacks.append(note)
    yield names
    gc.callbacks.remove(note)


class Knot:
    """Refers to itself, so only the collector frees it."""

    def __init__(self) -> None:
        self.me = self


def test_the_render_thread_never_collects(
    canvas: CanvasView, session: Session, qtbot: QtBot, collecting_threads: set[str]
) -> None:
    gc.set_threshold(20, 2, 2)
    try:
        for value in range(40):
            session.history.apply(edits.step(edits.set_opacity, LayerId("square"), value / 40))
            qtbot.waitUntil(lambda: canvas.is_settled)
        qtbot.waitUntil(lambda: bool(collecting_threads))
    finally:
        gc.set_threshold(700, 10, 10)
    assert collecting_threads == {threading.main_thread().name}


def test_garbage_goes_while_the_collector_is_held(qtbot: QtBot) -> None:
    hold_collector()
    gone = weakref.ref(Knot())
    more = [Knot() for _ in range(1000)]
    del more
    qtbot.waitUntil(lambda: gone() is None)
    release_collector()


def test_the_last_one_to_release_switches_it_on_again(qapp: object) -> None:
    hold_collector()
    hold_collector()
    assert not gc.isenabled()
    release_collector()
    assert not gc.isenabled()
    release_collector()
    assert gc.isenabled()


def test_what_the_start_made_is_spared_and_later_garbage_goes(qapp: object) -> None:
    hold_collector()
    early, late = Knot(), Knot()
    seen = weakref.ref(early), weakref.ref(late)
    del late
    gc.collect()
    assert seen[1]() is None
    spare_what_is_there()
    assert gc.get_freeze_count() > 0
    new = Knot()
    seen = seen[0], weakref.ref(new)
    del early, new
    gc.collect()
    assert [knot() is None for knot in seen] == [False, True]
    release_collector()
    assert gc.get_freeze_count() == 0
    gc.collect()
    assert seen[0]() is None
