"""The run loop is a pure function of spec and commands."""

import numpy as np
import pytest

import foldscape
from foldscape import wire
from foldscape.commands import Scheduled
from foldscape.training import Loop, Position, Snapshot, Unattended


def spec(**changes):
    plain = {
        "net": {"hidden": [3]},
        "stop": {"epochs": 6},
        "probes": [{"kind": "frame"}, {"kind": "curvature", "every": 2}, {"kind": "slice", "every": 3}],
    }
    return foldscape.RunSpec.model_validate(plain | changes)


def packed(events):
    return [(event.step, event.seq, *wire.pack_event(event)) for event in events]


def at(step, **command):
    return {"step": step, "command": command}


SCRIPT = (
    at(0, kind="speed", epochs_per_second=10),
    at(5, kind="grow", rule={"kind": "random_direction"}),
    at(9, kind="set", lr=0.01),
    at(12, kind="grow", rule={"kind": "gradmax"}),
    at(20, kind="cadence", updates=7),
    at(22, kind="spare", factor=2),
)


class Said:
    """A controller that says commands at their steps, in allowances of a given size."""

    def __init__(self, said, chunk=1 << 30):
        self.said = [Scheduled.model_validate(one) for one in said]
        self.chunk = chunk

    def take(self, position: Position):
        now = [one.command for one in self.said if one.step == position.step]
        self.said = [one for one in self.said if one.step > position.step]
        return now

    def allowance(self, position: Position):
        ahead = [one.step - position.step for one in self.said]
        return min([self.chunk, *ahead])


class HaltAt(Unattended):
    """Takes a snapshot at a step and ends the run there, as a worker does that is told to drain."""

    def __init__(self, step, loop):
        self.step, self.loop, self.snapshot = step, loop, None

    def take(self, position: Position):
        if position.step >= self.step:
            self.snapshot = self.loop.snapshot()
            self.loop.finished = True
        return ()

    def allowance(self, position: Position):
        return max(1, self.step - position.step)


@pytest.mark.parametrize("kind", ["sgd", "momentum", "adam"])
def test_same_spec_gives_the_same_bits(kind):
    one = spec(optimizer={"kind": kind}, commands=SCRIPT)
    assert packed(foldscape.run(one)) == packed(foldscape.run(one))


@pytest.mark.parametrize("chunk", [1, 3, 8, 1000])
def test_the_size_of_allowances_changes_nothing(chunk):
    undisturbed = packed(foldscape.run(spec(), Said(SCRIPT)))
    assert packed(foldscape.run(spec(), Said(SCRIPT, chunk))) == undisturbed


def test_commands_in_the_spec_equal_commands_said_live():
    scripted = packed(foldscape.run(spec(commands=SCRIPT)))
    assert scripted == packed(foldscape.run(spec(), Said(SCRIPT)))


@pytest.mark.parametrize("kind", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("cut", [1, 7, 13, 30])
def test_a_run_goes_on_from_a_snapshot_bit_for_bit(kind, cut):
    one = spec(optimizer={"kind": kind}, commands=SCRIPT)
    whole = packed(foldscape.run(one))
    loop = Loop(one)
    halt = HaltAt(cut, loop)
    first = list(loop.events(halt))
    head, body = halt.snapshot.pack()
    second = foldscape.run(one, start=Snapshot.unpack(head, body))
    assert packed(first) + packed(second) == whole


def test_names_of_events_are_unique_and_rising():
    names = [(event.step, event.seq) for event in foldscape.run(spec(commands=SCRIPT))]
    assert names == sorted(set(names))


def test_growth_keeps_the_function_and_leaves_a_record():
    events = list(foldscape.run(spec(commands=SCRIPT)))
    births = [event for event in events if event.kind == "grown"]
    assert [birth.method for birth in births] == ["random_direction", "gradmax"]
    for birth in births:
        assert birth.kept == 0
        assert abs(birth.loss_change) < 1e-12
        assert birth.parameters_after == birth.parameters_before + 2 + 1 + 2
        assert np.isfinite([birth.lambda_before, birth.lambda_after, birth.gradient_norm_new]).all()
    assert births[0].gradient_norm_new > 0
    widths = [event.weights[0].shape[0] for event in events if event.kind == "frame"]
    assert widths[0] == 3
    assert widths[-1] == 5
    ids = [event.units[0].tolist() for event in events if event.kind == "frame"]
    assert ids[-1] == [0, 1, 2, 3, 4]


def test_a_frame_is_shown_on_both_sides_of_a_birth():
    events = list(foldscape.run(spec(commands=[at(8, kind="grow", rule={"kind": "random_direction"})])))
    widths = [event.weights[0].shape[0] for event in events if event.kind == "frame" and event.step == 8]
    assert widths == [4] or widths == [3, 4]


def test_growth_that_is_not_possible_is_refused_and_the_run_goes_on():
    script = [at(3, kind="grow", rule={"kind": "gradmax", "layer": 1})]
    events = list(foldscape.run(spec(commands=script)))
    refused = [event.refused for event in events if event.kind == "command"]
    assert refused == ["There is no hidden layer 2; this net has 1. Choose layer 1 to 1."]
    assert events[-1].state == "done"


def test_a_full_layer_refuses_to_grow():
    script = [at(3, kind="grow", rule={"kind": "gradmax"})]
    growth = {"max_width": 3}
    events = list(foldscape.run(spec(commands=script, growth=growth)))
    assert "would have 4 units; the limit set for this run is 3" in next(
        event.refused for event in events if event.kind == "command"
    )


def test_growth_on_schedule_never_passes_its_births():
    growth = {
        "rule": {"kind": "random_direction"},
        "schedule": {"kind": "periodic", "start": 1, "every": 2, "births": 2},
    }
    births = [event for event in foldscape.run(spec(growth=growth)) if event.kind == "grown"]
    assert [birth.epoch for birth in births] == [1, 3]


def test_a_step_command_trains_exactly_so_much_and_pauses():
    script = [at(0, kind="pause"), at(0, kind="step", n=5, unit="update")]
    events = list(foldscape.run(spec(commands=script)))
    assert events[-1].kind == "status"
    assert (events[-1].state, events[-1].step) == ("paused", 5)
    assert [event.step for event in events if event.kind == "metrics"] == [0, 5]


def test_the_plateau_pauses_the_run_and_says_where_it_is_stuck():
    one = spec(stop={"epochs": 400, "plateau": {"patience": 20}}, probes=[], net={"hidden": [1]})
    *_, last = foldscape.run(one)
    assert (last.state, last.reason) == ("paused", "plateau")
    assert last.message.startswith("Stuck at")
    assert last.step < 400 * 8


def test_a_run_that_blows_up_stops_on_its_last_finite_epoch():
    one = spec(
        optimizer={"kind": "sgd", "lr": 100, "weight_decay": 10}, stop={"epochs": 200}, probes=[{"kind": "frame"}]
    )
    loop = Loop(one)
    events = list(loop.events())
    last = events[-1]
    assert (last.state, last.reason) == ("failed", "blew_up")
    assert "learning rate of 100 is likely too high" in last.message
    assert "try 10" in last.message
    assert last.data["last_finite_step"] % loop.steps_per_epoch == 0
    assert loop.engine.weights.is_finite()
    assert all(np.isfinite(event.values[1]) for event in events if event.kind == "metrics")


def test_digits_tell_confusion_and_the_examples_missed_most():
    one = spec(
        data={"kind": "digits"},
        net={"hidden": [16]},
        stop={"epochs": 3},
        probes=[{"kind": "frame"}, {"kind": "curvature"}],
    )
    events = list(foldscape.run(one))
    last = [event for event in events if event.kind == "predictions"][-1]
    assert last.confusion.sum() == 360
    assert last.measurements == 4
    assert (np.diff(last.missed_count) <= 0).all()
    assert any(event.kind == "curvature" and event.lambda_max is not None for event in events)


def test_sparing_sets_probes_apart_but_not_frames():
    plain = list(foldscape.run(spec()))
    spared = list(foldscape.run(spec(commands=[at(1, kind="spare", factor=4)])))
    count = {
        kind: [sum(event.kind == kind for event in run) for run in (plain, spared)] for kind in ("frame", "curvature")
    }
    assert count["frame"][0] == count["frame"][1]
    assert 0 < count["curvature"][1] < count["curvature"][0]
    assert [event.values.tobytes() for event in plain if event.kind == "metrics"] == [
        event.values.tobytes() for event in spared if event.kind == "metrics"
    ]
