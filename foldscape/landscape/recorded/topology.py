"""The topology of a landscape, told as rows: of each complete look at a plane, of a slice, of ways between nets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import orjson

from foldscape.landscape.persistence import ROUNDING, Topology, topology
from foldscape.landscape.recorded.rows import (
    BLOCK,
    GROUND,
    TOPOLOGY,
    LandscapeRow,
    arrays_of,
    joined_blocks,
    row,
)
from foldscape.landscape.spec import Plane
from foldscape.landscape.surface import VALUES
from foldscape.progress import Progress, Row
from foldscape.wire import finite

LOSSES = (("train", VALUES.index("train_loss")), ("test", VALUES.index("test_loss")))


class TopologyOfRows:
    """Hears the rows of a landscape, and tells the topology of each look as soon as it is complete.

    It is worked out from cells as they are told, so that it is the same after a stop.

    Args:
        rows: What earlier attempts have told, as plain JSON.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]] = ()) -> None:
        self._told = 0
        self._ways: dict[str, Mapping[str, Any]] = {}
        self._values: np.ndarray | None = None
        rows = list(rows)
        for one in sorted(rows, key=lambda one: one["key"] != GROUND):
            self._hear(one)
        told = {one["key"]: one for one in rows if one["key"].startswith(TOPOLOGY)}
        self._told = max((one.get("side", 0) for one in told.values()), default=0)
        self._ways = {key: way for key, way in self._ways.items() if not any(f".{key}." in name for name in told)}

    def beside(self, told: Progress) -> Progress:
        """Give what was told with the topologies that it completes."""
        if not told.rows:
            return told
        for one in told.rows:
            self._hear(orjson.loads(one.as_json()))
        new: tuple[Row, ...] = tuple(self.rows())
        return told.model_copy(update={"rows": (*told.rows, *new)}) if new else told

    def rows(self) -> Iterator[LandscapeRow]:
        """Give the topologies that can be told now and were not."""
        yield from self._of_cells()
        for key, way in self._ways.items():
            losses = {part: arrays_of(way).get(f"{part}_loss") for part, _ in LOSSES}
            for part, line in losses.items():
                if line is not None and np.isfinite(line).any():
                    yield topology_row(f"{key}.{part}", line[None], np.arange(len(line)), {"side": len(line)})
        self._ways = {}

    def _hear(self, one: Mapping[str, Any]) -> None:
        key = str(one["key"])
        if key == GROUND:
            self._lay(one)
        elif key.startswith("way."):
            self._ways[key.removeprefix("way.")] = one
        elif key.partition(".")[0] == BLOCK and self._values is not None:
            index, values = joined_blocks([one])
            self._values[:, index], self._known[index] = values, True

    def _lay(self, ground: Mapping[str, Any]) -> None:
        if "plane" in ground:
            plane = Plane.model_validate(ground["plane"])
            self._side, count = plane.resolution, plane.cells
            self._looks = [*(side for side in plane.stages if side < self._side), self._side]
        elif "t" in ground["arrays"]:
            self._side = count = len(arrays_of(ground)["t"])
            self._looks = [self._side]
        else:
            return
        self._values, self._known = np.full((len(VALUES), count), np.nan, np.float32), np.zeros(count, bool)

    def _of_cells(self) -> Iterator[LandscapeRow]:
        if self._values is None:
            return
        for side in reversed([side for side in self._looks if side > self._told]):
            cells = self._cells(side)
            if self._known[cells].all():
                self._told = side
                for part, place in LOSSES:
                    losses = self._values[place][cells]
                    if np.isfinite(losses).any():
                        yield topology_row(part, losses, cells.ravel(), {"side": side, "of": self._side})
                return

    def _cells(self, side: int) -> np.ndarray:
        """Give the cells (rows, columns) of a look, counted in the whole grid."""
        lines = np.round(np.linspace(0, self._side - 1, side)).astype(int)
        is_line = self._known.size == self._side
        return lines[None] if is_line else lines[:, None] * self._side + lines


def topology_row(name: str, losses: np.ndarray, cells: np.ndarray, about: Mapping[str, Any]) -> LandscapeRow:
    """Give the topology of some losses as a row.

    Args:
        name: What it is of: ``train``, ``test``, or a way's name before these.
        losses: (rows, columns) losses.
        cells: (rows * columns,) their places in the whole grid.
        about: ``side``, the points a side, and ``of``, those of the whole grid.

    Returns:
        The row; places are those of the whole grid, -1 for none; ``basin`` is that of each cell that was looked at.
    """
    found = topology(losses, relative_error=ROUNDING)
    tree, hills = found.tree, found.hills
    small = np.int16 if len(tree.lowest) < 2**15 else np.int32
    arrays: dict[str, np.ndarray] = {
        "lowest": cells[tree.lowest].astype(np.int32),
        "birth": tree.birth,
        "saddle": np.where(tree.saddle < 0, -1, cells[tree.saddle]).astype(np.int32),
        "death": tree.death,
        "parent": tree.parent.astype(np.int32),
        "at_edge": found.at_edge.astype(np.uint8),
        "basin": tree.labels.astype(small),
        "hill": cells[hills.top].astype(np.int32),
        "hill_birth": hills.birth,
        "hill_death": hills.death,
    }
    return row(f"{TOPOLOGY}.{name}", {**about, **numbers_of(found)}, arrays)


def numbers_of(found: Topology) -> dict[str, Any]:
    """Give what is told of a topology in plain numbers."""
    return {
        "basins": len(found.tree.lowest),
        "threshold": finite(found.threshold),
        "at_threshold": found.count(found.threshold),
        "roughness": finite(found.roughness),
        "hills": len(found.hills.top),
        "walls": found.walls,
    }


def completed(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give rows with the topologies that they allow; a landscape of an earlier version was kept without."""
    rows = [dict(one) for one in rows]
    return [*rows, *(orjson.loads(one.as_json()) for one in TopologyOfRows(rows).rows())]
