"""``foldscape iterative``: train from a spec file, and see what each block of the residual net does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from foldscape.cli.reading import plainly
from foldscape.cli.run import read_spec
from foldscape.cli.tables import write_table
from foldscape.errors import NotPossible
from foldscape.spec import RunSpec
from foldscape.wire import finite

LEFT_OUT = ("spoiled", "norm_after", "loss_after", "borderline_right_after")
"""Columns of the CSV for which a terminal has no room."""


def told_by_block(
    spec: Annotated[Path, typer.Argument(help="The run, as YAML or JSON; see `foldscape schema`.")],
    unroll: Annotated[
        int | None, typer.Option(help="Tell of the last block applied up to so many extra times instead.", min=0)
    ] = None,
    table: Annotated[str | None, typer.Option(help="Write it as CSV to a file, or - for stdout.")] = None,
) -> None:
    """Train a residual net as a spec says, and tell what each of its blocks does to the test points."""
    console = Console(stderr=table == "-")
    given = read_spec(spec, None, console)
    with plainly(console):
        _must_have_blocks(given)
        with console.status("Training"):
            rows = _measured(given, unroll)
    if table is not None:
        write_table(table, [list(rows[0]), *([_known(value) for value in row.values()] for row in rows)])
        return
    console.print(_shown(rows))


def _must_have_blocks(spec: RunSpec) -> None:
    """Refuse before the net is trained."""
    if not spec.net.residual_on(spec.data.shape, spec.data.classes):
        raise NotPossible(
            f"A net of wiring {spec.net.wiring} has no block that adds to what comes and leaves its shape as it is.",
            hint="Set net.wiring to res_mlp or resnet.",
        )


def _measured(spec: RunSpec, unroll: int | None) -> list[dict[str, Any]]:
    from foldscape import iterative
    from foldscape.training import Loop

    loop = Loop(spec)
    for _ in loop.events():
        pass
    split, net = loop.subject.split, loop.subject.net
    x, y = (split.test_x, split.test_y) if len(split.test_x) else (split.train_x, split.train_y)
    if unroll is not None:
        return iterative.unroll(net, x, y, spec.loss, extra=unroll).rows()
    return iterative.block_by_block(net, x, y, spec.loss).rows()


def _known(value: Any) -> Any:
    return finite(value) if isinstance(value, float) else value


def _shown(rows: list[dict[str, Any]]) -> Table:
    """Give a table for people, without the standard errors: these stand in the CSV."""
    names = [name for name in rows[0] if not name.endswith("_error") and name not in LEFT_OUT]
    table = Table(*(name.replace("_", " ") for name in names))
    for row in rows:
        known = (_known(row[name]) for name in names)
        table.add_row(
            *("" if each is None else f"{each:.3g}" if isinstance(each, float) else str(each) for each in known)
        )
    return table
