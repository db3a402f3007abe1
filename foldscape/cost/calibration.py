"""Measure how fast this machine is, for the estimates."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np

from foldscape import curvature
from foldscape.cost.engines import COSTS
from foldscape.cost.rates import Rates
from foldscape.cost.work import Size, search
from foldscape.engine.compiled import CompiledEngine
from foldscape.net.mlp import Weights, initial
from foldscape.net.passes import scores
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD

WIDTHS, POINTS, BATCH, ROUNDS = (64, 32, 10), 1000, 20, 5
LARGE, LARGE_POINTS, LARGE_ROUNDS = (784, 16, 10), 5000, 3
"""A data set that no cache holds."""


def calibrate(threads: int | None = None) -> Rates:
    """Time some epochs, some searches for curvature and a large data set; takes about two tenths of a second.

    Args:
        threads: Threads that will compute; ``None`` is one a processor.

    Returns:
        Factors on the shipped costs.
    """
    net, x, y = _problem(WIDTHS, POINTS)
    optimizer = SGD(lr=0.1)
    engine = CompiledEngine(net, optimizer, x, y, BATCH)
    objective = net.objective(x, y)

    def epoch() -> None:
        engine.begin_epoch(np.arange(POINTS))
        engine.train(0, POINTS // BATCH)

    size, cost = Size.of(WIDTHS, POINTS), COSTS["compiled"]
    expected = cost.epoch(size, len(WIDTHS) - 1, BATCH, effort=optimizer.effort) + cost.laid_out(size)
    return Rates(
        training=_best(epoch) / expected,
        curvature=_best(lambda: curvature.flatness(objective, granularity="layer")) / search().on(size),
        reading=_reading(),
        threads=threads or len(os.sched_getaffinity(0)),
    )


def _reading() -> float:
    """Time one pass through a large data set beside what it was foreseen to take."""
    net, x, y = _problem(LARGE, LARGE_POINTS)
    columns = np.ascontiguousarray(x.T, np.float64)
    passed = _best(lambda: scores(net, columns, y, "cross_entropy"), LARGE_ROUNDS)
    return passed / Size.of(LARGE, LARGE_POINTS).whole_seconds


def _problem(widths: tuple[int, ...], points: int) -> tuple[Weights, np.ndarray, np.ndarray]:
    """Make a net with points (N, d) and classes (N,) to time it on."""
    rng = np.random.default_rng(0)
    x = rng.random((points, widths[0]), dtype=np.float32)
    net = initial(NetSpec(hidden=widths[1:-1], output_scale=1), widths[0], widths[-1], rng)
    return net, x, rng.integers(0, widths[-1], points)


def _best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Give the seconds of the quickest of a few rounds, after one that is not counted."""
    work()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)
