"""The compiled machine: the same floats as numpy; what the compositor keeps; and the cache of the machine code."""

from __future__ import annotations

import os
import subprocess
import sys
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.core import edits
from studio.core.adjustments import Adjustment
from studio.core.compositing import Compositor, composite
from studio.core.document import Document
from studio.core.geometry import Point, Rect, Size
from studio.core.kernels import layout, loader, machine, strips
from studio.core.kernels.loader import Kernels
from studio.core.kernels.program import program_of
from studio.core.kernels.table import tables_of
from studio.core.layers import AdjustmentLayer, BlendMode, GroupLayer, LayerId, Mask, RasterLayer, mapped
from studio.core.pixels import Depth, PixelBuffer
from tests.support.documents import MODES, every_mode_document, noise, random_document
from tests.support.kernels import compiled_kernels, numpy_only
from tests.support.tool_edits import KINDS_OF_TOOLS

BIG = Size(300, 280)
"""More than one tile each way."""


@pytest.fixture(scope="module")
def kernels() -> Kernels:
    return compiled_kernels()


class TestSameAsNumpy:
    @pytest.mark.parametrize("depth", Depth)
    def test_every_mode(self, kernels: Kernels, depth: Depth) -> None:
        document = every_mode_document(depth, BIG)
        program = program_of(document.layers)
        expected = strips.render(program, document.canvas, depth)
        result = machine.render(kernels, tables_of(program, document.canvas), document.canvas, depth)
        assert np.array_equal(result, expected)

    @pytest.mark.parametrize("mode", MODES, ids=str)
    def test_each_mode_in_float(self, kernels: Kernels, mode: BlendMode) -> None:
        """Over an opaque and over a transparent backdrop, with opacity and fill: bit for bit."""
        document = every_mode_document(size=Size(64, 48))
        top = next(layer for layer in document.layers if layer.name == str(mode))
        for below in (document.layers[0], document.layers[4]):
            program = program_of((below, replace(top, opacity=0.7, fill=0.6)))
            expected = strips.piled(program, document.canvas)
            planes = np.zeros((4, machine.CELL, machine.CELL), np.float32)
            block = machine.Block(document.canvas, 0, len(program), store=planes)
            tables = tables_of(program, document.canvas)
            machine.carry_out(kernels, tables, [block], Depth.EIGHT, None, document.canvas)
            assert np.array_equal(planes[:3, :48, :64], expected.color)
            assert np.array_equal(planes[3, :48, :64], expected.alpha)

    @pytest.mark.parametrize("seed", range(40))
    def test_random_documents(self, kernels: Kernels, seed: int) -> None:
        depth = Depth.SIXTEEN if seed % 2 else Depth.EIGHT
        document = random_document(100 + seed, depth, BIG if seed % 4 < 2 else Size(70, 50), layers=10)
        program = program_of(document.layers)
        for rect in (document.canvas, Rect(-9, -3, 41, 30)):
            expected = strips.render(program, rect, depth)
            assert np.array_equal(machine.render(kernels, tables_of(program, rect), rect, depth), expected)

    @pytest.mark.parametrize("depth", Depth)
    @pytest.mark.parametrize("adjustment", KINDS_OF_TOOLS, ids=lambda a: type(a).__name__)
    def test_the_tools_adjustments(self, kernels: Kernels, adjustment: Adjustment, depth: Depth) -> None:
        start = random_document(9, depth, Size(70, 50), layers=4)
        clipped = AdjustmentLayer(adjustment=adjustment, clipping=True, opacity=0.6)
        document = start.with_layers((*start.layers, AdjustmentLayer(adjustment=adjustment), clipped))
        program = program_of(document.layers)
        expected = strips.render(program, document.canvas, depth)
        result = machine.render(kernels, tables_of(program, document.canvas), document.canvas, depth)
        assert np.array_equal(result, expected)

    def test_tiles_that_are_not_contiguous(self, kernels: Kernels) -> None:
        samples = np.random.default_rng(2).integers(0, 256, (4, 256, 256), dtype=np.uint8)
        tile = np.moveaxis(samples, 0, -1)
        pixels = PixelBuffer(Size(256, 256), Depth.EIGHT, tiles={(0, 0): tile})
        document = Document(size=Size(256, 256), layers=(RasterLayer(pixels=pixels),))
        assert np.array_equal(composite(document), np.where(tile[..., 3:] > 0, tile, 0))

    def test_composite_uses_them_once_loaded(self, kernels: Kernels, monkeypatch: pytest.MonkeyPatch) -> None:
        document = random_document(7, size=BIG)
        compiled = composite(document)
        calls: list[int] = []
        counted = replace(kernels, run=lambda *arguments: calls.append(1))
        monkeypatch.setattr(loader._Loaded, "kernels", counted)
        composite(document)
        assert calls
        monkeypatch.undo()
        with numpy_only(monkeypatch):
            assert np.array_equal(composite(document), compiled)


def changing(document: Document, seed: int) -> list[Document]:
    """The document with one of its layers changed again and again."""
    rng = np.random.default_rng(seed)
    layers = list(document.walk())
    target = layers[int(rng.integers(len(layers)))]
    out: list[Document] = []
    for _ in range(5):
        opacity = float(rng.random())
        shift = Point(int(rng.integers(-20, 20)), int(rng.integers(-20, 20)))

        def change(layer, opacity: float = opacity, shift: Point = shift):
            layer = replace(layer, opacity=opacity)
            return replace(layer, origin=layer.origin + shift) if isinstance(layer, RasterLayer) else layer

        out.append(document.with_layers(mapped(document.layers, target.id, change)))
    return out


class TestCompositor:
    @pytest.mark.parametrize("seed", range(30))
    def test_renders_what_composite_does(self, kernels: Kernels, seed: int) -> None:
        """Kept piles may round a sample to the other side, hardly ever."""
        depth = Depth.SIXTEEN if seed % 2 else Depth.EIGHT
        document = random_document(200 + seed, depth, BIG, layers=12)
        compositor = Compositor()
        for version in [document, *changing(document, seed), document]:
            for rect in (Rect(0, 0, 300, 280), Rect(100, 20, 290, 260), Rect(3, 4, 60, 50)):
                difference = np.abs(compositor.render(version, rect).astype(int) - composite(version, rect))
                assert difference.max() <= 1
                assert (difference > 0).mean() <= 0.002

    def test_painting_again_and_again(self, kernels: Kernels) -> None:
        document = every_mode_document(size=BIG)
        compositor = Compositor()
        painted = document.layers[9]
        assert isinstance(painted, RasterLayer)
        for step in range(6):
            dab = np.full((30, 30, 4), 40 * step, np.uint8)
            painted = replace(painted, pixels=painted.pixels.with_rect(Point(20 + 30 * step, 100), dab))
            version = document.with_layers((*document.layers[:9], painted, *document.layers[10:]))
            rect = Rect(20 + 30 * step, 100, 50 + 30 * step, 130)
            for scale in (1, 2):
                compositor.render(version, rect, scale)
            difference = np.abs(compositor.render(version).astype(int) - composite(version))
            assert difference.max() <= 1

    def test_the_stack_below_is_not_drawn_again(self, kernels: Kernels, monkeypatch: pytest.MonkeyPatch) -> None:
        document = every_mode_document(size=Size(64, 64))
        compositor = Compositor()
        first: list[int] = []

        def run(steps, reals, request, work, candidates, opaque) -> None:
            first.append(int(request[layout.FIRST]))
            kernels.run(steps, reals, request, work, candidates, opaque)

        monkeypatch.setattr(loader._Loaded, "kernels", replace(kernels, run=run))
        for opacity in (0.9, 0.8, 0.7, 0.6):
            first.clear()
            changed = replace(document.layers[20], opacity=opacity)
            compositor.render(document.with_layers((*document.layers[:20], changed, *document.layers[21:])))
        assert set(first) == {20}

    @pytest.mark.parametrize(
        ("third", "stacks"),
        [
            (BlendMode.MULTIPLY, ((1, 3), (4, 7))),
            (BlendMode.HUE, ((1, 3), (4, 7))),
            (BlendMode.HARD_MIX, ((4, 7),)),
            (BlendMode.NORMAL, ((1, 7),)),
        ],
    )
    def test_what_can_be_laid_as_one_above_a_changed_layer_is_kept(
        self, kernels: Kernels, monkeypatch: pytest.MonkeyPatch, third: BlendMode, stacks: tuple[tuple[int, int], ...]
    ) -> None:
        """Not below a mode that turns the smallest difference into a visible one."""
        rng, size = np.random.default_rng(5), Size(64, 64)
        layers = [
            RasterLayer(
                id=LayerId(str(number)),
                pixels=PixelBuffer.from_array(noise(rng, size, Depth.EIGHT)),
                blend=third if number == 3 else BlendMode.NORMAL,
            )
            for number in range(7)
        ]
        laid: set[tuple[tuple[int, int], ...]] = set()

        def run(steps, reals, request, work, candidates, opaque) -> None:
            told = request[layout.REQUEST_FIELDS :].reshape(-1, layout.STACK_FIELDS)
            if request[layout.OUT]:
                laid.add(tuple((int(first), int(last)) for first, last, _ in told))
            kernels.run(steps, reals, request, work, candidates, opaque)

        monkeypatch.setattr(loader._Loaded, "kernels", replace(kernels, run=run))
        compositor = Compositor()
        for opacity in (0.9, 0.8, 0.7, 0.6):
            laid.clear()
            changed = Document(size=size, layers=(replace(layers[0], opacity=opacity), *layers[1:]))
            shown = compositor.render(changed)
        assert laid == {stacks}
        assert np.abs(shown.astype(int) - composite(changed)).max() <= 1

    def test_memory_stays_within_the_budget(self, kernels: Kernels) -> None:
        document = every_mode_document(size=Size(600, 600))
        compositor = Compositor(budget_bytes=24 << 20)
        for version in changing(document, 3):
            compositor.render(version)
            compositor.render(version, None, 2)
            piles = compositor._piles
            held = sum(pile.nbytes for kept in (piles.below, piles.stacks) for pile in kept.values())
            layers = compositor._reduced
            reduced = sum(kept.nbytes for kept in (*layers._kept.values(), *layers._left))
            assert held <= 12 << 20
            assert reduced <= 12 << 20

    def test_a_failure_leaves_no_piles_behind(self, kernels: Kernels, monkeypatch: pytest.MonkeyPatch) -> None:
        document = every_mode_document(size=Size(64, 64))
        compositor = Compositor()
        versions = changing(document, 1)
        compositor.render(versions[0])
        compositor.render(versions[1])

        def fail(*arguments: object) -> None:
            raise MemoryError

        with monkeypatch.context() as patched:
            patched.setattr(loader._Loaded, "kernels", replace(kernels, run=fail))
            with pytest.raises(MemoryError):
                compositor.render(versions[2])
        for version in versions[2:]:
            assert np.abs(compositor.render(version).astype(int) - composite(version)).max() <= 1

    def test_an_empty_view(self, kernels: Kernels) -> None:
        assert Compositor().render(every_mode_document(), Rect(5, 5, 5, 9)).shape == (4, 0, 4)

    def test_what_left_the_document_is_let_go(self, kernels: Kernels) -> None:
        """An old version's own tiles are not kept alive; its reduced tiles serve when it comes back."""
        document = every_mode_document(size=BIG)
        compositor = Compositor()
        layer = document.layers[3]
        assert isinstance(layer, RasterLayer)
        first = compositor.render(document, None, 2)
        old = replace(layer, pixels=PixelBuffer.from_array(layer.pixels.read()[::-1]))
        compositor.render(document.with_layers((*document.layers[:3], old, *document.layers[4:])), None, 2)
        tile = weakref.ref(next(iter(old.pixels.tiles.values())))
        del old
        compositor.render(document, None, 2)
        again = compositor.render(document, None, 2)
        assert tile() is None
        assert np.abs(again.astype(int) - first).max() <= 1

    def test_an_erased_tile_is_gone(self, kernels: Kernels) -> None:
        """Also when nothing but the compositor's memory of it is left."""
        samples = np.full((512, 1024, 4), 255, np.uint8)
        compositor = Compositor()

        def shown(pixels: PixelBuffer) -> list[int]:
            layer = RasterLayer(pixels=pixels)
            out = compositor.render(Document(size=Size(1024, 512), layers=(layer,)), None, 2)
            return [int(out[10, column, 3]) for column in (10, 140, 300, 500)]

        assert shown(PixelBuffer.from_array(samples)) == [255, 255, 255, 255]
        samples[:, 512:] = 0
        left = PixelBuffer.from_array(samples)
        assert shown(left) == [255, 255, 0, 0]
        assert shown(left.with_rect(Point(0, 0), np.zeros((512, 256, 4), np.uint8))) == [0, 255, 0, 0]

    def test_a_moved_layer_leaves_the_others_reduced(self, kernels: Kernels) -> None:
        document = every_mode_document(size=BIG)
        compositor = Compositor(budget_bytes=64 << 20)
        layer = document.layers[3]
        for shift in range(30):
            moved = replace(layer, origin=Point(shift, 2 * shift))
            compositor.render(document.with_layers((*document.layers[:3], moved, *document.layers[4:])), None, 2)
        assert len(compositor._reduced._kept) == len(document.layers) + 1  # one layer, at two places within a pixel

    @pytest.mark.parametrize("scale", [2, 4, 8])
    def test_a_layer_that_moves_by_whole_view_pixels_is_not_reduced_again(
        self, kernels: Kernels, monkeypatch: pytest.MonkeyPatch, scale: int
    ) -> None:
        made: list[int] = []

        def shrink_layer(*arguments) -> None:
            made.append(1)
            kernels.shrink_layer(*arguments)

        monkeypatch.setattr(loader._Loaded, "kernels", replace(kernels, shrink_layer=shrink_layer))
        document = every_mode_document(size=BIG)
        compositor, layer = Compositor(), document.layers[3]
        assert isinstance(layer, RasterLayer)
        compositor.render(document, None, scale)
        for step in range(1, 5):
            made.clear()
            origin = layer.origin + Point(3 * step * scale, -2 * step * scale)
            moved = document.with_layers((*document.layers[:3], replace(layer, origin=origin), *document.layers[4:]))
            again = compositor.render(moved, None, scale)
            assert made == []
            assert np.abs(again.astype(int) - Compositor().render(moved, None, scale)).max() <= 1

    @pytest.mark.parametrize("scale", [2, 4, 8])
    def test_a_drag_shows_what_a_fresh_picture_shows(self, kernels: Kernels, scale: int) -> None:
        """A layer with a mask, moved by any number of pixels, off the canvas to every side too."""
        rng = np.random.default_rng(scale)
        pixels = PixelBuffer.from_array(rng.integers(0, 256, (330, 290, 4), dtype=np.uint8))
        mask = Mask(pixels=PixelBuffer.from_array(rng.integers(0, 256, (200, 300), dtype=np.uint8), fill=255))
        masked = RasterLayer(id=LayerId("masked"), pixels=pixels, mask=mask, blend=BlendMode.SCREEN)
        document = every_mode_document(size=BIG)
        document = document.with_layers((*document.layers[:4], masked, *document.layers[4:]))
        compositor, choose = Compositor(), np.random.default_rng(scale)
        for _ in range(12):
            shift = Point(*(int(value) for value in choose.integers(-700, 700, 2)))
            moved = edits.translate(document, (LayerId("masked"),), shift)
            again = compositor.render(moved, None, scale).astype(int)
            assert np.abs(again - Compositor().render(moved, None, scale)).max() <= 1

    @pytest.mark.parametrize("scale", [2, 4, 8])
    @pytest.mark.parametrize("depth", Depth)
    def test_a_reduced_layer_is_its_mean(self, kernels: Kernels, scale: int, depth: Depth) -> None:
        """Weighted with alpha, on the grid of the view wherever the layer lies."""
        rng = np.random.default_rng(4)
        samples = rng.integers(0, depth.top + 1, (333, 301, 4), dtype=depth.dtype)
        samples[rng.random(samples.shape[:2]) < 0.3] = 0
        layer = RasterLayer(pixels=PixelBuffer.from_array(samples), origin=Point(-13, 29))
        document = Document(size=Size(520, 512), depth=depth, layers=(layer,))
        canvas = np.zeros((512, 520, 4), np.float64)
        canvas[29:362, :288] = samples[:, 13:]
        blocks = canvas.reshape(512 // scale, scale, 520 // scale, scale, 4)
        alpha = blocks[..., 3].sum(axis=(1, 3))
        color = (blocks[..., :3] * blocks[..., 3:]).sum(axis=(1, 3)) / np.where(alpha > 0, alpha, 1)[..., None]
        expected = np.concatenate([color, alpha[..., None] / scale**2], axis=-1)
        shown = alpha / scale**2 > 0.51  # below, alpha rounds to 0 and the colour goes with it
        difference = np.abs(Compositor().render(document, None, scale) - expected)[shown]
        assert difference.max() <= (0.51 if depth is Depth.EIGHT else 0.6)

    def test_a_reduced_mask(self, kernels: Kernels) -> None:
        """Its value outside its buffer counts too: a mask edge inside a view pixel is met half."""
        document = random_document(8, size=BIG, layers=14)
        for scale in (2, 4):
            rect = Rect(0, 0, 296, 280)
            full = composite(document, rect).astype(np.float64)
            assert Compositor().render(document, rect, scale).shape == (280 // scale, 296 // scale, 4)
            mean = full.reshape(280 // scale, scale, 296 // scale, scale, 4).mean(axis=(1, 3))[..., 3]
            shown = Compositor().render(document, rect, scale)[..., 3]
            assert np.abs(shown - mean).mean() < 12  # layers are reduced before they are composited

    def test_reduced_normal_layers_equal_the_reduced_composite(self, kernels: Kernels) -> None:
        """For layers that do not share edges inside one view pixel."""
        rng = np.random.default_rng(5)
        lower, upper = (rng.integers(0, 256, (256, 256, 4), dtype=np.uint8) for _ in range(2))
        lower[..., 3] = 255
        upper[..., 3] = rng.integers(0, 256, (128, 128), dtype=np.uint8).repeat(2, 0).repeat(2, 1)
        layers = tuple(RasterLayer(pixels=PixelBuffer.from_array(part)) for part in (lower, upper))
        document = Document(size=Size(256, 256), layers=(GroupLayer(children=layers),))
        expected = composite(document).reshape(128, 2, 128, 2, 4).mean(axis=(1, 3))
        assert np.abs(Compositor().render(document, None, 2) - expected).max() <= 1.6

    def test_numpy_stands_in_at_every_scale(self, monkeypatch: pytest.MonkeyPatch) -> None:
        document = random_document(11, size=Size(90, 70))
        with numpy_only(monkeypatch):
            assert np.array_equal(Compositor().render(document), composite(document))
            assert Compositor().render(document, Rect(3, 3, 80, 66), 4).shape == (17, 20, 4)


class TestCache:
    """The machine code on disk; each case in a process of its own, with a cache folder of its own."""

    @staticmethod
    def python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder), "PYTHONPATH": os.getcwd()}
        return subprocess.run(
            [sys.executable, "-W", "error", "-c", code], env=environment, capture_output=True, text=True, timeout=120
        )

    def test_importing_the_compositor_loads_no_numba(self, tmp_path: Path) -> None:
        code = "import sys, studio.core.compositing as c; c.kernels_ready(); print('numba' in sys.modules)"
        assert self.python(code, tmp_path).stdout.strip() == "False"

    def test_without_kernels_numpy_draws(self, tmp_path: Path) -> None:
        code = (
            "import sys, numpy as np\n"
            "from studio.core.compositing import composite, kernels_ready, load_kernels\n"
            "from studio.core.document import Document\n"
            "from studio.core.geometry import Size\n"
            "print(kernels_ready(), load_kernels(), composite(Document(size=Size(3, 2))).shape, 'numba' in sys.modules)"
        )
        assert self.python(code, tmp_path).stdout.strip() == "False None (2, 3, 4) False"

    def test_a_broken_cache_falls_back_to_numpy(self, kernels: Kernels, tmp_path: Path) -> None:
        """The marker says ready, the files are rubbish: a warning in the log, and numpy draws."""
        find = "from studio.core.kernels import loader; print(loader.kernel_folder())"
        folder = Path(self.python(find, tmp_path).stdout.strip())
        good = loader.kernel_folder()
        for path in good.rglob("*"):
            target = folder / path.relative_to(good)
            if path.is_dir():
                target.mkdir(parents=True, exist_ok=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(b"rubbish" if path.suffix == ".nbi" else path.read_bytes())
        (folder / "complete").touch()
        done = self.python("from studio.core.kernels.loader import load_kernels; print(load_kernels())", tmp_path)
        assert done.stdout.strip() == "None", done.stderr
        assert "do not load" in done.stderr

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_that_cannot_be_written(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o500)
        code = "from studio.core.compositing import warm_kernels_in_child; print(warm_kernels_in_child())"
        assert self.python(code, tmp_path).stdout.strip() == "None"

    def test_a_cache_below_a_file_is_no_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")
        code = "from studio.core.compositing import warm_kernels_in_child; print(warm_kernels_in_child())"
        done = self.python(code, tmp_path / "file")
        assert done.stdout.strip() == "None", done.stderr

    def test_the_folder_follows_the_sources(self, monkeypatch: pytest.MonkeyPatch) -> None:
        package = Path(loader.__file__).parent
        compiled = {path.name for path in package.glob("*.py") if "\nfrom numba" in path.read_text(encoding="utf-8")}
        assert compiled <= set(loader._SOURCES)
        before = loader._fingerprint()
        monkeypatch.setattr(loader, "_processor", lambda: "another")
        assert loader._fingerprint() != before

    @pytest.mark.slow
    def test_two_children_at_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """They compile side by side into one folder; afterwards the kernels load from it."""
        command = [sys.executable, "-m", "studio.core.kernels.warm"]
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
        children = [subprocess.Popen(command, env=environment) for _ in range(2)]
        assert [child.wait(timeout=600) for child in children] == [0, 0]
        code = "from studio.core.kernels.loader import load_kernels; print(load_kernels() is not None)"
        assert self.python(code, tmp_path).stdout.strip() == "True"
