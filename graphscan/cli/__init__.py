"""Commands: parse, call one function, print. `main` is what the shell starts.

Exit codes: 0 done, 1 failed, 2 the command line or the settings are wrong, 128 and its number where a signal ended
it; of `nightly` also 3 degraded, 99 nothing to do. Results go to stdout, progress and errors to stderr. Heavy imports
are inside the commands, so that `graphscan --help` is quick.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import os
import sys
from typing import Annotated, TextIO

import typer

from graphscan import __version__
from graphscan.cli import bench, bench_costs, exchange, lab, look, nights, scan
from graphscan.errors import GraphscanError, SettingsError
from graphscan.stopping import SIGNALLED, stoppable, stopped_by

FAILED, WRONG_USE = 1, 2

app = typer.Typer(
    name="graphscan",
    help="Finds rings of accounts run by one operator in request logs, and shows why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"graphscan {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    pass


for command in (
    lab.demo,
    scan.check,
    scan.scan,
    look.explain,
    look.draw_map,
    look.null,
    look.reproduce,
    look.report,
    exchange.export,
    exchange.appeal,
    exchange.decide,
    nights.nightly,
    nights.list_nights,
    nights.verify,
    nights.purge,
    lab.simulate,
    lab.evaluate,
    look.queries,
):
    app.command(command.__name__.removeprefix("draw_").removeprefix("list_"))(command)
for benchmark in (bench_costs.scale, bench_costs.peers):
    bench.app.command()(benchmark)
app.add_typer(bench.app)


def main() -> None:
    """Runs a command and exits with its code; an error is a message and a hint, without a traceback."""
    _open_streams()
    _keep_stdout()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal or a pipe in ASCII gets \u2013 for what it cannot show, and no traceback.
            stream.reconfigure(errors="backslashreplace")
    with stoppable() as asked:
        try:
            app(prog_name="graphscan")
        except BaseException as e:  # what a signal raised comes out of a library as an error of its own
            if asked.by is not None:
                print(stopped_by(asked.by), file=sys.stderr)
                sys.exit(SIGNALLED + asked.by)
            if not isinstance(e, GraphscanError):
                raise
            _print_error(e)
            sys.exit(WRONG_USE if isinstance(e, SettingsError) else FAILED)


def _open_streams() -> None:
    """What was closed before the program began leads nowhere, in its own place: else the first file that is opened
    would take it, and be written to."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


def _keep_stdout() -> None:
    """Leaves stdout to the commands: what a library prints of its own accord goes to stderr.

    HiGHS prints a line in the midst of some solutions, whatever it is told, and JSON with it is none.
    """
    if not isinstance(sys.stdout, io.TextIOWrapper) or sys.stdout is not sys.__stdout__:
        return  # somebody else collects it
    with contextlib.suppress(OSError):  # either is closed: then nothing can be kept apart
        kept = os.dup(1)
        os.dup2(2, 1)
        sys.stdout = os.fdopen(kept, "w", encoding=sys.stdout.encoding)
        atexit.register(_flush, sys.stdout)


def _flush(stdout: TextIO) -> None:
    """Writes what waits; who reads may have gone, which is no fault."""
    try:
        stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())


def _print_error(e: GraphscanError) -> None:
    from graphscan.cli.shown import on_one_screen

    print(f"error: {on_one_screen(e.message)}", file=sys.stderr)
    if e.hint:
        print(f"hint: {on_one_screen(e.hint)}", file=sys.stderr)
