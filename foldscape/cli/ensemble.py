"""``foldscape ensemble``: train from spec files, and measure what the nets predict together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table

from foldscape.cli.reading import faults_named, plainly
from foldscape.cli.run import read_spec
from foldscape.cli.tables import write_table
from foldscape.ensembles.spec import EnsembleSpec, member_of
from foldscape.spec import RunSpec


def ensemble(
    members: Annotated[
        list[str],
        typer.Argument(help="Runs as YAML or JSON: RUN for its last net, RUN@STEP, or RUN@cycles.", metavar="RUN…"),
    ],
    times: Annotated[int, typer.Option(help="Train each run so many times, as members 0, 1, … of its seed.")] = 1,
    weights: Annotated[str, typer.Option(help="equal, or validation_accuracy.")] = "equal",
    table: Annotated[str | None, typer.Option(help="Write it as CSV to a file, or - for stdout.")] = None,
    json: Annotated[str | None, typer.Option(help="Write all rows as JSON to a file, or - for stdout.")] = None,
) -> None:
    """Train networks as specs say, and measure what they predict together."""
    console = Console(stderr="-" in (table, json))
    paths = {text: Path(str(member_of(text)["run"])) for text in members}
    specs = {path: read_spec(path, None, console) for path in dict.fromkeys(paths.values())}
    named = dict(_named(specs, times))
    asked = [
        {"run": name, "step": member_of(text)["step"]} for text in members for name, (path, _) in named.items()
        if path == paths[text]
    ]  # fmt: skip
    with faults_named(paths[members[0]], EnsembleSpec, console):
        spec = EnsembleSpec.model_validate({"members": asked, "weights": weights})
    with plainly(console):
        from foldscape.ensembles.members import refuse_strangers
        from foldscape.ensembles.result import ensemble_of
        from foldscape.landscape.recorded import record

        refuse_strangers(spec.members, {name: given for name, (_, given) in named.items()}, spec.weights)
        with console.status("Training"):
            records = {name: record(given, name=name) for name, (_, given) in named.items()}
        with console.status(f"Measuring {len(spec.members)} members"):
            found = ensemble_of(spec, records)
    if json is not None:
        _write_json(json, {"spec": spec.model_dump(mode="json"), "rows": list(found.rows.values())})
    if table is not None:
        write_table(table, found.lines())
    console.print(_told(found))
    mean = found.mean_weights
    console.print(
        f"Together {found.score.accuracy:.2%}, {found.gain:+.2%} over their mean; "
        + (f"the mean of their weights {mean.accuracy:.2%}." if mean else "their weights have no mean."),
        highlight=False, soft_wrap=True,
    )  # fmt: skip


def _named(specs: dict[Path, RunSpec], times: int) -> Iterator[tuple[str, tuple[Path, RunSpec]]]:
    """Name every run that is trained, by its file and by which member of its seed it is."""
    taken: set[str] = set()
    for path, spec in specs.items():
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem)[:40] or "run"
        while stem in taken:
            stem += "-"
        taken.add(stem)
        for member in range(times):
            given = spec if times == 1 else spec.model_copy(update={"member": spec.member + member})
            yield (stem if times == 1 else f"{stem}-{member}"), (path, given)


def _told(found: Any) -> Table:
    table = Table(box=None)
    for heading in ("member", "accuracy", "NLL", "ECE", "together", "NLL", "ECE"):
        table.add_column(heading, justify="left" if heading == "member" else "right")
    for one, together in zip(found.members, found.added, strict=True):
        own = [one["accuracy"], one["nll"], one["ece"]]
        table.add_row(one["name"], *_shown(own), *_shown([together.accuracy, together.nll, together.ece]))
    return table


def _shown(values: Sequence[float | None]) -> list[str]:
    return ["∞" if value is None else f"{value:.4f}" for value in values]


def _write_json(where: str, told: Any) -> None:
    text = orjson.dumps(told, option=orjson.OPT_INDENT_2)
    if where == "-":
        typer.echo(text.decode())
    else:
        Path(where).write_bytes(text + b"\n")
