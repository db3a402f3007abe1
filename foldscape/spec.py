"""``RunSpec``: everything that decides a run. Importing it does not import torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from foldscape.commands import Scheduled
from foldscape.data.base import DataSet, Examples, Split, index_array
from foldscape.data.plane import PlaneSet, Rings
from foldscape.data.validation import held_out, parted, with_validation
from foldscape.device import Device
from foldscape.engine.choose import why_not_compiled
from foldscape.growth_spec import Growth
from foldscape.losses import CrossEntropy, LossSpec
from foldscape.model import Model, added, held_together, in_forms
from foldscape.net.spec import MAX_PLANE_WIDTH, NetSpec, any_net
from foldscape.optimizer import Adam, OptimizerSpec
from foldscape.probes import ProbeSpec
from foldscape.probes.curvature import CurvatureProbe
from foldscape.probes.frame import FrameProbe
from foldscape.probes.slice import SliceProbe
from foldscape.probes.terms import TermsProbe
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
from foldscape.schedules.preview import SchedulePreview, marked, preview
from foldscape.shuffling import Shuffle
from foldscape.stop_spec import StopRule
from foldscape.terms import Term, TermSpec, WeightDecay
from foldscape.words import RunName

if TYPE_CHECKING:
    DataSpec = DataSet
    NetUnion = NetSpec
else:
    DataSpec = union_of("foldscape.data", DataSet)
    NetUnion = any_net()

Queue = Literal["interactive", "batch", "gpu"]

FRAMES_PER_SECOND = 20
"""Measurements a second of a run with a pace, as far as it keeps it."""


class Start(Model):
    """The weights that a run begins with: those of another run at a moment, with fresh memory of the optimiser."""

    run: RunName
    """The other run."""
    step: int | None = Field(None, ge=0, le=2**53)
    """Updates it had done; it has to keep a frame of that moment. Empty (``null``) is its newest."""
    digest: str = added("", pattern="^([0-9a-f]{16})?$", json_schema_extra={"readOnly": True})
    """Digest of the weights; written down when they are taken."""


class RunSpec(Model):
    """Everything that decides a run: the same spec gives the same bits on one machine."""

    data: DataSpec = Field(default_factory=Rings)
    """The points to learn from, and those to be tested on."""
    net: NetUnion = NetSpec()
    """The network at the start."""
    loss: LossSpec = CrossEntropy()
    """Loss to minimise, as a mean over the points.

    Where all its settings are at their defaults, it is written as its name."""
    optimizer: OptimizerSpec = Field(default_factory=lambda: Adam(lr=0.03))
    """How the weights follow the gradient."""
    terms: tuple[TermSpec, ...] = added((), max_length=16)
    """What is added to the loss and to its gradient before each update, in this order; one of a kind."""
    batch: int = Field(32, ge=1, le=100_000)
    """Points a mini-batch."""
    lr_schedule: ScheduleSpec = added(Constant())
    """How the learning rate changes from update to update."""
    batch_schedule: BatchScheduleSpec = added(ConstantBatch(), json_schema_extra=in_forms(advanced=True))
    """How the size of the mini-batches changes from epoch to epoch."""
    input_noise: float = added(0.0, ge=0, le=1000, json_schema_extra=in_forms(advanced=True))
    """Standard deviation of what an update adds to its inputs, in data units; measuring and growing never do."""
    validation_share: float = added(0.0, ge=0, le=0.9)
    """Share of the training points held out for validation, drawn by the seed, class by class; 0 for none."""
    shuffle: Shuffle = added("epoch", json_schema_extra=in_forms(advanced=True))
    """When the training points get a new order: before each epoch, once before the first, or never."""
    seed: int = Field(7, ge=0, le=2**31 - 1)
    """Seed of data, first weights, shuffles and growth."""
    growth: Growth = Growth()
    """How the net grows."""
    stop: StopRule = StopRule()
    """When the run ends."""
    probes: tuple[ProbeSpec, ...] = (FrameProbe(), CurvatureProbe(), SliceProbe())
    """What is measured besides loss and accuracy; the values of terms too, where there are any."""
    speed: float | None = Field(None, gt=0, le=10_000)
    """Pace in epochs a second; empty (``null``): maximum speed."""
    engine: Literal["auto", "torch", "compiled"] = Field("auto", json_schema_extra=in_forms(advanced=True))
    """What carries out the updates: compiled code for small nets, or PyTorch; auto takes the faster that can."""
    device: Device = Field("cpu", json_schema_extra=in_forms(advanced=True))
    """Hardware: the processor, or an NVIDIA card, which the GPU workers have."""
    queue: Queue = Field("interactive", json_schema_extra=in_forms(advanced=True))
    """Which workers take the run: those for runs to watch, those for long ones, or those with a card."""
    commands: tuple[Scheduled, ...] = Field((), max_length=10_000)
    """Commands known in advance, in order of their steps."""
    start: Start | None = added(None)
    """Begin with the weights of another run instead of random ones; its widths count, not net.hidden."""

    @property
    def calendar(self) -> Calendar:
        """Which update falls into which epoch, and how large its batch is."""
        return self.batch_schedule.calendar(self.batch, self.train_size, self.stop.epochs)

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

    def foreseen_rates(self) -> SchedulePreview:
        """Give learning rates, restarts and batch sizes along the run, as curves to draw."""
        return preview(self.lr_schedule, self.optimizer.lr, self._course)

    @property
    def _course(self) -> Course:
        calendar = self.calendar
        return Course(calendar, end=calendar.first_step(self.stop.epochs))

    @property
    def weight_decay(self) -> float:
        """Strength of the weight decay at the start, whether the optimiser names it or a term."""
        named = [term.strength for term in self.terms if isinstance(term, WeightDecay)]
        return named[0] if named else self.optimizer.weight_decay

    @property
    def other_terms(self) -> tuple[Term, ...]:
        """The terms besides weight decay."""
        return tuple(term for term in self.terms if not isinstance(term, WeightDecay))

    @model_validator(mode="after")
    def _tells_its_terms(self) -> Self:
        """Let a run with terms tell their values without being asked."""
        if self.terms and not any(isinstance(probe, TermsProbe) for probe in self.probes):
            self.__dict__["probes"] = (*self.probes, TermsProbe())
        return self

    @held_together
    def _names_each_term_once(self) -> Self:
        kinds = [term.kind for term in self.terms]
        if twice := [kind for kind in kinds if kinds.count(kind) > 1]:
            raise ValueError(f"terms name {twice[0]} more than once; give one of a kind")
        if "weight_decay" in kinds and self.optimizer.weight_decay:
            raise ValueError(
                f"optimizer.weight_decay {self.optimizer.weight_decay:g} and the term weight_decay are the same thing "
                "given twice; take one of them out"
            )
        return self

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
            chosen = points[index_array(chosen, len(points))].tolist()
        elif part == "validation":
            index_array(chosen, 0)
        return self.data.examples(self.seed, "train", chosen)

    @held_together
    def _fits_together(self) -> Self:
        train = self.train_size
        self._parts_fit()
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
        if "torch" not in self.net.can.engines and (self.engine == "torch" or self.device == "cuda"):
            lead = f"engine {self.engine}" if self.engine == "torch" else f"device {self.device}"
            raise ValueError(
                f"{lead} cannot train a net with wiring {self.net.wiring}, which takes compiled code on the processor; "
                "set engine to auto and device to cpu"
            )
        if "torch" not in self.net.can.engines and (reason := why_not_compiled(self)):
            raise ValueError(f"net.wiring {self.net.wiring} trains in compiled code, which {reason}; set it to layers")
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
            way = (
                f"take {least:g} to {min(0.9, 1 - least):g}, or 0"
                if least <= 0.5
                else "take 0: the set is too small for one"
            )
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
