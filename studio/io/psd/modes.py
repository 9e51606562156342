"""Photoshop's keys for blend modes, colour labels and locks, and ours."""

from __future__ import annotations

from typing import Final

from psd_tools.constants import BlendMode as Key
from psd_tools.constants import SheetColorType

from studio.core.layers import BlendMode, ColorLabel, Locks

KEY_OF_MODE: Final[dict[BlendMode, Key]] = {mode: Key[mode.name] for mode in BlendMode}
MODE_OF_KEY: Final[dict[Key, BlendMode]] = {key: mode for mode, key in KEY_OF_MODE.items()}

SHEET_OF_LABEL: Final[dict[ColorLabel, SheetColorType]] = {
    ColorLabel.NONE: SheetColorType.NO_COLOR,
    ColorLabel.RED: SheetColorType.RED,
    ColorLabel.ORANGE: SheetColorType.ORANGE,
    ColorLabel.YELLOW: SheetColorType.YELLOW,
    ColorLabel.GREEN: SheetColorType.GREEN,
    ColorLabel.BLUE: SheetColorType.BLUE,
    ColorLabel.VIOLET: SheetColorType.VIOLET,
    ColorLabel.GRAY: SheetColorType.GRAY,
}

# The four labels of newer Photoshops that we do not have become their nearest neighbours.
LABEL_OF_SHEET: Final[dict[int, ColorLabel]] = {sheet.value: label for label, sheet in SHEET_OF_LABEL.items()} | {
    SheetColorType.SEAFOAM.value: ColorLabel.GREEN,
    SheetColorType.INDIGO.value: ColorLabel.BLUE,
    SheetColorType.MAGENTA.value: ColorLabel.VIOLET,
    SheetColorType.FUSCHIA.value: ColorLabel.RED,
}

_LOCK_ALPHA = 1
_LOCK_PIXELS = 2
_LOCK_POSITION = 4
_LOCK_ALL = 1 << 31


def lock_bits(locks: Locks) -> int:
    return locks.alpha * _LOCK_ALPHA | locks.pixels * _LOCK_PIXELS | locks.position * _LOCK_POSITION


def locks_of(bits: int) -> Locks:
    everything = bool(bits & _LOCK_ALL)
    return Locks(
        alpha=everything or bool(bits & _LOCK_ALPHA),
        pixels=everything or bool(bits & _LOCK_PIXELS),
        position=everything or bool(bits & _LOCK_POSITION),
    )
