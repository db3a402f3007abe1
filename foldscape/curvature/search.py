"""The two ways to a Hessian's extreme eigenpairs: the whole matrix, or products alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from foldscape.curvature.krylov import Array, Product, Ritz, largest_pairs
from foldscape.curvature.operator import HessianOperator

COARSE = 0.03
"""Tolerance of the search on a share of the samples, whose own error is larger."""

COARSE_PRODUCTS = 16
"""Products that this search may take; eight of them cost one on the whole data."""

MIXED_IN = 0.2
"""Length of the random vector that is added to a unit start vector."""


def dense_pairs(operator: HessianOperator, sign: float, scaling: Array | None, k: int) -> Ritz:
    """Give the k largest eigenpairs of sign * diag(s) H diag(s) from the whole matrix.

    Parameters with s = 0 are left out; if fewer than k are left, zeros fill up.
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
    the values and residuals. A start is always joined by a vector that does not know it, random or found on a share of
    the data: alone, it may be an eigenvector that another one has overtaken since, and nothing would ever tell.
    """

    def fresh() -> Array:
        drawn = rng.standard_normal(operator.size)
        drawn /= np.linalg.norm(drawn)
        return drawn if scaling is None else drawn * (scaling > 0)

    if scaling is not None and not scaling.any():
        return Ritz(np.zeros(k), np.zeros((k, operator.size)), np.zeros(k), 0, True)
    quick = operator.quick()
    seed, informed = _seed(quick, sign, scaling, k, fresh)
    begin: Array = seed
    if len(starts):
        begin = starts[:k] / np.linalg.norm(starts[:k], axis=1, keepdims=True)
        if informed:
            begin = np.concatenate([begin, seed])
        else:
            begin[0] += MIXED_IN * seed[0]
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
            unchecked=k + 2 if stage is quick and not informed else 0,
        )
        spent += found.products
        if np.isfinite(found.values).all():
            begin = found.vectors
    return replace(found, products=spent)


def _seed(
    operator: HessianOperator, sign: float, scaling: Array | None, k: int, fresh: Callable[[], Array]
) -> tuple[Array, bool]:
    """Give a vector to start from, (1, P): found on a share of the data where that pays (then True), else random."""
    drawn = fresh()[None]
    part = operator.sample() if k == 1 else None
    if part is None:
        return drawn, False
    coarse = largest_pairs(
        _scaled(part, sign, scaling),
        drawn.astype(part.dtype),
        1,
        tol=COARSE,
        noise=float(np.finfo(part.dtype).eps),
        max_products=COARSE_PRODUCTS,
        fresh=fresh,
        unchecked=4,
    )
    return (coarse.vectors, True) if np.isfinite(coarse.values).all() else (drawn, False)


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
