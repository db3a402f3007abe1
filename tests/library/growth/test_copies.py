"""Net2Net's wider net, and random units."""

import numpy as np
import pytest

from foldscape.growth.copies import with_copies
from foldscape.growth.net2wider import Net2Wider
from foldscape.growth.random_direction import RandomDirection
from foldscape.net.mlp import backward
from tests.library.growth.drawn import net_of, scene_of

RNG = np.random.default_rng
every_activation = pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])


@every_activation
@pytest.mark.parametrize("layer", [0, 1])
def test_copies_keep_the_function(activation, layer):
    net, scene = net_of((6, 5), activation), scene_of()
    grown = with_copies(net, layer, [2, 4, 2])
    np.testing.assert_allclose(grown.logits(scene.x), net.logits(scene.x), atol=1e-14)
    width = net.hidden[layer]
    np.testing.assert_array_equal(grown.weights[layer][width:], net.weights[layer][[2, 4, 2]])
    shares = grown.weights[layer + 1][:, [2, width, width + 2]]
    np.testing.assert_allclose(shares, np.repeat(net.weights[layer + 1][:, [2]] / 3, 3, axis=1))


def test_without_noise_copies_get_equal_gradients_and_never_part():
    net, scene = net_of((6,)), scene_of()
    change = Net2Wider(noise=0, units=2).change(net, scene, RNG(1))
    rows = backward(change.net, scene.x, scene.y).weight_gradients[0]
    for new, old in change.copies[0]:
        np.testing.assert_allclose(rows[new], rows[old], atol=1e-16)
    assert change.explanation["copied"] == [old for _, old in change.copies[0]]


def test_noise_is_a_share_of_the_weights():
    net, scene = net_of((50,), features=40), scene_of(features=40)
    change = Net2Wider(noise=0.1, units=64).change(net, scene, RNG(1))
    rows = change.net.weights[0]
    moved = rows[50:] - rows[[old for _, old in change.copies[0]]]
    assert np.linalg.norm(moved, axis=1).mean() == pytest.approx(0.1 * net.mean_row_norm(0), rel=0.05)


@pytest.mark.parametrize("outgoing", ["zero", "random"])
def test_a_random_unit_has_the_norms_of_the_others(outgoing):
    net, scene = net_of((6, 5)), scene_of()
    change = RandomDirection(layer=1, outgoing=outgoing, scale=0.5).change(net, scene, RNG(2))
    assert np.linalg.norm(change.net.weights[1][-1]) == pytest.approx(0.5 * net.mean_row_norm(1))
    np.testing.assert_allclose(
        change.net.preactivations(scene.x[[change.explanation["anchor"]]], 1)[0, -1], 0, atol=1e-12
    )
    out = np.linalg.norm(change.net.weights[2][:, -1])
    assert out == (0 if outgoing == "zero" else pytest.approx(0.5 * np.linalg.norm(net.weights[2], axis=0).mean()))
