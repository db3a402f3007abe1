"""The bodies of answers about jobs of any sort: what is told of each alike."""

from __future__ import annotations

from typing import Any, Literal

from backend.models import Answer
from foldscape.device import Device

JobState = Literal["queued", "running", "done", "stopped", "failed"]


class JobSummary(Answer):
    """A job without its rows."""

    id: str
    """Its id."""
    kind: str
    """What kind of its sort it is."""
    spec: dict[str, Any]
    """Everything that decides it."""
    state: JobState
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
    device: Device = "cpu"
    """Where it is computed."""
    queue: str = "batch"
    """Queue it waits or waited in."""
    created: int | None = None
    """When it was made, ms since 1970."""
    started: int | None = None
    """When the present attempt began, ms since 1970."""
    ended: int | None = None
    """When it ended, ms since 1970."""
    attempt: int | None = None
    """How many workers have taken it; each goes on with what is left."""
    place: int | None = None
    """How many wait before it in its queue."""
    last: str = ""
    """Id of its last entry of progress, for `Last-Event-ID`."""


class Listing(Answer):
    """The newest jobs of one sort."""

    left_out: int
    """Older ones that are not among them."""


class Stopping(Answer):
    """A job was asked to stop, or to go on."""

    id: str
    """The job."""
    state: JobState
    """Its state now; `running` until its worker has heard it."""
