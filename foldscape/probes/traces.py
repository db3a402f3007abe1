"""Sums over the Hessian's whole spectrum along a run (Hutchinson; arXiv 1912.07145)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from foldscape.cost.work import Work
from foldscape.events import Event
from foldscape.measures.column import Column
from foldscape.probes.base import Probe

if TYPE_CHECKING:
    from foldscape.subject import Subject


class TracesProbe(Probe):
    """Measure the traces of Hessian, Gauss-Newton and gradient covariance, and the Frobenius norm."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("trace", "trace", "nats", flatness=True, always=True, event="traces"),
        Column("frobenius", "‖H‖", "nats", flatness=True, event="traces"),
        Column("gauss_newton_trace", "Gauss–Newton trace", "nats", flatness=True, event="traces", field="gauss_newton"),
        Column("fisher_trace", "empirical Fisher trace", event="traces", field="empirical_fisher"),
        Column("covariance_trace", "trace of the gradient covariance", event="traces", field="covariance"),
    )
    kind: Literal["traces"] = "traces"
    every: int = Field(20, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    draws: int = Field(100, ge=2, le=10_000)
    """Random vectors behind an estimate, where there is no closed form."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``Traces`` event; none where the loss has no finite gradient."""
        from foldscape.probes.measuring.traces import traces

        yield from traces(subject, self.draws)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return Work(products=self.draws + 10, seconds=5e-4)
