"""How long a job will still take, as a range, from what runs like it took on this machine."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

MARKS = tuple(mark / 10 for mark in range(1, 10))
"""Fractions of a run at which `PastRun.curve` says how much of its time had gone."""
ALIKE = 1.5
"""Pictures up to so many times larger or smaller count as alike."""
_LEAST_SHARE = 0.02
_LEAST_PACE_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """A run that came to its end: wall time from the worker's start of it, and how its time went.

    `megapixels` is the size of its canvas, 0 when unknown; `steps` what was asked for, None for the engine's own.
    `curve` has one share of the time, 0..1, for each of `MARKS`; it is empty when the run told no fractions.
    """

    megapixels: float
    seconds: float
    steps: int | None = None
    curve: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A range in seconds."""

    low_s: float
    high_s: float


def whole_run(runs: Sequence[PastRun], megapixels: float, steps: int | None = None) -> Estimate | None:
    """How long a run that has not begun will take; None when nothing is known of runs like it."""
    return _range([_expected(run, megapixels) for run in _alike(runs, megapixels, steps)])


def rest_of_run(
    runs: Sequence[PastRun],
    megapixels: float,
    steps: int | None = None,
    *,
    elapsed_s: float,
    fraction: float | None,
) -> Estimate | None:
    """How long a run will still take that has come to `fraction` (0..1, None for unknown) in `elapsed_s`.

    Early on the past counts; the further a run is, the more its own pace does. None while neither says anything.
    """
    done = min(max(fraction or 0.0, 0.0), 1.0)
    found: list[float] = []
    for run in _alike(runs, megapixels, steps):
        expected, share = _expected(run, megapixels), _share_of_time(run.curve, done)
        if fraction is None:
            found.append(max(expected - elapsed_s, 0.0))
        else:
            paced = elapsed_s * (1 - share) / share if share > _LEAST_SHARE else expected * (1 - share)
            found.append((1 - share) * expected * (1 - share) + share * paced)
    if found:
        return _range(found)
    if done <= _LEAST_SHARE or elapsed_s < _LEAST_PACE_S:
        return None
    paced = elapsed_s * (1 - done) / done
    spread = 0.15 + 0.45 * (1 - done)
    return Estimate(paced * (1 - spread), paced * (1 + spread))


class Recording:
    """Notes how the time of a run goes, for the `curve` of a `PastRun`."""

    def __init__(self) -> None:
        self._points: list[tuple[float, float]] = []

    def note(self, fraction: float | None, elapsed_s: float) -> None:
        """The run has come to `fraction`, which is ignored unless it grew."""
        if fraction is not None and 0 < fraction < 1 and (not self._points or fraction > self._points[-1][0]):
            self._points.append((fraction, elapsed_s))

    def curve(self, seconds: float) -> tuple[float, ...]:
        """The share of `seconds` that had gone at each of `MARKS`; empty when too little is known."""
        if len(self._points) < 2 or seconds <= 0:
            return ()
        points = [(0.0, 0.0), *self._points, (1.0, seconds)]
        return tuple(min(_interpolated(points, mark) / seconds, 1.0) for mark in MARKS)


def _alike(runs: Sequence[PastRun], megapixels: float, steps: int | None) -> Sequence[PastRun]:
    """The runs to go by: with the same number of steps, on pictures of about the same size, if there are any."""
    same = [run for run in runs if run.steps == steps] or runs
    near = [run for run in same if _ratio(run, megapixels) <= ALIKE]
    return near or same


def _ratio(run: PastRun, megapixels: float) -> float:
    """How many times larger the larger picture is; 1 when a size is not known."""
    if run.megapixels <= 0 or megapixels <= 0:
        return 1.0
    return max(run.megapixels / megapixels, megapixels / run.megapixels)


def _expected(run: PastRun, megapixels: float) -> float:
    """What the run would have taken on a picture of another size."""
    if run.megapixels <= 0 or megapixels <= 0:
        return run.seconds
    return run.seconds * min(max(megapixels / run.megapixels, 0.1), 10.0)


def _share_of_time(curve: Sequence[float], fraction: float) -> float:
    if not curve:
        return fraction
    return _interpolated([(0.0, 0.0), *zip(MARKS, curve, strict=True), (1.0, 1.0)], fraction)


def _interpolated(points: Sequence[tuple[float, float]], x: float) -> float:
    """The value at `x` of the lines through the points, which are in order."""
    at = min(max(bisect_left([place for place, _ in points], x), 1), len(points) - 1)
    (x0, y0), (x1, y1) = points[at - 1], points[at]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def _range(seconds: Sequence[float]) -> Estimate | None:
    """From a few times to a range: the middle eight of ten, wider the fewer there are."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    cut = len(ordered) // 10
    margin = 0.1 + 0.3 / len(ordered)
    return Estimate(ordered[cut] * (1 - margin), ordered[-1 - cut] * (1 + margin))
