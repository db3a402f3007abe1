"""Firefly: wider and deeper candidates in one ranking (arXiv 2102.08574)."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from foldscape.errors import NotPossible
from foldscape.growth.fireflies.carry import apply_candidates
from foldscape.growth.fireflies.scores import KINDS, gains
from foldscape.growth.fireflies.swarm import Swarm
from foldscape.growth.fireflies.tuning import bounds, drawn
from foldscape.growth.firefly import Firefly
from foldscape.growth.ranking import Candidate
from foldscape.losses import LOSSES, CrossEntropy
from foldscape.losses.cross_entropy import cross_entropy, output_error
from tests.library.growth.drawn import net_of, scene_of

RNG = np.random.default_rng
softmax_loss = CrossEntropy().both
ALL = {"new": "new", "split": "split", "deep": "deeper"}

every_activation = pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])


def squares(outputs, y):
    """Half the squared distance and its gradient."""
    difference = outputs - y
    return (difference**2).sum(axis=-1) / 2, difference


def case(activation="relu", hidden=(6, 5), eps=0.3, deep=3, steps=0, classes=4):
    net, scene = net_of(hidden, activation, features=3, classes=classes), scene_of(120, 3, classes)
    rule = Firefly(eps=eps, candidates=4, deeper=deep, steps=steps, sample=0)
    return rule.trained(net, scene.x, scene.y, softmax_loss, RNG(2)), scene


def bent(swarm, seed=3):
    """Change all ε to random ones, some negative, and move folds off the examples that they are laid through."""
    rng = RNG(seed)
    groups = []
    for group in swarm.groups:
        parts = {kind: group.parts()[kind] * 5 * rng.normal(size=len(group.parts()[kind])) for kind in KINDS}
        moved = {name: group.parts()[name] + 0.03 for name in ("new_in", "deep_in")}
        groups.append(replace(group, **parts, **moved))
    return Swarm(swarm.net, tuple(groups))


def changed(swarm, layer, name, index, value):
    part = swarm.groups[layer].parts()[name].copy()
    part[index] = value
    groups = list(swarm.groups)
    groups[layer] = replace(groups[layer], **{name: part})
    return Swarm(swarm.net, tuple(groups))


def off(swarm):
    groups = [replace(group, **{kind: 0 * group.parts()[kind] for kind in KINDS}) for group in swarm.groups]
    return Swarm(swarm.net, tuple(groups))


def test_the_loss_is_that_of_the_net():
    net, scene = net_of((6,), classes=4), scene_of(classes=4)
    logits = net.logits(scene.x)
    losses, errors = softmax_loss(logits, scene.y)
    np.testing.assert_allclose(losses, cross_entropy(logits, scene.y), atol=1e-14)
    np.testing.assert_allclose(errors, output_error(logits, scene.y), atol=1e-14)
    for kind in LOSSES.values():
        stacked = kind().both(np.stack([logits, 2 * logits]), scene.y)
        for outputs, values, slopes in zip((logits, 2 * logits), *stacked, strict=True):
            np.testing.assert_allclose(values, kind().values(outputs, scene.y), atol=1e-13)
            np.testing.assert_allclose(slopes, kind().error(outputs, scene.y), atol=1e-13)


@every_activation
def test_T_D2_1_and_T_D3_with_all_switched_off_the_function_is_kept(activation):
    swarm, scene = case(activation)
    np.testing.assert_array_equal(off(swarm).forward(scene.x)[1], swarm.net.logits(scene.x))


@every_activation
def test_gradients_by_every_array_are_finite_differences(activation):
    swarm, scene = case(activation)
    swarm = bent(swarm)
    found = swarm.gradients(scene.x, scene.y, softmax_loss)
    rng, h = RNG(0), 1e-6
    for layer, group in enumerate(swarm.groups):
        for name, part in group.parts().items():
            index = tuple(int(rng.integers(size)) for size in part.shape)
            ends = [
                changed(swarm, layer, name, index, part[index] + step).loss(scene.x, scene.y, softmax_loss)
                for step in (h, -h)
            ]
            assert found[layer].parts()[name][index] == pytest.approx((ends[0] - ends[1]) / (2 * h), abs=2e-7), name


@every_activation
def test_T_D2_2_and_T_D3_a_score_is_what_leaving_the_candidate_out_costs(activation):
    swarm, scene = case(activation, eps=0.1, steps=5)
    whole = swarm.loss(scene.x, scene.y, softmax_loss)
    folded = activation != "tanh"  # slopes jump where a candidate crosses a fold, so more midpoints are needed
    rated = gains(swarm, scene.x, scene.y, softmax_loss, 200 if folded else 10)
    for layer, kind in itertools.product(range(2), KINDS):
        for unit, gain in enumerate(rated[layer][kind]):
            without = changed(swarm, layer, kind, unit, 0.0).loss(scene.x, scene.y, softmax_loss)
            assert gain == pytest.approx(without - whole, rel=1e-3, abs=1e-6 if folded else 1e-9)


def test_T_D2_2_of_new_units_and_squared_errors_one_midpoint_is_exact():
    swarm, scene = case("tanh", hidden=(6,), deep=0)
    y = RNG(5).normal(size=(len(scene.x), 4))
    whole = swarm.loss(scene.x, y, squares)
    for unit, gain in enumerate(gains(swarm, scene.x, y, squares, 1)[0]["new"]):
        without = changed(swarm, 0, "new", unit, 0.0).loss(scene.x, y, squares)
        assert gain == pytest.approx(without - whole, abs=1e-12)


def test_T_D2_2_the_endpoint_is_the_slope_where_they_are():
    swarm, scene = case("tanh")
    slopes = swarm.gradients(scene.x, scene.y, softmax_loss)
    rated = gains(swarm, scene.x, scene.y, softmax_loss, 0)
    for layer, kind in itertools.product(range(2), KINDS):
        parts = swarm.groups[layer].parts()[kind]
        np.testing.assert_array_equal(rated[layer][kind], -parts * slopes[layer].parts()[kind])


@every_activation
def test_T_D2_3_at_zero_only_new_units_have_a_slope(activation):
    swarm, scene = case(activation)
    dark = off(swarm)
    slopes, h = dark.gradients(scene.x, scene.y, softmax_loss), 1e-5
    for layer in range(2):
        assert not slopes[layer].split.any()
        for kind in ("new", "deep"):
            slope = slopes[layer].parts()[kind]
            assert slope.all()
            ends = [changed(dark, layer, kind, 1, z).loss(scene.x, scene.y, softmax_loss) for z in (h, -h)]
            assert slope[1] == pytest.approx((ends[0] - ends[1]) / (2 * h), abs=1e-6)


@every_activation
@pytest.mark.parametrize("kinds", [("split",), ("new",), ("deep",), ("split", "new"), ("split", "new", "deep")])
def test_T_D2_4_and_T_D3_what_is_carried_out_is_the_net_with_the_chosen_candidates(activation, kinds):
    if "deep" in kinds and activation == "tanh":
        return
    swarm, scene = case(activation)
    swarm = bent(swarm)
    keep = {
        (layer, kind): [unit for unit in range(len(swarm.groups[layer].parts()[kind])) if unit % 2 == layer]
        for layer, kind in itertools.product(range(2), kinds)
    }
    chosen = [Candidate(ALL[kind], layer, unit, 1.0, 1.0) for (layer, kind), units in keep.items() for unit in units]
    groups = []
    for layer, group in enumerate(swarm.groups):
        masks = {kind: np.isin(np.arange(len(group.parts()[kind])), keep.get((layer, kind), [])) for kind in KINDS}
        groups.append(replace(group, **{kind: np.where(masks[kind], group.parts()[kind], 0) for kind in KINDS}))
    grown, came_from, copies = apply_candidates(swarm.net, swarm.groups, chosen)
    expected = Swarm(swarm.net, tuple(groups)).forward(scene.x)[1]
    np.testing.assert_allclose(grown.logits(scene.x), expected, rtol=0, atol=1e-10)
    assert len(came_from) == len(grown.weights) == 3 + 2 * ("deep" in kinds)
    assert sum(len(pairs) for pairs in copies.values()) == sum(each.kind == "split" for each in chosen)


@every_activation
@pytest.mark.parametrize("count", [1, 5])
def test_T_D2_4_the_loss_falls(activation, count):
    net, scene = net_of((6, 5), activation, features=3, classes=4), scene_of(120, 3, 4)
    change = Firefly(count=count, sample=0, eps=0.01).change(net, scene, RNG(0))
    before, after = (float(cross_entropy(each.logits(scene.x), scene.y).mean()) for each in (net, change.net))
    assert after < before
    assert before - after == pytest.approx(change.explanation["gain_predicted"], rel=0.2)


def test_T_D2_5_of_six_candidates_the_first_two_are_the_best_pair():
    net, scene = net_of((2,), "tanh", features=3, classes=4), scene_of(120, 3, 4)
    limits = bounds(net, 1e-3)
    swarm = drawn(net, scene.x, scene.y, softmax_loss, limits, 4, 0, RNG(1))
    rule = Firefly(count=2, candidates=4)
    names = {(each.kind, each.unit) for each in rule.chosen(rule.ranking(swarm, scene.x, scene.y, softmax_loss))}
    six = [("split", 0), ("split", 1), *(("new", unit) for unit in range(4))]

    def loss_with(pair):
        tried = off(swarm)
        for kind, unit in pair:
            tried = changed(tried, 0, kind, unit, swarm.groups[0].parts()[kind][unit])
        return tried.loss(scene.x, scene.y, softmax_loss)

    assert names == set(min(itertools.combinations(six, 2), key=loss_with))


@pytest.mark.parametrize("kind", ["split", "new"])
def test_T_D2_6_each_unit_adds_its_parameters_and_operations(kind):
    swarm, _ = case()
    grown = apply_candidates(swarm.net, swarm.groups, [Candidate(kind, 1, 2, 1.0, 1.0)])[0]
    added = swarm.net.weights[1].shape[1] + 1 + len(swarm.net.biases[2])
    assert grown.parameters - swarm.net.parameters == added

    def cost(name):
        rule = Firefly(cost=name)
        found = rule.ranking(swarm, np.zeros((2, 3)), np.zeros(2, int), softmax_loss)
        return {(each.kind, each.layer): each.cost for each in found}[kind, 1]

    assert cost("parameters") == added
    assert cost("flops") == 2 * (added - 1)
    assert cost("neurons") == 1


def test_T_D3_a_new_layer_of_too_few_units_is_dropped_and_others_take_its_place():
    rule = Firefly(count=3, deeper=5, least_deep=2)
    kinds = ["deeper", "new", "split", "new", "deeper"]
    ranking = [Candidate(kind, 0, unit, 5.0 - unit, 1.0) for unit, kind in enumerate(kinds)]
    assert [each.unit for each in rule.chosen(ranking)] == [1, 2, 3]
    assert [each.unit for each in replace_count(rule, 5).chosen(ranking)] == [0, 1, 2, 3, 4]
    assert rule.chosen([replace(each, gain=-1.0) for each in ranking]) == []


def replace_count(rule, count):
    return rule.model_copy(update={"count": count})


def test_T_D3_deeper_candidates_compete_and_a_chosen_layer_is_grown():
    net, scene = net_of((6,), features=3, classes=4), scene_of(120, 3, 4)
    change = Firefly(count=8, candidates=2, deeper=8, sample=0).change(net, scene, RNG(0))
    ranking = change.explanation["ranking"]
    assert {each["kind"] for each in ranking} == {"split", "new", "deeper"}
    deep = sum(each["chosen"] and each["kind"] == "deeper" for each in ranking)
    wide = sum(each["chosen"] and each["kind"] == "new" for each in ranking)
    splits = sum(each["chosen"] and each["kind"] == "split" for each in ranking)
    assert deep >= 2
    assert change.net.hidden == (6 + wide + splits, 6 + wide + deep)
    assert change.came_from == (0, None, 1)


def test_one_layer_alone_may_be_named():
    net, scene = net_of((6, 5), features=3, classes=4), scene_of(120, 3, 4)
    change = Firefly(layer=1, count=4).change(net, scene, RNG(0))
    assert {each["layer"] for each in change.explanation["ranking"]} == {1}
    assert change.net.hidden[0] == 6


@pytest.mark.parametrize(
    ("fields", "activation", "sentence"),
    [
        ({"deeper": 4, "count": 4}, "tanh", "tanh units bends"),
        ({"deeper": 4, "count": 1}, "relu", "needs 2 units"),
        ({"layer": 4}, "relu", "no hidden layer 5"),
    ],
)
def test_what_cannot_be_done_is_told(fields, activation, sentence):
    with pytest.raises(NotPossible, match=sentence):
        Firefly(**fields).change(net_of((6,), activation), scene_of(), RNG(0))
