"""The loss along the sharpest directions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foldscape import curvature as curves
from foldscape.events import SliceMeasured
from foldscape.net.mlp import norm_of
from foldscape.probes.measuring.batches import probe_batches
from foldscape.probes.measuring.moment import believed, measured_on, objective_now, top_pairs
from foldscape.subject import Subject


def slices(subject: Subject, directions: int, points: int, radius: float) -> Iterator[SliceMeasured]:
    """Cut the loss along the sharpest directions, the sharpest first; those that were not found are left out."""
    objective = objective_now(subject)
    pairs = top_pairs(subject, directions)
    split = subject.split
    others = {"test": subject.net.objective(split.test_x, split.test_y, subject.loss)} if len(split.test_x) else {}
    length = radius * norm_of(subject.net.folded().flat())
    vectors, values = pairs.vectors[:directions], believed(pairs)
    steps = subject.lr * np.abs(curves.batch_gradients(objective, probe_batches(subject)) @ vectors.T).mean(axis=0)
    for place, vector in enumerate(vectors):
        if not np.isfinite(values[place]):
            continue
        cut = curves.loss_slice(objective, vector, length, points, also=others)
        yield SliceMeasured(
            **measured_on(subject, pairs.method, pairs.iterations, float(pairs.residuals[place])),
            direction=place + 1,
            lambda_max=float(values[place]),
            slope=cut.slope,
            sgd_step=float(steps[place]),
            radius=radius,
            t=cut.offsets.astype(np.float32),
            train=cut.losses.astype(np.float32),
            test=cut.also.get("test", np.zeros(0)).astype(np.float32),
        )
