"""The rows follow the document, whatever happens to it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from studio.core import edits
from studio.core.changes import diff
from studio.core.document import Document
from studio.core.history import LabelledEdit
from studio.core.layers import GroupLayer, LayerId, Layers, Place
from studio.ui.panels.layers.model import RESET_FROM, Column, LayerModel
from tests.support.documents import random_document
from tests.support.edits import edit_calls, edited, unlocked
from tests.ui.panels.layers.gestures import shape


def rows(model: LayerModel, parent: QModelIndex | None = None) -> str:
    """What the model holds, as `shape` tells a document."""
    parent = QModelIndex() if parent is None else parent
    told: list[str] = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        layer = model.layer_at(index)
        assert layer is not None
        inner = f"({rows(model, index)})" if isinstance(layer, GroupLayer) else ""
        told.append(f"{layer.id}{inner}")
    return " ".join(told)


def same_layers(model: LayerModel, layers: Layers) -> bool:
    """Whether every row holds the very layer of the document."""
    return all(
        model.layer_at(model.index_of(layer.id)) is layer
        and (not isinstance(layer, GroupLayer) or same_layers(model, layer.children))
        for layer in layers
    )


@pytest.fixture
def model(document: Document, qapp: object) -> LayerModel:
    model = LayerModel()
    model.show(document)
    return model


def test_stands_as_the_document_does(model: LayerModel, document: Document) -> None:
    assert rows(model) == shape(document.layers) == "tone g(b a) masked ground"
    assert model.depth() == 2
    assert not model.index_of(LayerId("gone")).isValid()


@pytest.mark.parametrize(
    "edit",
    [
        edits.step(edits.move_layers, [LayerId("a")], Place(None, 0)),
        edits.step(edits.move_layers, [LayerId("ground"), LayerId("b")], Place(None, 9)),
        edits.step(edits.move_layers, [LayerId("masked")], Place(LayerId("g"), 1)),
        edits.step(edits.group_layers, [LayerId("a"), LayerId("masked")]),
        edits.step(edits.ungroup, LayerId("g")),
        edits.step(edits.remove_layers, [LayerId("g"), LayerId("ground")]),
        edits.step(edits.duplicate_layers, [LayerId("g")]),
        edits.step(edits.merge_group, LayerId("g"), may_change_look=True),
        edits.step(edits.set_opacity, LayerId("a"), 0.5),
        edits.step(edits.flatten),
    ],
    ids=lambda edit: edit.label,
)
def test_follows_and_comes_back(model: LayerModel, document: Document, edit: LabelledEdit) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    after = edit(document)
    for old, new in ((document, after), (after, document)):
        model.update(new, diff(old, new))
        assert rows(model) == shape(new.layers)
        assert same_layers(model, new.layers)
    tester.deleteLater()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), seed=st.integers(0, 500))
def test_follows_any_edits(data: st.DataObject, seed: int) -> None:
    document = unlocked(random_document(seed, layers=9))
    model = LayerModel()
    model.show(document)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    names = ("move_layers", "group_layers", "ungroup", "remove_layers", "duplicate_layers", "add_layers", "rename")
    for _ in range(data.draw(st.integers(1, 4))):
        name, arguments = data.draw(edit_calls(document, names))
        new = edited(document, name, arguments)
        model.update(new, diff(document, new))
        document = new
        assert rows(model) == shape(document.layers)
        assert same_layers(model, document.layers)
    tester.deleteLater()


def test_a_great_change_lays_all_out_anew(model: LayerModel, document: Document, many: Document) -> None:
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    model.update(many, diff(document, many))
    assert len(resets) == 1
    assert sum(1 for _ in many.walk()) > RESET_FROM
    assert rows(model) == shape(many.layers)


def test_only_what_changed_is_told(model: LayerModel, document: Document) -> None:
    told: list[str] = []
    model.dataChanged.connect(lambda first, *_: told.append(str(first.data())))
    new = edits.set_opacity(document, LayerId("a"), 0.5)
    model.update(new, diff(document, new))
    assert told == ["A"]


def test_hidden_groups_dim_what_they_hold(model: LayerModel, document: Document) -> None:
    new = edits.set_visible(document, LayerId("g"), False)
    model.update(new, diff(document, new))
    assert model.is_dimmed(model.index_of(LayerId("a")))
    assert not model.is_dimmed(model.index_of(LayerId("ground")))


def test_speaks_to_screen_readers(model: LayerModel) -> None:
    role = Qt.ItemDataRole
    index = model.index_of(LayerId("b"))
    assert index.data(role.AccessibleTextRole) == "B"
    assert index.data(role.AccessibleDescriptionRole) == "Pixel layer, Multiply"
    eye = model.index_of(LayerId("b"), Column.EYE)
    assert eye.data(role.AccessibleTextRole) == "B, visible"
    assert Qt.CheckState(eye.data(role.CheckStateRole)) is Qt.CheckState.Checked
