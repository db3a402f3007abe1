"""Sweeps of tiny runs against PyTorch: ``python -m benchmarks.tiny_sweep``.

A run is 2-8-2 on 225 points, batch 32, 25 epochs, which are 200 updates; four moments of it are looked at. Milliseconds
a run of alternating rounds: the whole ``foldscape.sweep.run``, from the spec to the rows, on one thread and on two; by
the clock in the best round, which other work on the machine disturbed least, and in the median processor time. Peers in
the same run, on one thread: the same training by hand in eager torch, net after net, and by ``torch.func.vmap``, all
nets at once; both look at loss and accuracy alone. Goals: under 10 ms on one thread, and two threads quicker than one.

At the end the share of a thread's time that compiled code and LAPACK have without the interpreter: two threads can be
at most 1 / (1 - share) times as quick as one, whatever else the machine does.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch.func import grad, vmap
from torch.nn import functional

from benchmarks.machine import describe
from foldscape.chance import generator
from foldscape.curvature.compiled import kernels as curvature
from foldscape.data.plane import Rings
from foldscape.engine import kernels as training
from foldscape.net import kernels as passes
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec
from foldscape.sweep import expand, run
from foldscape.sweep.running import read
from foldscape.sweep.task import run_task

RUNS, EAGER, BATCH, EPOCHS, EVERY, LR, ROUNDS = 100, 5, 32, 25, 10, 0.1, 7
BASE = {
    "net": {"hidden": [8]},
    "optimizer": {"kind": "sgd", "lr": LR},
    "batch": BATCH,
    "stop": {"epochs": EPOCHS},
    "probes": [],
}
ALIKE: dict[str, Any] = {"base": BASE, "seeds": f"0-{RUNS - 1}"}
MIXED: dict[str, Any] = {"base": BASE, "vary": {"lr": [0.03, 0.1], "batch": [31, 32]}, "seeds": f"0-{RUNS // 4 - 1}"}
PLAIN: dict[str, Any] = {"measure": {"flatness": []}, "primary": {"measure": "test_accuracy"}}
GROWN: dict[str, Any] = {
    "base": BASE
    | {"growth": {"rule": {"kind": "gradmax"}, "schedule": {"kind": "periodic", "start": 5, "every": 5, "births": 2}}},
    "seeds": f"0-{RUNS // 4 - 1}",
}

Parts = tuple[torch.Tensor, ...]


def spent(work: Callable[[], object], runs: int) -> tuple[float, float]:
    """Give milliseconds a run of the clock, and of the processors."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return 1e3 * (time.perf_counter() - clock) / runs, 1e3 * (time.process_time() - processor) / runs


def sweep(spec: dict[str, Any], threads: int) -> tuple[float, float]:
    """Carry one out."""
    runs = RUNS if spec["seeds"] == ALIKE["seeds"] or "vary" in spec else RUNS // 4
    return spent(lambda: run(spec, threads=threads), runs)


WITHOUT_INTERPRETER = (
    (training, "train_nets"),
    (passes, "loss_and_gradient"),
    (curvature, "linearise"),
    (curvature, "products"),
    (np.linalg, "eigvalsh"),
)


def share_without_interpreter(spec: dict[str, Any]) -> float:
    """Give the share of a task's processor time that is spent in these functions."""
    inside, owners = [0.0], [(owner, name, getattr(owner, name)) for owner, name in WITHOUT_INTERPRETER]

    def timed(work: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            began = time.thread_time()
            found = work(*given)
            inside[0] += time.thread_time() - began
            return found

        return call

    sweep_spec = read(spec)
    cells = list(expand(sweep_spec))
    for owner, name, work in owners:
        setattr(owner, name, timed(work))
    try:
        began = time.thread_time()
        for _ in run_task(cells, sweep_spec.measure):
            pass
        return inside[0] / (time.thread_time() - began)
    finally:
        for owner, name, work in owners:
            setattr(owner, name, work)


def outputs(p: Parts, x: torch.Tensor) -> torch.Tensor:
    """Give the outputs of a net."""
    return functional.linear(functional.linear(x, p[0], p[1]).relu(), p[2], p[3])


def loss(p: Parts, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Give the mean cross-entropy."""
    return functional.cross_entropy(outputs(p, x), y)


def problem(seed: int) -> tuple[Parts, tuple[torch.Tensor, ...], list[torch.Tensor]]:
    """Give a net, its points and its shuffles."""
    split = Rings().load(seed)
    net = initial(NetSpec(hidden=(8,)), 2, 2, generator(seed, "weights", 0))
    points = (split.train_x, split.train_y, split.test_x, split.test_y)
    orders = [generator(seed, "shuffle", epoch).permutation(len(split.train_x)) for epoch in range(EPOCHS)]
    return (
        tuple(torch.from_numpy(part) for part in net.flat()),
        tuple(map(torch.from_numpy, points)),
        [torch.from_numpy(order) for order in orders],
    )


def eager() -> None:
    """Train one net after another."""
    for seed in range(EAGER):
        start, (x, y, test_x, test_y), orders = problem(seed)
        p = [part.clone().requires_grad_() for part in start]
        for epoch, order in enumerate(orders, 1):
            for bx, by in zip(x[order].split(BATCH), y[order].split(BATCH), strict=True):
                gradients = torch.autograd.grad(loss(tuple(p), bx, by), p)
                with torch.no_grad():
                    torch._foreach_add_(p, gradients, alpha=-LR)
            if epoch % EVERY == 0 or epoch == EPOCHS:
                with torch.no_grad():
                    for at, of in ((x, y), (test_x, test_y)):
                        said = outputs(tuple(p), at)
                        functional.cross_entropy(said, of).item()
                        (said.argmax(1) == of).float().mean().item()


def batched() -> None:
    """Train all nets at once, each on its own points in its own order."""
    problems = [problem(seed) for seed in range(RUNS)]
    p = tuple(torch.stack(parts) for parts in zip(*(start for start, _, _ in problems), strict=True))
    x, y, test_x, test_y = (torch.stack(parts) for parts in zip(*(points for _, points, _ in problems), strict=True))
    gradients, said, nets = vmap(grad(loss)), vmap(outputs), torch.arange(RUNS)[:, None]
    for epoch in range(1, EPOCHS + 1):
        order = torch.stack([orders[epoch - 1] for _, _, orders in problems])
        for bx, by in zip(x[nets, order].split(BATCH, 1), y[nets, order].split(BATCH, 1), strict=True):
            torch._foreach_add_(list(p), list(gradients(p, bx, by)), alpha=-LR)
        if epoch % EVERY == 0 or epoch == EPOCHS:
            for at, of in ((x, y), (test_x, test_y)):
                found = said(p, at)
                functional.cross_entropy(found.flatten(0, 1), of.flatten())
                (found.argmax(2) == of).float().mean(1).tolist()


def main() -> None:
    """Print every row."""
    torch.set_num_threads(1)
    print(f"# {describe()}; ms a run by the clock (ms of processor time)")
    rows: dict[str, Callable[[], tuple[float, float]]] = {}
    for name, spec in (
        ("seeds, losses and accuracies", ALIKE | PLAIN),
        ("seeds, all flatness measures", ALIKE),
        ("rates and batches, losses and accuracies", MIXED | PLAIN),
        ("rates and batches, all flatness measures", MIXED),
        ("grown twice, all flatness measures", GROWN),
    ):
        for threads in (1, 2):
            rows[f"{name}, {threads} thread{'s' * (threads > 1)}"] = lambda s=spec, t=threads: sweep(s, t)
    rows["eager torch, one by one, losses and accuracies"] = lambda: spent(eager, EAGER)
    rows["torch.func.vmap, all at once, losses and accuracies"] = lambda: spent(batched, RUNS)
    for work in rows.values():
        work()
    rounds = [{name: work() for name, work in rows.items()} for _ in range(ROUNDS)]
    for name in rows:
        clock, processor = zip(*(each[name] for each in rounds), strict=True)
        print(f"{name:56} {min(clock):7.2f} ({median(processor):6.2f})", flush=True)
    with threadpool_limits(limits=1):
        for name, spec in (("losses and accuracies", ALIKE | PLAIN), ("all flatness measures", ALIKE)):
            share = median(share_without_interpreter(spec) for _ in range(ROUNDS))
            print(f"{name}: {share:.0%} without the interpreter, so two threads at most {1 / (1 - share):.1f} times")


if __name__ == "__main__":
    main()
