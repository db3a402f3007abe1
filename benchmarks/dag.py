"""Nets that are graphs: ``python -m benchmarks.dag``.

Microseconds an update by the processor time of its thread, the best of several rounds; beside it the two products of
the inputs' weights by BLAS, which no engine can do without. Goals on one core: 64-10-10 at batch 10 in 20 µs, 784-10-10
at batch 100 in 1 ms, 784-500-10 near the speed of BLAS. Then a Hessian product, and insertions.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import time
from collections.abc import Callable

import numpy as np

from benchmarks.machine import describe
from foldscape.curvature.dag import DagObjective
from foldscape.engine.dag.engine import DagEngine
from foldscape.growth.base import Scene
from foldscape.growth.random_insertion import RandomInsertion
from foldscape.net.dag import Dag
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD

ROUNDS = 7
CASES = [(64, 10, 10, False), (64, 10, 10, True), (784, 10, 100, False), (784, 500, 100, False), (784, 500, 100, True)]


def best(work: Callable[[], object]) -> float:
    """Give the shortest time of several rounds, in microseconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return 1e6 * min(times)


def net_of(inputs: int, hidden: int, grown: bool) -> Dag:
    """Give a net with 10 outputs, fully connected or grown by random insertion to the same size."""
    spec = NetSpec(hidden=() if grown else (hidden,), wiring="dag", bias=False, output_scale=1)
    net = spec.first(inputs, 10, np.random.default_rng(0))
    if grown:
        scene = Scene(np.zeros((1, inputs), np.float32), np.zeros(1, np.int64))
        net = RandomInsertion(count=hidden, match=hidden).change(net, scene, np.random.default_rng(0)).net
    assert isinstance(net, Dag)
    return net


def measure(inputs: int, hidden: int, batch: int, grown: bool) -> None:
    """Print one line."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2000, inputs)).astype(np.float32), rng.integers(0, 10, 2000)
    net = net_of(inputs, hidden, grown)
    engine, updates = DagEngine(net, SGD(lr=0.01), x, y, batch), 2000 // batch
    engine.train(0, 1)
    update = best(lambda: engine.train(0, updates)) / updates
    into, points = rng.normal(size=(hidden + 10, inputs)).astype(np.float32), np.ascontiguousarray(x[:batch])
    blas = best(lambda: (into @ points.T) @ points)
    operator = DagObjective(net, x, y).at()
    vector = rng.normal(size=(1, net.parameters))
    product = best(lambda: operator.products(vector)) / 1e3
    shape = f"{inputs}-{hidden}-10 {'grown' if grown else 'fixed'}, depth {len(net.hidden) + 1}, batch {batch}"
    print(f"{shape:42s} {update:8.1f} µs   BLAS {blas:8.1f} µs   Hessian product on 2,000 points {product:8.1f} ms")


def main() -> None:
    """Print all."""
    print(describe())
    for case in CASES:
        measure(*case)
    print(f"500 insertions into 784-10: {best(lambda: net_of(784, 500, True)) / 1e6:.2f} s")


if __name__ == "__main__":
    main()
