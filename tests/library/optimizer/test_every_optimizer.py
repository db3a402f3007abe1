"""What every optimiser of the registry has to hold; a new one is tested here by itself."""

import numpy as np
import pytest
import torch

from backend.routes.schema import _schemas
from foldscape.engine.choose import engine_for, why_not_compiled
from foldscape.engine.compiled import CompiledEngine
from foldscape.engine.compiled_many import ManyNets
from foldscape.engine.torch_engine import TorchEngine
from foldscape.growth.base import NewUnit, widened
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec
from foldscape.optimizer import Memory, Optimizer
from foldscape.registry import kinds
from foldscape.spec import RunSpec
from foldscape.training import Loop
from foldscape.training.carried import memory_after
from frontend.launch.plan import form_plan

OPTIMIZERS = kinds("foldscape.optimizer", Optimizer)
FORMS: dict[str, list[dict]] = {
    "sgd": [{"lr": 0.1}],
    "momentum": [{"lr": 0.02}, {"lr": 0.02, "nesterov": True}, {"lr": 0.1, "momentum": 0}],
    "nudged": [{"lr": 0.1}, {"lr": 0.02, "momentum": 0.9}, {"lr": 0.02, "momentum": 0.9, "corrects": "velocity"}],
    "adam": [{"lr": 0.003}, {"lr": 0.003, "beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3}],
}
CASES = [(kind, form) for kind in OPTIMIZERS for form in FORMS.get(kind, [{}])]
every_optimizer = pytest.mark.parametrize(
    ("kind", "fields"), CASES, ids=[f"{kind} {' '.join(map(str, list(form)[1:]))}".strip() for kind, form in CASES]
)
POINTS, BATCH = 50, 12
START = 1e-4
"""Distance from the minimum of a quadratic, so near that gradients change no held step length."""


def momentum(rule, g, memory):
    memory["first"] = rule.momentum * memory.get("first", 0) + g
    return g + rule.momentum * memory["first"] if getattr(rule, "nesterov", False) else memory["first"]


def adam(rule, g, memory):
    t = memory["age"] = memory.get("age", 0) + 1
    memory["first"] = rule.beta1 * memory.get("first", 0) + (1 - rule.beta1) * g
    memory["second"] = rule.beta2 * memory.get("second", 0) + (1 - rule.beta2) * g**2
    return (memory["first"] / (1 - rule.beta1**t)) / (np.sqrt(memory["second"] / (1 - rule.beta2**t)) + rule.epsilon)


TEXTBOOK = {"sgd": lambda rule, g, memory: g, "momentum": momentum, "nudged": momentum, "adam": adam}
HELD = {"adam": ({"beta2": 1 - 1e-12}, {"first": 0.0, "second": 1.0, "age": 1e15})}
"""Where an edge speaks of held step lengths: numbers and a memory with which they stay as they are."""


def rule_of(kind, fields):
    return OPTIMIZERS[kind].model_validate({"kind": kind, **fields})


def rows(memory):
    return {row: getattr(memory, row) for row in ("first", "second", "age")}


def case(seed=3, hidden=(5, 4)):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(POINTS, 2)).astype(np.float32)
    return initial(NetSpec(hidden=hidden), 2, 2, rng), x, (x @ rng.normal(size=(2, 2))).argmax(axis=1)


def train(engine, epochs, first=0):
    for epoch in range(first, first + epochs):
        engine.begin_epoch(np.random.default_rng(epoch).permutation(POINTS))
        engine.train(0, -(-POINTS // BATCH))
    return engine


def bits(engine):
    parts = rows(engine.memory).values()
    return [part.tobytes() for part in (*engine.weights.flat(), *(block for blocks in parts for block in blocks))]


@every_optimizer
def test_its_update_is_that_of_the_textbook(kind, fields):
    rule, rng = rule_of(kind, fields), np.random.default_rng(0)
    theta = rng.normal(size=7)
    ours = [torch.tensor(theta)]
    memory = {row: [torch.zeros(7, dtype=torch.float64)] for row in rule.remembers}
    theirs: dict = {}
    for lr in (0.1, 0.1, 0.03, 0.2, 0.2, 0.2):
        g = rng.normal(size=7)
        theta = theta - lr * TEXTBOOK[kind](rule, g, theirs)
        rule.update(ours, [torch.tensor(g)], memory, lr)
        np.testing.assert_allclose(ours[0].numpy(), theta, rtol=1e-12)
    for row in rule.remembers:
        np.testing.assert_allclose(memory[row][0].numpy(), theirs[row] * np.ones(7), rtol=1e-12)


@every_optimizer
@pytest.mark.parametrize("decay", [0, 0.01])
def test_compiled_code_agrees_with_torch(kind, fields, decay):
    rule = rule_of(kind, fields | {"weight_decay": decay})
    spec = RunSpec(optimizer=rule)
    assert bool(why_not_compiled(spec)) == (rule.compiled() is None)
    if rule.compiled() is None:
        return
    net, x, y = case()
    ours, theirs = (train(engine(net, rule, x, y, BATCH), 40) for engine in (CompiledEngine, TorchEngine))
    for mine, other in zip(ours.weights.flat(), theirs.weights.flat(), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-5)
    for row, blocks in rows(ours.memory).items():
        assert bool(blocks) == (row in rule.remembers)
        for mine, other in zip(blocks, getattr(theirs.memory, row), strict=True):
            np.testing.assert_allclose(mine, other, atol=1e-5)


@every_optimizer
def test_nets_in_lanes_get_the_bits_of_a_net_alone(kind, fields):
    rule = rule_of(kind, fields)
    if rule.compiled() is None:
        return
    _, x, y = case()
    nets = [case(seed)[0] for seed in range(3)]
    many = ManyNets(nets, rule, x, y, BATCH, threads=2)
    for epoch in range(5):
        many.train_epoch(np.random.default_rng(epoch).permutation(POINTS))
    for net, memory, start in zip(many.weights, many.memories, nets, strict=True):
        alone = train(CompiledEngine(start, rule, x, y, BATCH), 5)
        assert [part.tobytes() for part in net.flat()] == [part.tobytes() for part in alone.weights.flat()]
        for row, blocks in rows(memory).items():
            kept = getattr(alone.memory, row)
            assert [part.tobytes() for part in blocks] == [part.tobytes() for part in kept]


@every_optimizer
@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_a_snapshot_goes_on_with_the_same_bits(kind, fields, engine):
    optimizer = {"kind": kind, **fields}
    spec = RunSpec.model_validate(
        {"data": {"kind": "moons", "n": 60}, "optimizer": optimizer, "engine": engine, "net": {"hidden": [4]},
         "stop": {"epochs": 4}, "probes": []}
    )  # fmt: skip
    half = Loop(spec.model_copy(update={"stop": spec.stop.model_copy(update={"epochs": 2})}))
    list(half.events())
    again, whole = Loop(spec, start=half.snapshot()), Loop(spec)
    again.finished = False
    for loop in (again, whole):
        list(loop.events())
    assert again.subject.step == whole.subject.step
    assert bits(again.engine) == bits(whole.engine)


@every_optimizer
def test_growth_carries_what_it_remembers(kind, fields):
    net, x, y = case()
    rule = rule_of(kind, fields)
    for engine in (TorchEngine, *((CompiledEngine,) if rule.compiled() else ())):
        old = train(engine(net, rule, x, y, BATCH), 5)
        before, memory = old.weights, old.memory
        change = widened(before, 0, NewUnit(np.array([0.5, -1.0]), 0.1, np.zeros(4), 0.0, {}))
        carried = memory_after(memory, before, change)
        old.load(change.net, carried)
        for row, blocks in rows(old.memory).items():
            assert len(blocks) == (len(change.net.flat()) if row in rule.remembers else 0)
            for now, then in zip(blocks, getattr(memory, row), strict=True):
                np.testing.assert_array_equal(now[tuple(map(slice, then.shape))], then)
                assert now.size == then.size or not now[then.shape[0] :].any()
        train(old, 1)
        assert old.weights.is_finite()


@every_optimizer
@pytest.mark.parametrize("share", [0.99, 1.01])
def test_a_quadratic_is_stable_just_below_the_edge_and_not_just_above(kind, fields, share):
    changed, start = HELD.get(kind, ({}, {}))
    rule = rule_of(kind, fields | changed)
    edge = rule.edge(0.5)
    if edge is None:
        return
    assert edge.name
    assert (edge.of == "preconditioned") == (kind in HELD)
    memory = {row: [torch.full((1,), start.get(row, 0.0), dtype=torch.float64)] for row in rule.remembers}
    scale = 1.0
    if edge.of == "preconditioned":
        scale = float(rule.step_scale(Memory(**{row: (part[0].numpy(),) for row, part in memory.items()}))[0])
    curvature, theta = share * edge.value / scale**2, [torch.full((1,), START, dtype=torch.float64)]
    assert rule.edge(1.0).value == pytest.approx(edge.value / 2)
    with torch.no_grad():
        for _ in range(3000):
            rule.update(theta, [curvature * theta[0]], memory, 0.5)
            distance = abs(float(theta[0])) / START
            if distance > 1e3:
                break
    assert distance < 1e-3 if share < 1 else distance > 1e3


@every_optimizer
def test_a_rate_of_0_moves_the_memory_only(kind, fields):
    net, x, y = case()
    rule = rule_of(kind, fields)
    for engine in (TorchEngine, *((CompiledEngine,) if rule.compiled() else ())):
        still = engine(net, rule, x, y, BATCH)
        still.lr = 0
        train(still, 2)
        for now, then in zip(still.weights.flat(), net.flat(), strict=True):
            np.testing.assert_array_equal(now, then)
        for row in rule.remembers:
            assert any(block.any() for block in getattr(still.memory, row))


@every_optimizer
def test_it_is_chosen_by_its_kind(kind, fields):
    spec = RunSpec(optimizer=rule_of(kind, fields))
    assert RunSpec.model_validate_json(spec.model_dump_json()) == spec
    engine = engine_for(spec, case()[0], spec.data.load(0))
    assert isinstance(engine, CompiledEngine if spec.optimizer.compiled() else TorchEngine)
    assert engine.lr == spec.optimizer.lr


def test_the_schema_and_the_launch_form_list_every_optimizer_with_its_words():
    schema = _schemas()["RunSpec"]
    (node,) = [field for field in form_plan(schema)["fields"] if field["key"] == "optimizer"]
    assert {option["kind"] for option in node["options"]} == set(OPTIMIZERS) == set(TEXTBOOK)
    for kind, optimizer in OPTIMIZERS.items():
        told = schema["$defs"][optimizer.__name__]
        assert told["name"] == optimizer(kind=kind).name
        assert told["rate"] > 0
        assert bool(told["edge"]) == (optimizer(kind=kind).edge(0.1) is not None)
        assert told["description"].endswith(".")
        for name, field in told["properties"].items():
            assert name == "kind" or field.get("description"), (kind, name)


class Sign(Optimizer):
    """One that only torch knows, as a plugin's."""

    kind: str = None  # type: ignore[assignment] - so that it is nobody's kind

    def direction(self, gradients, memory):
        return [part.sign() for part in gradients]


def test_one_that_compiled_code_does_not_know_trains_by_torch():
    spec = RunSpec(net=NetSpec(hidden=(3,)), probes=()).model_copy(update={"optimizer": Sign(kind="sign", lr=0.01)})
    assert why_not_compiled(spec) == "does not know the optimizer sign"
    loop = Loop(spec.model_copy(update={"stop": spec.stop.model_copy(update={"epochs": 1})}))
    before = loop.subject.net
    assert list(loop.events())[-1].state == "done"
    for now, then in zip(loop.subject.net.flat(), before.flat(), strict=True):
        moved = np.abs(now - then)
        assert moved.max() <= 0.01 * loop.steps_per_epoch * 1.001
    assert Sign(kind="sign").edge(0.1) is None
    assert isinstance(loop.engine._now, TorchEngine)


@pytest.mark.parametrize("lr", [0.05, 0.1])
def test_T_C2_4_a_constant_gradient_reaches_terminal_velocity(lr):
    """Steps of momentum 0.9 come to lr ||g|| / (1 - 0.9)."""
    rule = rule_of("momentum", {"lr": lr, "momentum": 0.9})
    g, theta = torch.tensor([3.0, -4.0], dtype=torch.float64), [torch.zeros(2, dtype=torch.float64)]
    memory = {"first": [torch.zeros(2, dtype=torch.float64)]}
    for _ in range(200):
        before = theta[0].clone()
        rule.update(theta, [g.clone()], memory, lr)
    assert float((theta[0] - before).norm()) == pytest.approx(lr * 5 / (1 - 0.9), abs=1e-6)
