"""What each gradient term adds to the loss along a run; a run that has terms tells it without being asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from foldscape.cost.work import Work
from foldscape.events import Event
from foldscape.measures.column import Column
from foldscape.probes.base import Probe
from foldscape.registry import kinds
from foldscape.terms import Term

if TYPE_CHECKING:
    from foldscape.subject import Subject


class TermsProbe(Probe):
    """Tell what each term adds to the loss; weight decay's part is 0 where there is none."""

    columns: ClassVar[tuple[Column, ...]] = tuple(
        cast(type[Term], term).column for term in kinds("foldscape.terms", Term).values()
    )
    kind: Literal["terms"] = "terms"

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``Scalars`` event."""
        from foldscape.probes.measuring.terms import terms

        yield terms(subject)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return Work(passes=0.1, seconds=2e-5)
