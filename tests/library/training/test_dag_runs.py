"""Runs of nets that are graphs: the whole loop, with growth by random insertion."""

import numpy as np
import pytest
from pydantic import ValidationError

from foldscape import commands as say
from foldscape.events import COLUMNS
from foldscape.spec import RunSpec
from foldscape.training import Loop, Snapshot
from foldscape.training.controller import Unattended
from foldscape.wire import pack_event

GROWS = {"rule": {"kind": "random_insertion", "parents": 3}, "schedule": {"kind": "periodic", "start": 1, "every": 1}}


def spec(**changes):
    base = {
        "data": {"kind": "rings", "n": 80},
        "net": {"hidden": [], "wiring": "dag", "output_scale": 1, "first_weights": "uniform"},
        "optimizer": {"kind": "adam", "lr": 0.02},
        "batch": 20,
        "growth": GROWS,
        "stop": {"epochs": 5},
    }
    return RunSpec.model_validate(base | changes)


def told(events):
    return [pack_event(event) for event in events]


def of_kind(events, kind):
    return [event for event in events if event.kind == kind]


def test_the_same_spec_gives_the_same_bits():
    first = list(Loop(spec()).events())
    assert told(first) == told(Loop(spec()).events())
    assert [event.k_new for event in of_kind(first, "grown")] == [1, 1, 1]
    assert of_kind(first, "metrics")[-1].values[COLUMNS.index("neurons")] == 3


class Stopping(Unattended):
    """Takes a snapshot at a step, as it would be stored."""

    def __init__(self, loop, step):
        self.loop, self.step, self.found = loop, step, None

    def take(self, position):
        if position.step >= self.step and self.found is None:
            self.found = Snapshot.unpack(*self.loop.snapshot().pack())
        return super().take(position)

    def allowance(self, position):
        return 1


@pytest.mark.parametrize("step", [2, 3, 7])
def test_a_run_taken_up_again_goes_on_with_the_same_bits(step):
    loop = Loop(spec())
    controller = Stopping(loop, step)
    whole = list(loop.events(controller))
    rest = list(Loop(spec(), controller.found).events())
    after = [event for event in whole if (event.step, event.seq) >= (rest[0].step, rest[0].seq)]
    assert told(rest) == told(after)
    assert of_kind(rest, "grown")


def run_with(*scheduled, **changes):
    known = [{"step": step, "command": command} for step, command in scheduled]
    loop = Loop(spec(growth={"rule": GROWS["rule"]}, commands=known, **changes))
    return loop, list(loop.events())


def test_a_growth_is_taken_back_to_the_last_bit_and_its_number_is_not_used_again():
    grow, undo = {"kind": "grow", "rule": GROWS["rule"]}, {"kind": "undo_growth"}
    loop, events = run_with((4, grow), (4, undo), (6, grow))
    frames = of_kind(events, "frame")
    with_one = next(frame for frame in frames if len(frame.units))
    taken_back = frames[frames.index(with_one) + 1]
    before = frames[frames.index(with_one) - 1]
    assert not taken_back.units
    first, second = of_kind(events, "grown")
    assert second.unit == first.unit + 1
    assert loop.subject.units[0].tolist() == [second.unit]
    plain, _ = run_with((6, {"kind": "pause"}))
    again, _ = run_with((4, grow), (4, undo), (6, {"kind": "pause"}))
    assert plain.subject.step == again.subject.step == 6
    np.testing.assert_array_equal(again.subject.net.weight, plain.subject.net.weight)
    assert before.step <= taken_back.step


def test_the_optimiser_remembers_old_edges_and_starts_new_ones_blank():
    loop, _ = run_with((5, {"kind": "grow", "rule": GROWS["rule"]}), (5, {"kind": "pause"}))
    assert loop.engine.memory.age[0].tolist() == [5.0] * 6 + [0.0] * 3
    assert not loop.engine.memory.first[0][6:].any()
    assert loop.engine.memory.first[0][:6].all()


def test_the_record_of_a_growth():
    """The record of a growth (docs/reference/events.md)."""
    record = of_kind(list(Loop(spec()).events()), "grown")[0]
    assert record.method == "random_insertion"
    assert (record.parameters_before, record.parameters_after, record.unit, record.layer) == (6, 9, 5, 0)
    assert record.kept > 0
    assert min(record.lambda_before, record.lambda_after, record.gradient_norm_new) > 0
    assert record.gain is None
    assert record.explanation["nodes"][0]["moved"] == 2


def test_frames_name_the_edges():
    last = of_kind(list(Loop(spec()).events()), "frame")[-1]
    assert last.edges.shape == (15, 2)
    assert last.edges.dtype == np.int32
    assert last.primary.shape == (15,)
    assert set(np.concatenate(last.units).tolist()) == set(last.edges[last.edges >= 5].tolist())
    present = sum(np.count_nonzero(part) for part in (*last.weights, *last.biases))
    assert present == 15


@pytest.mark.parametrize("hidden", [[], [3], [3, 2]])
def test_a_graph_measures_everything(hidden):
    kinds = ("frame", "slice", "traces", "density", "noise", "sharpness", "directions")
    scales = {"kind": "curvature", "granularities": ["layer", "block", "element"]}
    probes = [*({"kind": kind} for kind in kinds), scales]
    net = {"hidden": hidden, "wiring": "dag", "output_scale": 1, "bias": False}
    events = list(Loop(spec(probes=probes, net=net, stop={"epochs": 2})).events())
    measured = of_kind(events, "curvature")[-1]
    assert set(measured.flatness) == {"layer", "block", "element"}
    assert all(value > 0 for value in measured.flatness.values())
    assert {"slice", "traces", "density", "noise", "sharpness", "directions"} <= {event.kind for event in events}


def test_several_units_at_given_epochs():
    growth = GROWS | {"schedule": {"kind": "at_epochs", "epochs": [1, 3], "counts": [2, 3]}}
    grown = of_kind(list(Loop(spec(growth=growth)).events()), "grown")
    assert [(event.epoch, event.k_new) for event in grown] == [(1, 2), (3, 3)]


def test_a_rule_that_adds_one_at_a_time_is_carried_out_several_times():
    growth = {"rule": {"kind": "random_direction"}, "schedule": {"kind": "at_epochs", "epochs": [2], "counts": [3]}}
    grown = of_kind(list(Loop(spec(growth=growth, net={"hidden": [1]})).events()), "grown")
    assert [(event.epoch, event.k_new) for event in grown] == [(2, 1)] * 3


@pytest.mark.parametrize("schedule", [{"epochs": [3, 1]}, {"epochs": [1, 3], "counts": [1]}, {"epochs": []}])
def test_schedules_that_cannot_be(schedule):
    with pytest.raises(ValidationError):
        spec(growth=GROWS | {"schedule": {"kind": "at_epochs"} | schedule})


def refusals(rule, net):
    loop = Loop(spec(growth={}, net=net))
    found = []
    for event in loop.events(Saying([say.Grow.model_validate({"kind": "grow", "rule": {"kind": rule}})])):
        found += [event.refused] if event.kind == "command" else []
    return found


class Saying(Unattended):
    """Says some commands once at the beginning."""

    def __init__(self, commands):
        self.commands = commands

    def take(self, position):
        said, self.commands = self.commands, []
        return said


@pytest.mark.parametrize(
    "rule", ["folding", "gradmax", "random_direction", "identity_layer", "bias_shift", "net2wider"]
)
def test_rules_for_layers_refuse_a_graph(rule):
    (sentence,) = refusals(rule, {"hidden": [2], "wiring": "dag"})
    assert sentence.startswith(f"This net is a graph, and {rule} grows a chain of layers")
    assert ". Grow by random_insertion" in sentence


def test_random_insertion_refuses_layers():
    (sentence,) = refusals("random_insertion", {"hidden": [2]})
    assert sentence.endswith("Start with wiring dag.")


@pytest.mark.parametrize("changes", [{"engine": "torch"}, {"device": "cuda", "queue": "gpu"}])
def test_graphs_train_in_compiled_code_only(changes):
    with pytest.raises(ValidationError, match="wiring dag"):
        spec(**changes)


def test_a_graph_trains_on_the_squared_error():
    events = list(Loop(spec(loss="mse", growth={})).events())
    losses = [event.values[1] for event in of_kind(events, "metrics")]
    assert losses[-1] < losses[0]
