"""The array-level decomposition: exact recomposition, order, untouched ground, sizes, depths and bad input."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from plugins.layer_decomp.method import Decomposition, Mode, ObjectLayers, Options, PlacedPixels, decompose, recompose
from studio.core.errors import JobCancelled, ShapeError, StudioError
from studio.cutout.arrays import Floats, Levels, Mask
from studio.cutout.fill import Filler

HEIGHT, WIDTH = 150, 210


def ground(seed: int = 0) -> Floats:
    rng = np.random.default_rng(seed)
    fine = cv2.GaussianBlur(rng.standard_normal((HEIGHT, WIDTH)).astype(np.float32), (0, 0), 1.2)
    return np.clip(np.array([0.62, 0.58, 0.5]) + 0.12 * fine[..., None], 0, 1).astype(np.float32)


def disc(x: float, y: float, radius: float) -> Floats:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    return np.clip(radius + 0.5 - np.hypot(columns - x, rows - y), 0, 1).astype(np.float32)


def put(picture: Floats, alpha: Floats, colour: tuple[float, float, float]) -> None:
    """A shaded disc with a soft shadow to its lower right, drawn into the picture."""
    rows, columns = np.nonzero(alpha > 0.5)
    radius = (rows.max() - rows.min()) / 2
    shape = np.zeros(alpha.shape, np.float32)
    centre = (int(columns.mean() + 0.9 * radius), int(rows.max()))
    cv2.ellipse(shape, centre, (int(1.3 * radius), int(0.35 * radius)), 0, 0, 360, 0.5, -1)
    picture *= 1 - cv2.GaussianBlur(shape, (0, 0), 2)[..., None]
    shade = np.linspace(1.15, 0.6, alpha.shape[0], dtype=np.float32)[:, None, None]
    picture[...] = picture * (1 - alpha[..., None]) + np.clip(np.array(colour) * shade, 0, 1) * alpha[..., None]


def levels(picture: Floats, dtype: type[np.unsignedinteger] = np.uint8) -> Levels:
    return np.round(np.clip(picture, 0, 1) * np.iinfo(dtype).max).astype(dtype)


def one_object(dtype: type[np.unsignedinteger] = np.uint8) -> tuple[Levels, Mask, Floats]:
    clean = ground()
    picture, alpha = clean.copy(), disc(90, 70, 28)
    put(picture, alpha, (0.75, 0.2, 0.15))
    return levels(picture, dtype), alpha > 0.5, clean


def layers_of(item: ObjectLayers) -> list[PlacedPixels]:
    return [layer for layer in (item.shadow, item.residual, item.object) if layer is not None]


def covered(found: Decomposition) -> Mask:
    region = np.zeros(found.background.shape[:2], bool)
    for item in found.objects:
        for layer in layers_of(item):
            height, width = layer.pixels.shape[:2]
            view = (slice(layer.origin.y, layer.origin.y + height), slice(layer.origin.x, layer.origin.x + width))
            region[view] |= layer.pixels[..., 3] > 0
    return region


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_exact_stack_is_the_photo_and_untouched_ground_is_identical(dtype: type[np.unsignedinteger]) -> None:
    photo, mask, _ = one_object(dtype)
    found = decompose(photo, [mask])
    assert found.background.dtype == dtype
    allowed = 0 if dtype is np.uint8 else 1
    assert np.abs(recompose(found).astype(int) - photo).max() <= allowed
    assert found.metrics["recomposition_max"] <= allowed
    outside = ~covered(found)
    assert outside.mean() > 0.5
    assert np.array_equal(found.background[outside], photo[outside])


def test_shadow_becomes_a_multiply_layer_and_leaves_the_ground() -> None:
    photo, mask, clean = one_object()
    found = decompose(photo, [mask])
    assert found.objects[0].shadow is not None
    spot = (slice(94, 99), slice(115, 135))
    assert photo[spot].mean() < 0.75 * 255 * clean[spot].mean()
    assert found.background[spot].mean() == pytest.approx(255 * clean[spot].mean(), rel=0.08)
    without = decompose(photo, [mask], Options(shadows=False))
    assert without.objects[0].shadow is None
    assert np.array_equal(without.background[spot], photo[spot])


def test_object_has_no_veil_beyond_its_mask() -> None:
    photo, mask, _ = one_object()
    found = decompose(photo, [mask])
    assert found.metrics["beyond_mask_1"] < 0.05
    placed = found.objects[0].object
    assert placed.pixels.shape[0] < 75
    assert placed.pixels.shape[1] < 75


def test_clean_mode_states_its_psnr() -> None:
    photo, mask, _ = one_object()
    found = decompose(photo, [mask], Options(mode=Mode.CLEAN))
    error = np.mean((recompose(found).astype(float) - photo) ** 2) / 255**2
    assert found.metrics["recomposition_psnr"] == pytest.approx(-10 * np.log10(error), abs=0.01)
    assert found.metrics["recomposition_psnr"] > 35
    assert found.objects[0].residual is None


def test_several_objects_come_back_to_front_and_rebuild_the_photo() -> None:
    picture = ground(1)
    back, front = disc(120, 62, 26), disc(88, 80, 25)
    put(picture, back, (0.2, 0.3, 0.7))
    put(picture, front, (0.8, 0.25, 0.15))
    photo = levels(picture)
    found = decompose(photo, [front > 0.5, (back > 0.5) & (front <= 0.5)])
    assert [item.index for item in found.objects] == [1, 0]
    assert np.array_equal(recompose(found), photo)
    assert np.array_equal(found.background[~covered(found)], photo[~covered(found)])
    behind = found.objects[0].object
    y, x = 70 - behind.origin.y, 108 - behind.origin.x
    # Hidden by the front disc, inside the back one: the back object goes on there in its own colour.
    assert behind.pixels[y, x, 3] > 200
    assert int(behind.pixels[y, x, 2]) > int(behind.pixels[y, x, 0])


def test_result_repeats_exactly() -> None:
    photo, mask, _ = one_object()
    first, second = (decompose(photo, [mask], Options(filler=Filler.PATCHMATCH, seed=5)) for _ in range(2))
    assert np.array_equal(first.background, second.background)
    assert np.array_equal(first.objects[0].object.pixels, second.objects[0].object.pixels)


@pytest.mark.parametrize("place", [(5, 70), (205, 70), (100, 3), (100, 147), (4, 4)])
def test_objects_that_touch_the_frame(place: tuple[int, int]) -> None:
    picture, alpha = ground(2), disc(*place, 24)
    picture = picture * (1 - alpha[..., None]) + np.array([0.1, 0.2, 0.5], np.float32) * alpha[..., None]
    photo = levels(picture)
    assert np.array_equal(recompose(decompose(photo, [alpha > 0.5])), photo)


def test_mask_levels_are_cut_at_128() -> None:
    photo, mask, _ = one_object()
    grey = np.where(mask, 140, 120).astype(np.uint8)
    found = decompose(photo, [grey], Options(filler=Filler.TELEA))
    same = decompose(photo, [mask], Options(filler=Filler.TELEA))
    assert np.array_equal(found.background, same.background)


def test_small_pictures_and_small_objects_work() -> None:
    rng = np.random.default_rng(3)
    photo = rng.integers(0, 256, (16, 20, 3), dtype=np.uint8)
    mask = np.zeros((16, 20), bool)
    mask[7, 9] = True
    assert np.array_equal(recompose(decompose(photo, [mask])), photo)


def test_almost_everything_marked_still_leaves_a_background() -> None:
    rng = np.random.default_rng(4)
    photo = rng.integers(0, 256, (60, 80, 3), dtype=np.uint8)
    mask = np.ones((60, 80), bool)
    mask[:, :6] = False
    assert np.array_equal(recompose(decompose(photo, [mask])), photo)


def test_bad_input_is_named() -> None:
    photo, mask, _ = one_object()
    with pytest.raises(StudioError, match="No object"):
        decompose(photo, [])
    with pytest.raises(StudioError, match="Mask 2 is empty"):
        decompose(photo, [mask, np.zeros_like(mask)])
    with pytest.raises(StudioError, match="Mask 1 covers the whole picture"):
        decompose(photo, [np.full(mask.shape, 255, np.uint8)])
    with pytest.raises(ShapeError, match="Mask 1 does not fit"):
        decompose(photo, [mask[:-1]])
    with pytest.raises(StudioError, match="too small"):
        decompose(photo[:10], [mask[:10]])
    with pytest.raises(ShapeError, match="8 or 16 bits"):
        decompose(photo.astype(np.float32), [mask])  # type: ignore[arg-type]  # the wrong type is the point


def test_progress_rises_to_the_end_and_names_the_object() -> None:
    photo, mask, _ = one_object()
    heard: list[tuple[str, float]] = []
    decompose(photo, [mask], progress=lambda stage, share: heard.append((stage, share)))
    shares = [share for _, share in heard]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1
    assert heard[0][0].startswith("Object 1 of 1")


def test_cancelling_stops_it() -> None:
    photo, mask, _ = one_object()
    calls = 0

    def stop() -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        decompose(photo, [mask], check_cancel=stop)
