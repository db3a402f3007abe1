"""The bodies of requests and answers about comparisons."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from backend.models import Answer
from foldscape.comparison import Clock
from foldscape.measures.declared import MeasureName
from foldscape.model import Model

MOST_RUNS = 400
RunId = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class CompareRequest(Model):
    """Which runs are compared, and where."""

    runs: Annotated[list[RunId], Field(max_length=MOST_RUNS)] = Field(default_factory=list)
    """Ids of runs; those with the tag come on top."""
    tag: Annotated[str, Field(max_length=40)] = ""
    """All runs with this tag."""
    sweep: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    """All runs of this sweep that have come to their end."""
    by: Clock = "loss"
    """The clock by which they are aligned."""
    target: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Its reading; the last one that all runs reach when null."""
    measure: MeasureName = "lambda_element"
    """The measure whose ratio and reading stand in the table."""
    contrast: Annotated[str, Field(max_length=200)] = ""
    """The setting, by dotted path, along which groups are held against each other; grown against fixed when empty."""
    against: Annotated[str, Field(max_length=400)] = ""
    """Key or name of the group that all others are held against, instead."""


class ComparedRun(Answer):
    """One run of a comparison."""

    id: str
    """Id of the run."""
    name: str
    """Name for people."""
    state: str
    """What the run does."""
    seed: int
    """Seed."""
    group: str
    """Key of its group."""
    plane: bool
    """Whether its points lie in the plane."""
    updates: list[float]
    """Updates at its checkpoints, thinned."""
    clock: list[float | None]
    """Readings of the clock there; of the loss the lowest so far."""
    births: list[dict[str, float | None]]
    """Each birth: `updates`, and the reading of the clock `at` it."""
    restored: dict[str, float | None] | None
    """The same of the moment whose net early stopping brought back at the end."""
    slice: dict[str, Any] | None
    """Its last slice: `step`, distances `t`, losses `train`."""
    values: dict[str, float | None]
    """Each measure where the runs are compared."""


class ComparedGroup(Answer):
    """One group of a comparison; its numbers depend on no other group."""

    key: str
    """Digest of its settings."""
    name: str
    """What tells it from the others."""
    grows: bool
    """Whether its nets grow."""
    differs: dict[str, Any]
    """The settings that tell it from the others, by dotted path."""
    runs: list[str]
    """Ids of its runs, in the order of the seeds."""
    seeds: list[int]
    """Their seeds."""
    repeated: int
    """Runs left out because another has the same seed."""
    bands: dict[str, dict[str, Any]]
    """By measure: readings `x` of the clock, `each` run's values, `mean`, `low` and `high` of 95 %, `n` runs."""


class ContrastOf(Answer):
    """One group held against another."""

    key: str
    """Names it."""
    name: str
    """The ratio it speaks of."""
    first: str
    """Key of the group in question."""
    second: str
    """Key of the group it is held against."""
    paired: bool
    """Whether it is judged in pairs."""
    pairs: list[dict[str, Any]]
    """The runs of each shared seed: `seed`, `first`, `second`."""
    without_partner: int
    """Runs left out because they have no partner."""
    words: str
    """How it is judged."""


class ComparisonAnswer(Answer):
    """Everything that a comparison shows."""

    by: Clock
    """The clock."""
    target: float | None
    """Its reading where the runs are compared."""
    unit: str
    """Unit of the reading."""
    targets: dict[str, float]
    """The same on every clock that has one."""
    words: str
    """Where they are compared, as every export says."""
    answer: str
    """Of a sweep: what the measure that was fixed at its launch says; or why no verdict is given."""
    counted: dict[str, str]
    """How compute and wall time were counted."""
    groups: list[ComparedGroup]
    """The groups."""
    runs: list[ComparedRun]
    """Their runs."""
    contrasts: list[ContrastOf]
    """Which group is held against which."""
    verdicts: list[dict[str, Any]]
    """A row a contrast and measure; empty where the runs may not be compared."""
    comparable: dict[str, Any]
    """Whether they may be compared, and what part of them may."""
    ranks: dict[str, dict[str, Any]]
    """By measure, Spearman's rank correlation with η/S over the groups, of the one asked for and of accuracies:
    `value`, `low` and `high` of 95 % over seeds, `p` of no order, `settings`, `seeds`; without those that have none."""
    table: dict[str, Any]
    """A row a group, with the same as CSV and LaTeX."""
    missing: list[str]
    """Ids of runs that are no more."""
    going: int
    """Runs that are not over yet."""
    failed: list[str]
    """Runs of a sweep that failed and are left out, each with the reason."""
    empty: list[str]
    """Ids of runs that have measured nothing yet."""


class Offer(Answer):
    """Runs that differ in nothing but their seed."""

    key: str
    """Digest of their settings."""
    name: str
    """What tells them from the others."""
    grows: bool
    """Whether their nets grow."""
    data: str
    """Kind of the data set."""
    hidden: list[int]
    """Widths of the hidden layers at the start; none of a net of blocks."""
    net: str | None = None
    """What the net is called, as in the table of runs."""
    drawn: str | None = None
    """How it is drawn: by layers, by the depth of its nodes, or by blocks."""
    batch: int
    """Points a mini-batch."""
    runs: list[str]
    """Their ids."""
    names: list[str]
    """Their names."""
    seeds: list[int]
    """Their seeds."""
    states: dict[str, int]
    """How many are in which state."""
    tags: list[str]
    """Their tags."""
    created: int
    """When the newest was made, ms since 1970."""


class Offers(Answer):
    """What there is to compare."""

    groups: list[Offer]
    """The newest first."""
    left_out: int
    """Older runs that are not among them."""
