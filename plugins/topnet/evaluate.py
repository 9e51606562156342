"""How well placements are found, judged by the rule of the practice world rather than by the one box that was there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from studio.synth.splits import Split

from .bins import Bins, Place, Scores, Shape, at_scale, best_places, best_scale, scale_of
from .method import tensor
from .network import TopNet
from .scenes import Task, swapped, task

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
        background = tensor(np.stack([one.background for one in tasks])).to(network.device)
        thing = tensor(np.stack([one.thing for one in tasks])).to(network.device)
        with torch.inference_mode():
            return network(background, thing).float().cpu().numpy()

    return score


def answers(score: Score, bins: Bins, tasks: Sequence[Task], *, refine: bool = False) -> list[Answer]:
    """Search the scores of every task."""
    out: list[Answer] = []
    for start in range(0, len(tasks), _BATCH):
        part = tasks[start : start + _BATCH]
        out += [_answer(found, bins, one, refine) for found, one in zip(score(part), part, strict=True)]
    return out


def figures(network: TopNet, bins: Bins, split: Split, count: int) -> dict[str, float]:
    """The figures of the first `count` tasks of a split; shares are 0..1."""
    sizes = network.config["background_px"], network.config["object_px"]
    tasks = [task(split, index, *sizes) for index in range(count)]
    found = answers(network_scores(network), bins, tasks)
    swapped_tasks = [swapped(one, split, count + number, sizes[1]) for number, one in enumerate(tasks[: count // 2])]
    able = [one for one in swapped_tasks if one.plausible(bins).any()]
    other = answers(network_scores(network), bins, able)
    return {**summary(found), "swap_plausible_1": float(np.mean([one.plausible[0] for one in other]))}


def summary(found: Sequence[Answer]) -> dict[str, float]:
    """Means over tasks."""
    first = [one.ious[0] if one.ious else 0.0 for one in found]
    best = [max(one.ious, default=0.0) for one in found]
    steps = Bins()
    scale_errors = [
        abs(steps.step(one.scale_there) - steps.step(_true_scale(one.task))) if one.scale_there is not None else np.inf
        for one in found
    ]
    return {
        "plausible_1": float(np.mean([bool(one.plausible) and one.plausible[0] for one in found])),
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


def picture(network: TopNet, bins: Bins, split: Split, index: int, side: int = 160) -> NDArray[np.uint8]:
    """(side, side, 3): a task's background with the heat of the best size, the best five boxes and the true one."""
    one = task(split, index, network.config["background_px"], network.config["object_px"])
    found = answers(network_scores(network), bins, [one], refine=True)[0]
    scores = network_scores(network)([one])[0]
    shown = cv2.resize(one.background, (side, side), interpolation=cv2.INTER_LINEAR)
    k = round(bins.step(found.places[0].scale)) if found.places else 0
    heat = np.exp(scores[min(max(k, 0), bins.scales - 1)] - scores.max())
    heat = cv2.resize((heat / max(float(heat.max()), 1e-9)).astype(np.float32), (side, side))[:, :, None]
    shown = (shown * (1 - 0.6 * heat) + np.array((255, 60, 0)) * 0.6 * heat).astype(np.uint8)
    small = cv2.resize(one.thing, (side // 4, side // 4), interpolation=cv2.INTER_NEAREST)
    corner = shown[: side // 4, : side // 4]
    corner[small[:, :, 3] >= 128] = small[:, :, :3][small[:, :, 3] >= 128]
    for number, place in reversed(list(enumerate(found.places))):
        _outline(shown, shares(place, one.picture), (255, 255, 255) if number else (255, 230, 0))
    _outline(shown, one.box, (0, 200, 255))
    return shown


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
    only = at_scale(bins, allowed, _true_scale(one))
    sized = best_places(bins, scores, only, one.shape, one.picture, count=1, refine=False)
    there = best_scale(bins, scores, allowed, x, y, one.picture)
    return Answer(one, tuple(places), there, sized[0] if sized else None)


def _true_scale(one: Task) -> float:
    left, top, right, bottom = one.box
    return scale_of(right - left, bottom - top, Shape(1, 1))


def _is_plausible(one: Task, place: Place) -> bool:
    return one.is_plausible(*shares(place, one.picture))


def _outline(pixels: NDArray[np.uint8], box: tuple[float, float, float, float], color: tuple[int, int, int]) -> None:
    height, width = pixels.shape[:2]
    left, top, right, bottom = box
    corners = (round(left * width), round(top * height)), (round(right * width), round(bottom * height))
    cv2.rectangle(pixels, *corners, color, 1)
