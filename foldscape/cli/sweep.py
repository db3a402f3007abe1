"""``foldscape new``, ``check``, ``try`` and ``sweep``: a sweep from its file to its runs."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from foldscape.cli.reading import faults_named, plainly, read_yaml, tell_faults
from foldscape.cli.sources import Place, read_source
from foldscape.comparison.statistics import floor_of_p
from foldscape.comparison.verdict import LEVEL
from foldscape.cost.rates import Rates
from foldscape.errors import InvalidInput
from foldscape.measures.declared import measure_of
from foldscape.sweep.check import problems
from foldscape.sweep.cost import SweepEstimate, corrected_by_sweep, estimate, how_long, shown_at_best
from foldscape.sweep.expand import one_pair
from foldscape.sweep.needs import needs
from foldscape.sweep.presets import preset, presets
from foldscape.sweep.result import CellResult, SweepProgress
from foldscape.sweep.spec import SweepSpec
from foldscape.words import some

SHARES = 1000
File = Annotated[Path, typer.Argument(help="A sweep as YAML or JSON; `foldscape new` writes one.")]
Threads = Annotated[int | None, typer.Option(help="Threads to compute on; one a processor when left out.")]


def new(
    name: Annotated[str, typer.Argument(help="Name of the sweep, and of its file.")],
    given: Annotated[str, typer.Option("--preset", help=f"What to start from: {', '.join(presets())}.")] = (
        "table1-digits"
    ),
) -> None:
    """Write a sweep to NAME.yaml, to be changed and carried out."""
    console, path = Console(), Path(f"{name}.yaml")
    with plainly(console):
        seen(name)
        text = preset(given)
    if path.exists():
        console.print(f"[red]{path} is there already.[/] Choose another name, or remove it.")
        raise typer.Exit(2)
    path.write_text(text, encoding="utf-8")
    console.print(
        f"{path}: see it with `foldscape check {path}`, carry it out with `foldscape sweep {path}`.", soft_wrap=True
    )


def seen(name: str) -> None:
    """Refuse a name that cannot be seen as it is, or is none.

    Raises:
        InvalidInput: If it is so.
    """
    try:
        some(name)
    except ValueError as error:
        raise InvalidInput(f"The name {name!r:.100} cannot be used: {error}.") from None


def check(file: File) -> None:
    """Say what a sweep would take, or what is wrong with it."""
    console = Console()
    spec = _read(file, console)
    _show_estimate(console, spec, None)
    for need in needs(spec):
        console.print(f"[yellow]{need.path}:[/] {need.message}", highlight=False, soft_wrap=True)


def try_one(file: File, threads: Threads = None, source: Place = None) -> None:
    """Carry out one pair of a sweep now, and correct the estimate by it."""
    console = Console()
    spec = _read(file, console)
    from foldscape.cost.calibration import calibrate
    from foldscape.sweep import carry  # noqa: F401 - loaded before the clock starts

    pair, rates = one_pair(spec), calibrate(threads)
    began = time.monotonic()
    _show_rows(console, pair, _carry_out(console, pair, None, threads, source=source))
    _show_estimate(console, spec, corrected_by_sweep(pair, rates, time.monotonic() - began))


def sweep(
    file: File,
    follow: Annotated[bool, typer.Option("--follow", help="Show every run as it ends.")] = False,
    folder: Annotated[Path | None, typer.Option(help="Where the runs are kept; the file's name when left out.")] = None,
    threads: Threads = None,
    source: Place = None,
) -> None:
    """Carry a sweep out here, on all processors; stopped at any time, it goes on with the runs that are left."""
    console = Console()
    spec = _read(file, console)
    place = folder or file.with_suffix("")
    _warn_of_floor(console, spec)
    rows = _carry_out(console, spec, place, threads, follow=follow, source=source)
    _show_rows(console, spec, rows)
    _warn_of_floor(console, spec)
    console.print(f"Kept in {place}. Next: `foldscape compare {place}`, `foldscape verify {place}`.", soft_wrap=True)


def _read(path: Path, console: Console) -> SweepSpec:
    """Read a sweep that can be carried out, or end with one clear sentence a fault."""
    plain = read_yaml(path, console)
    with faults_named(path, SweepSpec, console):
        spec = SweepSpec.model_validate(plain)
    if faults := problems(spec):
        tell_faults(path, faults, console)
    return spec


def _carry_out(
    console: Console,
    spec: SweepSpec,
    folder: Path | None,
    threads: int | None,
    *,
    follow: bool = True,
    source: str | None = None,
) -> tuple[CellResult, ...]:
    """Carry a sweep out, with a bar, and a line for each run that ends."""
    from foldscape.sweep.running import run

    columns = (BarColumn(), TextColumn("{task.percentage:3.0f} %"), TimeRemainingColumn())
    with plainly(console), Progress(*columns, TextColumn("{task.description}"), console=console) as bar:
        task = bar.add_task("", total=SHARES)

        def tell(told: SweepProgress) -> None:
            bar.update(task, completed=SHARES * told.share, description=told.doing)
            for row in told.rows if follow else ():
                bar.console.print(_line(row), highlight=False, soft_wrap=True)

        has = read_source(source, spec.base, spec.base.start, console) if source and spec.base.start else None
        return run(spec, folder, threads=threads, source=has, tell=tell).rows


def _line(row: CellResult) -> str:
    if row.state == "failed":
        return f"[red]failed[/]  {row.name}: {row.message}"
    last = row.curve.last
    missed = f"  ({row.message})" if row.message else ""
    loss, accuracy = last("train_loss"), last("test_accuracy") or 0
    return f"done  {row.name}: training loss {loss:.4g}, test accuracy {accuracy:.3f}{missed}"


def _show_rows(console: Console, spec: SweepSpec, rows: tuple[CellResult, ...]) -> None:
    """Show the groups: medians over the seeds at the end of the runs."""
    shown = ("train_loss", "test_accuracy", *spec.measure.columns)
    groups: dict[str, list[CellResult]] = {}
    for row in rows:
        groups.setdefault(row.name.rpartition(" · ")[0] or "all", []).append(row)
    ends = {name: [row for row in members if row.state == "done"] for name, members in groups.items()}
    table = Table("", *groups, title="Medians at the end of the runs")
    table.add_row("runs", *(f"{len(ends[name])} of {len(members)}" for name, members in groups.items()))
    for column in shown:
        known = ([value for row in done if (value := row.curve.last(column)) is not None] for done in ends.values())
        table.add_row(_head(column), *(f"{median(one):.4g}" if one else "" for one in known))
    console.print(table)


def _head(column: str) -> str:
    """Name a column as every page does."""
    return measure_of(column).label


def _warn_of_floor(console: Console, spec: SweepSpec) -> None:
    """Say where a sweep holds too few pairs to decide what it asks."""
    if spec.vary and floor_of_p(len(spec.seeds)) > LEVEL:
        console.print(f"[yellow]{shown_at_best(len(spec.seeds))}[/]", highlight=False, soft_wrap=True)


def _show_estimate(console: Console, spec: SweepSpec, rates: Rates | None) -> None:
    """Say what a sweep takes, and what its test could show."""
    made: SweepEstimate = estimate(spec, rates)
    memory = f", {made.memory_mb:g} MB" if made.is_known else ""
    console.print(
        f"{made.runs:,} runs ({made.combinations} combinations, {made.pairs} seeds), {made.updates:,} updates: "
        f"{how_long(made)}{memory}.",
        highlight=False,
        soft_wrap=True,
    )
    console.print(shown_at_best(made.pairs), highlight=False, soft_wrap=True)
    if made.refused:
        console.print(f"[red]It would be refused:[/] {made.refused}.", highlight=False, soft_wrap=True)
