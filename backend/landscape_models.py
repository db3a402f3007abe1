"""The bodies of answers about landscapes."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from backend.models import Answer
from backend.study_models import StudyState as JobState


class LandscapeSummary(Answer):
    """A landscape without its cells."""

    id: str
    """Id of the landscape: the same view of the same moment has the same."""
    kind: str
    """The view: slice, plane, path, connection or spectrum."""
    spec: dict[str, Any]
    """Everything that decides it, moments named."""
    state: JobState
    """What it does."""
    stopping: bool = False
    """Whether its worker was asked to stop and has not yet."""
    reason: str = ""
    """Why, as one word."""
    message: str = ""
    """Why, for people."""
    cells: int
    """Points that are measured in the end."""
    share: float = 0
    """Share of them that is known."""
    estimate_s: float | None = None
    """Seconds that the cells left were estimated to take, when this attempt began."""
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
    """How many workers have taken it; each goes on with the cells that are left."""
    place: int | None = None
    """How many wait before it in the batch queue."""
    last: str = ""
    """Id of its last entry of progress, for `Last-Event-ID`."""


class LandscapeDetail(LandscapeSummary):
    """A landscape with what is known of it; arrays as base64 typed arrays."""

    rows: list[dict[str, Any]] = Field(default_factory=list)
    """`ground` (the net in the middle, the directions, the path), one block `cells` with the `index` of each known
    cell, row by row, and its `values` (training loss and accuracy, test loss and accuracy), a `way.` each between
    two nets, or a `spectrum.` on each part of the data."""


class Landscapes(Answer):
    """All landscapes."""

    landscapes: list[LandscapeSummary]
    """The newest first."""
    left_out: int
    """Older ones that are not among them."""
