"""What can be set for a brush, and brushes to start from: our own and those the user saved."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from studio.core.errors import DocumentError
from studio.core.painting.brush import Brush, Response, require_brush
from studio.core.painting.presets import PRESETS
from studio.ui.canvas.kit import ToolKit
from studio.ui.canvas.options import Options, Table, read

SIZE_BY_PRESSURE: Response = ((0.0, 0.15), (1.0, 1.0))
AMOUNT_BY_PRESSURE: Response = ((0.0, 0.05), (0.6, 0.7), (1.0, 1.0))
MOST_SIZE_PX = 2000.0
PRESET = "brush: "
"""What the names begin with under which saved brushes are kept."""
_PRESSURES = ("size_by_pressure", "opacity_by_pressure", "flow_by_pressure")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrushSettings:
    """The fields of a core `Brush`, whose three responses to pressure are on or off here."""

    size_px: float = 24.0
    hardness: float = 0.8
    opacity: float = 1.0
    flow: float = 1.0
    spacing: float = 0.1
    string_px: float = 0.0
    roundness: float = 1.0
    angle: float = 0.0
    size_by_pressure: bool = False
    opacity_by_pressure: bool = False
    flow_by_pressure: bool = False
    scatter: float = 0.0
    size_jitter: float = 0.0

    def __post_init__(self) -> None:
        try:
            require_brush(self.brush())
        except DocumentError as error:
            raise ValueError(error.message) from error

    def brush(self, seed: int = 0) -> Brush:
        """The brush; `seed` is of its chance, where it has any."""
        plain = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in _PRESSURES}
        return Brush(
            **plain,
            size_by_pressure=SIZE_BY_PRESSURE if self.size_by_pressure else (),
            opacity_by_pressure=AMOUNT_BY_PRESSURE if self.opacity_by_pressure else (),
            flow_by_pressure=AMOUNT_BY_PRESSURE if self.flow_by_pressure else (),
            seed=seed,
        )

    @classmethod
    def of(cls, brush: Brush) -> BrushSettings:
        """The settings that come nearest to a brush."""
        values = {field.name: getattr(brush, field.name) for field in fields(cls)}
        return cls(**values | {name: bool(values[name]) for name in _PRESSURES})


def built_in() -> dict[str, BrushSettings]:
    """Our own brushes: the one that tools begin with, and `core.painting.presets` by their names."""
    return {"round": BrushSettings(), **{name: BrushSettings.of(brush) for name, brush in PRESETS.items()}}


def saved(kit: ToolKit) -> dict[str, BrushSettings]:
    """The user's brushes by the names they were given."""
    return {name: read(BrushSettings(), table) for name, table in kit.kept(PRESET).items()}


def save(kit: ToolKit, name: str, table: Table | None) -> None:
    """Keep a brush under a name; None forgets it."""
    kit.keep(f"{PRESET}{name}", table)


def use(options: Options[BrushSettings], settings: BrushSettings) -> None:
    """Set all of a brush at once."""
    options.change(**{field.name: getattr(settings, field.name) for field in fields(settings)})


def is_like(one: BrushSettings, other: BrushSettings) -> bool:
    """Whether they are the same brush, at another size or opacity perhaps."""
    return replace(one, size_px=other.size_px, opacity=other.opacity) == other


def resized(settings: BrushSettings, steps: int) -> float:
    """The size so many steps larger (or smaller): a sixth each, but a whole pixel at least."""
    size = settings.size_px
    for _ in range(abs(steps)):
        size = max(size + 1, size * 7 / 6) if steps > 0 else min(size - 1, size * 6 / 7)
    return min(MOST_SIZE_PX, max(1.0, round(size)))


def softened(settings: BrushSettings, change: float) -> BrushSettings:
    """The same with another hardness, kept to 0..1."""
    return replace(settings, hardness=min(1.0, max(0.0, settings.hardness + change)))
