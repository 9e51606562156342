"""Suggested places as JSON values, for the queue on disk; heat maps are compressed with 16 bits for each place."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from studio.plugin_api.interactions import Box, Candidates, HeatMap, Suggestions

_CANDIDATES = TypeAdapter(Candidates)
_TOP = 65535


def to_json(told: Mapping[str, Suggestions]) -> dict[str, object]:
    """By the name of the parameter that they answer."""
    return {
        name: {
            "candidates": _CANDIDATES.dump_python(one.candidates, mode="json"),
            "heat": None if one.heat is None else _heat_json(one.heat),
        }
        for name, one in told.items()
    }


def of_json(told: Mapping[str, Any]) -> dict[str, Suggestions]:
    """What `to_json` wrote."""
    return {
        name: Suggestions(
            _CANDIDATES.validate_python(one["candidates"]), None if one["heat"] is None else _heat(one["heat"])
        )
        for name, one in told.items()
    }


def _heat_json(heat: HeatMap) -> dict[str, object]:
    values = np.rint(np.clip(heat.values, 0, 1) * _TOP).astype("<u2")
    packed = base64.b64encode(zlib.compress(values.tobytes())).decode()
    return {"shape": list(values.shape), "values": packed, "area": asdict(heat.area)}


def _heat(told: Mapping[str, Any]) -> HeatMap:
    values = np.frombuffer(zlib.decompress(base64.b64decode(told["values"])), "<u2").reshape(told["shape"])
    return HeatMap((values / np.float32(_TOP)).astype(np.float32), Box(**told["area"]))
