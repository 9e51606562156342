"""Seconds per scene of the practice world: making the value, drawing it with all layers, merging, sketches, designs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from studio.synth.caption import describe
from studio.synth.design import generate_design
from studio.synth.design_render import render_design
from studio.synth.render import Render, render
from studio.synth.scene import Scene
from studio.synth.sketch import blob_sketch, line_sketch
from studio.synth.splits import Split, split_scene
from tests.bench.row import Row

Item = TypeVar("Item")


def rows(quick: bool) -> list[Row]:
    """The figures over 64 scenes of each kind, or 8 when quick; medians of one thread's processor time."""
    count = 8 if quick else 64
    plain = [split_scene(Split.TEST, index) for index in range(count)]
    crowded = [split_scene(Split.CROWDED, index) for index in range(count)]
    render(plain[0], 256)  # the first call loads fonts and tables
    drawn = [render(scene, 256) for scene in crowded]
    designs = [generate_design(seed) for seed in range(count)]
    return [
        _row("generate a scene", lambda index: split_scene(Split.TEST, index), range(count)),
        _row("describe a scene", describe, crowded),
        *(
            _drawing(f"{height} px, plain", plain, height)
            for height in ((64, 256) if quick else (64, 128, 256, 512, 1024))
        ),
        _drawing("256 px, crowded", crowded, 256),
        _row("merge layers, 256 px, crowded", Render.merged_layers, drawn),
        _row("blob and line sketch, 256 px, crowded", lambda d: (blob_sketch(d), line_sketch(d)), drawn),
        _row("design, 256 px", lambda design: render_design(design, 256), designs),
    ]


def _drawing(name: str, scenes: Sequence[Scene], height_px: int) -> Row:
    target = "<= 50 ms" if height_px == 256 else ""
    return _row(f"draw with all layers, {name}", lambda scene: render(scene, height_px), scenes, target)


def _row(name: str, action: Callable[[Item], object], items: Sequence[Item], target: str = "") -> Row:
    times: list[float] = []
    for item in items:
        start = time.thread_time()
        action(item)
        times.append((time.thread_time() - start) * 1000)
    slowest = max(times)
    return Row(name, statistics.median(times), "ms", target, f"median of {len(times)}, slowest {slowest:.1f} ms")
