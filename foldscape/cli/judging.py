"""``foldscape compare`` and ``verify``: what a sweep on disk says, and whether it can be done again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console

from foldscape.cli.reading import plainly
from foldscape.sweep.folder import Folder
from foldscape.sweep.spec import Clock, SweepSpec

CALLED = {"compute": "flops", "epoch": "epochs"}
"""Other names of clocks."""


def compare(
    folder: Annotated[Path, typer.Argument(help="Folder of a sweep.")],
    align: Annotated[str, typer.Option(help="Clocks to align by, as `loss,updates,compute`.")] = "",
    measure: Annotated[str, typer.Option(help="Measure that is judged; the sweep's own when left out.")] = "",
) -> None:
    """Hold the groups of a sweep against each other, once for each clock."""
    from foldscape.comparison import compare as compared
    from foldscape.sweep.curves import compared_field, curves

    console = Console()
    with plainly(console):
        place = Folder(folder)
        spec = SweepSpec.model_validate(place.read()["spec"])
        known = curves(spec, place.rows(spec))
        console.print(f"[bold]{spec.question}[/]")
        for clock in _clocks(align or spec.primary.align, console):
            found = compared(known, by=clock, contrast=compared_field(spec))
            console.print(found.words, highlight=False, soft_wrap=True)
            judged = [one for one in found.verdicts if one.measure.key == (measure or spec.primary.measure)]
            for verdict in judged:
                console.print(f"  {verdict.words} ({verdict.contrast.words})", highlight=False, soft_wrap=True)
            if not judged:
                console.print(f"  {found.comparable.words or 'There is nothing to judge yet.'}")


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


def _clocks(given: str, console: Console) -> list[Clock]:
    names = [CALLED.get(name.strip(), name.strip()) for name in given.split(",")]
    for name in names:
        if name not in get_args(Clock):
            console.print(f"[red]{name} is no clock;[/] choose among {', '.join(get_args(Clock))}.")
            raise typer.Exit(2)
    return names  # type: ignore[return-value]
