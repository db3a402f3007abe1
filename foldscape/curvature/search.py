"""The two ways to a Hessian's extreme eigenpairs: the whole matrix, or products alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.curvature.basis import Product
from foldscape.curvature.krylov import DOUBT_ALONE, Ritz, Rules, largest_pairs
from foldscape.curvature.operator import HessianOperator

MIXED_IN = 0.1
"""Length of the random vector that is added to a unit start vector."""

MIXED_IN_ALONE = 1.0
"""The same for a single pair: there the search itself has to show that nothing larger was overlooked."""


def dense_pairs(operator: HessianOperator, sign: float, scaling: FloatArray | None, k: int) -> Ritz:
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
    return Ritz(values, vectors, residuals, operator.size, True, 0.0)


def searched_pairs(
    operator: HessianOperator,
    sign: float,
    scaling: FloatArray | None,
    starts: FloatArray,
    k: int,
    tol: float,
    budget: int,
    rng: np.random.Generator,
    progress: Callable[[int, int], None] | None = None,
    rough: bool = False,
) -> Ritz:
    """Give the k largest eigenpairs of sign * diag(s) H diag(s) from products.

    The search runs in quick arithmetic and ends with a product in the operator's own, which gives
    the values and residuals. Without a start it begins at the gradient, which lies mostly among the top eigenvectors
    (Gur-Ari et al. 2018, arXiv:1812.04754). A little of a random vector is always mixed in: a start alone may be an
    eigenvector that another one has overtaken since, and nothing would ever tell. A rough search ends with what quick
    arithmetic gives and looks for nothing that was overlooked; beside its starts it begins at the gradient instead.

    Returns:
        Values, the largest first, vectors and residuals, with the products that were spent.
    """

    def fresh() -> FloatArray:
        drawn = rng.standard_normal(operator.size)
        drawn /= np.linalg.norm(drawn)
        return drawn if scaling is None else drawn * (scaling > 0)

    dimension = operator.size if scaling is None else int(np.count_nonzero(scaling))
    pairs = min(k, dimension)
    if not pairs:
        return Ritz(np.zeros(k), np.zeros((k, operator.size)), np.zeros(k), 0, True, 0.0)
    quick = operator.quick()
    if rough and len(starts):
        begin, share = np.concatenate([starts[:pairs], _descent(quick, sign, scaling)]), 0.0
    else:
        begin, share = _start(starts[:pairs] if len(starts) else _descent(quick, sign, scaling), pairs, fresh())
    spent, doubt = 0, 1.0
    stages = ((quick, tol),) if rough else ((quick, 0.9 * tol), (operator, tol))[operator is quick :]
    for stage, allowed in stages:
        rules = Rules(
            tol=allowed,
            max_products=budget - spent,
            noise=float(np.finfo(stage.dtype).eps),
            unchecked=_unchecked(pairs, len(starts)) if spent == 0 else 0,
            dimension=dimension,
            random_share=share if spent == 0 else 0.0,
            check=doubt > DOUBT_ALONE and not rough,
        )
        product = _counted(_scaled(stage, sign, scaling), spent, budget, progress)
        found = largest_pairs(product, begin.astype(stage.dtype, copy=False), pairs, rules, fresh)
        spent, doubt = spent + found.products, min(doubt, found.doubt)
        if np.isfinite(found.values).all():
            begin = found.vectors
    return _padded(replace(found, products=spent, doubt=doubt), k)


def _start(begin: FloatArray, pairs: int, drawn: FloatArray) -> tuple[FloatArray, float]:
    """Mix a random unit vector into the first of some start vectors; give its length within that one."""
    if not len(begin):
        return drawn[None], 1.0
    begin = begin / np.linalg.norm(begin, axis=1, keepdims=True)
    mixed_in = MIXED_IN_ALONE if pairs == 1 else MIXED_IN
    first = begin[:1] + mixed_in * drawn
    return np.concatenate([first, begin[1:]]), mixed_in / float(np.linalg.norm(first))


def _padded(found: Ritz, k: int) -> Ritz:
    """Fill up to k pairs with zeros where the parameters are fewer."""
    missing = k - len(found.values)
    if not missing:
        return found
    values, residuals = (np.append(part, np.zeros(missing)) for part in (found.values, found.residuals))
    vectors = np.concatenate([found.vectors, np.zeros((missing, found.vectors.shape[1]), found.vectors.dtype)])
    return replace(found, values=values, vectors=vectors, residuals=residuals)


def _descent(operator: HessianOperator, sign: float, scaling: FloatArray | None) -> FloatArray:
    """Give the gradient as a start for the largest values, (1, P), or nothing, (0, P), where it is no help."""
    slope = operator.descent() if sign > 0 else None
    if slope is None or not np.isfinite(slope).all():
        return np.empty((0, operator.size))
    slope = slope if scaling is None else scaling * slope
    return slope[None][: int(bool(slope.any()))]


def _unchecked(k: int, starts: int) -> int:
    """Give the vectors to have before a first look at residuals: those that no search does without."""
    return k + 1 if starts else k + 2 + k // 3


def _counted(product: Product, spent: int, budget: int, progress: Callable[[int, int], None] | None) -> Product:
    """Tell of every product, if anybody listens."""
    if progress is None:
        return product
    done = spent

    def told(vectors: FloatArray) -> FloatArray:
        nonlocal done
        images = product(vectors)
        done += len(vectors)
        progress(done, budget)
        return images

    return told


def _scaled(operator: HessianOperator, sign: float, scaling: FloatArray | None) -> Product:
    """Give the product with sign * diag(s) H diag(s)."""

    def product(vectors: FloatArray) -> FloatArray:
        if scaling is None:
            plain = operator.products(vectors)
            return plain if sign > 0 else -plain
        stretch = scaling.astype(vectors.dtype)
        return np.asarray(sign * stretch * operator.products(stretch * vectors), dtype=vectors.dtype)

    return product
