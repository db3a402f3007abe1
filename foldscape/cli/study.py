"""``foldscape study``: carry a study out in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from foldscape.cli.tables import write_csv
from foldscape.explain import explain
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
        write_csv(table, [names, *lines])


def _read(given: str, changes: list[str], console: Console) -> Study:
    path = Path(given)
    try:
        plain: Any = yaml.safe_load(path.read_text()) if path.suffix else {"kind": given}
        if not isinstance(plain, dict):
            raise yaml.YAMLError(f"it holds a {type(plain).__name__}, not a mapping of fields")
        plain |= {name: yaml.safe_load(value) for name, _, value in (change.partition("=") for change in changes)}
        checked: Study = TypeAdapter(StudySpec).validate_python(plain)
    except OSError as error:
        console.print(f"[red]{path} cannot be read:[/] {error.strerror}.")
    except yaml.YAMLError as error:
        console.print(f"[red]{path} is not a spec:[/] {error}")
    except ValidationError as error:
        console.print("[red]This study cannot be carried out as it is:[/]")
        for fault in explain(error.errors(), StudySpec):
            console.print(f"  {fault['message']}", markup=False)
    else:
        return checked
    raise typer.Exit(2)


def _show(console: Console, names: tuple[str, ...], lines: list[tuple[Any, ...]]) -> None:
    shown = Table(*names)
    for line in lines:
        shown.add_row(*("" if value is None else str(value) for value in line))
    console.print(shown)
