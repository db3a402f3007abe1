"""Critical points: witnesses that are really there, the closed form of a linear net, more of them in larger boxes."""

from dataclasses import replace

import numpy as np
import pytest

import foldscape
from foldscape.errors import InvalidInput
from foldscape.memorisation import critical_points, critical_ratios
from foldscape.memorisation.critical import away_from
from foldscape.net.input_gradient import outputs_and_gradient
from foldscape.net.mlp import Weights, initial
from foldscape.net.norm import BatchNorm
from foldscape.net.spec import NetSpec
from foldscape.training.opening import opening_net


def net_of(hidden=(12, 9), activation="relu", features=5, classes=4, seed=0):
    net = initial(
        NetSpec(hidden=hidden, activation=activation, output_scale=1), features, classes, np.random.default_rng(seed)
    )
    return replace(net, weights=tuple(4 * weight for weight in net.weights)).astype(np.float64)


def points(count=200, features=5, seed=1):
    return np.random.default_rng(seed).normal(size=(count, features)).astype(np.float32)


def linear(seed=0, features=6):
    rng = np.random.default_rng(seed)
    return Weights((rng.normal(size=(2, features)).astype(np.float32),), (rng.normal(size=2).astype(np.float32),))


@pytest.mark.parametrize("clip", [None, (-0.5, 0.5)])
@pytest.mark.parametrize("early_stop", [0, 20])
def test_every_place_lies_in_its_box_and_every_witness_has_another_answer(clip, early_stop):
    """T-B4-1: the bound holds exactly, of found and of other points alike; a witness is classed otherwise."""
    net, x = net_of(), points() if clip is None else np.clip(points(), *clip)
    found = critical_points(net, x, 0.1, clip=clip, early_stop=early_stop)
    assert np.abs(found.witnesses.astype(np.float64) - x).max() <= 0.1
    single = net.astype(np.float32)
    other = single.logits(found.witnesses).argmax(axis=1) != single.logits(x).argmax(axis=1)
    assert other[found.critical].all()
    assert 0 < found.ratio < 1
    if clip:
        assert np.abs(found.witnesses).max() <= 0.5


@pytest.mark.parametrize("radius", [0.05, 0.2, 0.7])
def test_of_a_linear_net_those_are_critical_that_the_closed_form_says(radius):
    """T-B4-2: x is critical where |w·x + b| <= r |w|_1 for the margin w; without noise the search finds them all."""
    net, x = linear(), points(2000, 6)
    margin, bias = (part[1] - part[0] for part in (net.weights[0].astype(np.float64), net.biases[0].astype(np.float64)))
    reach = np.abs(x @ margin + bias) / np.abs(margin).sum()
    found = critical_points(net, x, radius, step=radius / 4, noise=0, iterations=4)
    assert np.abs(reach - radius).min() > 1e-6  # so that no point lies on the edge, where rounding decides
    assert (found.critical == (reach <= radius)).all()


def test_a_net_that_is_sure_of_its_answer_is_searched_as_well():
    """The cross-entropy's own gradient rounds to 0 there; the sign of what is followed instead is the same."""
    net, x = linear(), points(500, 6)
    sure = replace(net, weights=(net.weights[0] * 1e4,), biases=(net.biases[0] * 1e4,))
    settings = {"step": 0.1, "noise": 0, "iterations": 4}
    assert (
        critical_points(sure, x, 0.3, **settings).critical == critical_points(net, x, 0.3, **settings).critical
    ).all()
    outputs = np.random.default_rng(0).normal(size=(50, 4))
    answers = outputs.argmax(axis=1)
    chance = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    chance[np.arange(50), answers] -= 1
    followed = away_from(outputs, answers)
    cosine = (followed * chance).sum(axis=1) / np.linalg.norm(followed, axis=1) / np.linalg.norm(chance, axis=1)
    assert np.allclose(cosine, 1, atol=1e-12)


def test_no_radius_finds_nothing_and_larger_boxes_never_less():
    """T-B4-3: 0 at r = 0; from the witnesses of a smaller box on the ratio does not fall, and witnesses stay true."""
    net, x = net_of(), points()
    found = critical_ratios(net, x, [0.0, 0.02, 0.05, 0.1, 0.3])
    ratios = [one.ratio for one in found]
    assert ratios[0] == 0
    assert ratios == sorted(ratios)
    assert ratios[-1] > ratios[1]
    for one in found:
        assert np.abs(one.witnesses.astype(np.float64) - x).max(initial=0) <= one.radius


def test_a_search_repeats_its_bits_and_follows_its_seed():
    net, x = net_of(), points()
    first, again, other = (critical_points(net, x, 0.05, rng=seed).witnesses for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_what_cannot_be_a_box_is_refused():
    with pytest.raises(InvalidInput, match="radius -1 is below 0"):
        critical_points(net_of(), points(3), -1)
    wide = critical_points(net_of(), points(3), 0.5)
    with pytest.raises(InvalidInput, match=r"below 0\.5"):
        critical_points(net_of(), points(3), 0.1, start=wide)
    assert np.isnan(critical_points(net_of(), points(0), 0.1).ratio)


def normed():
    net = net_of((6, 5))
    rng = np.random.default_rng(3)
    norms = tuple(
        BatchNorm(*(rng.uniform(0.5, 2, width) for _ in range(2)), *(rng.uniform(0.5, 2, width) for _ in range(2)))
        for width in (6, 5)
    )
    return replace(net, norms=norms)


def graph():
    spec = foldscape.RunSpec.model_validate({"net": {"wiring": "dag", "hidden": [4]}, "data": {"kind": "rings"}})
    return opening_net(spec, spec.load(), None).astype(np.float64)


@pytest.mark.parametrize("make", [net_of, lambda: net_of(activation="tanh"), lambda: net_of(activation="leaky_relu"),
                                  lambda: net_of(()), normed, graph])  # fmt: skip
def test_the_gradient_by_the_inputs_is_that_of_finite_differences(make):
    net = make()
    x = np.random.default_rng(5).normal(size=(7, net.features))
    weight = np.random.default_rng(6).normal(size=(7, len(net.biases[-1])))
    outputs, gradient = outputs_and_gradient(net, x, lambda _: weight)
    assert np.allclose(outputs, net.logits(x))
    for place in range(net.features):
        nudge = np.zeros(net.features)
        nudge[place] = 1e-6
        slope = (weight * (net.logits(x + nudge) - net.logits(x - nudge))).sum(axis=1) / 2e-6
        assert np.allclose(gradient[:, place], slope, atol=1e-6)
