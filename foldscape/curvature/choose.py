"""Which objective measures one of the product's own nets."""

from __future__ import annotations

import numpy as np

from foldscape.curvature.dag import DagObjective
from foldscape.curvature.objective import Objective
from foldscape.losses import Loss
from foldscape.net.dag import Dag
from foldscape.net.mlp import Weights


def objective_of(net: Weights, x: np.ndarray, y: np.ndarray, loss: str | Loss = "cross_entropy") -> Objective:
    """Give the mean loss of a net on some points, in float64; batch normalisation counts as folded in."""
    if isinstance(net, Dag):
        return DagObjective(net, x, y, loss)
    net = net.folded()
    slope = net.negative_slope if net.activation == "leaky_relu" else None
    return Objective.of_mlp(net.weights, net.biases, net.activation, x, y, negative_slope=slope, loss=loss)
