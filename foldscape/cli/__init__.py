"""The command line: runs, studies, sweeps and their verdicts, and what the floors above add (``foldscape up``)."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Annotated

import typer

from foldscape import __version__
from foldscape.cli import ensemble, iterative, judging, landscape, novelty, run, schema, study, sweep

GROUP = "foldscape.commands"
"""Entry points under which others add commands: each names a function that is given the ``typer.Typer``."""


def build_cli() -> typer.Typer:
    """Gather the commands of this floor and those that others register under ``GROUP``."""
    app = typer.Typer(no_args_is_help=True, add_completion=False)
    app.callback()(_every_command)
    app.command("run")(run.run)
    app.command("landscape")(landscape.landscape)
    app.command("novelty")(novelty.told_by_bucket)
    app.command("iterative")(iterative.told_by_block)
    app.command("ensemble")(ensemble.ensemble)
    app.command("study")(study.study)
    app.command("new")(sweep.new)
    app.command("check")(sweep.check)
    app.command("try")(sweep.try_one)
    app.command("sweep")(sweep.sweep)
    app.command("compare")(judging.compare)
    app.command("export")(judging.export)
    app.command("verify")(judging.verify)
    app.command("schema")(schema.schema)
    for entry in entry_points(group=GROUP):
        _add(entry, app)
    return app


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"foldscape {__version__}")
        raise typer.Exit


def _every_command(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    """Explore loss landscapes and grow neural networks."""


def _add(entry: EntryPoint, app: typer.Typer) -> None:
    """Let what was installed beside add its commands; where it cannot, name it and leave the rest as it is."""
    before = len(app.registered_commands), len(app.registered_groups)
    try:
        entry.load()(app)
    except (Exception, SystemExit) as error:  # whatever it is, it is theirs
        del app.registered_commands[before[0] :], app.registered_groups[before[1] :]
        of = f" of {entry.dist.name} {entry.dist.version}" if entry.dist else ""
        why = " ".join(f"{type(error).__name__}: {error}".split())
        typer.echo(f"The commands {entry.name!r} ({entry.value}{of}) are left out: {why:.300}", err=True)


def main() -> None:
    """Run the command line."""
    build_cli()()
