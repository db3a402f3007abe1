"""The bodies of answers about studies."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from backend.models import Answer

StudyState = Literal["queued", "running", "done", "stopped", "failed"]


class StudySummary(Answer):
    """A study without its table."""

    id: str
    """Id of the study."""
    kind: str
    """What kind of study it is."""
    name: str
    """Name for people."""
    spec: dict[str, Any]
    """Everything that decides it."""
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
    doing: str = ""
    """What it is doing."""
    created: int | None = None
    """When it was made, ms since 1970."""
    started: int | None = None
    """When the present attempt began, ms since 1970."""
    ended: int | None = None
    """When it ended, ms since 1970."""
    attempt: int | None = None
    """How many workers have begun it; each begins from the start."""
    place: int | None = None
    """How many wait before it in the batch queue."""
    last: str = ""
    """Id of its last entry of progress, for `Last-Event-ID`."""
    findings: list[dict[str, Any]] = Field(default_factory=list)
    """What was claimed, and whether it holds here; empty until it is done."""
    verdict: str = ""
    """What follows from it, in one sentence."""


class StudyDetail(StudySummary):
    """A study with its table."""

    rows: list[dict[str, Any]]
    """The lines of its table as they stand, in the order of the spec."""
    about: dict[str, Any]
    """What is asked, what was published, and what differs."""


class Studies(Answer):
    """All studies."""

    studies: list[StudySummary]
    """The newest first."""
    left_out: int
    """Older ones that are not among them."""


class Kind(Answer):
    """A kind of study, before anybody ran it."""

    spec: dict[str, Any]
    """Its spec with the shipped values."""
    rows: list[dict[str, Any]]
    """The lines its table will have."""
    about: dict[str, Any]
    """What is asked, what was published, and what differs."""


class Stopping(Answer):
    """A study was asked to stop."""

    id: str
    """The study."""
    state: StudyState
    """Its state now; `running` until its worker has heard it."""
