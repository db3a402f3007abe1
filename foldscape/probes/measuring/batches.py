"""Mini-batches drawn for a measurement: their gradients tell how the noise of training lies to the curvature."""

from __future__ import annotations

import numpy as np

from foldscape.chance import generator
from foldscape.shuffling import order_of
from foldscape.subject import Subject

BATCHES = 10
"""Mini-batches looked at (arXiv 1807.05031)."""


def probe_batches(subject: Subject) -> list[np.ndarray]:
    """Draw mini-batches of the run's size from the probe points, each (size,) numbers of points.

    They are drawn for this step alone and in an order of their own, so that training does not notice; where the run
    keeps one order of its points, they are some of its own mini-batches, as far as these are probe points.

    Returns:
        The batches.
    """
    points = len(subject.probe_subset)
    rng = generator(subject.seed, "probe", subject.step)
    if subject.shuffle != "epoch":
        own = _own(subject)
        return [own[number] for number in rng.permutation(len(own))[:BATCHES]]
    return [rng.choice(points, min(subject.batch, points), replace=False) for _ in range(BATCHES)]


def _own(subject: Subject) -> list[np.ndarray]:
    """Cut the one order of the run into its mini-batches, as numbers of probe points."""
    order = order_of(subject.shuffle, subject.seed, 0, len(subject.split.train_x))
    chosen = subject.probe_subset
    if not chosen.whole:
        place = np.full(len(order), -1)
        place[chosen.indices] = np.arange(len(chosen))
        order = place[order]
        order = order[order >= 0]
    return [order[first : first + subject.batch] for first in range(0, len(order), subject.batch)]
