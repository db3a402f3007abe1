"""Curvature along a run: the top eigenpair, kept warm, its scale-free partners and the slice through it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foldscape import curvature as curves
from foldscape.events import Curvature, Slice
from foldscape.net.mlp import Weights, norm_of
from foldscape.training.subject import Subject

_VECTOR = "top_eigenvector"


def objective_of(net: Weights, x: np.ndarray, y: np.ndarray) -> curves.Objective:
    """Give the mean cross-entropy of a net on some points, in float64; batch normalisation counts as folded in."""
    net = net.folded()
    slope = net.negative_slope if net.activation == "leaky_relu" else None
    return curves.Objective.of_mlp(net.weights, net.biases, net.activation, x, y, negative_slope=slope)


def top_eigenvalue(subject: Subject, net: Weights) -> float:
    """Give the largest Hessian eigenvalue of a net on the run's probe points; NaN if it did not converge."""
    pair = curves.top_eigenpairs(objective_of(net, *subject.probe_points()))
    return float(pair.values[0]) if pair.converged else float("nan")


def _top_pair(subject: Subject) -> tuple[curves.Objective, curves.Eigenpairs]:
    """Find the top eigenpair from the last one on, once for a net, and remember it."""
    if subject.sharpest is not None and subject.sharpest[0] is subject.net:
        return subject.sharpest[1:]
    objective = objective_of(subject.net, *subject.probe_points())
    start = subject.notes.get(_VECTOR)
    if start is not None and start.shape != (objective.size,):
        start = None
    pair = curves.top_eigenpairs(objective, start=start)
    subject.notes[_VECTOR] = pair.vectors[0]
    subject.sharpest = (subject.net, objective, pair)
    return objective, pair


def curvature(subject: Subject, granularities: Sequence[str]) -> Curvature:
    """Measure the sharpness of this moment."""
    objective, pair = _top_pair(subject)
    scale_free = {name: curves.flatness(objective, granularity=name) for name in granularities}
    return Curvature(
        **subject.stamp(),
        epoch=subject.epoch,
        lambda_max=float(pair.values[0]) if pair.converged else None,
        residual=float(pair.residuals[0]),
        edge=2 / subject.lr,
        flatness={name: float(it.values[0]) if it.converged else None for name, it in scale_free.items()},
        flatness_residual={name: float(it.residuals[0]) for name, it in scale_free.items()},
        iterations=pair.iterations,
        method=pair.method,
        points=objective.samples,
    )


def loss_slice(subject: Subject, points: int, radius: float) -> Slice | None:
    """Cut the loss along the sharpest direction; ``None`` when that was not found."""
    objective, pair = _top_pair(subject)
    if not pair.converged:
        return None
    split = subject.split
    others = {"test": objective_of(subject.net, split.test_x, split.test_y)} if len(split.test_x) else {}
    length = radius * norm_of(subject.net.folded().flat())
    cut = curves.loss_slice(objective, pair.vectors[0], length, points, also=others)
    return Slice(
        **subject.stamp(),
        epoch=subject.epoch,
        lambda_max=float(pair.values[0]),
        t=cut.offsets.astype(np.float32),
        train=cut.losses.astype(np.float32),
        test=cut.also.get("test", np.zeros(0)).astype(np.float32),
    )
