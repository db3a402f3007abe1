"""The surface around a net: ``python -m benchmarks.trajectory surface``.

Ten planes of five directions, and the width of the tunnel along ten rays, of a net 64-64-10 on 1,437 digits; in process
time on one thread, medians of three. The peer is the plain PyTorch way: set the parameters, one pass, ask for the loss;
some points are timed, the rest extrapolated.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch
from torch import nn

from benchmarks.machine import describe
from foldscape.curvature import Objective, top_eigenpairs
from foldscape.data.digits import Digits
from foldscape.landscape import Evaluator, random_direction, tunnel_width
from foldscape.landscape.tunnel import LOOKS

SIDE, DIRECTIONS = 51, 5
PLANES = DIRECTIONS * (DIRECTIONS - 1) // 2
SAMPLE = 300
"""Points that the peer is timed for."""


def seconds(work: Callable[[], object]) -> float:
    """Give the median process time of three."""
    spent = []
    for _ in range(3):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return median(spent)


def plain(net: nn.Module, X: torch.Tensor, y: torch.Tensor, points: int) -> None:
    """Measure the loss at some points, the plain way."""
    own = torch.nn.utils.parameters_to_vector(net.parameters()).detach()
    step = torch.randn_like(own)
    with torch.inference_mode():
        for point in range(points):
            torch.nn.utils.vector_to_parameters(own + point * 1e-3 * step, net.parameters())
            float(nn.functional.cross_entropy(net(X), y))
    torch.nn.utils.vector_to_parameters(own, net.parameters())


def main() -> None:
    """Print ours, the plain way and the ratio."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    split = Digits().load(0)
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    X, y = torch.tensor(split.train_x, dtype=torch.float32), torch.tensor(split.train_y)
    weights = [part.detach().numpy() for part in net.parameters()]
    evaluator = Evaluator.of_net(weights[::2], weights[1::2], "relu", split.train_x, split.train_y, threads=1)
    along = [random_direction(evaluator.theta, evaluator.blocks, seed).vector for seed in range(DIRECTIONS)]
    line = np.linspace(-1, 1, SIDE)
    a, b = np.tile(line, SIDE), np.repeat(line, SIDE)

    def planes() -> None:
        for i in range(DIRECTIONS):
            for j in range(i + 1, DIRECTIONS):
                evaluator.on_plane(a, b, along[i], along[j])

    objective = Objective.of(net, X, y)
    sharpest = top_eigenpairs(objective).vectors[0]

    def tunnel() -> None:
        tunnel_width(objective, sharpest=sharpest, along=lambda radii, ray: evaluator.on_line(radii, ray).loss)

    evaluator.on_plane(a[:2], b[:2], along[0], along[1])
    tunnel()
    each = seconds(lambda: plain(net, X, y, SAMPLE)) / SAMPLE
    for name, work, points in (("10 planes of 51 x 51", planes, PLANES * SIDE**2), ("tunnel", tunnel, 12 * LOOKS)):
        ours, theirs = seconds(work), each * points
        print(
            f"{name}: ours {ours:.3f} s, plain PyTorch {theirs:.2f} s for {points:,} points, ratio {theirs / ours:.1f}"
        )
    print(describe())


if __name__ == "__main__":
    main()
