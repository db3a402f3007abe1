"""The sweep of learning rate by batch size on digits: ``python -m benchmarks.trajectory ratio``.

The preset ``ratio-digits`` with three seeds: ten settings, thirty runs of a net 64-64-64-10 to a training loss of 0.05,
with losses, accuracies and the largest Hessian eigenvalue every ten epochs and at the end; on two threads, by the clock
and in processor time. The peer is the plain PyTorch way, run by run on one thread: ``optim.SGD``, the training loss
after each epoch, and 20 steps of power iteration by double backward where the sweep looks. Some epochs of each setting
are timed; the rest is extrapolated by the epochs that the sweep's own runs took. Goal: under 60 s.
"""

from __future__ import annotations

import os
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks.machine import describe
from foldscape import sweep
from foldscape.data.digits import Digits
from foldscape.sweep import CellResult, SweepSpec
from foldscape.sweep.presets import spec_of

GOAL_SECONDS, SEEDS, THREADS = 60, (0, 1, 2), 2
TIMED_EPOCHS, POWER_STEPS = 2, 20


def ours(spec: SweepSpec, threads: int) -> tuple[float, float, tuple[CellResult, ...]]:
    """Give seconds of the clock and of the processors, and the runs."""
    began, clock = time.process_time(), time.perf_counter()
    rows = sweep.run(spec, threads=threads).rows
    return time.perf_counter() - clock, time.process_time() - began, rows


def net() -> nn.Sequential:
    """Give the net of the preset, freshly made."""
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def epoch_seconds(x: torch.Tensor, y: torch.Tensor, lr: float, batch: int) -> float:
    """Give the processor time of one epoch and the training loss after it, the plain PyTorch way."""
    torch.manual_seed(0)
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)

    def epoch() -> None:
        for chosen in torch.randperm(len(x)).split(batch):
            optimizer.zero_grad()
            functional.cross_entropy(model(x[chosen]), y[chosen]).backward()
            optimizer.step()
        with torch.no_grad():
            functional.cross_entropy(model(x), y).item()

    epoch()
    began = time.process_time()
    for _ in range(TIMED_EPOCHS):
        epoch()
    return (time.process_time() - began) / TIMED_EPOCHS


def sharpness_seconds(x: torch.Tensor, y: torch.Tensor) -> float:
    """Give the processor time of the largest Hessian eigenvalue by power iteration, the plain PyTorch way."""
    torch.manual_seed(0)
    model = net()
    parameters = list(model.parameters())
    began = time.process_time()
    gradients = torch.autograd.grad(functional.cross_entropy(model(x), y), parameters, create_graph=True)
    flat = torch.cat([part.reshape(-1) for part in gradients])
    vector = torch.randn_like(flat)
    for _ in range(POWER_STEPS):
        vector = vector / vector.norm()
        product = torch.autograd.grad(flat @ vector.detach(), parameters, retain_graph=True)
        vector = torch.cat([part.reshape(-1) for part in product])
    return time.process_time() - began


def peer_seconds(spec: SweepSpec, rows: tuple[CellResult, ...]) -> float:
    """Give the processor time of the same runs and looks, the plain PyTorch way."""
    split = Digits().load(0)
    x, y = torch.from_numpy(split.train_x), torch.from_numpy(split.train_y)
    looks = sum(len(row.curve.columns["epoch"]) for row in rows)
    total = looks * float(np.median([sharpness_seconds(x, y) for _ in range(3)]))
    for settings in spec.vary["setting"].values():
        mine = [row for row in rows if row.settings["setting"] == _name(spec, settings)]
        epochs = sum(row.curve.last("epoch") or 0 for row in mine)
        total += epochs * epoch_seconds(x, y, float(settings["optimizer.lr"]), int(settings["batch"]))
    return total


def _name(spec: SweepSpec, wanted: dict[str, object]) -> str:
    return next(name for name, settings in spec.vary["setting"].items() if settings == wanted)


def main() -> None:
    """Print the figures and the ratio."""
    torch.set_num_threads(1)
    print(f"# {describe()}; torch {torch.__version__}; load {os.getloadavg()[0]:.1f}")
    spec = spec_of("ratio-digits").model_copy(update={"seeds": SEEDS})
    warm = spec.model_copy(
        update={"seeds": SEEDS[:1], "vary": {"setting": {"0.4, 80": spec.vary["setting"]["0.4, 80"]}}}
    )
    ours(warm, THREADS)
    clock, processor, rows = ours(spec, THREADS)
    epochs = sum(row.curve.last("epoch") or 0 for row in rows)
    print(f"ratio-digits, {len(rows)} runs, {epochs:,.0f} epochs, {THREADS} threads")
    print(f"ours                  {clock:8.1f} s by the clock, {processor:.1f} s of the processors")
    print(f"goal                  {GOAL_SECONDS:8.1f} s by the clock")
    peer = peer_seconds(spec, rows)
    print(f"the plain PyTorch way {peer:8.1f} s of the processors, extrapolated; ratio {peer / processor:.1f}")


if __name__ == "__main__":
    main()
