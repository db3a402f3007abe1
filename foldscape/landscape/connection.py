"""How two nets are connected: the straight line with its barrier, a curve around it, a hub between several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from foldscape.arrays import Vector
from foldscape.errors import InvalidInput
from foldscape.landscape.evaluator import Evaluator, Losses
from foldscape.optimizer import Momentum

POINTS = 25


@dataclass(frozen=True)
class Connection:
    """Losses along a way from net A to net B.

    Attributes:
        t: (points,) from 0 at A to 1 at B.
        loss: (points,) mean loss in nats.
        accuracy: (points,) share of right answers.
        barrier: Largest height of the loss above the straight line between the losses of the ends, nats; at least 0,
            infinite if the loss is not finite somewhere.
        accuracy_drop: Largest depth of the accuracy below the line between the accuracies of the ends.
        bend: (P,) the control point of a curve; ``None`` for a line.
    """

    t: Vector
    loss: Vector
    accuracy: Vector
    barrier: float
    accuracy_drop: float
    bend: Vector | None = None


def linear_connection(evaluator: Evaluator, a: ArrayLike, b: ArrayLike, points: int = POINTS) -> Connection:
    """Measure along the straight line between two nets (Frankle et al. 2020 call its height the instability).

    Args:
        evaluator: The losses.
        a: (P,) net A.
        b: (P,) net B.
        points: Points on the line, both ends included.

    Returns:
        Losses along the way, and the barrier.
    """
    start, end, t = evaluator.vector(a), evaluator.vector(b), _times(points)
    thetas = start + t[:, None] * (end - start)
    thetas[-1] = end
    return _connection(t, evaluator.at(thetas))


def bezier(a: Vector, bend: Vector, b: Vector, t: ArrayLike) -> Vector:
    """Give the points (1-t)² A + 2t(1-t) C + t² B, (points, P); the ends are A and B exactly.

    Args:
        a: (P,) where it starts.
        bend: (P,) control point C.
        b: (P,) where it ends.
        t: (points,) from 0 to 1.

    Returns:
        (points, P).
    """
    s = np.asarray(t, dtype=np.float64)[:, None]
    return np.asarray((1 - s) ** 2 * a + 2 * s * (1 - s) * bend + s**2 * b)


def curve_connection(
    evaluator: Evaluator,
    a: ArrayLike,
    b: ArrayLike,
    *,
    epochs: int = 60,
    batch: int = 128,
    lr: float = 0.1,
    momentum: float = 0.9,
    seed: int = 0,
    bend: ArrayLike | None = None,
    points: int = POINTS,
) -> Connection:
    """Train a quadratic Bézier curve of low loss between two nets that stay fixed (Garipov et al. 2018).

    Each step draws t uniformly from 0 to 1 for its batch and moves the control point against the gradient there.

    Args:
        evaluator: The losses, on training data.
        a: (P,) net A.
        b: (P,) net B.
        epochs: Passes over the data; 0 leaves the control point where it starts.
        batch: Samples a step.
        lr: Learning rate.
        momentum: Momentum coefficient.
        seed: Seed of batches and of t.
        bend: (P,) where the control point starts; halfway if ``None``.
        points: Points that are measured, both ends included.

    Returns:
        Losses along the curve, its control point and the barrier.
    """
    start, end = evaluator.vector(a), evaluator.vector(b)
    middle = (start + end) / 2 if bend is None else evaluator.vector(bend)

    def drawn(control: Vector, rng: np.random.Generator) -> tuple[Vector, float]:
        t = rng.uniform()
        return bezier(start, control, end, [t])[0], 2 * t * (1 - t)

    middle = _descended(evaluator, middle, drawn, epochs, batch, lr, momentum, seed)
    t = _times(points)
    return _connection(t, evaluator.at(bezier(start, middle, end, t)), middle)


def hub(
    evaluator: Evaluator,
    optima: ArrayLike,
    *,
    epochs: int = 60,
    batch: int = 128,
    lr: float = 0.1,
    momentum: float = 0.9,
    seed: int = 0,
) -> tuple[Vector, tuple[Connection, ...]]:
    """Find a centre from which straight ways of low loss lead to several nets (Fort & Jastrzębski 2019).

    Args:
        evaluator: The losses, on training data.
        optima: (m, P) the nets.
        epochs: Passes over the data.
        batch: Samples a step.
        lr: Learning rate.
        momentum: Momentum coefficient.
        seed: Seed of batches, of the net and of t.

    Returns:
        The centre (P,), and the straight connection from it to each net.
    """
    nets = np.stack([evaluator.vector(net) for net in np.asarray(optima)])

    def drawn(centre: Vector, rng: np.random.Generator) -> tuple[Vector, float]:
        t, net = rng.uniform(), nets[rng.integers(len(nets))]
        return net + t * (centre - net), t

    centre = _descended(evaluator, nets.mean(axis=0), drawn, epochs, batch, lr, momentum, seed)
    return centre, tuple(linear_connection(evaluator, centre, net) for net in nets)


def radial(evaluator: Evaluator, factors: ArrayLike, theta: ArrayLike | None = None) -> Losses:
    """Measure the net with all its parameters times each factor: the ray from the origin through it.

    Args:
        evaluator: The losses.
        factors: (points,) 1 is the net itself.
        theta: (P,) the net; the evaluator's own if ``None``.

    Returns:
        Losses at each factor.
    """
    return evaluator.on_line(factors, evaluator.vector(theta), np.zeros(evaluator.size))


def _descended(
    evaluator: Evaluator,
    start: Vector,
    drawn: Callable[[Vector, np.random.Generator], tuple[Vector, float]],
    epochs: int,
    batch: int,
    lr: float,
    momentum: float,
    seed: int,
) -> Vector:
    """Move a control point by SGD; ``drawn`` gives a point that depends on it, and how much it moves with it."""
    if batch < 1 or epochs < 0 or not lr > 0:
        raise InvalidInput(
            f"No curve can be trained in {epochs} epochs of batches of {batch} with a rate of {lr}.",
            hint="Give at least one sample a batch and a rate above 0.",
        )
    import torch

    rng, control, rule = np.random.default_rng(seed), start.copy(), Momentum.model_construct(momentum=momentum)
    theta, velocity = torch.from_numpy(control), torch.zeros(len(start), dtype=torch.float64)
    for _ in range(epochs):
        order = rng.permutation(evaluator.samples)
        for first in range(0, len(order), batch):
            point, share = drawn(control, rng)
            gradient = torch.from_numpy(share * evaluator.gradient(point, order[first : first + batch]))
            rule.update([theta], [gradient], {"first": [velocity]}, lr)
    return control


def _times(points: int) -> Vector:
    if points < 3:
        raise InvalidInput(f"A way of {points} points has no middle.", hint="Take at least 3.")
    return np.linspace(0, 1, points)


def _connection(t: Vector, measured: Losses, bend: Vector | None = None) -> Connection:
    height, depth = (_above_line(t, values) for values in (measured.loss, -measured.accuracy))
    barrier = float(max(0.0, height.max())) if np.isfinite(height).all() else float("inf")
    return Connection(t, measured.loss, measured.accuracy, barrier, float(np.maximum(depth, 0).max()), bend)


def _above_line(t: Vector, values: Vector) -> Vector:
    """Give the height of values above the line from the first to the last; 0 at both, without a rest of rounding."""
    line = values[0] + t * (values[-1] - values[0])
    line[-1] = values[-1]
    return np.asarray(values - line)
