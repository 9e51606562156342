"""How well placements are found, judged by the rule of the practice world rather than by the one box that was there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.synth.dice import Dice
from studio.synth.splits import Split, split_seed

from .bins import Bins, Place, Scores, Shape, at_scale, best_places, best_scale, scale_of, with_scale
from .method import tensor
from .network import BoxRegression, TopNet
from .scenes import Task, stranger, task

COUNT = 5
GOOD_IOU = 0.5
_BATCH = 32
Score = Callable[[Sequence[Task]], NDArray[np.float32]]
"""Scores (B, S, G, G) of tasks."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What was found for one task: the best boxes, the size at the true place, the best box of the true size."""

    task: Task
    places: tuple[Place, ...]
    scale_there: float | None
    at_true_size: Place | None

    @property
    def plausible(self) -> tuple[bool, ...]:
        """Whether the rule allows each of the boxes."""
        return tuple(_is_plausible(self.task, place) for place in self.places)

    @property
    def ious(self) -> tuple[float, ...]:
        """Of each box with the one that was there."""
        return tuple(box_iou(shares(place, self.task.picture), self.task.box) for place in self.places)


def network_scores(network: TopNet) -> Score:
    """Score tasks with a network."""

    def score(tasks: Sequence[Task]) -> NDArray[np.float32]:
        with torch.inference_mode():
            return network(*_inputs(tasks, network.device)).float().cpu().numpy()

    return score


def _inputs(tasks: Sequence[Task], device: torch.device) -> tuple[Tensor, Tensor]:
    background = tensor(np.stack([one.background for one in tasks]))
    return background.to(device), tensor(np.stack([one.thing for one in tasks])).to(device)


def answers(score: Score, bins: Bins, tasks: Sequence[Task], *, refine: bool = False) -> list[Answer]:
    """Search the scores of every task."""
    out: list[Answer] = []
    for start in range(0, len(tasks), _BATCH):
        part = tasks[start : start + _BATCH]
        out += [_answer(found, bins, one, refine) for found, one in zip(score(part), part, strict=True)]
    return out


@lru_cache(maxsize=2)
def tasks_of(split: Split, count: int, background_px: int, object_px: int) -> tuple[Task, ...]:
    """The first `count` tasks of a split; kept, because a run measures itself on the same ones several times."""
    return tuple(task(split, index, background_px, object_px) for index in range(count))


def swapped(tasks: Sequence[Task], split: Split) -> list[Task]:
    """The tasks of a split with an object of another class in the place of the missing one."""
    dices = (Dice(split_seed(split, index)).child("swap") for index in range(len(tasks)))
    others = [stranger(one, dice) for one, dice in zip(tasks, dices, strict=True)]
    return [one for one in others if one is not None]


@lru_cache(maxsize=2)
def swapped_tasks(split: Split, count: int, background_px: int, object_px: int) -> tuple[Task, ...]:
    """The first `count` tasks of a split, swapped; kept for the same reason."""
    return tuple(swapped(tasks_of(split, count, background_px, object_px), split))


def figures(score: Score, bins: Bins, split: Split, count: int, background_px: int, object_px: int) -> dict[str, float]:
    """The figures of the first `count` tasks of a split; shares are 0..1."""
    asked = split, count, background_px, object_px
    swaps = answers(score, bins, able(swapped_tasks(*asked), bins))
    return {**summary(answers(score, bins, tasks_of(*asked)), bins), "swap_plausible_1": first_plausible(swaps)}


def able(tasks: Sequence[Task], bins: Bins) -> list[Task]:
    """Those that have an answer at all."""
    return [one for one in tasks if one.plausible(bins).any()]


def first_plausible(found: Sequence[Answer]) -> float:
    """The share whose best box is plausible."""
    return float(np.mean([bool(one.plausible) and one.plausible[0] for one in found]))


def summary(found: Sequence[Answer], bins: Bins) -> dict[str, float]:
    """Means over tasks."""
    first = [one.ious[0] if one.ious else 0.0 for one in found]
    best = [max(one.ious, default=0.0) for one in found]
    scale_errors = [
        abs(bins.step(one.scale_there) - bins.step(true_scale(one.task))) if one.scale_there is not None else np.inf
        for one in found
    ]
    return {
        "plausible_1": first_plausible(found),
        "plausible_5": float(np.mean([sum(one.plausible) / max(len(one.plausible), 1) for one in found])),
        "iou_1": float(np.mean(first)),
        "iou_5": float(np.mean(best)),
        "iou_1_over_half": float(np.mean(np.array(first) > GOOD_IOU)),
        "iou_5_over_half": float(np.mean(np.array(best) > GOOD_IOU)),
        "scale_within_step": float(np.mean(np.array(scale_errors) <= 1.0)),
        "plausible_at_size": float(
            np.mean([one.at_true_size is not None and _is_plausible(one.task, one.at_true_size) for one in found])
        ),
    }


def regressed(network: BoxRegression, bins: Bins, tasks: Sequence[Task]) -> list[Answer]:
    """The one box that the baseline gives for each task, moved onto the picture where it leaves it."""
    out: list[Answer] = []
    for start in range(0, len(tasks), _BATCH):
        part = tasks[start : start + _BATCH]
        with torch.inference_mode():
            boxes = network(*_inputs(part, network.device)).float().cpu().numpy()
        out += [_one_box(bins, one, box) for one, box in zip(part, boxes, strict=True)]
    return out


def _one_box(bins: Bins, one: Task, box: NDArray[np.float32]) -> Answer:
    x, y, step = (float(value) for value in box)
    scale = bins.scale(step * (bins.scales - 1))

    def on_picture(wanted: float) -> Place:
        place = Place(x=x * one.picture.width, y=y * one.picture.height, width=0, height=0, scale=wanted, score=0.0)
        sized = with_scale(place, wanted, one.shape, one.picture)
        return replace(
            sized,
            x=min(max(sized.x, sized.width / 2), one.picture.width - sized.width / 2),
            y=min(max(sized.y, sized.height / 2), one.picture.height - sized.height / 2),
        )

    return Answer(one, (on_picture(scale),), None, on_picture(true_scale(one)))


def picture(score: Score, bins: Bins, one: Task, side: int = 160) -> NDArray[np.uint8]:
    """(side, side, 3): a task's background with the heat of the best size, the best five boxes and the true one."""
    found = answers(score, bins, [one], refine=True)[0]
    k = round(bins.step(found.places[0].scale)) if found.places else 0
    plane = score([one])[0][min(max(k, 0), bins.scales - 1)]
    return shown(found, np.exp(plane - plane.max()), side)


def shown(found: Answer, heat: NDArray[np.float32] | None = None, side: int = 160) -> NDArray[np.uint8]:
    """(side, side, 3): a task's background, the found boxes (the best in yellow) and the true one (in blue)."""
    one = found.task
    drawn: NDArray[np.uint8] = np.asarray(cv2.resize(one.background, (side, side)), np.uint8)
    if heat is not None:
        large = cv2.resize((heat / max(float(heat.max()), 1e-9)).astype(np.float32), (side, side))[:, :, None]
        drawn = (drawn * (1 - 0.6 * large) + np.array((255, 60, 0)) * 0.6 * large).astype(np.uint8)
    small = cv2.resize(one.thing, (side // 4, side // 4), interpolation=cv2.INTER_NEAREST)
    corner = drawn[: side // 4, : side // 4]
    corner[small[:, :, 3] >= 128] = small[:, :, :3][small[:, :, 3] >= 128]
    for number, place in reversed(list(enumerate(found.places))):
        _outline(drawn, shares(place, one.picture), (255, 255, 255) if number else (255, 230, 0))
    _outline(drawn, one.box, (0, 200, 255))
    return drawn


def shares(place: Place, picture: Shape) -> tuple[float, float, float, float]:
    """A box in shares of the picture."""
    left, top, right, bottom = place.edges
    return left / picture.width, top / picture.height, right / picture.width, bottom / picture.height


def box_iou(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    """Intersection over union of two boxes (left, top, right, bottom)."""
    width = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    common = width * height
    both = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)) - common
    return common / both if both > 0 else 0.0


def random_scores(tasks: Sequence[Task], bins: Bins, seed: int = 0) -> NDArray[np.float32]:
    """Scores that know nothing, for the random baseline."""
    return np.random.default_rng(seed).random((len(tasks), *bins.shape), np.float32)


def _answer(scores: Scores, bins: Bins, one: Task, refine: bool) -> Answer:
    allowed = bins.valid(one.shape, one.picture)
    places = best_places(bins, scores, allowed, one.shape, one.picture, count=COUNT, refine=refine)
    left, top, right, bottom = one.box
    x, y = (left + right) / 2 * one.picture.width, (top + bottom) / 2 * one.picture.height
    only = at_scale(bins, allowed, true_scale(one))
    sized = best_places(bins, scores, only, one.shape, one.picture, count=1, refine=False)
    there = best_scale(bins, scores, allowed, x, y, one.picture)
    return Answer(one, tuple(places), there, sized[0] if sized else None)


def true_scale(one: Task) -> float:
    """s of the box that was there."""
    left, top, right, bottom = one.box
    return scale_of(right - left, bottom - top, Shape(1, 1))


def _is_plausible(one: Task, place: Place) -> bool:
    return one.is_plausible(*shares(place, one.picture))


def _outline(pixels: NDArray[np.uint8], box: tuple[float, float, float, float], color: tuple[int, int, int]) -> None:
    height, width = pixels.shape[:2]
    left, top, right, bottom = box
    corners = (round(left * width), round(top * height)), (round(right * width), round(bottom * height))
    cv2.rectangle(pixels, *corners, color, 1)
