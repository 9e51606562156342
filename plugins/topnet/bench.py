"""The measured claims: how often the found place is a plausible one, against chance, and how fast, against sliding."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from statistics import median

import numpy as np
import torch

from studio.plugin_api.bench import BenchTable
from studio.synth.splits import Split

from . import evaluate, sliding
from .bins import Bins
from .engines import load
from .method import Stage, tensor
from .network import TopNet
from .scenes import Task, sprite, swapped, task

FIGURES = (
    ("plausible_1", "plausible, best"),
    ("plausible_5", "plausible, five best"),
    ("iou_1", "IoU, best"),
    ("iou_5", "IoU, best of five"),
    ("scale_within_step", "size within a step, place given"),
    ("plausible_at_size", "plausible, size given"),
)
_RESAMPLES = 2000
_GRIDS = ((6, 8), (12, 16))


def tables(quick: bool) -> Iterable[BenchTable]:
    """Quality on the test split, and speed."""
    network = load("tiny").network
    bins = Bins(scales=network.config["scales"], cells=4 * network.grid)
    tasks = [task(Split.TEST, index) for index in range(100 if quick else 400)]
    yield _quality(network, bins, tasks)
    yield _checks(network, bins, tasks, 40 if quick else 200)
    yield _speed(network, tasks[0])


def _quality(network: TopNet, bins: Bins, tasks: Sequence[Task]) -> BenchTable:
    rows: list[tuple[str, ...]] = []
    for title, score in (
        ("tiny", evaluate.network_scores(network)),
        ("random box", lambda part: evaluate.random_scores(part, bins)),
    ):
        found = evaluate.answers(score, bins, tasks)
        rows.append((title, *(_with_interval(found, name) for name, _ in FIGURES)))
    truth = np.mean([one.is_plausible(*one.box) for one in tasks])
    quantised = np.mean([bool(one.plausible(bins)[one.truth(bins)]) for one in tasks])
    return BenchTable(
        f"topnet: places found on {len(tasks)} test scenes",
        ("engine", *(title for _, title in FIGURES)),
        tuple(rows),
        (
            "Mean with a 95 % bootstrap interval over scenes. The true boxes are plausible in "
            f"{truth:.1%}, rounded to bins in {quantised:.1%}: no search can do better. A low IoU with the one true "
            "box is expected, for a scene has many good places.",
        ),
    )


def _checks(network: TopNet, bins: Bins, tasks: Sequence[Task], count: int) -> BenchTable:
    """Whether the object is looked at, and whether painted-over places attract."""
    others = [swapped(one, Split.TEST, 10_000 + number) for number, one in enumerate(tasks[:count])]
    able = [one for one in others if one.plausible(bins).any()]
    swaps = evaluate.answers(evaluate.network_scores(network), bins, able)
    painted = [task(Split.TEST, 20_000 + number, painted_over=True) for number in range(count)]
    answers = evaluate.answers(evaluate.network_scores(network), bins, painted)
    hits = [_hits_decoy(one) for one in answers]
    chance = [sum(_hits(decoy, corner) for decoy in one.decoys for corner in _grid(one)) / 64 for one in painted]
    return BenchTable(
        "topnet: is the object looked at, are holes ignored?",
        ("check", "measured", "n"),
        (
            (
                "another object on the same background: best place plausible for it",
                f"{_first(swaps):.1%}",
                str(len(able)),
            ),
            ("best box on a place that was painted over as a decoy", f"{np.mean(hits):.1%}", str(count)),
            ("the same for boxes anywhere", f"{np.mean(chance):.1%}", str(count)),
        ),
    )


def _first(found: Sequence[evaluate.Answer]) -> float:
    return float(np.mean([one.plausible[0] for one in found]))


def _hits_decoy(found: evaluate.Answer) -> bool:
    box = evaluate.shares(found.places[0], found.task.picture)
    middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(_hits(decoy, middle) for decoy in found.task.decoys)


def _hits(decoy: tuple[float, float, float, float], point: tuple[float, float]) -> bool:
    return decoy[0] <= point[0] <= decoy[2] and decoy[1] <= point[1] <= decoy[3]


def _grid(one: Task) -> list[tuple[float, float]]:
    """64 points over the centres that a box of the true size may have."""
    half_width, half_height = (one.box[2] - one.box[0]) / 2, (one.box[3] - one.box[1]) / 2
    xs = np.linspace(half_width, 1 - half_width, 8)
    ys = np.linspace(half_height, 1 - half_height, 8)
    return [(float(x), float(y)) for x in xs for y in ys]


def _speed(network: TopNet, one: Task) -> BenchTable:
    thing = sprite(one.scene.with_instances((one.target,)), one.target)
    stage = Stage.of(network, one.background)
    passes = _seconds(lambda: network_pass(network, one))
    answer = _seconds(lambda: stage.score(thing).best())
    rows = [
        ("one pass, both encoders", f"{1e3 * passes:.1f} ms", ""),
        ("another object on a kept background, five boxes searched", f"{1e3 * answer:.1f} ms", ""),
    ]
    scorer, each = sliding.CompositeScorer().eval(), 0.0
    for scales, cells in _GRIDS:
        grid = Bins(scales=scales, cells=cells)
        wanted = [(k, i, j) for k in range(scales) for i in range(cells) for j in range(cells)]
        slow = _seconds(partial(sliding.scores, scorer, one.background, thing, grid, wanted), 1)
        rows.append((f"sliding window, {scales} x {cells} x {cells} boxes", f"{slow:.2f} s", f"{slow / passes:.0f} x"))
        each = slow / len(wanted)
    full = each * np.prod(Bins().shape)
    rows.append(("sliding window, 16 x 32 x 32 boxes, by the time of one", f"{full:.1f} s", f"{full / passes:.0f} x"))
    return BenchTable(
        f"topnet: time on {torch.get_num_threads()} processor thread(s)",
        ("what", "time", "times one pass"),
        tuple(rows),
        (
            f"The sliding window scores one composite per box, {sliding.BATCH} at a time, with a network of "
            f"{sum(p.numel() for p in scorer.parameters()):,} parameters; the ratio grows with the number of boxes.",
        ),
    )


def network_pass(network: TopNet, one: Task) -> None:
    """Score one pair from its pixels."""
    with torch.inference_mode():
        network(tensor(one.background), tensor(one.thing))


def _seconds(work: Callable[[], object], repeats: int = 20) -> float:
    work()
    times: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times)


def _with_interval(found: Sequence[evaluate.Answer], figure: str) -> str:
    values = np.array([evaluate.summary([one])[figure] for one in found])
    draws = np.random.default_rng(0).integers(0, len(values), (_RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), (2.5, 97.5))
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})"
