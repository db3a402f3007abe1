"""T-D2-7: on a sum of bells, Firefly finds better units than chance, and splits alone stay where they are.

One layer of Gaussian bells and squared errors, from 1 to 5 units, 600 steps of Adam after each. All seeds are trained
side by side in float64.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from foldscape.growth.fireflies.carry import apply_candidates
from foldscape.growth.firefly import Firefly
from foldscape.growth.splits.matrix import splitting_matrices, with_one
from foldscape.growth.splitting import split
from foldscape.net.mlp import Weights

SEEDS, POINTS, STEPS, UNITS = 6, 1000, 600, 5


@dataclass(frozen=True)
class Bells(Weights):
    """A net of Gaussian bells."""

    def activate(self, z):
        return np.exp(-(z**2) / 2)

    def derivative(self, z):
        return -z * np.exp(-(z**2) / 2)


def squares(outputs, y):
    difference = outputs - y
    return (difference**2).sum(axis=-1), 2 * difference


def drawn(seed):
    """Give rbf15: inputs (N, 1) and a sum of 15 bells (N, 1); and one unit to start from."""
    rng = np.random.default_rng(seed)
    w, b, a = rng.normal(size=15), 3 * rng.normal(size=15), rng.normal(size=15)
    x = rng.uniform(-5, 5, (POINTS, 1))
    y = np.exp(-((x * w + b) ** 2) / 2) @ a[:, None]
    start = rng.normal(size=(1, 1)), rng.normal(size=1), rng.normal(size=(1, 1)), np.zeros(1)
    return x, y, Bells((start[0], start[2]), (start[1], start[3]))


def trained(net, x, y):
    """Give the net after 600 steps of Adam at rate 0.01, the output bias held, and its loss."""
    parts = [part.copy() for part in net.flat()]
    first, second = [np.zeros_like(part) for part in parts], [np.zeros_like(part) for part in parts]
    for step in range(1, STEPS + 1):
        w, b, v, c = parts
        z = x @ w.T + b
        h = np.exp(-(z**2) / 2)
        error = 2 * (h @ v.T + c - y) / len(x)
        by_z = (error @ v) * -z * h
        for at, gradient in enumerate((by_z.T @ x, by_z.sum(axis=0), error.T @ h)):
            first[at] += 0.1 * (gradient - first[at])
            second[at] += 0.001 * (gradient**2 - second[at])
            parts[at] -= 0.01 * (first[at] / (1 - 0.9**step)) / (np.sqrt(second[at] / (1 - 0.999**step)) + 1e-8)
    net = Bells((parts[0], parts[2]), (parts[1], parts[3]))
    return net, float(squares(net.logits(x), y)[0].mean())


def by_firefly(net, x, y, rng):
    rule = Firefly(eps=0.1, candidates=20, steps=200, sample=0)
    swarm = rule.trained(net, x, y, squares, rng)
    return apply_candidates(net, swarm.groups, rule.chosen(rule.ranking(swarm, x, y, squares)))[0]


def by_chance(net, x, y, rng):
    return net.with_unit(0, rng.normal(size=1), 3 * rng.normal(), 0.1 * rng.normal(size=1))


def by_splitting(net, x, y, rng):
    z = x @ net.weights[0].T + net.biases[0]
    bent = (z**2 - 1) * np.exp(-(z**2) / 2)
    pulls = (squares(net.logits(x), y)[1] @ net.weights[1]) * bent
    found = np.linalg.eigh(splitting_matrices(with_one(x), pulls))
    unit = int(found.eigenvalues[:, 0].argmin())
    return split(net, 0, [unit], 0.1 * found.eigenvectors[unit, :, 0][None])


def losses(grow):
    """Give the loss of each seed at 1, 2, ... units."""
    found = np.zeros((SEEDS, UNITS))
    for seed in range(SEEDS):
        x, y, net = drawn(seed)
        rng = np.random.default_rng(100 + seed)
        for units in range(UNITS):
            net, found[seed, units] = trained(net if units == 0 else grow(net, x, y, rng), x, y)
    return np.median(found, axis=0)


@pytest.mark.slow
def test_T_D2_7_firefly_beats_chance_and_both_beat_splitting():
    firefly, chance, splitting = (losses(grow) for grow in (by_firefly, by_chance, by_splitting))
    print("medians at 1 to", UNITS, "units: firefly", firefly, "chance", chance, "splitting", splitting)
    assert (firefly[2:4] <= 0.7 * chance[2:4]).all()
    assert (firefly[2:4] <= 0.1 * splitting[2:4]).all()
    assert chance[2] <= 0.25 * splitting[2]
    assert chance[3] <= 0.1 * splitting[3]
