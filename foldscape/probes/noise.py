"""Gradient noise and overlaps with the sharpest directions along a run (science B1, F4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from foldscape.cost.work import Work, search
from foldscape.events import Event
from foldscape.probes.base import Probe

if TYPE_CHECKING:
    from foldscape.subject import Subject


class NoiseProbe(Probe):
    """Measure the gradient noise scale, the gradient's overlap with the sharpest directions and how those turn."""

    kind: Literal["noise"] = "noise"
    every: int = Field(10, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    k: int = Field(5, ge=1, le=20)
    """How many of the sharpest directions."""
    draws: int = Field(0, ge=0, le=10_000)
    """Random vectors behind the cosine between gradient covariance and Hessian, at least 2; 0 leaves it out."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``Noise`` event; none where the loss has no finite gradient."""
        from foldscape.probes.measuring.noise import noise

        yield from noise(subject, self.k, self.draws)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return search(self.k) + Work(products=4 + 2 * self.draws, seconds=2e-4)
