"""Every number of every run, one row a checkpoint, as Parquet and CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from foldscape.comparison import COLUMNS, Curve
from foldscape.comparison.defaults import dotted_settings
from foldscape.csv_text import write_csv

ABOUT = ("run", "name", "seed", "data", "split", "loss")
"""What each row says of its run, before the run's settings and the numbers."""


def write_numbers(curves: Sequence[Curve], folder: Path) -> list[Path]:
    """Write ``runs.parquet`` and ``runs.csv``.

    Args:
        curves: The runs.
        folder: Where to.

    Returns:
        The files.
    """
    import pyarrow as pa
    from pyarrow import parquet

    table = columns_of(curves)
    paths = [folder / "runs.parquet", folder / "runs.csv"]
    parquet.write_table(pa.table(table), paths[0], compression="zstd")
    with paths[1].open("w", newline="", encoding="utf-8") as file:
        write_csv(file, [table])
        write_csv(file, ([_written(value) for value in row] for row in zip(*table.values(), strict=True)))
    return paths


def columns_of(curves: Sequence[Curve]) -> dict[str, list[Any]]:
    """Give the rows as columns by name.

    Settings are called ``setting.<path>``; ``birth`` marks births, and ``restored`` the moment whose net early stopping
    brought back at the end.

    Args:
        curves: The runs.

    Returns:
        Equally long lists, a row a checkpoint of a run.
    """
    paths = list(dict.fromkeys(path for curve in curves for path in dotted_settings(curve.settings)))
    rows = [row for curve in curves for row in _rows(curve, paths)]
    names = (*ABOUT, *(f"setting.{path}" for path in paths), *COLUMNS, "birth", "restored")
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)) if rows else {name: [] for name in names}


def _rows(curve: Curve, paths: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    about = tuple(getattr(curve, name) for name in ABOUT)
    settings = dotted_settings(curve.settings)
    said = tuple(_said(settings.get(path)) for path in paths)
    for at in range(len(curve)):
        numbers = (float(curve[name][at]) for name in COLUMNS)
        yield (*about, *said, *(None if np.isnan(value) else value for value in numbers), *_marks(curve, at))


def _marks(curve: Curve, at: int) -> tuple[bool, bool]:
    update = int(curve["updates"][at])
    return update in curve.births, update == curve.restored


def _said(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _written(value: Any) -> Any:
    return f"{value:.9g}" if isinstance(value, float) else value
