"""The two ways to a Hessian's extreme eigenpairs: the whole matrix, or products alone."""

from __future__ import annotations

import numpy as np

from foldscape.curvature.krylov import Array, Product, Ritz, largest_pairs
from foldscape.curvature.operator import HessianOperator

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
) -> Ritz:
    """Give the k largest eigenpairs of sign * diag(s) H diag(s) from products.

    The search runs in quick arithmetic and ends with a product in the operator's own, which gives
    the values and residuals. A start is always mixed with a random vector: alone, it may be an
    eigenvector that another one has overtaken since, and nothing would ever tell.
    """

    def fresh() -> Array:
        drawn = rng.standard_normal(operator.size)
        drawn /= np.linalg.norm(drawn)
        return drawn if scaling is None else drawn * (scaling > 0)

    if scaling is not None and not scaling.any():
        return Ritz(np.zeros(k), np.zeros((k, operator.size)), np.zeros(k), 0, True)
    begin = fresh()[None] if not len(starts) else starts[:k] / np.linalg.norm(starts[:k], axis=1, keepdims=True)
    if len(starts):
        begin[0] += MIXED_IN * fresh()
    spent = 0
    for stage in _stages(operator):
        certain = stage is operator
        found = largest_pairs(
            _scaled(stage, sign, scaling),
            begin.astype(stage.dtype, copy=False),
            k,
            tol=tol if certain else 0.9 * tol,
            noise=float(np.finfo(np.float64 if certain else stage.dtype).eps),
            max_products=budget - spent,
            fresh=fresh,
            unchecked=0 if spent else k + 2,
        )
        spent += found.products
        if np.isfinite(found.values).all():
            begin = found.vectors
    return Ritz(found.values, found.vectors, found.residuals, spent, found.converged)


def _stages(operator: HessianOperator) -> list[HessianOperator]:
    quick = operator.quick()
    return [operator] if quick is operator else [quick, operator]


def _scaled(operator: HessianOperator, sign: float, scaling: Array | None) -> Product:
    """Give the product with sign * diag(s) H diag(s)."""

    def product(vectors: Array) -> Array:
        if scaling is None:
            plain = operator.products(vectors)
            return plain if sign > 0 else -plain
        stretch = scaling.astype(vectors.dtype)
        return np.asarray(sign * stretch * operator.products(stretch * vectors), dtype=vectors.dtype)

    return product
