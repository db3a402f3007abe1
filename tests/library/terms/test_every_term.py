"""What every gradient term has to hold; a new one is tested here by itself, beside two that use all there is."""

from typing import ClassVar

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from foldscape import sweep
from foldscape.engine.choose import why_not_compiled
from foldscape.engine.compiled import CompiledEngine
from foldscape.engine.torch_engine import TorchEngine
from foldscape.events import Grown
from foldscape.measures.column import Column
from foldscape.measures.declared import MEASURES, PROBE_OF
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD, Adam, Momentum
from foldscape.probes.terms import TermsProbe
from foldscape.registry import kinds
from foldscape.spec import RunSpec
from foldscape.sweep.expand import expand
from foldscape.sweep.spec import SweepSpec
from foldscape.sweep.straight import trains_straight
from foldscape.terms import Term, TermMoment, WeightDecay
from foldscape.training import Loop, Snapshot
from foldscape.wire import pack_event
from frontend.launch.plan import form_plan


class Tether(Term):
    """Half the squared distance from the first net, whose new entries are those that units are born with."""

    column: ClassVar[Column] = Column("term_tether", "tether", "nats")
    kind: str

    def begin(self, theta):
        return {"centre": theta}

    def value(self, theta, held, step):
        apart = zip(theta, held["centre"], strict=True)
        return 0.5 * self.strength * sum(float(((now - then).astype(np.float64) ** 2).sum()) for now, then in apart)

    def add_gradient(self, gradient, moment):
        for g, now, then in zip(gradient, moment.theta, moment.held["centre"], strict=True):
            g.add_(now - then, alpha=self.strength)

    def grown(self, held, theta, carry):
        return {"centre": carry(held["centre"], blank=theta)}


class Ascent(Term):
    """Takes the gradient a step up the slope, and a little noise of its own; it is the gradient of no function."""

    column: ClassVar[Column] = Column("term_ascent", "ascent", "nats")
    kind: str

    def value(self, theta, held, step):
        return None

    def add_gradient(self, gradient, moment):
        norm = torch.sqrt(sum(part.square().sum() for part in moment.loss_gradient))
        shift = [self.strength / (norm + 1e-12) * part for part in moment.loss_gradient]
        noise = moment.generator("ascent").normal()
        for g, there, here in zip(gradient, moment.gradient_at(shift), moment.loss_gradient, strict=True):
            g.add_(there - here + 1e-3 * self.strength * noise)


TERMS = {**kinds("foldscape.terms", Term), "tether": Tether, "ascent": Ascent}
every_term = pytest.mark.parametrize("kind", TERMS)
OPTIMIZERS = [SGD(lr=0.1), Momentum(lr=0.05, nesterov=True), Adam(lr=0.01)]


SETTINGS = {"hills": {"at_epochs": (1,), "sigma": 0.5}}


def term_of(kind, strength=0.05):
    return TERMS[kind](kind=kind, strength=strength, **SETTINGS.get(kind, {}))


def spec_of(*terms, **given):
    plain = {"data": {"kind": "moons", "n": 60}, "net": {"hidden": [4], "output_scale": 1}, "stop": {"epochs": 4}}
    spec = RunSpec.model_validate(plain | {"engine": "torch", "probes": []} | given)
    return spec.model_copy(update={"terms": terms, "probes": (*spec.probes, TermsProbe())})


def case():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(40, 2)).astype(np.float32)
    return initial(NetSpec(hidden=(5,), output_scale=1), 2, 2, rng), x, (x[:, 0] > 0).astype(np.int64)


def bits(loop):
    memory = loop.engine.memory.arrays()
    arrays = (*loop.subject.net.flat(), *(part for name in sorted(memory) for part in memory[name]))
    return [part.tobytes() for part in arrays]


def told(events):
    return [event for event in events if event.kind == "scalars"]


@every_term
def test_its_gradient_is_that_of_its_value(kind):
    rng, term = np.random.default_rng(0), term_of(kind)
    theta = tuple(rng.normal(size=shape) for shape in ((3, 2), (3,)))
    held = {name: tuple(1.1 * part for part in blocks) for name, blocks in term.begin(theta).items()}
    if term.value(theta, held, 0) is None:
        return
    gradient = [torch.zeros(part.shape, dtype=torch.float64) for part in theta]
    tensors = {name: list(map(torch.tensor, blocks)) for name, blocks in held.items()}
    term.add_gradient(
        gradient, TermMoment(0, list(map(torch.tensor, theta)), gradient, lambda shift: gradient, tensors)
    )
    for number, block in enumerate(theta):
        for place in np.ndindex(block.shape):
            step = np.zeros_like(block)
            step[place] = 1e-5
            ends = [
                term.value((*theta[:number], block + sign * step, *theta[number + 1 :]), held, 0) for sign in (1, -1)
            ]
            assert gradient[number][place] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-7, abs=1e-9)


@every_term
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda rule: rule.kind)
def test_a_strength_of_0_changes_no_bit(kind, optimizer):
    loops = [Loop(spec_of(*terms, optimizer=optimizer)) for terms in ((term_of(kind, 0),), (), (term_of(kind),))]
    for loop in loops:
        list(loop.events())
    nothing, plain, something = ([part.tobytes() for part in loop.subject.net.flat()] for loop in loops)
    assert nothing == plain
    assert something != plain


@every_term
def test_it_replays_and_goes_on_from_a_snapshot_with_the_same_bits(kind):
    spec = spec_of(term_of(kind))
    whole, again = Loop(spec), Loop(spec)
    told_whole, _ = list(whole.events()), list(again.events())
    assert bits(whole) == bits(again)
    half = Loop(spec.model_copy(update={"stop": spec.stop.model_copy(update={"epochs": 2})}))
    list(half.events())
    rest = Loop(spec, start=Snapshot.unpack(*half.snapshot().pack()))
    told_rest = [event for event in rest.events() if event.step > half.subject.step]
    assert bits(rest) == bits(whole)
    assert told(told_rest) == told(told_whole)[-len(told(told_rest)) :]


@every_term
def test_growth_in_mid_run_carries_what_it_holds_and_is_taken_back(kind):
    grow = {"step": 3, "command": {"kind": "grow", "rule": {"kind": "folding"}}}
    undo = {"step": 5, "command": {"kind": "undo_growth"}}
    loop = Loop(spec_of(term_of(kind), commands=[grow]))
    events = list(loop.events())
    assert [event.kind for event in events].count(Grown.kind) == 1
    flat = loop.subject.net.flat()
    unshaped = {f"{kind}.{name}" for name in TERMS[kind].unshaped}
    for blocks in (blocks for name, blocks in loop.engine.memory.terms.items() if name not in unshaped):
        assert [block.shape for block in blocks] == [part.shape for part in flat]
    assert loop.subject.net.is_finite()
    back = Loop(spec_of(term_of(kind), commands=[grow, undo]))
    list(back.events())
    again = Loop(spec_of(term_of(kind), commands=[grow, undo]), start=None)
    list(again.events())
    assert bits(back) == bits(again)
    assert [part.shape for part in back.subject.net.flat()] == [
        part.shape for part in Loop(spec_of()).subject.net.flat()
    ]


def test_a_tether_feels_no_growth():
    """New entries of what it holds are those that the unit is born with: its value stays the same, to the last bit."""
    grow = {"step": 6, "command": {"kind": "grow", "rule": {"kind": "folding"}}}
    loop = Loop(spec_of(term_of("tether", 1.0), commands=[grow]))
    values = [(event.step, event.values["term_tether"]) for event in told(loop.events())]
    after, before = loop.engine.memory.terms["tether.centre"], Loop(spec_of()).subject.net.flat()
    for now, then in zip(after, before, strict=True):
        np.testing.assert_array_equal(now[tuple(map(slice, then.shape))], then)
    assert [step for step, _ in values].count(6) == 2
    first, second = (value for step, value in values if step == 6)
    assert first == second > 0


@every_term
def test_terms_add_up(kind):
    """The gradient with several terms is the sum of those with one each, and so are the values."""
    net, x, y = case()

    def step(*terms):
        engine = TorchEngine(net, SGD(lr=1), x, y, 40, terms=terms)
        engine.begin_epoch(np.arange(40))
        engine.train(0, 1)
        return [now - then for now, then in zip(engine.weights.flat(), net.flat(), strict=True)]

    mine, other = term_of(kind, 0.3), term_of("tether" if kind != "tether" else "weight_decay", 0.2)
    both, first, second, neither = step(mine, other), step(mine), step(other), step()
    for parts in zip(both, first, second, neither, strict=True):
        np.testing.assert_allclose(parts[0], parts[1] + parts[2] - parts[3], atol=2e-6)


@every_term
def test_its_value_is_told_without_asking(kind):
    loop = Loop(spec_of(term_of(kind)))
    events = told(loop.events())
    assert len(events) == 5
    name = term_of(kind).column.name
    theta, held = tuple(loop.subject.net.flat()), loop.engine.memory.terms
    own = {key.partition(".")[2]: blocks for key, blocks in held.items()}
    assert events[-1].values[name] == term_of(kind).value(theta, own, loop.subject.step)
    if kind in kinds("foldscape.terms", Term):
        assert PROBE_OF[name] == "terms"
        assert MEASURES[name].label


@every_term
def test_compiled_code_is_asked_what_it_knows(kind):
    term = term_of(kind)
    spec = spec_of(term, engine="auto")
    assert why_not_compiled(spec) == ("" if term.is_fused else f"does not know the term {kind}")
    assert type(Loop(spec).engine._now) is (CompiledEngine if term.is_fused else TorchEngine)


@pytest.mark.parametrize("engine", ["torch", "compiled"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda rule: rule.kind)
def test_weight_decay_is_the_same_as_a_term_and_as_a_number_of_the_optimizer(engine, optimizer):
    """One formula: the bits agree, in torch and in the compiled twin; and the twin agrees with torch."""
    named = spec_of(engine=engine, optimizer=optimizer.model_copy(update={"weight_decay": 0.02}))
    as_term = spec_of(term_of("weight_decay", 0.02), engine=engine, optimizer=optimizer)
    loops = [Loop(spec) for spec in (named, as_term)]
    events = [list(loop.events()) for loop in loops]
    assert bits(loops[0]) == bits(loops[1])
    assert [pack_event(event) for event in events[0]] == [pack_event(event) for event in events[1]]
    other = Loop(as_term.model_copy(update={"engine": "torch" if engine == "compiled" else "compiled"}))
    list(other.events())
    for mine, theirs in zip(loops[0].subject.net.flat(), other.subject.net.flat(), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-5)


def test_a_graph_takes_weight_decay_as_a_term():
    graph = {"engine": "auto", "net": {"hidden": [2], "wiring": "dag"}, "optimizer": {"kind": "sgd", "lr": 0.1}}
    as_term = Loop(spec_of(term_of("weight_decay", 0.02), **graph))
    named = Loop(spec_of(**graph | {"optimizer": graph["optimizer"] | {"weight_decay": 0.02}}))
    for loop in (as_term, named):
        list(loop.events())
    assert bits(as_term) == bits(named)


def test_a_sweep_tells_weight_decay_of_runs_trained_side_by_side():
    """Runs that are trained together tell what each tells alone."""
    base = spec_of(term_of("weight_decay", 0.02), engine="auto")
    assert trains_straight(base)
    spec = {"base": base.model_dump(mode="json"), "vary": {"lr": [0.01, 0.03]}, "seeds": [0, 1]}
    measure = {"primary": {"measure": "term_weight_decay"}, "measure": {"flatness": [], "every": 1}}
    for row, cell in zip(
        sweep.run(spec | measure, threads=1).rows, expand(SweepSpec.model_validate(spec | measure)), strict=True
    ):
        alone = [event.values["term_weight_decay"] for event in told(Loop(cell.spec).events())]
        assert row.curve.columns["term_weight_decay"] == alone
        assert alone[-1] > 0


def test_set_changes_weight_decay_and_what_is_told_of_it():
    change = {"step": 4, "command": {"kind": "set", "weight_decay": 0.5}}
    loop = Loop(spec_of(term_of("weight_decay", 0.02), commands=[change]))
    value = told(loop.events())[-1].values["term_weight_decay"]
    assert loop.engine.weight_decay == 0.5
    assert value == WeightDecay(strength=0.5).value(tuple(loop.subject.net.flat()), {}, 0)
    again = Loop(loop.spec, start=loop.snapshot())
    assert again.subject.weight_decay == again.engine.weight_decay == 0.5


def test_moved_gradients_leave_running_statistics_alone():
    """What is asked for elsewhere is the gradient there; parameters and batch statistics stay."""
    net, x, y = case()
    grow = {"step": 0, "command": {"kind": "grow", "rule": {"kind": "batch_norm"}}}
    plain = {"commands": [grow], "optimizer": {"kind": "sgd", "lr": 0.1}}
    loops = [Loop(spec_of(*terms, **plain)) for terms in ((), (term_of("ascent", 1e-12),))]
    for loop in loops:
        list(loop.events())
    for mine, theirs in zip(*(loop.subject.net.norms for loop in loops), strict=True):
        for one, other in zip(mine.arrays(), theirs.arrays(), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)
    seen = []

    class Asking(Ascent):
        kind: str

        def add_gradient(self, gradient, moment):
            shift = [torch.full_like(part, 0.25) for part in moment.theta]
            seen.extend(moment.gradient_at(shift))

    engine = TorchEngine(net, SGD(lr=1), x, y, 40, terms=(Asking(kind="asking"),))
    engine.begin_epoch(np.arange(40))
    engine.train(0, 1)
    moved = net.astype(np.float32)
    there = TorchEngine(
        type(net)(tuple(w + 0.25 for w in moved.weights), tuple(b + 0.25 for b in moved.biases), net.activation),
        SGD(lr=1), x, y, 40,
    )  # fmt: skip
    start = there.weights.flat()
    there.begin_epoch(np.arange(40))
    there.train(0, 1)
    for found, now, then in zip(seen, there.weights.flat(), start, strict=True):
        np.testing.assert_allclose(found.numpy(), then - now, atol=1e-6)


def test_the_schema_and_the_launch_form_list_every_term():
    schema = RunSpec.model_json_schema()
    (node,) = [field for field in form_plan(schema)["fields"] if field["key"] == "terms"]
    assert node["type"] == "list"
    assert node["item"]["type"] == "union"
    assert {option["kind"] for option in node["item"]["options"]} == set(kinds("foldscape.terms", Term))
    for term in kinds("foldscape.terms", Term).values():
        told_of = schema["$defs"][term.__name__]
        assert told_of["description"].partition("\n\n")[0].endswith(".")
        for name, field in told_of["properties"].items():
            assert name == "kind" or field.get("description"), name


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"terms": [{"kind": "weight_decay"}], "optimizer": {"kind": "sgd", "weight_decay": 0.1}},
            r"optimizer\.weight_decay 0\.1 and the term weight_decay are the same thing given twice; take one",
        ),
        ({"terms": [{"kind": "weight_decay"}] * 2}, "terms name weight_decay more than once; give one of a kind"),
        ({"terms": [{"kind": "weight_decay", "strength": -1}]}, "greater than or equal to 0"),
    ],
)
def test_bad_input_is_one_sentence(given, message):
    with pytest.raises(ValidationError, match=message) as refused:
        RunSpec.model_validate(given)
    assert refused.value.error_count() == 1


def test_a_spec_without_terms_is_written_as_it_always_was():
    plain = RunSpec(optimizer=SGD(weight_decay=0.1))
    assert "terms" not in plain.model_dump(mode="json")
    assert [probe.kind for probe in plain.probes] == ["frame", "curvature", "slice"]
    with_terms = RunSpec(terms=(WeightDecay(),))
    assert RunSpec.model_validate_json(with_terms.model_dump_json()) == with_terms
    assert [probe.kind for probe in with_terms.probes][-1] == "terms"
