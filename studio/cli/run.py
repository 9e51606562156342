"""`lamina run PLUGIN ...` and `lamina batch`: plugins on files."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperCommand, TyperGroup

from studio import recipe as recipes
from studio.cli.output import print_json, progress, show_notices, write_report
from studio.cli.plugin_options import mask_files, option_parameters, parameter_values
from studio.cli.typed import as_command
from studio.commands import RunPlugin, run_plugin
from studio.core import edits
from studio.core.document import Document
from studio.core.errors import StudioError, UsageError
from studio.core.geometry import Rect, Size
from studio.core.layers import RasterLayer
from studio.io.delivery import Adjustments
from studio.io.formats import format_for_writing
from studio.io.report import Notice
from studio.jobs.messages import Message, Progress
from studio.plugin_api.manifest import InputKind
from studio.plugin_api.params import json_schema, specs
from studio.plugin_host.registry import Plugin, Registry, discover
from studio.session import Session

OutputOption = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="OUT", help="Where to write the result; the extension says how."),
]
ReportOption = Annotated[
    Path | None, typer.Option("--report", metavar="R.json", help="Write what was measured as JSON.")
]
AdjustmentsOption = Annotated[
    Adjustments,
    typer.Option(
        "--adjustments",
        help="Adjustment layers in a PSD: baked looks the same in every program, live stays editable in Photoshop.",
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress on stderr.")]


class PluginCommands(TyperGroup):
    """One subcommand a plugin, made from its manifest and parameters when it is asked for."""

    _registry: Registry | None = None

    def list_commands(self, ctx: object) -> list[str]:
        return [plugin.manifest.id for plugin in self._plugins()]

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | TyperGroup:
        return _plugin_command(self._plugins().get(cmd_name), self._plugins())

    def _plugins(self) -> Registry:
        if self._registry is None:
            self._registry = discover()
        return self._registry


app = typer.Typer(
    cls=PluginCommands,
    add_completion=False,
    help="Run a plugin on a picture and write the layers.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _plugins() -> None:
    """Run a plugin on a picture and write the layers."""


def _plugin_command(plugin: Plugin, registry: Registry) -> TyperCommand | TyperGroup:
    """The subcommand of one plugin: fixed options, and one option per parameter."""
    told = specs(plugin.params_class)

    def command(**given: object) -> None:
        _run(plugin, registry, given)

    parameters = [*_fixed_parameters(plugin), *option_parameters(told)]
    command.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportFunctionMemberAccess] - read by typer
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(plugin.manifest.id, help=plugin.manifest.summary)(command)
    return as_command(single)


def _fixed_parameters(plugin: Plugin) -> list[inspect.Parameter]:
    engines = ", ".join(info.id for info in plugin.manifest.engines)

    def keyword(name: str, annotation: object, default: object = None) -> inspect.Parameter:
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)

    parameters = [
        keyword("output", OutputOption),
        keyword("engine", Annotated[str | None, typer.Option("--engine", help=f"One of: {engines}.")]),
        keyword("seed", Annotated[int, typer.Option("--seed", help="Same seed, same result.")], 0),
        keyword("steps", Annotated[int | None, typer.Option("--steps", help="Sampling steps of a model.")]),
        keyword("report", ReportOption),
        keyword("quiet", QuietOption, False),
        keyword("schema", Annotated[bool, typer.Option("--schema", help="Print the parameters' JSON schema.")], False),
    ]
    if plugin.manifest.input is InputKind.PICTURE:
        argument = Annotated[Path | None, typer.Argument(metavar="INPUT", help="The picture to work on.")]
        parameters.insert(0, keyword("input", argument))
        parameters.append(keyword("adjustments", AdjustmentsOption, Adjustments.BAKED))
    return parameters


def _run(plugin: Plugin, registry: Registry, given: dict[str, object]) -> None:
    """Open, run, save, report."""
    told = specs(plugin.params_class)
    if given["schema"]:
        print_json(json_schema(plugin.params_class))
        return
    output = given["output"]
    if not isinstance(output, Path):
        raise UsageError("Say where to write the result.", "Add -o OUT.psd.")
    check_target(output)
    check_place(given["report"])
    session = Session(registry)
    values = parameter_values(told, given)
    notices = _open_input(session, plugin, given.get("input"), _asked_size(values))
    request = RunPlugin(
        plugin=plugin.manifest.id,
        params=values,
        engine=given["engine"] if isinstance(given["engine"], str) else None,
        seed=int(str(given["seed"])),
        steps=None if given["steps"] is None else int(str(given["steps"])),
        masks=mask_files(told, given),
    )
    with progress(bool(given["quiet"])) as show:
        report = run_plugin(session, request, _listener(show))
        if plugin.manifest.input is InputKind.NONE and _asked_size(values) is None:
            _fit_canvas(session)
        show("Writing and checking the file", None)
        written = session.save(output, Adjustments(str(given.get("adjustments", Adjustments.BAKED))))
    show_notices([*notices, *written.notices])
    for notice in report.notices:
        typer.echo(f"  {notice}", err=True)
    document = session.document
    layers = sum(1 for _ in document.walk())
    typer.echo(
        f"{output}: {layers} layers, {document.size.width} x {document.size.height} px, {int(document.depth)} bit"
    )
    for name, value in report.figures.items():
        typer.echo(f"  {name}: {value:.4g}" if isinstance(value, float) else f"  {name}: {value}")
    path = given["report"]
    everything = {
        **asdict(report),
        "output": str(output),
        "parameters": request.params,
        "file": {"figures": dict(written.figures), "notices": [str(n) for n in (*notices, *written.notices)]},
    }
    write_report(path if isinstance(path, Path) else None, everything)


def _open_input(session: Session, plugin: Plugin, path: object, size: Size | None) -> tuple[Notice, ...]:
    if plugin.manifest.input is InputKind.NONE:
        session.start(Document(size=size or Size(512, 512)))
        return ()
    if not isinstance(path, Path):
        raise UsageError(f"{plugin.manifest.title} needs a picture.", "Name it after the plugin.")
    return session.open(path)


def _asked_size(values: Mapping[str, object]) -> Size | None:
    """The size that the parameters ask for, if they do; 0 stands for whatever the engine draws."""
    asked = values.get("size")
    if not isinstance(asked, dict) or not (asked["width"] > 0 and asked["height"] > 0):
        return None
    return Size(asked["width"], asked["height"])


def _fit_canvas(session: Session) -> None:
    """A document that a plugin began becomes as large as what it drew."""
    drawn = Rect.union(layer.bounds for layer in session.document.walk() if isinstance(layer, RasterLayer))
    if not drawn.is_empty:
        session.apply("Fit the canvas", lambda document: edits.crop(document, drawn))


def _listener(show: Callable[[str, float | None], None]) -> Callable[[Message], None]:
    def listen(message: Message) -> None:
        if isinstance(message, Progress):
            show(message.stage, message.fraction)

    return listen


def check_target(path: Path) -> None:
    """Find out before any work whether `path` can be written. Raises UsageError or StudioError."""
    format_for_writing(path)
    check_place(path)


def check_place(path: object) -> None:
    """Find out before any work whether a file can be put there; None is no file. Raises StudioError."""
    if not isinstance(path, Path):
        return
    if not path.parent.is_dir():
        raise StudioError(f"Could not write {path.name}: the folder {path.parent} does not exist.", "Create it first.")
    if path.is_dir():
        raise StudioError(f"Could not write {path.name}: it is a folder.", "Choose another file name.")
    if not os.access(path.parent, os.W_OK):
        raise StudioError(
            f"Could not write {path.name}: you may not write into the folder {path.parent.resolve()}.",
            "Choose another folder.",
        )


def batch(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of pictures.")],
    recipe: Annotated[Path, typer.Option("--recipe", metavar="R.json", help="What to do with each; see the README.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the results go; made if missing.")],
    report: ReportOption = None,
    quiet: QuietOption = False,
) -> None:
    """Apply a recipe to every picture of a folder. Broken files are reported and the rest is done."""
    told = recipes.load(recipe)
    check_place(report)
    outcomes: list[recipes.FileOutcome] = []
    with progress(quiet) as show:

        def on_file(index: int, count: int, name: str) -> None:
            show(f"{name} ({index + 1} of {count})", index / count)

        outcomes.extend(recipes.run(Session(), folder, told, out, on_file))
    for outcome in outcomes:
        done = ", ".join(outcome.outputs) if not outcome.error else f"FAILED: {outcome.error}"
        typer.echo(f"{outcome.file}: {done}")
    failed = [outcome for outcome in outcomes if outcome.error]
    typer.echo(f"{len(outcomes) - len(failed)} done, {len(failed)} failed")
    write_report(report, {"recipe": told.model_dump(), "files": [asdict(outcome) for outcome in outcomes]})
    if failed:
        raise typer.Exit(1)
