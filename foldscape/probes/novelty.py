"""How a net does on new test points along a run (arXiv 1804.09259)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from foldscape.cost.work import Work
from foldscape.data.base import DataSet
from foldscape.data.plane import PlaneSet
from foldscape.data.texts import TextSet
from foldscape.events import Event
from foldscape.measures.column import Column
from foldscape.memorisation.critical import ITERATIONS
from foldscape.neighbours.representation import PLANE, Representation
from foldscape.probes.base import Probe

if TYPE_CHECKING:
    from foldscape.subject import Subject

PAIR, NUMBER = 2e-9, 1e-11
"""Seconds that two points take, and each of their numbers."""
WORDS = 4500
"""Numbers of a point that the words of a sentence count as, sparse as they are."""
_SETTINGS = ("representation", "buckets")


def _share(name: str, label: str, better: Literal["higher", "neither"] = "neither", *, radius: bool = False) -> Column:
    place, settings = f"values.{name}", (*_SETTINGS, "critical_radius") if radius else _SETTINGS
    return Column(name, label, "share", better=better, mean="arithmetic", event="novelty", field=place, set_by=settings)


class NoveltyProbe(Probe):
    """Measure accuracy and confidence by how far test points are from the nearest training point."""

    columns: ClassVar[tuple[Column, ...]] = (
        _share("familiar_accuracy", "accuracy on the least novel", "higher"),
        _share("novel_accuracy", "accuracy on the most novel", "higher"),
        _share("novel_confidence", "confidence on the most novel"),
        _share("memoriser_accuracy", "accuracy of the memoriser"),
        _share("memoriser_familiar_accuracy", "accuracy of the memoriser on the least novel"),
        _share("memoriser_novel_accuracy", "accuracy of the memoriser on the most novel"),
        _share("memoriser_fall", "fall of the memoriser with novelty"),
        _share("memoriser_fall_error", "standard error of the memoriser's fall over test points"),
        _share("familiar_gap", "gap to the memoriser on the least novel"),
        _share("novel_gap", "gap to the memoriser on the most novel"),
        _share("gap_growth", "growth of the gap with novelty"),
        _share("gap_growth_error", "standard error of the gap's growth over test points"),
        _share("familiar_critical", "critical samples among the least novel", radius=True),
        _share("novel_critical", "critical samples among the most novel", radius=True),
    )
    kind: Literal["novelty"] = "novelty"
    every: int = Field(20, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    buckets: int = Field(5, ge=2, le=50)
    """Parts of equal size that the test points are put into by their novelty."""
    representation: Representation = "auto"
    """What distances are between: words of sentences by their weight, hashed runs of words, inputs, or the features
    that the last layer receives; auto is words for sentences and inputs for everything else."""
    critical_radius: float = Field(0, ge=0, le=1000)
    """Radius, in data units, within which another answer makes a test point critical; 0 does not search."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``NoveltyMeasured`` event."""
        from foldscape.probes.measuring.novelty import measure_novelty

        yield from measure_novelty(subject, self.representation, self.buckets, self.critical_radius)

    def problem(self, data: DataSet) -> str:
        """Say what of it does not fit some data; see ``Probe.problem``."""
        held = data.size - data.train_size
        if isinstance(data, PlaneSet) or data.features == 2:
            return f"kind novelty is not measured here: {PLANE}; take it out, or use digits, pictures or texts"
        if self.representation in ("words", "hashed") and not isinstance(data, TextSet):
            return f"representation {self.representation} is of sentences, and {data.kind} has none; use inputs"
        if self.representation == "inputs" and data.symbols:
            return f"representation inputs has no distance between {data.gives} by their numbers; use words or hashed"
        if self.critical_radius and data.symbols:
            return f"critical_radius {self.critical_radius:g} is of numbers, and the net reads {data.gives}; use 0"
        if held < self.buckets:
            return f"buckets {self.buckets} are more than the {held} test points; hold out more, or use fewer buckets"
        return ""

    def first_seconds(self, data: DataSet) -> float:
        """Foresee the search of all training points; see ``Probe.first_seconds``."""
        is_text = isinstance(data, TextSet)
        numbers = 0 if self.representation == "features" else WORDS if is_text else data.features
        return data.train_size * (data.size - data.train_size) * (PAIR + NUMBER * numbers)

    @property
    def measured_columns(self) -> tuple[Column, ...]:
        """All but the critical samples, unless these are searched."""
        return tuple(one for one in self.columns if self.critical_radius or not one.name.endswith("_critical"))

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return Work(passes=1 + 3 * ITERATIONS * bool(self.critical_radius), seconds=2e-4)
