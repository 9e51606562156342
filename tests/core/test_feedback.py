"""Shares of nested parts, and stopping."""

from __future__ import annotations

import pytest

from studio.core.errors import JobCancelled
from studio.core.feedback import each, listening, part, report


def test_parts_fit_into_the_whole() -> None:
    heard: list[float] = []
    with listening(heard.append):
        report(0.1)
        with part(0.2, 0.6):
            report(0.5)
            with part(0.5, 1.0):
                report(0.5)
        report(0.9)
    assert heard == pytest.approx([0.1, 0.4, 0.5, 0.6, 0.6, 0.9])


def test_each_reports_before_every_item() -> None:
    heard: list[float] = []
    with listening(heard.append):
        assert list(each(("a", "b", "c", "d"))) == ["a", "b", "c", "d"]
    assert heard == [0.0, 0.25, 0.5, 0.75]


def test_nobody_has_to_listen() -> None:
    with part(0.0, 0.5):
        report(0.5)
    assert list(each(())) == []


def test_a_listener_stops_the_work_and_is_gone_afterwards() -> None:
    def stop(share: float) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled), listening(stop), part(0.0, 0.5):
        report(0.5)
    report(0.5)
