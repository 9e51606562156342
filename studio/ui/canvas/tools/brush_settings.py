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


@dataclass(frozen=True, slots=True, kw_only=True)
class BrushSettings(Brush):
    """A brush as a tool keeps it; values out of range raise ValueError."""

    size_px: float = 24.0

    def __post_init__(self) -> None:
        try:
            require_brush(self)
        except (DocumentError, TypeError) as error:
            raise ValueError(str(error)) from error

    def brush(self, seed: int = 0) -> Brush:
        """The brush; `seed` is of its chance, where it has any."""
        plain = Brush(**{field.name: getattr(self, field.name) for field in fields(Brush)})
        return replace(plain, seed=seed)

    @classmethod
    def of(cls, brush: Brush) -> BrushSettings:
        """The settings that make this brush."""
        return cls(**{field.name: getattr(brush, field.name) for field in fields(cls)})


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
