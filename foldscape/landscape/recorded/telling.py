"""How long cells are foreseen to take, and how they are told as they are finished."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from foldscape.errors import NotPossible
from foldscape.landscape.direction import Direction
from foldscape.landscape.evaluator import Evaluator
from foldscape.landscape.filling import seconds_each
from foldscape.landscape.recorded.centre import Centre
from foldscape.landscape.recorded.rows import LandscapeProgress, block_row
from foldscape.landscape.surface import FinishedCells
from foldscape.progress import ALMOST

SECONDS = 900.0
"""Longest time that a landscape may be estimated to take."""
SECONDS_TOGETHER = 0.06
"""Cells finished within this time are told together."""


def seconds_of_cells(centre: Centre, first: Direction, second: Direction | None, cells: int) -> float:
    """Estimate the seconds that some cells take, by timing a few.

    Returns:
        Wall-clock seconds, all sets of data together.

    Raises:
        NotPossible: If that is more than is allowed.
    """

    def each(evaluator: Evaluator) -> float:
        """Time some cells thrice: on a busy machine the quickest is the truest."""
        return min(seconds_each(evaluator, first, second or first) for _ in range(3))

    seconds = cells * sum(each(evaluator) for _, evaluator in centre.evaluators())
    if seconds > SECONDS:
        raise NotPossible(
            f"{cells:,} cells of this net would take about {seconds:,.0f} s; allowed are {SECONDS:,.0f} s.",
            hint=f"Take at most {int(cells * SECONDS / seconds):,} cells, or fewer points of the data.",
        )
    return seconds


def said(
    blocks: Iterator[FinishedCells], columns: int, known: np.ndarray, seconds: float
) -> Iterator[LandscapeProgress]:
    """Tell of finished blocks, those of a moment together; what they took corrects the estimate."""
    total, share = known.size, min(float(known.mean()), ALMOST)
    before, began = int(known.sum()), time.monotonic()
    yield LandscapeProgress(share=share, doing=f"{total:,} cells", estimate_s=seconds)
    open_blocks: list[FinishedCells] = []
    until = time.monotonic() + SECONDS_TOGETHER
    for block in blocks:
        open_blocks.append(block)
        if time.monotonic() >= until:
            share, rows = min(block.done / total, ALMOST), (block_row(open_blocks, columns),)
            seconds = (time.monotonic() - began) * (total - before) / (block.done - before)
            doing = f"{block.done:,} of {total:,} cells, {block.stage} a side"
            yield LandscapeProgress(share=share, doing=doing, rows=rows, estimate_s=seconds)
            open_blocks, until = [], time.monotonic() + SECONDS_TOGETHER
    left = (block_row(open_blocks, columns),) if open_blocks else ()
    yield LandscapeProgress(share=1, doing=f"{total:,} cells", rows=left, estimate_s=seconds)
