"""Small trained nets to grow."""

from functools import lru_cache

import numpy as np
import pytest

from foldscape.data.plane import GaussianBlobs, Sine
from foldscape.growth.base import Scene
from foldscape.net.mlp import Weights, backward, initial
from foldscape.net.spec import NetSpec

BOX = (-4.0, 4.0, -4.0, 4.0)


def descended(net, x, y, steps=150, lr=0.3):
    """Plain gradient descent, so that a net has a boundary and makes honest mistakes."""
    net = net.astype(np.float64)
    for _ in range(steps):
        passed = backward(net, x, y)
        net = Weights(
            tuple(w - lr * g for w, g in zip(net.weights, passed.weight_gradients, strict=True)),
            tuple(b - lr * g for b, g in zip(net.biases, passed.bias_gradients, strict=True)),
            net.activation,
            net.negative_slope,
        )
    return net


@lru_cache
def trained(hidden, activation="relu", classes=2, seed=0):
    """A net of the plane and its scene: two classes of a sine, or several blobs that overlap."""
    data = Sine(n=240) if classes == 2 else GaussianBlobs(n=240, k=classes, noise=0.8)
    split = data.load(seed)
    spec = NetSpec(hidden=hidden, activation=activation, output_scale=1)
    net = initial(spec, 2, classes, np.random.default_rng(seed))
    return descended(net, split.train_x, split.train_y), Scene(split.train_x, split.train_y, BOX)


CASES: list = [
    ((2,), "relu", 2, 1),
    ((16,), "relu", 2, 0),
    ((4,), "leaky_relu", 2, 0),
    ((3,), "relu", 3, 0),
    ((8, 8), "relu", 2, 0),
    ((4, 3), "leaky_relu", 3, 1),
]
NAMES = [f"2-{'-'.join(map(str, hidden))}-{classes} {kind}" for hidden, kind, classes, _ in CASES]
every_case = pytest.mark.parametrize("case", CASES, ids=NAMES)
