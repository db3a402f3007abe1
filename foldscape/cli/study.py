"""``foldscape study``: carry a study out in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from foldscape.cli.reading import faults_named, plainly, read_yaml
from foldscape.cli.tables import write_table
from foldscape.reading import read_text
from foldscape.studies import Study, StudyProgress, StudySpec

SHARES = 1000


def study(
    spec: Annotated[
        str, typer.Argument(help="A kind of study, as `utilisation`, or a spec as a YAML or JSON file.")
    ] = "utilisation",
    change: Annotated[
        list[str] | None, typer.Option("--set", help="Change a field, as `--set nets=200`; repeat the option.")
    ] = None,
    table: Annotated[str | None, typer.Option(help="Write the table as CSV to a file, or - for stdout.")] = None,
) -> None:
    """Answer a question with many nets at once, and hold what was claimed against it."""
    console = Console(stderr=table == "-")
    given = _read(spec, change or [], console)
    last: StudyProgress | None = None
    share, doing = TextColumn("{task.percentage:3.0f} %"), TextColumn("{task.description}")
    with Progress(BarColumn(), share, TimeRemainingColumn(), doing, console=console) as bar:
        task = bar.add_task("", total=SHARES)
        for told in given.run():
            bar.update(task, completed=SHARES * told.share, description=told.doing)
            last = told
    assert last is not None
    names, lines = given.table([row.model_dump(mode="json") for row in last.rows])
    _show(console, names, lines)
    for finding in last.findings:
        console.print(f"[bold]{finding.holds:4}[/] {finding.claim}: {finding.words}", highlight=False)
    console.print(last.verdict)
    if table is not None:
        write_table(table, [names, *lines])


def _read(given: str, changes: list[str], console: Console) -> Study:
    path = Path(given)
    plain = read_yaml(path, console) if path.suffix else {"kind": given}
    with plainly(console):
        plain |= {name: read_text(value) for name, _, value in (change.partition("=") for change in changes)}
    with faults_named(path, StudySpec, console):
        checked: Study = TypeAdapter(StudySpec).validate_python(plain)
    return checked


def _show(console: Console, names: tuple[str, ...], lines: list[tuple[Any, ...]]) -> None:
    shown = Table(*names)
    for line in lines:
        shown.add_row(*("" if value is None else str(value) for value in line))
    console.print(shown)
