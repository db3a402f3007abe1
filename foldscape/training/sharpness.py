"""Curvature along a run: the top eigenpairs, kept warm, their scale-free partners and the slices through them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from foldscape import curvature as curves
from foldscape.curvature.dag import DagObjective
from foldscape.events import Curvature, Slice
from foldscape.net.dag import Dag
from foldscape.net.losses import LossName
from foldscape.net.mlp import Weights, norm_of
from foldscape.optimizer import Adam
from foldscape.training.batches import batches
from foldscape.training.edges import stability_edge, step_scale
from foldscape.training.subject import Subject

_VECTORS = "top_eigenvectors"
TOLERANCE = 1e-3
"""Residual, relative to the first eigenvalue, up to which a value is believed."""


def objective_of(net: Weights, x: np.ndarray, y: np.ndarray, loss: LossName = "cross_entropy") -> curves.Objective:
    """Give the mean loss of a net on some points, in float64; batch normalisation counts as folded in."""
    if isinstance(net, Dag):
        return DagObjective(net, x, y, loss)
    net = net.folded()
    slope = net.negative_slope if net.activation == "leaky_relu" else None
    return curves.Objective.of_mlp(net.weights, net.biases, net.activation, x, y, negative_slope=slope, loss=loss)


def top_eigenvalue(subject: Subject, net: Weights) -> float:
    """Give the largest Hessian eigenvalue of a net on the run's probe points; NaN if it did not converge."""
    pair = curves.top_eigenpairs(objective_of(net, *subject.probe_points(), subject.spec.loss))
    return float(pair.values[0]) if pair.converged else float("nan")


def objective_now(subject: Subject) -> curves.Objective:
    """Give the loss on the run's probe points, once for all probes of one moment."""
    if subject.objective is None or subject.objective[0] is not subject.net:
        subject.objective = (subject.net, objective_of(subject.net, *subject.probe_points(), subject.spec.loss))
        subject.pairs = None
    return subject.objective[1]


def finite_objective(subject: Subject) -> curves.Objective | None:
    """Give the loss on the run's probe points, or ``None`` where it has no finite gradient."""
    objective = objective_now(subject)
    return objective if objective.at().finite else None


def top_pairs(subject: Subject, k: int) -> curves.Eigenpairs:
    """Find the k top eigenpairs from the last ones on, once for a net, and remember them; fewer in a smaller net."""
    objective = objective_now(subject)
    k = min(k, objective.size)
    if subject.pairs is not None and len(subject.pairs.values) >= k:
        return subject.pairs
    start = subject.notes.get(_VECTORS)
    if start is not None and start.shape[-1] != objective.size:
        start = None
    pairs = curves.top_eigenpairs(objective, k=k, tol=TOLERANCE, start=start)
    subject.notes[_VECTORS] = pairs.vectors
    subject.pairs = pairs
    return pairs


def believed(pairs: curves.Eigenpairs) -> np.ndarray:
    """Give the eigenvalues, shape (k,), with NaN for those whose residual is too large."""
    good = pairs.residuals <= TOLERANCE * abs(pairs.values[0])
    return np.where(good | pairs.converged, pairs.values, np.nan)


def measured_on(subject: Subject, method: str, iterations: int, residual: float | None = None) -> dict[str, Any]:
    """Give the fields that every measurement has."""
    chosen = subject.probe_subset
    return subject.stamp() | {
        "epoch": subject.epoch,
        "points": len(chosen),
        "subset": chosen.hash,
        "method": method,
        "iterations": iterations,
        "residual": residual,
    }


def curvature(subject: Subject, k: int, smallest: bool, granularities: Sequence[str]) -> Curvature:
    """Measure the ends of the spectrum at this moment."""
    objective = objective_now(subject)
    pairs = top_pairs(subject, k)
    values = believed(pairs)[:k]
    low = curves.top_eigenpairs(objective, which="SA", tol=TOLERANCE) if smallest else None
    scale_free = {name: curves.flatness(objective, granularity=name) for name in granularities}
    products = pairs.iterations + sum(it.iterations for it in scale_free.values()) + (low.iterations if low else 0)
    return Curvature(
        **measured_on(subject, pairs.method, products, float(pairs.residuals[:k].max())),
        lambda_max=_known(values[0]),
        **edge_fields(subject, objective),
        values=values,
        residuals=pairs.residuals[:k],
        smallest=_known(believed(low)[0]) if low else None,
        smallest_residual=float(low.residuals[0]) if low else None,
        flatness={name: _known(believed(it)[0]) for name, it in scale_free.items()},
        flatness_residual={name: float(it.residuals[0]) for name, it in scale_free.items()},
        flat_channels=[
            {"layer": pair.layer, "units": list(pair.units), "incoming_cosine": pair.incoming_cosine}
            for pair in curves.flat_channels(subject.net)
        ],
    )


def edge_fields(subject: Subject, objective: curves.Objective) -> dict[str, Any]:
    """Give the stability edge of the optimiser in use, and for Adam the eigenvalue that it is an edge of."""
    rule = subject.spec.optimizer
    edge = stability_edge(rule, subject.lr)
    fields = {"edge": edge.value, "edge_name": edge.name, "edge_of": edge.of}
    if not isinstance(rule, Adam):
        return fields
    if subject.net.is_normed:
        return fields | {"edge_note": "Adam's steps are not known for weights with batch normalisation folded in."}
    scale = None if subject.engine is None else step_scale(rule, subject.engine.memory)
    if scale is None or not scale.any():
        return fields | {"edge_note": "Adam's steps have no length before the first update."}
    found = curves.top_eigenpairs(objective, tol=TOLERANCE, scale=scale)
    return fields | {"preconditioned": _known(believed(found)[0])}


def slices(subject: Subject, directions: int, points: int, radius: float) -> Iterator[Slice]:
    """Cut the loss along the sharpest directions, the sharpest first; those that were not found are left out."""
    objective = objective_now(subject)
    pairs = top_pairs(subject, directions)
    split = subject.split
    others = (
        {"test": objective_of(subject.net, split.test_x, split.test_y, subject.spec.loss)} if len(split.test_x) else {}
    )
    length = radius * norm_of(subject.net.folded().flat())
    vectors, values = pairs.vectors[:directions], believed(pairs)
    steps = subject.lr * np.abs(curves.batch_gradients(objective, batches(subject)) @ vectors.T).mean(axis=0)
    for place, vector in enumerate(vectors):
        if not np.isfinite(values[place]):
            continue
        cut = curves.loss_slice(objective, vector, length, points, also=others)
        yield Slice(
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


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
