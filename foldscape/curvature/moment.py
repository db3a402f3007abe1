"""One moment of a run, seen along its sharpest directions.

Jastrzębski et al. (2019), "On the relation between the sharpest directions of DNN loss and the SGD step length". For a
step of size eta along a mini-batch gradient g_b, the part along a unit vector v changes the loss, to second order, by
- eta (g_b.v)(g.v) + eta^2 lambda (g_b.v)^2 / 2 with lambda = v^T H v.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from foldscape.arrays import Float64Array, Vector
from foldscape.curvature.eigenpairs import Eigenpairs, top_eigenpairs
from foldscape.curvature.objective import Objective, objective_of
from foldscape.curvature.overlap import gradient_overlap
from foldscape.errors import InvalidInput
from foldscape.modules.batch_loss import LossLike

MULTIPLES = (-16, -8, -4, -2, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 2, 4, 8, 16)
"""Places of a cross-section, in steps of SGD along the direction."""

FACTORS = (0.25, 1 / 3, 0.5, 1, 2, 3, 4)
"""Step sizes of the decomposition, as multiples of the learning rate."""


@dataclass(frozen=True)
class SharpestMoment:
    """What mini-batches do along the K sharpest directions v_k.

    Attributes:
        pairs: The eigenpairs; if they did not converge, nothing else here can be trusted.
        lr: Learning rate eta.
        loss: Mean loss, nats.
        gradient_norm: Norm of the full gradient g.
        gradient_cosines: cos(g, v_k), shape (K,).
        batch_cosines: cos(g_b, v_k) of every mini-batch, shape (batches, K).
        batch_gradient_cosines: cos(g_b, g), shape (batches,).
        energy: rho_K, the share of ||g||^2 in the span of the v_k.
        multiples: Places of the cross-sections in steps, shape (points,).
        step_sizes: Length of one SGD step along v_k: the mean over the batches of eta |g_b.v_k|, shape (K,).
        sections: Loss at theta + multiple * step size * v_k, shape (K, points), nats.
        factors: Step sizes of the decomposition as multiples of eta, shape (factors,).
        along: Mean change of the loss when only a step's part along v_k is taken, shape (factors, K), nats.
        along_random: The same along a random unit direction, shape (factors,).
        along_all: The same for the whole step, shape (factors,).
        predicted: What the quadratic model says of ``along``, shape (factors, K).
    """

    pairs: Eigenpairs
    lr: float
    loss: float
    gradient_norm: float
    gradient_cosines: Float64Array
    batch_cosines: Float64Array
    batch_gradient_cosines: Float64Array
    energy: float
    multiples: Float64Array
    step_sizes: Float64Array
    sections: Float64Array
    factors: Float64Array
    along: Float64Array
    along_random: Float64Array
    along_all: Float64Array
    predicted: Float64Array

    @property
    def stability(self) -> Float64Array:
        """Eta lambda_k / 2, shape (K,): above 1, a full-batch step overshoots so far along v_k that the loss rises."""
        return np.asarray(0.5 * self.lr * self.pairs.values)

    @property
    def mean_cosines(self) -> Float64Array:
        """Mean of cos(g_b, v_k) over the batches, shape (K,)."""
        return np.asarray(self.batch_cosines.mean(axis=0))

    @property
    def mean_absolute_cosines(self) -> Float64Array:
        """Mean of |cos(g_b, v_k)| over the batches, shape (K,)."""
        return np.asarray(np.abs(self.batch_cosines).mean(axis=0))

    @property
    def cosine_spread(self) -> Float64Array:
        """Standard deviation of cos(g_b, v_k) over the batches, shape (K,)."""
        return np.asarray(self.batch_cosines.std(axis=0))


def sharpest_moment(
    objective: Objective | Any,
    *data: Any,
    loss: LossLike = "cross_entropy",
    lr: float,
    batches: Sequence[ArrayLike] | None = None,
    batch_size: int = 32,
    k: int = 5,
    steps: int = 10,
    start: ArrayLike | None = None,
    tol: float = 1e-3,
    multiples: Sequence[float] = MULTIPLES,
    factors: Sequence[float] = FACTORS,
    rng: np.random.Generator | int | None = 0,
    theta: ArrayLike | None = None,
) -> SharpestMoment:
    """Measure a moment of SGD along its sharpest directions.

    Args:
        objective: An ``Objective``, or a torch module, followed by its data.
        *data: If a module was given: inputs (N, ...) and labels (N,), or one thing that holds both, such as a loader.
        loss: Its loss: a name or one of ``foldscape.losses``, a callable of outputs and labels, or a ``BatchLoss``.
        lr: Learning rate eta.
        batches: Sample numbers of each mini-batch; if None, one shuffled epoch of ``batch_size``.
        batch_size: Samples of a mini-batch drawn here.
        k: Number of directions K, at most P.
        steps: Mini-batches behind step sizes and decomposition; the alignments take all.
        start: Vectors to start the search from, such as those of the last moment.
        tol: Residual allowed, relative to the first eigenvalue.
        multiples: Places of the cross-sections in steps.
        factors: Step sizes of the decomposition as multiples of eta.
        rng: Generator or seed of batches, random direction and search.
        theta: Point to measure at; the net's own parameters if None.

    Returns:
        The moment.

    Raises:
        InvalidInput: If the rate is not positive, or no batch of samples is left.
    """
    objective = objective_of(objective, data, loss)
    generator = np.random.default_rng(rng)
    if not 0 < lr < np.inf:
        raise InvalidInput(f"A learning rate of {lr} makes no step.", hint="Give a finite number above 0.")
    point = objective.point(theta)
    pairs = top_eigenpairs(objective, k=k, tol=tol, start=start, rng=generator, theta=point)
    gradient, by_batch = objective.gradient(point), batch_gradients(objective, batches, batch_size, generator, point)
    used, here = by_batch[:steps], objective.loss(point)
    step_sizes = lr * np.abs(used @ pairs.vectors.T).mean(axis=0)
    places = np.array(multiples, dtype=np.float64)
    sections = [
        objective.losses(point + (places * size)[:, None] * vector)
        for size, vector in zip(step_sizes, pairs.vectors, strict=True)
    ]
    rates = lr * np.array(factors, dtype=np.float64)
    drawn = generator.standard_normal(objective.size)
    directions = np.vstack([pairs.vectors, drawn / np.linalg.norm(drawn)])
    along = np.column_stack([_taken(objective, point, used, rates, here, direction) for direction in directions])
    return SharpestMoment(
        pairs=pairs,
        lr=lr,
        loss=here,
        gradient_norm=float(np.linalg.norm(gradient)),
        gradient_cosines=_cosines(gradient[None], pairs.vectors)[0],
        batch_cosines=_cosines(by_batch, pairs.vectors),
        batch_gradient_cosines=_cosines(by_batch, gradient[None])[:, 0],
        energy=gradient_overlap(gradient, pairs.vectors),
        multiples=places,
        step_sizes=step_sizes,
        sections=np.array(sections),
        factors=np.array(factors, dtype=np.float64),
        along=along[:, :-1],
        along_random=along[:, -1],
        along_all=_taken(objective, point, used, rates, here, None),
        predicted=predicted_change(
            rates[:, None, None], used @ pairs.vectors.T, pairs.vectors @ gradient, pairs.values
        ).mean(axis=1),
    )


def predicted_change(rate: Any, batch_slope: Any, slope: Any, value: Any) -> Float64Array:
    """Give the quadratic model's change of the loss for a step's part along an eigenvector, nats.

    Args:
        rate: Step size eta; the arguments are broadcast.
        batch_slope: g_b.v, slope of the mini-batch's loss.
        slope: g.v, slope of the mean loss.
        value: Eigenvalue lambda.

    Returns:
        - eta (g_b.v)(g.v) + eta^2 lambda (g_b.v)^2 / 2: lowest for the full gradient at eta = 1 / lambda, and above
        zero from 2 / lambda on.
    """
    return np.asarray(-rate * batch_slope * slope + 0.5 * rate**2 * value * np.square(batch_slope))


def batch_gradients(
    objective: Objective,
    batches: Sequence[ArrayLike] | None = None,
    batch_size: int = 32,
    rng: np.random.Generator | int | None = 0,
    theta: ArrayLike | None = None,
) -> Float64Array:
    """Give the gradients of mini-batches, shape (batches, P).

    Args:
        objective: The loss.
        batches: Sample numbers of each; if None, one shuffled epoch without the last incomplete batch.
        batch_size: Samples of a mini-batch drawn here.
        rng: Generator or seed of the shuffle.
        theta: Point to measure at; the net's own parameters if None.

    Returns:
        (batches, P) gradients of the mean loss of each batch.

    Raises:
        InvalidInput: If no batch is left, or one is empty or names a sample that does not exist.
    """
    samples = objective.samples
    if batches is None:
        order = np.random.default_rng(rng).permutation(samples)
        batches = [order[at : at + batch_size] for at in range(0, samples - batch_size + 1, max(batch_size, 1))]
    chosen = [np.asarray(batch, dtype=np.int64) for batch in batches]
    if not chosen or any(not len(batch) or batch.min() < 0 or batch.max() >= samples for batch in chosen):
        raise InvalidInput(
            f"{len(chosen)} mini-batches do not fit {samples} samples.",
            hint="Give at least one, none empty, with sample numbers from 0; or a batch_size of at most N.",
        )
    weights = np.zeros((len(chosen), samples))
    for row, batch in zip(weights, chosen, strict=True):
        np.add.at(row, batch, 1 / len(batch))
    return objective.at(theta).weighted_gradients(weights)


def _taken(
    objective: Objective,
    point: Vector,
    gradients: Float64Array,
    rates: Float64Array,
    here: float,
    direction: Vector | None,
) -> Float64Array:
    """Give the mean change of the loss for steps of several sizes, along one direction only or whole; (rates,)."""
    parts = gradients if direction is None else np.outer(gradients @ direction, direction)
    changes = [objective.losses(point - rate * parts).mean() - here for rate in rates]
    return np.array(changes)


def _cosines(rows: Float64Array, others: Float64Array) -> Float64Array:
    lengths = np.linalg.norm(rows, axis=1)[:, None] * np.linalg.norm(others, axis=1)
    return np.asarray((rows @ others.T) / np.where(lengths > 0, lengths, 1))
