"""Critical samples of 360 digits with 64-256-256-10: ``python -m benchmarks.trajectory memorisation``.

Ours beside LASS as it is written in eager PyTorch, both on one thread, in process time, medians: the machine may be
shared. Eager once as people write it, ``loss.backward()``, and once for the gradient by the inputs alone. A net that
has learnt the digits has few critical points, so that the search goes on with most of them to the end; one that has
learnt random labels has many. Goals: under 150 ms, and at least 5 times as fast as eager.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch.nn import functional

from benchmarks.machine import describe
from foldscape.memorisation import critical_points
from foldscape.net.mlp import Weights
from foldscape.spec import RunSpec
from foldscape.training import Loop

RADIUS, ITERATIONS, TIMES, EPOCHS = 0.05, 30, 7, 15


def trained(share: float) -> tuple[Weights, np.ndarray]:
    """Train a net on digits with a share of random labels, and give it with the test points."""
    spec = {
        "data": {"kind": "digits"}, "net": {"hidden": [256, 256]}, "batch": 32, "stop": {"epochs": EPOCHS},
        "optimizer": {"kind": "momentum", "lr": 0.05, "momentum": 0.9}, "corrupt": {"labels": share}, "probes": [],
    }  # fmt: skip
    loop = Loop(RunSpec.model_validate(spec))
    for _ in loop.events():
        pass
    return loop.subject.net, loop.subject.split.test_x


def module_of(net: Weights) -> torch.nn.Sequential:
    """Give the net as a torch module."""
    parts: list[torch.nn.Module] = []
    for weight, bias in zip(net.weights, net.biases, strict=True):
        layer = torch.nn.Linear(weight.shape[1], weight.shape[0])
        layer.weight.data, layer.bias.data = torch.from_numpy(weight), torch.from_numpy(bias)
        parts += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*parts[:-1])


def eager(module: torch.nn.Module, points: torch.Tensor, *, inputs_alone: bool) -> torch.Tensor:
    """Search as the algorithm is written."""
    answers = module(points).argmax(1)
    place, critical = points.clone(), torch.zeros(len(points), dtype=torch.bool)
    for _ in range(ITERATIONS):
        place = place.detach().requires_grad_()
        loss = functional.cross_entropy(module(place), answers)
        if inputs_alone:
            (slope,) = torch.autograd.grad(loss, place)
        else:
            loss.backward()  # type: ignore[no-untyped-call]
            assert place.grad is not None
            slope = place.grad
        with torch.no_grad():
            place = place + 0.8 * RADIUS * slope.sign() + 0.6 * RADIUS * torch.randn_like(place)
            place = points + (place - points).clamp(-RADIUS, RADIUS)
            critical |= module(place).argmax(1) != answers
    return critical


def median_ms(search: Callable[[], object]) -> float:
    """Give the median process time of a search, in ms."""
    spent = []
    for _ in range(TIMES + 1):
        began = time.process_time()
        search()
        spent.append(1000 * (time.process_time() - began))
    return statistics.median(spent[1:])


def main() -> None:
    """Print the figures and the ratios."""
    torch.set_num_threads(1)
    print(f"# {describe()}; numpy {np.__version__}, torch {torch.__version__}; load {os.getloadavg()[0]:.1f}")
    for share in (0.0, 0.5):
        net, x = trained(share)
        module, points = module_of(net), torch.from_numpy(x)
        ours = median_ms(partial(critical_points, net, x, RADIUS))
        print(
            f"{share:.0%} random labels, {EPOCHS} epochs: CSR {critical_points(net, x, RADIUS).ratio:.3f}, "
            f"eager {eager(module, points, inputs_alone=True).float().mean():.3f}; ours {ours:.0f} ms, goal 150 ms"
        )
        for words, alone in (("loss.backward()", False), ("inputs alone", True)):
            peer = median_ms(partial(eager, module, points, inputs_alone=alone))
            print(f"  eager PyTorch, {words:16} {peer:6.0f} ms   ratio {peer / ours:.1f}, goal 5")


if __name__ == "__main__":
    main()
