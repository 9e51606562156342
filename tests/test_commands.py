"""The table of commands: what edits become, from JSON values to a changed document."""

from __future__ import annotations

import numpy as np
import pytest

from studio import commands
from studio.core.document import Document
from studio.core.errors import UsageError
from studio.core.geometry import Size
from studio.core.layers import LayerId, RasterLayer
from studio.core.pixels import PixelBuffer
from studio.session import Session


@pytest.fixture
def session() -> Session:
    """A session with one white and one half-covered layer."""
    white = np.full((20, 30, 4), 255, np.uint8)
    half = np.zeros((20, 30, 4), np.uint8)
    half[:, :15] = (255, 0, 0, 255)
    layers = (
        RasterLayer(id=LayerId("1"), name="Paper", pixels=PixelBuffer.from_array(white)),
        RasterLayer(id=LayerId("2"), name="Half", pixels=PixelBuffer.from_array(half)),
    )
    session = Session()
    session.start(Document(size=Size(30, 20), layers=layers))
    return session


def covered(session: Session) -> list[list[int]]:
    selection = session.document.selection
    assert selection is not None
    return selection.read().tolist()


def run(session: Session, command: str, **told: object) -> None:
    commands.get(command).call(session, told)


def test_shapes_combine_by_name(session: Session) -> None:
    run(session, "select_rectangle", rect={"left": 2, "top": 3, "right": 9, "bottom": 9})
    run(session, "select_ellipse", rect={"left": 0, "top": 0, "right": 30, "bottom": 20}, combine="subtract")
    assert session.history.undo_label == "Select ellipse"
    run(session, "select_polygon", points=[[0, 0], [30, 0], [0, 20]], antialias=False)
    assert sum(sum(row) for row in covered(session)) == 300 * 255


def test_layers_are_named_also_where_they_may_be_left_out(session: Session) -> None:
    run(session, "select_similar", at={"x": 1, "y": 1}, tolerance=5, source="Half")
    assert covered(session) == [[255] * 15 + [0] * 15] * 20
    run(session, "select_layer", layer_id="Paper")
    run(session, "save_selection", name="all")
    run(session, "fill_selected", layer_id="Half", color=[0, 0, 1])
    run(session, "layer_via_copy", layer_id="Half", new_id="copy")
    assert [layer.id for layer in session.document.layers] == ["1", "2", "copy"]
    with pytest.raises(UsageError, match="no layer “Gone”"):
        run(session, "select_luminosity", source="Gone")


def test_what_json_cannot_say_is_no_command() -> None:
    assert {"set_selection", "combine_selection", "write_pixels", "set_mask"}.isdisjoint(commands.table())
    assert {"select_all", "load_channel", "feather_selection", "mask_from_selection"} <= set(commands.table())


def test_wrong_values_name_the_parameter(session: Session) -> None:
    with pytest.raises(UsageError, match="combine"):
        run(session, "select_rectangle", rect={"left": 0, "top": 0, "right": 4, "bottom": 4}, combine="xor")
