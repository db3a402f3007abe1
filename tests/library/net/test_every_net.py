"""What every kind of net has to hold; a new one is tested here by itself."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from foldscape.engine.choose import engine_for
from foldscape.errors import NotPossible
from foldscape.events import CommandTaken, Grown
from foldscape.growth import nets
from foldscape.growth.base import GrowthRule, rules_for
from foldscape.lazy import load_reference
from foldscape.losses import LOSSES, loss_of
from foldscape.net.modular_spec import ModularSpec
from foldscape.net.passes import scores
from foldscape.net.spec import ACTIVATIONS, NetSpec, kinds_of_net
from foldscape.registry import kinds
from foldscape.spec import RunSpec
from foldscape.sweep.moments import alone, straight
from foldscape.sweep.straight import trains_straight
from foldscape.training import Loop, Snapshot

KINDS = {
    wiring: kind
    for wiring, kind in kinds_of_net().items()
    if kind.can.reads == "numbers" and not issubclass(kind, ModularSpec)
}
"""Kinds whose inputs are any row of numbers; what reads characters, and what torch modules compute, is tested apart."""
RULES = kinds("foldscape.growth", GrowthRule)
FORMS = {
    "net2wider": {"noise": 0},
    "line": {"a": (-1, -1), "b": (1, 1.5)},
    "random_insertion": {"init": "identity", "parents": 1},
}
"""Settings with which a rule can be asked for at all, or keeps the function as far as it can."""
KEEPING = {"folding", "gradmax", "line", "north", "net2wider", "identity_layer", "split_layer", "batch_norm"}
"""Rules that keep the function, with the settings they ship with; a kind's rules that do are held to it."""
every_kind = pytest.mark.parametrize("wiring", list(KINDS))
every_activation = pytest.mark.parametrize("activation", list(ACTIVATIONS))


def net_of(wiring, activation="relu", hidden=(5, 4), seed=0):
    spec = NetSpec(hidden=hidden, wiring=wiring, activation=activation, output_scale=1)
    return spec.first(2, 3, np.random.default_rng(seed))


def points(n=40):
    rng = np.random.default_rng(1)
    return rng.normal(size=(n, 2)).astype(np.float32), rng.integers(0, 3, n)


def run_of(wiring, **given):
    plain = {
        "data": {"kind": "moons", "n": 60},
        "net": {"hidden": [3], "wiring": wiring, "output_scale": 1},
        "batch": 15,
        "stop": {"epochs": 2},
    }
    return RunSpec.model_validate(plain | given)


@every_kind
def test_the_first_weights_are_the_seeds_alone(wiring):
    one, same, other = (net_of(wiring, seed=seed) for seed in (3, 3, 4))
    for mine, theirs, foreign in zip(one.flat(), same.flat(), other.flat(), strict=True):
        assert mine.dtype == np.float32
        assert mine.tobytes() == theirs.tobytes()
        assert mine.tobytes() != foreign.tobytes()


@every_kind
@every_activation
@pytest.mark.parametrize("loss", list(LOSSES))
def test_forward_pass_scores_objective_and_evaluator_agree(wiring, activation, loss):
    net, (x, y) = net_of(wiring, activation), points()
    outputs = net.logits(x.astype(np.float64))
    mean = loss_of(loss).values(np.asarray(outputs, np.float64), y).mean()
    told = scores(net, np.ascontiguousarray(x.T, np.float64), y, loss)
    objective, evaluator = net.objective(x, y, loss), net.evaluator(x, y, loss)
    found = evaluator.at(net.vector())
    assert told.loss == pytest.approx(mean, rel=1e-5)
    assert objective.loss() == pytest.approx(mean, rel=1e-6)
    assert found.loss[0] == pytest.approx(mean, rel=1e-5)
    assert told.accuracy == pytest.approx((outputs.argmax(axis=1) == y).mean())
    assert found.accuracy[0] == pytest.approx(told.accuracy)
    np.testing.assert_allclose(net.logits_in_order(x), outputs, rtol=1e-5, atol=1e-6)
    for theta in (objective.theta, evaluator.theta):
        np.testing.assert_allclose(theta, net.vector(), rtol=1e-7)
    assert net.parameters == net.vector().size == objective.size == evaluator.size


@every_kind
@every_activation
def test_the_gradient_is_that_of_differences_wherever_it_is_asked(wiring, activation):
    net, (x, y) = net_of(wiring, activation).astype(np.float64), points()
    objective, theta = net.objective(x, y), net.vector()
    gradient = objective.gradient()
    steps = 1e-6 * np.eye(len(theta))
    differences = (objective.losses(theta + steps) - objective.losses(theta - steps)) / 2e-6
    np.testing.assert_allclose(gradient, differences, atol=1e-6)
    told = scores(net, np.ascontiguousarray(x.T, np.float64), y, "cross_entropy").gradient
    np.testing.assert_allclose(told, gradient, atol=1e-9)
    evaluated = net.evaluator(x, y).gradient(theta, np.arange(len(y)))
    np.testing.assert_allclose(evaluated, gradient, atol=1e-6)


@every_kind
def test_hessian_products_are_those_of_the_dense_hessian_and_of_differences(wiring):
    net, (x, y) = net_of(wiring, "tanh").astype(np.float64), points()
    objective, theta = net.objective(x, y), net.vector()
    vectors = np.random.default_rng(2).normal(size=(3, len(theta)))
    dense = objective.dense_hessian()
    np.testing.assert_allclose(dense, dense.T, atol=1e-12)
    np.testing.assert_allclose(objective.hvp(None, vectors), vectors @ dense, atol=1e-10)
    for vector, product in zip(vectors, objective.hvp(None, vectors), strict=True):
        sides = (objective.gradient(theta + side * 1e-5 * vector) for side in (1, -1))
        np.testing.assert_allclose(product, np.subtract(*sides) / 2e-5, atol=1e-6)


@every_kind
def test_every_engine_it_names_takes_the_step_of_the_gradient(wiring):
    """An update of plain gradient descent with the whole data as batch: theta - lr gradient."""
    for engine in KINDS[wiring].can.engines:
        spec = run_of(
            wiring, optimizer={"kind": "sgd", "lr": 0.1}, batch=45, engine=engine if engine == "torch" else "auto"
        )
        split = spec.data.load(spec.seed)
        net = spec.net.first(split.features, split.classes, np.random.default_rng(0))
        trained = engine_for(spec, net, split)
        trained.begin_epoch(np.arange(len(split.train_y)))
        trained.train(0, 1)
        gradient = net.objective(split.train_x, split.train_y).gradient()
        np.testing.assert_allclose(trained.weights.vector(), net.vector() - 0.1 * gradient, atol=1e-6)


@every_kind
def test_an_engine_it_does_not_name_is_refused_in_words(wiring):
    missing = {"compiled", "torch"} - set(KINDS[wiring].can.engines)
    for engine in missing:
        with pytest.raises(ValueError, match=f"engine (to |{engine})"):
            run_of(wiring, engine=engine)


@every_kind
def test_a_net_is_given_back_from_its_state_and_a_run_from_its_snapshot(wiring):
    net = net_of(wiring)
    again = net_of(wiring, seed=9).restored(net.state())
    assert [part.tobytes() for part in again.flat()] == [part.tobytes() for part in net.flat()]
    whole, half = Loop(run_of(wiring, stop={"epochs": 4})), Loop(run_of(wiring, stop={"epochs": 2}))
    list(whole.events())
    list(half.events())
    kept = Snapshot.unpack(*half.snapshot().pack())
    gone_on = Loop(run_of(wiring, stop={"epochs": 4}), kept)
    gone_on.finished = False
    list(gone_on.events())
    for mine, theirs in zip(whole.subject.net.flat(), gone_on.subject.net.flat(), strict=True):
        assert mine.tobytes() == theirs.tobytes()


@every_kind
def test_what_a_frame_and_a_snapshot_hold_is_the_net(wiring):
    loop = Loop(run_of(wiring))
    frame = [event for event in loop.events() if event.kind == "frame"][-1]
    net, spec = loop.subject.net, loop.spec.net
    told = {"weights": frame.weights, "biases": frame.biases, **net.connections()}
    for state in (told, net.state()):
        again = spec.recorded(state, 2, 2)
        assert type(again) is type(net)
        np.testing.assert_array_equal(again.vector(), net.vector())


@every_kind
@pytest.mark.parametrize("kind", list(RULES))
def test_it_grows_by_the_rules_it_names_and_refuses_the_others_in_one_sentence(wiring, kind):
    rule = {"kind": kind, **FORMS.get(kind, {})}
    spec = run_of(wiring, commands=[{"step": 3, "command": {"kind": "grow", "rule": rule}}])
    loop = Loop(spec)
    events = list(loop.events())
    grew = [event for event in events if isinstance(event, Grown)]
    refused = [event.refused for event in events if isinstance(event, CommandTaken) and event.refused]
    assert len(grew) + len(refused) == 1
    if kind not in rules_for(KINDS[wiring].can):
        assert not grew
        assert refused[0].startswith(f"This net is {KINDS[wiring].can.words}")
        assert f"{kind} grows" in refused[0]
        assert refused[0].endswith(".")
    elif grew:
        assert grew[0].parameters_after == loop.subject.net.parameters
        assert grew[0].kept < 1e-4 or kind not in KEEPING
    else:
        assert RULES[kind].model_json_schema()["family"] in ("waking", "deepening"), refused


@every_kind
def test_it_has_a_rule_or_says_that_it_grows_by_none(wiring):
    can = KINDS[wiring].can
    assert bool(rules_for(can)) == bool(can.grown_as)


@every_kind
@pytest.mark.parametrize("hidden", [(), (3,), (4, 2)])
def test_compute_and_size_are_those_counted_by_hand(wiring, hidden):
    """Each weight multiplies and adds once forward and twice back, biases as weights of a constant 1."""
    net = net_of(wiring, hidden=hidden)
    sizes = [2, *hidden, 3]
    counted = sum((before + 1) * after for before, after in pairwise(sizes))
    spec = NetSpec(hidden=hidden, wiring=wiring)
    assert net.parameters == counted
    assert net.flops_per_sample == spec.flops_per_sample(counted) == 6 * counted
    assert spec.widths(2, 3) == tuple(sizes)
    assert sum(spec.widths(2, 3, 2)) == sum(sizes) + 2


@every_kind
def test_what_it_says_it_can_works(wiring):
    can = KINDS[wiring].can
    assert net_of(wiring).can is can
    assert can.name == wiring
    for part in can.parts:
        assert callable(can.part(part))
    for reference in (*can.engines.values(), *can.warm):
        assert callable(load_reference(reference))
    cut = net_of(wiring).pieces((-1, 1, -1, 1))
    assert cut.cells.areas.sum() == pytest.approx(4)


@every_kind
@pytest.mark.parametrize("part", ["scores", "objective", "evaluator", "pieces"])
def test_what_it_says_it_cannot_is_refused_in_words(wiring, part):
    net, (x, y) = net_of(wiring), points()
    unable = type("Unable", (type(net),), {"can": replace(net.can, **{part: ""})})
    other = object.__new__(unable)
    other.__dict__ |= net.__dict__
    asked = {
        "scores": lambda: scores(other, x.T, y, "cross_entropy"), "objective": lambda: other.objective(x, y),
        "evaluator": lambda: other.evaluator(x, y), "pieces": lambda: other.pieces((-1, 1, -1, 1)),
    }  # fmt: skip
    with pytest.raises(NotPossible, match=r"(This net is|The folds of) .*\. ") as refused:
        asked[part]()
    assert net.can.words in str(refused.value)
    assert part not in unable.can.parts


@every_kind
def test_folds_that_bend_everywhere_are_refused(wiring):
    with pytest.raises(NotPossible, match="Tanh bends everywhere"):
        net_of(wiring, "tanh").pieces((-1, 1, -1, 1))


@every_kind
def test_many_are_trained_together_only_where_it_says_so_and_to_the_same_bits(wiring):
    specs = [run_of(wiring, seed=seed, probes=[]) for seed in (1, 2)]
    assert trains_straight(specs[0]) == bool(KINDS[wiring].can.many)
    if not KINDS[wiring].can.many:
        return
    for spec in specs:
        last = list(straight(spec, spec.load(), 1, {}))[-1]
        single = list(alone(spec))[-1]
        for mine, theirs in zip(last.net.flat(), single.net.flat(), strict=True):
            assert mine.tobytes() == theirs.tobytes()


@every_kind
@every_activation
def test_a_run_with_the_usual_probes_comes_to_its_end(wiring, activation):
    spec = run_of(wiring, net={"hidden": [3], "wiring": wiring, "activation": activation, "output_scale": 1})
    events = list(Loop(spec).events())
    assert events[-1].state == "done"
    told = {event.kind for event in events}
    assert {"metrics", "frame", "curvature", "slice"} <= told
    frame = next(event for event in events if event.kind == "frame")
    assert (frame.why_no_folds == "") == (activation != "tanh") == (frame.regions > 0)


def test_specs_are_written_as_they_always_were():
    plain = {
        "hidden": [1], "activation": "relu", "negative_slope": 0.1, "output_scale": 0.0, "wiring": "layers",
        "bias": True, "first_weights": "fan_in",
    }  # fmt: skip
    for wiring in ("layers", "dag"):
        written = RunSpec.model_validate({"net": {"wiring": wiring}}).net.model_dump(mode="json")
        assert {name: written[name] for name in plain} == plain | {"wiring": wiring}
        assert [name for name in written if name in plain] == list(plain)
    assert RunSpec().net == NetSpec()
    with pytest.raises(ValueError, match="wiring"):
        NetSpec(wiring="ring")
    with pytest.raises(ValueError, match="'dag', 'layers'"):
        RunSpec.model_validate({"net": {"wiring": "ring"}})


def test_the_kinds_are_told_to_pages():
    told = nets.nets_as_json()
    assert told[0]["wiring"] == "layers"
    known = kinds_of_net()
    assert {each["wiring"] for each in told} == set(known)
    for each in told:
        can = known[each["wiring"]].can
        assert each["reads"] == can.reads
        assert each["rules"] == rules_for(can)
        assert each["parts"] == can.parts
