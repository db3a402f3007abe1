"""The folding rule (docs/growth.md): what holds for every unit that it proposes."""

import json
from dataclasses import replace

import numpy as np
import pytest

from foldscape.data.digits import Digits
from foldscape.errors import NotPossible
from foldscape.geometry import partition
from foldscape.growth.base import Scene
from foldscape.growth.folding import Folding
from foldscape.growth.folds.gain import predicted_gain
from foldscape.losses.cross_entropy import cross_entropy
from foldscape.net.mlp import Weights, initial
from foldscape.net.norm import BatchNorm
from foldscape.net.spec import NetSpec
from tests.library.growth.drawn import logits_in_order
from tests.library.growth.folded import BOX, descended, every_case, trained

CRITERIA = ["newton", "gradmax", "align", "mix"]
KEYS = {
    "instance", "point", "class", "predicted", "loss", "cluster_size", "cluster_loss", "cluster", "fold_point",
    "fold_point_method", "author_point", "on_segment", "segment", "direction", "criterion", "gain", "dial",
}  # fmt: skip


def proposed(net, scene, seed=0, **options):
    return Folding(**options).propose(net, scene, np.random.default_rng(seed))


def layers(net):
    return range(len(net.hidden))


@every_case
@pytest.mark.parametrize("criterion", CRITERIA)
def test_T_E4_1_the_function_is_kept_exactly(case, criterion):
    net, scene = trained(*case)
    for layer in layers(net):
        change = Folding(criterion=criterion, layer=layer).change(net, scene, np.random.default_rng(0))
        assert np.array_equal(logits_in_order(change.net, scene.x), logits_in_order(net, scene.x))


@every_case
@pytest.mark.parametrize("criterion", CRITERIA)
def test_T_E4_2_the_fold_runs_through_the_fold_point_and_the_mistake_wakes_the_unit(case, criterion):
    net, scene = trained(*case)
    for layer in layers(net):
        unit = proposed(net, scene, criterion=criterion, layer=layer)
        told = unit.explanation
        at = net.layer_inputs(np.array([told["fold_point"], told["point"]], np.float64), layer)
        size = np.linalg.norm(unit.incoming)
        assert size == pytest.approx(net.mean_row_norm(layer), rel=1e-12)
        assert abs(unit.incoming @ at[0] + unit.bias) <= 1e-12 * size * max(1, np.linalg.norm(at[0]))
        way = at[1] - at[0]
        assert unit.incoming @ way >= 0.0999999 * size * np.linalg.norm(way) > 0


@every_case
def test_T_E4_6_it_adds_one_unit_with_all_its_weights(case):
    net, scene = trained(*case)
    for layer in layers(net):
        change = Folding(layer=layer).change(net, scene, np.random.default_rng(0))
        fan_in, fan_out = net.weights[layer].shape[1], len(net.biases[layer + 1])
        assert change.net.parameters == net.parameters + fan_in + 1 + fan_out
        assert (change.k_new, change.layer, change.net.neurons) == (1, layer, net.neurons + 1)


@pytest.mark.parametrize("case", [((2,), "relu", 2, 1), ((4,), "leaky_relu", 2, 0)])
def test_T_E4_7_one_new_line_in_the_partition(case):
    net, scene = trained(*case)
    unit = proposed(net, scene)
    grown = net.with_unit(0, unit.incoming, unit.bias, np.array([0.3, -0.2]))
    slope = 0.1 if net.activation == "leaky_relu" else 0.0
    before, after = (partition(one.weights, one.biases, BOX, negative_slope=slope) for one in (net, grown))
    new = after.folds.unit == len(net.biases[0])
    np.testing.assert_allclose(after.folds.points[new] @ unit.incoming, -unit.bias, atol=1e-12)
    old = {tuple(pattern) for pattern in before.cells.patterns}
    assert {tuple(pattern[:-1]) for pattern in after.cells.patterns} == old


@every_case
@pytest.mark.parametrize("method", ["effective", "author"])
def test_the_explanation_is_complete_plain_json(case, method):
    net, scene = trained(*case)
    for layer in layers(net):
        unit = proposed(net, scene, layer=layer, fold_point=method)
        told = unit.explanation
        assert set(told) == KEYS
        assert json.loads(json.dumps(told, allow_nan=False)) == told
        assert told["gain"] == predicted_gain(net, layer, unit.incoming, unit.bias, scene.x, scene.y)
        assert told["gain"] == pytest.approx(unit.score)
        assert told["class"] == scene.y[told["instance"]] != told["predicted"]
        assert told["point"] == scene.x[told["instance"]].tolist()
        assert told["loss"] == pytest.approx(cross_entropy(net.logits(scene.x), scene.y).mean())
        assert told["instance"] in told["cluster"]
        assert (told["dial"] is None) == (layer > 0)


@pytest.mark.parametrize("hidden", [(2,), (16,), (8, 8)])
def test_the_gain_is_about_what_the_outgoing_weights_bring(hidden):
    net, scene = trained(hidden)
    last = len(hidden) - 1
    unit = proposed(net, scene, layer=last, convex=True)
    before, after = (
        cross_entropy(one.logits(scene.x), scene.y).mean()
        for one in (net, net.with_unit(last, unit.incoming, unit.bias, unit.outgoing))
    )
    assert 0.5 < (before - after) / unit.explanation["gain"] < 2


@every_case
def test_convex_weights_lower_the_loss_to_where_its_gradient_vanishes(case):
    net, scene = trained(*case)
    last = len(net.hidden) - 1
    unit = proposed(net, scene, layer=last, convex=True)

    def loss(outgoing):
        return cross_entropy(net.with_unit(last, unit.incoming, unit.bias, outgoing).logits(scene.x), scene.y).mean()

    reached = loss(unit.outgoing)
    assert reached < loss(np.zeros_like(unit.outgoing))
    for nudge in np.concatenate([np.eye(len(unit.outgoing)), -np.eye(len(unit.outgoing))]):
        assert loss(unit.outgoing + 0.05 * nudge) >= reached - 1e-9


def test_T_0_8_the_same_generator_gives_the_same_unit():
    net, scene = trained((8, 8))
    for layer in layers(net):
        one, two = (proposed(net, scene, seed=5, layer=layer) for _ in range(2))
        assert np.array_equal(one.incoming, two.incoming)
        assert one.explanation == two.explanation


def test_without_a_box_the_whole_set_is_looked_at():
    net, scene = trained((4,))
    shown, hidden = proposed(net, scene), proposed(net, Scene(scene.x, scene.y))
    np.testing.assert_allclose(shown.incoming, hidden.incoming, atol=1e-9)
    assert hidden.explanation["segment"] is not None


def test_a_box_that_shows_little_hides_no_boundary():
    net, scene = trained((4,))
    whole, close = proposed(net, scene), proposed(net, replace(scene, box=(0.0, 0.1, 0.0, 0.1)))
    assert close.explanation["fold_point"] == pytest.approx(whole.explanation["fold_point"])


def test_nothing_to_fold_at_when_all_is_right():
    net = Weights((np.eye(2), np.eye(2)), (np.zeros(2), np.zeros(2)))
    scene = Scene(np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([0, 1]), BOX)
    with pytest.raises(NotPossible, match=r"Nothing is mis-predicted: all 2 training points are right.*Stop growing"):
        proposed(net, scene)


def test_a_smooth_net_has_no_folds():
    net, scene = trained((3,))
    with pytest.raises(NotPossible, match=r"tanh.*has no folds"):
        proposed(replace(net, activation="tanh"), scene)
    with pytest.raises(NotPossible, match=r"slope 1 .*has no folds"):
        proposed(replace(net, activation="leaky_relu", negative_slope=1.0), scene)


def test_a_net_that_never_learnt_grows_between_the_classes():
    net = initial(NetSpec(hidden=(2,), output_scale=0), 2, 2, np.random.default_rng(0))
    scene = trained((2,))[1]
    unit = proposed(net, scene)
    assert unit.explanation["fold_point_method"] == "midpoint"
    assert unit.explanation["gain"] > 0


def test_a_normalised_layer_is_folded_as_the_plain_one():
    net, scene = trained((5, 4))
    norms = tuple(BatchNorm.keeping(net.preactivations(scene.x, layer)) for layer in (0, 1))
    normed = replace(net, norms=norms)
    for layer, rule in [(0, Folding(convex=True)), (1, Folding(layer=1))]:
        change = rule.change(normed, scene, np.random.default_rng(0))
        plain = rule.change(net, scene, np.random.default_rng(0))
        assert change.explanation["fold_point"] == pytest.approx(plain.explanation["fold_point"])
        np.testing.assert_allclose(change.net.logits(scene.x), plain.net.logits(scene.x), atol=1e-4, err_msg=str(layer))


@pytest.mark.parametrize("layer", [0, 1])
def test_digits_are_folded_in_all_their_dimensions(layer):
    split = Digits().load(0)
    start = initial(NetSpec(hidden=(6, 5), output_scale=1), 64, 10, np.random.default_rng(1))
    net = descended(start, split.train_x, split.train_y, 200)
    scene = Scene(split.train_x, split.train_y, image_shape=(8, 8))
    unit = proposed(net, scene, layer=layer)
    told = unit.explanation
    assert set(told) == KEYS
    assert len(told["point"]) == len(told["fold_point"]) == 64
    assert told["segment"] is told["dial"] is None
    assert unit.incoming.shape == ((64,), (6,))[layer]
    at = net.layer_inputs(np.array([told["fold_point"]]), layer)[0]
    assert abs(unit.incoming @ at + unit.bias) <= 1e-12 * np.linalg.norm(unit.incoming) * max(1, np.linalg.norm(at))
    solved = proposed(net, scene, layer=layer, convex=True)
    grown = net.with_unit(layer, solved.incoming, solved.bias, solved.outgoing)
    assert cross_entropy(grown.logits(scene.x), scene.y).mean() < told["loss"]
