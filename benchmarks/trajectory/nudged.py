"""Nudged SGD beside plain SGD: ``python -m benchmarks.trajectory nudged``.

64-64-10 on digits, batches of 32, K = 5 directions found at each epoch on 500 points; the search includes 40 epochs in
which it begins at the last directions. Process time on one thread, medians of rounds that alternate, so that a busy
machine slows all alike. Ours is timed twice: the engine's updates with the searches between them, and the whole run
with its row of losses an epoch. The plain way in PyTorch keeps V by power iteration on Hessian products of autograd.
Goal: a run takes at most 1.5 times a run of plain SGD.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from benchmarks.machine import describe
from foldscape.shuffling import order_of
from foldscape.spec import RunSpec
from foldscape.training import Loop
from foldscape.training.sharpest import SharpestDirections

EPOCHS, ROUNDS, K, POINTS, GOAL = 40, 7, 5, 500, 1.5
SGD = {"kind": "sgd", "lr": 0.1}
NUDGED = {"kind": "nudged", "lr": 0.1, "gamma": 0.1, "k": K, "points": POINTS}


def spec_of(optimizer: dict[str, Any], engine: str = "compiled", epochs: int = EPOCHS) -> RunSpec:
    """Give a run that measures nothing but its row of losses."""
    plain = {"data": {"kind": "digits"}, "net": {"hidden": [64]}, "batch": 32, "stop": {"epochs": epochs}}
    spec = RunSpec.model_validate({**plain, "optimizer": optimizer, "engine": engine, "probes": []})
    return spec.model_copy(update={"probes": ()})


def run_seconds(optimizer: dict[str, Any], engine: str = "compiled", epochs: int = EPOCHS) -> float:
    """Give the process time of an epoch of a run through its loop."""
    loop = Loop(spec_of(optimizer, engine, epochs))
    began = time.process_time()
    for _ in loop.events():
        pass
    return (time.process_time() - began) / epochs


def engine_seconds(optimizer: dict[str, Any]) -> tuple[float, float]:
    """Give the process time of an epoch's updates alone, and of its search."""
    loop = Loop(spec_of(optimizer))
    wanted = loop.spec.optimizer.sharpest
    looking = SharpestDirections(loop._run, wanted) if wanted else None
    updates = search = 0.0
    for epoch in range(EPOCHS):
        loop._run.subject.net = loop.engine.weights
        began = time.process_time()
        if looking:
            looking.find()
        found = time.process_time()
        loop.engine.begin_epoch(order_of("epoch", 0, epoch, loop.spec.train_size))
        loop.engine.train(0, loop.steps_per_epoch)
        search, updates = search + found - began, updates + time.process_time() - found
    return updates / EPOCHS, search / EPOCHS


def torch_seconds(*, nudged: bool, epochs: int = 4) -> float:
    """Give the process time of an epoch the plain PyTorch way."""
    split = spec_of(SGD).load()
    x, y = torch.from_numpy(split.train_x), torch.from_numpy(split.train_y)
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
    parameters = list(net.parameters())
    v = torch.linalg.qr(torch.randn(sum(p.numel() for p in parameters), K))[0]

    def flat(parts: Any) -> torch.Tensor:
        return torch.cat([part.reshape(-1) for part in parts])

    began = time.process_time()
    for epoch in range(epochs):
        if nudged:
            for _ in range(3):
                loss = functional.cross_entropy(net(x[:POINTS]), y[:POINTS])
                slope = flat(torch.autograd.grad(loss, parameters, create_graph=True))
                images = [flat(torch.autograd.grad(slope @ one, parameters, retain_graph=True)) for one in v.T]
                v = torch.linalg.qr(torch.stack(images, dim=1))[0]
        for chosen in torch.split(torch.from_numpy(order_of("epoch", 0, epoch, len(x))), 32):
            loss = functional.cross_entropy(net(x[chosen]), y[chosen])
            gradients = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                if nudged:
                    whole = flat(gradients)
                    whole = whole - 0.9 * (v @ (v.T @ whole))
                    cut = whole.split([p.numel() for p in parameters])
                    gradients = tuple(g.view_as(p) for g, p in zip(cut, parameters, strict=True))
                for p, g in zip(parameters, gradients, strict=True):
                    p.sub_(g, alpha=0.1)
    return (time.process_time() - began) / epochs


def pairs(plain: Callable[[], float], nudged: Callable[[], float], rounds: int = ROUNDS) -> tuple[float, float, float]:
    """Give the medians of both, timed in turn, and the median of their ratios."""
    found = [(plain(), nudged()) for _ in range(rounds)]
    return median(a for a, _ in found), median(b for _, b in found), median(b / a for a, b in found)


def main() -> None:
    """Print the figures and the ratios."""
    torch.set_num_threads(1)
    print(f"# {describe()}; numpy {np.__version__}, torch {torch.__version__}; load {os.getloadavg()[0]:.1f}")
    run_seconds(NUDGED)
    rows = {
        "a run, compiled": pairs(lambda: run_seconds(SGD), lambda: run_seconds(NUDGED)),
        "updates alone, compiled": pairs(lambda: engine_seconds(SGD)[0], lambda: engine_seconds(NUDGED)[0]),
        "updates and search, compiled": pairs(
            lambda: engine_seconds(SGD)[0], lambda: sum(engine_seconds(NUDGED))
        ),
        "a run, torch engine": pairs(
            lambda: run_seconds(SGD, "torch", 4), lambda: run_seconds(NUDGED, "torch", 4), rounds=3
        ),
        "the plain PyTorch way": pairs(
            lambda: torch_seconds(nudged=False), lambda: torch_seconds(nudged=True), rounds=3
        ),
    }  # fmt: skip
    print(f"{'an epoch':32}{'SGD':>12}{'nudged':>12}{'ratio':>9}   goal {GOAL}")
    for name, (plain, nudged, ratio) in rows.items():
        print(f"{name:32}{1e3 * plain:9.2f} ms{1e3 * nudged:9.2f} ms{ratio:9.2f}")
    ours, theirs = rows["a run, compiled"][1], rows["the plain PyTorch way"][1]
    print(f"the plain PyTorch way takes {theirs / ours:.1f} times as long as ours")


if __name__ == "__main__":
    main()
