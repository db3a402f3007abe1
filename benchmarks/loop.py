"""The run loop against the tightest hand-written eager PyTorch loop: ``python -m benchmarks.loop``.

Net 2-8-8-2 on 300 rings, batch 10, plain gradient descent; updates a second, medians of alternating rounds.
Goals: at least 90 % of the eager loop with probes off, at least 60 % with all probes at 20 frames a second.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from statistics import median

import torch
from torch.nn import functional

from benchmarks.machine import describe
from foldscape.commands import Cadence
from foldscape.data.plane import Rings
from foldscape.spec import RunSpec
from foldscape.training import Loop, Unattended

ROUNDS, EPOCHS, BATCH, FPS = 7, 60, 10, 20


def eager() -> float:
    """Train by hand: one gather an epoch, batches as views, autograd, one fused update."""
    split = Rings(test_share=0).load(7)
    x, y = torch.from_numpy(split.train_x), torch.from_numpy(split.train_y)
    layers = [torch.nn.Linear(2, 8), torch.nn.Linear(8, 8), torch.nn.Linear(8, 2)]
    p = [part for layer in layers for part in (layer.weight, layer.bias)]
    steps = 0
    began = time.perf_counter()
    for _ in range(EPOCHS):
        order = torch.randperm(len(x))
        for bx, by in zip(x[order].split(BATCH), y[order].split(BATCH), strict=True):
            h = functional.linear(bx, p[0], p[1]).relu()
            h = functional.linear(h, p[2], p[3]).relu()
            loss = functional.cross_entropy(functional.linear(h, p[4], p[5]), by)
            gradients = torch.autograd.grad(loss, p)
            with torch.no_grad():
                torch._foreach_add_(p, gradients, alpha=-0.1)
            steps += 1
    return steps / (time.perf_counter() - began)


class TwentyFrames(Unattended):
    """Says cadences so that measurements come 20 times a second, as a worker's pacer does."""

    def __init__(self) -> None:
        self.at = (0, time.perf_counter())

    def take(self, position):
        """Say a cadence four times a second."""
        step, then = self.at
        now = time.perf_counter()
        if now - then < 0.25:
            return ()
        self.at = (position.step, now)
        return (Cadence(updates=max(1, round((position.step - step) / (now - then) / FPS))),)


def ours(probes: list[dict]) -> float:
    """Train the same with the run loop."""
    spec = RunSpec.model_validate(
        {
            "data": {"kind": "rings", "test_share": 0},
            "net": {"hidden": [8, 8]},
            "optimizer": {"kind": "sgd", "lr": 0.1},
            "batch": BATCH,
            "stop": {"epochs": EPOCHS * (4 if probes else 1)},
            "probes": probes,
        }
    )
    loop = Loop(spec)
    began = time.perf_counter()
    for _ in loop.events(TwentyFrames() if probes else Unattended()):
        pass
    return loop.position.step / (time.perf_counter() - began)


def main() -> None:
    """Print ours, the peer and the ratio."""
    torch.set_num_threads(1)
    all_probes = [{"kind": "frame"}, {"kind": "curvature", "every": 4}, {"kind": "slice", "every": 4}]
    eager(), ours([]), ours(all_probes)
    rounds = [(eager(), ours([]), ours(all_probes)) for _ in range(ROUNDS)]
    peer, off, on = (median(column) for column in zip(*rounds, strict=True))
    print(f"# {describe()}")
    print(f"eager PyTorch, by hand        {peer:10,.0f} updates/s")
    print(f"run loop, probes off          {off:10,.0f} updates/s   ratio {off / peer:.2f}   goal 0.90")
    print(f"run loop, all probes, 20 fps  {on:10,.0f} updates/s   ratio {on / peer:.2f}   goal 0.60")


if __name__ == "__main__":
    main()
