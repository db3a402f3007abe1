"""The width of the tunnel that a net lies in, along a run (Fort & Jastrzębski 2019, arXiv 1906.04724)."""

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

_SETTINGS = ("rise", "scale", "largest")


class TunnelProbe(Probe):
    """Measure how far the loss stays low along random directions and along the sharpest one."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("tunnel_width", "tunnel width", event="tunnel", field="random", set_by=(*_SETTINGS, "draws")),
        Column("tunnel_sharpest", "tunnel width along v₁", event="tunnel", field="sharpest", set_by=_SETTINGS),
        Column(
            "tunnel_reached",
            "rays that leave the tunnel",
            "share",
            mean="arithmetic",
            event="tunnel",
            field="reached",
            set_by=(*_SETTINGS, "draws"),
        ),
    )
    kind: Literal["tunnel"] = "tunnel"
    every: int = Field(20, ge=1, le=100_000)
    """Measure at every n-th measurement."""
    rise: float = Field(0.1, gt=0, le=1e6)
    """By how much the loss has to rise, nats."""
    scale: Literal["filter", "unit"] = "filter"
    """What radii are counted in: sizes of the net's neurons, or parameter units."""
    draws: int = Field(10, ge=1, le=1000)
    """Random directions."""
    largest: float = Field(4.0, gt=0, le=1e6)
    """Largest radius, in sizes of the net; what rises only beyond has no width."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``Tunnel`` event; none where the loss has no finite gradient."""
        from foldscape.probes.measuring.tunnel import tunnel

        yield from tunnel(subject, self.rise, self.scale, self.draws, self.largest)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        rays = self.draws + 2
        return search() + Work(passes=15 * rays, seconds=5e-4 + 2e-4 * rays)
