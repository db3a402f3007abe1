"""Splitting steepest descent: the units that gain most by it become two (Liu et al. 2019, arXiv 1910.02366)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from foldscape.errors import NotPossible
from foldscape.growth.base import Change, GrowthRule, Scene, check_layer, listing_settings
from foldscape.growth.copies import pairs_of, with_copies
from foldscape.growth.ranking import Candidate, Cost, cost_in, ranked, ranking_as_json
from foldscape.growth.sampled import sampled
from foldscape.growth.splits.descent import descended
from foldscape.growth.splits.matrix import pulls, smallest_eigenpairs, with_one
from foldscape.net.mlp import backward

if TYPE_CHECKING:
    from foldscape.arrays import FloatArray
    from foldscape.net.mlp import Weights


class Splitting(GrowthRule):
    """Split the units whose splitting matrix has the most negative eigenvalue, along its eigenvector.

    The unit θ becomes θ + εδ and θ - εδ, with half of the outgoing weights each; the loss then falls by -λ ε²/2 to
    second order. Where no eigenvalue is negative no split lowers the loss. The second derivative of ReLU is zero
    almost everywhere, and with it every splitting matrix, so that of a softplus stands in for it.
    """

    model_config = listing_settings("widening", "splitting steepest descent", "competing candidates")

    kind: Literal["splitting"] = "splitting"
    layer: int | None = Field(None, ge=0, le=15)
    """Hidden layer, from 0, whose units may split; ``null`` for all."""
    count: int = Field(1, ge=1, le=64)
    """Units that split, at the most."""
    epsilon: float = Field(0.01, gt=0, le=1)
    """Length ε by which the two halves move apart, each."""
    smooth: Literal["softplus", "none"] = "softplus"
    """What stands in for the second derivative of a piecewise-linear activation: that of softplus, or nothing."""
    beta: float = Field(3, gt=0, le=100)
    """Sharpness of that softplus."""
    search: Literal["exact", "descent"] = "descent"
    """Diagonalise the splitting matrices, or descend their Rayleigh quotients, which never forms them."""
    rank_by: Literal["gain", "gain_per_flop"] = "gain"
    """What decides between units: the predicted gain, or that for each operation the new unit costs."""
    sample: int = Field(2000, ge=0, le=1_000_000)
    """Training points that are looked at; 0 for all."""

    def change(self, net: Weights, scene: Scene, rng: np.random.Generator) -> Change:
        """Draw points, rank all units, and split the first ones."""
        check_layer(net, self.layer or 0)
        layers = range(len(net.hidden)) if self.layer is None else [self.layer]
        directions, ranking = self._search(net.astype(np.float64).folded(), layers, scene, rng)
        chosen = [each for each in ranking if each.gain > 0][: self.count]
        if not chosen:
            raise NotPossible(self._nothing(net), hint="Add new units instead, by GradMax say.")
        grown, copies = net, {}
        for layer in reversed(layers):  # so that a layer's rows still read the old units of the layer before
            parents = [each.unit for each in chosen if each.layer == layer]
            if parents:
                grown = split(grown, layer, parents, self.epsilon * directions[layer][parents])
                copies[layer] = pairs_of(net.hidden[layer], parents)
        least_found = -2 * chosen[0].gain / self.epsilon**2
        explanation = {
            "ranking": ranking_as_json(ranking, chosen),
            "gain_predicted": sum(each.gain for each in chosen),
            "epsilon": self.epsilon,
            "lambda_min": [-2 * each.gain / self.epsilon**2 for each in chosen],
        }
        came_from = tuple(range(len(net.weights)))
        return Change(grown, came_from, chosen[0].layer, len(chosen), least_found, explanation, copies=copies)

    def _search(
        self, net: Weights, layers: range | list[int], scene: Scene, rng: np.random.Generator
    ) -> tuple[dict[int, FloatArray], list[Candidate]]:
        x, y = sampled(scene, self.sample, rng)
        passed = backward(net, x, y, scene.loss.error)
        directions, found = {}, []
        cost: Cost = "neurons" if self.rank_by == "gain" else "flops"
        for layer in layers:
            inputs = with_one(passed.inputs[layer])
            pulled = pulls(net, layer, passed, self.beta if self.smooth == "softplus" else 0.0)
            search = (inputs, pulled)
            values, directions[layer] = (
                smallest_eigenpairs(*search) if self.search == "exact" else descended(*search, rng)
            )
            gains = (-(self.epsilon**2) / 2 * values).tolist()
            each_costs = cost_in(net, layer, cost)
            found += [Candidate("split", layer, unit, gain, each_costs) for unit, gain in enumerate(gains)]
        return directions, ranked(found)

    def _nothing(self, net: Weights) -> str:
        where = "of this net" if self.layer is None else f"of hidden layer {self.layer + 1}"
        if self.smooth == "none" and net.activation != "tanh":
            return f"The second derivative of {net.activation} is zero, so no split of a unit {where} does anything."
        return f"No split of a unit {where} lowers the loss: no splitting matrix has a negative eigenvalue."


def split(net: Weights, layer: int, parents: list[int], moves: FloatArray) -> Weights:
    """Split units of a hidden layer; the first half stays at its place, the second stands at the end of the layer.

    Args:
        net: The network.
        layer: Hidden layer, from 0.
        parents: Units that split, each once.
        moves: (units, fan_in + 1) by which the first halves move and the second ones move back; the bias is last. Of a
            normalised layer, moves of the plain layer that does the same.

    Returns:
        The net with the second halves.
    """
    width = net.hidden[layer]
    if (normed := net.norms[layer]) is not None:
        factor = normed.factor[parents, None]
        moves = np.divide(moves, factor, out=np.zeros_like(moves), where=factor != 0)
    grown = with_copies(net, layer, parents)
    weight, bias = grown.weights[layer], grown.biases[layer]
    for rows, sign in ((parents, 1), (range(width, width + len(parents)), -1)):
        weight[list(rows)] += (sign * moves[:, :-1]).astype(weight.dtype)
        bias[list(rows)] += (sign * moves[:, -1]).astype(bias.dtype)
    return grown
