"""The measured claims of the classical engine: composites with known truth, against naive cut-and-Telea.

The baseline is what a hurried user does: the object is the photo times the mask, the background is OpenCV's Telea fill
of the mask. `run` returns one row per case and metric; `rows` makes printable tables with means and losing cases.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from studio import resources
from studio.core.errors import StudioError
from studio.cutout import algebra, measure
from studio.cutout.arrays import Floats
from studio.plugin_api.bench import BenchTable

from . import bench_scenes as scenes
from . import method
from .bench_scenes import Light, Scene, Sprite

RGBA = Floats


FRESH = "fresh: "


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of the table: its name, unit, and which way is better."""

    name: str
    unit: str
    higher_is_better: bool


MATTE_SAD = Metric("matte SAD", "kpx", False)
MATTE_MSE = Metric("matte MSE", "1e-3", False)
MATTE_GRADIENT = Metric("matte gradient", "k", False)
HOLE = Metric("hole PSNR", "dB", True)
EFFECTS = Metric("effect PSNR", "dB", True)
MASS = Metric("alpha mass outside", "1e-4", False)
TRANSFER = Metric("transfer PSNR", "dB", True)
METRICS = (MATTE_SAD, MATTE_MSE, MATTE_GRADIENT, HOLE, EFFECTS, MASS, TRANSFER)


@dataclass(frozen=True, slots=True)
class Row:
    """One case and metric: ours in both modes, and the baseline; NaN where the case has nothing to measure."""

    case: str
    metric: Metric
    exact: float
    clean: float
    baseline: float

    @property
    def loses(self) -> bool:
        """Exact mode is worse than the baseline by more than 0.5 % of the baseline."""
        if math.isnan(self.exact) or math.isnan(self.baseline):
            return False
        gain = self.exact - self.baseline if self.metric.higher_is_better else self.baseline - self.exact
        return gain < -0.005 * abs(self.baseline)


@dataclass(frozen=True, slots=True)
class Layers:
    """What a method delivers, full canvas: background, and RGBA layers with their blend function, from below."""

    background: Floats
    stack: tuple[tuple[RGBA, Callable[..., Floats]], ...]

    @property
    def object_alpha(self) -> Floats:
        return self.stack[-1][0][..., 3]

    @property
    def coverage(self) -> Floats:
        """(H, W) joint alpha of all layers above the background."""
        clear = np.ones(self.background.shape[:2], np.float32)
        for layer, _ in self.stack:
            clear = clear * (1 - layer[..., 3])
        return 1 - clear


def run(photos_dir: Path, quick: bool = False, report: Callable[[str], None] = lambda line: None) -> list[Row]:
    """Measure every case.

    Args:
        photos_dir: folder with the shared photographs.
        quick: three cases instead of all.
        report: called with one line per finished case.
    Raises:
        StudioError: the photographs are not there.
    """
    if not (photos_dir / "road.jpg").is_file():
        raise StudioError(
            f"The benchmark needs the shared photographs, and {photos_dir} does not hold them.",
            "Put the photos folder beside the checkout.",
        )
    measured: list[Row] = []
    for make in build_cases(photos_dir)[: 3 if quick else None]:
        scene = make()
        started = time.perf_counter()
        exact = method.decompose(scene.photo, [scene.mask], method.Options(mode=method.Mode.EXACT))
        seconds = time.perf_counter() - started
        clean = method.decompose(scene.photo, [scene.mask], method.Options(mode=method.Mode.CLEAN))
        off = int(np.abs(method.recompose(exact).astype(int) - scene.photo).max())
        report(
            f"{scene.name}: {seconds:.1f} s, exact off by {off}/255, "
            f"clean {clean.metrics['recomposition_psnr']:.1f} dB, filled by {exact.objects[0].filler}"
        )
        values = [score(scene, layers) for layers in (layers_of(exact), layers_of(clean), naive(scene))]
        measured += [Row(scene.name, metric, *(value[metric] for value in values)) for metric in METRICS]
    return measured


def layers_of(decomposition: method.Decomposition) -> Layers:
    """Our layers on the full canvas in unit values."""
    item = decomposition.objects[0]
    peak = algebra.peak_of(decomposition.background.dtype)
    shape = decomposition.background.shape[:2]
    blends = ((item.shadow, algebra.multiply), (item.residual, algebra.over), (item.object, algebra.over))
    stack = []
    for placed, blend in blends:
        canvas = np.zeros((*shape, 4), np.float32)
        if placed is not None:
            height, width = placed.pixels.shape[:2]
            left, top = placed.origin.x, placed.origin.y
            canvas[top : top + height, left : left + width] = placed.pixels.astype(np.float32) / peak
        stack.append((canvas, blend))
    return Layers(decomposition.background.astype(np.float32) / peak, tuple(stack))


def naive(scene: Scene) -> Layers:
    """The baseline: photo times mask, over a Telea fill of the mask."""
    filled = cv2.inpaint(scene.photo, scene.mask.astype(np.uint8), 5, cv2.INPAINT_TELEA)
    cut = np.dstack([scene.photo.astype(np.float32) / 255, scene.mask.astype(np.float32)])
    return Layers(filled.astype(np.float32) / 255, ((cut, algebra.over),))


def score(scene: Scene, layers: Layers) -> dict[Metric, float]:
    """All metrics of one result against the scene's truth."""
    hole = scene.alpha > 0
    effects = scene.effects
    alpha = layers.object_alpha
    band = (cv2.dilate(hole.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0) & (
        cv2.erode((scene.alpha == 1).astype(np.uint8), np.ones((9, 9), np.uint8)) == 0
    )
    touched = hole | (np.abs(scene.background * (1 - scene.ratio)).max(axis=2) > 0.5 / 255)
    return {
        MATTE_SAD: measure.sum_of_absolute_differences(alpha, scene.alpha),
        MATTE_MSE: 1000 * measure.mean_squared_error(alpha, scene.alpha, band),
        MATTE_GRADIENT: measure.gradient_error(alpha, scene.alpha),
        HOLE: measure.psnr(layers.background, scene.background, hole),
        EFFECTS: measure.psnr(layers.background, scene.background, effects) if effects.sum() > 50 else math.nan,
        MASS: 1e4 * measure.mass_outside(layers.coverage, touched),
        TRANSFER: transfer(scene, layers),
    }


def transfer(scene: Scene, layers: Layers) -> float:
    """PSNR of object and effects moved by a fifth of the width onto another ground, where either has content."""
    height, width = scene.alpha.shape
    shift = (height // 40, -width // 5 if scene.alpha[:, : width // 2].sum() < scene.alpha.sum() / 2 else width // 5)
    ground = np.roll(scenes.plank_ground(height, width, seed=99)[:, ::-1], height // 3, axis=0) * 0.9 + 0.08
    truth = ground * moved(scene.ratio, shift, 1.0)
    truth = algebra.over(truth, moved(scene.colours, shift), moved(scene.alpha, shift))
    result = ground
    for layer, blend in layers.stack:
        there = moved(layer, shift)
        result = blend(result, there[..., :3], there[..., 3])
    content = np.abs(truth - ground).max(axis=2) > 2 / 255
    content |= moved(layers.coverage, shift) > 0.02
    return measure.psnr(result, truth, content)


def moved(plane: Floats, shift: tuple[int, int], outside: float = 0.0) -> Floats:
    """Shift by (rows, columns); what comes in from outside the picture is `outside`."""
    matrix = np.array([[1, 0, shift[1]], [0, 1, shift[0]]], np.float32)
    border = (outside,) * 4
    size = plane.shape[1::-1]
    return cv2.warpAffine(plane, matrix, size, flags=cv2.INTER_NEAREST, borderValue=border)


def rows(quick: bool) -> Iterator[BenchTable]:
    """The tables that `lamina bench layer_decomp` prints: one per metric, then the means, with what was lost below."""
    root = resources.checkout_root()
    notes: list[str] = []
    measured = run((root or Path.cwd()).parent / "shared" / "photos", quick, notes.append)
    fresh = [row for row in measured if row.case.startswith(FRESH)]
    yield summary("All composites", measured, notes)
    if fresh:
        yield summary("Composites that no constant was set on", fresh)
    for metric in METRICS:
        yield metric_table(metric, [row for row in measured if row.metric == metric])


def summary(title: str, measured: Sequence[Row], notes: Sequence[str] = ()) -> BenchTable:
    """Means over the cases, and every case that is worse than the baseline by name."""
    lines = []
    for metric in METRICS:
        chosen = [row for row in measured if row.metric == metric]
        means = [np.nanmean([getattr(row, column) for row in chosen]) for column in ("exact", "clean", "baseline")]
        lines.append((_label(metric), *(f"{mean:.4g}" for mean in means), str(sum(row.loses for row in chosen))))
    lost = [
        f"lost: {row.case}, {row.metric.name} {row.exact:.3g} against {row.baseline:.3g}"
        for row in measured
        if row.loses
    ]
    cases = len({row.case for row in measured})
    header = ("mean", "exact", "clean", "cut and Telea", "cases lost")
    return BenchTable(f"{title} ({cases}), known truth", header, tuple(lines), (*notes, *lost))


def metric_table(metric: Metric, chosen: Sequence[Row]) -> BenchTable:
    """All cases of one metric."""
    lines = [
        (row.case, f"{row.exact:.4g}", f"{row.clean:.4g}", f"{row.baseline:.4g}", "lost" if row.loses else "")
        for row in chosen
    ]
    return BenchTable(_label(metric), ("case", "exact", "clean", "cut and Telea", ""), tuple(lines))


def _label(metric: Metric) -> str:
    return f"{metric.name} [{metric.unit}], {'higher' if metric.higher_is_better else 'lower'} is better"


def build_cases(photos: Path) -> list[Callable[[], Scene]]:
    """The cases, hardest kinds included: fur, hair, thin stems, holes, hard sun, wide penumbra, no shadow at all.

    The method's constants were set while looking at the first sixteen; those named "fresh" were added afterwards.
    """
    road = scenes.read_unit(photos / "road.jpg")
    near = cv2.resize(road[600:1365, 300:1700], (900, 492), interpolation=cv2.INTER_AREA)
    full = cv2.resize(road, (1080, 720), interpolation=cv2.INTER_AREA)
    teddy = scenes.photo_sprite("teddy", photos / "teddy.jpg", photos / "teddy_mask.png")
    rose = scenes.photo_sprite("rose", photos / "ring.jpg", photos / "ring_mask0.jpg", 1.0)
    bauble = scenes.photo_sprite("bauble", photos / "ball.jpg", photos / "ball_mask1.jpg", 1.0)
    ball, hairy, crate = scenes.ball_sprite(), scenes.hairy_sprite(), scenes.crate_sprite()
    planks, meadow, studio = scenes.plank_ground, scenes.meadow_ground, scenes.studio_ground

    def case(
        name: str,
        sprite: Sprite,
        ground: Floats,
        place: tuple[float, float],
        height: float,
        light: Light | None,
        mask_change_px: float,
        seed: int,
        jpeg_quality: int | None = 92,
    ) -> Callable[[], Scene]:
        return lambda: scenes.compose(
            name, sprite, ground, place, height, light, mask_change_px, jpeg_quality=jpeg_quality, seed=seed
        )

    blue = (0.25, 0.3, 0.42)
    far = cv2.resize(road[500:1300, 900:2048], (920, 641), interpolation=cv2.INTER_AREA)
    tiles = scenes.tiled_ground
    return [
        case("teddy on road", teddy, full, (0.42, 0.93), 0.42, Light(0.7, 0.35), 1.5, 1),
        case("teddy on road, low sun", teddy, near, (0.5, 0.8), 0.5, Light(-0.9, 0.4, blue, 0.08), 0, 2),
        case("ball on asphalt", ball, near, (0.55, 0.85), 0.35, Light(0.9, 0.35, (0.3, 0.33, 0.4), 0.03), 2, 3),
        case("hair on meadow", hairy, meadow(), (0.5, 0.8), 0.5, Light(0.6, 0.35, (0.4, 0.42, 0.5), 0.05), 0, 4),
        case("crate on planks", crate, planks(), (0.45, 0.8), 0.35, Light(0.7, 0.4, (0.35, 0.38, 0.45), 0.05), -1.5, 5),
        case("ball in studio", ball, studio(), (0.5, 0.75), 0.4, Light(0.8, 0.35, (0.55, 0.55, 0.6), 0.08), 1, 6),
        case("rose in studio", rose, studio(), (0.5, 0.85), 0.6, Light(0.4, 0.3, (0.6, 0.6, 0.65), 0.1), 1, 7),
        case("bauble on planks", bauble, planks(seed=8), (0.6, 0.8), 0.4, Light(-0.6, 0.4, (0.4, 0.42, 0.5)), 2, 8),
        case("teddy on meadow, no shadow", teddy, meadow(seed=9), (0.5, 0.9), 0.6, None, 1, 9),
        case(
            "crate on road, hard sun", crate, full, (0.62, 0.95), 0.25, Light(1.2, -0.3, (0.2, 0.25, 0.38), 0.01), 1, 10
        ),
        case("teddy in studio", teddy, studio(), (0.45, 0.8), 0.55, Light(0.8, 0.3, (0.5, 0.5, 0.55), 0.06), 2, 11),
        case("hair in studio", hairy, studio(), (0.5, 0.8), 0.5, Light(0.6, 0.35, (0.5, 0.5, 0.55), 0.05), 1, 12),
        case("bauble on road, strong JPEG", bauble, full, (0.5, 0.95), 0.3, Light(0.8, 0.35, blue), 1.5, 13, 75),
        case(
            "rose on planks", rose, planks(seed=14), (0.5, 0.85), 0.5, Light(0.5, 0.35, (0.35, 0.35, 0.4), 0.06), 1, 14
        ),
        case("ball on meadow, loose mask", ball, meadow(seed=15), (0.5, 0.8), 0.4, Light(0.7, 0.35), 5, 15),
        case(
            "crate on meadow", crate, meadow(seed=16), (0.4, 0.85), 0.4, Light(0.6, 0.4, (0.3, 0.33, 0.4), 0.04), 0, 16
        ),
        case("fresh: rose on tiles", rose, tiles(), (0.45, 0.8), 0.5, Light(0.6, 0.4, (0.4, 0.4, 0.45), 0.05), 1, 31),
        case("fresh: teddy on tiles", teddy, tiles(seed=32), (0.55, 0.85), 0.5, Light(-0.7, 0.3, blue, 0.04), 1.5, 32),
        case("fresh: ball on road", ball, far, (0.4, 0.85), 0.3, Light(-1.0, 0.3, (0.3, 0.33, 0.42), 0.03), -1, 33, 85),
        case("fresh: hair on planks", hairy, planks(seed=34), (0.55, 0.85), 0.45, Light(0.7, 0.35), 1, 34),
        case("fresh: bauble in studio", bauble, studio(), (0.4, 0.8), 0.5, Light(0.9, 0.3, (0.5, 0.5, 0.52)), 2, 35),
        case("fresh: crate on tiles", crate, tiles(seed=36), (0.5, 0.8), 0.35, Light(1.0, 0.3, blue, 0.02), 3, 36),
        case("fresh: teddy on road, no shadow", teddy, far, (0.6, 0.9), 0.45, None, 1, 37),
        case(
            "fresh: bauble on meadow", bauble, meadow(seed=38), (0.5, 0.8), 0.35, Light(-0.8, 0.35, blue), 1, 38, None
        ),
    ]
