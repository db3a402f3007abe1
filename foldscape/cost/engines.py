"""What an epoch of training costs with each engine; measured on one core of a 2020s server."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from foldscape.cost.growing import passage_of
from foldscape.cost.work import Size
from foldscape.engine.choose import engine_name
from foldscape.spec import RunSpec


@dataclass(frozen=True)
class EngineCost:
    """Seconds that an engine takes.

    Attributes:
        update: Of any update.
        layer: Of a layer in an update.
        weight: Of a weight and point of a batch.
        unit: Of a number that a layer makes of a point, for each point of a batch.
        effort: Of a parameter in an update, for each unit of the optimiser's ``effort``.
        value: Of a number of the data that is laid out in the order of an epoch.
        lanes: Points that are computed at a time; batches count as a multiple of it.
    """

    update: float
    layer: float
    weight: float
    unit: float
    effort: float
    value: float
    lanes: int

    def epoch(self, size: Size, layers: int, batch: int, *, effort: float, parameters: int = 0) -> float:
        """Give the seconds of an epoch of updates, without laying out its data.

        Args:
            size: The net and its training points.
            layers: Layers with weights.
            batch: Points of an update.
            effort: What the optimiser does.
            parameters: Numbers it trains; 0 where these are the weights.

        Returns:
            Seconds.
        """
        points = -(-batch // self.lanes) * self.lanes
        step = self.update + self.layer * layers + self.unit * size.units * points
        step += size.parameters * self.weight * points + (parameters or size.parameters) * self.effort * effort
        return step * -(-size.points // batch)

    def laid_out(self, size: Size) -> float:
        """Give the seconds of laying out the data of an epoch."""
        return self.value * size.features * size.points


COSTS = {
    "compiled": EngineCost(update=1e-6, layer=0, weight=7e-11, unit=0, effort=3e-10, value=1.5e-9, lanes=16),
    "torch": EngineCost(update=2e-5, layer=3e-5, weight=7e-11, unit=0, effort=7.5e-9, value=3e-9, lanes=1),
}
MODULES = EngineCost(update=1e-4, layer=5e-5, weight=4e-11, unit=2e-9, effort=7.5e-9, value=0, lanes=1)
"""Of nets that a torch module computes."""


def epoch_seconds(run: RunSpec, size: Size) -> tuple[float, float]:
    """Foresee an epoch of training with the engine that a run takes.

    Args:
        run: The run.
        size: Its net and its training points.

    Returns:
        Seconds of its updates, the mean of its epochs, and of laying out its data.
    """
    passage = passage_of(run)
    cost = MODULES if passage.parameters else COSTS[engine_name(run, passage.weights)]
    of_net = partial(cost.epoch, size, passage.layers, effort=run.optimizer.effort, parameters=passage.parameters)
    parts = [(share, of_net(batch)) for share, batch in _shares(run)]
    moving = 1 + (run.adversarial.gradients if run.adversarial else 0)  # as many more passes forward and back
    return moving * sum(share * seconds for share, seconds in parts), cost.laid_out(size)


def _shares(run: RunSpec) -> list[tuple[float, int]]:
    """Give the shares of the epochs that have batches of each size."""
    return [(epochs / run.stop.epochs, batch) for epochs, batch in run.calendar.parts(run.stop.epochs)]
