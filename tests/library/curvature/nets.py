"""A small ReLU net with data, and its loss."""

from __future__ import annotations

import numpy as np

from foldscape.curvature import Objective


def relu_net(seed=0, hidden=12):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=(hidden, 6)), rng.normal(size=(3, hidden))]
    biases = [rng.normal(size=hidden), rng.normal(size=3)]
    return weights, biases, rng.normal(size=(80, 6)), rng.integers(0, 3, 80)


def objective_of(weights, biases, X, y):
    return Objective.of_mlp(weights, biases, "relu", X, y)
