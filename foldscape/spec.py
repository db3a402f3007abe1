"""``RunSpec``: everything that decides a run. Importing it does not import torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from foldscape.commands import Scheduled
from foldscape.data.base import DataSet, Examples, Split, within
from foldscape.data.plane import PlaneSet, Rings
from foldscape.data.validation import held_out, parted, with_validation
from foldscape.engine.choose import why_not_compiled
from foldscape.growth_spec import Growth
from foldscape.model import Model, added
from foldscape.net.losses import LossName
from foldscape.net.spec import MAX_PLANE_WIDTH, NetSpec
from foldscape.optimizer import SGD, Adam, Momentum, Optimizer
from foldscape.probes import ProbeSpec
from foldscape.probes.curvature import CurvatureProbe
from foldscape.probes.frame import FrameProbe
from foldscape.probes.slice import SliceProbe
from foldscape.registry import union_of
from foldscape.shuffling import Shuffle
from foldscape.stop_spec import StopRule

if TYPE_CHECKING:
    DataSpec = DataSet
    OptimizerSpec = Optimizer
else:
    from typing import Annotated

    DataSpec = union_of("foldscape.data", DataSet)
    OptimizerSpec = Annotated[SGD | Momentum | Adam, Field(discriminator="kind")]

Queue = Literal["interactive", "batch", "gpu"]

FRAMES_PER_SECOND = 20
"""Measurements a second of a run with a pace, as far as it keeps it."""


class RunSpec(Model):
    """Everything that decides a run: the same spec gives the same bits on one machine."""

    data: DataSpec = Field(default_factory=Rings)
    """The data set."""
    net: NetSpec = NetSpec()
    """The network at the start."""
    loss: LossName = "cross_entropy"
    """What is made small: the mean cross-entropy, or mse, half the squared distance from the one-hot class."""
    optimizer: OptimizerSpec = Field(default_factory=lambda: Adam(lr=0.03))
    """The optimiser."""
    batch: int = Field(32, ge=1, le=100_000)
    """Points a mini-batch."""
    validation_share: float = added(0.0, ge=0, le=0.9)
    """Share of the training points held out for validation, drawn by the seed, class by class; 0 for none."""
    shuffle: Shuffle = added("epoch")
    """When the training points get a new order: before each epoch, once before the first, or never."""
    seed: int = Field(7, ge=0, le=2**31 - 1)
    """Seed of data, first weights, shuffles and growth."""
    growth: Growth = Growth()
    """Growth."""
    stop: StopRule = StopRule()
    """When the run ends."""
    probes: tuple[ProbeSpec, ...] = (FrameProbe(), CurvatureProbe(), SliceProbe())
    """What is measured besides loss and accuracy."""
    speed: float | None = Field(None, gt=0, le=10_000)
    """Pace in epochs a second; ``null`` is as fast as it goes."""
    engine: Literal["auto", "torch", "compiled"] = "auto"
    """Who carries out the updates."""
    device: Literal["cpu", "cuda"] = "cpu"
    """Where."""
    queue: Queue = "interactive"
    """Which workers take the run."""
    commands: tuple[Scheduled, ...] = Field((), max_length=10_000)
    """Commands known in advance, in order of their steps."""

    @property
    def steps_per_epoch(self) -> int:
        """Updates an epoch: mini-batches that hold every training point once, the last one smaller."""
        return -(-self.train_size // self.batch)

    @property
    def train_size(self) -> int:
        """Number of points that the net learns from."""
        return self.data.train_size - self.validation_size

    @property
    def validation_size(self) -> int:
        """Number of training points that are held out for validation."""
        return held_out(self.validation_share, self.data.train_size)

    @property
    def parted(self) -> str:
        """How training, validation and test points are told apart, in words."""
        validated = f", {self.validation_share:g} of the rest to validate" if self.validation_share else ""
        return self.data.parted + validated

    def load(self) -> Split:
        """Make or read the points of the run.

        Returns:
            Training, validation and test points; the same bits for the same spec.

        Raises:
            InvalidInput: If the validation part would leave a class without points.
        """
        return with_validation(self.data.load(self.seed), self.validation_share, self.seed)

    def examples(self, part: Literal["train", "validation", "test"], chosen: Sequence[int]) -> Examples:
        """Give some points of the run to look at.

        Args:
            part: Which of its parts.
            chosen: m indices within that part.

        Returns:
            Their labels, with inputs or sentences where these can be looked at.

        Raises:
            InvalidInput: If there is no point of an index.
        """
        if part == "test":
            return self.data.examples(self.seed, "test", chosen)
        if self.validation_share:
            kept, held = parted(self.data.load(self.seed).train_y, self.validation_share, self.seed)
            points = kept if part == "train" else held
            chosen = points[within(chosen, len(points))].tolist()
        elif part == "validation":
            within(chosen, 0)
        return self.data.examples(self.seed, "train", chosen)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        train = self.train_size
        self._parts_fit()
        if self.batch > train:
            raise ValueError(f"batch {self.batch} is larger than the {train} training points; use {train} or less")
        if isinstance(self.data, PlaneSet) and any(width > MAX_PLANE_WIDTH for width in self.net.hidden):
            raise ValueError(
                f"net.hidden {list(self.net.hidden)} is wider than {MAX_PLANE_WIDTH}, the limit on plane data"
            )
        if self.engine == "compiled" and (reason := why_not_compiled(self)):
            raise ValueError(f"engine compiled: compiled code {reason}; set engine to auto or torch")
        if self.net.wiring == "dag" and (self.engine == "torch" or self.device == "cuda"):
            raise ValueError(
                f"a net with wiring dag trains in compiled code on the processor, not with engine {self.engine} on "
                f"{self.device}; set engine to auto and device to cpu"
            )
        if self.device == "cuda" and self.queue != "gpu":
            raise ValueError(f"device cuda needs queue gpu, not {self.queue}; set queue to gpu or device to cpu")
        steps = [scheduled.step for scheduled in self.commands]
        if steps != sorted(steps):
            raise ValueError("commands must stand in the order of their steps; sort them")
        return self

    def _parts_fit(self) -> None:
        """Refuse a validation part that cannot hold every class, and an early stop on what nobody measures."""
        held, train, classes = self.validation_size, self.train_size, self.data.classes
        if self.validation_share and min(held, train) < classes:
            part, points = ("validation", held) if held < classes else ("training", train)
            least = math.ceil(1000 * classes / self.data.train_size) / 1000
            way = f"take {least:g} to {1 - least:g}, or 0" if least <= 0.5 else "take 0: the set is too small for one"
            raise ValueError(
                f"validation_share {self.validation_share:g} leaves {points} {part} points for {classes} classes, so "
                f"that one has none; {way}"
            )
        early = self.stop.early_stop
        if early is None or early.on.startswith("train_"):
            return
        if not self.validation_share:
            raise ValueError(
                f"stop.early_stop.on {early.on} needs a validation part, and validation_share is 0; set it to 0.2, or "
                f"watch train_loss"
            )
        if early.on == "validation_matthews" and not self.data.uneven:
            raise ValueError(
                f"stop.early_stop.on {early.on} is measured of uneven data only, and {self.data.kind} is even; "
                f"use validation_accuracy"
            )
