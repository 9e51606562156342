"""Events: order, ownership and failing listeners."""

from __future__ import annotations

import gc
import logging

import pytest

from studio.core.events import Event, ListenerError, Subscriptions


class Panel:
    """A widget-like owner that keeps what it hears."""

    def __init__(self, event: Event[int], log: list[str], name: str) -> None:
        self.log, self.name = log, name
        self.subscriptions = Subscriptions()
        self.subscriptions.listen(event, self.hear)

    def hear(self, value: int) -> None:
        self.log.append(f"{self.name}{value}")


@pytest.fixture
def event() -> Event[int]:
    return Event("number", int)


def test_every_listener_hears_in_order_of_connecting(event: Event[int]) -> None:
    log: list[str] = []
    panels = [Panel(event, log, name) for name in "ab"]
    event.emit(1)
    event.emit(2)
    assert log == ["a1", "b1", "a2", "b2"]
    assert len(event) == len(panels)


def test_all_hear_one_before_any_hears_two(event: Event[int]) -> None:
    log: list[str] = []

    def answer(value: int) -> None:
        log.append(f"answer{value}")
        if value == 1:
            event.emit(2)
            log.append("emitted")

    held = event.connect(answer)
    panel = Panel(event, log, "p")
    event.emit(1)
    assert log == ["answer1", "emitted", "p1", "answer2", "p2"]
    held.close()
    panel.subscriptions.close()


def test_a_dropped_owner_hears_no_more_and_is_not_kept_alive(event: Event[int]) -> None:
    log: list[str] = []
    panel = Panel(event, log, "p")
    gc.disable()
    try:
        del panel  # no cycle: it goes at once, without the collector
        assert len(event) == 0
    finally:
        gc.enable()
    event.emit(1)
    assert log == []


def test_a_dropped_subscription_ends_the_connection(event: Event[int]) -> None:
    log: list[int] = []
    held = event.connect(log.append)
    event.emit(1)
    del held
    event.emit(2)
    assert log == [1]


def test_closing_in_one_place(event: Event[int]) -> None:
    log: list[str] = []
    panel = Panel(event, log, "p")
    panel.subscriptions.listen(event, lambda value: log.append(f"lambda{value}"))
    event.emit(1)
    panel.subscriptions.close()
    panel.subscriptions.close()
    event.emit(2)
    assert log == ["p1", "lambda1"]
    assert len(event) == 0


def test_closed_while_delivering_hears_no_more(event: Event[int]) -> None:
    log: list[str] = []
    first = event.connect(lambda value: panel.subscriptions.close())
    panel = Panel(event, log, "p")
    event.emit(1)
    assert log == []
    first.close()


def test_a_failing_listener_stops_nobody(event: Event[int], caplog: pytest.LogCaptureFixture) -> None:
    log: list[str] = []

    def fail(value: int) -> None:
        if value == 1:
            event.emit(2)
        raise KeyError(f"no {value}")

    held = event.connect(fail)
    panel = Panel(event, log, "p")
    with caplog.at_level(logging.ERROR), pytest.raises(ListenerError, match=r"number.*fail.*no 1") as raised:
        event.emit(1)
    assert isinstance(raised.value.__cause__, KeyError)
    assert log == ["p1", "p2"]
    assert len(caplog.records) == 2
    held.close()
    event.emit(3)
    assert panel.log[-1] == "p3"


def test_an_endless_answer_is_an_error(event: Event[int]) -> None:
    held = event.connect(lambda value: event.emit(value + 1))
    with pytest.raises(RecursionError):
        event.emit(0)
    held.close()
    log: list[int] = []
    other = event.connect(log.append)
    event.emit(5)
    assert log == [5]
    other.close()
