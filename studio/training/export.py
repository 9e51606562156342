"""From a finished run to a model's folder: weights, card, pictures, list of files; and into the shipped models."""

from __future__ import annotations

import datetime
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from PIL import Image

from studio.core.errors import StudioError
from studio.diffusion.files import write_manifest
from studio.diffusion.shared_parts import share_parts
from studio.synth.splits import Split
from studio.training.device import hardware, on_cpu
from studio.training.recipe import CardText, Recipe
from studio.training.trainer import Options, Trained

CARD, SAMPLES = "README.md", "samples.png"
_READABLE = 0o644


def finish(recipe: Recipe, made: Trained, options: Options, models: Path | None = None) -> Path:
    """Measure a finished run on the test split, write its model, and return the folder it lies in.

    Args:
        models: where to publish it (`assets/models`), as the folder `recipe.name`; None leaves it in the run's folder.
    """
    folder = export(recipe, made, options)
    return folder if models is None else publish(folder, models / recipe.name)


def export(recipe: Recipe, made: Trained, options: Options) -> Path:
    """Write the run's model into its folder, in the place of an earlier one."""
    target = made.folder.model
    draft = _empty(target.with_name(f".{target.name}.new"))
    with torch.no_grad():
        figures = dict(made.task.validate(Split.TEST))
        Image.fromarray(made.task.samples()).save(draft / SAMPLES, optimize=True)
        made.task.export(draft)
    text = card(recipe, made.task.card(), figures, _facts(recipe, made, options))
    (draft / CARD).write_text(text, encoding="utf-8")
    for path in draft.rglob("*"):
        if path.is_file():
            path.chmod(_READABLE)  # safetensors writes files that only their owner may read
    write_manifest(draft)
    made.folder.journal.add("test", made.progress.step, elapsed_s=made.progress.elapsed_s, **figures)
    return _put(draft, target)


def publish(folder: Path, target: Path) -> Path:
    """Copy a model's folder, whole or not at all, in the place of the one that is there.

    Parts that are models of their own beside it are shared with them.
    """
    try:
        draft = _empty(target.with_name(f".{target.name}.new"))
        shutil.copytree(folder, draft, dirs_exist_ok=True)
        share_parts(draft, target.parent)
        return _put(draft, target)
    except OSError as error:
        raise StudioError(
            f"Could not publish the model to {target}: {error}.", "Check the folder and the disk."
        ) from error


def card(recipe: Recipe, text: CardText, figures: Mapping[str, float], facts: Mapping[str, str]) -> str:
    """The model's card, in Markdown."""
    rows = "\n".join(f"| {name.replace('_', ' ')} | {value:.4g} |" for name, value in figures.items())
    made = "\n".join(f"- {name}: {value}" for name, value in facts.items())
    return (
        f"# {text.title}\n\n{text.purpose}\n\n"
        f"## Data\n\n{text.data}\n\n"
        f"## Training\n\n{made}\n\n"
        f"## Measured on the test split\n\n| figure | value |\n|---|---|\n{rows}\n\n"
        f"## Limits\n\n{text.limits}\n\n"
        f"## Samples\n\nThe first held-out scenes, none left out.\n\n![samples]({SAMPLES})\n\n"
        f"Weights: Apache-2.0, trained from nothing on our own drawings by the recipe `{recipe.name}`.\n"
    )


def _facts(recipe: Recipe, made: Trained, options: Options) -> dict[str, str]:
    plan_minutes = f"--minutes {options.budget.seconds / 60:g}" if options.budget.seconds else ""
    best = "none" if made.progress.best is None else f"{made.progress.best:.4g}"
    return {
        "command": f"`lamina train {recipe.name} --config {options.config} {plan_minutes}`",
        "seconds": f"{made.progress.elapsed_s:.0f}",
        "steps": str(made.progress.step),
        "best on validation": best,
        "hardware": hardware(on_cpu(options.device)),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }


def _empty(folder: Path) -> Path:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def _put(draft: Path, target: Path) -> Path:
    """Move a finished folder to its name."""
    if target.exists():
        old = target.with_name(f".{target.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        os.replace(target, old)
        os.replace(draft, target)
        shutil.rmtree(old)
    else:
        os.replace(draft, target)
    return target
