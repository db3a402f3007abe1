"""``foldscape run``: train from a spec file, in the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from foldscape import device, wire
from foldscape.cli.reading import faults_named, plainly, read_yaml
from foldscape.cli.sources import Place, read_source
from foldscape.events import COLUMNS, CommandTaken, Grown, Metrics, Restored, Status, Unmeasured, Validation
from foldscape.growth.naming import rule_name
from foldscape.measures.declared import measure_of, values_of
from foldscape.spec import RunSpec
from foldscape.vocabulary import function_change

SHOWN = ("epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "neurons", "parameters")


def run(
    spec: Annotated[Path, typer.Argument(help="A spec as YAML or JSON; see `foldscape schema`.")],
    seed: Annotated[int | None, typer.Option(help="Use this seed instead of the spec's.")] = None,
    events: Annotated[
        str | None, typer.Option(help="Write every event as a JSON line to a file, or - for stdout.")
    ] = None,
    source: Place = None,
) -> None:
    """Train a network as a spec says."""
    console = Console(stderr=events == "-")
    given = read_spec(spec, seed, console)
    if given.device == "cpu":  # small nets gain nothing from more threads, and the bits depend on their number
        device.limit_threads(1, device.OF_TORCH)
    from foldscape.training import begin_to_warm
    from foldscape.training import run as start

    begin_to_warm(given)

    status: Status | None = None
    row: Metrics | None = None
    validated: Validation | None = None
    with plainly(console), _open(events) as sink, _progress(console) as bar:
        task = bar.add_task("epoch", total=given.stop.epochs)
        has = read_source(source, given, given.start, console) if source and given.start else None
        for event in start(given, source=has):
            if sink is not None:
                sink.write(json.dumps(wire.to_json(event), ensure_ascii=False) + "\n")
            if isinstance(event, Metrics):
                row = event
                bar.update(task, completed=int(event.values[0]), description=_tell(event))
            elif isinstance(event, Grown):
                bar.console.print(f"▲ epoch {event.epoch:g}: {rule_name(event.method)}, {function_change(event.kept)}")
            elif isinstance(event, CommandTaken) and event.refused:
                bar.console.print(f"✗ step {event.step:,}: {_command_name(event)} had no effect. {event.refused}")
            elif isinstance(event, Unmeasured):
                bar.console.print(f"✗ step {event.step:,}: {event.probe} cannot be measured. {event.why}")
            elif isinstance(event, Validation):
                validated = event
            elif isinstance(event, Restored):
                name = measure_of(event.on).label
                bar.console.print(f"★ epoch {event.best_epoch:g} came back: its {name} was {event.value:.4g}")
            elif isinstance(event, Status):
                status = event
    _summarise(console, row, validated, status)
    if status is not None and status.state == "failed":
        raise typer.Exit(1)


def read_spec(path: Path, seed: int | None, console: Console) -> RunSpec:
    """Read a spec file, or end with one clear sentence a fault.

    Returns:
        The spec, with the seed that was asked for.

    Raises:
        typer.Exit: With code 2 if the file or the spec cannot be used.
    """
    plain = read_yaml(path, console)
    with faults_named(path, RunSpec, console):
        return RunSpec.model_validate(plain if seed is None else {**plain, "seed": seed})


def _command_name(event: CommandTaken) -> str:
    rule = event.command.get("rule")
    return rule_name(rule["kind"]) if rule else str(event.command["kind"])


def _tell(event: Metrics) -> str:
    scalars = dict(zip(COLUMNS, event.values.tolist(), strict=True))
    return f"training loss {scalars['train_loss']:.4f}  accuracy {scalars['train_accuracy']:.3f}"


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console)


@contextmanager
def _open(name: str | None) -> Iterator[IO[str] | None]:
    """Open the place for events: a file, stdout, or nothing."""
    if name is None or name == "-":
        yield sys.stdout if name else None
        return
    with open(name, "w", encoding="utf-8") as file:
        yield file


def _summarise(console: Console, row: Metrics | None, validated: Validation | None, status: Status | None) -> None:
    if row is not None:
        table = Table("measure", "last value")
        for name, value in (*_rows(row), *_validated(validated)):
            table.add_row(name, value)
        console.print(table)
    if status is not None:
        console.print(f"{status.state}{f' ({status.reason})' if status.reason else ''} {status.message}".strip())


def _rows(row: Metrics) -> Iterator[tuple[str, str]]:
    scalars = dict(zip(COLUMNS, row.values.tolist(), strict=True))
    return ((measure_of(name).label, f"{scalars[name]:.4g}") for name in SHOWN)


def _validated(event: Validation | None) -> Iterator[tuple[str, str]]:
    told = values_of(event) if event is not None else {}
    return ((measure_of(name).label, f"{value:.4g}") for name, value in told.items() if value is not None)
