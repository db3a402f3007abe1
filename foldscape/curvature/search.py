"""The two ways to a Hessian's extreme eigenpairs: the whole matrix, or products alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from foldscape.curvature.krylov import Array, Product, Ritz, largest_pairs
from foldscape.curvature.operator import HessianOperator

MIXED_IN = 0.1
"""Length of the random vector that is added to a unit start vector."""


def dense_pairs(operator: HessianOperator, sign: float, scaling: Array | None, k: int) -> Ritz:
    """Give the k largest eigenpairs of sign * diag(s) H diag(s) from the whole matrix.

    Parameters with s = 0 are left out; if fewer than k are left, zeros fill up.

    Returns:
        Values, the largest first, vectors and residuals.
    """
    from scipy.linalg import eigh

    matrix = sign * operator.dense()
    active = np.arange(operator.size)
    if scaling is not None:
        active = np.flatnonzero(scaling)
        matrix = (scaling[:, None] * matrix * scaling)[np.ix_(active, active)]
    values, vectors = np.zeros(k), np.zeros((k, operator.size))
    residuals = np.zeros(k)
    found = min(k, len(active))
    if not np.isfinite(matrix).all():
        return Ritz(np.full(k, np.nan), vectors, np.full(k, np.nan), operator.size, False)
    if found:
        top, columns = eigh(matrix, subset_by_index=(len(active) - found, len(active) - 1), check_finite=False)
        values[:found] = top[::-1]
        vectors[:found, active] = columns.T[::-1]
        residuals[:found] = np.linalg.norm(matrix @ columns - top * columns, axis=0)[::-1]
    return Ritz(values, vectors, residuals, operator.size, True)


def searched_pairs(
    operator: HessianOperator,
    sign: float,
    scaling: Array | None,
    starts: Array,
    k: int,
    tol: float,
    budget: int,
    rng: np.random.Generator,
    progress: Callable[[int, int], None] | None = None,
) -> Ritz:
    """Give the k largest eigenpairs of sign * diag(s) H diag(s) from products.

    The search runs in quick arithmetic and ends with a product in the operator's own, which gives
    the values and residuals. Without a start it begins at the gradient, which lies mostly among the top eigenvectors
    (Gur-Ari et al. 2018, arXiv:1812.04754). A little of a random vector is always mixed in: a start alone may be an
    eigenvector that another one has overtaken since, and nothing would ever tell.

    Returns:
        Values, the largest first, vectors and residuals, with the products that were spent.
    """

    def fresh() -> Array:
        drawn = rng.standard_normal(operator.size)
        drawn /= np.linalg.norm(drawn)
        return drawn if scaling is None else drawn * (scaling > 0)

    if scaling is not None and not scaling.any():
        return Ritz(np.zeros(k), np.zeros((k, operator.size)), np.zeros(k), 0, True)
    quick = operator.quick()
    begin: Array = starts[:k] if len(starts) else _descent(quick, sign, scaling)
    begin = begin / np.linalg.norm(begin, axis=1, keepdims=True)
    begin = np.concatenate([begin[:1] + MIXED_IN * fresh(), begin[1:]]) if len(begin) else fresh()[None]
    spent = 0
    for stage, allowed in ((quick, 0.9 * tol), (operator, tol))[operator is quick :]:
        found = largest_pairs(
            _counted(_scaled(stage, sign, scaling), spent, budget, progress),
            begin.astype(stage.dtype, copy=False),
            k,
            tol=allowed,
            noise=float(np.finfo(stage.dtype).eps),
            max_products=budget - spent,
            fresh=fresh,
            unchecked=_unchecked(k, len(starts)) if stage is quick else 0,
        )
        spent += found.products
        if np.isfinite(found.values).all():
            begin = found.vectors
    return replace(found, products=spent)


def _descent(operator: HessianOperator, sign: float, scaling: Array | None) -> Array:
    """Give the gradient as a start for the largest values, (1, P), or nothing, (0, P), where it is no help."""
    slope = operator.descent() if sign > 0 else None
    if slope is None or not np.isfinite(slope).all():
        return np.empty((0, operator.size))
    slope = slope if scaling is None else scaling * slope
    return slope[None][: int(bool(slope.any()))]


def _unchecked(k: int, starts: int) -> int:
    """Give the vectors to have before a first look at residuals: those that no search does without."""
    return k + 2 - min(starts, 1)


def _counted(product: Product, spent: int, budget: int, progress: Callable[[int, int], None] | None) -> Product:
    """Tell of every product, if anybody listens."""
    if progress is None:
        return product
    done = spent

    def told(vectors: Array) -> Array:
        nonlocal done
        images = product(vectors)
        done += len(vectors)
        progress(done, budget)
        return images

    return told


def _scaled(operator: HessianOperator, sign: float, scaling: Array | None) -> Product:
    """Give the product with sign * diag(s) H diag(s)."""

    def product(vectors: Array) -> Array:
        if scaling is None:
            plain = operator.products(vectors)
            return plain if sign > 0 else -plain
        stretch = scaling.astype(vectors.dtype)
        return np.asarray(sign * stretch * operator.products(stretch * vectors), dtype=vectors.dtype)

    return product
