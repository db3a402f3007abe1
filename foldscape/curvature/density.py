"""The density of a whole spectrum, by stochastic Lanczos quadrature.

Golub and Meurant (1994), "Matrices, moments and quadrature"; for Hessians Ghorbani et al. (2019), "An investigation
into neural net optimization via Hessian eigenvalue density". Lanczos from a random unit vector gives nodes and weights
of a Gauss quadrature for the spectrum's own density; a few such runs are averaged.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from foldscape.arrays import Float64Array
from foldscape.curvature.blas import lanczos_threads
from foldscape.curvature.eigenpairs import ProgressCallback
from foldscape.curvature.lanczos import Lanczos
from foldscape.curvature.matrices import MatrixName, matrix
from foldscape.curvature.objective import objective_of
from foldscape.errors import InvalidInput
from foldscape.modules.batch_loss import LossLike

WIDTH = 0.01
"""Width of the bell that stands for a node, as a share of the spectrum's range."""

NARROWEST = 1e-30
"""Width of a bell at least: where all eigenvalues are zero, its height still fits single precision."""

FLOOR = 1e-6
"""Eigenvalues within this share of the largest one's size count as 0: rounding cannot tell them apart."""

LEVEL = 0.05
"""Smallest share of the largest eigenvalue from which another counts as an outlier."""


@dataclass(frozen=True)
class SpectralDensity:
    """The density of a matrix's eigenvalues.

    Attributes:
        nodes: Quadrature nodes of each run, shape (runs, steps); NaN where a run ended early.
        weights: Their weights, same shape; each run's add up to 1.
        size: Number of eigenvalues P that the density stands for.
        products: Matrix products spent.
        wall_ms: Time taken, ms.
    """

    nodes: Float64Array
    weights: Float64Array
    size: int
    products: int
    wall_ms: float

    @property
    def lowest(self) -> float:
        """Smallest node: an upper bound of the smallest eigenvalue, and close to it."""
        return float(np.nanmin(self.nodes))

    @property
    def largest(self) -> float:
        """Largest node: a lower bound of the largest eigenvalue, and close to it."""
        return float(np.nanmax(self.nodes))

    @property
    def floor(self) -> float:
        """Below it an eigenvalue is negative by more than rounding."""
        return -FLOOR * max(abs(self.lowest), abs(self.largest))

    @property
    def width(self) -> float:
        """Standard deviation s of the bell drawn for a node."""
        reach = self.largest - self.lowest
        return max(WIDTH * (reach if reach > 0 else abs(self.largest)), NARROWEST)

    def grid(self, points: int = 512) -> Float64Array:
        """Give places over the whole spectrum and five widths beyond, shape (points,)."""
        return np.linspace(self.lowest - 5 * self.width, self.largest + 5 * self.width, points)

    def density(self, at: ArrayLike | None = None, width: float | None = None) -> Float64Array:
        """Give the density: bells of one width at the nodes, averaged over the runs; it integrates to 1.

        Args:
            at: Where, shape (points,); ``grid()`` if None.
            width: Standard deviation of a bell; ``self.width`` if None.

        Returns:
            Density of shape (points,), per unit of the eigenvalue. Draw it on a log scale: one eigenvalue weighs 1 / P.
        """
        places = self.grid() if at is None else np.asarray(at, dtype=np.float64)
        wide = self.width if width is None else width
        far = (places[:, None] - np.nan_to_num(self.nodes).reshape(-1)) / wide
        bells = np.exp(-0.5 * far**2) / (wide * np.sqrt(2 * np.pi))
        return np.asarray(bells @ np.nan_to_num(self.weights).reshape(-1) / len(self.nodes))

    @property
    def trace(self) -> float:
        """P times the first moment: an estimate of the trace."""
        return self.size * self._moment(1)

    @property
    def frobenius(self) -> float:
        """Root of P times the second moment: an estimate of the Frobenius norm."""
        return float(np.sqrt(self.size * self._moment(2)))

    @property
    def negative_mass(self) -> float:
        """Share of the eigenvalues below zero, by more than rounding."""
        return float(np.nansum(np.where(self.nodes < self.floor, self.weights, 0)) / len(self.nodes))

    @property
    def effective_rank(self) -> float:
        """(Tr)^2 / ||.||_F^2: how many equal eigenvalues would have this trace and norm."""
        second = self.size * self._moment(2)
        return self.trace**2 / second if second > 0 else 0.0

    @property
    def bulk_edge(self) -> float:
        """Where the bulk ends: as far above zero as the spectrum reaches below, but at least 5 % of the largest node.

        Around a fitted net the bulk is nearly symmetric (Papyan 2018), and what is negative belongs to it.
        """
        return max(-self.lowest, LEVEL * self.largest)

    @property
    def outliers(self) -> int:
        """Eigenvalues above ``bulk_edge``; with K classes there are typically about K - 1 or K."""
        above = np.nansum(np.where(self.nodes > self.bulk_edge, self.weights, 0)) / len(self.nodes)
        return round(self.size * float(above))

    def _moment(self, power: int) -> float:
        return float(np.nansum(self.weights * self.nodes**power) / len(self.nodes))


def spectral_density(
    objective: Any,
    *data: Any,
    loss: LossLike = "cross_entropy",
    name: MatrixName = "hessian",
    steps: int = 80,
    runs: int = 10,
    rng: np.random.Generator | int | None = 0,
    theta: ArrayLike | None = None,
    progress: ProgressCallback | None = None,
) -> SpectralDensity:
    """Estimate the density of the eigenvalues of the Hessian, or of another of the ``MATRICES``.

    Args:
        objective: An ``Objective``, or a torch module, followed by its data.
        *data: If a module was given: inputs (N, ...) and labels (N,), or one thing that holds both, such as a loader.
        loss: Its loss: a name or one of ``foldscape.losses``, a callable of outputs and labels, or a ``BatchLoss``.
        name: Which matrix.
        steps: Lanczos steps of a run, with full re-orthogonalisation; at most P are taken.
        runs: Runs from random sign vectors. The products are ``steps`` times ``runs``, 800 by default; a single run
            takes a tenth of that, and gives no idea of its error.
        rng: Generator or seed of those.
        theta: Point to measure at; the net's own parameters if None.
        progress: Told the products done and their number.

    Returns:
        The density.

    Raises:
        InvalidInput: If an argument does not fit, or the loss has no finite gradient at the point.
        NotPossible: If there is no such matrix for the loss.
    """
    started = time.perf_counter()
    objective = objective_of(objective, data, loss)
    if steps < 2 or runs < 1:
        raise InvalidInput(f"{runs} runs of {steps} Lanczos steps give no density.", hint="Take at least 1 run of 2.")
    operator = objective.at(theta)
    if not operator.finite:
        raise InvalidInput("The loss has no finite gradient here.", hint="Measure an earlier step of the run.")
    chosen = matrix(objective, name, theta)
    generator = np.random.default_rng(rng)
    most = min(steps, objective.size)
    nodes, weights = np.full((runs, most), np.nan), np.zeros((runs, most))
    products = 0
    with lanczos_threads(operator):
        for run in range(runs):
            start = generator.choice((-1.0, 1.0), size=objective.size) / np.sqrt(objective.size)
            chain = Lanczos(chosen.products, start.astype(operator.dtype), most)
            while chain.taken < most and not chain.ended:
                chain.step()
            values, vectors = chain.ritz()
            nodes[run, : chain.taken], weights[run, : chain.taken] = values, vectors[0] ** 2
            products += chain.taken
            if progress is not None:
                progress((run + 1) * most, runs * most)
    return SpectralDensity(nodes, weights, objective.size, products, 1e3 * (time.perf_counter() - started))
