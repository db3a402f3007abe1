"""The net whose weights are the average of a run's; a run that keeps one tells of it without being asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from foldscape.cost.work import Work
from foldscape.events import Event
from foldscape.measures.column import Column
from foldscape.probes.base import Probe

if TYPE_CHECKING:
    from foldscape.subject import Subject


class AverageProbe(Probe):
    """Measure the net of averaged weights on training and test points, with running statistics of its own.

    A run without ``average``, or whose first net has not been taken in yet, has none: its numbers are empty.
    """

    columns: ClassVar[tuple[Column, ...]] = (
        Column("average_train_loss", "training loss of the averaged net", "nats", better="lower"),
        Column("average_test_loss", "test loss of the averaged net", "nats", better="lower"),
        Column(
            "average_test_accuracy",
            "test accuracy of the averaged net",
            "share",
            better="higher",
            mean="arithmetic",
        ),
    )
    kind: Literal["average"] = "average"

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``Scalars`` event."""
        from foldscape.probes.measuring.average import average

        yield average(subject)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return Work(wholes=1)
