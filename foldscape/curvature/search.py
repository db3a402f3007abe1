"""The two ways to a Hessian's extreme eigenpairs: the whole matrix, or products alone."""

from __future__ import annotations

import numpy as np

from foldscape.curvature.krylov import Array, Product, Ritz, largest_pairs
from foldscape.curvature.operator import HessianOperator

COARSE_PRODUCTS = 8
"""Products spent on part of the data, for one pair; two more for each further pair."""

GUARD_PRODUCTS = 5
"""Products spent on looking beside a given start where no part of the data is small enough to help."""


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
) -> Ritz:
    """Give the k largest eigenpairs of sign * diag(s) H diag(s) from products.

    The search begins on part of the data, goes on in quick arithmetic, and ends with a product in
    the operator's own, which gives the values and residuals. A start vector alone is not trusted: it
    may be an eigenvector that another one has overtaken, so the search always looks elsewhere too.
    """

    def fresh() -> Array:
        drawn = rng.standard_normal(operator.size)
        return drawn if scaling is None else drawn * (scaling > 0)

    if scaling is not None and not scaling.any():
        return Ritz(np.zeros(k), np.zeros((k, operator.size)), np.zeros(k), 0, True)
    guard = GUARD_PRODUCTS if len(starts) else 0
    coarse = operator.coarse()
    if coarse is not None:
        hint = largest_pairs(
            _scaled(coarse, sign, scaling),
            np.concatenate([starts, fresh()[None]]).astype(np.float32),
            min(k + 1, operator.size),
            tol=0.05,
            max_products=COARSE_PRODUCTS + 2 * k,
            fresh=fresh,
        )
        starts, guard = np.concatenate([starts, hint.vectors]), 0
    if not len(starts):
        starts = fresh()[None]
    quick = operator.quick()
    spent = 0
    if quick is not operator:
        found = largest_pairs(
            _scaled(quick, sign, scaling),
            starts.astype(np.float32),
            k,
            tol=0.9 * tol,
            max_products=budget,
            fresh=fresh,
            guard=guard,
        )
        starts, spent, guard = found.vectors, found.products, 0
    final = largest_pairs(
        _scaled(operator, sign, scaling),
        starts.astype(np.float64),
        k,
        tol=tol,
        max_products=budget - spent,
        fresh=fresh,
        guard=guard,
    )
    return Ritz(final.values, final.vectors, final.residuals, spent + final.products, final.converged)


def _scaled(operator: HessianOperator, sign: float, scaling: Array | None) -> Product:
    """Give the product with sign * diag(s) H diag(s)."""

    def product(vectors: Array) -> Array:
        if scaling is None:
            plain = operator.products(vectors)
            return plain if sign > 0 else -plain
        stretch = scaling.astype(vectors.dtype)
        return np.asarray(sign * stretch * operator.products(stretch * vectors), dtype=vectors.dtype)

    return product
