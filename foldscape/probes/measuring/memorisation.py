"""What the net of a moment knows of clean and corrupted points, and what it remembers of the moments before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from foldscape.chance import generator
from foldscape.curvature.subset import probe_subset
from foldscape.data.base import Split
from foldscape.events import Memorisation
from foldscape.memorisation import critical_points, gini, sensitivity
from foldscape.memorisation.critical import InputBounds
from foldscape.probes.measuring.moment import known
from foldscape.subject import Subject

if TYPE_CHECKING:
    from foldscape.probes.memorisation import MemorisationProbe

_LEARNT, _SENSITIVITY, _COUNT = "first_learnt", "summed_sensitivity", "sensitivity_moments"
MOST_TOLD = 4096
"""Training points whose epochs travel with an event."""


def memorisation(subject: Subject, probe: MemorisationProbe) -> Memorisation:
    """Measure this moment and add it to what was seen before."""
    split, net = subject.split, subject.net
    answers = net.logits(split.train_x).argmax(axis=1)
    given, true, corrupted = answers == split.train_y, answers == split.true_y, split.corrupted
    learnt = _learnt(subject, given)
    summed, count = _sensitivities(subject)
    points, bounds = _searched(subject, probe)
    found = critical_points(
        net,
        points,
        probe.radius,
        iterations=probe.iterations,
        early_stop=probe.early_stop,
        clip=bounds,
        rng=generator(subject.seed, "probe", subject.step),
        unit=split.unit,
    )
    return Memorisation(
        **subject.stamp(),
        epoch=subject.epoch,
        points=len(split.train_x),
        subset="",
        method="lass",
        iterations=found.iterations,
        residual=None,
        searched=len(points),
        radius=probe.radius,
        csr=known(found.ratio) if net.is_finite() else None,
        clean=_share(given[~corrupted]),
        corrupted=_share(given[corrupted]),
        corrupted_true=_share(true[split.mislabelled]),
        clean_learnt=_share(np.isfinite(learnt[~corrupted])),
        corrupted_learnt=_share(np.isfinite(learnt[corrupted])),
        sensitivity=known(float(summed.mean() / count)),
        gini=known(gini(summed)),
        learnt_at=learnt[:MOST_TOLD],
    )


def _share(right: np.ndarray) -> float | None:
    return float(right.mean()) if len(right) else None


def _learnt(subject: Subject, given: np.ndarray) -> np.ndarray:
    """Give the epoch (N,) at which each training point was first right, NaN where it never was; and remember it."""
    before = subject.notes.get(_LEARNT)
    learnt = np.full(len(given), np.nan, np.float32) if before is None else before.copy()
    if subject.step:  # before the first update nothing is learnt: what is right is so by chance
        learnt[given & np.isnan(learnt)] = subject.epoch
    subject.notes[_LEARNT] = learnt
    return learnt


def _sensitivities(subject: Subject) -> tuple[np.ndarray, int]:
    """Give the sums (N,) over the moments so far, and their number; and remember them, an update counting once."""
    count, last = subject.notes.get(_COUNT, np.array([0, -1]))
    if last == subject.step:
        return subject.notes[_SENSITIVITY], int(count)
    split = subject.split
    found = sensitivity(subject.net, split.train_x, split.train_y, subject.loss)
    summed = found + subject.notes.get(_SENSITIVITY, 0.0)
    subject.notes[_SENSITIVITY], subject.notes[_COUNT] = summed, np.array([count + 1, subject.step], np.int64)
    return summed, int(count + 1)


def _searched(subject: Subject, probe: MemorisationProbe) -> tuple[np.ndarray, InputBounds | None]:
    """Choose the points, the same throughout a run, and the bounds of their inputs."""
    split = subject.split
    points = split.test_x if len(split.test_x) else split.train_x
    if len(points) > probe.searched:
        points = points[probe_subset(len(points), limit=probe.searched).indices]
    return points, _bounds(split) if probe.within_data else None


def _bounds(split: Split) -> InputBounds:
    """Give the lowest and the highest of all training inputs, in data units, as the net reads them."""
    if split.scaling is None:
        return float(split.train_x.min()), float(split.train_x.max())
    x = split.in_data_units(split.train_x)
    low, high = (np.full((1, split.features), end, np.float32) for end in (x.min(), x.max()))
    return split.scaling.read(low)[0], split.scaling.read(high)[0]
