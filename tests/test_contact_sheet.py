"""The contact sheet: panels in reading order, transparency over a checkerboard."""

from __future__ import annotations

import numpy as np

from studio.contact_sheet import CAPTION_PX, GAP_PX, INK, Panel, contact_sheet


def test_panels_lie_in_reading_order() -> None:
    colours = [(250, 0, 0), (0, 250, 0), (0, 0, 250), (250, 250, 0)]
    panels = []
    for colour in colours:
        pixels = np.empty((50, 100, 4), np.uint8)
        pixels[..., :3], pixels[..., 3] = colour, 255
        panels.append(Panel("caption", pixels))
    sheet = np.asarray(contact_sheet(panels, columns=3, panel_width_px=100))
    assert sheet.shape == (2 * (50 + CAPTION_PX + GAP_PX) + GAP_PX, 3 * (100 + GAP_PX) + GAP_PX, 3)
    for index, colour in enumerate(colours):
        x = GAP_PX + index % 3 * (100 + GAP_PX) + 50
        y = GAP_PX + index // 3 * (50 + CAPTION_PX + GAP_PX) + 25
        assert tuple(sheet[y, x]) == colour
    captions = sheet[GAP_PX + 50 : GAP_PX + 50 + CAPTION_PX]
    assert (captions == INK).all(axis=2).any()


def test_transparent_parts_show_a_checkerboard_without_fringe() -> None:
    pixels = np.zeros((60, 60, 4), np.uint16)
    pixels[:, :30] = (65535, 0, 0, 65535)
    pixels[:, 30:, 1] = 65535  # green that nobody should see
    sheet = np.asarray(contact_sheet([Panel("half", pixels)], panel_width_px=120)).astype(int)
    inside = sheet[GAP_PX : GAP_PX + 120, GAP_PX : GAP_PX + 120]
    assert len(np.unique(inside[:, 80:].reshape(-1, 3), axis=0)) == 2
    assert (inside[..., 1] - inside[..., 2] <= 2).all()
