"""The fonts of this system: found in its folders, read with FreeType, chosen by family, weight and slant."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import cast

from PIL import ImageFont
from PIL.ImageFont import FreeTypeFont

ENDINGS = (".ttf", ".otf", ".ttc")
USUAL = ("DejaVu Sans", "Noto Sans", "Segoe UI", "Helvetica Neue", "Arial", "Liberation Sans", "Nimbus Sans")
"""The first of these that is there stands for a family without a name."""
OTHER_SCRIPTS = (
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "IPAGothic",
    "Hiragino Sans",
    "Yu Gothic",
    "Meiryo",
    "Noto Sans CJK SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
    "Noto Sans",
    "DejaVu Sans",
)
"""Where characters are looked for that a family lacks."""
_WEIGHTS = {
    "thin": 100,
    "hairline": 100,
    "extralight": 200,
    "ultralight": 200,
    "semilight": 300,
    "demilight": 300,
    "light": 300,
    "medium": 500,
    "semibold": 600,
    "demibold": 600,
    "demi": 600,
    "extrabold": 800,
    "ultrabold": 800,
    "heavy": 900,
    "black": 900,
    "bold": 700,
}
"""Words of style names; longer ones first where one holds the other."""
_MOST_IN_A_FILE = 32
_PROBE_PX = 16
FONTS_HELD = 64
"""How many fonts are kept open; dragging the size of a text opens one for each."""


@dataclass(frozen=True, slots=True)
class Face:
    """One style of a family: where it is, and what FreeType calls it. An empty path is the font that Pillow brings."""

    path: str
    index: int
    family: str
    weight: int
    italic: bool

    def at(self, size_px: float, weight: int) -> FreeTypeFont:
        """The font at a size; a variable one at the weight that is asked for."""
        return _font(self, size_px, weight)


@cache
def faces() -> tuple[Face, ...]:
    """Every style of every font, by family. Finding them reads all font files, once."""
    found = {face for path in _files() for face in _faces_of(path)}
    return tuple(sorted(found, key=lambda face: (face.family.casefold(), face.weight, face.italic, face.path)))


def are_found() -> bool:
    """Whether `faces` is known already, so that nothing here takes long."""
    return faces.cache_info().currsize > 0


def families() -> list[str]:
    """The names of all families."""
    return list(dict.fromkeys(face.family for face in faces()))


def is_known(family: str) -> bool:
    """Whether this system has the family; a family without a name is always there."""
    return not family or family in families()


def weights_of(family: str) -> list[int]:
    """The weights that a family has."""
    return sorted({face.weight for face in faces() if face.family == family})


def usual_family() -> str:
    """What a family without a name means here."""
    known = set(families())
    return next((name for name in USUAL if name in known), next(iter(families()), ""))


def face_of(family: str, weight: int, italic: bool) -> Face:
    """The nearest style of a family; of the usual one where this system lacks it."""
    wanted = family or usual_family()
    own = [face for face in faces() if face.family == wanted]
    own = own or [face for face in faces() if face.family == usual_family()]
    if not own:
        return Face("", 0, "", 400, italic=False)
    return min(own, key=lambda face: (face.italic != italic, abs(face.weight - weight), face.path))


def runs_of(text: str, face: Face, weight: int, italic: bool) -> list[tuple[Face, str]]:
    """A line in pieces that one font can draw each; what no font has is left to the first."""
    pieces: list[tuple[Face, str]] = []
    for char in text:
        chosen = face
        if not has_character(face, char):
            others = (face_of(name, weight, italic) for name in OTHER_SCRIPTS if name in set(families()))
            chosen = next((other for other in others if has_character(other, char)), face)
        if pieces and pieces[-1][0] == chosen:
            pieces[-1] = chosen, pieces[-1][1] + char
        else:
            pieces.append((chosen, char))
    return pieces


@cache
def has_character(face: Face, char: str) -> bool:
    """Whether a font draws a character, and not the box that stands for what it lacks."""
    if char.isspace() or ord(char) < 127:
        return True
    font = face.at(_PROBE_PX, 400)
    mask, lacking = font.getmask(char), font.getmask("\U0010fffe")
    drawn, box = (bytes(cast("Sequence[int]", cut)) for cut in (mask, lacking))
    return (mask.size, drawn) != (lacking.size, box)


@lru_cache(FONTS_HELD)
def _font(face: Face, size_px: float, weight: int) -> FreeTypeFont:
    if not face.path:
        usual = ImageFont.load_default(size_px)
        assert isinstance(usual, FreeTypeFont), "Pillow is built with FreeType"
        return usual
    font = ImageFont.truetype(face.path, size_px, face.index)
    try:
        axes = font.get_variation_axes()
    except (OSError, NotImplementedError):
        return font
    values = [
        min(max(weight, axis["minimum"] or 0), axis["maximum"] or 0)
        if axis.get("name") == b"Weight"
        else axis["default"]
        for axis in axes
    ]
    font.set_variation_by_axes([float(value or 0) for value in values])
    return font


def _faces_of(path: Path) -> Iterator[Face]:
    """The styles in a file; none of one that cannot be read."""
    for index in range(_MOST_IN_A_FILE if path.suffix.lower() == ".ttc" else 1):
        try:
            family, style = ImageFont.truetype(str(path), _PROBE_PX, index).getname()
        except (OSError, ValueError):
            return
        if family and not family.startswith("."):
            words = (style or "").casefold().replace("-", "").replace(" ", "")
            yield Face(str(path), index, family, _weight(words), "italic" in words or "oblique" in words)


def _weight(style: str) -> int:
    return next((weight for word, weight in _WEIGHTS.items() if word in style), 400)


def _files() -> Iterator[Path]:
    for folder in _folders():
        if folder.is_dir():
            yield from (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in ENDINGS)


def _folders() -> Sequence[Path]:
    home = Path.home()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "")
        return [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts", Path(local) / "Microsoft" / "Windows" / "Fonts"]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"]
    shared = os.environ.get("XDG_DATA_DIRS", "/usr/local/share:/usr/share").split(":")
    own = Path(os.environ.get("XDG_DATA_HOME", str(home / ".local" / "share")))
    return [*(Path(folder) / "fonts" for folder in shared if folder), own / "fonts", home / ".fonts"]
