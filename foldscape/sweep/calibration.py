"""Measure how fast this machine is, for the estimates."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np

from foldscape import curvature
from foldscape.engine.compiled import CompiledEngine
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD
from foldscape.probes.cost import Size, search
from foldscape.sweep.cost import Rates
from foldscape.training.sharpness import objective_of

WIDTHS, POINTS, BATCH, ROUNDS = (64, 32, 10), 1000, 20, 5


def calibrate(threads: int | None = None) -> Rates:
    """Time some epochs and some searches for curvature on a small net; takes about a tenth of a second.

    Args:
        threads: Threads that will compute; ``None`` is one a processor.

    Returns:
        Factors on the shipped costs.
    """
    rng = np.random.default_rng(0)
    x = rng.random((POINTS, WIDTHS[0])).astype(np.float32)
    y = rng.integers(0, WIDTHS[-1], POINTS)
    net = initial(NetSpec(hidden=WIDTHS[1:-1], output_scale=1), WIDTHS[0], WIDTHS[-1], rng)
    engine = CompiledEngine(net, SGD(lr=0.1), x, y, BATCH)
    objective = objective_of(net, x, y)

    def epoch() -> None:
        engine.begin_epoch(np.arange(POINTS))
        engine.train(0, POINTS // BATCH)

    size = Size.of(WIDTHS, POINTS)
    return Rates(
        training=_best(epoch) / size.epoch_seconds(BATCH),
        curvature=_best(lambda: curvature.flatness(objective, granularity="layer")) / search().on(size),
        threads=threads or len(os.sched_getaffinity(0)),
    )


def _best(work: Callable[[], object]) -> float:
    """Give the seconds of the quickest of a few rounds, after one that is not counted."""
    work()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)
