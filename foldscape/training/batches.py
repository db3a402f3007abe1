"""Mini-batches drawn for a measurement: their gradients tell how the noise of training lies to the curvature."""

from __future__ import annotations

import numpy as np

from foldscape.net.passes import scores
from foldscape.training.chance import generator
from foldscape.training.subject import Subject

BATCHES = 10
"""Mini-batches looked at (science B2)."""


def batch_gradients(subject: Subject) -> np.ndarray:
    """Give the gradients of the mean loss on mini-batches of the run's size, float64 (BATCHES, P).

    They are drawn for this step alone and in an order of their own, so that training does not notice.
    """
    net, y = subject.net.folded(), subject.split.train_y
    rng = generator(subject.spec.seed, "probe", subject.step)
    size = min(subject.spec.batch, len(y))
    drawn = (rng.choice(len(y), size, replace=False) for _ in range(BATCHES))
    gradients = [
        scores(net, np.ascontiguousarray(subject.train_columns[:, batch]), y[batch]).gradient for batch in drawn
    ]
    return np.stack(gradients).astype(np.float64, copy=False)
