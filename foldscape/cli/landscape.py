"""``foldscape landscape``: train from a spec file, and measure the loss around the net."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter
from rich.console import Console

from foldscape.cli.reading import faults_named, plainly
from foldscape.cli.run import read_spec
from foldscape.cli.tables import write_table
from foldscape.landscape.recorded.spec import Landscape, LandscapeSpec
from foldscape.reading import read_text

RUN, OTHERS = "run", ("to", "third")
"""Names by which a landscape finds the runs of the spec files."""


def landscape(
    spec: Annotated[Path, typer.Argument(help="The run, as YAML or JSON; see `foldscape schema`.")],
    view: Annotated[
        str, typer.Option(help="slice, plane, planes, path, straight, saddles, connection or spectrum.")
    ] = "slice",
    change: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a field, as `--set plane.resolution=31`; repeat the option."),
    ] = None,
    to: Annotated[
        list[Path] | None, typer.Option(help="The run at the other end of a connection; a second one for a hub.")
    ] = None,
    table: Annotated[str | None, typer.Option(help="Write it as CSV to a file, or - for stdout.")] = None,
    basins: Annotated[
        str | None, typer.Option(help="Write basins and hills as CSV to a file, or - for stdout.")
    ] = None,
    figure: Annotated[Path | None, typer.Option(help="Write a slice, plane, planes or path as an HTML page.")] = None,
) -> None:
    """Train a network as a spec says, and measure the loss around it."""
    console = Console(stderr="-" in (table, basins))
    others = dict(zip(OTHERS, to or [], strict=False))
    asked = _asked(view, change or [], others, spec, console)
    specs = {RUN: read_spec(spec, None, console)} | {
        name: read_spec(path, None, console) for name, path in others.items()
    }
    with plainly(console):
        from foldscape.landscape.recorded import of_run, record

        with console.status("Training"):
            records = {name: record(given, name=name) for name, given in specs.items()}
        with console.status(f"Measuring a {view}"):
            found = of_run(records[RUN], asked, others=records)
        if figure is not None:
            found.plot().figure().write_html(figure)
            console.print(f"  {figure}", highlight=False, soft_wrap=True)
    lines = list(found.lines())
    if table is not None:
        write_table(table, lines)
    if basins is not None:
        write_table(basins, found.topology_lines())
    for said in found.topology_words():
        console.print(f"  {said[0].upper()}{said[1:]}", highlight=False, soft_wrap=True)
    way_out = "" if table is not None else "; --table FILE writes them as CSV"
    console.print(f"{len(lines) - 1:,} lines of {', '.join(lines[0])}{way_out}", highlight=False)


def _asked(view: str, changes: Sequence[str], others: Mapping[str, Path], path: Path, console: Console) -> Landscape:
    """Read which landscape is asked for, or end with one clear sentence a fault."""
    fields: dict[str, Any] = {"view": view, "run": RUN, **{name: name for name in others}}
    with plainly(console):
        for name, _, value in (change.partition("=") for change in changes):
            *above, last = name.split(".")
            place = fields
            for part in above:
                place = place.setdefault(part, {})
            place[last] = read_text(value)
    with faults_named(path, LandscapeSpec, console):
        asked: Landscape = TypeAdapter(LandscapeSpec).validate_python(fields)
    return asked
