r"""Whether a search can have overlooked an eigenvalue: what Lanczos from a random vector would have shown of it.

Let :math:`\pi_j` be the orthonormal polynomials of a Lanczos chain,

.. math:: \beta_{j+1} \pi_{j+1}(t) = (t - \alpha_j) \pi_j(t) - \beta_j \pi_{j-1}(t).

Of an eigenvector with the eigenvalue :math:`\mu` the chain's start holds a squared part of at most
:math:`1 / \sum_j \pi_j(\mu)^2` (the Christoffel function; Golub and Meurant 1994, "Matrices, moments and quadrature").
Beyond the chain's largest Ritz value the sum only grows with :math:`\mu`. The part of a random vector is hardly ever
that small, so the longer the chain, the less doubt is left. Once k pairs are found, a chain runs on what is orthogonal
to them: by Cauchy's interlacing theorem the largest eigenvalue there is at least the (k + 1)-th of all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from foldscape.arrays import Float64Array, FloatArray
from foldscape.curvature.basis import Product
from foldscape.curvature.lanczos import Lanczos


def evidence(diagonal: Float64Array, beside: Float64Array, level: float) -> float:
    """Give the sum of the squared polynomials of a chain at a level.

    Args:
        diagonal: Of the chain's projected matrix, (steps,).
        beside: Beside the diagonal, (steps,), with the entry that leads out of the chain.
        level: The level.

    Returns:
        The sum; infinite where the chain has ended, and 0 where it has a Ritz value above the level: then, by Sturm,
        one of the polynomials is negative.
    """
    before, here, total, into = 0.0, 1.0, 1.0, 0.0
    for middle, out in zip(diagonal.tolist(), beside.tolist(), strict=True):
        rest = (level - middle) * here - into * before
        if not rest > 0:
            return 0.0
        if not out > 0 or total > ENOUGH:
            return math.inf
        before, here, into = here, rest / out, out
        total += here * here
    return total


def doubt(found: float, size: int, random_share: float = 1.0) -> float:
    """Bound the probability that a chain does not show an eigenvalue that is there.

    Args:
        found: The ``evidence`` at the eigenvalue, or at a level below it.
        size: Dimension of the space.
        random_share: Length of a random vector in the chain's unit start; what else is in it may be anything.

    Returns:
        At most 1. A unit vector's part of a random one has a density of at most root(size / 2 pi), so it is below t
        with at most the probability t root(2 size / pi).
    """
    return min(1.0, math.sqrt(2 * size / (math.pi * found)) / random_share) if found else 1.0


ENOUGH = 1e100
"""Evidence beyond any doubt."""


@dataclass(frozen=True)
class Remainder:
    """What is left beside some eigenvectors.

    Attributes:
        doubt: Probability at most that there is an eigenvalue above the level all the same.
        vector: A unit vector of shape (P,) along which the operator is above the level, if one was met.
        products: Products spent.
    """

    doubt: float
    vector: FloatArray | None
    products: int


def remainder(
    product: Product, found: FloatArray, level: float, start: FloatArray, size: int, most: int, enough: float
) -> Remainder:
    """Look for an eigenvalue above a level in what is orthogonal to some vectors.

    Args:
        product: Multiplies the rows of an array (vectors, P) by the operator.
        found: Orthonormal vectors, (vectors, P).
        level: The level.
        start: Random vector of shape (P,).
        size: Dimension of the space in which the operator lives, found vectors included.
        most: Products to spend at most.
        enough: Doubt at which to stop.

    Returns:
        What was found above the level, or the doubt that is left, and the products spent.
    """
    left = size - len(found)
    for _ in range(2):
        start = start - (found @ start) @ found
    length = math.sqrt(float(start @ start))
    if left <= 0 or not length > 0:
        return Remainder(0.0, None, 0)
    room, still = min(most, left), 1.0
    chain = Lanczos(product, start / start.dtype.type(length), max(room, 0), found, exhausted=1e-12)
    while chain.taken < room and not chain.ended and still > enough:
        chain.step()
        if not math.isfinite(chain.diagonal[-1]):
            return Remainder(1.0, None, chain.taken)
        found_so_far = evidence(chain.diagonal, chain.beside, level)
        if not found_so_far:
            return Remainder(1.0, chain.highest(), chain.taken)
        still = 0.0 if chain.ended or chain.taken == left else doubt(found_so_far, left)
    return Remainder(still, None, chain.taken)
