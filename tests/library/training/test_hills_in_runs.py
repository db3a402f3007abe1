"""Hills within runs: bits, commands, growth, and both engines."""

import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from foldscape.engine.compiled import CompiledEngine
from foldscape.engine.torch_engine import TorchEngine
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD, Adam, Momentum
from foldscape.optimizer.memory import Memory
from foldscape.spec import RunSpec
from foldscape.terms import HillPenalty
from foldscape.terms.held import together
from foldscape.terms.standing import Standing
from foldscape.training import Loop, Snapshot

PLAIN = {
    "data": {"kind": "moons", "n": 80},
    "net": {"hidden": [6]},
    "optimizer": {"kind": "momentum", "lr": 0.05},
    "batch": 16,
    "stop": {"epochs": 6},
    "probes": [],
}
HILL = {"kind": "hill"}


def loop_of(*commands, start=None, **fields):
    said = [{"step": step, "command": command} for step, command in commands]
    spec = RunSpec.model_validate(PLAIN | {"commands": said} | fields)
    return Loop(spec, start=start)


def hills(**fields):
    return {"terms": [{"kind": "hills"} | fields]}


def finished(loop):
    return loop, list(loop.events())


def bits(loop):
    return [part.tobytes() for part in loop.subject.net.flat()]


def standing(loop):
    return Standing.of({name.removeprefix("hills."): blocks for name, blocks in loop.engine.memory.terms.items()})


def of(events, kind):
    return [event for event in events if event.kind == kind]


@pytest.mark.parametrize("engine", ["compiled", "torch"])
@pytest.mark.parametrize("optimizer", [{"kind": "sgd", "lr": 0.1}, {"kind": "momentum", "lr": 0.05}, {"kind": "adam"}])
def test_T_C1_5_a_strength_of_0_is_plain_training_bit_for_bit(engine, optimizer):
    plain, _ = finished(loop_of(engine=engine, optimizer=optimizer))
    nothing, events = finished(loop_of(engine=engine, optimizer=optimizer, **hills(strength=0, every=1)))
    assert bits(nothing) == bits(plain)
    assert len(of(events, "hill_put")) == len(standing(nothing)) == 6
    something, _ = finished(loop_of(engine=engine, optimizer=optimizer, **hills(every=1)))
    assert bits(something) != bits(plain)


def engines(term, optimizer, tops, sigma=0.7, hidden=(9, 5)):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(40, 3)).astype(np.float32)
    y = rng.integers(0, 3, 40)
    net = initial(NetSpec(hidden=hidden), 3, 3, rng)
    found = Standing()
    for _ in range(tops):
        top = tuple((part + 0.1 * rng.normal(size=part.shape)).astype(np.float32) for part in net.flat())
        found = found.put(top, np.zeros((1, 3), np.float32), sigma=sigma, reference=np.nan, step=0, most=64)
    both = CompiledEngine(net, optimizer, x, y, 8, [term]), TorchEngine(net, optimizer, x, y, 8, terms=[term])
    for engine in both:
        engine.load(net, replace(engine.memory, terms=together({"hills": found.held()})))
        engine.begin_epoch(np.arange(40))
    return both


@pytest.mark.parametrize("kernel", ["rbf", "inverse", "l2"])
@pytest.mark.parametrize("scope", ["all", "weights", "last_layer"])
@pytest.mark.parametrize(
    "optimizer",
    [SGD(lr=0.05), Momentum(lr=0.02, nesterov=True), Adam(lr=0.01, epsilon=0.1)],
    ids=lambda rule: rule.kind,
)
def test_both_engines_agree(kernel, scope, optimizer):
    term = HillPenalty(strength=0.3, kernel=kernel, scope=scope)
    compiled, torch = engines(term, optimizer, 4)
    before = compiled.weights.flat()
    for engine in (compiled, torch):
        engine.train(0, 5)
    for a, b in zip(compiled.weights.flat(), torch.weights.flat(), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-6)
    assert max(np.abs(a - start).max() for a, start in zip(compiled.weights.flat(), before, strict=True)) > 1e-3


def test_how_updates_are_split_into_calls_changes_no_bit():
    term = HillPenalty(strength=0.3)
    (whole, _), (parted, _) = (engines(term, Momentum(lr=0.05), 3) for _ in range(2))
    whole.train(0, 5)
    for number in range(5):
        parted.train(number, 1)
    assert [part.tobytes() for part in whole.weights.flat()] == [part.tobytes() for part in parted.weights.flat()]


@pytest.mark.slow
def test_T_C1_6_cost_grows_linearly_with_the_hills():
    """Process time of a step over C has R² > 0.9, and memory is C·P."""
    many, cost = [1, 2, 4, 8, 12, 16], []
    for tops in many:
        engine, _ = engines(HillPenalty(), Momentum(lr=1e-4), tops, sigma=10.0, hidden=(64, 64))
        engine.train(0, 5)
        spent = []
        for _ in range(9):
            begun = time.process_time()
            for _ in range(60):
                engine.train(0, 5)
            spent.append(time.process_time() - begun)
        cost.append(min(spent))
        kept = [part.size for name, blocks in engine.held.items() if name.startswith("hills.c") for part in blocks]
        assert sum(kept) == tops * engine.weights.parameters
    assert np.corrcoef(many, cost)[0, 1] ** 2 > 0.9


def test_T_C1_7_a_checkpoint_is_a_copy_that_stays():
    loop, events = finished(loop_of(**hills(at_epochs=[2])))
    (put,) = of(events, "hill_put")
    plain = loop_of(stop={"epochs": 2})
    list(plain.events())
    for top, told, then in zip(standing(loop).tops[0], put.top, plain.subject.net.flat(), strict=True):
        np.testing.assert_array_equal(top, then)
        np.testing.assert_array_equal(told, then)
    assert put.step == plain.subject.step
    assert bits(loop) != bits(plain)


def test_a_plateau_puts_hills_and_waits_anew_after_each():
    fields = hills(strength=0.0, on_plateau={"patience": 4, "min_delta": 1.0})
    _, events = finished(loop_of(stop={"epochs": 12}, **fields))
    assert [(put.epoch, put.by) for put in of(events, "hill_put")] == [(4, "plateau"), (8, "plateau"), (12, "plateau")]


def test_a_relative_width_is_that_multiple_of_the_way_of_the_last_epochs():
    _, events = finished(loop_of(**hills(strength=0, sigma_rel=2.0, at_epochs=[6])))
    (put,) = of(events, "hill_put")
    nets = [finished(loop_of(stop={"epochs": epochs}))[0].subject.net.vector() for epochs in range(1, 7)]
    way = sum(np.linalg.norm(now - then) for then, now in pairwise(nets))
    assert put.reference == pytest.approx(way, rel=1e-6)
    assert put.sigma == 2 * put.reference


@pytest.mark.parametrize("later", [0, 3, 9])
def test_a_run_that_was_told_of_hills_a_moment_ago_gives_them_the_width_of_one_that_was_not(later):
    said, hill = (8, {"kind": "set_hills", "sigma_rel": 0.5}), (8 + later, HILL)
    told, _ = finished(loop_of(said, hill))
    plain, _ = finished(loop_of(hill))
    assert standing(told).sigma == pytest.approx(0.5 * standing(plain).sigma, rel=1e-12)
    assert len(standing(plain).sigma) == 1


COMMANDS = [
    (7, HILL),
    (13, {"kind": "set_hills", "strength": 2.0, "sigma_rel": 0.5}),
    (17, HILL | {"sigma": 0.4}),
    (21, {"kind": "grow", "rule": {"kind": "gradmax"}}),
    (23, HILL),
    (24, {"kind": "undo_growth"}),
    (26, {"kind": "set_hills", "remove": "last"}),
]


@pytest.mark.parametrize("fields", [{}, hills(every=2), hills(every=2, strength=0.2, jitter=0.01)])
def test_commands_replay_and_go_on_from_any_snapshot_with_the_same_bits(fields):
    """A fork, a worker that was killed and a replay all go on from a snapshot and the recorded commands."""
    whole, events = finished(loop_of(*COMMANDS, **fields))
    again, _ = finished(loop_of(*COMMANDS, **fields))
    assert bits(again) == bits(whole)
    assert not [event.refused for event in of(events, "command") if event.refused]
    taken = []

    class Taking:
        def take(self, position):
            taken.append(again.snapshot())
            return ()

        def allowance(self, position):
            return 1

    again = loop_of(*COMMANDS, **fields)
    list(again.events(Taking()))
    assert len(taken) >= 24
    for snapshot in taken[::3]:
        rest, _ = finished(loop_of(*COMMANDS, start=Snapshot.unpack(*snapshot.pack()), **fields))
        assert bits(rest) == bits(whole)
        assert list(rest.engine.memory.terms) == list(whole.engine.memory.terms)
        for name, parts in rest.engine.memory.terms.items():
            assert [p.tobytes() for p in parts] == [p.tobytes() for p in whole.engine.memory.terms[name]]


def test_a_run_without_hills_gets_them_by_a_command_and_tells_them_from_then_on():
    _, events = finished(loop_of((7, HILL)))
    (put,) = of(events, "hill_put")
    assert (put.step, put.by, put.number, put.standing) == (7, "command", 0, 1)
    assert put.reference > 0
    told = of(events, "hills")
    assert told[0].step == 7
    assert (told[0].nearest, told[0].nearest_height) == (0, 1)
    assert told[-1].nearest > 0
    assert told[-1].nearest_sigma == pytest.approx(told[-1].nearest / put.sigma)


def test_an_undone_growth_brings_back_the_hills_of_before():
    grow, undo = {"kind": "grow", "rule": {"kind": "gradmax"}}, {"kind": "undo_growth"}
    loop, events = finished(loop_of((6, grow), (9, HILL), (12, undo), **hills(at_epochs=[1])))
    assert [event.kind for event in events].count("undone") == 1
    assert list(standing(loop).number) == [0]
    assert [part.shape for part in standing(loop).tops[0]] == [part.shape for part in loop.subject.net.flat()]


@pytest.mark.parametrize("rule", ["gradmax", "folding", "net2wider", "identity_layer"])
def test_a_grown_checkpoint_computes_what_it_did(rule):
    """New entries of a checkpoint are 0, so that its function is kept whatever the growth makes of the net's own."""
    said = (8, {"kind": "grow", "rule": {"kind": rule}})
    before, _ = finished(loop_of(**hills(at_epochs=[1])))
    loop, events = finished(loop_of(said, **hills(at_epochs=[1])))
    assert [event.kind for event in events].count("grown") == 1
    x = loop.subject.split.train_x
    old, new = (each.subject.net.with_flat(standing(each).tops[0]) for each in (before, loop))
    np.testing.assert_allclose(new.logits_in_order(x), old.logits_in_order(x), atol=1e-6)
    if rule != "identity_layer":
        fresh = standing(loop).tops[0][0][len(old.weights[0]) :]
        assert len(fresh) == 1
        assert not fresh.any()


def test_the_distance_grows_by_what_is_born():
    commands = (3, HILL), (3, {"kind": "grow", "rule": {"kind": "folding"}})
    loop, events = finished(loop_of(*commands))
    told = [event for event in of(events, "hills") if event.step == 3]
    assert len(told) == 2
    assert told[0].nearest == 0
    (grown,) = of(events, "grown")
    assert grown.parameters_after > grown.parameters_before
    assert told[1].nearest == pytest.approx(HillPenalty().distances(_grown_to(3), standing(loop))[0])


def _grown_to(step):
    """The net right after the growth at this step."""
    commands = (step, {"kind": "grow", "rule": {"kind": "folding"}}), (step, {"kind": "stop"})
    return tuple(finished(loop_of(*commands))[0].subject.net.flat())


def test_outputs_can_be_what_is_compared():
    loop, events = finished(loop_of(**hills(kernel="function", sigma=0.1, at_epochs=[2])))
    plain, _ = finished(loop_of(engine="torch"))
    assert bits(loop) != bits(plain)
    told = of(events, "hills")
    assert told[-1].nearest == told[-1].nearest_outputs > 0
    values = [
        event.values["term_hills"] for event in of(events, "scalars") if event.values.get("term_hills") is not None
    ]
    assert values[-1] == pytest.approx(told[-1].value)


def test_T_C1_1_the_gradient_of_outputs_is_that_of_their_value():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(30, 3)).astype(np.float32)
    net = initial(NetSpec(hidden=(5,), activation="tanh", output_scale=1), 3, 3, rng)
    term = HillPenalty(strength=50.0, kernel="function")
    tops = rng.dirichlet(np.ones(3), 30).astype(np.float32)
    held = Standing().put(tuple(net.flat()), tops, sigma=0.3, reference=np.nan, step=0, most=4).held()

    def step(*terms):
        engine = TorchEngine(net, SGD(lr=1), x, rng.integers(0, 3, 30) * 0, 30, terms=terms)
        engine.held = together({"hills": held})
        engine.begin_epoch(np.arange(30))
        engine.train(0, 1)
        return engine.weights.flat()

    mine = [without - with_it for with_it, without in zip(step(term), step(), strict=True)]
    exact = net.astype(np.float64)
    for number, part in enumerate(exact.flat()):
        moved = [each.copy() for each in exact.flat()]
        values = []
        for sign in (1, -1):
            moved[number] = part.copy()
            moved[number].flat[0] += sign * 1e-3
            values.append(term.value_of(exact.with_flat(moved), x, held, 0))
        assert mine[number].flat[0] == pytest.approx((values[0] - values[1]) / 2e-3, rel=2e-3, abs=2e-4)


def test_a_command_may_ask_for_what_compiled_code_cannot():
    to_outputs = (9, {"kind": "set_hills", "kernel": "function", "sigma": 0.1})
    back = (18, {"kind": "set_hills", "kernel": "rbf", "sigma": 0.4})
    loop, events = finished(loop_of((7, HILL), to_outputs, back))
    assert not [event.refused for event in of(events, "command") if event.refused]
    assert type(loop.engine._now) is CompiledEngine
    _, events = finished(loop_of((7, HILL), to_outputs, engine="compiled"))
    assert "does not know the term hills" in of(events, "command")[1].refused
    graph, events = finished(loop_of((7, HILL), net={"hidden": [3], "wiring": "dag"}))
    assert not of(events, "command")[0].refused
    assert len(standing(graph)) == 1


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (HILL, "has not moved yet"),
        (
            {"kind": "set_hills", "kernel": "function", "scope": "weights"},
            "Scope weights is for distances of parameters",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_changes_nothing(command, words):
    plain, _ = finished(loop_of())
    loop, events = finished(loop_of((0, command)))
    assert words in of(events, "command")[0].refused
    assert bits(loop) == bits(plain)
    assert loop.subject.terms == ()


def test_the_most_may_be_changed_and_hills_taken_away():
    loop, _ = finished(loop_of((21, {"kind": "set_hills", "most": 2}), **hills(every=1, strength=0.01)))
    assert list(standing(loop).number) == [4, 5]
    _, events = finished(loop_of((22, {"kind": "set_hills", "remove": "all"}), **hills(every=1)))
    assert [event.standing for event in of(events, "hills")][-2:] == [0, 1]  # the last epoch puts one more


def test_memory_of_older_snapshots_has_no_hills():
    assert len(Standing.of(Memory().terms)) == 0


def test_a_net_without_hidden_units_has_distances_and_no_cells():
    _, events = finished(loop_of(net={"hidden": []}, **hills(every=2)))
    last = of(events, "hills")[-2]
    assert last.nearest > 0
    assert last.nearest_cells is None
