"""The top eigenpairs of a Hessian that has moved a little since they were found: one step of a power iteration.

Where a subspace is near to the one that is sought, a product with all of its vectors at once brings it nearer by the
ratio of the first eigenvalue left out to its own (Bathe and Wilson 1973, "Solution methods for eigenvalue problems in
structural mechanics", subspace iteration). From one moment of training to the next that is enough to keep up.
"""

from __future__ import annotations

import numpy as np

from foldscape.arrays import FloatArray
from foldscape.curvature.krylov import Ritz
from foldscape.curvature.operator import HessianOperator

NEAR = 0.2
"""Residual of a last vector, relative to the root of its value and the first, up to which one step is enough."""


def followed_pairs(operator: HessianOperator, last: FloatArray) -> Ritz:
    """Bring the last top eigenvectors nearer to those of a Hessian by one product with each.

    The gradient goes along, for what grows large while it learns lies mostly in it. Sums run in numpy's own loops: BLAS
    would have to be held to one thread for the sake of the bits, which takes as long as a product.

    Args:
        operator: The Hessian.
        last: (k, P) orthonormal rows.

    Returns:
        Orthonormal vectors, the values that belong to them but for what a step more would add, and the residuals
        before the step. ``converged`` says whether those were small enough for one step to do.
    """
    slope = operator.descent()
    rows = np.asarray(last, np.float64)
    if slope is not None and np.isfinite(slope).all():
        left = slope - np.einsum("k,kp->p", np.einsum("kp,p->k", rows, slope), rows)
        length = np.sqrt(np.einsum("p,p->", left, left))
        if length > 0:
            rows = np.concatenate([rows, left[None] / length])
    images = np.asarray(operator.products(rows.astype(operator.dtype)), np.float64)
    squares, turn = np.linalg.eigh(_dots(images, images))
    turn = turn[:, ::-1][:, : len(last)]
    lengths = np.sqrt(np.maximum(squares[::-1][: len(last)], 0))
    values = np.einsum("jk,ji,ik->k", turn, _dots(rows, images), turn)
    residuals = np.sqrt(np.maximum(lengths**2 - values**2, 0))
    if not values.min() > 0 or (residuals > NEAR * np.sqrt(values * values[0])).any():
        return Ritz(lengths, rows[: len(last)], residuals, len(rows), False)
    vectors = np.einsum("jk,jp->kp", turn / lengths, images)
    return Ritz(lengths**2 / values, vectors, residuals, len(rows), True)


def _dots(left: FloatArray, right: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("jp,kp->jk", left, right))
