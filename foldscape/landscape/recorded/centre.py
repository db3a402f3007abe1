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
    ) -> None:
        self._open, self._threads = open_record, threads
        self.run = RecordedRun(open_record(run))
        self._device = device or self.run.spec.device
        self.at: RecordedMoment = self.run.net(step)
        self._split = subset(self.run.spec.load(), data.points)
        self._net = self.at.net
        self.theta, self.blocks = self.at.theta, self.at.blocks
        on_train, on_test = data.split in ("train", "both"), data.split in ("test", "both")
        self.train = self._evaluator(self._split.train_x, self._split.train_y) if on_train else None
        self.test = (
            self._evaluator(self._split.test_x, self._split.test_y) if on_test and len(self._split.test_x) else None
        )
        if self.train is None and self.test is None:
            raise NotPossible("This run has no test points.", hint="Measure on its training points.")
        self._sharpest: tuple[Direction, ...] = ()

    def _evaluator(self, x: np.ndarray, y: np.ndarray) -> Evaluator:
        loss, threads, device = self.run.spec.loss, self._threads, self._device
        found: Evaluator = self._net.evaluator(x, y, loss, threads=threads, device=device)
        return found

    @cached_property
    def objective(self) -> Objective:
        """The loss on the training points, in float64; on the test points where only those are measured."""
        split = self._split
        x, y = (split.train_x, split.train_y) if self.train is not None else (split.test_x, split.test_y)
        return self._net.objective(x, y, self.run.spec.loss)

    def objectives(self) -> list[tuple[str, Objective]]:
        """Give the loss in float64 on each part of the data, by the name of its points."""
        split = self._split
        points = {"train": (split.train_x, split.train_y), "test": (split.test_x, split.test_y)}
        return [(name, self._net.objective(*points[name], self.run.spec.loss)) for name, _ in self.evaluators()]

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
        return self.at.space.aligned(self.theta, other.theta, self.blocks) if aligned else other.theta

    @property
    def can_be_ordered(self) -> bool:
        """Whether another net's units can be put in the order of this one's."""
        return self.at.space.is_ordered

    def _check_space(self, spec: RunSpec, other: RecordedMoment) -> None:
        """Raise NotPossible unless another net has the same parameters, by the same loss."""
        if spec.loss != self.run.spec.loss:
            raise NotPossible(
                f"One run trains on {self.run.spec.loss.label} and the other on {spec.loss.label}, so no loss is that "
                "of both.",
                hint="Choose runs that train on the same loss.",
            )
        own, its = ([part.tolist() for part in _edges(one.net)] for one in (self.at, other))
        if own != its or self.at.net.can is not other.net.can:
            words = self.at.net.can.words if own else other.net.can.words
            raise NotPossible(
                f"{words[0].upper()}{words[1:]} shares its parameters with nets of the very same edges alone.",
                hint="Choose another moment of this run without an insertion between, or runs with wiring layers.",
            )
        if [weight.shape for weight in other.moment.weights] != [weight.shape for weight in self.at.moment.weights]:
            shapes = ["-".join(str(size) for size in sizes(one.moment)) for one in (self.at, other)]
            raise NotPossible(
                f"A net {shapes[0]} and a net {shapes[1]} share no parameter space.",
                hint="Choose runs and moments with the same layers.",
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
        pairs = (("train", self.train), ("test", self.test))
        return [(name, evaluator) for name, evaluator in pairs if evaluator is not None]

    def about(self) -> dict[str, Any]:
        """Tell in plain JSON what is in the middle, and on how many points it is measured."""
        spec = self.run.spec.net
        return self.at.net.layout() | {
            "step": self.at.moment.step,
            "epoch": self.at.epoch,
            "sizes": sizes(self.at.moment),
            "loss": self.run.spec.loss.model_dump(mode="json"),
            "normed": self.run.is_normed(self.at.moment.step),
            "activation": spec.activation,
            "slope": self.at.net.inactive_slope,
            "points": {
                "train": self.train.samples if self.train else 0,
                "test": self.test.samples if self.test else 0,
            },
        }


def _edges(net: Weights) -> Iterator[np.ndarray]:
    return (part for name, part in net.connections().items() if name == "edges")


def sizes(moment: Any) -> list[int]:
    """Give the widths of all layers of a net, inputs first."""
    return [int(moment.weights[0].shape[1]), *(len(bias) for bias in moment.biases)]


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
