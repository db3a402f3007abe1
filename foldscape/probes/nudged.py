"""The sharpest directions of an optimiser that looks at them; a run of one tells them without being asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from foldscape.cost.work import Work
from foldscape.events import Event
from foldscape.measures.column import Column
from foldscape.probes.base import Probe

if TYPE_CHECKING:
    from foldscape.subject import Subject


class NudgedProbe(Probe):
    """Tell the directions that the optimiser looks at: curvature, alignment with the gradient, factor, products."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("nudge_lambda", "λ of the nudged direction", "nats", event="nudged", field="lambda_max"),
        Column("nudge_factor", "factor along v₁", mean="arithmetic", event="nudged", field="factor"),
        Column(
            "nudge_alignment",
            "alignment of the gradient with v₁",
            "share",
            mean="arithmetic",
            event="nudged",
            field="gradient_alignment",
        ),
        Column(
            "nudge_products", "Hessian products an epoch", better="lower", mean="arithmetic", event="nudged",
            field="products",
        ),
    )  # fmt: skip
    needs_engine: ClassVar[bool] = True

    kind: Literal["nudged"] = "nudged"

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``Nudged`` event; none where the optimiser has no directions, as before its first update."""
        from foldscape.probes.measuring.nudged import nudged_directions

        yield from nudged_directions(subject)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return Work(passes=3, seconds=2e-4)
