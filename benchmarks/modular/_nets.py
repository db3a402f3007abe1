"""The nets that the parts of this benchmark measure, trained a little, and what times them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
import torch
from sklearn.datasets import make_moons
from torch import Tensor, nn

from foldscape.errors import NotOnDisk
from foldscape.spec import RunSpec

Case = tuple[nn.Module, Tensor, Tensor]


def planned(data: str, points: int | None, steps: int, **net: object) -> Case:
    """Give a net of a kind on the first points of a data set, after some steps of training."""
    torch.manual_seed(0)
    spec = RunSpec.model_validate({"data": {"kind": data}, "net": net, "probes": []})
    split = spec.load()
    module = spec.net.first_on(split.shape, split.classes, np.random.default_rng(0)).module()  # type: ignore[attr-defined]
    x, y = torch.from_numpy(split.train_x[:points]), torch.from_numpy(split.train_y[:points])
    return trained(module, x, y, steps), x, y


def dense(*sizes: int) -> Case:
    """Give a dense net on 1,000 points of two moons."""
    torch.manual_seed(0)
    x, y = make_moons(1000, noise=0.2, random_state=0)
    layers = [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), nn.ReLU())]
    inputs, labels = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    return trained(nn.Sequential(*layers[:-1]), inputs, labels, 100), inputs, labels


def trained(net: nn.Module, x: Tensor, y: Tensor, steps: int) -> nn.Module:
    """Train by momentum on batches of 64."""
    optimiser = torch.optim.SGD(net.parameters(), 0.05, momentum=0.9)
    draws = torch.Generator().manual_seed(0)
    net.train()
    for _ in range(steps):
        some = torch.randint(len(x), (64,), generator=draws)
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x[some]), y[some]).backward()
        optimiser.step()
    net.zero_grad()
    return net.eval()


def found(case: Callable[[], Case]) -> Case | None:
    """Give a case, or nothing where its data are not on this machine."""
    try:
        return case()
    except NotOnDisk as error:
        print(f"  left out, {error}")
        return None


def timed(works: Mapping[str, Callable[[], object]], times: int) -> dict[str, tuple[float, float]]:
    """Give the median seconds of each work, by the clock and of the processor; they take turns."""
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for turn in range(times + 1):
        for name, work in works.items():
            clock, busy = time.perf_counter(), time.process_time()
            work()
            if turn:
                spent[name].append((time.perf_counter() - clock, time.process_time() - busy))
    return {
        name: (statistics.median(one for one, _ in took), statistics.median(one for _, one in took))
        for name, took in spent.items()
    }


def told(what: str, took: Mapping[str, tuple[float, float]]) -> None:
    """Print one line for each work, with the ratio to the first, which is ours."""
    ours = next(iter(took.values()))
    print(what)
    for name, (clock, busy) in took.items():
        ratios = f"   ratio {clock / ours[0]:.2f} by the clock, {busy / ours[1]:.2f} of the processor"
        print(f"  {name:28} {clock:8.3f} s, processor {busy:8.3f} s{'' if took[name] is ours else ratios}", flush=True)
