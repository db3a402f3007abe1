"""Time planes and slices of three trained nets: compiled, through torch, and by the peer, in one run.

Run ``python -m benchmarks.landscape``; the peer is ``loss-landscapes`` from PyPI where it is installed, and in any case
a plain eager loop that sets the parameters, runs the net and sums the loss. Everything may use two threads. The peers
are timed on a smaller grid where the whole one would take minutes, and scaled by the number of points; such figures
say so. ``error`` is the largest relative error of the loss against torch in double precision on some points.
"""

import json
import time

import numpy as np
import torch
from sklearn.datasets import load_digits, make_moons
from torch import nn

from benchmarks.machine import describe
from foldscape.curvature.stack import dense_stack
from foldscape.landscape import Evaluator, random_direction
from foldscape.landscape.batched import BatchedEvaluator

SIDE, LINE = 51, 201


def moons():
    """W1: 2-16-16-2 on 1,000 moons points."""
    x, y = make_moons(1000, noise=0.2, random_state=0)
    return nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2)), x, y


def digits():
    """W2: 64-100-10 on the 1,797 digits."""
    data = load_digits()
    return nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10)), data.data / 16, data.target


def large():
    """W3: 784-500-10 on 10,000 inputs of the size of MNIST's."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, 10_000)
    x = np.clip(rng.normal(size=(10, 784))[y] * 0.5 + rng.normal(size=(10_000, 784)), 0, 1)
    return nn.Sequential(nn.Linear(784, 500), nn.ReLU(), nn.Linear(500, 10)), x, y


def trained(case, steps=100):
    torch.manual_seed(0)
    net, x, y = case()
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    optimiser = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(steps):
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimiser.step()
    return net, x, y


def median(work, repeats):
    work()
    spent = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return float(np.median(spent))


def eager(net, x, y, first, second, a, b):
    """The plain way: write the parameters, run the net, put them back."""
    own = [parameter.detach().clone() for parameter in net.parameters()]
    steps = []
    for direction in (first, second):
        flat, at, parts = torch.tensor(direction, dtype=torch.float32), 0, []
        for parameter in own:
            parts.append(flat[at : at + parameter.numel()].view_as(parameter))
            at += parameter.numel()
        steps.append(parts)
    losses = []
    with torch.no_grad():
        for i, j in zip(a, b, strict=True):
            for parameter, start, u, v in zip(net.parameters(), own, *steps, strict=True):
                parameter.copy_(start + i * u + j * v)
            losses.append(float(nn.functional.cross_entropy(net(x), y)))
        for parameter, start in zip(net.parameters(), own, strict=True):
            parameter.copy_(start)
    return np.array(losses)


def by_package(net, x, y, side):
    """loss-landscapes: a plane along two filter-normalised directions; None where it is not installed."""
    try:
        import loss_landscapes
        from loss_landscapes.metrics import Loss
    except ImportError:
        return None
    metric = Loss(nn.functional.cross_entropy, x, y)
    if side is None:
        return lambda: loss_landscapes.random_line(net, metric, distance=1, steps=LINE, deepcopy_model=True)
    return lambda: loss_landscapes.random_plane(net, metric, distance=1, steps=side, deepcopy_model=True)


def grid(side):
    axis = np.linspace(-1, 1, side)
    return np.tile(axis, side), np.repeat(axis, side)


def measured(case, repeats, peer_side):
    net, x, y = trained(case)
    compiled, general = Evaluator.of(net, x, y), Evaluator.of_module(net, x, y, chunk=len(x))
    batched = BatchedEvaluator(net, dense_stack(net, x), x, y)
    first, second = (random_direction(compiled.theta, compiled.blocks, seed).vector for seed in (0, 1))
    (a, b), (few_a, few_b) = grid(SIDE), grid(peer_side)
    t, scale = np.linspace(-1, 1, LINE), (SIDE / peer_side) ** 2
    plane = {
        "compiled": median(lambda: compiled.on_plane(a, b, first, second), repeats),
        "torch, batched": median(lambda: batched.on_plane(a, b, first, second), 1 if scale > 1 else 5),
        "torch, any module": scale
        * median(lambda: general.on_plane(few_a, few_b, first, second), 1 if scale > 1 else 3),
        "eager loop": scale * median(lambda: eager(net, x, y, first, second, few_a, few_b), 1 if scale > 1 else 3),
    }
    line = {"compiled": median(lambda: compiled.on_line(t, first), repeats)}
    line["torch, batched"] = median(lambda: batched.on_line(t, first), 3)
    if (package := by_package(net, x, y, peer_side)) is not None:
        plane["loss-landscapes"] = scale * median(package, 1 if scale > 1 else 3)
        line["loss-landscapes"] = median(by_package(net, x, y, None), 1 if scale > 1 else 3)
    some = np.linspace(0, len(a) - 1, 9).astype(int)
    exact = Evaluator.of_module(nn.Sequential(*net).double(), x.double(), y).on_plane(a[some], b[some], first, second)
    found = compiled.on_plane(a[some], b[some], first, second)
    peer = "loss-landscapes" if "loss-landscapes" in plane else "eager loop"
    return {
        "net": case.__doc__,
        "plane 51x51 (s)": {name: round(value, 4) for name, value in plane.items()},
        "slice 201 (ms)": {name: round(1e3 * value, 2) for name, value in line.items()},
        f"{peer} / compiled": round(plane[peer] / plane["compiled"], 1),
        "others timed on": f"{peer_side}x{peer_side}, scaled" if scale > 1 else "51x51",
        "error": float(np.abs(found.loss / exact.loss - 1).max()),
    }


def main():
    torch.set_num_threads(2)
    print(describe(), "torch", torch.__version__)
    for case, repeats, peer_side in ((moons, 15, SIDE), (digits, 9, SIDE), (large, 3, 9)):
        print(json.dumps(measured(case, repeats, peer_side), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
