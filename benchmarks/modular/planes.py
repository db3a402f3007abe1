"""Planes of any module: ``python -m benchmarks.modular planes``.

Ours, as any module is measured (not the compiled way of plain dense nets), beside the eager loop that writes the
parameters, runs the net on all samples and sums the loss, and ``loss-landscapes`` where it is installed. Small nets get
51 by 51 points, the others 3 by 3. Medians of runs that take turns.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.landscape import by_package, eager, grid
from benchmarks.machine import describe
from benchmarks.modular._nets import Case, dense, found, planned, timed, told
from foldscape.curvature.halves import set_threads
from foldscape.landscape import Evaluator, random_direction

CASES: dict[str, tuple[Callable[[], Case], int, int]] = {
    "2-16-16-2, 1,000 points": (lambda: dense(2, 16, 16, 2), 51, 5),
    "CNN on digits": (lambda: planned("digits", None, 50, wiring="cnn"), 5, 5),
    "ResNet-8 on digits": (lambda: planned("digits", None, 50, wiring="resnet"), 3, 5),
    "CNN on CIFAR-10, 1,000 pictures": (lambda: planned("cifar10", 1000, 20, wiring="cnn"), 3, 3),
}
"""Each with the points of a side, and how often it is timed."""


def measured(name: str, case: Callable[[], Case], side: int, times: int) -> None:
    """Print the figures of one net."""
    print(f"-- {name}")
    if (it := found(case)) is None:
        return
    net, x, y = it
    ours = Evaluator.of_module(net, x, y)
    first, second = (0.5 * random_direction(ours.theta, ours.blocks, seed).vector for seed in (0, 1))
    a, b = grid(side)
    works: dict[str, Callable[[], object]] = {
        "ours": lambda: ours.on_plane(a, b, first, second),
        "eager loop": lambda: eager(net, x, y, first, second, a, b),
    }
    if (package := by_package(net, x, y, side)) is not None:
        works["loss-landscapes"] = package
    error = np.abs(ours.on_plane(a, b, first, second).loss / eager(net, x, y, first, second, a, b) - 1).max()
    told(f"{ours.size:,} parameters, {side} by {side}; largest difference to eager {error:.0e}", timed(works, times))


def main() -> None:
    """Print the figures and the ratios."""
    warnings.simplefilter("ignore")
    threads = int(os.environ.get("THREADS", "2"))
    torch.set_num_threads(threads)
    set_threads(threads)
    print(f"# {describe()}; torch {torch.__version__}; {threads} threads; load {os.getloadavg()[0]:.1f}")
    for name, case in CASES.items():
        measured(name, *case)


if __name__ == "__main__":
    main()
