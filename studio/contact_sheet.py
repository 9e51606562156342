"""A contact sheet: labelled pictures in a grid, transparent parts over a checkerboard."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from studio.core.pixels import Depth, Pixels, to_depth

GAP_PX = 16
CAPTION_PX = 30
PAPER, INK = (38, 38, 42), (226, 226, 230)
LIGHT, DARK, SQUARE_PX = 204, 160, 12


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture, (H, W, 4) straight RGBA of either depth, and the words under it."""

    caption: str
    pixels: Pixels


def contact_sheet(panels: Sequence[Panel], columns: int = 3, panel_width_px: int = 480) -> Image.Image:
    """All panels scaled to one width, in reading order."""
    pictures = [_thumbnail(panel.pixels, panel_width_px) for panel in panels]
    height = max(picture.height for picture in pictures)
    rows = math.ceil(len(panels) / columns)
    cell = (panel_width_px + GAP_PX, height + CAPTION_PX + GAP_PX)
    sheet = Image.new("RGB", (columns * cell[0] + GAP_PX, rows * cell[1] + GAP_PX), PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=16)
    for index, (panel, picture) in enumerate(zip(panels, pictures, strict=True)):
        x, y = GAP_PX + index % columns * cell[0], GAP_PX + index // columns * cell[1]
        sheet.paste(picture, (x, y))
        draw.text((x, y + height + 6), panel.caption, fill=INK, font=font)
    return sheet


def _thumbnail(pixels: Pixels, width: int) -> Image.Image:
    """Over a checkerboard, scaled in premultiplied colour so that no fringe appears."""
    picture = Image.fromarray(to_depth(pixels, Depth.EIGHT), "RGBA").convert("RGBa")
    size = (width, max(1, round(picture.height * width / picture.width)))
    small = picture.resize(size, Image.Resampling.LANCZOS).convert("RGBA")
    board = Image.fromarray(_checkerboard(size[1], size[0]))
    board.paste(small, mask=small.getchannel("A"))
    return board


def _checkerboard(height: int, width: int) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    rows, columns = np.indices((height, width)) // SQUARE_PX
    grey = np.where((rows + columns) % 2, DARK, LIGHT).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)
