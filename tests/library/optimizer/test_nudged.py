"""Nudged SGD: the bits of plain SGD where nothing is nudged, its edges on quadratics, what it holds and costs."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from foldscape import curvature
from foldscape.commands import Grow, SetOptimizer, UndoGrowth
from foldscape.engine.compiled import CompiledEngine
from foldscape.engine.torch_engine import TorchEngine
from foldscape.events import CommandTaken, Grown, Nudged
from foldscape.growth.batch_norm import InsertBatchNorm
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec
from foldscape.optimizer import Memory, Nudge, NudgedSGD
from foldscape.shuffling import order_of
from foldscape.spec import RunSpec
from foldscape.sweep.straight import trains_straight
from foldscape.training import Loop, Snapshot
from foldscape.training.sharpest import SharpestDirections

DATA = {"kind": "moons", "n": 90}


def spec_of(optimizer, **fields):
    plain = {"data": DATA, "net": {"hidden": [9]}, "batch": 16, "probes": [], "stop": {"epochs": 4}}
    return RunSpec.model_validate(plain | {"optimizer": optimizer} | fields)


def ran(spec, start=None):
    loop = Loop(spec, start=start)
    return loop, list(loop.events())


def bits(loop):
    memory = loop.engine.memory
    parts = (*loop.engine.weights.flat(), *memory.first, *memory.directions, *memory.curvatures)
    return [part.tobytes() for part in parts]


def weights(loop):
    return [part.tobytes() for part in loop.engine.weights.flat()]


@pytest.mark.parametrize("engine", ["compiled", "torch"])
@pytest.mark.parametrize("still", [{"gamma": 1}, {"k": 0, "gamma": 0.1}], ids=["gamma 1", "k 0"])
@pytest.mark.parametrize("corrects", ["gradient", "velocity"])
@pytest.mark.parametrize("momentum", [0, 0.9])
def test_T_B3_1_and_2_without_a_nudge_it_is_plain_descent_bit_for_bit(engine, still, corrects, momentum):
    nudged = {"kind": "nudged", "lr": 0.1, "momentum": momentum, "corrects": corrects, **still}
    plain = {"kind": "momentum", "lr": 0.1, "momentum": momentum} if momentum else {"kind": "sgd", "lr": 0.1}
    (ours, _), (theirs, _) = (ran(spec_of(one, engine=engine)) for one in (nudged, plain))
    assert weights(ours) == weights(theirs)
    assert bool(ours.engine.memory.directions) == (ours.spec.optimizer.k > 0)


def plane_of(k, size, seed=0):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(size, k)))[0].T


def nudge(directions, factors):
    return Nudge(torch.tensor(directions), np.asarray(factors, dtype=float))


def test_T_B3_2_a_factor_of_0_leaves_the_place_along_the_directions_as_it_is():
    rng, directions = np.random.default_rng(1), plane_of(3, 30)
    theta = [torch.tensor(rng.normal(size=30))]
    before = directions @ theta[0].numpy()
    rule, memory = NudgedSGD(gamma=0), {"first": [torch.zeros(30, dtype=torch.float64)]}
    for _ in range(50):
        gradient = [torch.tensor(rng.normal(size=30))]
        rule.update(theta, gradient, memory, 0.1, nudge(directions, rule.factors(0.1, np.ones(3))))
    np.testing.assert_allclose(directions @ theta[0].numpy(), before, rtol=0, atol=1e-9)


@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_T_B3_2_a_run_with_factor_0_stays_along_its_directions_for_an_epoch(engine):
    loop = Loop(spec_of({"kind": "nudged", "lr": 0.1, "gamma": 0, "k": 4}, engine=engine, stop={"epochs": 1}))
    before = loop.subject.net.vector()
    list(loop.events())
    directions = np.concatenate([part.reshape(4, -1) for part in loop.engine.memory.directions], axis=1)
    moved = loop.subject.net.vector() - before
    assert np.linalg.norm(moved) > 0.05
    assert np.abs(directions @ moved).max() < 1e-6  # the engines add up in single precision


def settles(rule, values, factors, steps=400, lr=0.5):
    """Whether each coordinate of a diagonal quadratic goes to 0; the first is nudged."""
    theta = [torch.ones(len(values), dtype=torch.float64)]
    memory = {"first": [torch.zeros(len(values), dtype=torch.float64)]}
    first = np.eye(len(values))[:1]
    for _ in range(steps):
        rule.update(theta, [torch.tensor(values) * theta[0]], memory, lr, nudge(first, factors))
    return np.abs(theta[0].numpy()) < 1e-2


@pytest.mark.parametrize("gamma", [0.1, 0.5, 1, 5])
@pytest.mark.parametrize("share", [0.97, 1.03])
def test_T_B3_3_a_quadratic_converges_along_the_nudged_direction_by_its_own_edge(gamma, share):
    """Along v_1 where gamma eta lambda_1 < 2, elsewhere where eta lambda < 2."""
    lr, rule = 0.5, NudgedSGD(gamma=gamma)
    values = np.array([share * 2 / (gamma * lr), 0.97 * 2 / lr, 1.03 * 2 / lr])
    assert settles(rule, values, rule.factors(lr, values[:1])).tolist() == [share < 1, True, False]


@pytest.mark.parametrize("corrects", ["gradient", "velocity"])
@pytest.mark.parametrize("share", [0.97, 1.03])
def test_with_momentum_the_edge_along_the_directions_is_that_of_momentum(corrects, share):
    rule, lr = NudgedSGD(gamma=0.2, momentum=0.8, corrects=corrects), 0.5
    values = np.array([share * 3.6 / (0.2 * lr), 0.97 * 3.6 / lr, 1.03 * 3.6 / lr])
    assert settles(rule, values, rule.factors(lr, values[:1])).tolist() == [share < 1, True, False]


def test_auto_gives_each_direction_what_keeps_it_stable():
    """gamma_k = min(1, 2 / (eta lambda_k)); with momentum by its own edge; what curves downwards is left alone."""
    values = np.array([40.0, 8.0, 1.0, 0.0, -3.0])
    np.testing.assert_allclose(NudgedSGD(auto=True).factors(0.5, values), [0.1, 0.5, 1, 1, 1])
    np.testing.assert_allclose(NudgedSGD(auto=True, momentum=0.5).factors(0.5, values), [0.15, 0.75, 1, 1, 1])
    rule, lr = NudgedSGD(auto=True), 0.5
    values = np.array([30.0, 1.0])
    assert not settles(NudgedSGD(gamma=1), values, [1.0], lr=lr)[0]
    theta, memory = [torch.ones(2, dtype=torch.float64)], {"first": [torch.zeros(2, dtype=torch.float64)]}
    for _ in range(400):
        rule.update(
            theta, [torch.tensor(values) * theta[0]], memory, lr, nudge(np.eye(2)[:1], rule.factors(lr, values[:1]))
        )
    assert abs(float(theta[0][0])) <= 1 + 1e-9  # just at the edge: it swings and does not grow


def test_where_the_directions_stay_gradient_and_velocity_may_be_nudged_alike():
    ours, theirs = (
        ran(
            spec_of({"kind": "nudged", "lr": 0.05, "momentum": 0.9, "gamma": 0.2, "corrects": one}, stop={"epochs": 1})
        )[0]
        for one in ("gradient", "velocity")
    )
    for mine, other in zip(ours.engine.weights.flat(), theirs.engine.weights.flat(), strict=True):
        np.testing.assert_allclose(mine, other, atol=2e-6)


@pytest.mark.parametrize("corrects", ["gradient", "velocity"])
def test_compiled_code_agrees_with_torch_on_held_directions(corrects):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(50, 2)).astype(np.float32)
    y = (x @ rng.normal(size=(2, 2))).argmax(axis=1)
    net = initial(NetSpec(hidden=(5, 4)), 2, 2, rng)
    flat = net.flat()
    rows = np.split(plane_of(3, sum(part.size for part in flat)), np.cumsum([part.size for part in flat])[:-1], axis=1)
    held = tuple(row.reshape(3, *part.shape).astype(np.float32) for row, part in zip(rows, flat, strict=True))
    blank = tuple(np.zeros_like(part) for part in flat)
    memory = Memory(first=blank, directions=held, curvatures=(np.array([90.0, 30.0, 1.0]),))
    for form in ({"gamma": 0.3}, {"gamma": 3}, {"auto": True}):
        rule = NudgedSGD(lr=0.05, momentum=0.5, weight_decay=0.01, corrects=corrects, **form)
        found = []
        for kind in (CompiledEngine, TorchEngine):
            engine = kind(net, rule, x, y, 12)
            engine.load(net, memory)
            for epoch in range(10):
                engine.begin_epoch(order_of("epoch", 0, epoch, 50))
                engine.train(0, 5, np.linspace(0.02, 0.08, 5) if epoch % 2 else None)
            found.append(engine)
        for mine, other in zip(*(engine.weights.flat() for engine in found), strict=True):
            np.testing.assert_allclose(mine, other, atol=1e-5)
        for mine, other in zip(found[0].memory.directions, held, strict=True):
            np.testing.assert_array_equal(mine, other)


def test_what_it_steps_along_are_the_sharpest_directions():
    loop, _ = ran(spec_of({"kind": "nudged", "lr": 0.1, "k": 3}, net={"hidden": [30, 30]}, stop={"epochs": 6}))
    SharpestDirections(loop._run, loop.spec.optimizer.sharpest).find()
    memory = loop.engine.memory
    ours = np.concatenate([part.reshape(3, -1) for part in memory.directions], axis=1).astype(float)
    split = loop.subject.split
    exact = curvature.top_eigenpairs(loop.subject.net.objective(split.train_x, split.train_y, "cross_entropy"), k=3)
    np.testing.assert_allclose(ours @ ours.T, np.eye(3), atol=1e-5)
    np.testing.assert_allclose(memory.curvatures[0], exact.values, rtol=0.05)
    assert abs(ours[0] @ exact.vectors[0]) > 0.99
    found = np.einsum("kp,kp->k", ours, loop.subject.net.objective(split.train_x, split.train_y).hvp(None, ours))
    assert found.sum() > 0.97 * exact.values.sum()  # near-ties may turn among themselves


@pytest.mark.parametrize("every", [None, 4])
def test_T_B3_4_the_products_of_an_epoch_are_told(every, monkeypatch):
    spent = {}
    whole = curvature.top_eigenpairs

    def counted(*args, **kwargs):
        found = whole(*args, **kwargs)
        spent.setdefault(loop.subject.step // loop.steps_per_epoch, []).append(found.iterations)
        return found

    monkeypatch.setattr("foldscape.training.sharpest.curves.top_eigenpairs", counted)
    loop = Loop(spec_of({"kind": "nudged", "lr": 0.1, "k": 2, "every": every}, net={"hidden": [40]}))
    told = [event for event in loop.events() if isinstance(event, Nudged)]
    assert loop.steps_per_epoch % 4  # so that looks fall at other places in each epoch
    assert [event.products for event in told] == [sum(spent[epoch]) for epoch in range(4)]
    assert {len(each) for each in spent.values()} == ({1} if every is None else {1, 2})


def test_a_snapshot_holds_the_directions_and_goes_on_with_the_same_bits():
    optimizer = {"kind": "nudged", "lr": 0.1, "momentum": 0.5, "gamma": 0.2, "k": 3, "every": 3}
    spec = spec_of(optimizer, net={"hidden": [25, 12]})  # large enough for a search from the last directions
    whole, told = ran(spec)
    for stop in (4, 5, 10):
        half, taken = Loop(spec), []
        for _ in half.events(TakeAt(stop, lambda half=half, taken=taken: taken.append(half.snapshot()))):
            pass
        again, more = ran(spec, Snapshot.unpack(*taken[0].pack()))
        assert bits(again) == bits(whole)
        assert [event.products for event in told_of(more)] == [
            event.products for event in told_of(told) if event.step > stop
        ]


class TakeAt:
    """Does something once at a step, between two updates."""

    def __init__(self, step, do):
        self.step, self.do = step, do

    def take(self, position):
        if position.step == self.step:
            self.do()
        return ()

    def allowance(self, position):
        return 1


def test_growth_has_the_directions_found_anew_and_taking_it_back_brings_the_old_ones():
    rule = {"kind": "random_direction"}
    optimizer = {"kind": "nudged", "lr": 0.1, "k": 3, "gamma": 0.1}
    births = [{"step": 3, "command": Grow.model_validate({"rule": rule}).model_dump(mode="json")}]
    undone = [*births, {"step": 3, "command": UndoGrowth().model_dump(mode="json")}]
    grown, told = ran(spec_of(optimizer, commands=births))
    assert any(isinstance(event, Grown) for event in told)
    assert sum(part[0].size for part in grown.engine.memory.directions) == grown.subject.net.parameters
    back, _ = ran(spec_of(optimizer, commands=undone))
    assert weights(back) == weights(ran(spec_of(optimizer))[0])


def test_the_learning_rate_may_be_set_in_mid_run_and_auto_follows_it():
    command = {"step": 2, "command": SetOptimizer(lr=50).model_dump(mode="json")}
    loop, told = ran(spec_of({"kind": "nudged", "lr": 1e-3, "auto": True}, commands=[command], stop={"epochs": 2}))
    factors = [event.factor for event in told if isinstance(event, Nudged)]
    assert factors[0] == pytest.approx(min(1, 2 / (50 * told_of(told)[0].lambda_max)))
    assert factors[0] < 1
    assert loop.engine.lr == 50


def told_of(events):
    return [event for event in events if isinstance(event, Nudged)]


def test_batch_normalisation_is_refused_where_it_would_be_put_in():
    command = {"step": 3, "command": Grow(rule=InsertBatchNorm()).model_dump(mode="json")}
    _, told = ran(spec_of({"kind": "nudged", "lr": 0.1}, commands=[command]))
    refused = [event.refused for event in told if isinstance(event, CommandTaken)]
    assert len(refused) == 1
    assert "nudged SGD finds no directions" in refused[0]


def test_a_graph_is_nudged_too():
    net = {"wiring": "dag", "hidden": [6]}
    plain, nudged = (
        ran(spec_of({"kind": "nudged", "lr": 0.1, "k": 2, "gamma": gamma}, net=net))[0] for gamma in (1, 0)
    )
    assert len(nudged.engine.memory.directions) == 1
    assert weights(plain) == weights(ran(spec_of({"kind": "sgd", "lr": 0.1}, net=net))[0])
    assert weights(nudged) != weights(plain)


def test_a_sweep_runs_it_by_the_loop_and_a_net_has_as_many_directions_as_parameters():
    spec = spec_of({"kind": "nudged", "lr": 0.1, "k": 6}, net={"hidden": []})
    assert not trains_straight(spec)
    assert trains_straight(spec_of({"kind": "nudged", "lr": 0.1, "k": 0}, stop={"epochs": 4, "plateau": None}))
    loop, _ = ran(spec)
    assert len(loop.engine.memory.curvatures[0]) == loop.subject.net.parameters == 6


@pytest.mark.parametrize(("field", "value"), [("gamma", -0.1), ("k", 21), ("every", 0), ("points", 0), ("momentum", 1)])
def test_what_makes_no_sense_is_refused_at_its_field(field, value):
    with pytest.raises(ValidationError) as refused:
        NudgedSGD.model_validate({field: value})
    assert refused.value.errors()[0]["loc"] == (field,)
