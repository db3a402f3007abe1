"""What hills cost a step: ``python -m benchmarks.trajectory hills``.

Process time of one update with C hills, one after the other in rounds, medians of the rounds: the machine may be
shared. The peer is the plain PyTorch way on one thread, written as the method's pseudo-code has it: the checkpoints as
one matrix, their gradient added after ``backward``. Goals: linear in C, and at C = 16 at most twice a plain step.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch

from benchmarks.machine import describe
from foldscape.engine.compiled import CompiledEngine
from foldscape.net.mlp import Weights, initial
from foldscape.net.spec import NetSpec
from foldscape.optimizer import Momentum
from foldscape.terms import HillPenalty
from foldscape.terms.held import together
from foldscape.terms.standing import Standing

MANY = (0, 1, 2, 4, 8, 16)
NETS: Sequence[tuple[tuple[int, ...], int, int, int]] = (
    ((16, 16), 2, 3, 32),
    ((64, 64), 64, 10, 64),
    ((64, 64, 64), 64, 10, 64),
)
"""Hidden layers, inputs, classes and batch."""
POINTS, ROUNDS, SIGMA = 1024, 15, 10.0


def data(features: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Give points without a meaning."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(POINTS, features)).astype(np.float32), rng.integers(0, classes, POINTS)


def tops(net: Weights, many: int) -> list[tuple[np.ndarray, ...]]:
    """Give nets nearby."""
    rng = np.random.default_rng(1)
    return [tuple((p + 0.05 * rng.normal(size=p.shape)).astype(np.float32) for p in net.flat()) for _ in range(many)]


def ours(net: Weights, x: np.ndarray, y: np.ndarray, batch: int, many: int) -> Callable[[], None]:
    """Give an epoch of the compiled engine with so many hills."""
    engine = CompiledEngine(net, Momentum(lr=1e-4), x, y, batch, [HillPenalty()])
    standing = Standing()
    for top in tops(net, many):
        outputs = np.zeros((1, 1), np.float32)
        standing = standing.put(top, outputs, sigma=SIGMA, reference=np.nan, step=0, most=64)
    engine.load(net, replace(engine.memory, terms=together({"hills": standing.held()})))
    engine.begin_epoch(np.arange(POINTS))
    return lambda: engine.train(0, POINTS // batch)


def plain(net: Weights, x: np.ndarray, y: np.ndarray, batch: int, many: int) -> Callable[[], None]:
    """Give an epoch of the plain PyTorch way with so many hills."""
    layers: list[torch.nn.Module] = []
    for weight, bias in zip(net.weights, net.biases, strict=True):
        layer = torch.nn.Linear(weight.shape[1], weight.shape[0])
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(weight))
            layer.bias.copy_(torch.from_numpy(bias))
        layers += [layer, torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9)
    kept = [torch.from_numpy(np.concatenate([part.ravel() for part in top])) for top in tops(net, many)]
    matrix = torch.stack(kept) if kept else None
    inputs, labels = torch.from_numpy(x).split(batch), torch.from_numpy(y).split(batch)
    parameters = list(model.parameters())

    def epoch() -> None:
        for these, those in zip(inputs, labels, strict=True):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(these), those).backward()
            if matrix is not None:
                with torch.no_grad():
                    apart = torch.nn.utils.parameters_to_vector(parameters) - matrix
                    tall = torch.exp(-(apart**2).sum(1) / (2 * SIGMA**2))
                    push, at = (tall[:, None] * -apart).sum(0) / SIGMA**2, 0
                    for part in parameters:
                        part.grad += push[at : at + part.numel()].view_as(part)
                        at += part.numel()
            optimizer.step()

    return epoch


def microseconds(epochs: Sequence[Callable[[], None]], batch: int, repeats: int) -> list[float]:
    """Give the process time of a step of each, all of them in every round."""
    spent: list[list[float]] = [[] for _ in epochs]
    for _ in range(ROUNDS):
        for row, epoch in zip(spent, epochs, strict=True):
            began = time.process_time()
            for _ in range(repeats):
                epoch()
            row.append(time.process_time() - began)
    return [1e6 * statistics.median(row) / (repeats * (POINTS // batch)) for row in spent]


def main() -> None:
    """Print the figures and the ratios."""
    torch.set_num_threads(1)
    print(f"# {describe()}; numpy {np.__version__}, torch {torch.__version__}; load {os.getloadavg()[0]:.1f}")
    for hidden, features, classes, batch in NETS:
        x, y = data(features, classes)
        net = initial(NetSpec(hidden=hidden), features, classes, np.random.default_rng(0))
        print(f"{'-'.join(map(str, (features, *hidden, classes)))}, batch {batch}, P = {net.parameters:,}")
        mine = microseconds([ours(net, x, y, batch, many) for many in MANY], batch, 20)
        theirs = microseconds([plain(net, x, y, batch, many) for many in MANY], batch, 1)
        for many, own, other in zip(MANY, mine, theirs, strict=True):
            print(
                f"  C = {many:2}   {own:8.1f} µs a step, {own / mine[0]:5.2f} of a plain one    "
                f"PyTorch {other:8.1f} µs, {other / theirs[0]:5.2f}    ratio {other / own:5.1f}"
            )
        print(f"  linear in C: R² {np.corrcoef(MANY, mine)[0, 1] ** 2:.3f}")


if __name__ == "__main__":
    main()
