"""A card beside the processor: ``python -m benchmarks.device``, once on a machine with an NVIDIA card.

ResNet-20 on pictures of CIFAR-10's shape (made at random, so that nothing is downloaded): training in single precision
and in bfloat16, a row of losses and accuracies, the top eigenpair at a residual of 1e-3, a plane of 25 x 25 nets, and
64 seeds of ResNet-8 as one program beside one after another. On the processor all are made smaller by a factor that the
table says. Without a card the processor alone is measured, and that is said.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch

from benchmarks.machine import describe
from foldscape import curvature
from foldscape.device import Device, called, why_not
from foldscape.engine.base import Precision
from foldscape.engine.modular import ModularEngine
from foldscape.engine.stacked import StackedTraining
from foldscape.net.modular import ModularNet
from foldscape.net.passes import scores
from foldscape.net.spec import NetSpec
from foldscape.optimizer import Momentum

SHAPE, CLASSES, BATCH, SEEDS, SIDE, ROUNDS = (3, 32, 32), 10, 128, 64, 25, 3
POINTS: dict[Device, int] = {"cpu": 512, "cuda": 8192}
PROBED: dict[Device, int] = {"cpu": 256, "cuda": 2000}
OPTIMIZER = Momentum(lr=0.05, momentum=0.9)


def net_of(n: int, seed: int = 0) -> ModularNet:
    """Give the first net of a run of a residual net of 6n+2 layers."""
    return NetSpec(wiring="resnet", n=n).first_on(SHAPE, CLASSES, np.random.default_rng(seed))  # type: ignore[return-value]


def timed(work: Callable[[], object]) -> float:
    """Give the median of a few rounds after one that is not counted, in seconds, the card's queue emptied."""
    times = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        work()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        times.append(time.perf_counter() - began)
    return median(times[1:])


def training(device: Device, x: np.ndarray, y: np.ndarray, precision: Precision) -> float:
    """Give pictures a second of training ResNet-20."""
    net, order = net_of(3), np.arange(len(y))
    engine = ModularEngine(net, OPTIMIZER, x, y, BATCH, device, precision=precision)

    def epoch() -> None:
        engine.begin_epoch(order)
        engine.train(0, -(-len(y) // BATCH))

    return len(y) / timed(epoch)


def seeds(device: Device, x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Give net-pictures a second of many ResNet-8: as one program, and one after another."""
    nets, order = [net_of(1, seed) for seed in range(SEEDS)], np.arange(len(y))
    many = StackedTraining(nets, OPTIMIZER, x, y, device)
    together = timed(lambda: many.train_epoch(np.tile(order, (SEEDS, 1)), BATCH))
    engine = ModularEngine(nets[0], OPTIMIZER, x, y, BATCH, device)

    def epoch() -> None:
        engine.begin_epoch(order)
        engine.train(0, -(-len(y) // BATCH))

    return SEEDS * len(y) / together, len(y) / timed(epoch)


def measured(device: Device) -> list[tuple[str, str]]:
    """Measure everything on one device; what, and the figure."""
    rng = np.random.default_rng(0)
    x = rng.random((POINTS[device], int(np.prod(SHAPE))), dtype=np.float32)
    y = rng.integers(0, CLASSES, len(x))
    probed = x[: PROBED[device]], y[: PROBED[device]]
    net = ModularEngine(net_of(3), OPTIMIZER, x, y, BATCH, device).weights
    found = [
        (f"training, {each}, pictures/s", f"{training(device, x, y, each):,.0f}") for each in ("float32", "bfloat16")
    ]
    whole = timed(lambda: scores(net, x.T, y, "cross_entropy"))
    found.append((f"losses, accuracies and gradient of {len(x):,}, s", f"{whole:.3f}"))
    objective = net.objective(*probed)
    pair = timed(lambda: curvature.top_eigenpairs(objective, k=1, tol=1e-3))
    found.append((f"top eigenpair on {len(probed[1]):,}, s", f"{pair:.2f}"))
    evaluator = net.evaluator(*probed, device=device)
    first, second = rng.normal(size=(2, net.parameters)) * 0.01
    a, b = np.meshgrid(np.linspace(-1, 1, SIDE), np.linspace(-1, 1, SIDE))
    few = slice(None) if device == "cuda" else slice(0, 25)
    plane = timed(lambda: evaluator.on_plane(a.ravel()[few], b.ravel()[few], first, second))
    found.append((f"plane on {len(probed[1]):,}, s a net", f"{plane / len(a.ravel()[few]):.4f}"))
    part = slice(0, 512 if device == "cuda" else 128)
    together, alone = seeds(device, x[part], y[part])
    return [*found, (f"{SEEDS} seeds as one program, net-pictures/s", f"{together:,.0f}"),
            ("one after another", f"{alone:,.0f}"), ("ratio", f"{together / alone:.2f}")]  # fmt: skip


def main() -> None:
    """Print a table for each device that there is."""
    print(describe())
    devices: list[Device] = ["cpu"]
    if why := why_not("cuda"):
        print(f"no card: {why}; the processor alone is measured")
    else:
        devices.insert(0, "cuda")
    for device in devices:
        print(f"\n{called(device)}\n| what | figure |\n|---|---|")
        for what, figure in measured(device):
            print(f"| {what} | {figure} |", flush=True)


if __name__ == "__main__":
    main()
