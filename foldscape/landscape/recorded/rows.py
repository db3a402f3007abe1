"""What is known of a landscape, as rows of JSON: centre, directions, finished cells, ways, spectra, topologies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from foldscape.landscape.direction import Direction
from foldscape.landscape.surface import VALUES, FinishedCells
from foldscape.progress import Progress, Row
from foldscape.wire import as_base64, finite, from_base64

GROUND = "ground"
BLOCK = "cells"
SPECTRUM = "spectrum"
TOPOLOGY = "topology"
ONWARD = "onward"
SADDLES = "saddles"


class LandscapeRow(Row):
    """One row of a landscape; its arrays travel in base64."""

    text: str
    """The row as JSON text."""

    def as_json(self) -> str:
        """Give the row as JSON text."""
        return self.text


class LandscapeProgress(Progress):
    """What the measuring of a landscape says."""

    estimate_s: float | None = None
    """Seconds that it was estimated to take in all."""

    def also(self) -> dict[str, Any]:
        """Give the estimate, once there is one."""
        return {} if self.estimate_s is None else {"estimate_s": round(self.estimate_s, 3)}


def row(key: str, plain: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> LandscapeRow:
    """Give one row.

    Args:
        key: Names the row within its landscape.
        plain: JSON-able values by name.
        arrays: Arrays by name.

    Returns:
        A dict of one entry.
    """
    body = {"key": key, **plain, "arrays": {name: as_base64(array) for name, array in arrays.items()}}
    return LandscapeRow(key=key, text=orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY).decode())


def arrays_of(plain: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Read the arrays of a row back."""
    return {name: from_base64(array) for name, array in plain["arrays"].items()}


def block_row(blocks: Sequence[FinishedCells], columns: int) -> LandscapeRow:
    """Give some finished blocks as one row, named by how many cells are known after it.

    Args:
        blocks: The blocks, in order.
        columns: Cells of a line of the grid.

    Returns:
        A dict of one entry.
    """
    places = np.concatenate([block.rows * columns + block.columns for block in blocks])
    values = np.concatenate([[getattr(block, name) for name in VALUES] for block in blocks], axis=1)
    last = blocks[-1]
    about = {"stage": last.stage, "done": last.done, "total": last.total}
    return row(f"{BLOCK}.{last.done}", about, {"index": places.astype(np.uint32), "values": values.astype(np.float32)})


def joined_blocks(rows: Iterable[Mapping[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Join all blocks among rows.

    Returns:
        index (m,) uint32 of the cells, row by row, and values (4, m) float32: training loss and accuracy, test loss
        and accuracy.
    """
    blocks = [arrays_of(one) for one in rows if _is_block(one)]
    if not blocks:
        return np.zeros(0, np.uint32), np.zeros((len(VALUES), 0), np.float32)
    return np.concatenate([one["index"] for one in blocks]), np.concatenate([one["values"] for one in blocks], axis=1)


def gathered(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give rows as a reader wants them: all known cells in one block behind what they were measured along."""
    others = [dict(one) for one in rows if not _is_block(one)]
    index, values = joined_blocks(rows)
    if not len(index):
        return others
    return [*others, orjson.loads(row(BLOCK, {"done": len(index)}, {"index": index, "values": values}).text)]


def direction_as_json(direction: Direction, other: Direction | None = None) -> dict[str, Any]:
    """Tell about a direction in plain JSON."""
    curvature = None if direction.curvature is None else finite(direction.curvature)
    about = {"name": direction.name, "unit": direction.unit, "norm": finite(direction.norm), "curvature": curvature}
    cosine = {} if other is None else {"cosine": finite(direction.cosine(other))}
    return about | cosine | {"believed": direction.believed}


def _is_block(plain: Mapping[str, Any]) -> bool:
    return str(plain["key"]).partition(".")[0] == BLOCK
