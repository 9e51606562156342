"""The measured claims: how often the found place is a plausible one, against chance, and how fast, against sliding."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from studio import resources
from studio.core.errors import StudioError
from studio.diffusion.files import read_manifest
from studio.diffusion.loading import load_model
from studio.diffusion.sources import FolderSource
from studio.plugin_api.bench import BenchPicture, BenchTable
from studio.synth.splits import Split

from . import evaluate, sliding
from .bins import Bins, Place
from .engines import load
from .method import Ranking, Stage, resized, tensor, tight_crop
from .network import BoxRegression, TopNet
from .scenes import Task, cut_out, task

FIGURES = (
    ("plausible_1", "plausible, best"),
    ("plausible_5", "plausible, five best"),
    ("iou_1", "IoU, best"),
    ("iou_5", "IoU, best of five"),
    ("scale_within_step", "size within a step, place given"),
    ("plausible_at_size", "plausible, size given"),
)
_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Counts:
    """How many scenes are measured: for quality, and for the checks."""

    tasks: int
    checks: int


QUICK, FULL = Counts(100, 40), Counts(400, 200)
_GRIDS = ((6, 8), (12, 16))
_THINGS = (("teddy.jpg", "teddy_mask.png"), ("ball.jpg", "ball_mask1.jpg"))
_GROUNDS = ("road.jpg", "horse.jpg", "boat.jpg", "truck.jpg", "dog_on_bench.png")
"""Photos of ../shared/photos that objects are cut out of, and that they are placed in."""
_SHOWN_PX = 640


def tables(quick: bool) -> Iterable[BenchTable]:
    """Quality on the test split, and speed."""
    network = load("tiny").network
    sizes = network.config["background_px"], network.config["object_px"]
    counts = QUICK if quick else FULL
    tasks = [task(Split.TEST, index, *sizes) for index in range(counts.tasks)]
    yield _quality(network, tasks)
    yield _checks(network, tasks, counts.checks)
    yield _speed(network, tasks[0])
    photos = (resources.checkout_root() or Path.cwd()).parent / "shared" / "photos"
    if photos.is_dir():
        yield photo_table(network, photos)


def _quality(network: TopNet, tasks: Sequence[Task]) -> BenchTable:
    bins = network.bins
    found = {
        "tiny": evaluate.answers(evaluate.network_scores(network), bins, tasks),
        "random box": evaluate.answers(lambda part: evaluate.random_scores(part, bins), bins, tasks),
    }
    baseline = _baseline()
    if baseline is not None:
        found["one regressed box"] = evaluate.regressed(baseline, bins, tasks)
    rows = [(title, *(_with_interval(part, name, bins) for name, _ in FIGURES)) for title, part in found.items()]
    if baseline is None:
        rows.append(("one regressed box", *("not trained" for _ in FIGURES)))
    truth = np.mean([one.is_plausible(*one.box) for one in tasks])
    quantised = np.mean([bool(one.plausible(bins)[one.truth(bins)]) for one in tasks])
    return BenchTable(
        f"topnet: places found on {len(tasks)} test scenes",
        ("engine", *(title for _, title in FIGURES)),
        tuple(rows),
        (
            "Mean with a 95 % bootstrap interval over scenes. The boxes that were there are plausible in "
            f"{truth:.1%}, rounded to bins in {quantised:.1%}. A low IoU with the one box that was there is expected, "
            "for a scene has many good places.",
            "The regressed box comes from the same encoders and transformer (lamina train topnet_regression); it has "
            "no second place, and no size for a given place.",
        ),
    )


def _baseline() -> BoxRegression | None:
    """The trained baseline, where it is there."""
    folder = resources.assets_dir() / "models" / "topnet_regression"
    if not folder.is_dir():
        return None
    restore = "Make it again: lamina train topnet_regression --minutes 10 --publish."
    return load_model(BoxRegression, FolderSource(folder, read_manifest(folder, restore), restore))


def _checks(network: TopNet, tasks: Sequence[Task], count: int) -> BenchTable:
    """Whether the object is looked at, and whether painted-over places attract."""
    score, bins = evaluate.network_scores(network), network.bins
    sizes = network.config["background_px"], network.config["object_px"]
    others = evaluate.able(evaluate.swapped(tasks[:count], Split.TEST), bins)
    swaps = evaluate.answers(score, bins, others)
    painted = [task(Split.TEST, 20_000 + number, *sizes, painted_over=True) for number in range(count)]
    answers = evaluate.answers(score, bins, painted)
    hits = [_hits_decoy(one) for one in answers]
    chance = [np.mean([_on_decoy(one, middle) for middle in _centres(one)]) for one in painted]
    return BenchTable(
        "topnet: is the object looked at, are holes ignored?",
        ("check", "measured", "n"),
        (
            (
                "another class on the same background: its best place is plausible",
                _interval(np.array([one.plausible[0] for one in swaps], np.float64)),
                str(len(swaps)),
            ),
            (
                "the best box is centred on a decoy that was painted over",
                _interval(np.array(hits, np.float64)),
                str(count),
            ),
            ("a box of the same size anywhere is", _interval(np.array(chance, np.float64)), str(count)),
            (
                "the best box is plausible where holes were painted over",
                _interval(np.array([one.plausible[0] for one in answers], np.float64)),
                str(count),
            ),
        ),
    )


def _hits_decoy(found: evaluate.Answer) -> float:
    left, top, right, bottom = evaluate.shares(found.places[0], found.task.picture)
    return float(_on_decoy(found.task, ((left + right) / 2, (top + bottom) / 2)))


def _on_decoy(one: Task, point: tuple[float, float]) -> bool:
    return any(box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3] for box in one.decoys)


def _centres(one: Task) -> list[tuple[float, float]]:
    """64 points over the centres that a box of the true size may have."""
    half_width, half_height = (one.box[2] - one.box[0]) / 2, (one.box[3] - one.box[1]) / 2
    xs = np.linspace(half_width, 1 - half_width, 8)
    ys = np.linspace(half_height, 1 - half_height, 8)
    return [(float(x), float(y)) for x in xs for y in ys]


def _speed(network: TopNet, one: Task) -> BenchTable:
    """One pass over all bins against one composite for each, on the same square picture."""
    thing = cut_out(one.scene, one.target).pixels
    side = (sliding.SIDE, sliding.SIDE)
    square = np.asarray(cv2.resize(one.background, side, interpolation=cv2.INTER_AREA), np.uint8)
    stage = Stage.of(network, one.background)
    passes = _seconds(lambda: network_pass(network, one))
    answer = _seconds(lambda: stage.score(thing).best())
    rows = [
        (f"one pass, both encoders, all {network.bins.count:,} boxes", f"{1e3 * passes:.1f} ms", ""),
        ("another object on a kept background, five boxes searched", f"{1e3 * answer:.1f} ms", ""),
    ]
    scorer, each = sliding.CompositeScorer().eval(), 0.0
    for scales, cells in _GRIDS:
        grid = Bins(scales=scales, cells=cells)
        slow = _seconds(partial(sliding.scores, scorer, square, thing, grid, grid.all()), 1)
        rows.append((f"sliding window, {scales} x {cells} x {cells} boxes", f"{slow:.2f} s", f"{slow / passes:.0f} x"))
        each = slow / grid.count
    same, grid = each * network.bins.count, " x ".join(map(str, network.bins.shape))
    rows.append((f"sliding window, {grid} boxes, by the time of one", f"{same:.1f} s", f"{same / passes:.0f} x"))
    return BenchTable(
        f"topnet: time on {torch.get_num_threads()} processor thread(s)",
        ("what", "time", "times one pass"),
        tuple(rows),
        (
            f"Medians. The sliding window scores one composite per box, {sliding.BATCH} at a time, with a network of "
            f"{sum(p.numel() for p in scorer.parameters()):,} parameters; the ratio grows with the number of boxes.",
        ),
    )


def photo_table(network: TopNet, folder: Path) -> BenchTable:
    """Objects cut out of some photos, placed in others: to look at, since nobody says where they belong."""
    things = [_cut(folder / name, folder / mask) for name, mask in _THINGS]
    rows: list[tuple[str, ...]] = []
    pictures: list[BenchPicture] = []
    for name in _GROUNDS:
        ground = _read(folder / name)
        stage = Stage.of(network, ground)
        for number, thing in enumerate(things):
            ranking = stage.score(thing)
            found = ranking.best()
            best = f"{found[0].x:.0f}, {found[0].y:.0f}" if found else "none"
            rows.append((name, _THINGS[number][0], best, f"{found[0].scale:.2f}" if found else "", str(len(found))))
            pictures.append(
                BenchPicture(
                    f"{Path(name).stem}_{Path(_THINGS[number][0]).stem}", _drawn(ground, thing, ranking, found)
                )
            )
    return BenchTable(
        "topnet: photos, out of domain",
        ("photo", "object from", "best centre", "size", "places"),
        tuple(rows),
        ("Nothing here is right or wrong: the tiny network has never seen a photo. See for yourself (--pictures).",),
        tuple(pictures),
    )


def _drawn(
    ground: NDArray[np.uint8], thing: NDArray[np.uint8], ranking: Ranking, found: Sequence[Place]
) -> NDArray[np.uint8]:
    """The photo with the object at its best place, the heat of that size, and the boxes (the best in yellow)."""
    drawn = ground.astype(np.float32)
    height, width = ground.shape[:2]
    if found:
        heat = cv2.resize(ranking.heat(found[0].scale), (width, height))[:, :, None]
        drawn = drawn * (1 - 0.35 * heat) + np.array((255, 60, 0), np.float32) * 0.35 * heat
        left, top, right, bottom = (round(edge) for edge in found[0].edges)
        left, top = max(0, left), max(0, top)
        size = max(1, min(right, width) - left), max(1, min(bottom, height) - top)
        small = resized(tight_crop(thing), *size).astype(np.float32)
        alpha = small[:, :, 3:] / 255
        area = drawn[top : top + size[1], left : left + size[0]]
        area[:] = area * (1 - alpha) + small[:, :, :3] * alpha
    out = np.ascontiguousarray(np.rint(drawn).astype(np.uint8))
    for number, place in reversed(list(enumerate(found))):
        corners = [(round(place.edges[0]), round(place.edges[1])), (round(place.edges[2]), round(place.edges[3]))]
        cv2.rectangle(out, corners[0], corners[1], (255, 255, 255) if number else (255, 230, 0), max(2, width // 300))
    factor = _SHOWN_PX / width
    text = np.full((28, _SHOWN_PX, 3), 38, np.uint8)
    font, ink = cv2.FONT_HERSHEY_SIMPLEX, (226, 226, 230)
    cv2.putText(text, "tiny engine, out of domain", (8, 20), font, 0.5, ink, 1, cv2.LINE_AA)
    shown = cv2.resize(out, (_SHOWN_PX, round(height * factor)), interpolation=cv2.INTER_AREA)
    return np.vstack([np.asarray(shown, np.uint8), text])


def _read(path: Path) -> NDArray[np.uint8]:
    """(H, W, 3) of a file. Raises StudioError."""
    read = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if read is None:
        raise StudioError(f"The benchmark's picture {path.name} cannot be read.", "Restore the photos folder.")
    return np.ascontiguousarray(read[:, :, ::-1]).astype(np.uint8, copy=False)


def _cut(photo: Path, mask: Path) -> NDArray[np.uint8]:
    """(h, w, 4) the object of a photo."""
    alpha = _read(mask)[:, :, :1]
    picture = _read(photo)
    if alpha.shape[:2] != picture.shape[:2]:
        alpha = np.asarray(cv2.resize(alpha, picture.shape[1::-1]), np.uint8)[:, :, None]
    return tight_crop(np.dstack([picture, alpha]))


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


def _with_interval(found: Sequence[evaluate.Answer], figure: str, bins: Bins) -> str:
    return _interval(np.array([evaluate.summary([one], bins)[figure] for one in found]))


def _interval(values: NDArray[np.float64]) -> str:
    draws = np.random.default_rng(0).integers(0, len(values), (_RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), (2.5, 97.5))
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})"
