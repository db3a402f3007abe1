"""What a sweep gives: a curve for each run, as plain JSON."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from foldscape.model import Model, added
from foldscape.progress import Progress, Row

BUT_CLOCK = frozenset({"seconds", "growing_seconds"})
"""The columns that are not a function of the spec."""


class Record(Model):
    """What was measured along one run."""

    columns: dict[str, list[float | None]]
    """Columns by name, one number a moment; ``null`` where a search did not converge or nothing could be measured."""
    births: list[dict[str, Any]] = Field(default_factory=list)
    """The births: when, by which rule, how well the function was kept, curvature just before and just after."""
    reached: dict[str, float] = Field(default_factory=dict)
    """The epoch in which the training loss first was at or below each loss that was asked for."""
    points: str = ""
    """Digest of the training points that curvature was measured on."""
    made_with: dict[str, str] = Field(default_factory=dict)
    """By column, with which settings of its probe it was made, where it depends on any."""
    restored: int | None = added(None)
    """Updates done at the moment whose net early stopping brought back at the end."""

    def last(self, name: str) -> float | None:
        """Give the last number of a column; ``None`` when there is none."""
        column = self.columns.get(name) or [None]
        return column[-1]


class CellResult(Row):
    """One run of a sweep that is over."""

    key: str
    """Digest of the run's spec."""
    name: str
    """Name for people."""
    settings: dict[str, str]
    """The setting of each axis."""
    seed: int
    """The seed."""
    state: Literal["done", "failed"] = "done"
    """Whether it came to its end."""
    message: str = ""
    """Why not, or what it could not do on the way, in a sentence."""
    data: str = ""
    """Digest of its training and test points."""
    engine: str = ""
    """Which engine trained it: ``compiled`` repeats its own bits on one machine."""
    curve: Record
    """What was measured."""


class SweepProgress(Progress):
    """What a sweep says."""

    rows: tuple[CellResult, ...] = ()
    """The runs that have ended since it spoke last."""
