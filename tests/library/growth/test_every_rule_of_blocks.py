"""What every growth rule has to hold on nets of blocks, of every kind that grows by them (T-0-8, T-E7-1 to T-E7-6)."""

import numpy as np
import pytest

from foldscape.engine.base import Memory
from foldscape.errors import NotPossible
from foldscape.growth.base import GrowthRule
from foldscape.growth.blocks.site import site_of
from foldscape.growth.blocks.widening import named_parts
from foldscape.growth.where import steepness, with_layer
from foldscape.net.blocks.modules.passing import outputs_of_batch
from foldscape.net.blocks.pooling import PoolLayer
from foldscape.registry import kinds
from foldscape.training.carried import memory_after, units_after
from tests.library.growth.blocks import KINDS, NETS, gradient_of, loss_of, named, net_of, scene_of

RULES = {kind: rule for kind, rule in kinds("foldscape.growth", GrowthRule).items() if "blocks" in rule.grows}
ROUNDING, SMALL, FREE = 1e-12, 0.02, np.inf
"""How far a rule says that the function may move, at rest and as a batch in training; all in double precision."""
FORMS: dict[str, list[tuple[dict, float]]] = {
    "firefly": [({"eps": 1e-3, "candidates": 3}, SMALL), ({"eps": 0.1, "count": 6, "candidates": 4}, FREE)],
    "gradmax": [({}, ROUNDING), ({"units": 2, "scale_by": "sigma", "scale_method": "fixed"}, ROUNDING)],
    "identity_layer": [({}, ROUNDING), ({"noise": 0.1}, FREE)],
    "net2wider": [({"noise": 0, "units": 3}, ROUNDING), ({"noise": 0.01}, SMALL)],
    "random_direction": [({}, ROUNDING), ({"outgoing": "random", "units": 2}, FREE)],
}


def fits(kind, told):
    """Whether a rule grows such a net: a block that adds nothing needs a way around it."""
    return kind != "identity_layer" or any(block.shortcut == () for block in net_of(told).plan.blocks)


CASES = [(kind, *form) for kind in RULES for form in FORMS.get(kind, [({}, FREE)])]
PAIRS = [(*case, told) for case in CASES for told in NETS if fits(case[0], told)]
every_net = pytest.mark.parametrize("told", NETS, ids=named)
every_rule_and_net = pytest.mark.parametrize(
    ("kind", "fields", "most", "told"),
    PAIRS,
    ids=[f"{kind} {' '.join(map(str, fields))} {named(told)}" for kind, fields, _, told in PAIRS],
)


def changed(kind, fields, net, seed=0):
    """Let a rule work out a change."""
    rule = RULES[kind].model_validate({"kind": kind, **fields})
    return rule.change(net, scene_of(), np.random.default_rng(seed))


@every_rule_and_net
def test_the_function_is_kept_at_rest_and_as_a_batch_in_training(kind, fields, most, told):
    """T-E7-3, in both modes: the running statistics, and those of the batch."""
    net, x = net_of(told), scene_of().x
    change = changed(kind, fields, net)
    assert np.isfinite(change.net.logits(x)).all()
    assert np.abs(change.net.logits(x) - net.logits(x)).max() <= most
    assert np.abs(outputs_of_batch(change.net, x) - outputs_of_batch(net, x)).max() <= (most if most < 1 else FREE)
    assert np.isfinite(change.score)
    assert change.k_new == sum(change.net.hidden) - sum(net.hidden) > 0
    assert change.explanation["multiplications"] == [net.plan.multiplications, change.net.plan.multiplications]
    assert change.net.parameters == change.net.plan.parameters > net.parameters


@every_rule_and_net
def test_old_entries_stand_first_and_keep_what_is_remembered_of_them(kind, fields, most, told):
    """T-E7-7: copies apart, whose memory is shared out, old entries keep their moments; new ones start blank."""
    net = net_of(told)
    change = changed(kind, fields, net)
    held = tuple(np.arange(1.0, part.size + 1).reshape(part.shape) for part in net.flat())
    memory = memory_after(Memory(held, held, held), net, change)
    old = dict(zip(net.places(), held, strict=True))
    for (layer, name), now in zip(change.net.places(), memory.first, strict=True):
        came = change.came_from[layer]
        if came is None:
            assert not now.any()
            continue
        before, parents = old[came, name], {parent for _, parent in change.copies.get(layer, ())}
        kept = [row for row in range(len(before)) if row not in parents]
        corner = now[tuple(slice(size) for size in before.shape)]
        np.testing.assert_array_equal(corner[kept], before[kept])
        read = {new for new, _ in (change.copies_read or {}).get(layer, ())}
        if now.ndim > 1:
            fresh = [column for column in range(before.shape[1], now.shape[1]) if column not in read]
            assert not now[: len(before)][:, fresh].any()
    ids = units_after(net.unit_ids(), change, 1000)
    assert [len(each) for each in ids] == list(change.net.hidden)
    assert sorted(number for each in ids for number in each if number < 1000) == list(range(net.neurons))


@every_net
@pytest.mark.parametrize("kind", ["net2wider", "firefly"])
def test_copies_remember_what_they_would_if_they_had_always_been_there(kind, told):
    """The gradient of the grown net is what the carried first moments say, through normalisations and to the reader."""
    net, scene = net_of(told, activation="tanh"), scene_of()
    fields = {"noise": 0, "units": 4} if kind == "net2wider" else {"eps": 1e-6, "candidates": 0, "count": 3}
    change = changed(kind, fields, net)
    assert change.copies
    first = tuple(gradient_of(net, scene))
    carried = memory_after(Memory(first, tuple(part**2 for part in first), first), net, change)
    for (layer, name), mine, now in zip(
        change.net.places(), carried.first, gradient_of(change.net, scene), strict=True
    ):
        np.testing.assert_allclose(mine, now, atol=2e-6, err_msg=f"{layer} {name}")
    for mine, squared in zip(carried.first, carried.second, strict=True):
        np.testing.assert_allclose(squared, mine**2, atol=1e-12)


@every_rule_and_net
def test_T_0_8_the_same_seed_gives_the_same_net_and_the_net_as_it_was_is_not_touched(kind, fields, most, told):
    net = net_of(told)
    held = [part.copy() for part in (*net.arrays, *net.buffers)]
    first, second = (changed(kind, fields, net, seed=7) for _ in range(2))
    for mine, theirs in zip(
        (*first.net.arrays, *first.net.buffers), (*second.net.arrays, *second.net.buffers), strict=True
    ):
        assert mine.tobytes() == theirs.tobytes()
    assert first.explanation == second.explanation
    for now, then in zip((*net.arrays, *net.buffers), held, strict=True):
        assert now.tobytes() == then.tobytes()


@every_rule_and_net
def test_what_cannot_be_done_is_refused_in_a_sentence(kind, fields, most, told):
    where = "after" if "after" in RULES[kind].model_fields else "layer"
    rule = RULES[kind].model_validate({"kind": kind, **fields, where: 100})
    with pytest.raises(NotPossible, match="no hidden layer 101"):
        rule.change(net_of(told), scene_of(), np.random.default_rng(0))


@every_net
@pytest.mark.parametrize("layer", [0, 1])
def test_T_E7_1_T_E7_2_T_E7_6_gradients_of_new_units_are_what_gradmax_says(told, layer):
    """By autograd through the grown net: c σᵢ for what comes in, exactly nothing for what goes out."""
    net, scene = net_of(told), scene_of()
    change = changed("gradmax", {"units": 2, "layer": layer}, net)
    site = site_of(net, layer)
    names = [tensor.name for tensor in change.net.plan.tensors]
    found = dict(zip(names, gradient_of(change.net, scene), strict=True))
    rows = found[f"{site.inner}.weight"][site.width :].reshape(2, -1)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), change.explanation["gradient_norms"], rtol=1e-8)
    sigma, norm = np.array(change.explanation["singular_values"]), change.explanation["outgoing_norm"]
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), norm * sigma[:2], rtol=1e-8)
    assert not found[f"{site.reader}.weight"][:, site.width * site.columns :].any()


def is_pooled(site):
    """Whether the largest of some answers is taken, which has no derivative where all are 0."""
    return any(isinstance(layer, PoolLayer) for _, layer in site.between)


@every_net
def test_the_first_step_of_a_gradmax_unit_gains_what_its_gradient_promises(told):
    """With tanh, which has a derivative at 0: a step of -η g changes the loss by -η |g|² to second order."""
    net, scene = net_of(told, activation="tanh"), scene_of()
    smooth = [layer for layer in range(len(net.hidden)) if not is_pooled(site_of(net, layer))]
    change = changed("gradmax", {"layer": smooth[-1]}, net)
    site = site_of(net, smooth[-1])
    at = list(named_parts(change.net)).index(f"{site.inner}.weight")
    gradient = gradient_of(change.net, scene)[at]
    gradient[: site.width] = 0
    for eta, near in ((1e-2, 0.1), (1e-4, 1e-2)):
        arrays = list(change.net.arrays)
        arrays[at] = arrays[at] - eta * gradient
        gained = loss_of(change.net, scene) - loss_of(change.net.with_flat(arrays), scene)
        assert gained == pytest.approx(eta * (gradient**2).sum(), rel=near)


@every_net
@pytest.mark.parametrize("score", ["midpoint", "endpoint"])
def test_T_D2_2_the_gains_of_a_firefly_add_up_to_the_fall_of_the_loss(told, score):
    """All candidates are kept, so that predicted and real gain are of the same change."""
    net, scene = net_of(told, activation="tanh"), scene_of()
    fields = {
        "eps": 1e-3,
        "candidates": 2,
        "count": 64,
        "score": score,
        "nodes": 8,
        "steps": 12,
        "sample": 0,
        "layer": 1,
    }
    change = changed("firefly", fields, net)
    ranking = change.explanation["ranking"]
    left_out = [each for each in ranking if not each["chosen"]]
    predicted, real = change.explanation["gain_predicted"], loss_of(net, scene) - loss_of(change.net, scene)
    assert predicted > 0
    assert all(each["gain"] <= 0 for each in left_out)
    assert real == pytest.approx(predicted, rel=0.05)
    assert {each["kind"] for each in ranking} == {"split", "new"}
    assert change.explanation["costs"][0]["multiplications"] == site_of(net, 1).multiplications


@every_net
def test_auto_takes_the_block_with_the_largest_normalised_gradient(told):
    net, scene = net_of(told), scene_of()
    values = steepness(net, scene, np.random.default_rng(0))
    rule = RULES["gradmax"].model_validate({"kind": "gradmax", "layer": "auto"})
    chosen, why = with_layer(rule, net, scene, np.random.default_rng(0))
    assert chosen.layer == int(np.argmax(values)) == why["where"]["layer"]
    assert why["where"]["steepness"] == values
    assert with_layer(chosen, net, scene, np.random.default_rng(0)) == (chosen, {})
    with pytest.raises(NotPossible, match="still to be chosen"):
        rule.change(net, scene, np.random.default_rng(0))


def test_rules_that_grow_layers_only_name_those_that_grow_blocks():
    tiny = kinds("foldscape.growth", GrowthRule)["tiny"].model_validate({"kind": "tiny"})
    with pytest.raises(NotPossible, match="This net is a residual net, and tiny grows a chain") as refused:
        tiny.refuse_others(net_of({"wiring": "resnet", "width": 4}))
    assert all(kind in str(refused.value) for kind in RULES)


def test_channels_that_are_normalised_in_groups_are_refused_but_blocks_are_added():
    net = net_of({"wiring": "resnet", "width": 4, "norm": "group"})
    with pytest.raises(NotPossible, match="normalised in groups"):
        changed("gradmax", {}, net)
    grown = changed("identity_layer", {"after": 1}, net).net
    assert [len(stage) for stage in grown.structure] == [1, 2, 1]
    np.testing.assert_array_equal(grown.logits(scene_of().x), net.logits(scene_of().x))


@pytest.mark.parametrize("activation", ["leaky_relu", "tanh"])
def test_a_block_behind_which_the_activation_would_bend_twice_is_refused(activation):
    net = net_of({"wiring": "resnet", "width": 4}, activation=activation)
    with pytest.raises(NotPossible, match="changes what passes it twice"):
        changed("identity_layer", {}, net)


def test_a_net_without_ways_around_its_blocks_gets_no_block():
    net = net_of({"wiring": "cnn", "channels": (3, 4)})
    with pytest.raises(NotPossible, match="have no way around them"):
        changed("identity_layer", {}, net)


def test_every_kind_that_grows_by_blocks_is_here():
    assert {"cnn", "mobilenet_v2", "res_mlp", "resnet"} <= set(KINDS)
    assert set(RULES) == set(FORMS)
