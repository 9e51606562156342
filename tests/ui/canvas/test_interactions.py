"""The drawings that plugins ask for, by mouse and by keyboard: a value in, values out."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.plugin_api.interactions import (
    Box,
    Candidate,
    Candidates,
    HeatMap,
    LabelMap,
    ObjectEntry,
    Operation,
    OperationKind,
    Region,
    Regions,
)
from studio.plugin_api.params import BoxPick, MaskPick, PointPick
from studio.session import Session
from studio.ui.canvas.interactions.boxes import BoxInteraction
from studio.ui.canvas.interactions.candidates import CandidatesInteraction
from studio.ui.canvas.interactions.hover import HoverInteraction, RegionOutline
from studio.ui.canvas.interactions.marked import MarkedObject
from studio.ui.canvas.interactions.operations import OperationsInteraction
from studio.ui.canvas.interactions.picks import PicksInteraction
from studio.ui.canvas.interactions.regions import ObjectsInteraction, RegionsInteraction
from studio.ui.canvas.view import CanvasView
from tests.ui.canvas.conftest import grabbed
from tests.ui.canvas.gestures import at, click, drag, hover, move

NONE = Qt.KeyboardModifier.NoModifier
SHIFT, CONTROL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


def key(canvas: CanvasView, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(canvas.surface, key, modifiers)


def use(canvas: CanvasView, tool: BoxInteraction[Regions]) -> tuple[list[Regions], list[Regions]]:
    """Make it the tool; what it reports while dragging, and at the end of gestures."""
    live: list[Regions] = []
    finished: list[Regions] = []
    tool.changed.connect(live.append)
    tool.finished.connect(finished.append)
    canvas.set_tool(tool)
    return live, finished


class TestRegions:
    """Boxes with labels."""

    @pytest.fixture
    def tool(self) -> RegionsInteraction:
        return RegionsInteraction((Region(box=Box(20, 20, 60, 40), label="sky"), Region(box=Box(60, 40, 80, 60))))

    def test_a_drag_on_the_picture_draws_a_region(self, canvas: CanvasView) -> None:
        tool = RegionsInteraction(())
        live, finished = use(canvas, tool)
        drag(canvas, (100, 50), (150, 60), (160, 90), modifiers=NONE)
        assert finished == [(Region(box=Box(100, 50, 60, 40)),)]
        assert live[-1] == finished[0]
        assert tool.current == 0
        drag(canvas, (250, 180), (210, 150), modifiers=SHIFT)  # up and to the left, as a square
        assert tool.value[1].box == Box(210, 140, 40, 40)

    def test_a_click_draws_nothing_and_lets_go(self, canvas: CanvasView, tool: RegionsInteraction) -> None:
        live, _ = use(canvas, tool)
        tool.set_current(0)
        click(canvas, 280, 180)
        assert live == []
        assert tool.current is None

    def test_the_topmost_box_moves(self, canvas: CanvasView, tool: RegionsInteraction) -> None:
        _, finished = use(canvas, tool)
        drag(canvas, (70, 50), (80, 45), (90, 57))  # both boxes lie here
        assert [region.box for region in finished[0]] == [Box(20, 20, 60, 40), Box(80, 47, 80, 60)]
        assert len(finished) == 1

    def test_moves_snap_unless_control_is_held(self, canvas: CanvasView, tool: RegionsInteraction) -> None:
        use(canvas, tool)
        drag(canvas, (30, 30), (14, 36), modifiers=NONE)
        assert tool.value[0].box == Box(0, 30, 60, 40)  # the canvas's left edge, the square's top edge

    def test_handles_resize_in_proportion_and_from_the_middle(
        self, canvas: CanvasView, tool: RegionsInteraction
    ) -> None:
        use(canvas, tool)
        tool.set_current(0)
        drag(canvas, (80, 60), (100, 90), modifiers=NONE)
        assert tool.value[0].box == Box(20, 20, 80, 70)
        drag(canvas, (100, 90), (140, 90), modifiers=SHIFT)
        assert tool.value[0].box == Box(20, 20, 120, 105)
        drag(canvas, (140, 72), (130, 72), modifiers=ALT)
        assert tool.value[0].box == Box(30, 20, 100, 105)

    def test_escape_takes_a_drag_back(self, canvas: CanvasView, tool: RegionsInteraction) -> None:
        before = tool.value
        _, finished = use(canvas, tool)
        QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 30, 30))
        move(canvas, (90, 90), CONTROL)
        assert tool.value != before
        key(canvas, Qt.Key.Key_Escape)
        QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 90, 90))
        assert tool.value == before
        assert finished == []

    def test_keys_alone_do_everything(self, canvas: CanvasView, tool: RegionsInteraction) -> None:
        edited: list[int] = []
        tool.edit_wanted.connect(edited.append)
        use(canvas, tool)
        key(canvas, Qt.Key.Key_Tab)
        key(canvas, Qt.Key.Key_Tab)
        assert tool.current == 1
        key(canvas, Qt.Key.Key_Right)
        key(canvas, Qt.Key.Key_Down, SHIFT)
        assert tool.value[1].box == Box(61, 50, 80, 60)
        key(canvas, Qt.Key.Key_Left, CONTROL)
        key(canvas, Qt.Key.Key_Down, CONTROL | SHIFT)
        assert tool.value[1].box == Box(61, 50, 79, 70)
        key(canvas, Qt.Key.Key_F2)
        assert edited == [1]
        key(canvas, Qt.Key.Key_Delete)
        assert [region.label for region in tool.value] == ["sky"]
        assert tool.current == 0
        key(canvas, Qt.Key.Key_Insert)
        assert len(tool.value) == 2
        key(canvas, Qt.Key.Key_Escape)
        assert tool.current is None

    def test_the_focus_leaves_after_the_last_box(self, canvas: CanvasView, tool: RegionsInteraction) -> None:
        use(canvas, tool)
        tool.set_current(1)
        key(canvas, Qt.Key.Key_Tab)
        assert tool.current is None

    def test_a_double_click_asks_for_the_label(
        self, canvas: CanvasView, tool: RegionsInteraction, qtbot: QtBot
    ) -> None:
        use(canvas, tool)
        with qtbot.waitSignal(tool.edit_wanted) as told:
            QTest.mouseDClick(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 30, 30))
        assert told.args == [0]

    def test_the_status_says_where_the_box_is(self, canvas: CanvasView, tool: RegionsInteraction) -> None:
        said: list[str] = []
        canvas.status.connect(said.append)
        use(canvas, tool)
        tool.set_current(0)
        assert said[-1] == "1 of 2: sky, 60 x 40 px at 20, 20"
        assert canvas.surface.accessibleDescription() == said[-1]

    def test_a_new_value_lets_go_of_a_box_that_is_gone(self, canvas: CanvasView, tool: RegionsInteraction) -> None:
        live, _ = use(canvas, tool)
        tool.set_current(1)
        tool.set_value(tool.value[:1])
        assert tool.current is None
        assert live == []

    @pytest.mark.parametrize("angle", [0, 90, 30])
    def test_boxes_are_painted_where_they_are(self, canvas: CanvasView, tool: RegionsInteraction, angle: float) -> None:
        canvas.rotate_to(angle)
        plain = grabbed(canvas.surface).astype(int)
        use(canvas, tool)
        painted = np.abs(grabbed(canvas.surface).astype(int) - plain).max(axis=-1) > 20
        for x, y, expected in ((20, 40, True), (100, 100, True), (200, 150, False)):
            view_x, view_y = (int(value) for value in canvas.transform.to_view(x, y))
            assert painted[view_y - 2 : view_y + 3, view_x - 2 : view_x + 3].any() == expected


class TestObjects:
    """Boxes with phrase and colour."""

    def test_new_objects_get_colors_of_their_own(self, canvas: CanvasView) -> None:
        tool = ObjectsInteraction((ObjectEntry(box=Box(0, 0, 30, 30), phrase="a red car", color="#e4572e"),))
        canvas.set_tool(tool)
        drag(canvas, (100, 50), (160, 90), modifiers=NONE)
        drag(canvas, (200, 50), (260, 90), modifiers=NONE)
        assert len({entry.color for entry in tool.value}) == 3
        drag(canvas, (220, 60), (225, 70))
        assert tool.value[2].box == Box(205, 60, 60, 40)
        key(canvas, Qt.Key.Key_Backspace)
        assert [entry.phrase for entry in tool.value] == ["a red car", ""]


class TestPicks:
    """Objects marked by point, box and mask."""

    def test_a_click_marks_a_point_and_a_drag_a_box_frontmost_first(self, canvas: CanvasView) -> None:
        tool = PicksInteraction()
        canvas.set_tool(tool)
        click(canvas, 50, 40)
        drag(canvas, (100, 50), (160, 90), modifiers=NONE)
        assert tool.value == (BoxPick(x=100, y=50, width=60, height=40), PointPick(x=50, y=40))

    def test_points_are_moved_and_deleted_but_not_resized(self, canvas: CanvasView) -> None:
        tool = PicksInteraction((PointPick(x=50, y=40, name="pear"),))
        canvas.set_tool(tool)
        drag(canvas, (50.5, 40.5), (80.5, 60.5))
        assert tool.value == (PointPick(x=80, y=60, name="pear"),)
        key(canvas, Qt.Key.Key_Right, CONTROL)
        assert tool.value == (PointPick(x=80, y=60, name="pear"),)
        key(canvas, Qt.Key.Key_Delete)
        assert tool.value == ()

    def test_a_click_beside_the_canvas_marks_nothing(self, canvas: CanvasView) -> None:
        tool = PicksInteraction()
        canvas.set_tool(tool)
        click(canvas, -20, 40)
        assert tool.value == ()

    def test_masks_are_shown_stay_and_can_be_deleted(self, canvas: CanvasView) -> None:
        tool = PicksInteraction((MaskPick(array="m", name="mug"),))
        mask = np.zeros((200, 300), np.uint8)
        mask[50:90, 100:160] = 255
        canvas.set_tool(tool)
        plain = grabbed(canvas.surface)
        tool.set_masks({"m": mask})
        assert (grabbed(canvas.surface) != plain).any()
        drag(canvas, (120, 70), (180, 70))
        assert tool.value == (MaskPick(array="m", name="mug"),)
        key(canvas, Qt.Key.Key_Delete)
        assert tool.value == ()

    def test_the_region_under_the_pointer_is_outlined(self, canvas: CanvasView, qtbot: QtBot) -> None:
        labels = np.zeros((200, 300), np.int32)
        labels[40:120, 60:200] = 7
        tool = PicksInteraction()
        tool.set_label_maps((LabelMap(labels),))
        canvas.set_tool(tool)
        plain = grabbed(canvas.surface)
        hover(canvas, 100, 80)
        outlined = (grabbed(canvas.surface) != plain).any(axis=-1)
        x, y = (int(value) for value in canvas.transform.to_view(60, 80))
        assert outlined[y, x - 2 : x + 3].any()
        assert outlined[y, x + 20 : x + 60].all()  # tinted
        assert not outlined[y, x - 60 : x - 20].any()
        hover(canvas, 250, 180)
        np.testing.assert_array_equal(grabbed(canvas.surface), plain)

    @pytest.fixture
    def known(self, canvas: CanvasView) -> PicksInteraction:
        """A tool on a picture of one object of two parts: columns 60 to 130 and 130 to 200."""
        whole, parts = np.zeros((200, 300), np.int32), np.full((200, 300), 1, np.int32)
        whole[40:120, 60:200] = 1
        parts[40:120, 60:130], parts[40:120, 130:200] = 2, 3
        tool = PicksInteraction()
        tool.set_label_maps((LabelMap(whole), LabelMap(parts)))
        canvas.set_tool(tool)
        return tool

    @staticmethod
    def columns(tool: PicksInteraction) -> list[tuple[int, int]]:
        """First and last column of each marked object, front-most first."""
        found: list[tuple[int, int]] = []
        for pick in tool.value:
            assert isinstance(pick, MaskPick)
            inside = np.flatnonzero(tool.masks[pick.array].any(axis=0))
            found.append((int(inside[0]), int(inside[-1])))
        return found

    def test_a_click_marks_just_what_is_outlined(self, canvas: CanvasView, known: PicksInteraction) -> None:
        told: list[str] = []
        known.masked.connect(lambda name, mask: told.append(name))
        click(canvas, 100, 80)
        assert self.columns(known) == [(60, 199)]
        assert told == list(known.masks)
        click(canvas, 250, 180)  # where no object is known
        assert known.value[0] == PointPick(x=250, y=180)

    def test_control_marks_a_part_shift_adds_and_alt_takes_away(
        self, canvas: CanvasView, known: PicksInteraction
    ) -> None:
        click(canvas, 100, 80, modifiers=CONTROL)
        assert self.columns(known) == [(60, 129)]
        click(canvas, 180, 80, modifiers=CONTROL | SHIFT)
        assert self.columns(known) == [(60, 199)]
        click(canvas, 100, 80, modifiers=CONTROL | ALT)
        assert self.columns(known) == [(130, 199)]
        click(canvas, 180, 80, modifiers=ALT)
        assert known.value == ()

    def test_a_click_beside_a_marked_object_but_in_its_box_marks_another(
        self, canvas: CanvasView, known: PicksInteraction
    ) -> None:
        mask = np.zeros((200, 300), np.uint8)
        mask[40:120, 60:70], mask[110:120, 60:200] = 255, 255
        known.set_masks({"m": mask})
        known.set_value((MaskPick(array="m"),))
        click(canvas, 65, 80)
        assert (len(known.value), known.current) == (1, 0)
        click(canvas, 150, 80)
        assert len(known.value) == 2

    def test_outlines_and_masks_go_when_nothing_needs_them(
        self, canvas: CanvasView, known: PicksInteraction, qtbot: QtBot
    ) -> None:
        maps = tuple(level.map for level in known.findChildren(RegionOutline))
        labels = np.zeros((200, 300), np.int32)
        labels[:50, :50] = 1
        other = LabelMap(labels)
        for _ in range(3):
            known.set_label_maps((other, other))
            known.set_label_maps(tuple(one for one in maps if one is not None))
        assert tuple(level.map for level in known.findChildren(RegionOutline)) == maps
        assert other.boxes is other.boxes
        known.set_label_maps((other,))
        qtbot.waitUntil(lambda: len(known.findChildren(RegionOutline)) == 1)
        names: list[str] = []
        known.masked.connect(lambda name, mask: names.append(name))
        for _ in range(3):
            click(canvas, 20, 20)
            key(canvas, Qt.Key.Key_Delete)
        assert names == ["object1", "object2", "object3"]  # a name never means another mask
        assert known.masks == {}
        qtbot.waitUntil(lambda: known.findChildren(MarkedObject) == [])
        click(canvas, 20, 20)
        known.set_value(())
        qtbot.waitUntil(lambda: known.findChildren(MarkedObject) == [])

    def test_a_coarse_map_is_enlarged_with_smooth_edges(self, canvas: CanvasView) -> None:
        labels = np.zeros((50, 75), np.int32)
        y, x = np.mgrid[0:50, 0:75]
        labels[np.hypot(y - 25, x - 37) < 15] = 1
        tool = PicksInteraction()
        tool.set_label_maps((LabelMap(labels, step=4),))
        canvas.set_tool(tool)
        click(canvas, 150, 100)
        (mask,) = tool.masks.values()
        y, x = np.mgrid[0:200, 0:300]
        disc = np.hypot(y - 101.5, x - 149.5) < 60
        assert mask.shape == (200, 300)
        assert ((mask > 0) != disc).sum() < 0.06 * disc.sum()


class TestHover:
    """Choosing a region of a label map."""

    @pytest.fixture
    def tool(self) -> HoverInteraction:
        labels = np.zeros((200, 300), np.int32)
        labels[10:50, 10:50] = 4
        labels[60:150, 100:200] = 2
        return HoverInteraction(LabelMap(labels))

    def test_a_click_chooses_the_region(self, canvas: CanvasView, tool: HoverInteraction) -> None:
        chosen: list[int] = []
        tool.changed.connect(chosen.append)
        canvas.set_tool(tool)
        click(canvas, 150, 100)
        click(canvas, 290, 190)
        assert chosen == [2]
        assert tool.value == 2

    def test_tab_and_return_choose(self, canvas: CanvasView, tool: HoverInteraction) -> None:
        chosen: list[int] = []
        tool.changed.connect(chosen.append)
        canvas.set_tool(tool)
        key(canvas, Qt.Key.Key_Tab)
        key(canvas, Qt.Key.Key_Return)
        key(canvas, Qt.Key.Key_Tab)
        key(canvas, Qt.Key.Key_Return)
        assert chosen == [4, 2]


class TestOperations:
    """Boxes that say where an object goes."""

    SOURCE = Box(40, 30, 80, 60)

    @pytest.fixture
    def tool(self) -> OperationsInteraction:
        return OperationsInteraction((Operation(layer="square", source=self.SOURCE, target=self.SOURCE),))

    def test_dragging_moves_the_target_and_leaves_the_document(
        self, canvas: CanvasView, session: Session, tool: OperationsInteraction
    ) -> None:
        before = session.document
        canvas.set_tool(tool)
        drag(canvas, (60, 50), (160, 110))
        assert tool.value == (Operation(layer="square", source=self.SOURCE, target=Box(140, 90, 80, 60)),)
        drag(canvas, (220, 150), (260, 190), modifiers=NONE)
        assert tool.value[0].target == Box(140, 90, 120, 100)
        assert session.document is before

    def test_the_ghost_shows_the_object_at_its_target(
        self, canvas: CanvasView, qtbot: QtBot, tool: OperationsInteraction
    ) -> None:
        canvas.set_tool(tool)
        with qtbot.waitSignal(tool.repaint):
            pass
        drag(canvas, (60, 50), (200, 130))
        tool.set_current(None)
        x, y = (int(value) for value in canvas.transform.to_view(240, 150))
        red, green, blue = (int(value) for value in grabbed(canvas.surface)[y, x])
        assert red > green + 60
        assert red > blue + 60

    def test_delete_makes_it_a_removal_and_dragging_a_move_again(
        self, canvas: CanvasView, tool: OperationsInteraction
    ) -> None:
        canvas.set_tool(tool)
        tool.set_current(0)
        key(canvas, Qt.Key.Key_Delete)
        assert tool.value[0].kind is OperationKind.REMOVE
        drag(canvas, (60, 50), (80, 50))
        assert tool.value[0] == Operation(layer="square", source=self.SOURCE, target=Box(60, 30, 80, 60))


class TestCandidates:
    """Suggested places over a heat map."""

    @pytest.fixture
    def tool(self) -> CandidatesInteraction:
        places = (Candidate(box=Box(20, 20, 60, 60), score=0.9), Candidate(box=Box(40, 40, 120, 100), score=0.5))
        return CandidatesInteraction(Candidates(places=places))

    def test_a_click_chooses_and_another_place_lets_go(self, canvas: CanvasView, tool: CandidatesInteraction) -> None:
        told: list[Candidates] = []
        tool.changed.connect(told.append)
        canvas.set_tool(tool)
        click(canvas, 50, 50)  # in both: the smaller one
        click(canvas, 120, 120)
        click(canvas, 280, 180)
        assert [value.chosen for value in told] == [0, 1, None]

    def test_numbers_tab_and_return(self, canvas: CanvasView, tool: CandidatesInteraction, qtbot: QtBot) -> None:
        canvas.set_tool(tool)
        key(canvas, Qt.Key.Key_2)
        assert tool.value.choice == tool.value.places[1]
        key(canvas, Qt.Key.Key_9)
        key(canvas, Qt.Key.Key_Backtab, SHIFT)
        assert tool.value.chosen == 0
        with qtbot.waitSignal(tool.accepted):
            key(canvas, Qt.Key.Key_Return)
        key(canvas, Qt.Key.Key_Escape)
        assert tool.value.chosen is None

    def test_the_heat_map_lies_over_its_area(self, canvas: CanvasView, tool: CandidatesInteraction) -> None:
        canvas.set_tool(CandidatesInteraction(Candidates()))
        plain = grabbed(canvas.surface).astype(int)
        tool = CandidatesInteraction(Candidates())
        values = np.zeros((2, 4), np.float32)
        values[:, 2:] = 1
        tool.set_heat(HeatMap(values, Box(0, 0, 300, 200)))
        canvas.set_tool(tool)
        change = np.abs(grabbed(canvas.surface).astype(int) - plain).max(axis=-1)
        (left_x, left_y), (right_x, right_y) = canvas.transform.to_view(20, 100), canvas.transform.to_view(280, 100)
        assert change[int(left_y), int(left_x)] <= 2
        assert change[int(right_y), int(right_x)] > 40


def test_a_tool_that_is_put_away_gives_up_its_gesture(canvas: CanvasView) -> None:
    tool = RegionsInteraction((Region(box=Box(20, 20, 60, 40)),))
    canvas.set_tool(tool)
    QTest.mousePress(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 30, 30))
    move(canvas, (90, 90), CONTROL)
    canvas.set_tool(RegionsInteraction(()))
    assert tool.value == (Region(box=Box(20, 20, 60, 40)),)
    QTest.mouseRelease(canvas.surface, Qt.MouseButton.LeftButton, NONE, at(canvas, 90, 90))


def test_every_part_of_the_canvas_has_a_name(canvas: CanvasView) -> None:
    unnamed = [child for child in canvas.findChildren(QWidget) if not child.accessibleName()]
    assert unnamed == []
