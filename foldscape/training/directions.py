"""Gradients beside the curvature: their noise, how they lie to the sharpest directions, and the loss nearby."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from foldscape import curvature as curves
from foldscape.events import Directions, Noise, Sharpness
from foldscape.training.batches import batches
from foldscape.training.chance import generator
from foldscape.training.sharpness import believed, finite_objective, measured_on, top_pairs
from foldscape.training.subject import Subject

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
    cosine = curves.noise_curvature(objective, probes=draws, rng=subject.spec.seed).cosine.value if draws else None
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


def sharpness(subject: Subject, rho: float, adaptive_rho: float, ascent: int, draws: int) -> Iterator[Sharpness]:
    """Measure how much the loss rises near the weights."""
    objective = finite_objective(subject)
    if objective is None:
        return
    seed = subject.spec.seed
    plain = curves.sharpness(objective, rho=rho, steps=ascent, draws=draws, rng=seed)
    scaled = curves.sharpness(objective, rho=adaptive_rho, adaptive=True, steps=ascent, draws=2, rng=seed)
    yield Sharpness(
        **measured_on(subject, "projected ascent", 2 * (ascent + 1)),
        rho=rho,
        adaptive_rho=adaptive_rho,
        sam=plain.one_step,
        sam_ascent=plain.ascent,
        asam=scaled.one_step,
        asam_ascent=scaled.ascent,
        average=plain.average.value,
        average_error=plain.average.standard_error,
        relative_flatness=math.nan if subject.net.wiring == "dag" else curves.relative_flatness(objective).value,
    )


def directions(subject: Subject, k: int) -> Iterator[Directions]:
    """Measure what mini-batches do along the k sharpest directions (science B2)."""
    objective = finite_objective(subject)
    if objective is None:
        return
    k = min(k, objective.size)
    moment = curves.sharpest_moment(
        objective,
        lr=subject.lr,
        batches=batches(subject),
        k=k,
        start=top_pairs(subject, k).vectors[:k],
        rng=generator(subject.spec.seed, "probe", subject.step),
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
