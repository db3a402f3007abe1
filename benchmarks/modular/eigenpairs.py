"""Curvature of ResNet-20: ``python -m benchmarks.modular eigenpairs``.

The largest eigenpair at a residual of 1e-3 of its value, one product, and the density of one random vector and 90
steps, beside PyHessian where it is installed. PyHessian stops by another rule, when the eigenvalue changes by less than
a tolerance; it gets the largest tolerance of a list whose pair has the residual that ours has. Medians of runs that
take turns.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from benchmarks.curvature import LANCZOS_STEPS, TOLERANCE, by_pyhessian, removed_eig
from benchmarks.machine import describe
from benchmarks.modular._nets import Case, found, planned, timed, told
from foldscape.curvature import Objective, spectral_density, top_eigenpairs
from foldscape.curvature.halves import set_threads

CASES: dict[str, Callable[[], Case]] = {
    "ResNet-20 on 512 digits": lambda: planned("digits", 512, 100, wiring="resnet", n=3),
    "ResNet-20 on 128 pictures of CIFAR-10": lambda: planned("cifar10", 128, 50, wiring="resnet", n=3),
}
TRIED = (1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 1e-6)
"""Tolerances of the peer."""
ITERATIONS = 300


def peer_pair(net: torch.nn.Module, x: Any, y: Any, tolerance: float) -> tuple[float, float, Any]:
    """Give the peer's eigenvalue, its residual over it, and its vector."""
    from pyhessian.utils import hessian_vector_product

    peer = by_pyhessian(net, x, y)
    values, vectors = peer.eigenvalues(maxIter=ITERATIONS, tol=tolerance)
    image = hessian_vector_product(peer.gradsH, peer.params, vectors[0])
    off = sum(float((h - values[0] * v).square().sum()) for h, v in zip(image, vectors[0], strict=True)) ** 0.5
    return values[0], off / abs(values[0]), vectors[0]


def measured(name: str, case: Callable[[], Case]) -> None:
    """Print the figures of one net."""
    print(f"-- {name}")
    if (it := found(case)) is None:
        return
    net, x, y = it
    ours = top_eigenpairs(net, x, y, tol=TOLERANCE)
    print(f"  ours {ours.values[0]:.5g}, residual {ours.residuals[0] / ours.values[0]:.0e}, {ours.iterations} products")
    pair: dict[str, Callable[[], object]] = {"ours": lambda: top_eigenpairs(net, x, y, tol=TOLERANCE)}
    product: dict[str, Callable[[], object]] = {}
    density: dict[str, Callable[[], object]] = {
        "ours": lambda: spectral_density(net, x, y, steps=LANCZOS_STEPS, runs=1)
    }
    operator = Objective.of(net, x, y).at()
    drawn = np.random.default_rng(0).standard_normal((1, operator.size)).astype(operator.dtype)
    product["ours"] = lambda: operator.products(drawn)
    try:
        from pyhessian.utils import hessian_vector_product
    except ImportError:
        print("  PyHessian is not installed")
    else:
        for tolerance in TRIED:
            value, off, vector = peer_pair(net, x, y, tolerance)
            print(f"  PyHessian at {tolerance:.0e}: {value:.5g}, residual {off:.0e}")
            if off <= TOLERANCE:
                break
        peer = by_pyhessian(net, x, y)
        pair["PyHessian"] = lambda: by_pyhessian(net, x, y).eigenvalues(maxIter=ITERATIONS, tol=tolerance)
        product["PyHessian"] = lambda: hessian_vector_product(peer.gradsH, peer.params, vector)
        density["PyHessian"] = lambda: by_pyhessian(net, x, y).density(iter=LANCZOS_STEPS, n_v=1)
    told("one product", timed(product, 5))
    told("largest eigenpair", timed(pair, 3))
    told("density", timed(density, 1))


def main() -> None:
    """Print the figures and the ratios."""
    warnings.simplefilter("ignore")
    torch.eig = removed_eig  # type: ignore[attr-defined]
    threads = int(os.environ.get("THREADS", "2"))
    torch.set_num_threads(threads)
    set_threads(threads)
    print(f"# {describe()}; torch {torch.__version__}; {threads} threads; load {os.getloadavg()[0]:.1f}")
    for name, case in CASES.items():
        measured(name, case)


if __name__ == "__main__":
    main()
