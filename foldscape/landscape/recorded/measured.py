"""The landscape of a run that is at hand: no server, the same numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from pydantic import TypeAdapter

from foldscape.errors import NotPossible, RunNotFound
from foldscape.events import Event
from foldscape.landscape.direction import Direction
from foldscape.landscape.evaluator import Losses
from foldscape.landscape.recorded.measuring import follow
from foldscape.landscape.recorded.recording import record_of
from foldscape.landscape.recorded.rows import BLOCK, GROUND, arrays_of, gathered
from foldscape.landscape.recorded.run_record import RunRecord
from foldscape.landscape.recorded.spec import Landscape, LandscapeSpec
from foldscape.landscape.recorded.table import TableLine, lines_of
from foldscape.landscape.recorded.topology_table import topology_lines, topology_words
from foldscape.landscape.results import LinePlot, PlanePlot, PlanesPlot
from foldscape.landscape.spec import Plane, Planes
from foldscape.landscape.surface import VALUES, FinishedCells, Surface
from foldscape.spec import RunSpec

Data = Mapping[str, Any]
landscape_adapter: TypeAdapter[Landscape] = TypeAdapter(LandscapeSpec)


@dataclass(frozen=True)
class RecordedLandscape:
    """A landscape around a net of a run.

    Attributes:
        spec: Which.
        rows: All that was found, as plain JSON by key: ``ground``, ``cells``, ``way.*`` or ``spectrum.*``, and
            ``topology.*``.
    """

    spec: Landscape
    rows: Mapping[str, Data]

    def arrays(self, key: str) -> dict[str, np.ndarray]:
        """Give the arrays of a row by name.

        Args:
            key: The row, as ``ground`` or ``cells``.

        Returns:
            The arrays, in the shapes that they were told in.
        """
        return arrays_of(self.rows[key])

    def lines(self) -> Iterator[TableLine]:
        """Give a heading and the lines of a table: cells, points of ways, or eigenvalues and density."""
        return lines_of(list(self.rows.values()))

    def topology_lines(self) -> Iterator[TableLine]:
        """Give a heading and the lines of a table of basins and hills; of a spectrum the heading alone."""
        return topology_lines(list(self.rows.values()))

    def topology_words(self) -> Iterator[str]:
        """Say the topology of each part, or of each way and part, in a sentence."""
        return topology_words(list(self.rows.values()))

    def plot(self) -> LinePlot | PlanePlot | PlanesPlot:
        """Give a slice, plane, planes or path as the calls on a torch module give it, with ``figure()``.

        Returns:
            A ``LinePlot`` of a slice, a ``PlanePlot`` of a plane or path, a ``PlanesPlot`` of planes.

        Raises:
            NotPossible: If it is a connection or a spectrum.
        """
        ground = self.rows[GROUND]
        if BLOCK not in self.rows:
            raise NotPossible(f"A {self._view} has no surface.", hint="Read its rows, or lines().")
        arrays, cells = self.arrays(GROUND), self.arrays(BLOCK)
        if self._view == "planes":
            return _planes_plot(ground, arrays, cells)
        x = _direction(ground["x"], arrays["first"])
        if self._view == "slice":
            ordered = np.argsort(cells["index"])
            train_loss, train_accuracy, test_loss, test_accuracy = cells["values"][:, ordered].astype(float)
            test = Losses(test_loss, test_accuracy) if np.isfinite(test_loss).any() else None
            return LinePlot(x, arrays["t"], Losses(train_loss, train_accuracy), test, ground["fit"]["loss"])
        plane, index = Plane.model_validate(ground["plane"]), cells["index"].astype(int)
        values = dict(zip(VALUES, cells["values"].astype(float), strict=True))
        places = dict(zip(("rows", "columns"), np.divmod(index, plane.resolution), strict=True))
        done = FinishedCells(**places, **values, done=len(index), total=plane.cells, stage=plane.resolution)
        second = _direction(ground["y"], arrays["second"])
        return PlanePlot(x, second, ground["y"]["cosine"], Surface.empty(plane).with_cells(done))

    @property
    def _view(self) -> str:
        return str(getattr(self.spec, "view", ""))


def of_run(
    run: RunRecord | Iterable[Event],
    landscape: Landscape | Data | None = None,
    *,
    spec: RunSpec | None = None,
    others: Mapping[str, RunRecord] | None = None,
    threads: int | None = None,
) -> RecordedLandscape:
    """Measure the landscape around a net of a run.

    Args:
        run: What the run left behind: a ``Recording``, as ``record(spec)`` makes it, or its events.
        landscape: Which: a spec, or its fields as ``{"view": "plane"}``; a slice along the sharpest direction if
            ``None``.
        spec: What decided the run; needed with events.
        others: Other runs that the landscape names, by their names.
        threads: Threads to measure with; ``None`` is one a processor.

    Returns:
        All that was found.

    Raises:
        InvalidInput: If events come without the spec of their run.
        FoldscapeError: If the net, the moment, the data or a direction are not there, or it would take too long.

    Example:
        >>> import foldscape
        >>> spec = foldscape.RunSpec(stop={"epochs": 2})
        >>> found = foldscape.landscape.of_run(foldscape.run(spec), {"view": "slice"}, spec=spec)
        >>> found.arrays("cells")["values"].shape
        (4, 201)
    """
    record = record_of(run, spec)
    known: dict[str, RunRecord] = {**(others or {}), record.name: record}

    def opened(name: str) -> RunRecord:
        if name not in known:
            raise RunNotFound(f"There is no run {name}.", hint=f"Name one of {', '.join(known)}.")
        return known[name]

    fields = (
        landscape if isinstance(landscape, Landscape) else {"view": "slice", "run": record.name, **(landscape or {})}
    )
    checked = landscape_adapter.validate_python(fields)
    rows = {row.key: row.as_json() for told in follow(checked, opened, threads=threads) for row in told.rows}
    found = gathered([orjson.loads(text) for text in rows.values()])
    return RecordedLandscape(checked, {row["key"]: row for row in found})


def _planes_plot(ground: Data, arrays: Data, cells: Data) -> PlanesPlot:
    spec, axes = Planes.model_validate(ground["planes"]), arrays["axes"]
    side = spec.resolution
    grids = np.full((len(VALUES), spec.cells), np.nan)
    known = np.zeros(spec.cells, bool)
    grids[:, cells["index"]], known[cells["index"]] = cells["values"], True
    tall, is_known = grids.reshape(len(VALUES), -1, side, side), known.reshape(-1, side, side)
    surfaces = {
        (i, j): Surface(axes[i], axes[j], is_known[place], *tall[:, place]) for place, (i, j) in enumerate(spec.pairs)
    }
    named = zip(ground["axes"], arrays["directions"], strict=True)
    return PlanesPlot(tuple(_direction(about, vector) for about, vector in named), surfaces)


def _direction(about: Data, vector: np.ndarray) -> Direction:
    fields = {"unit": about["unit"], "curvature": about["curvature"], "believed": about["believed"]}
    return Direction(about["name"], vector, (), **fields)
