"""Contact sheets and sample files, so that a person can look at the world."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from studio.core.document import Document
from studio.core.errors import UsageError
from studio.synth.caption import describe
from studio.synth.design import describe_design, design_to_json, generate_design
from studio.synth.design_render import design_document, render_design
from studio.synth.document import render_document
from studio.synth.generate import Recipe, generate
from studio.synth.palette import ANCHORS, RGB
from studio.synth.patch import RGB8, RGBA8
from studio.synth.render import Render, render
from studio.synth.scene import to_json
from studio.synth.sequence import generate_clip
from studio.synth.sketch import blob_sketch, edge_map, line_sketch
from studio.synth.vocabulary import ObjectClass

Save = Callable[[Document, Path], object]
"""Writes a document; the suffix of the path chooses the format."""


class Kind(StrEnum):
    """What to write: contact sheets (PNG), scene values (JSON), layered files."""

    SHEET = "sheet"
    JSON = "json"
    PSD = "psd"
    ORA = "ora"


GAP_PX = 6
_PAPER: RGB = (250, 248, 244)


def grid(tiles: Sequence[RGB8], columns: int, captions: Sequence[str] = ()) -> RGB8:
    """Pictures of one size in rows on white paper, each with its caption below when there are captions."""
    height, width = tiles[0].shape[:2]
    text_px = max(11, height // 16)
    line_px = text_px * 4 if captions else 0
    rows = -(-len(tiles) // columns)
    shape = (rows * (height + line_px + GAP_PX) + GAP_PX, columns * (width + GAP_PX) + GAP_PX, 3)
    sheet = np.full(shape, _PAPER, np.uint8)
    places = []
    for number, tile in enumerate(tiles):
        top = GAP_PX + (number // columns) * (height + line_px + GAP_PX)
        left = GAP_PX + (number % columns) * (width + GAP_PX)
        sheet[top : top + height, left : left + width] = tile
        places.append((left, top + height + 1))
    if not captions:
        return sheet
    image = Image.fromarray(sheet)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(text_px)
    for (left, top), caption in zip(places, captions, strict=True):
        pen.multiline_text((left + 2, top), _wrapped(caption, width, font), fill=(60, 56, 66), font=font, spacing=1)
    return np.asarray(image)


def _wrapped(text: str, width: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """At most three lines that fit the width; the rest is cut."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width - 4:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines[:3])


def sheet(seeds: Sequence[int], size: int, columns: int = 4, recipe: Recipe | None = None) -> RGB8:
    """The scenes of some seeds with their captions, `size` pixels high each."""
    scenes = [generate(seed, recipe) for seed in seeds]
    tiles = [render(scene, size).composite for scene in scenes]
    captions = [describe(scene, seed).text for scene, seed in zip(scenes, seeds, strict=True)]
    return grid(tiles, columns, captions)


def over_checks(pixels: RGBA8, cell: int = 8) -> RGB8:
    """A transparent picture on a pale chequerboard."""
    height, width = pixels.shape[:2]
    odd = ((np.arange(height)[:, None] // cell + np.arange(width)[None, :] // cell) % 2).astype(np.int32)
    paper = (225 + 20 * odd)[:, :, None]
    alpha = pixels[:, :, 3:].astype(np.int32)
    return ((pixels[:, :, :3] * alpha + paper * (255 - alpha) + 127) // 255).astype(np.uint8)


def colored_labels(labels: NDArray[np.uint8], count: int) -> RGB8:
    """A label map in distinct colours; 0 stays dark."""
    steps = np.arange(count + 1)
    palette = np.stack([steps * 97 % 200 + 55, steps * 57 % 200 + 55, steps * 151 % 200 + 55], axis=1)
    palette[0] = (28, 28, 34)
    return palette.astype(np.uint8)[labels]


def anatomy(drawn: Render, columns: int = 5) -> RGB8:
    """One scene taken apart: composite, stage, maps, sketches, and each object with its effects."""
    size = drawn.size
    terms = np.array([(28, 28, 34), *ANCHORS.values()], np.uint8)
    parts: list[tuple[str, RGB8]] = [
        ("composite", drawn.composite),
        ("backdrop", drawn.backdrop),
        ("classes", colored_labels(drawn.class_map(), len(ObjectClass))),
        ("colours", terms[drawn.color_map()]),
        ("ground", colored_labels(drawn.ground_map(), 6)),
        ("blobs", blob_sketch(drawn).image),
        ("lines", line_sketch(drawn)),
        ("edges", edge_map(drawn)),
    ]
    merged = drawn.merged_layers()
    for layers, whole in zip(drawn.layers, merged, strict=True):
        name = layers.instance.name
        parts += [(f"{name}: {part.lower()}", over_checks(patch.on_canvas(size))) for part, patch, _ in layers.stack]
        parts.append((f"{name}: merged", over_checks(whole.on_canvas(size))))
    return grid([tile for _, tile in parts], columns, [name for name, _ in parts])


def write_samples(
    out_dir: Path, seeds: Sequence[int], size: int, kinds: Sequence[Kind] = tuple(Kind), save: Save | None = None
) -> list[Path]:
    """Write samples of scenes, designs and clips into a folder (made if it is missing) and return what was written.

    Args:
        size: height of one picture in pixels.
        save: writes layered files; needed for PSD and ORA.
    Raises:
        UsageError: no seed given, or layered files asked for without `save`.
    """
    if not seeds:
        raise UsageError("There is nothing to draw.", "Give at least one seed.")
    layered = [kind for kind in kinds if kind in (Kind.PSD, Kind.ORA)]
    if layered and save is None:
        raise UsageError("Layered files need a writer.", "Pass one, or ask for sheets and JSON only.")
    out_dir.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    if Kind.SHEET in kinds:
        written += _write_sheets(out_dir, seeds, size)
    for seed in seeds:
        scene, design = generate(seed), generate_design(seed)
        if Kind.JSON in kinds:
            for path, text in (
                (out_dir / f"scene_{seed}.json", to_json(scene)),
                (out_dir / f"design_{seed}.json", design_to_json(design)),
            ):
                path.write_text(text, encoding="utf-8")
                written.append(path)
        for kind in layered:
            assert save is not None
            for name, document in (
                ("scene", render_document(render(scene, size))),
                ("design", design_document(design, size)),
            ):
                path = out_dir / f"{name}_{seed}.{kind}"
                save(document, path)
                written.append(path)
    return written


def _write_sheets(out_dir: Path, seeds: Sequence[int], size: int) -> list[Path]:
    designs = [generate_design(seed) for seed in seeds]
    posters = [render_design(design, size).composite for design in designs]
    said = [describe_design(design, seed).text for design, seed in zip(designs, seeds, strict=True)]
    clips = [generate_clip(seed) for seed in seeds]
    strips = [render(frame, size).composite for clip in clips for frame in clip.frames]
    lines = [shot.caption.text for clip in clips for shot in clip.shots for _ in shot.frames]
    sheets = {
        "scenes": sheet(seeds, size),
        "anatomy": anatomy(render(generate(seeds[0]), size)),
        "designs": grid(posters, 4, said),
        "clips": grid(strips, len(clips[0].frames), lines),
    }
    written = []
    for name, picture in sheets.items():
        path = out_dir / f"{name}.png"
        Image.fromarray(picture).save(path)
        written.append(path)
    return written
