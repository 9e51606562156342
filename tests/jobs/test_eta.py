"""How long a job will take: checked against runs whose course is known."""

from __future__ import annotations

import itertools

import pytest

from studio.jobs.eta import MARKS, PastRun, Recording, rest_of_run, whole_run

STEADY = tuple(MARKS)


def runs(*seconds: float, megapixels: float = 1.0, steps: int | None = None) -> list[PastRun]:
    return [PastRun(megapixels=megapixels, seconds=value, steps=steps, curve=STEADY) for value in seconds]


def test_nothing_is_said_of_what_was_never_run() -> None:
    assert whole_run([], 1.0) is None
    assert rest_of_run([], 1.0, elapsed_s=0.1, fraction=0.01) is None
    assert rest_of_run([], 1.0, elapsed_s=5.0, fraction=None) is None


def test_a_range_holds_the_times_it_was_made_of_and_narrows_with_more() -> None:
    few, many = whole_run(runs(9.0, 11.0), 1.0), whole_run(runs(*itertools.repeat(9.0, 9), 11.0, 10.0), 1.0)
    assert few is not None
    assert many is not None
    assert few.low_s < 9.0 < 11.0 < few.high_s
    assert many.high_s - many.low_s < few.high_s - few.low_s


def test_one_odd_run_among_many_does_not_widen_the_range() -> None:
    found = whole_run(runs(*itertools.repeat(10.0, 19), 500.0), 1.0)
    assert found is not None
    assert found.high_s < 15


def test_a_larger_picture_takes_longer() -> None:
    found = whole_run(runs(10.0, megapixels=1.0), 4.0)
    assert found is not None
    assert found.low_s < 40.0 < found.high_s
    assert found.low_s > 20.0


def test_runs_of_the_same_size_and_steps_count_before_others() -> None:
    past = [*runs(10.0, megapixels=1.0), *runs(90.0, megapixels=8.0), *runs(300.0, megapixels=8.0, steps=50)]
    found = whole_run(past, 8.0)
    assert found is not None
    assert found.low_s < 90.0 < found.high_s < 200.0


@pytest.mark.parametrize("pace", [0.5, 1.0, 3.0])
def test_the_further_a_run_is_the_more_its_own_pace_counts(pace: float) -> None:
    """A run `pace` times as long as those before it: close to the end the range is right whatever they took."""
    past = runs(*itertools.repeat(10.0, 12))
    found = rest_of_run(past, 1.0, elapsed_s=9.0 * pace, fraction=0.9)
    assert found is not None
    assert found.low_s == pytest.approx(1.0 * pace, rel=0.3)
    assert found.high_s == pytest.approx(1.0 * pace, rel=0.3)


def test_an_uneven_run_is_followed_by_the_curve_of_earlier_ones() -> None:
    """Half of the fraction is reached after a tenth of the time."""
    curve = (0.02, 0.04, 0.06, 0.08, 0.1, 0.3, 0.5, 0.7, 0.9)
    past = [PastRun(megapixels=1.0, seconds=20.0, curve=curve)] * 8
    found = rest_of_run(past, 1.0, elapsed_s=2.0, fraction=0.5)
    assert found is not None
    assert found.low_s < 18.0 < found.high_s
    assert found.low_s > 10.0


def test_a_first_run_goes_by_its_pace_alone() -> None:
    found = rest_of_run([], 1.0, elapsed_s=5.0, fraction=0.5)
    assert found is not None
    assert 0 < found.low_s < 5.0 < found.high_s


def test_a_recording_gives_the_curve_back() -> None:
    recording = Recording()
    for index in range(1, 100):
        recording.note(index / 100, (index / 100) ** 2 * 8.0)
        recording.note(None, 99.0)
        recording.note(index / 200, 99.0)  # going back is no progress
    assert recording.curve(8.0) == pytest.approx([mark**2 for mark in MARKS], abs=0.01)


def test_a_run_that_told_nothing_has_no_curve() -> None:
    recording = Recording()
    recording.note(0.0, 0.1)
    recording.note(1.0, 3.0)
    assert recording.curve(3.0) == ()
