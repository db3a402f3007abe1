"""The index of a point of the loss surface: the share of directions in which the loss bends downwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from foldscape.arrays import Float64Array
from foldscape.curvature.density import FLOOR, SpectralDensity, spectral_density
from foldscape.curvature.eigenpairs import AUTO_DENSE
from foldscape.curvature.objective import MAX_DENSE, Objective, objective_of
from foldscape.errors import InvalidInput
from foldscape.modules.batch_loss import LossLike

IndexMethod = Literal["auto", "dense", "lanczos"]


@dataclass(frozen=True)
class SaddleIndex:
    """The share of the Hessian's eigenvalues that are negative.

    Attributes:
        share: The index, 0 to 1: 0 at a minimum, 1 at a maximum.
        error: Standard error over the random vectors; 0 where it is exact, NaN with one vector.
        low: What the quadratures leave possible at least, as a mean over the vectors; ``share`` where it is exact.
        high: The same at most.
        size: Number of eigenvalues P.
        loss: Loss at the point, nats.
        method: ``dense`` or ``stochastic lanczos quadrature``.
        products: Hessian products spent.
    """

    share: float
    error: float
    low: float
    high: float
    size: int
    loss: float
    method: str
    products: int

    @property
    def exact(self) -> bool:
        """Whether all eigenvalues were counted."""
        return self.method == "dense"

    @property
    def count(self) -> float:
        """Negative eigenvalues, an estimate unless it is exact."""
        return self.share * self.size


def saddle_index(
    objective: Any,
    *data: Any,
    loss: LossLike = "cross_entropy",
    method: IndexMethod = "auto",
    steps: int = 80,
    runs: int = 8,
    rng: np.random.Generator | int | None = 0,
    theta: ArrayLike | None = None,
) -> SaddleIndex:
    """Give the share of negative eigenvalues of the Hessian (Dauphin et al. 2014, arXiv 1406.2572).

    Nets of at most 300 parameters have their eigenvalues counted. Larger ones are estimated by stochastic Lanczos
    quadrature: the weights of a run's negative nodes. Two things are uncertain then. Random vectors differ: ``error``.
    And a quadrature cuts the spectrum only between its nodes: by the inequalities of Chebyshev, Markov and Stieltjes
    (Szegö 1939, section 3.41) the share of each vector lies between the weights left of the last negative node and
    those up to the first other one: ``low`` and ``high``. Near a fitted net many eigenvalues are almost 0, so that
    these can lie far apart.

    Args:
        objective: An ``Objective``, or a torch module, followed by its data.
        *data: If a module was given: inputs (N, ...) and labels (N,), or one thing that holds both, such as a loader.
        loss: Its loss: a name or one of ``foldscape.losses``, a callable of outputs and labels, or a ``BatchLoss``.
        method: ``dense`` counts (up to 1,500 parameters), ``lanczos`` estimates.
        steps: Lanczos steps of a run, at least 2.
        runs: Runs from random vectors, at least 1.
        rng: Generator or seed of those.
        theta: Point of shape (P,); the net's own parameters if None.

    Returns:
        The index. Eigenvalues within 1e-6 of the largest one's size count as 0, which rounding cannot tell apart.

    Raises:
        InvalidInput: If the net is too large to be counted, the loss has no finite gradient, or a number is too small.

    Example:
        >>> from torch import nn
        >>> import torch
        >>> _ = torch.manual_seed(0)
        >>> found = saddle_index(nn.Linear(2, 2), torch.randn(20, 2), torch.arange(20) % 2)
        >>> found.share, found.exact
        (0.0, True)
    """
    measured = objective_of(objective, data, loss)
    if method not in ("auto", "dense", "lanczos"):
        raise InvalidInput(f"There is no method {method!r}.", hint="Choose auto, dense or lanczos.")
    if method == "dense" and measured.size > MAX_DENSE:
        raise InvalidInput(
            f"A dense Hessian of {measured.size} parameters is too large.",
            hint=f"Up to {MAX_DENSE} are possible; use method='lanczos'.",
        )
    if method == "dense" or (method == "auto" and measured.size <= AUTO_DENSE):
        return _counted(measured, theta)
    found = spectral_density(measured, steps=steps, runs=runs, rng=rng, theta=theta)
    return index_of(found, measured.loss(theta))


def index_of(density: SpectralDensity, loss: float) -> SaddleIndex:
    """Read the index off the density of a spectrum.

    Args:
        density: The density of the Hessian's eigenvalues.
        loss: Loss at the point, nats.

    Returns:
        The index with its errors.
    """
    runs = list(zip(density.nodes, density.weights, strict=True))
    each = np.array([_bounds(nodes, weights, density.floor) for nodes, weights in runs])
    low, share, high = each.mean(axis=0)
    error = float(each[:, 1].std(ddof=1) / np.sqrt(len(runs))) if len(runs) > 1 else float("nan")
    method = "stochastic lanczos quadrature"
    return SaddleIndex(float(share), error, float(low), float(high), density.size, loss, method, density.products)


def _bounds(nodes: Float64Array, weights: Float64Array, floor: float) -> tuple[float, float, float]:
    """Give a run's share of what lies below the floor: at least, by its nodes, at most."""
    order = np.argsort(nodes)  # NaN, of runs that ended early, last
    below = int(np.sum(nodes < floor))
    sums = np.concatenate([[0.0], np.cumsum(weights[order][: np.isfinite(nodes).sum()])])
    return float(sums[max(below - 1, 0)]), float(sums[below]), float(min(sums[min(below + 1, len(sums) - 1)], 1.0))


def _counted(objective: Objective, theta: ArrayLike | None) -> SaddleIndex:
    if not objective.at(theta).finite:
        raise InvalidInput("The loss has no finite gradient here.", hint="Measure an earlier step of the run.")
    values = np.linalg.eigvalsh(objective.dense_hessian(theta))
    share = float(np.mean(values < -FLOOR * np.abs(values).max()))
    size = objective.size
    return SaddleIndex(share, 0.0, share, share, size, objective.loss(theta), "dense", size)
