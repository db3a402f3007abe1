"""Which points are learnt first, over many runs that differ in their first weights and orders alone.

Arpit et al. 2017 (arXiv 1706.05394), section 3.1: after one epoch some real examples are right in every run and others
in none, while random ones are all alike, as if each answer were drawn on its own: then the number of runs in which a
point is right is binomial.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Float64Array
from foldscape.chance import generator
from foldscape.engine.choose import engine_for
from foldscape.shuffling import order_of
from foldscape.spec import RunSpec


@dataclass(frozen=True)
class LearntFirst:
    """In how many of some runs each training point was right.

    Attributes:
        runs: Number of runs R.
        epochs: Epochs that each of them trained.
        counts: (N,) runs in which each point was answered as it is given.
        corrupted: (N,) whether the point is corrupted.
    """

    runs: int
    epochs: int
    counts: npt.NDArray[np.int64]
    corrupted: npt.NDArray[np.bool_]

    @property
    def shares(self) -> Float64Array:
        """(N,) share of the runs in which each point was right."""
        return self.counts / self.runs

    @property
    def excess(self) -> float:
        """Variance of the counts over that of the binomial distribution with their mean: 1 where all are alike."""
        mean = float(self.counts.mean()) / self.runs
        expected = self.runs * mean * (1 - mean)
        return float(self.counts.var() / expected) if expected else float("nan")

    def of(self, points: npt.NDArray[np.bool_]) -> LearntFirst:
        """Give the same of some of the points, chosen by a mask (N,)."""
        return replace(self, counts=self.counts[points], corrupted=self.corrupted[points])

    def chances(self) -> Float64Array:
        """Give the binomial chances (R + 1,) of being right in 0 to R runs that have the mean of the counts."""
        return _binomial(self.runs, float(self.shares.mean()))

    def binomial(self) -> Float64Array:
        """Give the sorted shares (N,) that points have of which none is easier than another."""
        points, chances = len(self.counts), self.chances().cumsum()
        return np.searchsorted(chances, (np.arange(points) + 0.5) / points).clip(0, self.runs) / self.runs


def learnt_first(spec: RunSpec, runs: int = 20, epochs: int = 1) -> LearntFirst:
    """Train a net several times on the same points and count which of them it has right.

    Args:
        spec: What is trained; data and corruption follow its seed, first weights and orders those from it on.
        runs: Number of runs R.
        epochs: Epochs that each trains.

    Returns:
        The counts.

    Example:
        >>> spec = RunSpec.model_validate({"data": {"kind": "gaussian_blobs", "n": 60}, "net": {"hidden": [8]}})
        >>> learnt_first(spec, runs=4, epochs=2).shares.shape
        (45,)
    """
    *_, last = counts_by_run(spec, runs, epochs)
    return last


def counts_by_run(spec: RunSpec, runs: int, epochs: int) -> Iterator[LearntFirst]:
    """Do the same run by run.

    Args:
        spec: What is trained.
        runs: Number of runs R, at least one.
        epochs: Epochs that each trains.

    Yields:
        The counts after each run.
    """
    split, calendar = spec.load(), spec.calendar
    points = len(split.train_y)
    counts = np.zeros(points, np.int64)
    for seed in range(spec.seed, spec.seed + runs):
        own = spec.model_copy(update={"seed": seed})
        net = spec.net.first_on(split.shape, split.classes, generator(seed, "weights", 0))
        engine, rates = engine_for(own, net, split), own.learning_rates()
        for epoch in range(epochs):
            engine.step = calendar.first_step(epoch)
            engine.begin_epoch(order_of(spec.shuffle, seed, epoch, points), calendar.batch_at(epoch), epoch)
            engine.train(0, calendar.steps_in(epoch), rates.of_epoch(epoch, engine.lr))
        counts = counts + (engine.weights.logits(split.train_x).argmax(axis=1) == split.train_y)
        yield LearntFirst(seed - spec.seed + 1, epochs, counts, split.corrupted)


def _binomial(runs: int, chance: float) -> Float64Array:
    """Give the chances (R + 1,) of 0 to R successes."""
    from scipy.stats import binom

    return np.asarray(binom.pmf(np.arange(runs + 1), runs, chance))
