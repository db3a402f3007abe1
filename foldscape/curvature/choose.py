"""Which objective measures one of the product's own chains of layers."""

from __future__ import annotations

import numpy as np

from foldscape.curvature.objective import Objective
from foldscape.losses import Loss
from foldscape.net.mlp import Weights


def objective_of_layers(net: Weights, x: np.ndarray, y: np.ndarray, loss: str | Loss = "cross_entropy") -> Objective:
    """Give the mean loss of a chain of layers on some points, in float64; batch normalisation counts as folded in."""
    net = net.folded()
    slope = net.negative_slope if net.activation == "leaky_relu" else None
    return Objective.of_mlp(net.weights, net.biases, net.activation, x, y, negative_slope=slope, loss=loss)
