"""`lamina synth` and `train`: the practice world, and the models that are trained on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import platformdirs
import typer

from studio import resources
from studio.cli.output import progress
from studio.core.errors import StudioError, UsageError
from studio.io.formats import save_document
from studio.plugin_host.registry import discover
from studio.synth.frame import LARGEST_PX, SMALLEST_PX
from studio.synth.sheet import Kind, write_samples
from studio.training.choices import Config, DeviceChoice, Precision
from studio.training.names import RECIPES

if TYPE_CHECKING:
    from studio.training.recipe import Recipe

OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go; made if missing.")]


def synth(
    out: OutOption = Path("synth-out"),
    count: Annotated[int, typer.Option("--count", min=1, max=1000, help="How many scenes and designs.")] = 8,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The first one's number; the others follow.")] = 0,
    size: Annotated[int, typer.Option("--size", min=SMALLEST_PX, max=LARGEST_PX, help="Height in pixels.")] = 256,
    kinds: Annotated[
        list[Kind] | None, typer.Option("--kind", help="What to write; repeat for several. All when left out.")
    ] = None,
) -> None:
    """Draw scenes, posters and clips of the practice world: contact sheets, JSON, and a layered PSD and ORA of each."""
    seeds = range(seed, seed + count)
    for path in write_samples(out, seeds, size, kinds or list(Kind), save_document):
        typer.echo(str(path))


def train(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The model: one of ours, or a plugin's.")],
    minutes: Annotated[float, typer.Option("--minutes", min=0.01, help="Training time of the whole run.")],
    config: Annotated[Config, typer.Option("--config", help="How large to build.")] = Config.CPU,
    device: Annotated[DeviceChoice, typer.Option("--device", help="Where to train.")] = DeviceChoice.AUTO,
    precision: Annotated[Precision, typer.Option("--precision", help="How exactly to compute.")] = Precision.AUTO,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of weights, data and noise.")] = 0,
    workers: Annotated[int | None, typer.Option("--workers", min=0, help="Processes that make data.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume/--fresh", help="Go on from the run's checkpoint, or begin anew.")
    ] = True,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="The run's folder, beside a `cache` shared by runs; in your data folder if left out.",
        ),
    ] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Put the finished model into this checkout's assets/models.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")] = False,
) -> None:
    """Train a model from nothing on the practice world, for so many minutes. A stopped run goes on where it was."""
    if publish and resources.checkout_root() is None:
        raise UsageError(
            "An installed Lamina has no place for new models.", "Train in a checkout, or without --publish."
        )
    recipe = find_recipe(name)
    from studio.training.export import finish
    from studio.training.schedule import Budget
    from studio.training.trainer import Options
    from studio.training.trainer import train as run

    runs = platformdirs.user_data_path("lamina-studio", appauthor=False) / "training"
    models = resources.assets_dir() / "models"
    options = Options(
        out=out or runs / f"{name}-{config}",
        cache_dir=(out.parent if out else runs) / "cache",
        models_dir=models,
        budget=Budget(seconds=minutes * 60),
        config=config,
        device=device,
        precision=precision,
        seed=seed,
        workers=workers,
        fresh=not resume,
    )
    with progress(quiet) as show:
        try:
            made = run(recipe, options, show)
        except KeyboardInterrupt as stop:
            raise StudioError(
                f"The training was stopped; at most its last {options.checkpoint_s:.0f} seconds are lost.",
                "Give the same command again to go on.",
            ) from stop
        show("Measuring on the test split", None)
        folder = finish(recipe, made, options, models if publish else None)
    typer.echo(f"{folder}: the model, its card and its samples")
    typer.echo(f"{made.folder.root}: checkpoint, log.jsonl and pictures of the run")


def find_recipe(name: str) -> Recipe:
    """One of our recipes, or one that a plugin's manifest lists. Raises UsageError for an unknown name."""
    registry = discover()
    offered = {entry.name: plugin for plugin in registry for entry in plugin.manifest.recipes}
    if name not in RECIPES and name not in offered:
        known = ", ".join(sorted({*RECIPES, *offered}))
        raise UsageError(f"There is no model “{name}” to train.", f"Choose among {known}.")
    if name in RECIPES:
        from studio.training.registry import recipe

        return recipe(name)
    return cast("Recipe", offered[name].recipe(name))
