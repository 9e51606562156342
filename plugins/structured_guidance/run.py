"""From a request to a layer: load the engine, draw, and say what the engine could not know."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from studio.core.geometry import Point, Rect, Size
from studio.core.pixels import Pixels, to_depth
from studio.diffusion.previews import preview
from studio.diffusion.sampling import StepResult
from studio.diffusion.text_to_image import Sampling
from studio.diffusion.tokens import align
from studio.plugin_api.context import Context
from studio.plugin_api.results import Results, group, raster

from .engines import Loaded, load
from .method import Request, draw
from .params import OWN_SIZE, Params

LOAD_SHARE, DECODE_SHARE = 0.08, 0.04
_NAME_LENGTH = 48


def run(ctx: Context, params: Params) -> Results:
    """Draw `params.prompt` in the middle of the canvas."""
    prompt, negative = _clean(params.prompt), _clean(params.negative)
    ctx.progress("Loading the engine", 0.0)
    engine = load(ctx.identity.engine)
    sampling = _sampling(ctx, params, engine)
    area = _middle(ctx.document.size, Size(sampling.width, sampling.height))

    def watch(result: StepResult) -> None:
        done = result.step.index + 1
        share = LOAD_SHARE + (1 - LOAD_SHARE - DECODE_SHARE) * done / result.step.count
        ctx.progress("Drawing", share, step=done, steps=result.step.count)
        shown = result.latents if result.clean is None else result.clean
        ctx.preview(_opaque(preview(shown[0], engine.previews)), area)

    ctx.progress("Drawing", LOAD_SHARE, step=0, steps=sampling.steps)
    request = Request(prompt=prompt, negative=negative, seed=ctx.seed, sampling=sampling)
    picture = _opaque(draw(engine.model, request, watch))
    made = replace(ctx.provenance(params, {}, prompt), model_hash=engine.model_hash)
    layer = raster("Picture", to_depth(picture, ctx.depth), area.origin, provenance=made)
    return Results(
        layers=(group(_name(prompt), [layer], provenance=made),),
        figures={"steps": sampling.steps, "guidance": sampling.scale},
        notices=_notices(engine, prompt),
    )


def _clean(text: str) -> str:
    """One line that every tokenizer takes: no line breaks, no halves of surrogate pairs."""
    return " ".join(text.encode("utf-8", "replace").decode("utf-8").split())


def _sampling(ctx: Context, params: Params, engine: Loaded) -> Sampling:
    own = engine.model.native_px
    width, height = (own, own) if params.size == OWN_SIZE else (params.size.width, params.size.height)
    return Sampling(
        steps=ctx.steps or engine.defaults.steps,
        scale=params.guidance or engine.defaults.guidance,
        rescale=engine.defaults.rescale,
        height=height,
        width=width,
    )


def _middle(canvas: Size, picture: Size) -> Rect:
    """Where the picture lies: in the middle of the canvas."""
    origin = Point((canvas.width - picture.width) // 2, (canvas.height - picture.height) // 2)
    return Rect.at(origin, picture)


def _opaque(picture: Pixels) -> Pixels:
    """(H, W, 4) of (H, W, 3)."""
    return np.concatenate([picture, np.full((*picture.shape[:2], 1), 255, np.uint8)], axis=2)


def _name(prompt: str) -> str:
    return prompt if len(prompt) <= _NAME_LENGTH else prompt[: _NAME_LENGTH - 1].rstrip() + "…"


def _notices(engine: Loaded, prompt: str) -> tuple[str, ...]:
    """What of the prompt the engine did not read, or reads without knowing it."""
    found: list[str] = []
    if dropped := align(engine.model.text.tokenizers, prompt, ()).dropped:
        found.append(f"The prompt is too long for this engine, which did not read “{dropped}”.")
    if engine.vocabulary is not None:
        words = dict.fromkeys(re.findall(r"[^\W\d_]+", prompt.lower()))
        if strange := [f"“{word}”" for word in words if word not in engine.vocabulary]:
            found.append(f"The tiny engine does not know {', '.join(strange)}; it draws practice scenes only.")
    return tuple(found)
