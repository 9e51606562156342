"""Text as pixels: lines set one under the other, drawn with FreeType, cut to what shows."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from studio.core.document import MAX_SIDE_PX
from studio.core.errors import DocumentError
from studio.core.geometry import Point
from studio.core.lettering import Lettering, TextAlignment, require_lettering
from studio.core.pixels import Depth, PixelBuffer
from studio.lettering.fonts import Face, face_of, runs_of

MOST_PIXELS = 1 << 28


@dataclass(frozen=True, slots=True)
class _Piece:
    """Characters that are drawn in one go, and where their baseline starts, from the anchor."""

    face: Face
    text: str
    x: float
    y: float


def drawn(lettering: Lettering, depth: Depth) -> tuple[PixelBuffer, Point]:
    """The pixels of a text, and where the first one lies from the anchor.

    Raises DocumentError for values that cannot be drawn, and for text that would be too large.
    """
    require_lettering(lettering)
    try:
        return _drawn(lettering, depth)
    except RuntimeError as error:  # what the layout engine says of text that it cannot shape
        raise DocumentError("The font cannot set this text.", "Choose another font.", repr(error)) from error


def _drawn(lettering: Lettering, depth: Depth) -> tuple[PixelBuffer, Point]:
    pieces: list[_Piece] = []
    widest = 0.0
    lines = [_printable(line) for line in lettering.text.split("\n")]
    for number, line in enumerate(lines):
        placed, width = _line(lettering, line, number * lettering.size_px * lettering.line_height)
        pieces += placed
        widest = max(widest, width)
    margin = math.ceil(lettering.size_px)  # letters reach beyond their advance, accents above the em
    left = {TextAlignment.LEFT: 0.0, TextAlignment.CENTER: widest / 2, TextAlignment.RIGHT: widest}
    anchor = Point(math.ceil(left[lettering.alignment]) + margin, 2 * margin)
    width = math.ceil(widest) + 2 * margin
    height = math.ceil((len(lines) - 1) * lettering.size_px * lettering.line_height) + 3 * margin
    if max(width, height) > MAX_SIDE_PX or width * height > MOST_PIXELS:
        raise DocumentError(f"The text would be {width} x {height} px.", "Make it smaller or shorter.")
    sheet = Image.new("L", (width, height))
    pen = ImageDraw.Draw(sheet)
    for piece in pieces:
        font = piece.face.at(lettering.size_px, lettering.weight)
        pen.text((anchor.x + piece.x, anchor.y + piece.y), piece.text, fill=255, font=font, anchor="ls")
    box = sheet.getbbox()
    if box is None:
        raise DocumentError("The text has nothing that shows.", "Choose another font, or type something else.")
    coverage = np.asarray(sheet.crop(box))
    return _colored(coverage, lettering, depth), Point(box[0], box[1]) - anchor


def _printable(line: str) -> str:
    """Without what no font can draw: control characters and halves of characters; a tab is four spaces."""
    return "".join(char for char in line.replace("\t", "    ") if unicodedata.category(char) not in ("Cc", "Cs"))


def _line(lettering: Lettering, line: str, y: float) -> tuple[list[_Piece], float]:
    """The pieces of a line, and how wide it is."""
    face = face_of(lettering.family, lettering.weight, lettering.italic)
    gap = lettering.size_px * lettering.tracking / 1000
    pieces: list[_Piece] = []
    x = 0.0
    for own, text in runs_of(line, face, lettering.weight, lettering.italic):
        font = own.at(lettering.size_px, lettering.weight)
        if not lettering.tracking:
            pieces.append(_Piece(own, text, x, y))
            x += font.getlength(text)
            continue
        for index, char in enumerate(text):  # what lies before it tells the kerning
            pieces.append(_Piece(own, char, x + font.getlength(text[: index + 1]) - font.getlength(char), y))
            x += gap
        x += font.getlength(text)
    width = max(0.0, x - (gap if line else 0.0))
    start = {TextAlignment.LEFT: 0.0, TextAlignment.CENTER: -width / 2, TextAlignment.RIGHT: -width}
    shift = start[lettering.alignment]
    return [_Piece(piece.face, piece.text, piece.x + shift, piece.y) for piece in pieces], width


def _colored(coverage: NDArray[np.uint8], lettering: Lettering, depth: Depth) -> PixelBuffer:
    """The colour everywhere that the text is, as far as it covers."""
    samples = np.zeros((*coverage.shape, 4), depth.dtype)
    color = np.rint(np.array(lettering.color) * depth.top).astype(depth.dtype)
    samples[..., :3] = np.where(coverage[..., None] > 0, color, 0)
    samples[..., 3] = coverage if depth is Depth.EIGHT else coverage.astype(np.uint16) * np.uint16(257)
    return PixelBuffer.from_array(samples)
