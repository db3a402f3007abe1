"""Topologies as the lines of a table, and in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from foldscape.landscape.recorded.rows import GROUND, TOPOLOGY, arrays_of
from foldscape.landscape.recorded.table import TableLine, number
from foldscape.vocabulary import PARTS

HEADING = [
    *("way", "part", "side", "what", "number", "x", "y", "loss"),
    *("end_x", "end_y", "end_loss", "persistence", "parent", "at_edge"),
]


def topology_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[TableLine]:
    """Give the heading, then a line for each basin and each hill.

    ``x, y, loss`` tell the lowest cell of a basin and the top of a hill; ``end_*`` the saddle at which a basin ends,
    and of a hill the loss at which a ring closes around it. Numbers count from 1, the deepest first; ``parent`` takes a
    basin in.

    Args:
        rows: All rows of a landscape.

    Yields:
        Lines of equally many fields, the heading first; what there is not is empty.
    """
    yield HEADING
    ground = next((arrays_of(one) for one in rows if one["key"] == GROUND), {})
    for one in _topologies(rows):
        x, y, way = _axes(one, rows, ground)
        yield from ([way, *line] for line in _basins(one, x, y))
        yield from ([way, *line] for line in _hills(one, x, y))


def topology_words(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say each topology in a sentence.

    Args:
        rows: All rows of a landscape.

    Yields:
        Sentences, as the numbers of the rows have it.
    """
    for one in _topologies(rows):
        way, part = _names(one)
        where = f"{PARTS[part]} loss" + (f" on the {way} way" if way else "")
        basins = f"{_counted(one['at_threshold'], 'basin')} at least {one['threshold']:.3g} deep"
        said = f"{where}: {basins}, {one['basins']:,} of any depth; roughness {one['roughness']:.3g}"
        hills = f"; {_counted(one['hills'], 'hill')}" if one["hills"] else ""
        walls = f"; {_counted(one['walls'], 'wall')} (no finite loss)" if one["walls"] else ""
        yield f"{said}{hills}{walls}."


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _topologies(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted((one for one in rows if str(one["key"]).startswith(f"{TOPOLOGY}.")), key=lambda one: str(one["key"]))


def _names(one: Mapping[str, Any]) -> tuple[str, str]:
    """Give the way, or nothing, and the part of the data."""
    *way, part = str(one["key"]).split(".")[1:]
    return "".join(way), part


def _axes(
    one: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], ground: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray, str]:
    way, _ = _names(one)
    if way:
        return next(arrays_of(each)["t"] for each in rows if each["key"] == f"way.{way}"), np.full(1, np.nan), way
    return ground.get("axis_x", ground.get("t", np.zeros(0))), ground.get("axis_y", np.full(1, np.nan)), ""


def _basins(one: Mapping[str, Any], x: np.ndarray, y: np.ndarray) -> Iterator[TableLine]:
    found = arrays_of(one)
    columns = ("lowest", "birth", "saddle", "death", "parent", "at_edge")
    for place, values in enumerate(zip(*(found[name] for name in columns), strict=True)):
        lowest, birth, saddle, death, parent, at_edge = values
        start, end = _at(int(lowest), x, y), _at(int(saddle), x, y)
        line = [*start, number(birth), *end, number(death), number(death - birth)]
        yield [*_begun(one, "basin", place), *line, "" if parent < 0 else int(parent) + 1, int(at_edge)]


def _hills(one: Mapping[str, Any], x: np.ndarray, y: np.ndarray) -> Iterator[TableLine]:
    found = arrays_of(one)
    for place, (top, birth, death) in enumerate(
        zip(*(found[name] for name in ("hill", "hill_birth", "hill_death")), strict=True)
    ):
        line = [*_at(int(top), x, y), number(death), "", "", number(birth), number(death - birth)]
        yield [*_begun(one, "hill", place), *line, "", ""]


def _begun(one: Mapping[str, Any], what: str, place: int) -> TableLine:
    return [_names(one)[1], one["side"], what, place + 1]


def _at(cell: int, x: np.ndarray, y: np.ndarray) -> tuple[str, str]:
    if cell < 0:
        return "", ""
    row, column = divmod(cell, len(x))
    return number(x[column]), number(y[row])
