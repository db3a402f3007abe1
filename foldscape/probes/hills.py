"""Where the net is to the hills that stand: distances, heights, cells, and how far the hills can push it."""

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


class HillsProbe(Probe):
    """Measure distance, height, cell distance and difference of outputs to every hill; a run with hills tells it."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("hills_standing", "hills that stand", mean="arithmetic", event="hills", field="standing"),
        Column("hill_distance", "distance to the nearest hill", mean="arithmetic", event="hills", field="nearest"),
        Column(
            "hill_r_sigma", "distance to the nearest hill in widths", mean="arithmetic", event="hills",
            field="nearest_sigma",
        ),
        Column("hill_height", "height of the nearest hill", mean="arithmetic", event="hills", field="nearest_height"),
        Column(
            "hill_cells", "cell distance to the nearest hill", "share", mean="arithmetic", event="hills",
            field="nearest_cells",
        ),
        Column(
            "hill_outputs", "difference of outputs to the nearest hill", mean="arithmetic", event="hills",
            field="nearest_outputs",
        ),
        Column("hill_escape", "steepness of the last hill over λ₁", event="hills", field="escape"),
    )  # fmt: skip
    kind: Literal["hills"] = "hills"
    eigenvalues: int = Field(0, ge=0, le=20)
    """Hessian eigenvalues for which to say how far the last hill pushes the net; 0 for none."""

    @property
    def measured_columns(self) -> tuple[Column, ...]:
        """The columns that it tells with these settings."""
        return self.columns if self.eigenvalues else self.columns[:-1]

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``HillsMeasured`` event."""
        from foldscape.probes.measuring.hills import hills

        yield from hills(subject, self.eigenvalues)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return Work(passes=2, seconds=1e-4) + (search(self.eigenvalues) if self.eigenvalues else Work())
