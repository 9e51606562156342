"""Layouts of rows, and guidance over them."""

from __future__ import annotations

import pytest
import torch

from studio.core.errors import JobCancelled, ShapeError
from studio.diffusion.guidance import classifier_free
from studio.diffusion.noise import gaussian
from studio.diffusion.rows import Role, Row, Rows
from studio.diffusion.run_state import RunState


def test_the_stock_order_is_all_negative_then_all_positive() -> None:
    rows = Rows.guided(2, tags=("house", "tree"))
    assert [(row.role, row.item, row.tag) for row in rows] == [
        (Role.NEGATIVE, 0, "house"),
        (Role.NEGATIVE, 1, "tree"),
        (Role.POSITIVE, 0, "house"),
        (Role.POSITIVE, 1, "tree"),
    ]
    assert rows.indices(Role.POSITIVE) == (2, 3)
    assert rows.indices(item=1) == (1, 3)
    assert rows.indices(Role.NEGATIVE, tag="tree") == (1,)
    assert (len(rows), rows.items, Rows.plain(3).items, Rows(()).items) == (4, 2, 3, 0)


def test_each_row_gets_the_latents_of_its_item() -> None:
    per_item = gaussian((2, 3), 1)
    assert torch.equal(Rows.guided(2).gather(per_item), per_item.repeat(2, 1))
    assert Rows.plain(2).gather(per_item) is per_item
    rows = Rows((Row(Role.POSITIVE, 1), Row(Role.POSITIVE, 0), Row(Role.NEGATIVE, 1)))
    assert torch.equal(rows.gather(per_item), per_item[[1, 0, 1]])
    with pytest.raises(ShapeError, match="2 items, but 3"):
        rows.gather(gaussian((3, 3), 1))


def test_tags_are_given_to_all_items_or_none() -> None:
    with pytest.raises(ShapeError, match="tags"):
        Rows.guided(2, tags=("house",))


def test_guidance_is_the_formula_for_every_item() -> None:
    prediction = gaussian((4, 2, 3), 1)
    negative, positive = prediction[:2], prediction[2:]
    assert torch.equal(classifier_free(prediction, Rows.guided(2), 7.5), negative + 7.5 * (positive - negative))
    scales = classifier_free(prediction, Rows.guided(2), (1.0, 3.0))
    assert (scales[0] - positive[0]).abs().max() <= 1e-6
    assert torch.equal(scales[1], negative[1] + 3.0 * (positive[1] - negative[1]))


def test_items_without_a_negative_row_keep_their_prediction() -> None:
    rows = Rows((Row(Role.POSITIVE, 0), Row(Role.POSITIVE, 1), Row(Role.NEGATIVE, 1)))
    prediction = gaussian((3, 5), 2)
    guided = classifier_free(prediction, rows, 4.0)
    assert torch.equal(guided[0], prediction[0])
    assert torch.equal(guided[1], prediction[2] + 4.0 * (prediction[1] - prediction[2]))
    assert torch.equal(classifier_free(prediction[:2], Rows.plain(2), 4.0), prediction[:2])


@pytest.mark.parametrize(
    "rows",
    [
        (Row(Role.POSITIVE, 0), Row(Role.POSITIVE, 0)),
        (Row(Role.NEGATIVE, 0), Row(Role.NEGATIVE, 0)),
        (Row(Role.POSITIVE, 1), Row(Role.NEGATIVE, 1)),
        (Row(Role.POSITIVE, 0),),
    ],
)
def test_layouts_that_guidance_cannot_use_are_refused(rows: tuple[Row, ...]) -> None:
    with pytest.raises(ShapeError):
        classifier_free(gaussian((2, 5), 1), Rows(rows), 2.0)


def test_scales_must_be_one_per_item() -> None:
    with pytest.raises(ShapeError, match="guidance scales"):
        classifier_free(gaussian((4, 5), 1), Rows.guided(2), (1.0, 2.0, 3.0))


def test_a_smaller_pass_describes_only_its_rows_and_is_undone() -> None:
    rows = Rows.guided(2)
    run = RunState(rows)
    with run.passing(rows.part(2, 4)):
        assert [row.role for row in run.rows] == [Role.POSITIVE] * 2
    assert run.rows is rows
    with pytest.raises(JobCancelled), run.passing(rows.part(0, 2)):
        raise JobCancelled
    assert run.rows is rows
