"""Suggested places survive the queue."""

from __future__ import annotations

import json

import numpy as np

from studio.jobs.suggestions import of_json, to_json
from studio.plugin_api.interactions import Box, Candidate, Candidates, HeatMap, Suggestions


def test_candidates_and_heat_come_back() -> None:
    values = np.random.default_rng(0).random((5, 7), np.float32)
    places = Candidates(places=(Candidate(box=Box(1, 2, 3, 4), score=0.75),), chosen=None)
    told = {"place": Suggestions(places, HeatMap(values, Box(0, 0, 70, 50))), "bare": Suggestions(Candidates())}
    back = of_json(json.loads(json.dumps(to_json(told))))
    assert back["place"].candidates == places
    assert back["bare"] == Suggestions(Candidates(), None)
    heat = back["place"].heat
    assert heat is not None
    assert heat.area == Box(0, 0, 70, 50)
    assert np.abs(heat.values - values).max() <= 1 / 65535
    assert heat.values.dtype == np.float32


def test_values_beyond_the_range_are_clipped() -> None:
    told = {"place": Suggestions(Candidates(), HeatMap(np.array([[-1.0, 2.0]], np.float32), Box(0, 0, 1, 1)))}
    heat = of_json(to_json(told))["place"].heat
    assert heat is not None
    assert heat.values.tolist() == [[0.0, 1.0]]
