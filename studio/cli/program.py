"""The `lamina` program: global options, the subcommands, and the one place where errors become exit codes."""

from __future__ import annotations

import cProfile
import pstats
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

import studio
from studio.cli import files, reports, run
from studio.cli.output import show_error
from studio.core.errors import JobCancelled, StudioError, UsageError

PROFILE_LINES = 25


@dataclass(slots=True)
class _Switches:
    """Global options of this invocation."""

    debug: bool = False
    profile: bool = False


app = typer.Typer(
    name="lamina",
    help="Lamina Studio: an image editor in which diffusion works on layers.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(run.app, name="run")
app.command("info")(files.info)
app.command("convert")(files.convert)
app.command("verify")(files.verify)
app.command("diff")(files.diff)
app.command("batch")(run.batch)
app.command("plugins")(reports.plugins)
app.command("bench")(reports.bench)
app.command("doctor")(reports.doctor)
app.command("demo")(reports.demo)


@app.callback()
def _global_options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show details and a traceback when something fails.")] = False,
    profile: Annotated[bool, typer.Option("--profile", help="Print where the time went, on stderr.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(f"lamina {studio.__version__}")
        raise typer.Exit
    switches = context.ensure_object(_Switches)
    switches.debug, switches.profile = debug, profile
    if profile:
        context.with_resource(_profiled())


@contextmanager
def _profiled() -> Iterator[None]:
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
    switches = _Switches()
    command = typer.main.get_command(app)
    assert isinstance(command, TyperGroup)
    try:
        code = command.main(args=arguments, prog_name="lamina", standalone_mode=False, obj=switches)
        return code if isinstance(code, int) else 0
    except typer.Exit as stop:
        return stop.exit_code
    except TyperException as error:
        print(f"lamina: {error.format_message()}\n  See lamina --help, or COMMAND --help.", file=sys.stderr)
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
    except MemoryError as error:
        show_error(
            StudioError("There is not enough memory.", "Close other programs, or use a smaller picture."),
            switches.debug,
        )
        del error
        return 1
    except Exception as error:  # the program's edge: an unforeseen error still ends in three lines
        if switches.debug:
            raise
        show_error(
            StudioError(
                f"Something unforeseen went wrong: {error!r}.", "Run again with --debug and report what it prints."
            ),
            False,
        )
        return 1
