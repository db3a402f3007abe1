"""Measure an ensemble: its members, what it gains with each, and every two of them; going on from what is known."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np

from foldscape.arrays import Float64Array
from foldscape.ensembles.mean_weights import mean_weights
from foldscape.ensembles.members import MemberNet, OpenRecord, opened, shared_split, train_indices
from foldscape.ensembles.pairs import pair_distance
from foldscape.ensembles.prediction import accuracy_on, mean_prediction, probabilities, score, shares_of
from foldscape.ensembles.rows import ADDED, BOUNDARY, IN_WEIGHTS, MEMBERS, PAIR, PairDistance
from foldscape.ensembles.spec import EnsembleSpec
from foldscape.landscape.evaluator import Evaluator
from foldscape.landscape.recorded.rows import LandscapeRow, row
from foldscape.net.mlp import Weights
from foldscape.probes.measuring.traced import traced_lines
from foldscape.progress import ALMOST, Progress
from foldscape.wire import finite

SIDE = 161
"""Grid points a side on which boundaries are traced."""


def follow(
    spec: EnsembleSpec,
    open_record: OpenRecord,
    *,
    rows: Iterable[Mapping[str, Any]] = (),
    threads: int | None = None,
) -> Iterator[Progress]:
    """Measure an ensemble of recorded nets, and tell what is finished.

    Args:
        spec: Which nets, and how they are weighed.
        open_record: Gives what a run left behind, by its name.
        rows: What earlier attempts have told, as plain JSON; only what is missing is measured.
        threads: Threads to measure with; ``None`` is one a processor.

    Yields:
        How far it is, with the rows that are new: ``members``, ``added.<m>``, ``boundary.<which>``, ``mean_weights``,
        ``pair.<i>-<j>``.

    Raises:
        FoldscapeError: If a run, a moment or the test points are not there, or the members do not go together.
    """
    yield Progress(share=0, doing="Reading the nets")
    ensemble = MeasuredEnsemble(spec, opened(spec.members, open_record), threads or os.cpu_count() or 1)
    known = {str(one["key"]) for one in rows}
    work = [*ensemble.quick(), *ensemble.pairs()]
    left = [(key, make) for key, make in work if key not in known]
    done = len(work) - len(left)
    for number, (key, make) in enumerate(left, done + 1):
        share = min(ALMOST, number / len(work))
        yield Progress(share=share, doing=f"{len(ensemble.members)} members: {_said(key)}", rows=(make(),))
    yield Progress(share=1, doing=f"{len(ensemble.members)} members")


class MeasuredEnsemble:
    """The nets of an ensemble with what they predict.

    Args:
        spec: How they are weighed.
        members: The nets.
        threads: Threads to measure with.

    Attributes:
        members: The nets.
        shares: (M,) weight of each; they sum to 1.
        predictions: M arrays (N, K), class probabilities on the test points.
    """

    def __init__(self, spec: EnsembleSpec, members: list[MemberNet], threads: int) -> None:
        self.members, self._points, self._threads = members, spec.points, threads
        self.split = shared_split(members, spec.weights)
        self.validated = [accuracy_on(one.net, self.split.validation_x, self.split.validation_y) for one in members]
        self.weights = np.ones(len(members)) if spec.weights == "equal" else np.array(self.validated)
        self.shares = shares_of(self.weights, len(members))
        self.predictions = [probabilities(one.net, self.split.test_x) for one in members]
        self._evaluator: tuple[int, Evaluator] | None = None

    def quick(self) -> Iterator[tuple[str, Any]]:
        """Give key and maker of each row that takes moments."""
        yield MEMBERS, self._members
        for count in range(1, len(self.members) + 1):
            yield f"{ADDED}.{count}", lambda count=count: self._added(count)
        yield IN_WEIGHTS, self._in_weights
        if self.split.is_plane:
            for which in range(len(self.members)):
                yield f"{BOUNDARY}.{which}", lambda which=which: self._boundary(which)
            yield f"{BOUNDARY}.ensemble", lambda: self._boundary(None)

    def pairs(self) -> Iterator[tuple[str, Any]]:
        """Give key and maker of the row of every two members."""
        for first, second in combinations(range(len(self.members)), 2):
            yield f"{PAIR}.{first}-{second}", lambda first=first, second=second: self._pair(first, second)

    def prediction(self, count: int) -> Float64Array:
        """Give what the first so many members predict together on the test points."""
        return mean_prediction(self.predictions[:count], self.weights[:count])

    def between(self, first: int, second: int) -> PairDistance:
        """Hold two members against each other."""
        a, b = self.members[first], self.members[second]
        predictions = self.predictions[first], self.predictions[second]
        return pair_distance((a.net, b.net), predictions, self.split, lambda: self._measuring(first), self._points)

    def mean_weights(self) -> Weights | None:
        """Give the net whose weights are the mean of the members'.

        Returns:
            The net, with running statistics of the training points; ``None`` where they share no parameter space.
        """
        return mean_weights([one.net for one in self.members], self.shares.tolist(), self.split.train_x)

    def _measuring(self, which: int) -> Evaluator:
        """Give what measures nets of a member's shape; kept, as pairs of one first member follow each other."""
        if self._evaluator is None or self._evaluator[0] != which:
            one, split = self.members[which], self.split
            x, loss = split.train_x, one.spec.loss
            made = one.net.evaluator(x, split.train_y, loss, threads=self._threads, renewed_on=x)
            self._evaluator = which, made
        return self._evaluator[1]

    def _members(self) -> LandscapeRow:
        lines = []
        for place, one in enumerate(self.members):
            found = asdict(score(self.predictions[place], self.split.test_y))
            lines.append(
                {
                    "name": one.name, "run": one.run, "step": one.step,
                    "epoch": one.spec.calendar.epoch_at(one.step), "parameters": one.net.parameters,
                    "weight": float(self.shares[place]), "validation_accuracy": finite(self.validated[place]),
                    "points": len(train_indices(one, self.split)),
                    **{name: finite(value) for name, value in found.items()},
                }
            )  # fmt: skip
        about = {"test_points": len(self.split.test_y), "classes": self.split.classes, "plane": self.split.is_plane}
        return row(MEMBERS, about | {"loss": self.members[0].spec.loss.label, "members": lines}, {})

    def _added(self, count: int) -> LandscapeRow:
        found = asdict(score(self.prediction(count), self.split.test_y))
        return row(f"{ADDED}.{count}", {"members": count} | {name: finite(value) for name, value in found.items()}, {})

    def _in_weights(self) -> LandscapeRow:
        net = self.mean_weights()
        if net is None:
            why = "The members have other layers or edges, so their weights have no mean."
            return row(IN_WEIGHTS, {"why_not": why, "accuracy": None, "nll": None, "ece": None}, {})
        found = asdict(score(probabilities(net, self.split.test_x), self.split.test_y))
        return row(IN_WEIGHTS, {"why_not": ""} | {name: finite(value) for name, value in found.items()}, {})

    def _boundary(self, which: int | None) -> LandscapeRow:
        nets = self.members if which is None else [self.members[which]]
        weights = self.weights if which is None else None

        def outputs(points: Float64Array) -> Float64Array:
            return mean_prediction([probabilities(one.net, points) for one in nets], weights)

        lines = traced_lines(outputs, self.split.box, SIDE)
        name = "ensemble" if which is None else str(which)
        return row(f"{BOUNDARY}.{name}", {"box": list(self.split.box)}, {"lines": lines})

    def _pair(self, first: int, second: int) -> LandscapeRow:
        found = {name: finite(value) for name, value in self.between(first, second).plain().items()}
        return row(f"{PAIR}.{first}-{second}", {"first": first, "second": second} | found, {})


def _said(key: str) -> str:
    name, _, which = key.partition(".")
    return {MEMBERS: "each by itself", ADDED: f"the first {which}", IN_WEIGHTS: "the mean of their weights"}.get(
        name, f"{'the boundary' if name == BOUNDARY else 'the pair'} {which}"
    )
