"""The spectrum of a net's Hessian: its density from few random vectors to many, and its sharpest directions.

What is known can be kept and gone on with: the random vectors of a batch of runs depend on seed and batch alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foldscape.arrays import Float64Array
from foldscape.curvature import Objective, SpectralDensity, spectral_density, top_eigenpairs

TOLERANCE = 1e-3
"""Residual up to which an eigenvalue is believed, relative to the root of its own value times the largest."""
PROBES = 16
"""Random vectors behind the share of the Hessian that is not its Gauss-Newton part."""


@dataclass(frozen=True)
class Sharpest:
    """The largest eigenvalues of a Hessian.

    Attributes:
        values: (k,) eigenvalues, the largest first, nats per squared parameter unit.
        residuals: (k,) ||H v - value v||: some true eigenvalue lies that near.
        believed: (k,) whether the residual is as small as was asked.
        gauss_newton: (k,) v^T G v: what the Gauss-Newton part has of the value.
        products: Hessian products spent.
    """

    values: Float64Array
    residuals: Float64Array
    believed: NDArray[np.bool_]
    gauss_newton: Float64Array
    products: int


def sharpest(objective: Objective, k: int, products: int | None = None) -> Sharpest:
    """Find the largest eigenvalues, and how much of each is Gauss-Newton.

    Args:
        objective: The loss.
        k: How many; all where the net has fewer parameters.
        products: Hessian products to spend at most; what suits k if ``None``.

    Returns:
        Values with residuals and shares; what did not converge is marked.
    """
    found = top_eigenpairs(objective, k=min(k, objective.size), tol=TOLERANCE, max_iterations=products)
    allowed = TOLERANCE * np.sqrt(np.abs(found.values * found.values[0]))
    believed = np.isfinite(found.values) & (found.converged | (found.residuals <= allowed))
    part = np.einsum("kp,kp->k", found.vectors, objective.at().gauss_newton(found.vectors))
    return Sharpest(found.values, found.residuals, believed, part, found.iterations)


def doubling_batches(runs: int) -> Iterator[range]:
    """Cut runs into batches that double what is known: 1, 1, 2, 4, ...

    Args:
        runs: How many in the end.

    Yields:
        The numbers of a batch's runs.
    """
    first = 0
    while first < runs:
        yield range(first, min(runs, max(1, 2 * first)))
        first = max(1, 2 * first)


def density_of(objective: Objective, batch: range, steps: int, seed: int = 0) -> SpectralDensity:
    """Estimate the density from a batch of runs.

    Args:
        objective: The loss.
        batch: Which runs, one of ``doubling_batches``.
        steps: Lanczos steps of each.
        seed: Seed of all runs.

    Returns:
        Nodes and weights of each run.
    """
    rng = np.random.default_rng([seed, batch.start])
    return spectral_density(objective, steps=steps, runs=len(batch), rng=rng)


def joined_densities(parts: Sequence[SpectralDensity]) -> SpectralDensity:
    """Join the runs of several densities of one matrix.

    Args:
        parts: At least one, of equally many steps.

    Returns:
        One density of all runs.
    """
    return SpectralDensity(
        nodes=np.concatenate([part.nodes for part in parts]),
        weights=np.concatenate([part.weights for part in parts]),
        size=parts[0].size,
        products=sum(part.products for part in parts),
        wall_ms=sum(part.wall_ms for part in parts),
    )


def standard_error(density: SpectralDensity, at: Float64Array) -> Float64Array:
    """Give the standard error of a density over its runs, (points,); NaN for a single run.

    Args:
        density: The density.
        at: (points,) where.

    Returns:
        (points,) in the density's own unit.
    """
    if len(density.nodes) < 2:
        return np.full(len(at), np.nan)
    each = [
        SpectralDensity(nodes[None], weights[None], density.size, 0, 0.0).density(at, density.width)
        for nodes, weights in zip(density.nodes, density.weights, strict=True)
    ]
    return np.asarray(np.std(each, axis=0, ddof=1) / np.sqrt(len(each)))


def outliers(density: SpectralDensity, found: Sharpest) -> tuple[int, bool]:
    """Count the eigenvalues above the bulk.

    Args:
        density: Says where the bulk ends.
        found: The largest eigenvalues.

    Returns:
        How many of the believed ones lie above it, and whether that is all of them: the next one is believed too, and
        lies below, or there is none.
    """
    above = int((found.believed & (found.values > density.bulk_edge)).sum())
    is_all = above == density.size or (above < len(found.values) and bool(found.believed[: above + 1].all()))
    return above, is_all


def rest_share(objective: Objective, seed: int = 0) -> float:
    """Estimate ||H - G||^2 / ||H||^2, the share of the Hessian that is not its Gauss-Newton part (Frobenius norms).

    Args:
        objective: The loss.
        seed: Seed of the random signs z; both norms are means over the same z, as of ||H z||^2.

    Returns:
        From 0 on; 0 where the Hessian is Gauss-Newton.
    """
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), size=(PROBES, objective.size))
    operator = objective.at()
    whole = operator.products(signs)
    rest = whole - operator.gauss_newton(signs)
    return float((rest**2).sum() / (whole**2).sum()) if whole.any() else 0.0
