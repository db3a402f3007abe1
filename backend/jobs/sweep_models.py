"""The bodies of calls and answers about sweeps."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from backend.jobs.models import JobSummary, Listing
from backend.models import Answer
from foldscape.comparison import Clock
from foldscape.comparison.judgement import EffectScale, Holds
from foldscape.model import Model
from foldscape.sweep.needs import Need
from foldscape.sweep.result import CellResult


class SweepSummary(JobSummary):
    """A sweep without its runs."""

    kind: Literal["sweep", "try"]
    """Whether it is a whole sweep, or one pair that somebody tried first."""
    name: str
    """Name for people."""
    spec: dict[str, Any]
    """Everything that decides it; fixed since it was launched."""
    estimate_s: float | None = None
    """Estimated seconds."""
    cells: int
    """Number of runs."""


class SweepDetail(SweepSummary):
    """A sweep with its runs."""

    rows: list[CellResult]
    """The runs that are over, in the order of the spec."""


class Sweeps(Listing):
    """All sweeps."""

    sweeps: list[SweepSummary]
    """The newest first."""


class SweepDraft(Model):
    """A sweep that somebody is writing; one of the two."""

    spec: dict[str, Any] | None = None
    """As plain values."""
    text: str | None = Field(None, max_length=500_000)
    """As YAML."""


class SweepPreset(Answer):
    """A sweep that ships ready to be launched."""

    title: str
    """Name for people."""
    text: str
    """The sweep as YAML."""
    group: str
    """Heading under which it is listed: the papers whose numbers or claims it holds, or other questions."""
    runs: int
    """Number of runs."""
    seconds: float
    """How long it would take here."""
    needs: list[Need]
    """What it reads that is not on this machine."""
    model: dict[str, dict[str, Any]]
    """Nets of its axis `model` with their growth, by name; empty where it has none."""


class PublishedReading(Answer):
    """A claim about one measure on one clock, for one choice of the axes that it leaves open."""

    claim: int
    """Number of the claim, from 0."""
    measure: str
    """The column."""
    by: Clock
    """The clock."""
    target: float | None
    """Its reading."""
    settings: dict[str, Any]
    """The settings of the other axes; of equal settings what is equal in them."""
    pairs: int
    """Pairs by seed, or seeds that all settings share."""
    counted: str
    """The same in words."""
    ratio: dict[str, float | None]
    """The effect, `value`, `low` and `high` of 95 %: which one is said to be smaller over the other, of accuracies
    minus it; a rank correlation; or the largest of the settings that are said to be equal over the smallest."""
    is_ratio: bool
    """Whether that is a ratio."""
    scale: EffectScale
    """Whether it is a ratio, a difference or a rank correlation."""
    bound: float
    """What it is held against: 1 or 0, or the size that the claim speaks of."""
    p: float | None
    """Exact two-sided sign-flip p, against the bound; of ranks that of no order; null of what is said to be equal."""
    holds: Holds
    """`no` where the opposite holds, `open` where p is above 0.05, or where the interval reaches across the bound."""
    said: str
    """The same in two words, or why it is not judged."""
    words: str
    """The same in words."""


class PublishedClaim(Answer):
    """One published statement."""

    words: str
    """The statement."""
    erratum: str
    """Where the source's own numbers do not bear out the size that it speaks of; empty where they do."""
    verdict: str
    """Whether it holds here, in a sentence."""
    readings: list[PublishedReading]
    """Everything that the verdict counts."""


class PublishedLine(Answer):
    """One line of a published table."""

    settings: dict[str, str]
    """The setting of each axis that it belongs to."""
    accuracy: float
    """Published accuracy, or Matthews correlation."""
    flatness: float | None
    """Published spectral norm."""
    ours: dict[str, dict[str, float | int | None]]
    """By column, at the end of the runs here: `mean` (geometric of losses and curvature), `sd`, `n`."""


class PublishedBeside(Answer):
    """What was published of a sweep, beside its runs."""

    source: str
    """Where."""
    differs: str
    """What is different here."""
    matthews: bool
    """Whether to look at the Matthews correlation, since one of two classes is much more common."""
    rows: list[PublishedLine]
    """The published numbers and ours."""
    claims: list[PublishedClaim]
    """The published statements and what became of them."""


class CurveAnswer(Answer):
    """One run as the comparison takes it."""

    run: str
    """Digest of the run's spec."""
    name: str
    """Name for people."""
    settings: dict[str, Any]
    """Everything that decides it but its seed."""
    seed: int
    """Its seed."""
    columns: dict[str, list[float | None]]
    """What was measured, one number a moment."""
    births: list[int]
    """Updates done at each birth."""
    restored: int | None = None
    """Updates done at the moment whose net early stopping brought back at the end."""
    data: str
    """Digest of its data."""
    split: str
    """How they were split."""
    loss: str
    """Name of the loss."""
    points: str
    """Digest of the points that curvature was measured on."""


class SweepCurves(Answer):
    """The runs of a sweep as the comparison takes them."""

    curves: list[CurveAnswer]
    """In the order of the sweep; runs that failed are left out."""
