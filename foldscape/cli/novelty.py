"""``foldscape novelty``: train from a spec file, and see how the net does on new test points."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from foldscape.cli.reading import plainly
from foldscape.cli.run import read_spec
from foldscape.cli.tables import write_table
from foldscape.neighbours.buckets import BUCKETS
from foldscape.wire import finite


def told_by_bucket(
    spec: Annotated[Path, typer.Argument(help="The run, as YAML or JSON; see `foldscape schema`.")],
    buckets: Annotated[int, typer.Option(help="Parts of equal size.")] = BUCKETS,
    representation: Annotated[
        str, typer.Option(help="What distances are between: auto, words, hashed, inputs or features.")
    ] = "auto",
    table: Annotated[str | None, typer.Option(help="Write it as CSV to a file, or - for stdout.")] = None,
) -> None:
    """Train a network as a spec says, and tell accuracy and confidence by how new the test points are."""
    console = Console(stderr=table == "-")
    given = read_spec(spec, None, console)
    with plainly(console):
        from foldscape.landscape.recorded import record
        from foldscape.neighbours.representation import known_representation, representation_for
        from foldscape.novelty import novelty_of

        asked = known_representation(representation)
        representation_for(asked, given.load())
        with console.status("Training"):
            kept = record(given)
        with console.status("Searching the training points"):
            rows = novelty_of(kept, buckets=buckets, representation=asked).rows()
    if table is not None:
        write_table(table, [list(rows[0]), *([finite(value) for value in row.values()] for row in rows)])
        return
    shown = Table(*(name.replace("_", " ") for name in rows[0]))
    for row in rows:
        shown.add_row(*(f"{value:.4g}" if value == value else "" for value in row.values()))
    console.print(shown)
