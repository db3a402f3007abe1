"""The gradient by layer along a run: whether it vanishes on its way back (Glorot & Bengio 2010)."""

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


class LayerGradientsProbe(Probe):
    """Measure the norm of the gradient in each layer."""

    columns: ClassVar[tuple[Column, ...]] = (
        Column("gradient_first", "gradient of the first layer", event="layer_gradients", field="first"),
        Column("gradient_last", "gradient of the output layer", event="layer_gradients", field="last"),
        Column("gradient_per_layer", "gradient factor per layer", event="layer_gradients", field="per_layer"),
    )
    kind: Literal["layer_gradients"] = "layer_gradients"
    every: int = Field(4, ge=1, le=100_000)
    """Measure at every n-th measurement."""

    def measure(self, subject: Subject) -> Iterator[Event]:
        """Give one ``LayerGradients`` event; none where the loss has no finite gradient."""
        from foldscape.probes.measuring.layer_gradients import by_layer

        yield from by_layer(subject)

    @property
    def work(self) -> Work:
        """What one measurement does, for foreseeing what it costs."""
        return Work(passes=3, seconds=1e-4)
