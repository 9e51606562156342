"""Adjustments, provenance and text as JSON text, the same in a project and in OpenRaster attributes."""

from __future__ import annotations

import json
from typing import TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from studio.core.adjustments import (
    Adjustment,
    BrightnessContrast,
    ColorBalance,
    Curves,
    Exposure,
    GradientMap,
    HueSaturation,
    Invert,
    Levels,
    Posterize,
    Threshold,
)
from studio.core.errors import FileFormatError
from studio.core.layers import Provenance
from studio.core.lettering import Lettering

_Record = TypeVar("_Record")
_KINDS: dict[str, type[Adjustment]] = {
    "levels": Levels,
    "curves": Curves,
    "hue_saturation": HueSaturation,
    "brightness_contrast": BrightnessContrast,
    "color_balance": ColorBalance,
    "exposure": Exposure,
    "invert": Invert,
    "threshold": Threshold,
    "posterize": Posterize,
    "gradient_map": GradientMap,
}


def adjustment_json(adjustment: Adjustment) -> str:
    """The adjustment as a JSON object whose “kind” says which it is."""
    kind = next(name for name, cls in _KINDS.items() if type(adjustment) is cls)
    return _dumped({"kind": kind, **cast("dict[str, object]", TypeAdapter(type(adjustment)).dump_python(adjustment))})


def adjustment_of(text: str) -> Adjustment:
    """The adjustment written by `adjustment_json`. Raises FileFormatError."""
    fields = _loaded(text)
    cls = _KINDS.get(str(fields.pop("kind", "")))
    if cls is None:
        raise FileFormatError("The file names an adjustment that this version does not know.", detail=text[:200])
    return _validated(cls, fields)


def provenance_json(provenance: Provenance) -> str:
    """How a layer was made, as a JSON object."""
    return _dumped(cast("dict[str, object]", TypeAdapter(Provenance).dump_python(provenance)))


def provenance_of(text: str) -> Provenance:
    """The record written by `provenance_json`. Raises FileFormatError."""
    return _validated(Provenance, _loaded(text))


def lettering_json(lettering: Lettering) -> str:
    """What a text layer says, as a JSON object."""
    return _dumped(cast("dict[str, object]", TypeAdapter(Lettering).dump_python(lettering)))


def lettering_of(text: str) -> Lettering:
    """The record written by `lettering_json`. Raises FileFormatError."""
    return _validated(Lettering, _loaded(text))


def _dumped(fields: dict[str, object]) -> str:
    return json.dumps(fields, separators=(",", ":"))


def _loaded(text: str) -> dict[str, object]:
    try:
        fields = cast(object, json.loads(text))
    except (ValueError, RecursionError) as error:
        raise FileFormatError("A layer's record in the file is damaged.", detail=repr(error)) from error
    if not isinstance(fields, dict):
        raise FileFormatError("A layer's record in the file is damaged.", detail=text[:200])
    return cast("dict[str, object]", fields)


def _validated(cls: type[_Record], fields: dict[str, object]) -> _Record:
    try:
        return TypeAdapter(cls).validate_python(fields)
    except ValidationError as error:
        raise FileFormatError("A layer's record in the file is damaged.", detail=str(error)) from error
