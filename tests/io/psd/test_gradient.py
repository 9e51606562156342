"""Gradients drawn from their descriptions against the pixels that Photoshop stored of the same fills."""

from __future__ import annotations

import numpy as np
import pytest
from psd_tools.constants import Tag

from studio.core.geometry import Rect
from studio.io.psd.channels import Channels
from studio.io.psd.colour import Colours
from studio.io.psd.container import parse
from studio.io.psd.gradient import Gradient, Stop
from studio.io.psd.merged import profile_of
from studio.io.psd.tree import Node, layer_info
from studio.io.psd.vectors import Artist
from tests.io.psd.material import SHARED, needs_shared

BLACK_TO_WHITE = (Stop(0, 0.5, (0.0,)), Stop(1, 0.5, (1.0,)))


def plain(kind: str = "linear", angle: float = 0, smoothness: float = 0, reverse: bool = False) -> Gradient:
    return Gradient(kind, angle, 1.0, (0.0, 0.0), reverse, smoothness, False, BLACK_TO_WHITE, ())


@needs_shared
@pytest.mark.parametrize(
    ("name", "layer", "box"),
    [
        ("adjustments/adjustment_backdrop_test.psd", "Gradient Fill 1", None),
        ("adjustments/adjustment_backdrop_test.psd", "Gradient Fill 2", None),
        ("layers/gradient-fill.psd", "Gradient Fill 1", None),
        ("colormodes/4x4_8bit_rgb.psd", "Gradient Fill 1", None),
        ("transparency/knockout-isolated-groups.psd", "Rectangle 1", -1),
    ],
)
def test_photoshops_pixels_within_one_level(name: str, layer: str, box: int | None) -> None:
    """Linear with offset and scale, in linear light with a moved midpoint, to transparent, reflected, six stops."""
    psd, _ = parse(SHARED / name)
    header = psd.header
    colours = Colours.of(header.color_mode, header.depth, header.channels, profile_of(psd.image_resources), b"")
    channels = Channels(header, colours, Artist(psd), [])
    info = layer_info(psd)
    assert info is not None
    rows = zip(info.layer_records, info.channel_image_data, strict=True)
    record, data = next((r, c) for r, c in rows if r.name == layer)
    wanted, origin, drawn = channels.pixels(Node(record, list(data)), layer)
    assert not drawn
    bounds = Rect(origin.x, origin.y, origin.x + wanted.shape[1], origin.y + wanted.shape[0])
    gradient = Gradient.of(record.tagged_blocks.get_data(Tag.GRADIENT_FILL_SETTING), header.color_mode)
    assert gradient is not None
    colour, opacity = gradient.draw(bounds, bounds.grown(box) if box else channels.canvas)
    seen = wanted[:, :, 3] > 250
    assert np.abs(np.round(colour * 255) - wanted[:, :, :3])[seen if seen.any() else wanted[:, :, 3] > 0].max() <= 1
    if box is None and not seen.all():
        inside = np.abs(np.round(opacity * 255) - wanted[:, :, 3])
        assert inside.max() <= 1 or record.mask_data is not None


def test_linear_runs_from_edge_to_edge() -> None:
    colour, opacity = plain().draw(Rect(0, 0, 8, 2), Rect(0, 0, 8, 2))
    assert np.allclose(colour[0, :, 0], np.arange(8) / 8)
    assert (opacity == 1).all()


def test_reverse_turns_it_round() -> None:
    forwards, _ = plain().draw(Rect(0, 0, 8, 1), Rect(0, 0, 8, 1))
    backwards, _ = plain(reverse=True).draw(Rect(0, 0, 8, 1), Rect(0, 0, 8, 1))
    assert np.allclose(forwards + backwards, 1)


@pytest.mark.parametrize("kind", ["radial", "diamond", "reflected"])
def test_round_kinds_start_in_the_middle(kind: str) -> None:
    colour, _ = plain(kind).draw(Rect(0, 0, 9, 9), Rect(0, 0, 9, 9))
    assert colour[4, 4, 0] == 0
    assert colour[4, 8, 0] == pytest.approx(0.8)


def test_angle_turns_once_around() -> None:
    colour, _ = plain("angle").draw(Rect(0, 0, 20, 20), Rect(0, 0, 20, 20))
    assert colour[10, 19, 0] == pytest.approx(0)
    assert colour[0, 10, 0] == pytest.approx(0.25)
    assert colour[10, 0, 0] == pytest.approx(0.5)


def test_smoothness_eases_half_the_way() -> None:
    colour, _ = plain(smoothness=1).draw(Rect(0, 0, 8, 1), Rect(0, 0, 8, 1))
    way = np.arange(8) / 8
    assert np.allclose(colour[0, :, 0], (way + way * way * (3 - 2 * way)) / 2)
