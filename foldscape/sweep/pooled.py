"""One line of a sweep that is an ensemble: its runs one after another, and what their nets come to together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from foldscape.arrays import Float64Array
from foldscape.data.base import Split
from foldscape.ensembles.mean_weights import mean_weights
from foldscape.ensembles.pairs import pair_distance
from foldscape.ensembles.prediction import accuracy_on, mean_prediction, probabilities, score
from foldscape.ensembles.rows import PAIRWISE, PairDistance
from foldscape.landscape.evaluator import Evaluator
from foldscape.net.mlp import Weights
from foldscape.spec import RunSpec
from foldscape.sweep.expand import PlannedRun
from foldscape.sweep.moments import Moment, alone, straight
from foldscape.sweep.straight import trains_straight


def pooled(cell: PlannedRun, every: int, *, apart: bool) -> Iterator[Moment]:
    """Train the runs of an ensemble one after another, and measure it with each net that joins.

    Args:
        cell: The ensemble.
        every: Epochs between two rows.
        apart: Whether to send even those runs through the run loop that could do without.

    Yields:
        Moments along all runs, laid end to end; at those where a net joins ``pooled`` tells what the ensemble is.
    """
    pool = Pool(cell.spec.shared_points(), cell.spec, cell.weights)
    for member in range(cell.members):
        run = cell.spec.model_copy(update={"member": member})
        epochs, updates = member * run.stop.epochs, member * run.updates
        seconds, joins = pool.seconds, set(run.cycle_ends) if cell.members == 1 else set()
        for moment in _moments(run, every, apart=apart):
            ends = bool(moment.over) and not moment.failed
            last = moment.failed or (ends and member == cell.members - 1)
            told = pool.joined(moment.net) if moment.updates in joins or (ends and not joins) else {}
            pool.seconds = seconds + moment.seconds
            epoch = moment.epoch + epochs
            yield replace(
                moment,
                epoch=epoch,
                scalars=moment.scalars and moment.scalars | {"epoch": epoch},
                updates=moment.updates + updates,
                seconds=pool.seconds,
                over=moment.over if last else "",
                pooled=told,
            )
            if moment.failed:
                return


def joining_epochs(run: RunSpec, members: int) -> list[float]:
    """Give the epochs of a run at whose ends its nets join the ensemble."""
    ends = run.cycle_ends if members == 1 else (run.updates,)
    return [run.calendar.epoch_at(step) for step in ends]


def _moments(run: RunSpec, every: int, *, apart: bool) -> Iterator[Moment]:
    """Give the moments of one run, those at which a net joins with a row of scalars."""
    if apart or not trains_straight(run):
        yield from alone(run)
        return
    scored = math.gcd(every, *(round(epoch) for epoch in joining_epochs(run, 1)), run.stop.epochs)
    yield from straight(run, run.load(), scored, {})


class Pool:
    """The nets of an ensemble as they join.

    Args:
        split: The points that its members share.
        run: What its runs have in common.
        weights: How predictions are weighed.

    Attributes:
        seconds: Seconds of training so far.
    """

    def __init__(self, split: Split, run: RunSpec, weights: str) -> None:
        self._split, self._loss, self._weighed = split, run.loss, weights != "equal"
        self._nets: list[Weights] = []
        self._predictions: list[Float64Array] = []
        self._accuracies: list[float] = []
        self._weights: list[float] = []
        self._pairs: list[PairDistance] = []
        self._evaluator: tuple[Weights, Evaluator] | None = None
        self.seconds = 0.0

    def joined(self, net: Weights) -> dict[str, float]:
        """Take a net in, and measure the ensemble.

        Args:
            net: The net.

        Returns:
            Its columns by name; NaN where a measure means nothing.
        """
        split = self._split
        prediction = probabilities(net, split.test_x)
        self._pairs += [
            pair_distance((other, net), (its, prediction), split, lambda: self._measuring(net))
            for other, its in zip(self._nets, self._predictions, strict=True)
        ]
        self._nets.append(net)
        self._predictions.append(prediction)
        self._accuracies.append(score(prediction, split.test_y).accuracy)
        self._weights.append(accuracy_on(net, split.validation_x, split.validation_y) if self._weighed else 1.0)
        return self._columns()

    def _measuring(self, net: Weights) -> Evaluator:
        """Give what measures nets of this shape; kept as long as nets of that shape join."""
        if self._evaluator is None or not self._evaluator[0].shares_space(net):
            x = self._split.train_x
            made = net.evaluator(x, self._split.train_y, self._loss, threads=1, renewed_on=x)
            self._evaluator = net, made
        return self._evaluator[1]

    def _columns(self) -> dict[str, float]:
        together = score(mean_prediction(self._predictions, self._weights), self._split.test_y)
        single = float(np.mean(self._accuracies))
        found = {
            "ensemble_members": float(len(self._nets)),
            "ensemble_accuracy": together.accuracy,
            "ensemble_loss": together.nll,
            "ensemble_calibration": together.ece,
            "member_accuracy": single,
            "ensemble_gain": together.accuracy - single,
            "mean_weights_accuracy": self._of_mean_weights(),
        }
        for name in PAIRWISE:
            values = np.array([getattr(pair, name) for pair in self._pairs])
            known = values[~np.isnan(values)]
            found[f"ensemble_{name}"] = float(known.mean()) if len(known) else math.nan
        return found

    def _of_mean_weights(self) -> float:
        shares = (np.array(self._weights) / sum(self._weights)).tolist()
        net = mean_weights(self._nets, shares, self._split.train_x)
        return math.nan if net is None else score(probabilities(net, self._split.test_x), self._split.test_y).accuracy
