"""A landscape as the lines of a table: cells by their coordinates, ways point by point, spectra value by value."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from foldscape.landscape.recorded.rows import GROUND, ONWARD, SADDLES, SPECTRUM, arrays_of, joined_blocks
from foldscape.landscape.surface import VALUES

TableLine = list[Any]


def lines_of(rows: Sequence[Mapping[str, Any]]) -> Iterator[TableLine]:
    """Give the heading and the lines; what is not finite is said as it is, what was not measured is empty.

    Args:
        rows: All rows of a landscape.

    Returns:
        Lines of equally many fields, the heading first.
    """
    by_key = {row["key"]: row for row in sorted(rows, key=lambda row: str(row["key"]))}
    ways = {key.removeprefix("way."): arrays_of(row) for key, row in by_key.items() if key.startswith("way.")}
    spectra = {
        key.removeprefix(f"{SPECTRUM}."): arrays_of(row) for key, row in by_key.items() if key.startswith(SPECTRUM)
    }
    if ONWARD in by_key:
        return _straight(ways, arrays_of(by_key[ONWARD]))
    if SADDLES in by_key:
        return _saddles(arrays_of(by_key[SADDLES]))
    if ways:
        return _ways(ways)
    if spectra:
        return _spectra(spectra)
    return _cells(rows, by_key.get(GROUND))


def _ways(ways: Mapping[str, Mapping[str, np.ndarray]]) -> Iterator[TableLine]:
    yield ["way", "t", *VALUES]
    for name, way in ways.items():
        nothing = np.full(len(way["t"]), np.nan)
        columns = [way["t"], *(way.get(column, nothing) for column in VALUES)]
        yield from ([name, *map(number, line)] for line in zip(*columns, strict=True))


def _straight(ways: Mapping[str, Mapping[str, np.ndarray]], onward: Mapping[str, np.ndarray]) -> Iterator[TableLine]:
    """Give the points of the line, then the moments of the path by their steps."""
    for line in _ways(ways):
        yield [*line[:2], "step", *line[2:], "cosine"] if line[0] == "way" else [*line[:2], "", *line[2:], ""]
    for step, cosine in zip(onward["steps"], onward["cosine"], strict=True):
        yield ["path", "", number(step), *[""] * len(VALUES), number(cosine)]


def _saddles(found: Mapping[str, np.ndarray]) -> Iterator[TableLine]:
    """Give the kept nets by their steps; the error of a counted share is 0."""
    yield list(found)
    yield from ([number(value) for value in line] for line in zip(*found.values(), strict=True))


def _spectra(spectra: Mapping[str, Mapping[str, np.ndarray]]) -> Iterator[TableLine]:
    """Give the largest eigenvalues first, then the density."""
    yield ["points", "what", "eigenvalue", "density", "standard_error", "residual", "converged", "gauss_newton"]
    for name, known in spectra.items():
        if "values" in known:
            columns = (known[key] for key in ("values", "residuals", "believed", "gauss_newton"))
            for value, residual, believed, share in zip(*columns, strict=True):
                shown = [number(residual), int(believed), number(share)]
                yield [name, "eigenvalue", number(value), "", "", *shown]
        for line in zip(known["at"], known["density"], known["error"], strict=True):
            yield [name, "density", *map(number, line), "", "", ""]


def _cells(rows: Sequence[Mapping[str, Any]], ground: Mapping[str, Any] | None) -> Iterator[TableLine]:
    if ground is None:
        yield ["x", "y", *VALUES]
        return
    yield ["x", "y", *VALUES] if "planes" not in ground else ["x_along", "y_along", "x", "y", *VALUES]
    arrays = arrays_of(ground)
    x = arrays.get("axis_x", arrays.get("t", np.zeros(1)))
    y = arrays.get("axis_y", np.zeros(1))
    index, values = joined_blocks(rows)
    if "planes" in ground:
        yield from _of_planes(ground, arrays, index, values)
        return
    for cell in np.argsort(index):
        row, column = divmod(int(index[cell]), len(x))
        yield [number(x[column]), number(y[row]), *(number(value) for value in values[:, cell])]


def _of_planes(
    ground: Mapping[str, Any], arrays: Mapping[str, np.ndarray], index: np.ndarray, values: np.ndarray
) -> Iterator[TableLine]:
    """Give the cells with the names of the directions that their plane is spanned by."""
    axes, side = arrays["axes"], arrays["axes"].shape[1]
    for cell in np.argsort(index):
        row, column = divmod(int(index[cell]), side)
        place, row = divmod(row, side)
        i, j = ground["pairs"][place]
        names = [ground["axes"][each]["name"] for each in (i, j)]
        yield [*names, number(axes[i][column]), number(axes[j][row]), *(number(value) for value in values[:, cell])]


def number(value: float) -> str:
    """Write a number in nine digits, which hold a float32 exactly; NaN is empty."""
    return "" if math.isnan(value) else f"{value:.9g}"
