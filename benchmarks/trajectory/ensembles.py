"""The sweep ``ensembles-digits``: ``python -m benchmarks.trajectory ensembles``.

One seed of every method, in process time, since the machine may be shared; ten seeds follow in proportion. The peer is
the plain way to write it in eager PyTorch on one thread, a net after the other: some epochs of it are timed and the
rest extrapolated, and so is a barrier of one pair, with the hill as autograd has it. Goal: ten seeds under 2 min on two
processors.
"""

from __future__ import annotations

import time
from itertools import pairwise

import torch
from torch.nn import functional

import foldscape.sweep
from benchmarks.machine import describe
from foldscape.sweep import SweepSpec, expand
from foldscape.sweep.expand import PlannedRun
from foldscape.sweep.presets import spec_of

GOAL_SECONDS = 120
PROCESSORS = 2
EPOCHS = 2
"""Epochs that the peer is timed for."""
POINTS = 25


def ours(spec: SweepSpec) -> float:
    """Give the process time of a sweep, in seconds."""
    began = time.process_time()
    foldscape.sweep.run(spec, threads=1)
    return time.process_time() - began


class Eager:
    """One net in eager PyTorch, as in a script.

    Args:
        cell: Which ensemble it belongs to.
    """

    def __init__(self, cell: PlannedRun) -> None:
        run, split = cell.spec, cell.spec.load()
        self.x, self.y = torch.from_numpy(split.train_x), torch.from_numpy(split.train_y)
        sizes = (split.features, *run.net.hidden, split.classes)
        layers = [part for a, b in pairwise(sizes) for part in (torch.nn.Linear(a, b), torch.nn.ReLU())]
        self.net, self.batch, self.hills = torch.nn.Sequential(*layers[:-1]), run.batch, bool(run.terms)
        self.rule = torch.optim.SGD(self.net.parameters(), 0.1, momentum=0.9, weight_decay=5e-4)
        self.tops = [[p.detach().clone() + 0.1 for p in self.net.parameters()] for _ in range(2 if self.hills else 0)]

    def epoch(self) -> None:
        """Train an epoch; on average two hills stand."""
        for part in torch.randperm(len(self.x)).split(self.batch):
            self.rule.zero_grad()
            loss = functional.cross_entropy(self.net(self.x[part]), self.y[part])
            for top in self.tops:
                squares = [((p - q) ** 2).sum() for p, q in zip(self.net.parameters(), top, strict=True)]
                loss = loss + torch.exp(-torch.stack(squares).sum() / 18)
            loss.backward()
            self.rule.step()

    @torch.no_grad()
    def barrier(self) -> None:
        """Measure the loss along a line."""
        start = [p.clone() for p in self.net.parameters()]
        for t in torch.linspace(0, 1, POINTS):
            for p, q in zip(self.net.parameters(), start, strict=True):
                p.copy_(q * (1 + t))
            functional.cross_entropy(self.net(self.x), self.y)


def eager(spec: SweepSpec) -> float:
    """Give the process time that the peer would take for a sweep of one seed, in seconds."""
    total = 0.0
    for cell in expand(spec):
        net = Eager(cell)
        net.epoch()
        began = time.process_time()
        for _ in range(EPOCHS):
            net.epoch()
        total += (time.process_time() - began) / EPOCHS * cell.epochs
        nets = cell.members if cell.members > 1 else len(cell.spec.cycle_ends)
        began = time.process_time()
        net.barrier()
        total += (time.process_time() - began) * nets * (nets - 1) / 2
    return total


def main() -> None:
    """Print ours, the peer and the ratio."""
    print(describe())
    torch.set_num_threads(1)
    whole = spec_of("ensembles-digits")
    one = whole.model_copy(update={"seeds": whole.seeds[:1]})
    ours(one)  # what is compiled stays on disk
    mine = sorted(ours(one) for _ in range(3))[1]
    theirs = sorted(eager(one) for _ in range(3))[1]
    seconds = mine * len(whole.seeds) / PROCESSORS
    print(f"one seed of {one.runs} ensembles, process time: {mine:.2f} s, eager PyTorch {theirs:.1f} s,", end=" ")
    print(f"ratio {theirs / mine:.1f}")
    met = "" if seconds < GOAL_SECONDS else ": not met"
    print(f"{len(whole.seeds)} seeds on {PROCESSORS} processors: {seconds:.0f} s (goal {GOAL_SECONDS} s{met})")


if __name__ == "__main__":
    main()
