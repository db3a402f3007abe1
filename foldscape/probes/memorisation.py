"""What a net learns by heart along a run (Arpit et al. 2017, arXiv 1706.05394)."""

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


def _share(name: str, label: str, better: Literal["higher", "neither"] = "neither") -> Column:
    field = name.removesuffix("_accuracy")
    return Column(name, label, "share", better, mean="arithmetic", event="memorisation", field=field)


class MemorisationProbe(Probe):
    """Measure accuracy on clean and on corrupted training points, critical samples, and loss sensitivity."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("csr", "critical sample ratio", "share", mean="arithmetic", event="memorisation", set_by=("radius",)),
        _share("clean_accuracy", "accuracy on clean points", "higher"),
        _share("corrupted_accuracy", "accuracy on corrupted points"),
        _share("corrupted_true_accuracy", "true class of corrupted points", "higher"),
        _share("clean_learnt", "clean points learnt so far"),
        _share("corrupted_learnt", "corrupted points learnt so far"),
        Column("loss_sensitivity", "loss sensitivity", "nats", event="memorisation", field="sensitivity"),
        Column("sensitivity_gini", "Gini of loss sensitivity", mean="arithmetic", event="memorisation", field="gini"),
    )
    kind: Literal["memorisation"] = "memorisation"
    every: int = Field(1, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    radius: float = Field(0.05, ge=0, le=1000)
    """Radius within which another answer is searched, in every input, data units."""
    iterations: int = Field(30, ge=1, le=1000)
    """Iterations of the search."""
    early_stop: int = Field(0, ge=0, le=10_000)
    """End the search after an iteration that found fewer new points; 0 goes on to the last."""
    within_data: bool = False
    """Whether the search keeps each input between the lowest and the highest of all training inputs."""
    searched: int = Field(1000, ge=1, le=20_000)
    """Points to search around at most: test points, or training points where there are none."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``Memorisation`` event."""
        from foldscape.probes.measuring.memorisation import memorisation

        yield memorisation(subject, self)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return Work(passes=1.5 * self.iterations * min(self.searched, 1000) / 2000, wholes=1.5, seconds=1e-4)
