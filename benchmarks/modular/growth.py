"""One growth of ResNet-20 beside one epoch: ``python -m benchmarks.modular growth``.

Pictures of CIFAR-10's shape, 3,000 of them, as in the part of the set that is at hand; 50,000 are an epoch of the
whole. A growth is all that a run does for it: the rule, the memory and the record. An epoch is the engine's,
batches of 128 by momentum, timed over a few updates; beside it the plain way in PyTorch, the same net with
``torch.optim.SGD``. Process time, medians of rounds that alternate, and the ratio of a growth to an epoch.
Goal: below 1.
"""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from benchmarks.machine import describe
from foldscape.commands import Grow
from foldscape.data.base import Split
from foldscape.engine.modular import ModularEngine
from foldscape.growth_spec import Growth
from foldscape.optimizer import Momentum
from foldscape.spec import RunSpec
from foldscape.training.growing import grow
from foldscape.training.opening import opening_net, subject_of
from foldscape.training.proposing import change_of

ROUNDS, BATCH, UPDATES, EXAMPLES = 2, 128, 2, 3000
NET = {"wiring": "resnet", "n": 3, "width": 16}
RULES: list[dict[str, Any]] = [
    {"kind": "gradmax", "layer": 4},
    {"kind": "gradmax", "layer": "auto"},
    {"kind": "net2wider", "layer": 4},
    {"kind": "random_direction", "layer": 4},
    {"kind": "firefly", "layer": 4},
    {"kind": "firefly", "count": 8},
    {"kind": "identity_layer", "after": 4},
]


def split_of(examples: int) -> Split:
    """Give random pictures in ten classes."""
    rng = np.random.default_rng(0)
    x, y = rng.random((examples, 3 * 32 * 32), dtype=np.float32), rng.integers(10, size=examples)
    return Split(x, y, x[:100], y[:100], 10, (3, 32, 32))


def named(rule: dict[str, Any]) -> str:
    """Give a name for a rule with its settings."""
    return " ".join([rule["kind"], *(f"{name} {value}" for name, value in rule.items() if name != "kind")])


def main() -> None:
    """Print the table."""
    examples = EXAMPLES
    run = RunSpec.model_validate({"data": {"kind": "cifar10"}, "net": NET, "optimizer": {"kind": "momentum"}})
    split = split_of(examples)
    net = opening_net(run, split, None)
    subject = subject_of(run, split, net, net.unit_ids(), net.next_unit)
    engine = ModularEngine(net, Momentum(lr=0.05), split.train_x, split.train_y, BATCH)
    engine.begin_epoch(np.arange(examples))
    module = net.module().train()
    optimizer = torch.optim.SGD(module.parameters(), 0.05, 0.9)
    x, y = torch.from_numpy(split.train_x), torch.from_numpy(split.train_y)

    def plain() -> None:
        for start in range(0, UPDATES * BATCH, BATCH):
            optimizer.zero_grad()
            functional.cross_entropy(module(x[start : start + BATCH]), y[start : start + BATCH]).backward()
            optimizer.step()

    def growth(told: dict[str, Any]) -> None:
        rule = Grow.model_validate({"rule": told}).rule
        assert rule is not None
        grow(subject, engine.memory, rule, change_of(subject, rule, 0), 0, subject.next_unit, Growth())

    ways: dict[str, Any] = {"ours": lambda: engine.train(0, UPDATES), "plain": plain}
    ways |= {named(rule): lambda rule=rule: growth(rule) for rule in RULES}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(1 + ROUNDS):
        for name, work in ways.items():
            began = time.process_time()
            work()
            seconds[name].append(time.process_time() - began)
    taken = {name: median(times[1:]) for name, times in seconds.items()}
    epochs = {name: taken[name] * examples / (UPDATES * BATCH) for name in ("ours", "plain")}
    print(f"{describe()}; an epoch of {examples} pictures: ours {epochs['ours']:.1f} s, plain {epochs['plain']:.1f} s")
    print("| growth | s | of our epoch | of a plain one | of an epoch of 50,000 |\n|---|---|---|---|---|")
    for name in list(ways)[2:]:
        shares = [taken[name] / epochs["ours"], taken[name] / epochs["plain"]]
        shares += [taken[name] / (epochs["ours"] * 50_000 / examples)]
        print(f"| {name} | {taken[name]:.1f} | {' | '.join(f'{share:.2f}' for share in shares)} |", flush=True)


if __name__ == "__main__":
    main()
