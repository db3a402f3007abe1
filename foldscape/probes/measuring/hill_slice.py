"""Loss and hills along the line from the last hill's top through the net."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from foldscape.arrays import Float64Array
from foldscape.curvature import Objective
from foldscape.events import HillSlice
from foldscape.optimizer.memory import Blocks
from foldscape.probes.measuring.moment import measured_on, objective_now
from foldscape.subject import Subject
from foldscape.terms import HillPenalty
from foldscape.terms.held import of_kind
from foldscape.terms.hill_shapes import height
from foldscape.terms.hills import hills_among
from foldscape.terms.standing import Standing, distance, vector_of

REACH = 1.25
"""How far the line goes to either side of the top, in the larger of the hill's width and the net's distance."""


def hill_slice(subject: Subject, points: int) -> Iterator[HillSlice]:
    """Cut the loss along the line from the last hill's top through the net.

    Args:
        subject: The run.
        points: Places along the line.

    Yields:
        The cut. None without a hill, while the net stands on its very top, and where the parameters of the loss are
        others than the net's, as with batch normalisation folded in.
    """
    term = hills_among(subject.terms)
    held = of_kind("hills", subject.held_by_terms())
    standing = Standing.of(held)
    objective, theta = objective_now(subject), subject.net.vector()
    if term is None or not len(standing) or not np.array_equal(objective.theta, theta):
        return
    top = vector_of(standing.tops[-1])
    apart = float(np.linalg.norm(theta - top))
    if not 0 < apart < np.inf:
        return
    chosen = term.chosen(subject.net.flat())
    away = distance(subject.net.flat(), standing.tops[-1], chosen)
    sigma = float(standing.sigma[-1])
    width = sigma * apart / away if away and term.kernel != "function" else 0.0
    t = REACH * max(apart, width) * np.linspace(-1, 1, points)
    line = top + t[:, None] * (theta - top) / apart
    yield HillSlice(
        **measured_on(subject, "closed form", 0),
        number=int(standing.number[-1]),
        distance=apart,
        t=t.astype(np.float32),
        train=_losses(subject, objective, line).astype(np.float32),
        hills=_hills(subject, term, held, line).astype(np.float32),
    )


def _losses(subject: Subject, objective: Objective, line: Float64Array) -> Float64Array:
    """Give the loss at parameter vectors (T, P), each with running statistics of its own where a net keeps them."""
    net, (x, y) = subject.net, subject.probe_points()
    if not net.keeps_statistics:
        return objective.losses(line)
    measured: Float64Array = net.evaluator(x, y, subject.loss, device=subject.device, renewed_on=x).at(line).loss
    return measured


def _hills(subject: Subject, term: HillPenalty, held: Mapping[str, Blocks], line: Float64Array) -> Float64Array:
    """Give what all hills add to the loss at parameter vectors (T, P)."""
    if term.kernel == "function":
        nets = (subject.net.with_vector(theta) for theta in line)
        return np.array([term.value_of(net, subject.split.train_x, held, subject.step) for net in nets])
    standing, counts = Standing.of(held), term.counted(subject.net.flat())
    total = np.zeros(len(line))
    for top, sigma in zip(standing.tops, standing.sigma, strict=True):
        squared = np.square(line[:, counts] - vector_of(top)[counts]).sum(axis=1)
        total += [term.strength * height(term.kernel, float(d), float(sigma)) for d in squared]
    return total
