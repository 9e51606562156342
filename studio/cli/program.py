"""The `lamina` program: global options, the subcommands, and the one place where errors become exit codes."""

from __future__ import annotations

import cProfile
import importlib
import pstats
import sys
import traceback
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Annotated, Protocol

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

import studio
from studio.cli.typed import as_command
from studio.core.errors import JobCancelled, StudioError, UsageError

PROFILE_LINES = 25


@dataclass(slots=True)
class _Switches:
    """Global options of this invocation."""

    debug: bool = False
    profile: bool = False


class HelpFormatter(Protocol):
    """What typer draws its help with."""

    def section(self, name: str) -> AbstractContextManager[None]: ...

    def write_dl(self, rows: list[tuple[str, str]]) -> None: ...


@dataclass(frozen=True, slots=True)
class _Subcommand:
    """Where a subcommand's function or typer app lies, and its line in `lamina --help`."""

    module: str
    name: str
    help: str


SUBCOMMANDS = {
    "run": _Subcommand("studio.cli.run", "app", "Run a plugin on a picture and write the layers."),
    "info": _Subcommand("studio.cli.files", "info", "Show the layer tree of a file."),
    "convert": _Subcommand("studio.cli.files", "convert", "Convert between any two formats."),
    "verify": _Subcommand("studio.cli.files", "verify", "Check a PSD, alone or against a document."),
    "diff": _Subcommand("studio.cli.files", "diff", "Compare two pictures or documents as they look."),
    "batch": _Subcommand("studio.cli.run", "batch", "Apply a recipe to every picture of a folder."),
    "plugins": _Subcommand("studio.cli.reports", "plugins", "List the plugins and their engines."),
    "bench": _Subcommand("studio.cli.reports", "bench", "Measure speed and quality on this machine."),
    "doctor": _Subcommand("studio.cli.reports", "doctor", "Check this installation, or recover a project."),
    "synth": _Subcommand("studio.cli.practice", "synth", "Draw scenes of the practice world to look at."),
    "train": _Subcommand("studio.cli.practice", "train", "Train one of the studio's own models."),
    "demo": _Subcommand("studio.cli.reports", "demo", "Decompose the sample picture into layers."),
}


class _LazyCommands(TyperGroup):
    """Imports a subcommand's module when it is used, so that help and errors come at once."""

    def list_commands(self, ctx: object) -> list[str]:
        return list(SUBCOMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | TyperGroup | None:
        told = SUBCOMMANDS.get(cmd_name)
        if told is None:
            return None
        target = getattr(importlib.import_module(told.module), told.name)
        if isinstance(target, typer.Typer):
            return as_command(target)
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(cmd_name)(target)
        return as_command(single)

    def format_commands(self, ctx: object, formatter: HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, told.help) for name, told in SUBCOMMANDS.items()])


app = typer.Typer(
    name="lamina",
    cls=_LazyCommands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    """Before anything else is looked at."""
    if asked:
        typer.echo(f"lamina {studio.__version__}")
        raise typer.Exit


@app.callback()
def _global_options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show details and a traceback when something fails.")] = False,
    profile: Annotated[bool, typer.Option("--profile", help="Print where the time went, on stderr.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Lamina Studio: an image editor in which diffusion works on layers."""
    switches = context.ensure_object(_Switches)
    switches.debug, switches.profile = debug, profile
    if profile:
        context.with_resource(_profiled())


@contextmanager
def _profiled() -> Generator[None]:
    profiler = cProfile.Profile()
    profiler.enable()
    try:
        yield
    finally:
        profiler.disable()
        pstats.Stats(profiler, stream=sys.stderr).sort_stats("cumulative").print_stats(PROFILE_LINES)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 the work failed, 2 wrong use."""
    raise SystemExit(invoke(arguments))


def invoke(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; errors are printed, never raised."""
    switches = _Switches(debug="--debug" in (sys.argv if arguments is None else arguments))
    command = typer.main.get_command(app)
    assert isinstance(command, TyperGroup)
    try:
        code = command.main(args=arguments, prog_name="lamina", standalone_mode=False, obj=switches)
        return code if isinstance(code, int) else 0
    except typer.Exit as stop:
        return stop.exit_code
    except TyperException as error:
        words = error.format_message().replace("Value error, ", "")  # pydantic's prefix, which typer leaves in
        asked_nothing = words.startswith("Usage:")
        print(words if asked_nothing else f"lamina: {words}\n  See lamina --help.", file=sys.stderr)
        return 2
    except UsageError as error:
        show_error(error, switches.debug)
        return 2
    except StudioError as error:
        show_error(error, switches.debug)
        return 1
    except (typer.Abort, KeyboardInterrupt, JobCancelled):
        print("lamina: stopped; nothing was written.", file=sys.stderr)
        return 1
    except MemoryError:
        show_error(StudioError("There is not enough memory.", "Close other programs, or use a smaller picture."), False)
        return 1
    except Exception as error:  # the program's edge: an unforeseen error still ends in three lines
        hint = "Run again with --debug and report what it prints."
        show_error(StudioError(f"Something unforeseen went wrong: {error!r}.", hint), switches.debug)
        return 1


def show_error(error: StudioError, debug: bool) -> None:
    """What failed, why, what to do: never more than three lines. With `debug`, the detail and the traceback too."""
    print(f"lamina: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"  {error.hint}", file=sys.stderr)
    if debug:
        if error.detail:
            print(error.detail, file=sys.stderr)
        traceback.print_exc(file=sys.stderr)
