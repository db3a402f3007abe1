"""The ranking in which candidates for a growth compete, as the record of the growth tells it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from foldscape.net.mlp import Weights

Cost = Literal["neurons", "parameters", "flops"]

SHOWN = 200
"""Candidates that a record tells of, the best first."""


@dataclass(frozen=True)
class Candidate:
    """What could be grown.

    Attributes:
        kind: A unit that splits, a new unit, or a unit of a new layer.
        layer: Hidden layer, from 0, counted in the net as it is; a new layer would follow it.
        unit: The unit that splits, or which of the layer's candidates.
        gain: Predicted decrease of the loss, in its own unit.
        cost: What it costs.
    """

    kind: Literal["split", "new", "deeper"]
    layer: int
    unit: int
    gain: float
    cost: float

    @property
    def worth(self) -> float:
        """Gain for its cost."""
        return self.gain / self.cost


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Put what is worth most first; equals keep their order."""
    return sorted(candidates, key=lambda each: -each.worth)


def ranking_as_json(ranking: Sequence[Candidate], chosen: Iterable[Candidate]) -> list[dict[str, Any]]:
    """Give a ranking in plain JSON: what was chosen, and the best of the others, ``SHOWN`` at most."""
    taken = set(chosen)
    shown = [each for i, each in enumerate(ranking) if i < SHOWN or each in taken]
    return [
        {
            "kind": each.kind, "layer": each.layer, "unit": each.unit, "gain": each.gain, "cost": each.cost,
            "chosen": each in taken,
        }
        for each in shown
    ]  # fmt: skip


def cost_of_unit(fan_in: int, fan_out: int, cost: Cost) -> float:
    """Give what one unit costs: 1; its parameters; or the operations of an example's forward pass.

    Args:
        fan_in: Weights into it.
        fan_out: Weights out of it.
        cost: What is counted; a multiplication and an addition are two operations.

    Returns:
        The cost, in the unit of ``cost``.
    """
    if cost == "neurons":
        return 1.0
    return float(fan_in + 1 + fan_out) if cost == "parameters" else float(2 * (fan_in + fan_out))


def cost_in(net: Weights, layer: int, cost: Cost) -> float:
    """Give what one more unit of a hidden layer costs."""
    return cost_of_unit(net.weights[layer].shape[1], len(net.biases[layer + 1]), cost)
