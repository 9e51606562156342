"""`lamina plugins`, `bench`, `doctor` and `demo`: what this installation has, and how well it does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from PIL import Image

from studio import demo as demo_run
from studio import doctor as checks
from studio.benchmarks import pick
from studio.cli.output import print_json, progress
from studio.core.errors import StudioError, UsageError
from studio.plugin_api.bench import BenchTable
from studio.plugin_host.registry import discover


def plugins(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the plugins with their engines, licences and sizes."""
    registry = discover()
    if as_json:
        print_json([plugin.manifest.model_dump(mode="json") for plugin in registry])
        return
    for plugin in registry:
        manifest = plugin.manifest
        typer.echo(f"{manifest.id} {manifest.version} — {manifest.title}")
        typer.echo(f"  {manifest.summary}")
        for engine in manifest.engines:
            size = f"{engine.size_mb:.0f} MB" if engine.size_mb else "no weights"
            typer.echo(f"  engine {engine.id}: {engine.good_at} ({size}, {engine.licence})")
    for fault in registry.faults:
        typer.echo(f"  faulty: {fault.message}", err=True)


def bench(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="One benchmark; all of them when left out.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Smaller sizes, for a first look.")] = False,
    pictures: Annotated[
        Path | None, typer.Option("--pictures", metavar="DIR", help="Where pictures to look at go; made if missing.")
    ] = None,
) -> None:
    """Measure speed and quality on this machine, against the targets. Works from a checkout."""
    for benchmark in pick(discover(), name):
        typer.echo(f"Measuring {benchmark.name}", err=True)
        for table in benchmark.tables(quick):
            typer.echo(f"\n{table.markdown()}", nl=True)
            if pictures is not None:
                _write_pictures(table, pictures)


def _write_pictures(table: BenchTable, folder: Path) -> None:
    for picture in table.pictures:
        path = folder / f"{picture.name}.png"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture.pixels).save(path)
        except OSError as error:
            raise StudioError(f"Could not write {path}: {error}.", "Choose another folder for the pictures.") from error
        typer.echo(f"Wrote {path}", err=True)


def doctor(
    project: Annotated[Path | None, typer.Argument(metavar="FILE.lamina", help="A damaged project to recover.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="OUT.lamina", help="Where to recover it to.")
    ] = None,
) -> None:
    """Look at this installation and say what is missing; or recover a damaged project into a new file."""
    if project is None:
        findings = checks.installation()
    elif output is None:
        raise UsageError("Say where to write the recovered project.", "Add -o OUT.lamina.")
    else:
        findings = checks.recovery(project, output)
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.well else 'FAIL'}  {finding.what}")
        if finding.hint:
            typer.echo(f"      {finding.hint}")
    if any(not finding.well for finding in findings):
        raise typer.Exit(1)


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go; made if missing.")] = Path(
        "demo-out"
    ),
) -> None:
    """Decompose the sample picture into layers; writes a PSD and a contact sheet to look at."""
    with progress(quiet=False) as show:
        made = demo_run.run(out, show)
    typer.echo(f"{made.psd}: the layered file; open it in any editor that reads PSD")
    typer.echo(f"{made.sheet}: what was separated, side by side")
    typer.echo(f"stack minus photo: at most {made.max_difference_255:.3g}/255")
