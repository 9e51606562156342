"""How times are said: in a unit that suits them, and no more exactly than they are known."""

from __future__ import annotations

import pytest

from studio.jobs.eta import Estimate
from studio.ui.panels.jobs.text import say_range, say_time


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (8.23, "8.2 s"), (42.4, "42 s"), (150, "2 min"), (5999, "100 min"), (9000, "2.5 h")],
)
def test_a_measured_time(seconds: float, said: str) -> None:
    assert say_time(seconds) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.0, 0.2, "0–1 s"),
        (0.9, 1.2, "1 s"),
        (8.2, 17.1, "8–17 s"),
        (22, 43, "20–45 s"),
        (58, 62, "60 s"),
        (70, 130, "1–2 min"),
        (1700, 2900, "30–50 min"),
        (3600, 11000, "1–3 h"),
    ],
)
def test_a_range(low: float, high: float, said: str) -> None:
    assert say_range(Estimate(low, high)) == said
