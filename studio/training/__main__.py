"""`python -m studio.training NAME`: training on a machine that has torch and little else."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from studio import resources
from studio.core.errors import StudioError, UsageError
from studio.training.choices import Config, DeviceChoice, Precision
from studio.training.export import finish
from studio.training.names import RECIPES
from studio.training.registry import recipe
from studio.training.schedule import Budget
from studio.training.trainer import Options, train


def main(arguments: list[str] | None = None) -> int:
    """Train one recipe; 0 done, 1 failed, 2 wrong use."""
    given = _parser().parse_args(arguments)
    models = resources.assets_dir() / "models"
    options = Options(
        out=given.out,
        cache_dir=given.cache or given.out.parent / "cache",
        models_dir=models,
        budget=Budget(seconds=given.minutes * 60),
        config=given.config,
        device=given.device,
        seed=given.seed,
        precision=given.precision,
        workers=given.workers,
        fresh=given.fresh,
    )
    try:
        made = train(recipe(given.name), options, _say)
        print(finish(recipe(given.name), made, options, models if given.publish else None))
    except StudioError as error:
        print(f"{error.message}\n  {error.hint}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m studio.training", description="Train one of the studio's models.")
    parser.add_argument("name", choices=sorted(RECIPES), help="the recipe")
    parser.add_argument("--minutes", type=float, required=True, help="training time of the whole run")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder; a run there goes on")
    parser.add_argument("--cache", type=Path, help="folder for data that is drawn once")
    parser.add_argument("--config", type=Config, choices=list(Config), default=Config.GPU)
    parser.add_argument("--device", type=DeviceChoice, choices=list(DeviceChoice), default=DeviceChoice.AUTO)
    parser.add_argument("--precision", type=Precision, choices=list(Precision), default=Precision.AUTO)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, help="processes that make data")
    parser.add_argument("--fresh", action="store_true", help="begin anew even if the folder holds a run")
    parser.add_argument("--publish", action="store_true", help="put the model into assets/models")
    return parser


def _say(stage: str, fraction: float | None) -> None:
    share = "" if fraction is None else f"{fraction:5.1%}  "
    print(f"{share}{stage}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
