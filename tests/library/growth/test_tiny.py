"""TINY: new units against a layer's bottleneck (arXiv 2405.19816)."""

import numpy as np
import pytest

from foldscape.errors import NotPossible
from foldscape.growth.splits.matrix import with_one
from foldscape.growth.tiny import Tiny, bottleneck, steeper_signs
from foldscape.losses.cross_entropy import cross_entropy
from foldscape.net.mlp import backward
from tests.library.growth.drawn import net_of, scene_of

RNG = np.random.default_rng


def case(activation="relu", layer=0):
    net, scene = net_of((4, 5), activation, features=6, classes=4), scene_of(150, 6, 4)
    passed = backward(net, scene.x, scene.y)
    inputs, outputs, wanted = passed.inputs[layer], passed.inputs[layer + 1], -passed.errors[layer + 1]
    return net, scene, (inputs, outputs, wanted), bottleneck(inputs, outputs, wanted)


@pytest.mark.parametrize("layer", [0, 1])
def test_the_bottleneck_is_what_no_change_of_the_next_layers_weights_can_do(layer):
    _, _, (_, outputs, wanted), found = case(layer=layer)
    given, n = with_one(outputs), len(outputs)
    missing = wanted - given @ np.linalg.pinv(given) @ wanted
    assert found.missing == pytest.approx(np.sqrt((missing**2).sum() / n))
    assert found.missing <= found.wanted == pytest.approx(np.sqrt((wanted**2).sum() / n))
    perfect = bottleneck(outputs, outputs, given @ RNG(0).normal(size=(given.shape[1], 3)))
    assert perfect.missing < 1e-10
    assert not len(perfect.singular_values)


@pytest.mark.parametrize("layer", [0, 1])
def test_singular_values_are_the_slopes_of_the_loss(layer):
    """Adding h u with a linear unit of mean square 1 lowers the loss by σ at first, and none by more than the first."""
    _, _, (inputs, outputs, wanted), found = case(layer=layer)
    read = with_one(inputs)
    units = read @ found.incoming.T
    np.testing.assert_allclose((units**2).mean(axis=0), 1, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found.outgoing, axis=1), 1)
    given = with_one(outputs)
    missing = wanted - given @ np.linalg.lstsq(given, wanted, rcond=None)[0]
    slopes = np.einsum("nr,nk,rk->r", units, missing, found.outgoing) / len(inputs)
    np.testing.assert_allclose(slopes, found.singular_values, atol=1e-9)
    rng = RNG(1)
    for _ in range(200):
        other = read @ rng.normal(size=read.shape[1])
        other /= np.sqrt((other**2).mean())
        assert np.linalg.norm(other @ missing / len(inputs)) <= found.singular_values[0] + 1e-9


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
@pytest.mark.parametrize("units", [1, 3])
def test_the_search_lowers_the_loss(activation, units):
    net, scene, _, found = case(activation)
    change = Tiny(units=units).change(net, scene, RNG(0))
    before, after = (float(cross_entropy(each.logits(scene.x), scene.y).mean()) for each in (net, change.net))
    assert after < before
    assert change.score == pytest.approx(found.singular_values[:units].sum())
    assert change.explanation["amount"] > 0


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_of_a_unit_and_its_opposite_the_steeper_is_taken(activation):
    net, scene, (inputs, _, wanted), found = case(activation)
    signs = steeper_signs(net, with_one(inputs), -wanted, found.incoming, found.outgoing)
    for row, column, sign in zip(found.incoming, found.outgoing, signs, strict=True):
        slopes = []
        for each in (1, -1):
            h = 1e-6
            grown = net.with_unit(0, each * row[:-1], each * row[-1], h * each * column)
            ends = [float(cross_entropy(tried.logits(scene.x), scene.y).mean()) for tried in (net, grown)]
            slopes.append((ends[1] - ends[0]) / h)
        assert sign == (1 if slopes[0] <= slopes[1] else -1)


def test_with_zero_outgoing_weights_the_function_is_kept():
    net, scene, _, _ = case()
    change = Tiny(units=2, outgoing="zero").change(net, scene, RNG(0))
    np.testing.assert_allclose(change.net.logits(scene.x), net.logits(scene.x), atol=1e-14)
    assert change.net.weights[0][-2:].any()


def test_when_little_is_missing_or_more_is_asked_than_there_is_it_says_so():
    net, scene, _, found = case()
    share = found.missing / found.wanted
    Tiny(least_bottleneck=share - 0.01).change(net, scene, RNG(0))
    with pytest.raises(NotPossible, match=r"growth was to wait for"):
        Tiny(least_bottleneck=min(1, share + 0.01)).change(net, scene, RNG(0))
    with pytest.raises(NotPossible, match="20 new units were asked for, but only"):
        Tiny(units=20).change(net, scene, RNG(0))
