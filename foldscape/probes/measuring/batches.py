"""Mini-batches drawn for a measurement: their gradients tell how the noise of training lies to the curvature."""

from __future__ import annotations

import numpy as np

from foldscape.chance import generator
from foldscape.subject import Subject

BATCHES = 10
"""Mini-batches looked at (arXiv 1807.05031)."""


def batches(subject: Subject) -> list[np.ndarray]:
    """Draw mini-batches of the run's size from the probe points, each (size,) numbers of points.

    They are drawn for this step alone and in an order of their own, so that training does not notice.

    Returns:
        The batches.
    """
    points = len(subject.probe_subset)
    rng = generator(subject.seed, "probe", subject.step)
    return [rng.choice(points, min(subject.batch, points), replace=False) for _ in range(BATCHES)]
