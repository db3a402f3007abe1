"""What a run measures, as specs; each probe stands in its own file beside its code."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from foldscape.cost.work import Work
from foldscape.measures.column import Column
from foldscape.model import Model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from foldscape.data.base import DataSet
    from foldscape.events import Event
    from foldscape.net.spec import NetSpec
    from foldscape.subject import Subject


class Probe(Model):
    """Base of the probes.

    Attributes:
        columns: The columns of a curve that its events tell.
        needs_engine: Whether it looks at what trains the net: what that remembers, or the updates that it would do.
    """

    columns: ClassVar[tuple[Column, ...]] = ()
    needs_engine: ClassVar[bool] = False
    kind: str
    every: int = Field(1, ge=1, le=100_000)
    """Measure at every n-th measurement; one is due each epoch, or each frame of a paced run."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Measure a run between two updates.

        Args:
            subject: The run's net, data and memory; not changed, except for this probe's own notes.

        Yields:
            The events that tell what was measured.
        """
        raise NotImplementedError

    def problem(self, data: DataSet) -> str:
        """Say what of it does not fit some data.

        Args:
            data: What a run learns.

        Returns:
            A sentence that begins with one of its fields and ends with the way out; empty where all is well.
        """
        return ""

    def problem_with(self, net: NetSpec, data: DataSet) -> str:
        """Say what of it does not fit some net.

        Args:
            net: What learns.
            data: What it learns, which does fit.

        Returns:
            A sentence as ``problem`` gives it; empty where all is well.
        """
        return ""

    def first_seconds(self, data: DataSet) -> float:
        """Foresee what its first measurement takes besides: what later ones, and other runs on the same data, share.

        Args:
            data: What a run learns.

        Returns:
            Seconds on one core of a 2020s server.
        """
        return 0.0

    @property
    def measured_columns(self) -> tuple[Column, ...]:
        """The columns that it tells with these settings."""
        return self.columns

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return Work()
