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

from foldscape.curvature.basis import Array, Floats, Product
from foldscape.curvature.lanczos import Lanczos


def doubt(diagonal: Floats, beside: Floats, level: float, size: int, random_share: float = 1.0) -> float:
    """Bound the probability that a chain does not show an eigenvalue that is there.

    Args:
        diagonal: Of the chain's projected matrix, (steps,).
        beside: Beside the diagonal, (steps,), with the entry that leads out of the chain.
        level: The eigenvalue or a smaller number, above the largest Ritz value of the chain.
        size: Dimension of the space.
        random_share: Length of a random vector in the chain's unit start; what else is in it may be anything.

    Returns:
        At most 1. A unit vector's part of a random one has a density of at most root(size / 2 pi), so it is below t
        with at most the probability t root(2 size / pi).
    """
    before, here, total, into = 0.0, 1.0, 1.0, 0.0
    for middle, out in zip(diagonal.tolist(), beside.tolist(), strict=True):
        if not out > 0:
            return 0.0 if math.isfinite(middle) else 1.0
        before, here = here, ((level - middle) * here - into * before) / out
        total, into = total + here * here, out
        if total > 1e200:
            break
    return min(1.0, math.sqrt(2 * size / (math.pi * total)) / random_share)


@dataclass(frozen=True)
class Remainder:
    """What is left beside some eigenvectors.

    Attributes:
        doubt: Probability at most that there is an eigenvalue above the level all the same.
        vector: A unit vector of shape (P,) along which the operator is above the level, if one was met.
        products: Products spent.
    """

    doubt: float
    vector: Array | None
    products: int


def remainder(
    product: Product, found: Array, level: float, start: Array, size: int, most: int, enough: float
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
        values, coordinates = chain.ritz()
        if values[-1] > level:
            vector = coordinates[:, -1].astype(start.dtype) @ chain.rows[: chain.taken]
            return Remainder(1.0, vector, chain.taken)
        is_whole = chain.ended or chain.taken == left
        still = 0.0 if is_whole else doubt(chain.diagonal, chain.beside, level, left)
    return Remainder(still, None, chain.taken)
