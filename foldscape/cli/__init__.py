"""The command line: runs, studies, sweeps and their verdicts, and what the floors above add (``foldscape up``)."""

from __future__ import annotations

from importlib.metadata import entry_points

import typer

from foldscape.cli import judging, landscape, run, schema, study, sweep


def build() -> typer.Typer:
    """Gather the commands of this floor and those that others register under ``foldscape.commands``."""
    app = typer.Typer(
        help="Explore loss landscapes and grow neural networks.", no_args_is_help=True, add_completion=False
    )
    app.command("run")(run.run)
    app.command("landscape")(landscape.landscape)
    app.command("study")(study.study)
    app.command("new")(sweep.new)
    app.command("check")(sweep.check)
    app.command("try")(sweep.try_one)
    app.command("sweep")(sweep.sweep)
    app.command("compare")(judging.compare)
    app.command("export")(judging.export)
    app.command("verify")(judging.verify)
    app.command("schema")(schema.schema)
    for entry in entry_points(group="foldscape.commands"):
        entry.load()(app)
    return app


def main() -> None:
    """Run the command line."""
    build()()
