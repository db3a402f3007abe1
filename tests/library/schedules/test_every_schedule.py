"""What every schedule of the registry has to hold in a run; a new one is tested here by itself."""

import numpy as np
import pytest
import torch

from foldscape import wire
from foldscape.registry import kinds
from foldscape.schedules import BatchSchedule, Schedule
from foldscape.spec import RunSpec
from foldscape.sweep.moments import straight
from foldscape.sweep.straight import trains_straight
from foldscape.training import Loop, Snapshot, Unattended

EPOCHS = 12
FORMS = {
    "step": [{}, {"every": 2, "gamma": 0.5}],
    "cosine": [{}, {"epochs": 8, "lr_min": 1e-3}],
    "sgdr": [{"cycle": 4, "factor": 1}, {"cycle": 2, "lr_min": 1e-4}],
    "snapshot": [{}, {"cycles": 3}],
    "fast_geometric": [{}, {"before": 2.5, "cycle": 3, "highest": 1, "lowest": 0.1}],
    "warm_up": [
        {"epochs": 1.3, "then": {"kind": "cosine"}},
        {"epochs": 2, "then": {"kind": "sgdr", "cycle": 3, "factor": 2}},
    ],
}
SCHEDULES = [
    {"kind": kind, **form} for kind in kinds("foldscape.schedules", Schedule) for form in FORMS.get(kind, [{}])
]
BATCHES = [
    {"kind": kind, **form}
    for kind in kinds("foldscape.schedules", BatchSchedule)
    for form in {"step": [{"every": 3, "factor": 1.7, "largest": 40}]}.get(kind, [{}])
]
every_schedule = pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda form: " ".join(map(str, form.values())))
every_batch = pytest.mark.parametrize("batches", BATCHES, ids=lambda form: " ".join(map(str, form.values())))


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny tensors only lose time on several."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def spec_of(schedule, batches=None, **changes):
    plain = {
        "data": {"kind": "moons", "n": 60},
        "net": {"hidden": [4]},
        "optimizer": {"kind": "momentum", "lr": 0.05},
        "batch": 8,
        "lr_schedule": schedule,
        "batch_schedule": batches or {"kind": "constant"},
        "stop": {"epochs": EPOCHS},
        "probes": [{"kind": "frame"}],
    }
    return RunSpec.model_validate(plain | changes)


def packed(events):
    return [(event.step, event.seq, *wire.pack_event(event)) for event in events]


def rates_of(spec):
    rates = spec.learning_rates()
    return np.array([rates.at(step, spec.optimizer.lr) for step in range(spec.updates)])


def last_net(spec):
    loop = Loop(spec)
    list(loop.events())
    return loop.subject.net


class Portions(Unattended):
    """Lets so many updates be done at a time."""

    def __init__(self, updates):
        self.updates = updates

    def allowance(self, position):
        return self.updates


class HaltAt(Portions):
    """Takes a snapshot at a step and ends the run there."""

    def __init__(self, step, loop):
        super().__init__(step)
        self.step, self.loop, self.snapshot = step, loop, None

    def take(self, position):
        if position.step >= self.step and self.snapshot is None:
            self.snapshot = self.loop.snapshot()
            self.loop.finished = True
        return ()


@every_schedule
def test_rates_are_positive_and_finite_all_along(schedule):
    spec = spec_of(schedule)
    rates = rates_of(spec)
    assert np.isfinite(rates).all()
    assert (rates > 0).all()
    assert spec.learning_rates().at(spec.updates, spec.optimizer.lr) == rates[-1]  # at rest at the end


@every_schedule
@every_batch
def test_restarts_are_where_the_rate_jumps_up(schedule, batches):
    spec = spec_of(schedule, batches)
    rates = rates_of(spec)
    jumps = np.flatnonzero(np.diff(rates) > 0.5 * (rates.max() - rates.min())) + 1
    assert spec.learning_rates().restarts == tuple(jumps)


@every_schedule
@every_batch
def test_a_run_has_the_same_bits_in_any_portions_and_from_any_snapshot(schedule, batches):
    spec = spec_of(schedule, batches)
    whole = packed(Loop(spec).events())
    assert packed(Loop(spec).events(Portions(3))) == whole
    first = Loop(spec)
    halt = HaltAt(17, first)
    told = packed(first.events(halt))
    again = Loop(spec, Snapshot.unpack(*halt.snapshot.pack()))
    assert told + packed(again.events(Portions(5))) == whole


@every_schedule
@every_batch
def test_a_run_keeps_the_net_of_every_moment_that_an_ensemble_takes(schedule, batches):
    spec = spec_of(schedule, batches, probes=[{"kind": "frame", "every": 7}])
    frames = {event.step for event in Loop(spec).events() if event.kind == "frame"}
    assert frames >= set(spec.cycle_ends) == {step for step in spec.cycle_ends if 0 < step <= spec.updates}
    assert set(spec.learning_rates().restarts) <= set(spec.cycle_ends)


@every_schedule
@every_batch
def test_both_engines_take_the_same_steps(schedule, batches):
    ours, theirs = (last_net(spec_of(schedule, batches, engine=engine)) for engine in ("compiled", "torch"))
    for a, b in zip(ours.flat(), theirs.flat(), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=2e-5)


@every_schedule
@every_batch
def test_lanes_have_the_bits_of_runs_alone(schedule, batches):
    specs = [spec_of(schedule, batches, seed=seed, data={"kind": "digits"}, batch=24) for seed in (1, 2)]
    assert all(map(trains_straight, specs))
    shared = {}
    for spec in specs:
        moments = list(straight(spec, spec.load(), 1, shared))
        loop = Loop(spec)
        rows = [event.values for event in loop.events() if event.kind == "metrics"]
        assert [list(moment.scalars.values()) for moment in moments] == [row.tolist() for row in rows]
        assert [p.tobytes() for p in moments[-1].net.flat()] == [p.tobytes() for p in loop.subject.net.flat()]


@every_schedule
def test_a_graph_follows_it_too(schedule):
    layers = last_net(spec_of(schedule, optimizer={"kind": "adam", "lr": 0.02}))
    graph = last_net(spec_of(schedule, optimizer={"kind": "adam", "lr": 0.02}, net={"hidden": [4], "wiring": "dag"}))
    x = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    np.testing.assert_allclose(graph.logits(x), layers.logits(x), rtol=0, atol=2e-4)


@every_schedule
def test_rows_tell_the_present_rate_and_a_command_changes_its_base(schedule):
    said = [
        {"step": 30, "command": {"kind": "set", "lr": 0.02}},
        {"step": 40, "command": {"kind": "grow", "rule": {"kind": "gradmax"}}},
    ]
    spec = spec_of(schedule, commands=said)
    rates = spec.learning_rates()
    column = {event.step: event.values[6] for event in Loop(spec).events() if event.kind == "metrics"}
    expected = {step: np.float32(rates.at(step, 0.05 if step <= 30 else 0.02)) for step in column}
    assert len(column) > EPOCHS
    assert column == expected
