"""The compiled engine against torch: ``python -m benchmarks.engine``.

Updates a second on 1,000 points, begin_epoch included; medians of alternating rounds. What runs on one thread is timed
by that thread's processor time, so that a busy machine is no fault of either side; 1,000 nets at once, on all
processors, by the clock. Peers in the same run: the torch engine, and a tight eager loop written by hand. Goals:
2-8-8-2 with plain gradient descent 1,000,000 at batch 10 and 300,000 at batch 100; 1,000 nets 2-3-2 at once 2,000,000
at batch 10.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch
from torch.nn import functional

from benchmarks.loop import TwentyFrames
from benchmarks.machine import describe
from foldscape.engine.choose import MOST_PARAMETERS
from foldscape.engine.compiled import CompiledEngine, warm
from foldscape.engine.compiled_many import ManyNets
from foldscape.engine.torch_engine import TorchEngine
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD, Adam, Optimizer
from foldscape.spec import RunSpec
from foldscape.training import Loop

ROUNDS, SECONDS, NETS = 5, 0.2, 1000


def rate(epoch: Callable[[], None], updates: int, clock: Callable[[], float] = time.thread_time) -> float:
    """Give updates a second."""
    epoch()
    done, began = 0, clock()
    while (spent := clock() - began) < SECONDS:
        epoch()
        done += updates
    return done / spent


def problem(hidden, features, classes, points):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(points, features)).astype(np.float32), rng.integers(0, classes, points)
    return initial(NetSpec(hidden=hidden), features, classes, rng), x, y, rng.permutation(points)


def engine(kind, hidden, batch, rule: Optimizer, features=2, classes=2, points=1000) -> float:
    """Measure one of the engines."""
    net, x, y, order = problem(hidden, features, classes, points)
    trained = kind(net, rule, x, y, batch)
    updates = -(-points // batch)

    def epoch() -> None:
        trained.begin_epoch(order)
        trained.train(0, updates)

    return rate(epoch, updates)


def eager(batch, points=1000) -> float:
    """Train 2-8-8-2 by hand: one gather an epoch, batches as views, autograd, one fused update."""
    net, x, y, order = problem((8, 8), 2, 2, points)
    p = [torch.from_numpy(part).requires_grad_() for part in net.flat()]
    points_x, points_y, index = torch.from_numpy(x), torch.from_numpy(y), torch.from_numpy(order)

    def epoch() -> None:
        for bx, by in zip(points_x[index].split(batch), points_y[index].split(batch), strict=True):
            h = functional.linear(functional.linear(bx, p[0], p[1]).relu(), p[2], p[3]).relu()
            gradients = torch.autograd.grad(functional.cross_entropy(functional.linear(h, p[4], p[5]), by), p)
            with torch.no_grad():
                torch._foreach_add_(p, gradients, alpha=-0.1)

    return rate(epoch, -(-points // batch))


def many(points=1000, batch=10) -> float:
    """Measure 1,000 nets at once, each with a shuffle of its own."""
    net, x, y, order = problem((3,), 2, 2, points)
    nets = ManyNets([net] * NETS, SGD(lr=0.1), x, y, batch)
    orders = np.random.default_rng(0).permuted(np.tile(order, (NETS, 1)), axis=1)
    return rate(lambda: nets.train_epoch(orders), NETS * -(-points // batch), time.perf_counter)


def loop(kind: str) -> float:
    """Measure the run loop without probes, its rows of scalars 20 times a second."""
    spec = {
        "data": {"kind": "rings", "test_share": 0},
        "net": {"hidden": [8, 8]},
        "batch": 10,
        "probes": [],
        "engine": kind,
    }
    epochs = 1000 if kind == "compiled" else 20
    run = Loop(RunSpec.model_validate(spec | {"optimizer": {"kind": "sgd", "lr": 0.1}, "stop": {"epochs": epochs}}))
    began = time.thread_time()
    for _ in run.events(TwentyFrames()):
        pass
    return run.position.step / (time.thread_time() - began)


def compare(name: str, goal: float, *measures: Callable[[], float]) -> None:
    """Print ours, the peers and the ratio to the best of them."""
    rounds = [[measure() for measure in measures] for _ in range(ROUNDS)]
    ours, *peers = (median(column) for column in zip(*rounds, strict=True))
    said = "  ".join(f"{peer:>9,.0f}" for peer in peers)
    wanted = f"   goal {goal:,.0f}" if goal else ""
    print(f"{name:42} {ours:11,.0f} updates/s   peers {said:22} ratio {ours / max(peers):6.1f}{wanted}", flush=True)


def main() -> None:
    """Print every row."""
    torch.set_num_threads(1)
    print(f"# {describe()}; auto compiles up to {MOST_PARAMETERS:,} parameters")
    began = time.perf_counter()
    warm()
    print(f"# ready in {time.perf_counter() - began:.2f} s")
    sgd, both = SGD(lr=0.1), (CompiledEngine, TorchEngine)
    compare("2-8-8-2, batch 10", 1e6, *(lambda k=k: engine(k, (8, 8), 10, sgd) for k in both), lambda: eager(10))
    compare("2-8-8-2, batch 100", 3e5, *(lambda k=k: engine(k, (8, 8), 100, sgd) for k in both), lambda: eager(100))
    compare("2-8-8-2, batch 10, Adam", 0, *(lambda k=k: engine(k, (8, 8), 10, Adam()) for k in both))
    compare("1,000 nets 2-3-2, batch 10", 2e6, many, lambda: engine(TorchEngine, (3,), 10, sgd))
    for hidden in ((100,), (256,), (256, 256)):
        name = "-".join(map(str, (64, *hidden, 10)))
        compare(f"{name}, batch 32", 0, *(lambda k=k, h=hidden: engine(k, h, 32, sgd, 64, 10) for k in both))
    compare("the run loop, 2-8-8-2, batch 10", 0, lambda: loop("compiled"), lambda: loop("torch"))


if __name__ == "__main__":
    main()
