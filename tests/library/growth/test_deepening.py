"""Rules that add layers (docs/growth.md)."""

import numpy as np
import pytest

from foldscape.errors import NotPossible
from foldscape.geometry import partition
from foldscape.growth.batch_norm import InsertBatchNorm
from foldscape.growth.deepen_identity import IdentityLayer
from foldscape.growth.deepen_register import RegisterLayers
from foldscape.growth.deepen_split import SplitLayer
from foldscape.net.mlp import backward
from tests.library.growth.drawn import BOX, assert_carried_over, inside, logits_in_order, net_of, scene_of

RNG = np.random.default_rng(0)


def regions(net):
    """Give slopes, offsets and area of each region on which the net is one affine map, in a fixed order."""
    slope = net.negative_slope if net.activation == "leaky_relu" else 0.0
    cells = partition(net.weights, net.biases, BOX, negative_slope=slope).cells
    maps = np.hstack([cells.affine.reshape(len(cells), -1), cells.offset])
    found = []
    for row, area in zip(maps, cells.areas, strict=True):
        for region in found:
            if np.abs(region[0] - row).max() < 1e-9:
                region[1] += area
                break
        else:
            found.append([row, area])
    return sorted((tuple(np.round(row, 6)), area) for row, area in found)


def assert_same_regions(before, after):
    assert len(before) == len(after)
    assert len(before) > 5
    for (rows, area), (others, other) in zip(before, after, strict=True):
        np.testing.assert_allclose(rows, others, atol=2e-6)
        assert area == pytest.approx(other, abs=1e-9)


@pytest.mark.parametrize("after", [0, 1])
def test_T_E5_1_an_identity_layer_changes_no_bit(after):
    net = net_of((6, 5))
    change = IdentityLayer(after=after).change(net, scene_of(), RNG)
    x = inside(BOX)
    assert np.abs(logits_in_order(change.net, x) - logits_in_order(net, x)).max() == 0
    width = net.hidden[after]
    assert change.net.parameters - net.parameters == width**2 + width
    assert (change.layer, change.k_new) == (after + 1, width)
    assert_carried_over(change, net)


def test_an_identity_layer_of_leaky_units_carries_both_signs():
    net = net_of((6, 5), "leaky_relu")
    change = IdentityLayer(after=0).change(net, scene_of(), RNG)
    x = inside(BOX)
    np.testing.assert_allclose(change.net.logits(x), net.logits(x), rtol=0, atol=1e-14)
    assert change.net.hidden == (6, 12, 5)
    assert_carried_over(change, net)


def test_noise_on_an_identity_layer_is_drawn_and_changes_the_function():
    net, scene = net_of((6,)), scene_of()
    first, again, other = (
        IdentityLayer(noise=0.01).change(net, scene, np.random.default_rng(seed)).net for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.weights[1], again.weights[1])
    assert np.abs(first.weights[1] - other.weights[1]).max() > 0
    moved = np.abs(first.logits(scene.x) - net.logits(scene.x)).max()
    assert 0 < moved < 0.5


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
@pytest.mark.parametrize("units", [2, 7, 16])
def test_T_E5_2_the_register_construction_is_exact_on_the_box(activation, units):
    net = net_of((units,), activation, classes=4)
    change = RegisterLayers().change(net, scene_of(classes=4), RNG)
    assert change.net.hidden == (2 + 4 + 1,) * units
    x0, x1, y0, y1 = BOX
    corners = np.array([(x0, y0), (x0, y1), (x1, y0), (x1, y1)])
    x = np.concatenate([inside(BOX), corners])
    assert np.abs(change.net.logits(x) - net.logits(x)).max() <= 1e-10
    assert_carried_over(change, net)


def test_T_E5_2_without_a_plane_the_box_is_that_of_the_data():
    net, scene = net_of((5,), features=6), scene_of(features=6)
    deep = RegisterLayers().change(net, scene, RNG).net
    assert deep.hidden == (6 + 3 + 1,) * 5
    assert np.abs(deep.logits(scene.x) - net.logits(scene.x)).max() <= 1e-10


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
@pytest.mark.parametrize("rule", [IdentityLayer(), RegisterLayers(), SplitLayer(layer=0), SplitLayer(layer=1)])
def test_T_E5_3_the_linear_regions_stay(rule, activation):
    net = net_of((7,), activation)
    assert_same_regions(regions(net), regions(rule.change(net, scene_of(), RNG).net))


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_a_split_at_full_rank_keeps_the_function(activation, layer):
    net = net_of((6, 5), activation)
    change = SplitLayer(layer=layer).change(net, scene_of(), RNG)
    x = inside(BOX)
    np.testing.assert_allclose(change.net.logits(x), net.logits(x), rtol=0, atol=1e-13)
    assert change.k_new == 2 * min(net.weights[layer].shape)
    assert change.score == 0
    assert_carried_over(change, net)


def test_a_split_at_low_rank_is_the_nearest_product():
    net = net_of((6, 5))
    change = SplitLayer(layer=1, rank=2).change(net, scene_of(), RNG)
    into, out = change.net.weights[1:3]
    product = out[:, :2] @ into[:2]
    singular = np.linalg.svd(net.weights[1])[1]
    assert change.net.hidden == (6, 4, 5)
    assert np.linalg.norm(product - net.weights[1]) == pytest.approx(np.linalg.norm(singular[2:]), abs=1e-12)
    assert change.score == pytest.approx(np.linalg.norm(singular[2:]), abs=1e-12)


def test_a_net_without_hidden_layers_can_be_split():
    net = net_of(())
    deep = SplitLayer().change(net, scene_of(), RNG).net
    x = inside(BOX)
    assert deep.hidden == (4,)
    np.testing.assert_allclose(deep.logits(x), net.logits(x), rtol=0, atol=1e-14)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
@pytest.mark.parametrize("rule", [IdentityLayer(), SplitLayer(layer=1)])
def test_T_E5_6_the_inserted_layer_has_a_gradient_for_live_units(rule, activation):
    net, scene = net_of((6,), activation), scene_of()
    change = rule.change(net, scene, RNG)
    gradient = backward(change.net, scene.x, scene.y).weight_gradients[change.layer]
    alive = (change.net.preactivations(scene.x, change.layer) > 0).any(axis=0)
    assert alive.sum() >= 3
    assert (np.linalg.norm(gradient[alive], axis=1) > 1e-6).all()


def test_layers_are_inserted_beside_batch_normalisation():
    net, scene = net_of((6, 5)), scene_of()
    net = InsertBatchNorm(layer=1).change(net, scene, RNG).net
    for rule, place in ((IdentityLayer(after=0), 2), (SplitLayer(layer=1), 2), (SplitLayer(layer=2), 1)):
        deep = rule.change(net, scene, RNG).net
        assert [layer for layer, norm in enumerate(deep.norms) if norm] == [place]
        np.testing.assert_allclose(deep.logits(scene.x), net.logits(scene.x), rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    ("rule", "net", "message"),
    [
        (IdentityLayer(), net_of((3,), "tanh"), "tanh units bends"),
        (SplitLayer(), net_of((3,), "tanh"), "tanh units bends"),
        (RegisterLayers(), net_of((3,), "tanh"), "tanh units bends"),
        (IdentityLayer(after=1), net_of((3,)), "no hidden layer 2; this net has 1"),
        (IdentityLayer(), net_of(()), "this net has 0"),
        (IdentityLayer(), net_of((1,) * 16), "17 hidden layers; 16 is the limit"),
        (SplitLayer(layer=2), net_of((3,)), "no layer 3 of weights; this net has 2"),
        (RegisterLayers(), net_of((17,)), "17 would become 17 layers; 2 to 16 is allowed"),
        (RegisterLayers(), net_of((1,)), "1 would become 1 layers"),
        (RegisterLayers(), net_of((3, 3)), "this one has 2"),
    ],
)
def test_what_cannot_be_deepened_is_refused_in_a_sentence(rule, net, message):
    with pytest.raises(NotPossible, match=message):
        rule.change(net, scene_of(), RNG)


def test_weights_of_zero_are_not_split():
    net = net_of((3,))
    net.weights[1][:] = 0
    with pytest.raises(NotPossible, match="all zero"):
        SplitLayer(layer=1).change(net, scene_of(), RNG)
