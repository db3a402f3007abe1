"""The bodies of calls and answers about sweeps."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from backend.models import Answer
from backend.study_models import StudyState
from foldscape.model import Model
from foldscape.sweep.result import CellResult


class SweepSummary(Answer):
    """A sweep without its runs."""

    id: str
    """Id of the sweep."""
    kind: Literal["sweep", "try"]
    """Whether it is a whole sweep, or one pair that somebody tried first."""
    name: str
    """Name for people."""
    spec: dict[str, Any]
    """Everything that decides it; fixed since it was launched."""
    state: StudyState
    """What it does."""
    stopping: bool = False
    """Whether its worker was asked to stop and has not yet."""
    reason: str = ""
    """Why, as one word."""
    message: str = ""
    """Why, for people."""
    share: float = 0
    """Share of the work that is done."""
    left_s: float | None = None
    """Seconds to its end at this rate."""
    estimate_s: float | None = None
    """Seconds that were foreseen."""
    doing: str = ""
    """What it is doing."""
    cells: int
    """Number of runs."""
    created: int | None = None
    """When it was made, ms since 1970."""
    started: int | None = None
    """When the present attempt began, ms since 1970."""
    ended: int | None = None
    """When it ended, ms since 1970."""
    attempt: int | None = None
    """How many workers have taken it; each goes on with the runs that are left."""
    place: int | None = None
    """How many wait before it in the batch queue."""
    last: str = ""
    """Id of its last entry of progress, for `Last-Event-ID`."""


class SweepDetail(SweepSummary):
    """A sweep with its runs."""

    rows: list[CellResult]
    """The runs that are over, in the order of the spec."""


class Sweeps(Answer):
    """All sweeps."""

    sweeps: list[SweepSummary]
    """The newest first."""


class Draft(Model):
    """A sweep that somebody is writing; one of the two."""

    spec: dict[str, Any] | None = None
    """As plain values."""
    text: str | None = Field(None, max_length=500_000)
    """As YAML."""


class Preset(Answer):
    """A sweep that ships ready to be launched."""

    title: str
    """Name for people."""
    text: str
    """The sweep as YAML."""


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
