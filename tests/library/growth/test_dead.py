"""Dead units: finding them and waking them (docs/growth.md)."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from foldscape.errors import NotPossible
from foldscape.growth.batch_norm import InsertBatchNorm
from foldscape.growth.bias_shift import BiasShift, bias_lift
from foldscape.growth.dead import active_share, dead_share
from foldscape.net.mlp import backward
from tests.library.growth.drawn import assert_carried_over, net_of, scene_of

RNG = np.random.default_rng(0)


def with_dead(net, layer, units):
    """Push biases so far down that the units are off wherever the data lie."""
    biases = [bias.copy() for bias in net.biases]
    biases[layer][units] = -50
    return replace(net, biases=tuple(biases))


@pytest.mark.parametrize("layer", [0, 1])
def test_T_E5_5_planted_dead_units_are_found(layer):
    scene, units = scene_of(n=300), [1, 4]
    net = with_dead(net_of((6, 5)), layer, units)
    shares = active_share(net.astype(np.float32), scene.x)
    assert [share.dtype for share in shares] == [np.float32] * 2
    dead = np.flatnonzero(shares[layer] == 0)
    assert set(units) <= set(dead)
    z = net.preactivations(scene.x, layer)
    np.testing.assert_array_equal(dead, np.flatnonzero(z.max(axis=0) <= 0))
    np.testing.assert_allclose(shares[layer], (z > 0).mean(axis=0), atol=1e-6)
    assert dead_share(net, scene.x)[layer] == pytest.approx(len(dead) / net.hidden[layer])


def test_a_layer_of_dead_units_makes_the_net_constant():
    scene = scene_of()
    net = with_dead(net_of((6, 5)), 1, np.arange(5))
    assert dead_share(net, scene.x)[1] == 1
    assert np.ptp(net.logits(scene.x), axis=0).max() == 0


@pytest.mark.parametrize("activation", ["leaky_relu", "tanh"])
def test_only_a_relu_dies(activation):
    scene = scene_of()
    net = with_dead(net_of((6,), activation), 0, [2])
    assert dead_share(net, scene.x) == (0.0,)
    with pytest.raises(NotPossible, match="No unit of hidden layer 1 is dead"):
        BiasShift().change(net, scene, RNG)


@pytest.mark.parametrize("normed", [False, True])
@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_a_bias_shift_wakes_dead_units_on_the_share_asked_for(share, normed):
    scene, units = scene_of(n=200), [1, 4]
    net = with_dead(net_of((6, 5)), 0, units)
    if normed:
        net = InsertBatchNorm().change(net, scene, RNG).net
    change = BiasShift(share=share).change(net, scene, RNG)
    before, after = (active_share(each, scene.x)[0] for each in (net, change.net))
    np.testing.assert_allclose(after[units], share, atol=1e-6)
    others = np.setdiff1d(np.arange(6), change.explanation["woken"])
    np.testing.assert_array_equal(after[others], before[others])
    assert change.came_from == (0, 1, 2)
    assert change.k_new == 0


def test_waking_units_without_outgoing_weights_keeps_the_function():
    scene = scene_of()
    net = with_dead(net_of((6,)), 0, [3])
    assert np.abs(BiasShift().change(net, scene, RNG).net.logits(scene.x) - net.logits(scene.x)).max() > 0
    net.weights[1][:, 3] = 0
    woken = BiasShift().change(net, scene, RNG).net
    np.testing.assert_allclose(woken.logits(scene.x), net.logits(scene.x), rtol=0, atol=1e-15)
    assert np.abs(backward(woken, scene.x, scene.y).weight_gradients[1][:, 3]).max() > 0


def test_what_is_not_dead_or_cannot_wake_is_refused():
    net, scene = net_of((6, 5)), scene_of()
    with pytest.raises(NotPossible, match="No unit of hidden layer 1 is dead"):
        BiasShift().change(net, scene, RNG)
    with pytest.raises(NotPossible, match="no hidden layer 3; this net has 2"):
        BiasShift(layer=2).change(net, scene, RNG)
    below = with_dead(with_dead(net, 0, np.arange(6)), 1, [0])
    with pytest.raises(NotPossible, match="one and the same value"):
        BiasShift(layer=1).change(below, scene, RNG)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([-1, -2, -3, -4], 0.25, 1.5), ([-1, -1, -3, -4], 0.25, 2.0), ([-1, -2], 1, 2.5), ([-3, -3], 0.5, 0.0)],
)
def test_zero_comes_to_lie_in_a_gap(values, share, expected):
    assert bias_lift(np.array(values, float), share) == expected


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
@pytest.mark.parametrize(("layer", "dtype"), [(0, np.float64), (1, np.float64), (1, np.float32)])
def test_T_E5_4_inserting_batch_normalisation_is_the_identity_by_running_statistics(layer, dtype, activation):
    scene = scene_of(n=300)
    net = net_of((6, 5), activation).astype(dtype)
    change = InsertBatchNorm(layer=layer).change(net, scene, RNG)
    assert [norm is not None for norm in change.net.norms] == [layer == 0, layer == 1]
    assert np.abs(change.net.logits(scene.x) - net.logits(scene.x)).max() <= (1e-6 if dtype == np.float32 else 1e-12)
    assert change.net.parameters - net.parameters == 2 * net.hidden[layer]
    assert_carried_over(change, net)


def test_T_E5_4_in_training_batches_keep_the_function_only_nearly():
    scene = scene_of(n=300)
    net = net_of((6,))
    norm = InsertBatchNorm().change(net, scene, RNG).net.norms[0]
    z = torch.from_numpy(net.preactivations(scene.x, 0))
    gamma, beta = torch.from_numpy(norm.gamma), torch.from_numpy(norm.beta)
    whole = torch.nn.functional.batch_norm(z, None, None, gamma, beta, training=True)
    np.testing.assert_allclose(whole, z, atol=1e-12)
    batch = torch.nn.functional.batch_norm(z[:32], None, None, gamma, beta, training=True)
    assert 1e-3 < (batch - z[:32]).abs().max() < 1


def test_batch_normalisation_wakes_dead_units_only_when_asked():
    scene, units = scene_of(n=300), [1, 4]
    net = with_dead(net_of((6,)), 0, units)
    kept = InsertBatchNorm().change(net, scene, RNG).net
    gradients = backward(kept, scene.x, scene.y).norm_gradients[0]
    assert max(np.abs(part[units]).max() for part in gradients) == 0
    woken = InsertBatchNorm(wake=True).change(net, scene, RNG).net
    assert (active_share(kept, scene.x)[0][units] == 0).all()
    np.testing.assert_allclose(active_share(woken, scene.x)[0][units], 0.5, atol=0.1)


def test_a_layer_is_normalised_once():
    scene = scene_of()
    net = InsertBatchNorm().change(net_of((6,)), scene, RNG).net
    with pytest.raises(NotPossible, match="has batch normalisation already"):
        InsertBatchNorm().change(net, scene, RNG)
    with pytest.raises(NotPossible, match="no hidden layer 2; this net has 1"):
        InsertBatchNorm(layer=1).change(net, scene, RNG)
