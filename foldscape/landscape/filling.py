"""A plane filled in coarse to fine, block by block: stoppable after any, resumable from what is known."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from foldscape.errors import InvalidInput, NotPossible
from foldscape.landscape.direction import Direction
from foldscape.landscape.evaluator import Evaluator, Losses
from foldscape.landscape.spec import Plane
from foldscape.landscape.surface import FinishedCells, axis

BLOCK = 256
"""Points of a block, unless starting one costs more."""
BUDGET = 60.0
"""Seconds that a plane may take unless more is allowed."""

Mask = NDArray[np.bool_]


def fill_plane(
    plane: Plane,
    first: Direction,
    second: Direction,
    train: Evaluator | None,
    test: Evaluator | None = None,
    known: ArrayLike | None = None,
    *,
    origin: ArrayLike | None = None,
    block: int | None = None,
    budget: float | None = BUDGET,
) -> Iterator[FinishedCells]:
    """Measure the points of a plane, coarse to fine, each once.

    The order, and each value, is a function of the arguments alone: a plane that was stopped and goes on from what is
    known ends in the same bits.

    Args:
        plane: Ranges, resolution and stages; its directions have been worked out already.
        first: Along the x axis, as long as one step.
        second: Along the y axis.
        train: Losses on training data, or ``None``.
        test: Losses on test data, or ``None``.
        known: (resolution, resolution) points that need not be measured, rows along the second direction.
        origin: (P,) centre; the net's own parameters if ``None``.
        block: Points at a time; ``None`` takes what suits the net.
        budget: Seconds it may take, or ``None`` for any.

    Returns:
        Finished points, a block at a time.

    Raises:
        InvalidInput: If the mask does not fit, or there is nothing to measure.
        NotPossible: If it would take longer than the budget.
    """
    evaluators = [evaluator for evaluator in (train, test) if evaluator is not None]
    if not evaluators:
        raise InvalidInput("A plane without data has no loss.", hint="Give training data, test data or both.")
    mask = _mask(plane, known)
    size = block or max([BLOCK, *(round(4 * evaluator.setup) for evaluator in evaluators)])
    if budget is not None:
        _check_budget(plane, int((~mask).sum()), sum(seconds_each(e, first, second, size) for e in evaluators), budget)
    return _blocks(plane, first, second, train, test, mask, origin, size)


def _blocks(
    plane: Plane,
    first: Direction,
    second: Direction,
    train: Evaluator | None,
    test: Evaluator | None,
    mask: Mask,
    origin: ArrayLike | None,
    size: int,
) -> Iterator[FinishedCells]:
    x, y = axis(plane.x_reach, plane.resolution), axis(plane.y_reach, plane.resolution)
    done = int(mask.sum())
    for stage, places in _order(plane, mask):
        for start in range(0, len(places), size):
            rows, columns = places[start : start + size].T
            a, b = x[columns], y[rows]
            on_train, on_test = (_measured(e, a, b, first, second, origin) for e in (train, test))
            done += len(rows)
            yield FinishedCells(
                rows=rows,
                columns=columns,
                train_loss=on_train.loss,
                train_accuracy=on_train.accuracy,
                test_loss=on_test.loss,
                test_accuracy=on_test.accuracy,
                done=done,
                total=plane.cells,
                stage=stage,
            )


def seconds_each(evaluator: Evaluator, first: Direction, second: Direction, block: int = BLOCK) -> float:
    """Estimate the seconds that one point takes within a block, by timing a few.

    Args:
        evaluator: What measures.
        first: First direction.
        second: Second direction.
        block: Points of a block.

    Returns:
        Seconds.
    """
    few = np.zeros(2)
    evaluator.on_plane(few, few, first.vector, second.vector)  # so that compiling is not timed
    points = np.linspace(0.01, 0.02, 8)
    started = time.perf_counter()
    evaluator.on_plane(points, np.full(8, 0.01), first.vector, second.vector)
    spent = time.perf_counter() - started
    return spent / (8 + evaluator.setup) * (1 + evaluator.setup / block)


def _check_budget(plane: Plane, cells: int, each: float, budget: float) -> None:
    if cells * each > budget:
        side = max(3, int(np.sqrt(budget / each)))
        raise NotPossible(
            f"{cells:,} points of this plane would take about {cells * each:,.0f} s; allowed are {budget:,.0f} s.",
            hint=f"Take at most {side} points a side, fewer data, or allow more time.",
        )


def _mask(plane: Plane, known: ArrayLike | None) -> Mask:
    shape = (plane.resolution, plane.resolution)
    mask = np.zeros(shape, bool) if known is None else np.asarray(known, dtype=bool)
    if mask.shape != shape:
        raise InvalidInput(f"A mask of shape {mask.shape} does not fit this plane.", hint=f"Give {shape}.")
    return mask


def _order(plane: Plane, mask: Mask) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Give for each stage its new points as (points, 2) rows and columns, row by row."""
    left = ~mask
    for stage in (*(s for s in plane.stages if s < plane.resolution), plane.resolution):
        lines = np.zeros(plane.resolution, bool)
        lines[np.round(np.linspace(0, plane.resolution - 1, stage)).astype(int)] = True
        places = np.argwhere(left & lines[:, None] & lines)
        left[places[:, 0], places[:, 1]] = False
        yield stage, places


def _measured(
    evaluator: Evaluator | None,
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    first: Direction,
    second: Direction,
    origin: ArrayLike | None,
) -> Losses:
    if evaluator is None:
        return Losses(np.full(len(a), np.nan), np.full(len(a), np.nan))
    return evaluator.on_plane(a, b, first.vector, second.vector, origin)
