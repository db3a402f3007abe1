"""``RunSpec``: everything that decides a run. Importing it does not import torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, ValidationInfo, field_validator

from foldscape.arrays import Indices
from foldscape.augmentation import AugmentationSpec
from foldscape.averaging import AverageSpec, NoAverage
from foldscape.chance import member_seed
from foldscape.commands import Scheduled
from foldscape.data.base import DataSet, Examples, Split, index_array
from foldscape.data.corruption import Corruption, spoilt
from foldscape.data.loading import load
from foldscape.data.plane import Rings
from foldscape.data.scaling import Normalise
from foldscape.data.validation import held_out, parted
from foldscape.device import Device
from foldscape.engine.adversarial import Adversarial
from foldscape.engine.base import Precision
from foldscape.fitting import misfits
from foldscape.growth_spec import Growth
from foldscape.losses import CrossEntropy, LossSpec
from foldscape.model import Model, added, held_together, in_forms
from foldscape.net.spec import NetSpec, any_net
from foldscape.optimizer import Adam, OptimizerSpec
from foldscape.probes import Probe, ProbeSpec
from foldscape.probes.average import AverageProbe
from foldscape.probes.curvature import CurvatureProbe
from foldscape.probes.frame import FrameProbe
from foldscape.probes.hills import HillsProbe
from foldscape.probes.nudged import NudgedProbe
from foldscape.probes.slice import SliceProbe
from foldscape.probes.terms import TermsProbe
from foldscape.registry import union_of
from foldscape.resampling import AllPoints, ResamplingSpec
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
from foldscape.terms import HillPenalty, Term, TermSpec, WeightDecay
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
    average: AverageSpec = added(NoAverage())
    """Keep the average of the weights along the run as a second net, and measure it; training never sees it."""
    input_noise: float = added(0.0, ge=0, le=1000, json_schema_extra=in_forms(advanced=True))
    """Standard deviation of what an update adds to its inputs, in data units; measuring and growing never do."""
    input_dropout: float = added(0.0, ge=0, lt=1, json_schema_extra=in_forms(advanced=True))
    """Probability that an update leaves an input out for a sample; measuring and growing never do."""
    adversarial: Adversarial | None = added(None, json_schema_extra=in_forms(advanced=True))
    """Updates move their inputs to where the loss is larger, within a radius; empty (``null``) for none."""
    validation_share: float = added(0.0, ge=0, le=0.9)
    """Share of the training points held out for validation, drawn by the seed, class by class; 0 for none."""
    corrupt: Corruption = added(Corruption())
    """Labels, inputs and pixels of the training points that are corrupted, each with its share, drawn by the seed."""
    augment: tuple[AugmentationSpec, ...] = added((), max_length=8)
    """How an update changes the pictures that it learns from, in this order, one of a kind; measuring never sees it."""
    normalise: Normalise = added("none", json_schema_extra=in_forms(advanced=True))
    """How the net reads its inputs: as they are, each channel by its mean and deviation over the training points, or
    without the mean training picture."""
    resample: ResamplingSpec = added(AllPoints(), json_schema_extra=in_forms(advanced=True))
    """Which of the other training points the run learns from: all, or a draw of its own for each member."""
    shuffle: Shuffle = added("epoch", json_schema_extra=in_forms(advanced=True))
    """When the training points get a new order: before each epoch, once before the first, or never."""
    seed: int = Field(7, ge=0, le=2**31 - 1)
    """Seed of data, first weights, shuffles and growth."""
    member: int = added(0, ge=0, le=9999, json_schema_extra=in_forms(advanced=True))
    """Number among the members of an ensemble: another one has the same data and all other chance of its own."""
    growth: Growth = Growth()
    """How the net grows."""
    stop: StopRule = StopRule()
    """When the run ends."""
    probes: tuple[ProbeSpec, ...] = Field((FrameProbe(), CurvatureProbe(), SliceProbe()), validate_default=True)
    """What is measured besides loss and accuracy; what terms, hills and nudged directions do too, if there are any."""
    speed: float | None = Field(None, gt=0, le=10_000)
    """Pace in epochs a second; empty (``null``): maximum speed."""
    engine: Literal["auto", "torch", "compiled"] = Field("auto", json_schema_extra=in_forms(advanced=True))
    """What carries out the updates: compiled code for small nets, or PyTorch; auto takes the faster that can."""
    device: Device = Field("cpu", json_schema_extra=in_forms(advanced=True))
    """Hardware: the processor, or an NVIDIA card, which the GPU workers have."""
    precision: Precision = added("float32", json_schema_extra=in_forms(advanced=True))
    """What updates multiply in: bfloat16 is quicker on a card; weights, sums and all that is measured stay float32."""
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
        return LearningRates(self.lr_schedule, self.course)

    @property
    def restarts(self) -> tuple[int, ...]:
        """Updates at which the learning rate jumps up again; none where there are too many to be marked."""
        return marked(self.lr_schedule, self.course)

    @property
    def cycle_ends(self) -> tuple[int, ...]:
        """Updates done at the moments whose nets its schedule makes members of an ensemble; those frames are kept."""
        return self.learning_rates().members

    @property
    def chance(self) -> int:
        """Seed of all chance but that of the points: first weights, shuffles, growth, dropout, probes."""
        return member_seed(self.seed, self.member)

    def foreseen_rates(self) -> SchedulePreview:
        """Give learning rates, restarts and batch sizes along the run, as curves to draw."""
        return preview(self.lr_schedule, self.optimizer.lr, self.course)

    @property
    def course(self) -> Course:
        """The updates that its schedules cover."""
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

    @field_validator("net")
    @classmethod
    def _knows_the_symbols(cls, net: NetSpec, known: ValidationInfo) -> NetSpec:
        """Give a net that reads sentences as many vectors as its data have symbols, unless it says how many."""
        return net.reading(known.data["data"].symbols) if "data" in known.data else net

    @field_validator("probes")
    @classmethod
    def _tell_of_what_it_keeps(cls, probes: tuple[Probe, ...], known: ValidationInfo) -> tuple[Probe, ...]:
        """Let a run with terms, nudged directions or an average tell their values without being asked."""
        terms, asked = known.data.get("terms") or (), {type(probe) for probe in probes}
        optimizer = known.data.get("optimizer")
        unasked: tuple[Probe, ...] = (TermsProbe(),) if terms else ()
        if any(isinstance(term, HillPenalty) for term in terms):
            unasked = (*unasked, HillsProbe())
        if optimizer is not None and optimizer.sharpest is not None:
            unasked = (*unasked, NudgedProbe())
        if not isinstance(known.data.get("average", NoAverage()), NoAverage):
            unasked = (*unasked, AverageProbe())
        return (*probes, *(probe for probe in unasked if type(probe) not in asked))

    @held_together
    def _fits_together(self) -> Self:
        if misfit := next(misfits(self), ""):
            raise ValueError(misfit)
        return self

    @property
    def train_size(self) -> int:
        """Number of points that the net learns from; one that is drawn twice counts twice."""
        return self.resample.size(self.data.train_size - self.validation_size, self.member)

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
            FieldRefused: If the validation part or the draw would leave a class without points.
        """
        return self._with_draw(self.shared_points())

    def shared_points(self) -> Split:
        """Give the points before any are drawn of them: what all members of an ensemble have in common."""
        return load(self.data, self.seed, self.validation_share, self.corrupt, self.normalise)

    def in_data_units(self) -> Split:
        """Give the points of the run as people look at them, before the net's way to read them."""
        return self._with_draw(load(self.data, self.seed, self.validation_share, self.corrupt))

    def _with_draw(self, split: Split) -> Split:
        drawn = self._drawn(split)
        return split if drawn is None else split.with_training(drawn)

    def _drawn(self, split: Split) -> Indices | None:
        return self.resample.drawn(split.train_y, self.seed, self.member)

    def examples(self, part: Literal["train", "validation", "test"], chosen: Sequence[int]) -> Examples:
        """Give some points of the run to look at.

        Args:
            part: Which of its parts.
            chosen: m indices within that part.

        Returns:
            Their labels, with inputs or sentences where these can be looked at, and the truth of corrupted ones.

        Raises:
            InvalidInput: If there is no point of an index.
        """
        found = self._published(part, chosen)
        return spoilt(found, self.in_data_units(), part, chosen) if self.corrupt else found

    def _published(self, part: Literal["train", "validation", "test"], chosen: Sequence[int]) -> Examples:
        """Give points as they are before any corruption."""
        if part == "test":
            return self.data.examples(self.seed, "test", chosen)
        if part == "train" and self.resample.draws and (drawn := self._drawn(self.shared_points())) is not None:
            chosen = drawn[index_array(chosen, len(drawn))].tolist()
        if self.validation_share:
            kept, held = parted(self.data.load(self.seed).train_y, self.validation_share, self.seed)
            points = kept if part == "train" else held
            chosen = points[index_array(chosen, len(points))].tolist()
        elif part == "validation":
            index_array(chosen, 0)
        return self.data.examples(self.seed, "train", chosen)
