"""``RunSpec``: everything that decides a run. Importing it does not import torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from foldscape.commands import Scheduled
from foldscape.data.base import DataSet
from foldscape.data.plane import PlaneSet, Rings
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
from foldscape.schedules import (
    BatchScheduleSpec,
    Calendar,
    Constant,
    ConstantBatch,
    Course,
    LearningRates,
    ScheduleSpec,
)
from foldscape.schedules.preview import Preview, marked, preview

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


class Plateau(Model):
    """The training loss has stopped falling."""

    patience: int = Field(60, ge=1, le=100_000)
    """Epochs to look back."""
    min_delta: float = Field(0.01, ge=0, le=1)
    """Share by which the loss has to fall within the patience."""
    then: Literal["pause", "stop"] = "pause"
    """What to do."""


class StopRule(Model):
    """When a run ends or pauses by itself."""

    epochs: int = Field(2000, ge=1, le=1_000_000)
    """The run is done after so many epochs."""
    plateau: Plateau | None = None
    """Also when the loss no longer falls."""


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
    lr_schedule: ScheduleSpec = added(Constant())
    """How the learning rate changes from update to update."""
    batch_schedule: BatchScheduleSpec = added(ConstantBatch())
    """How the size of the mini-batches changes from epoch to epoch."""
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
    def calendar(self) -> Calendar:
        """Which update falls into which epoch, and how large its batch is."""
        return self.batch_schedule.calendar(self.batch, self.data.train_size, self.stop.epochs)

    @property
    def steps_per_epoch(self) -> int:
        """Updates of the first epoch: mini-batches that hold every training point once, the last one smaller."""
        return self.calendar.steps_in(0)

    @property
    def updates(self) -> int:
        """Updates of all epochs."""
        return self.calendar.first_step(self.stop.epochs)

    def learning_rates(self) -> LearningRates:
        """Give what the schedule makes of a learning rate, update by update."""
        return LearningRates(self.lr_schedule, self._course)

    @property
    def restarts(self) -> tuple[int, ...]:
        """Updates at which the learning rate jumps up again; none where there are too many to be marked."""
        return marked(self.lr_schedule, self._course)

    def foreseen_rates(self) -> Preview:
        """Give learning rates, restarts and batch sizes along the run, as curves to draw."""
        return preview(self.lr_schedule, self.optimizer.lr, self._course)

    @property
    def _course(self) -> Course:
        calendar = self.calendar
        return Course(calendar, end=calendar.first_step(self.stop.epochs))

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        train = self.data.train_size
        if self.batch > train:
            raise ValueError(f"batch {self.batch} is larger than the {train} training points; use {train} or less")
        if trouble := self.batch_schedule.problem(self.batch, train, self.stop.epochs):
            raise ValueError(f"batch_schedule.{trouble}")
        if trouble := self.lr_schedule.problem(self.optimizer.lr, self._course):
            raise ValueError(f"lr_schedule.{trouble}")
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
