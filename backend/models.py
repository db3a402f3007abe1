"""The bodies of requests and answers, besides specs and commands."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from foldscape.model import Model
from foldscape.schedules.preview import SteadyStretch
from foldscape.words import Name, NewName, Notes, Tags

Origin = Literal["play", "launch", "api", "cli"]
StateName = Literal["queued", "running", "paused", "done", "stopped", "failed", "lost"]


class Answer(BaseModel):
    """Base of the answers: documented by their docstrings, open to more fields."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="allow")


class Created(Answer):
    """A run was made."""

    id: str
    """Its id, for ever."""
    name: str
    """Its name, for people."""
    state: StateName
    """What it does."""
    place: int | None = None
    """How many runs wait before it in its queue."""


class Summary(Answer):
    """What tables show of a run; what is not known (yet) is null."""

    id: str
    """Id of the run."""
    name: str
    """Name for people."""
    state: StateName
    """What the run does."""
    reason: str = ""
    """Why, as one word."""
    message: str = ""
    """Why, for people."""
    step: int | None = None
    """Updates done."""
    epoch: float | None = None
    """Epochs done."""
    epochs: int | None = None
    """Epochs after which the run is done."""
    updates: int | None = None
    """Updates of all epochs."""
    steps_per_epoch: int | None = None
    """Updates of the first epoch."""
    stretches: list[SteadyStretch] | None = None
    """Sizes of its batches, from the first epoch on, and the updates that epochs then have."""
    data: str | None = None
    """Kind of the data set."""
    net: str | None = None
    """What the net is called now: widths of all layers, as `2-8-2`; of several hidden layers the first ones and the
    births, `2-8-8-2 +3`; of a graph `2-2 · dag +3`; of a net of blocks its kind and size, `ResNet-8, width 16`."""
    wiring: str | None = None
    """Kind of net, as `nets` of `/api/schema` tells it."""
    layered: bool | None = None
    """Whether it is a chain of layers."""
    drawn: Literal["layers", "depth", "blocks"] | None = None
    """How the net is drawn."""
    plane: bool | None = None
    """Whether its points lie in the plane."""
    method: str | None = None
    """Whether its net grows, by itself or by hand (`grown`), or stays as it is (`fixed`)."""
    group: str | None = None
    """Digest of all settings but the seed; runs that share it form a group."""
    hidden: list[int] | None = None
    """Widths of the hidden layers at the start; none of a net of blocks."""
    units: int | None = None
    """Hidden units at the start."""
    activation: str | None = None
    """Activation of the hidden layers."""
    growth: str | None = None
    """Rule by which the net grows by itself, or `by hand`."""
    seed: int | None = None
    """Seed."""
    batch: int | None = None
    """Points a mini-batch."""
    lr: float | None = None
    """Learning rate at the start."""
    optimizer: str | None = None
    """Kind of the optimiser."""
    lr_gain: float | None = None
    """How many times the learning rate one gradient moves the weights in all: 1 for gradient descent, 1/(1 − μ) with
    momentum; null where there is no such number, as for Adam."""
    speed: float | None = None
    """Pace at the start in epochs a second; null is maximum speed."""
    train_accuracy: float | None = None
    """Share of training points that are right."""
    test_accuracy: float | None = None
    """Share of test points that are right."""
    validation_loss: float | None = None
    """Mean loss on the validation points, of a run that has some."""
    validation_accuracy: float | None = None
    """Share of validation points that are right, of a run that has some."""
    best_accuracy: float | None = None
    """Best accuracy so far."""
    train_loss: float | None = None
    """Mean training loss."""
    lambda_max: float | None = None
    """Largest eigenvalue of the Hessian."""
    flatness: float | None = None
    """Its scale-free partner."""
    probe_share: float | None = None
    """Share of its time that probes take, paused time left out, over the last seconds."""
    probe_ms: dict[str, float] = Field(default_factory=dict)
    """Time the last measurement of each probe took, ms."""
    thinned: str = ""
    """What was dropped of its frames and measurements to save memory, as sentences."""
    fold_points: int | None = None
    """Points where the decision boundary crosses a fold."""
    neurons: int | None = None
    """Hidden units now."""
    parameters: int | None = None
    """Parameters now."""
    created: int | None = None
    """When it was made, ms since 1970."""
    started: int | None = None
    """When a worker took it first, ms since 1970."""
    ended: int | None = None
    """When it ended, ms since 1970."""
    heartbeat: int | None = None
    """Last sign of life, ms since 1970."""
    heartbeat_age_s: float | None = None
    """Seconds since the last sign of life."""
    worker: str = ""
    """Worker that has it."""
    queue: str = ""
    """Queue it waits or waited in."""
    place: int | None = None
    """How many runs wait before it, while it is queued."""
    rate: float | None = None
    """Updates a second."""
    time_left_s: float | None = None
    """Seconds to the last epoch at this rate."""
    foreseen_s: float | None = None
    """Seconds that it was foreseen to take in all, before anybody measured its rate; null where nobody could."""
    parent: str = ""
    """Run it was forked from."""
    parent_step: int | None = None
    """Moment it was forked at."""
    tags: list[str] = Field(default_factory=list)
    """Tags."""
    notes: str = ""
    """Notes of people."""
    origin: str = ""
    """Who made it: play, launch, api or cli."""


class Reproduction(Answer):
    """How to make a run again."""

    yaml: str
    """Its spec with all commands that took effect, as a file."""
    command: str
    """The command line that runs that file."""
    note: str = ""
    """What the file cannot hold."""


class Applied(Answer):
    """A command that took effect."""

    id: str
    """Id of the record."""
    step: int
    """Updates done when it took effect."""
    src: str
    """Id of the command as it arrived, or `pacer`."""
    command: dict[str, Any]
    """The command."""


class SpecifiedRun(Summary):
    """A run with what decides it."""

    spec: dict[str, Any]


class CreatedRun(Created):
    """Answer to a new run: whoever asked needs to ask no second time."""

    run: SpecifiedRun


class Detail(Summary):
    """Everything about a run but its measurements."""

    spec: dict[str, Any]
    """What decides the run."""
    applied: list[Applied]
    """The record of commands."""
    again: Reproduction
    """How to make the run again."""


class Changes(Answer):
    """Runs that changed since a cursor."""

    runs: list[Summary]
    """Their summaries."""
    deleted: list[str]
    """Ids of runs that are no more."""
    cursor: str
    """Where to go on."""
    all: bool
    """Whether these are all runs, so that others are to be forgotten."""
    left_out: int
    """Older runs that are not told because there are more than were asked for."""


class Patch(Model):
    """What people write about a run; what is missing or null stays as it is."""

    name: NewName | None = None
    """New name."""
    tags: Tags | None = None
    """New tags, all of them."""
    notes: Notes | None = None
    """New notes."""


class Fork(Model):
    """From where and how a new run branches off."""

    step: int = Field(ge=0, le=2**53)
    """The newest kept frame at or before this update is taken."""
    frame: Annotated[str, Field(pattern=r"^\d{1,15}-\d{1,15}$")] | None = None
    """The exact frame by its id, instead."""
    name: Name = ""
    """Name of the new run; a fresh one when empty."""
    optimizer: bool = True
    """Whether the optimiser's memory comes along."""
    speed: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Pace in epochs a second, null for maximum speed; when missing, that of the moment."""
    batch: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Points a mini-batch of the new run, for one that did not fit into memory; as before when missing."""
    origin: Origin = "play"
    """Who asks."""


class CommandAccepted(Answer):
    """A command was handed to its run."""

    id: str
    """Its id in the run's stream of commands."""


class Resumed(Answer):
    """A run goes on."""

    id: str
    """The run."""
    state: StateName
    """What it does now."""


class TypedArray(Answer):
    """Numbers in base64, little-endian, row-major; the form that Plotly reads."""

    dtype: str
    """`f4` or `f8`."""
    shape: str
    """Sizes, as `120, 9`."""
    bdata: str
    """The bytes in base64."""


class MetricsTable(Answer):
    """Rows of scalars by training step."""

    columns: list[str]
    """Names of the columns of `values`."""
    steps: TypedArray
    """(n,) updates done at each row."""
    values: TypedArray
    """(n, columns) values; NaN where there was nothing to measure."""
    cursor: str
    """Id of the last block, to go on with `after`."""


class ExampleList(Answer):
    """Points of a data set, to be looked at."""

    labels: list[int]
    """Their classes."""
    inputs: TypedArray | None
    """(n, inputs) what a net reads of them; nothing where that means nothing to the eye."""
    sentences: list[str]
    """What a person reads of them, of sets of sentences."""
    true_labels: list[int] | None = None
    """The classes they had before they were corrupted; nothing where no training points are."""
    noise: list[bool] | None = None
    """Whether their inputs were replaced by noise; nothing where no training points are corrupted."""


class NearestList(Answer):
    """The nearest training points of some test points."""

    nearest: list[int]
    """Which training points."""
    novelty: list[float]
    """How far they are."""
    labels: list[int]
    """Their classes."""


class MeasureOf(Answer):
    """A column of a curve, as its probe declares it."""

    name: str
    """Its name in specs, curves and addresses."""
    label: str
    """What it is called within a sentence."""
    unit: str
    """Its unit: `nats` is that of the loss, `share` from 0 to 1; empty for a plain number."""
    better: Literal["lower", "higher", "neither"]
    """Which way is better."""
    flatness: bool
    """Whether a smaller number means a flatter minimum."""
    aggregation: Literal["geometric", "arithmetic"]
    """How it is averaged over seeds; means of ratios are geometric."""
    probe: str
    """Kind of the probe that tells it; empty for the scalars of every run."""
    told: bool
    """Whether events tell it one by one, so that a run may lack it; else every run has it."""
    set_by: list[str]
    """Settings of the probe that the number depends on: it is compared only where they agree."""


class LossOf(Answer):
    """A loss that a run can make small, in words."""

    kind: str
    """Its kind, as a spec names it; settings and limits stand in the schema of `RunSpec`."""
    name: str
    """What people call it."""
    unit: str
    """What follows a number of it."""
    axis: str
    """What an axis of its values is called."""
    about: str
    """What it is, in a sentence."""


class NetOf(Answer):
    """A kind of net, and what it can do."""

    wiring: str
    """Its name in specs and addresses."""
    title: str
    """What it is called in a list."""
    words: str
    """What a net of it is, within a sentence."""
    plural: str
    """What nets of it are, within a sentence."""
    reads: str
    """What its inputs are: numbers, or the numbers of characters."""
    layered: bool
    """Whether it is a chain of hidden layers that keep their places: folds can be laid into one of them."""
    single: bool
    """Whether a fixed net of the same size has all its hidden units in one layer."""
    drawn: Literal["layers", "depth", "blocks"]
    """How it is drawn: by layers, by the depth of its nodes, or by blocks."""
    samples: list[Literal["points", "numbers", "pictures", "characters", "tokens"]]
    """What it can read at its usual settings: points of a plane, numbers in a row, pictures, characters, words."""
    ungrown: list[int]
    """Hidden widths to start it with."""
    rules: list[str]
    """Kinds of the growth rules that grow it."""
    engines: list[str]
    """Who can train it."""
    parts: list[str]
    """What can be measured of it."""
    activations: dict[str, str]
    """Activations of its hidden units, by what they are called."""
    folds: list[str]
    """Activations with which its folds can be computed."""


class Schemas(Answer):
    """JSON schemas of what is sent here, what can be measured, and what a run can make small."""

    RunSpec: dict[str, Any]
    Command: dict[str, Any]
    StudySpec: dict[str, Any]
    LandscapeSpec: dict[str, Any]
    EnsembleSpec: dict[str, Any]
    SweepSpec: dict[str, Any]
    measures: list[MeasureOf]
    """Every column of a curve, as it is declared."""
    losses: list[LossOf]
    """Every loss."""
    nets: list[NetOf]
    """Every kind of net, the usual one first."""


class Health(Answer):
    """State of each part."""

    ok: bool
    """Whether Redis takes writes and an interactive worker lives."""
    troubles: list[str]
    """What is the matter, in sentences, the gravest first."""
    redis: dict[str, Any]
    """State of the run log."""
    queues: dict[str, Any]
    """Workers and waiting runs by queue."""
    kept: dict[str, int | None]
    """How many runs of Play are kept without a name, tag or note of a person (`play_runs`), and how many were deleted
    so far (`forgotten`)."""
    workers: list[dict[str, Any]]
    """Living workers."""
    web: dict[str, Any]
    """State of this process."""
    versions: dict[str, str]
    """Versions of the main parts."""
