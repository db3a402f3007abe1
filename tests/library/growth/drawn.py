"""Random nets and points for the tests of growth rules, and sums in a fixed order."""

import numpy as np

from foldscape.growth.base import Scene
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec

BOX = (-2.0, 2.0, -1.5, 2.5)


def net_of(hidden, activation="relu", features=2, classes=3, seed=5):
    spec = NetSpec.model_construct(hidden=hidden, activation=activation, output_scale=1)  # of any depth
    return initial(spec, features, classes, np.random.default_rng(seed)).astype(np.float64)


def scene_of(n=80, features=2, classes=3, seed=6):
    rng = np.random.default_rng(seed)
    return Scene(rng.uniform(-1.5, 1.5, (n, features)), rng.integers(0, classes, n), BOX if features == 2 else None)


def inside(box, n=2000, seed=7):
    x0, x1, y0, y1 = box
    return np.random.default_rng(seed).uniform((x0, y0), (x1, y1), (n, 2))


def logits_in_order(net, x):
    """Sum term by term, so that a last term of zero changes no bit, as it may in BLAS."""
    net, h = net.folded(), x
    for layer, (w, b) in enumerate(zip(net.weights, net.biases, strict=True)):
        z = np.tile(b, (len(h), 1))
        for column in range(h.shape[1]):
            z += h[:, column, None] * w[:, column]
        h = z if layer == len(net.weights) - 1 else net.activate(z)
    return h


def assert_carried_over(change, before):
    """A layer that goes on keeps its old entries first, in their order: what the optimiser remembers stays theirs."""
    assert len(change.came_from) == len(change.net.weights)
    units_from = change.came_from[:-1] if change.units_from is None else change.units_from
    assert len(units_from) == len(change.net.hidden)
    old = {(layer, name): part for layer, name, part in before.parts()}
    for layer, name, part in change.net.parts():
        source = old.get((change.came_from[layer], name))
        if source is not None:
            np.testing.assert_array_equal(part[tuple(slice(size) for size in source.shape)], source)
    for layer, source in enumerate(units_from):
        assert source is None or change.net.hidden[layer] >= before.hidden[source]
    assert sum(change.net.hidden) - sum(before.hidden) == change.k_new
