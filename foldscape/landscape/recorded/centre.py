"""What a landscape is measured on: the net in its middle, the data, and the directions it is cut along."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from foldscape.curvature import Objective, probe_subset
from foldscape.data.base import Split
from foldscape.device import Device
from foldscape.errors import InvalidInput, NotPossible
from foldscape.landscape import (
    Components,
    Direction,
    Embedded,
    Evaluator,
    eigen_directions,
    gradient_direction,
    principal_components,
    radial_direction,
    random_direction,
    towards,
)
from foldscape.landscape.recorded.moments import RecordedMoment, RecordedRun
from foldscape.landscape.recorded.run_record import RunRecord
from foldscape.landscape.spec import (
    DirectionSpec,
    Eigenvector,
    Gradient,
    Measured,
    PathComponent,
    Radial,
    Random,
    Scale,
    Towards,
)
from foldscape.net.averaging import with_statistics_of
from foldscape.net.mlp import Weights
from foldscape.spec import RunSpec


class Centre:
    """One moment of one run, ready to be measured around.

    Args:
        open_record: Gives what a run left behind, by its name.
        run: The run.
        step: Updates done at the moment; ``None`` is the newest.
        data: What is measured on.
        threads: Threads to measure with.
        device: Where torch computes; ``None`` is where the run trains.
        joins: Whether what is measured lies between different nets: running statistics that a net keeps are then
            computed anew on the training points at every point of parameters.

    Raises:
        FoldscapeError: If run, moment or data are not there.
    """

    def __init__(
        self,
        open_record: Callable[[str], RunRecord],
        run: str,
        step: int | None,
        data: Measured,
        threads: int,
        device: Device | None = None,
        *,
        joins: bool = False,
    ) -> None:
        self._open, self._threads = open_record, threads
        self.run = RecordedRun(open_record(run))
        self._device = device or self.run.spec.device
        self.at: RecordedMoment = self.run.net(step)
        self._split = subset(self.run.spec.load(), data.points)
        self._net = self.at.net
        self.theta, self.blocks = self.at.theta, self.at.blocks
        on_train, on_test = data.split in ("train", "both"), data.split in ("test", "both")
        self._parts = ("train",) * on_train + ("test",) * (on_test and len(self._split.test_x) > 0)
        if not self._parts:
            raise NotPossible("This run has no test points.", hint="Measure on its training points.")
        self.is_renewed = joins and self._net.keeps_statistics
        self._measuring = {name: self._evaluator(name, renewed=self.is_renewed) for name in self._parts}
        self.train, self.test = self._measuring.get("train"), self._measuring.get("test")
        self._sharpest: tuple[Direction, ...] = ()

    def _evaluator(self, part: str, *, renewed: bool) -> Evaluator:
        renewing, loss = self._split.train_x if renewed else None, self.run.spec.loss
        found: Evaluator = self._net.evaluator(*self._points(part), loss, self._threads, self._device, renewing)
        return found

    def _points(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        split = self._split
        return (split.train_x, split.train_y) if part == "train" else (split.test_x, split.test_y)

    @cached_property
    def objective(self) -> Objective:
        """The loss on the training points, in float64; on the test points where only those are measured."""
        return self._objective_of(self._net, self._parts[0])

    def objectives(self) -> list[tuple[str, Objective]]:
        """Give the loss in float64 on each part of the data, by the name of its points."""
        return [(name, self._objective_of(self._net, name)) for name in self._parts]

    def _objective_of(self, net: Weights, part: str) -> Objective:
        return net.objective(*self._points(part), self.run.spec.loss)

    def gradient_at(self, theta: np.ndarray) -> np.ndarray:
        """Give the gradient (P,) of that loss at other parameters, with the running statistics of a net that has them.

        Args:
            theta: (P,) where.

        Returns:
            The gradient.
        """
        if not self._net.keeps_statistics:
            return self.objective.gradient(theta)
        there = with_statistics_of(self._net.with_vector(theta), self._split.train_x)
        return self._objective_of(there, self._parts[0]).gradient()

    @property
    def classes(self) -> int:
        """Number of classes of the data."""
        return self._split.classes

    @cached_property
    def path(self) -> Embedded:
        """The training path up to the moment, in the parameters of the moment.

        Raises:
            NotPossible: If the net lost parameters on its way.
        """
        return self.at.space.path(self._moments[self._start :], self.run.copies())

    @cached_property
    def _moments(self) -> list[RecordedMoment]:
        return self.run.path(self.at.moment.step)

    @cached_property
    def _start(self) -> int:
        return self.at.space.beginning(self._moments, self.run.copies())

    @property
    def path_from(self) -> float | None:
        """Epoch at which the path begins because the net had other layers before; ``None`` where it begins at once."""
        return self._moments[self._start].epoch if self._start else None

    @cached_property
    def components(self) -> Components:
        """The two directions in which the path moves most.

        Raises:
            NotPossible: If it does not span a plane.
        """
        return principal_components(self.path)

    def other(self, run: str, step: int | None, *, aligned: bool) -> np.ndarray:
        """Give another net as a vector (P,), its units put in the order that matches best if asked for.

        Returns:
            (P,) in the order of this net's parameters.

        Raises:
            NotPossible: If it has other layers.
        """
        recorded = RecordedRun(self._open(run))
        other = recorded.net(step)
        self._check_space(recorded.spec, other)
        return self.at.space.aligned(self._net, other.net) if aligned else other.theta

    @property
    def why_not_ordered(self) -> str:
        """Why another net's units cannot be put in the order of this one's, as a sentence; empty where they can."""
        return self.at.space.why_not_ordered(self._net)

    def _check_space(self, spec: RunSpec, other: RecordedMoment) -> None:
        """Raise NotPossible unless another net has the same parameters, by the same loss."""
        if spec.loss != self.run.spec.loss:
            raise NotPossible(
                f"One run trains on {self.run.spec.loss.label} and the other on {spec.loss.label}, so no loss is that "
                "of both.",
                hint="Choose runs that train on the same loss.",
            )
        own, its = ([part.tolist() for part in _edges(one.net)] for one in (self.at, other))
        apart = self.at.net.why_apart(other.net)
        if own != its:
            words = self.at.net.can.words if own else other.net.can.words
            raise NotPossible(
                f"{words[0].upper()}{words[1:]} shares its parameters with nets of the very same edges alone.",
                hint="Choose another moment of this run without an insertion between, or runs with wiring layers.",
            )
        shapes = [[part.shape for part in one.net.flat()] for one in (self.at, other)]
        if shapes[0] != shapes[1] and self.at.net.can is other.net.can:
            shown = ["-".join(str(size) for size in sizes(one.net)) for one in (self.at, other)]
            raise NotPossible(
                f"A net {shown[0]} and a net {shown[1]} share no parameter space.",
                hint="Choose runs and moments with the same layers.",
            )
        if apart:
            raise NotPossible(
                f"The two nets share no parameter space: {apart}.", hint="Choose runs of the same kind of net."
            )

    def direction(self, spec: DirectionSpec, scale: Scale) -> Direction:
        """Work a direction out.

        Returns:
            The direction, as long as one step.

        Raises:
            FoldscapeError: If this net does not have it.
        """
        return replace(self._found(spec), blocks=self.blocks).scaled(scale, self.theta)

    def _found(self, spec: DirectionSpec) -> Direction:
        match spec:
            case Eigenvector():
                return self._eigenvector(spec.index)
            case Random():
                return random_direction(self.theta, self.blocks, spec.seed, spec.mode, spec.biases)
            case PathComponent():
                known = self.components if spec.index <= 2 else principal_components(self.path, k=spec.index)
                return known.directions[spec.index - 1]
            case Gradient():
                return gradient_direction(self.objective)
            case Radial():
                return radial_direction(self.theta, self.blocks)
            case Towards():
                other = self.other(spec.run, spec.step, aligned=spec.aligned)
                return towards(self.theta, other, self.blocks, f"towards {spec.run}")

    def _eigenvector(self, index: int) -> Direction:
        if index > self.objective.size:
            raise InvalidInput(
                f"A net of {self.objective.size} parameters has no direction v{index}.",
                hint=f"Choose v1 to v{self.objective.size}.",
            )
        if len(self._sharpest) < index:
            self._sharpest = eigen_directions(self.objective, max(2, index) if self.objective.size > 1 else 1)
        return self._sharpest[index - 1]

    def evaluators(self) -> list[tuple[str, Evaluator]]:
        """Give what is measured with, by the name of its points."""
        return list(self._measuring.items())

    def evaluators_between(self) -> list[tuple[str, Evaluator]]:
        """Give what other nets are measured with: by running statistics of their own, where they keep any."""
        if self.is_renewed or not self._net.keeps_statistics:
            return self.evaluators()
        return [(name, self._evaluator(name, renewed=True)) for name in self._parts]

    def about(self) -> dict[str, Any]:
        """Tell in plain JSON what is in the middle, and on how many points it is measured."""
        spec = self.run.spec.net
        return self.at.net.layout() | {
            "step": self.at.moment.step,
            "epoch": self.at.epoch,
            "sizes": sizes(self.at.net),
            "loss": self.run.spec.loss.model_dump(mode="json"),
            "normed": self.run.is_normed(self.at.moment.step),
            "statistics": ("renewed" if self.is_renewed else "kept") if self.at.net.keeps_statistics else "",
            "activation": spec.activation,
            "slope": self.at.net.inactive_slope,
            "points": {
                "train": self.train.samples if self.train else 0,
                "test": self.test.samples if self.test else 0,
            },
        }


def _edges(net: Weights) -> Iterator[np.ndarray]:
    return (part for name, part in net.connections().items() if name == "edges")


def sizes(net: Weights) -> list[int]:
    """Give the widths of all layers of a net, inputs first; of one of blocks, the inner widths of these."""
    return [net.features, *net.hidden, net.classes]


def subset(split: Split, most: int | None) -> Split:
    """Take one fixed draw of at most so many points from each part of a split."""
    if most is None:
        return split
    chosen = [
        probe_subset(len(x), limit=most).indices if len(x) else np.zeros(0, int) for x in (split.train_x, split.test_x)
    ]
    (train, test), kept = chosen, split
    return Split(
        kept.train_x[train], kept.train_y[train], kept.test_x[test], kept.test_y[test], kept.classes, kept.image_shape
    )
