"""Whether mini-batch steps swing to and fro along the sharpest directions (arXiv 1807.05031)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from foldscape.cost.work import Work, search
from foldscape.events import Event
from foldscape.measures.column import Column
from foldscape.probes.base import Probe

if TYPE_CHECKING:
    from foldscape.subject import Subject


class OscillationProbe(Probe):
    """Look at how the coming updates swing along the sharpest directions, beside a random one."""

    columns: ClassVar[tuple[Column, ...]] = tuple(
        Column(name, label, unit, mean="arithmetic", event="oscillation", field=field, set_by=("updates",))
        for name, label, unit, field in (
            ("sign_changes", "sign changes along v₁", "share", "changes"),
            ("sign_changes_random", "sign changes along a random direction", "share", "random_changes"),
            ("step_correlation", "correlation of steps along v₁", "", "correlation"),
            ("step_correlation_random", "correlation of steps along a random direction", "", "random_correlation"),
        )
    )
    needs_engine: ClassVar[bool] = True

    kind: Literal["oscillation"] = "oscillation"
    every: int = Field(10, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    k: int = Field(3, ge=1, le=20)
    """How many of the sharpest directions."""
    updates: int = Field(40, ge=2, le=1000)
    """Coming updates to look at; fewer where the epoch ends before."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``Oscillation`` event; none without 2 updates to come, or for a normalised net."""
        from foldscape.probes.measuring.oscillation import oscillation

        yield from oscillation(subject, self.k, self.updates)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return search(self.k) + Work(passes=0.1 * self.updates, seconds=3e-4 * self.updates)
