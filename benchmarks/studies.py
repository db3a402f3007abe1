"""Many nets for one question against eager torch one by one: ``python -m benchmarks.studies``.

First training alone: 100 nets 64-100-10 on the digits, an epoch of all of them, beside the same epochs by hand in eager
torch, one net after another. Goals: 25 times at batch 10, 4 times at batch 100, ours on every processor, torch on its
best number of threads. Medians of alternating rounds, by the clock. Then the shipped Table 1 on digits, 40 runs of 100
epochs with all that is measured of them: under 2 minutes.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from statistics import median

import numpy as np
import torch
from torch.nn import functional

from benchmarks.machine import describe
from foldscape.data.digits import Digits
from foldscape.engine.compiled_many import ManyNets
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD
from foldscape.sweep import run
from foldscape.sweep.presets import spec_of

NETS, HIDDEN, LR, ROUNDS = 100, 100, 0.05, 5
EAGER_NETS = 2
"""Nets that eager torch trains in a round; one takes as long as the next."""
GOALS = {10: 25, 100: 4}


def seconds(work) -> float:
    """Time one piece of work by the clock."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def eager(net, split, batch: int, order) -> None:
    """Train one net for an epoch: one gather, batches as views, autograd, one fused update."""
    p = [torch.from_numpy(part.copy()).requires_grad_() for part in net.flat()]
    x, y, index = torch.from_numpy(split.train_x), torch.from_numpy(split.train_y), torch.from_numpy(order)
    for bx, by in zip(x[index].split(batch), y[index].split(batch), strict=True):
        h = functional.linear(bx, p[0], p[1]).relu()
        gradients = torch.autograd.grad(functional.cross_entropy(functional.linear(h, p[2], p[3]), by), p)
        with torch.no_grad():
            torch._foreach_add_(p, gradients, alpha=-LR)


def nets_at_once(batch: int) -> None:
    """Print seconds a net and epoch: ours, eager torch, the ratio."""
    split, rng = Digits().load(0), np.random.default_rng(0)
    net = initial(NetSpec(hidden=(HIDDEN,), output_scale=1), split.features, split.classes, rng)
    many = ManyNets([net] * NETS, SGD(lr=LR), split.train_x, split.train_y, batch)
    orders = rng.permuted(np.tile(np.arange(len(split.train_x)), (NETS, 1)), axis=1)
    many.train_epoch(orders)
    ours, peers = [], {1: [], len(os.sched_getaffinity(0)): []}
    for _ in range(ROUNDS):
        ours.append(seconds(lambda: many.train_epoch(orders)) / NETS)
        for threads, times in peers.items():
            torch.set_num_threads(threads)
            eager(net, split, batch, orders[0])
            times.append(seconds(lambda: [eager(net, split, batch, orders[n]) for n in range(EAGER_NETS)]) / EAGER_NETS)
    peer = min(median(times) for times in peers.values())
    said = f"ours {1e3 * median(ours):7.2f} ms   eager torch {1e3 * peer:7.2f} ms   ratio {peer / median(ours):5.1f}"
    print(f"{NETS} nets 64-{HIDDEN}-10, batch {batch:3}: a net and epoch {said}   goal {GOALS[batch]}", flush=True)


def table_1() -> None:
    """Print the seconds of the shipped Table 1, once the kernels are compiled."""
    spec = spec_of("table1-digits")
    warm = spec.base.model_copy(update={"stop": spec.base.stop.model_copy(update={"epochs": 12})})
    short = {"model": {name: dict(one) for name, one in spec.vary["model"].items()}}
    short["model"]["grown"] = {**short["model"]["grown"], "growth.schedule.births": 1}
    run(spec.model_copy(update={"base": warm, "vary": short, "seeds": (0,)}))
    torch.set_num_threads(1)
    took = seconds(lambda: run(spec))
    print(f"Table 1 on digits, {spec.runs} runs of 100 epochs, flatness included: {took:.0f} s   goal 120", flush=True)


def main() -> None:
    """Print every row."""
    print(f"# {describe()}")
    for batch in GOALS:
        nets_at_once(batch)
    table_1()


if __name__ == "__main__":
    main()
