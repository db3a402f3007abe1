"""Accuracy and confidence by the novelty of test points, at one moment of a run."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Labels
from foldscape.events import NoveltyMeasured
from foldscape.losses import Form, Loss
from foldscape.memorisation.critical import critical_points
from foldscape.neighbours.buckets import ByNovelty, by_novelty
from foldscape.neighbours.kept import neighbours_of
from foldscape.neighbours.representation import Representation, representation_for
from foldscape.probes.measuring.moment import known, measured_on
from foldscape.subject import Subject

SHOWN = 24


def measure_novelty(
    subject: Subject, representation: Representation, buckets: int, radius: float
) -> Iterator[NoveltyMeasured]:
    """Measure the net on its test points by how novel they are; a run's nearest points are found once."""
    split, kind = subject.split, representation_for(representation, subject.split)
    net = subject.net.folded()
    neighbours = None if kind == "features" else subject.neighbours.get(kind)
    if neighbours is None:
        neighbours = subject.neighbours[kind] = neighbours_of(split, kind, net)
    unit = split.unit
    critical = critical_points(net, split.test_x, radius, rng=subject.seed, unit=unit).critical if radius else None
    found = by_novelty(
        neighbours, net.logits(split.test_x), split.train_y, split.test_y,
        buckets=buckets, has_probabilities=makes_probabilities(subject.loss), critical=critical,
    )  # fmt: skip
    missed = np.flatnonzero(found.predicted != split.test_y)
    shown = missed[np.argsort(-neighbours.distance[missed], kind="stable")][:SHOWN]
    stamp = measured_on(subject, "exact", 0) | {"points": len(split.test_y), "subset": ""}
    yield NoveltyMeasured(
        **stamp, representation=kind, buckets=buckets, critical_radius=radius,
        edges=found.edges, counts=found.counts.astype(np.int32), accuracy=found.accuracy,
        confidence=found.confidence, memoriser=found.memoriser, critical=found.critical,
        shown=shown.astype(np.int32), shown_nearest=neighbours.index[shown].astype(np.int32),
        shown_novelty=neighbours.distance[shown], shown_as=found.predicted[shown].astype(np.int32),
        values=summary(found, split.train_y, split.test_y, searched=radius > 0),
    )  # fmt: skip


def makes_probabilities(loss: Loss) -> bool:
    """Whether a loss makes probabilities of the outputs, so that a net is confident in them."""
    return loss.form is Form.SOFTMAX


def summary(found: ByNovelty, train_y: Labels, test_y: Labels, *, searched: bool = False) -> dict[str, float | None]:
    """Give the numbers of a table that curves and comparisons have, by the names of their columns."""
    gap, memoriser = found.gap, found.memoriser
    remembered = train_y[found.neighbours.index] == test_y
    # net and memoriser answer the same points, so their gap has its error point by point
    ahead = (found.predicted == test_y).astype(float) - remembered
    values = {
        "familiar_accuracy": found.accuracy[0],
        "novel_accuracy": found.accuracy[-1],
        "novel_confidence": found.confidence[-1],
        "memoriser_accuracy": np.average(memoriser, weights=found.counts),
        "memoriser_familiar_accuracy": memoriser[0],
        "memoriser_novel_accuracy": memoriser[-1],
        "memoriser_fall": memoriser[0] - memoriser[-1],
        "memoriser_fall_error": _error(remembered, found),
        "familiar_gap": gap[0],
        "novel_gap": gap[-1],
        "gap_growth": gap[-1] - gap[0],
        "gap_growth_error": _error(ahead, found),
    }
    if searched:
        values |= {"familiar_critical": found.critical[0], "novel_critical": found.critical[-1]}
    return {name: known(value) for name, value in values.items()}


def _error(values: npt.NDArray[Any], found: ByNovelty) -> float:
    """Give the standard error of how far a mean over the least novel points is from that over the most novel."""
    ends = [values[found.bucket == bucket] for bucket in (0, len(found.counts) - 1)]
    return math.sqrt(sum(np.var(end, ddof=1) / len(end) if len(end) > 1 else math.nan for end in ends))
