"""The noise of mini-batch gradients, and how the sharpest directions lie to the gradient and to their past."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foldscape import curvature as curves
from foldscape.events import Noise
from foldscape.probes.measuring.moment import believed, finite_objective, measured_on, top_pairs
from foldscape.subject import Subject

_LAST, _FIRST = "overlap_last", "overlap_first"


def noise(subject: Subject, k: int, draws: int) -> Iterator[Noise]:
    """Measure the gradients' noise and the overlaps of the k sharpest directions; with draws, its cosine to H too."""
    objective = finite_objective(subject)
    if objective is None:
        return
    found = curves.gradient_noise(objective)
    pairs = top_pairs(subject, k)
    vectors = pairs.vectors[:k] if np.isfinite(believed(pairs)[:k]).all() else None
    last, first = _overlaps(subject, vectors)
    cosine = curves.noise_curvature(objective, probes=draws, rng=subject.seed).cosine.value if draws else None
    yield Noise(
        **measured_on(subject, pairs.method, pairs.iterations, float(pairs.residuals[:k].max())),
        noise_scale=found.noise_scale if np.isfinite(found.noise_scale) else None,
        covariance=found.covariance_trace,
        gradient_norm=float(np.sqrt(found.squared_gradient)),
        k=min(k, objective.size),
        energy=None if vectors is None else curves.gradient_overlap(objective.gradient(), vectors),
        overlap_last=last,
        overlap_first=first,
        cosine=cosine,
    )


def _overlaps(subject: Subject, vectors: np.ndarray | None) -> tuple[float | None, float | None]:
    """Compare the sharpest subspace with the last one and the first one of as many directions since a birth."""
    if vectors is None:
        return None, None
    last = subject.notes.get(_LAST)
    subject.notes[_LAST] = vectors
    if last is None or last.shape != vectors.shape:
        subject.notes[_FIRST] = vectors
        return None, 1.0
    return curves.subspace_overlap(vectors, last), curves.subspace_overlap(vectors, subject.notes[_FIRST])
