"""``foldscape compare``, ``export`` and ``verify``: what a sweep on disk says, for a paper, and whether it repeats."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from foldscape.cli.reading import plainly
from foldscape.comparison.align import CLOCKS, Clock
from foldscape.sweep.folder import Folder
from foldscape.sweep.result import CellResult
from foldscape.sweep.spec import SweepSpec

if TYPE_CHECKING:
    from foldscape.comparison import Comparison

CALLED = {"compute": "flops", "epoch": "epochs"}
"""Other names of clocks."""


def compare(
    folder: Annotated[Path, typer.Argument(help="Folder of a sweep.")],
    align: Annotated[str, typer.Option(help="Clocks to align by, as `loss,updates,compute`.")] = "",
    measure: Annotated[str, typer.Option(help="Measure that is judged; the sweep's own when left out.")] = "",
) -> None:
    """Hold the groups of a sweep against each other, once for each clock."""
    from foldscape.comparison import compare as compared
    from foldscape.measures.declared import measure_of
    from foldscape.sweep.curves import compared_field, curves

    console = Console()
    with plainly(console):
        place = Folder(folder)
        spec = place.spec()
        rows = place.rows(spec)
        known = curves(spec, rows)
        wanted, primary = measure_of(measure or spec.primary.measure), spec.primary.measure
        console.print(f"[bold]{escape(spec.question)}[/]")
        for clock in _clocks(align or spec.primary.align, console):
            found = compared(known, by=clock, contrast=compared_field(spec), primary=primary, also=[wanted.name])
            console.print(found.words, highlight=False, soft_wrap=True)
            judged = [one for one in found.verdicts if one.measure is wanted]
            for verdict in judged:
                said = verdict.answer if verdict.decides else verdict.words
                console.print(f"  {escape(said)} {verdict.contrast.words}", highlight=False, soft_wrap=True)
            if not judged:
                console.print(f"  {found.comparable.words or _why_none(found, wanted.label)}", soft_wrap=True)
        _tell_published(console, spec, rows)


def export(
    folder: Annotated[Path, typer.Argument(help="Folder of a sweep.")],
    to: Annotated[Path, typer.Option(help="Where the files go; made when missing.")],
    align: Annotated[str, typer.Option(help="Clock to align by; the sweep's own when left out.")] = "",
    measure: Annotated[str, typer.Option(help="Measure that is judged; the sweep's own when left out.")] = "",
) -> None:
    """Write tables, figures, every number, a notebook and the manifest of a sweep."""
    from foldscape.sweep.exporting import export_sweep

    console = Console()
    with plainly(console):
        place = Folder(folder)
        spec = place.spec()
        by = _clocks(align or spec.primary.align, console)[0]
        rows, starts = place.rows(spec), place.starts()
        for path in export_sweep(spec, rows, to, manifest=place.read(), by=by, measure=measure, starts=starts):
            console.print(f"  {path}", highlight=False, soft_wrap=True)
    console.print(f"Do some of it again with `foldscape verify {to / 'manifest.json'}`.", soft_wrap=True)


def verify(
    manifest: Annotated[Path, typer.Argument(help="A sweep's folder, or its manifest.json.")],
    cells: Annotated[int, typer.Option(min=1, help="Runs to do again, drawn at random.")] = 2,
    seed: Annotated[int, typer.Option(help="Seed of the draw.")] = 0,
) -> None:
    """Do some runs of a sweep again, and hold every number against what was kept."""
    from foldscape.sweep.verifying import TOLERANCE
    from foldscape.sweep.verifying import verify as verified

    console, agree = Console(), True
    with plainly(console):
        for one in verified(manifest, cells, seed):
            agree &= one.agrees
            said = "the same bits" if one.same_bits else f"{one.where} differs by {one.worst:.1e} of its size"
            console.print(f"{'[green]agrees[/]' if one.agrees else '[red]differs[/]'}  {one.name}: {said}")
    console.print(f"Numbers agree to {TOLERANCE:g} of their size." if agree else "This machine gets other numbers.")
    raise typer.Exit(0 if agree else 1)


def _tell_published(console: Console, spec: SweepSpec, rows: list[CellResult]) -> None:
    from foldscape.measures.declared import MEASURES
    from foldscape.sweep.published import held_against

    found = held_against(spec, rows)
    if found is None:
        return
    console.print(f"[bold]Published[/] ({found['source']}), and here")
    if found["differs"]:
        console.print(f"  {found['differs']}", highlight=False)
    for row in found["rows"]:
        flat = f", flatness {row['flatness']:g}" if row["flatness"] else ""
        means = [(MEASURES[name].label, told) for name, told in row["ours"].items()]
        ours = ", ".join(f"{label} {told['mean']:.4g} [{told['n']}]" for label, told in means)
        console.print(
            f"  {' · '.join(row['settings'].values())}: published {row['accuracy']:.4g}{flat}", highlight=False
        )
        console.print(f"    here {ours or 'no run yet'}", highlight=False)
    for claim in found["claims"]:
        said = " ".join(filter(None, [claim["verdict"], claim["erratum"]]))
        console.print(f"  [bold]{escape(claim['words'])}[/] {escape(said)}", highlight=False)


def _why_none(found: Comparison, label: str) -> str:
    if not found.verdicts:
        return "There is nothing to judge yet."
    return " ".join(found.made_apart) or f"No verdict on {label}: it was not measured."


def _clocks(given: str, console: Console) -> list[Clock]:
    names = [CALLED.get(name.strip(), name.strip()) for name in given.split(",")]
    for name in names:
        if name not in CLOCKS:
            console.print(f"[red]{name} is no clock;[/] choose among {', '.join(CLOCKS)}.")
            raise typer.Exit(2)
    return names  # type: ignore[return-value]
