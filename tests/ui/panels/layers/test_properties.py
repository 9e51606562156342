"""The properties panel: masks, adjustments and their histogram, how a layer was made."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.core import edits
from studio.core.adjustments import (
    Adjustment,
    BrightnessContrast,
    ColorBalance,
    Curves,
    HueSaturation,
    Levels,
    LevelsBand,
)
from studio.core.document import Document
from studio.core.layers import AdjustmentLayer, LayerId, Place, Provenance
from studio.session import Session
from studio.ui.panels.properties import PropertiesPanel
from studio.ui.panels.properties.curves import CurvesEditor
from studio.ui.panels.properties.histogram import below_layer
from studio.ui.panels.properties.levels import LevelsEditor
from studio.ui.panels.properties.sliders import BrightnessContrastEditor, ColorBalanceEditor, HueSaturationEditor
from tests.ui.panels.layers.gestures import LEFT, move

TONE = LayerId("tone")


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication, session: Session, document: Document) -> Iterator[PropertiesPanel]:
    session.start(document)
    made = PropertiesPanel(session)
    qtbot.addWidget(made)
    made.resize(300, 700)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.release()


def put(session: Session, adjustment: Adjustment) -> None:
    """An adjustment on top of everything, chosen."""
    layer = AdjustmentLayer(id=LayerId("new"), name="new", adjustment=adjustment)
    session.history.apply(edits.step(edits.add_layers, (layer,), Place(None, 99)))
    session.select([layer.id])


def adjustment(session: Session) -> Adjustment:
    layer = session.document.layer(session.selection[0])
    assert isinstance(layer, AdjustmentLayer)
    return layer.adjustment


def drag(widget: QWidget, *points: QPoint) -> None:
    QTest.mousePress(widget, LEFT, pos=points[0])
    for point in points[1:]:
        move(widget, point)
    QTest.mouseRelease(widget, LEFT, pos=points[-1])


class TestPages:
    def test_needs_one_layer(self, panel: PropertiesPanel, session: Session) -> None:
        assert panel.pages.currentIndex() == 0
        session.select([TONE, LayerId("ground")])
        assert panel.pages.currentWidget() is panel.empty
        session.select([LayerId("ground")])
        assert panel.title.text() == "Ground · Pixel layer"
        session.shut()
        assert panel.pages.currentWidget() is panel.empty

    @pytest.mark.parametrize("kind", [Levels, Curves, HueSaturation, BrightnessContrast, ColorBalance])
    def test_shows_the_editor_of_the_kind(
        self, panel: PropertiesPanel, session: Session, kind: type[Adjustment]
    ) -> None:
        put(session, kind())
        assert [of for of, editor in panel.editors.items() if editor.isVisible()] == [kind]

    def test_reset(self, panel: PropertiesPanel, session: Session, qtbot: QtBot) -> None:
        put(session, ColorBalance(shadows=(9, 9, 9)))
        qtbot.mouseClick(panel.reset, LEFT)
        assert adjustment(session) == ColorBalance()


class TestMask:
    def test_a_density_typed_while_the_document_is_closed_goes_nowhere(
        self, panel: PropertiesPanel, session: Session
    ) -> None:
        session.select([LayerId("masked")])
        field = panel.mask_part.density.field
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, "40")
        session.shut()
        field.clearFocus()
        assert not session.has_document
        field.setValue(30)  # as a late focus-out does
        assert panel.pages.currentWidget() is panel.empty

    def test_switches_and_density(self, panel: PropertiesPanel, session: Session, qtbot: QtBot) -> None:
        session.select([LayerId("masked")])
        part = panel.mask_part
        for box in (part.enabled, part.linked):
            QTest.keyClick(box, Qt.Key.Key_Space)
        slider = part.density.slider
        drag(slider, *(QPoint(round(share * slider.width()), slider.height() // 2) for share in (0.8, 0.6, 0.4)))
        mask = session.document.layer(LayerId("masked")).mask
        assert mask is not None
        assert (mask.enabled, mask.linked) == (False, False)
        assert 0.3 < mask.density < 0.5
        assert session.history.labels == ("", "Turn mask on or off", "Link mask", "Change mask density")

    def test_says_when_there_is_none(self, panel: PropertiesPanel, session: Session) -> None:
        session.select([LayerId("ground")])
        assert not panel.mask_part.enabled.isVisible()
        assert not panel.mask_part.density.isVisible()


class TestLevels:
    def test_handles(self, panel: PropertiesPanel, session: Session) -> None:
        put(session, Levels())
        editor = panel.editors[Levels]
        assert isinstance(editor, LevelsEditor)
        graph = editor.graph
        start = graph.place("black").toPoint()
        drag(graph, start, start + QPoint(20, 0), start + QPoint(40, 0))
        band = adjustment(session)
        assert isinstance(band, Levels)
        assert 20 < band.rgb.black < 60
        assert len(session.history.labels) == 3
        middle = graph.place("gamma").toPoint()
        drag(graph, middle, middle - QPoint(30, 0))
        white = graph.place("white").toPoint()
        drag(graph, white, white - QPoint(30, 0))
        band = adjustment(session)
        assert isinstance(band, Levels)
        assert band.rgb.gamma > 1.1
        assert band.rgb.white < 240
        assert session.document.check() == []

    def test_handles_do_not_cross(self, panel: PropertiesPanel, session: Session) -> None:
        put(session, Levels(rgb=LevelsBand(black=100, white=120)))
        editor = panel.editors[Levels]
        assert isinstance(editor, LevelsEditor)
        start = editor.graph.place("black").toPoint()
        drag(editor.graph, start, QPoint(editor.graph.width(), start.y()))
        band = adjustment(session)
        assert isinstance(band, Levels)
        assert band.rgb.black == 118

    def test_numbers_of_one_channel(self, panel: PropertiesPanel, session: Session, qtbot: QtBot) -> None:
        put(session, Levels())
        editor = panel.editors[Levels]
        assert isinstance(editor, LevelsEditor)
        qtbot.keyClick(editor.channel, Qt.Key.Key_Down)
        for box, value in ((editor.gamma, "1.5"), (editor.out_white, "200")):
            box.selectAll()
            qtbot.keyClicks(box, value)
            qtbot.keyClick(box, Qt.Key.Key_Return)
        assert adjustment(session) == Levels(red=LevelsBand(gamma=1.5, out_white=200))

    def test_the_histogram_counts_what_lies_below(self, panel: PropertiesPanel, session: Session, qtbot: QtBot) -> None:
        session.select([LayerId("ground")])
        session.history.apply(edits.step(edits.remove_layers, [LayerId("masked"), LayerId("g"), TONE]))
        with qtbot.waitSignal(panel.histogram.counted) as counted:
            put(session, Levels())
        assert counted.args is not None
        counts = counted.args[0]
        assert [int(np.argmax(row)) for row in counts] == [20, 60, 200]
        assert counts.sum() == 3 * 64 * 48
        panel.editors[Levels].show_adjustment(Levels(rgb=LevelsBand(black=9)))
        assert panel.histogram.is_idle

    def test_below_means_in_the_group_too(self, session: Session, document: Document) -> None:
        session.start(document)
        assert [layer.id for layer in below_layer(session.document, LayerId("b")).walk()] == ["ground", "masked", "a"]
        assert below_layer(session.document, LayerId("gone")).layers == ()


class TestCurves:
    @pytest.fixture
    def editor(self, panel: PropertiesPanel, session: Session) -> CurvesEditor:
        put(session, Curves())
        editor = panel.editors[Curves]
        assert isinstance(editor, CurvesEditor)
        return editor

    def points(self, session: Session) -> tuple[tuple[int, int], ...]:
        curves = adjustment(session)
        assert isinstance(curves, Curves)
        return curves.rgb

    def test_a_click_adds_a_drag_moves_dragging_out_removes(self, editor: CurvesEditor, session: Session) -> None:
        graph = editor.graph
        drag(graph, graph.place(128, 128).toPoint(), graph.place(128, 180).toPoint())
        (low, middle, high) = self.points(session)
        assert (low, high) == ((0, 0), (255, 255))
        assert abs(middle[0] - 128) <= 2
        assert abs(middle[1] - 180) <= 2
        assert session.history.undo_label == "Change adjustment"
        before = len(session.history.labels)
        drag(graph, graph.place(*middle).toPoint(), QPoint(graph.width() + 80, 40))
        assert self.points(session) == ((0, 0), (255, 255))
        assert len(session.history.labels) == before + 1

    def test_keys_alone_do_all(self, editor: CurvesEditor, session: Session, qtbot: QtBot) -> None:
        graph = editor.graph
        qtbot.keyClick(graph, Qt.Key.Key_Insert)
        assert self.points(session) == ((0, 0), (127, 127), (255, 255))
        qtbot.keyClick(graph, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
        qtbot.keyClick(graph, Qt.Key.Key_Left)
        assert self.points(session) == ((0, 0), (126, 137), (255, 255))
        assert graph.accessibleDescription() == "point 2 of 3: 126 becomes 137"
        qtbot.keyClick(graph, Qt.Key.Key_PageUp)
        qtbot.keyClick(graph, Qt.Key.Key_Down)
        assert self.points(session)[-1] == (255, 254)
        qtbot.keyClick(graph, Qt.Key.Key_PageDown)
        qtbot.keyClick(graph, Qt.Key.Key_Delete)
        assert self.points(session) == ((0, 0), (255, 254))

    def test_the_ends_stay(self, editor: CurvesEditor, session: Session, qtbot: QtBot) -> None:
        qtbot.keyClick(editor.graph, Qt.Key.Key_Delete)
        assert self.points(session) == ((0, 0), (255, 255))

    def test_numbers_move_the_chosen_point(self, editor: CurvesEditor, session: Session, qtbot: QtBot) -> None:
        qtbot.keyClick(editor.graph, Qt.Key.Key_Insert)
        editor.output.selectAll()
        qtbot.keyClicks(editor.output, "90")
        qtbot.keyClick(editor.output, Qt.Key.Key_Return)
        assert self.points(session)[1] == (127, 90)

    def test_never_more_points_than_a_file_holds(self, editor: CurvesEditor, session: Session, qtbot: QtBot) -> None:
        for _ in range(25):
            qtbot.keyClick(editor.graph, Qt.Key.Key_Insert)
        assert len(self.points(session)) == 19


class TestSliders:
    def test_brightness_and_legacy(self, panel: PropertiesPanel, session: Session) -> None:
        session.select([TONE])
        editor = panel.editors[BrightnessContrast]
        assert isinstance(editor, BrightnessContrastEditor)
        QTest.keyClick(editor.brightness.slider, Qt.Key.Key_End)
        assert adjustment(session) == BrightnessContrast(brightness=150)
        QTest.keyClick(editor.legacy, Qt.Key.Key_Space)
        assert adjustment(session) == BrightnessContrast(brightness=100, legacy=True)

    def test_hue_of_all_and_of_one_range(self, panel: PropertiesPanel, session: Session) -> None:
        put(session, HueSaturation())
        editor = panel.editors[HueSaturation]
        assert isinstance(editor, HueSaturationEditor)
        QTest.keyClick(editor.saturation.slider, Qt.Key.Key_Home)
        QTest.keyClick(editor.range, Qt.Key.Key_Down)
        QTest.keyClick(editor.hue.slider, Qt.Key.Key_End)
        told = adjustment(session)
        assert isinstance(told, HueSaturation)
        assert (told.saturation, [part.hue for part in told.ranges]) == (-100, [180])
        assert told.ranges[0].angles == (315, 345, 15, 45)
        editor.hue.field.setValue(0)
        assert adjustment(session) == HueSaturation(saturation=-100)
        QTest.keyClick(editor.colorize, Qt.Key.Key_Space)
        assert adjustment(session) == HueSaturation(saturation=25, colorize=True)

    def test_balance_by_tones(self, panel: PropertiesPanel, session: Session) -> None:
        put(session, ColorBalance())
        editor = panel.editors[ColorBalance]
        assert isinstance(editor, ColorBalanceEditor)
        QTest.keyClick(editor.amounts[0].slider, Qt.Key.Key_Right)
        QTest.keyClick(editor.tones, Qt.Key.Key_Down)
        QTest.keyClick(editor.amounts[2].slider, Qt.Key.Key_Left)
        QTest.keyClick(editor.keep, Qt.Key.Key_Space)
        assert adjustment(session) == ColorBalance(midtones=(1, 0, 0), highlights=(0, 0, -1), preserve_luminosity=False)


def test_how_it_was_made_can_be_read(panel: PropertiesPanel, session: Session, qtbot: QtBot) -> None:
    record = Provenance(
        plugin="layer_decomp",
        engine="tiny",
        model_id="lamina/cut",
        licence="Apache-2.0",
        prompt="ein Apfel",
        seed=7,
        created="2026-05-04T03:02:01Z",
    )
    session.history.apply(edits.step(edits.set_provenance, LayerId("ground"), record))
    session.select([LayerId("ground")])
    wanted = {"layer_decomp", "tiny", "lamina/cut", "Apache-2.0", "ein Apfel", "7", "2026-05-04 03:02:01 UTC"}
    qtbot.waitUntil(lambda: wanted <= {label.text() for label in panel.made.findChildren(QLabel) if label.isVisible()})
    session.select([TONE])
    assert not panel.made.isVisible()
