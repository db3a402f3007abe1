"""The study of SGD as a stochastic differential equation: ``python -m benchmarks.trajectory sde``.

As the page's button runs it, 20,000 chains a row, in process time: the machine may be shared. The peers are the plain
ways to write it, an update of all chains at once in NumPy and in PyTorch on one thread, both in double precision; some
updates of each shape are timed, the rest extrapolated in proportion. Goal: under 5 s.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.machine import describe
from foldscape.studies.sde import Sde
from foldscape.studies.sde.formulas import noise_covariance
from foldscape.studies.sde.spec import RowName
from foldscape.studies.sde.wells import Wells

GOAL_SECONDS = 5
PIECE = 100
"""Updates of each shape that a peer is timed for."""


def study(spec: Sde) -> tuple[float, float]:
    """Give the process and the wall time of the whole study, in seconds."""
    began, clock = time.process_time(), time.perf_counter()
    for _ in spec.run():
        pass
    return time.process_time() - began, time.perf_counter() - clock


def numpy_seconds(spec: Sde, name: RowName) -> float:
    """Give the process time of one update of all chains of a row, the plain NumPy way."""
    noise, setting, wells = np.random.default_rng(0), spec.setting(name), Wells.of(spec)
    x = np.zeros((spec.chains, spec.dimension(name)))
    v, total, curvatures = np.zeros_like(x), np.zeros(spec.chains), np.array(spec.eigenvalues)
    root = np.linalg.cholesky(noise_covariance(setting.noise, spec.eigenvalues) / setting.batch)

    def quadratic() -> None:
        nonlocal x, v, total
        v = spec.momentum * v + curvatures * x + noise.standard_normal(x.shape) @ root.T
        x = x - setting.lr * v
        total = total + 0.5 * (curvatures * x**2).sum(axis=1)

    def double_well() -> None:
        nonlocal x, v, total
        v = spec.momentum * v + wells.gradient(x) + wells.noise * noise.standard_normal(x.shape)
        x = x - setting.lr * v
        total = total + (x[:, 0] < wells.barrier)

    return _each(double_well if name == "wells" else quadratic)


def torch_seconds(spec: Sde, name: RowName) -> float:
    """Give the process time of one update of all chains of a row, the plain PyTorch way."""
    setting, wells = spec.setting(name), Wells.of(spec)
    x = torch.zeros(spec.chains, spec.dimension(name), dtype=torch.float64)
    v, total, curvatures = torch.zeros_like(x), torch.zeros(spec.chains), torch.tensor(spec.eigenvalues).double()
    covariance = noise_covariance(setting.noise, spec.eigenvalues) / setting.batch
    root = torch.from_numpy(np.linalg.cholesky(covariance))
    (a, b), (p, q) = wells.curvatures, wells.joints

    def quadratic() -> None:
        nonlocal x, v, total
        v = spec.momentum * v + curvatures * x + torch.randn_like(x) @ root.T
        x = x - setting.lr * v
        total = total + 0.5 * (curvatures * x**2).sum(dim=1)

    def double_well() -> None:
        nonlocal x, v, total
        middle = torch.where(x < q, wells.top * (wells.barrier - x), b * (x - 1))
        v = spec.momentum * v + torch.where(x < p, a * (x + 1), middle) + wells.noise * torch.randn_like(x)
        x = x - setting.lr * v
        total = total + (x[:, 0] < wells.barrier)

    return _each(double_well if name == "wells" else quadratic)


def _each(update: Callable[[], None]) -> float:
    update()
    began = time.process_time()
    for _ in range(PIECE):
        update()
    return (time.process_time() - began) / PIECE


def main() -> None:
    """Print the figures and the ratios."""
    torch.set_num_threads(1)
    spec = Sde()
    print(f"# {describe()}; numpy {np.__version__}, torch {torch.__version__}; load {os.getloadavg()[0]:.1f}")
    list(Sde(chains=100, eigenvalues=(1.0, 2.0), lr=0.3, temperature=0.5).run())
    ours, clock = study(spec)
    draws = sum(spec.chains * spec.updates(name) * spec.dimension(name) for name in spec.rows)
    by_numpy = sum(spec.updates(name) * numpy_seconds(spec, name) for name in spec.rows)
    by_torch = sum(spec.updates(name) * torch_seconds(spec, name) for name in spec.rows)
    print(
        f"SDE study, {spec.chains:,} chains a row    {ours:8.2f} s   goal {GOAL_SECONDS} s; {clock:.2f} s by the clock"
    )
    print(f"random numbers                      {draws:8.1e}     {1e9 * ours / draws:.1f} ns each")
    for name, seconds in (("NumPy", by_numpy), ("PyTorch", by_torch)):
        words = f"the plain {name} way"
        print(f"{words:36}{seconds:8.2f} s   extrapolated; ratio {seconds / ours:.1f}")


if __name__ == "__main__":
    main()
