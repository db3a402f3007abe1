"""What mini-batches do along the sharpest directions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foldscape import curvature as curves
from foldscape.chance import generator
from foldscape.events import Directions
from foldscape.probes.measuring.batches import probe_batches
from foldscape.probes.measuring.moment import believed, finite_objective, measured_on, top_pairs
from foldscape.subject import Subject


def directions(subject: Subject, k: int) -> Iterator[Directions]:
    """Measure what mini-batches do along the k sharpest directions (arXiv 1807.05031)."""
    objective = finite_objective(subject)
    if objective is None:
        return
    k = min(k, objective.size)
    moment = curves.sharpest_moment(
        objective,
        lr=subject.lr,
        batches=probe_batches(subject),
        k=k,
        start=top_pairs(subject, k).vectors[:k],
        rng=generator(subject.seed, "probe", subject.step),
    )
    trusted = np.where(moment.pairs.converged, 1.0, np.nan)
    yield Directions(
        **measured_on(subject, moment.pairs.method, moment.pairs.iterations, float(moment.pairs.residuals.max())),
        values=believed(moment.pairs),
        alignment=trusted * moment.mean_absolute_cosines,
        alignment_mean=trusted * moment.mean_cosines,
        alignment_spread=trusted * moment.cosine_spread,
        gradient_alignment=trusted * moment.gradient_cosines,
        batch_alignment=float(moment.batch_gradient_cosines.mean()),
        energy=moment.energy if moment.pairs.converged else None,
        step_sizes=trusted * moment.step_sizes,
        multiples=moment.multiples,
        sections=trusted * moment.sections,
        factors=moment.factors,
        changes=np.ascontiguousarray(trusted * moment.along.T),
        changes_random=moment.along_random,
        changes_full=moment.along_all,
        predicted=np.ascontiguousarray(trusted * moment.predicted.T),
    )
