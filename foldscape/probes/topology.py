"""The topology of a plane through the net along a run: basins, and how rough the surface is, by persistence."""

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

_SETTINGS = ("axes", "reach", "side")


class TopologyProbe(Probe):
    """Measure the basins and the roughness of a plane through the net."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("basins", "basins", mean="arithmetic", event="topology", set_by=_SETTINGS),
        Column("roughness", "roughness", "nats", mean="arithmetic", event="topology", set_by=_SETTINGS),
        Column(
            "second_basin",
            "depth of the second basin",
            "nats",
            mean="arithmetic",
            event="topology",
            field="second",
            set_by=_SETTINGS,
        ),
        Column(
            "surface_hills", "hills of a plane", mean="arithmetic", event="topology", field="hills", set_by=_SETTINGS
        ),
    )
    kind: Literal["topology"] = "topology"
    every: int = Field(20, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    axes: Literal["random", "sharpest"] = "random"
    """Along what: two seeded random directions with the net's own sizes, or the two sharpest."""
    reach: float = Field(1.0, gt=0, le=1e6)
    """How far to both sides; 1 moves each neuron by its own size."""
    side: int = Field(25, ge=5, le=201)
    """Cells a side."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``PlaneTopology`` event."""
        from foldscape.probes.measuring.topology import plane_topology

        yield from plane_topology(subject, self.axes, self.reach, self.side)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        cells = self.side**2
        looked = Work(passes=0.05 * cells, seconds=1e-3 + 2e-6 * cells)
        return looked if self.axes == "random" else search(2) + looked
