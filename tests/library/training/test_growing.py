"""Growth within a run: proposals, births by hand and by schedule, undo, and snapshots in between."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

import foldscape
from foldscape import wire
from foldscape.commands import Preview, Scheduled
from foldscape.training import Loop, Position, Snapshot, Unattended
from foldscape.training.proposing import propose

FOLD = {"kind": "folding"}
LINE = {"kind": "line", "a": [-1.0, 0.3], "b": [1.0, 0.2]}


def spec(*commands, **changes):
    plain = {
        "net": {"hidden": [2]},
        "stop": {"epochs": 12},
        "probes": [{"kind": "frame"}],
        "commands": [{"step": step, "command": command} for step, command in commands],
    }
    return foldscape.RunSpec.model_validate(plain | changes)


def packed(events):
    return [(event.step, event.seq, *wire.pack_event(event)) for event in events]


def told(events, kind):
    return [event for event in events if event.kind == kind]


def parts_of(frame):
    return [part.tobytes() for part in (*frame.weights, *frame.biases, *frame.units)]


@pytest.mark.parametrize("rule", [FOLD, LINE, {"kind": "gradmax"}, {"kind": "random_direction"}])
def test_undo_takes_a_birth_back_bit_for_bit(rule):
    events = list(foldscape.run(spec((20, {"kind": "grow", "rule": rule}), (33, {"kind": "undo_growth"}))))
    birth, undone = told(events, "grown")[0], told(events, "undone")[0]
    before = [frame for frame in told(events, "frame") if frame.step <= 20 and len(frame.units[0]) == 2][-1]
    plain = list(foldscape.run(spec((20, {"kind": "pause"}))))
    at_birth = next(frame for frame in told(plain, "frame") if frame.step == 20)
    after = next(frame for frame in told(events, "frame") if (frame.step, frame.seq) > (undone.step, undone.seq))
    assert (undone.birth_step, undone.birth_seq, undone.unit) == (20, birth.seq, birth.unit)
    assert parts_of(after) == parts_of(at_birth)
    assert len(before.units[0]) == 2


def test_undo_without_a_birth_says_so_and_the_run_goes_on():
    events = list(foldscape.run(spec((5, {"kind": "undo_growth"}))))
    refused = [event for event in told(events, "command") if event.refused]
    assert "no growth to take back" in refused[0].refused
    assert told(events, "status")[-1].state == "done"


def test_a_preview_changes_nothing():
    asked = spec((15, {"kind": "preview", "rule": FOLD, "gain_map": True, "token": "t1"}))
    with_preview, without = list(foldscape.run(asked)), list(foldscape.run(spec()))
    answer = told(with_preview, "proposal")[0]
    assert (answer.token, answer.method, answer.refused) == ("t1", "folding", "")
    assert answer.gain_map.ndim == 2
    assert answer.gain_map.max() > 0
    assert len(answer.fold) == 1
    assert parts_of(told(with_preview, "frame")[-1]) == parts_of(told(without, "frame")[-1])


def test_the_second_press_lays_the_very_fold_that_was_shown():
    commands = [(15, {"kind": "preview", "rule": FOLD}), (40, {"kind": "grow", "rule": FOLD, "proposed": True})]
    events = list(foldscape.run(spec(*commands)))
    answer, birth = told(events, "proposal")[0], told(events, "grown")[0]
    assert birth.explanation == answer.explanation
    frame = next(frame for frame in told(events, "frame") if len(frame.units[0]) == 3)
    mine = frame.fold_unit[:, 1] == 2
    np.testing.assert_array_equal(frame.folds[mine], answer.fold)
    assert birth.kept == 0


def test_a_proposal_is_forgotten_when_the_net_grows():
    commands = [
        (15, {"kind": "preview", "rule": FOLD}),
        (20, {"kind": "grow", "rule": {"kind": "random_direction"}}),
        (40, {"kind": "grow", "rule": FOLD, "proposed": True}),
    ]
    events = list(foldscape.run(spec(*commands)))
    fresh = list(foldscape.run(spec(commands[1], (40, {"kind": "grow", "rule": FOLD}))))
    assert told(events, "grown")[1].explanation == told(fresh, "grown")[1].explanation


def test_pressing_twice_in_one_tick_lays_one_fold():
    events = list(foldscape.run(spec((15, {"kind": "grow", "rule": LINE}), (15, {"kind": "grow", "rule": LINE}))))
    assert len(told(events, "grown")) == 1
    assert "there already" in [event.refused for event in told(events, "command")][1]
    assert told(events, "status")[-1].state == "done"


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"kind": "line", "a": [90.0, 90.0], "b": [91.0, 90.0]}, "outside"),
        ({"kind": "line", "a": [0.5, 0.5], "b": [0.5, 0.5]}, "length"),
    ],
)
def test_a_fold_that_cannot_be_is_refused_in_a_sentence(rule, sentence):
    commands = [(4, {"kind": "preview", "rule": rule}), (5, {"kind": "grow", "rule": rule})]
    events = list(foldscape.run(spec(*commands)))
    assert sentence in told(events, "proposal")[0].refused
    assert sentence in told(events, "command")[1].refused
    assert told(events, "status")[-1].state == "done"


def test_a_layer_never_grows_beyond_its_limit():
    growth = {"rule": {"kind": "random_direction"}, "max_width": 3, "schedule": {"kind": "periodic", "every": 2}}
    events = list(foldscape.run(spec(growth=growth)))
    assert len(told(events, "grown")) == 1
    assert "the limit set for this run is 3" in told(events, "command")[0].refused


class HaltAt(Unattended):
    """Takes a snapshot at a step and ends the run there."""

    def __init__(self, step, loop):
        self.step, self.loop, self.snapshot = step, loop, None

    def take(self, position: Position):
        if position.step >= self.step:
            self.snapshot = self.loop.snapshot()
            self.loop.finished = True
        return ()

    def allowance(self, position: Position):
        return max(1, self.step - position.step)


@pytest.mark.parametrize("cut", [10, 17, 25, 38, 50])
def test_growing_goes_on_from_a_snapshot_bit_for_bit(cut):
    one = spec(
        (9, {"kind": "grow", "rule": {"kind": "random_direction"}}),
        (15, {"kind": "preview", "rule": FOLD}),
        (30, {"kind": "grow", "rule": FOLD, "proposed": True}),
        (36, {"kind": "undo_growth"}),
        (45, {"kind": "undo_growth"}),
        (48, {"kind": "set_growth", "growth": {"schedule": {"kind": "periodic", "start": 1, "every": 2}}}),
    )
    whole = packed(foldscape.run(one))
    loop = Loop(one)
    halt = HaltAt(cut, loop)
    first = list(loop.events(halt))
    second = foldscape.run(one, start=Snapshot.unpack(*halt.snapshot.pack()))
    assert packed(first) + packed(second) == whole


def test_a_snapshot_that_knows_only_the_last_growths_goes_on_as_before():
    one = spec((9, {"kind": "grow", "rule": {"kind": "random_direction"}}), (45, {"kind": "undo_growth"}))
    loop = Loop(one)
    halt = HaltAt(20, loop)
    first = list(loop.events(halt))
    growth = {name: value for name, value in halt.snapshot.data["growth"].items() if name != "standing"}
    old = Snapshot(halt.snapshot.data | {"growth": growth}, halt.snapshot.arrays)
    assert packed(first) + packed(foldscape.run(one, start=old)) == packed(foldscape.run(one))


def test_growing_on_plateaus_until_an_accuracy():
    growth = {
        "rule": FOLD,
        "schedule": {"kind": "until_accuracy", "accuracy": 0.97, "patience": 20, "births": 6, "then": "stop"},
    }
    one = foldscape.RunSpec.model_validate(
        {"data": {"kind": "rings", "test_share": 0.0}, "growth": growth, "stop": {"epochs": 1500}, "probes": []}
    )
    events = list(foldscape.run(one))
    births, end = told(events, "grown"), told(events, "status")[-1]
    assert 1 <= len(births) <= 4
    assert all(birth.kept == 0 for birth in births)
    assert (end.state, end.reason) == ("done", "accuracy")
    assert told(events, "metrics")[-1].values[2] >= 0.97


def test_two_births_that_hardly_help_let_the_net_deepen():
    growth = {
        "rule": {"kind": "random_direction"},
        "schedule": {"kind": "periodic", "start": 1, "every": 1, "births": 6},
        "deepen": {"rule": {"kind": "identity_layer"}, "below": 1.0},
    }
    events = list(foldscape.run(spec(growth=growth, optimizer={"kind": "sgd", "lr": 1e-6})))
    methods = [birth.method for birth in told(events, "grown")]
    assert methods == ["random_direction", "random_direction", "identity_layer"] * 2
    assert all(birth.kept == 0 for birth in told(events, "grown"))


def test_settings_changed_on_the_way_count_from_there():
    growth = {
        "rule": {"kind": "random_direction"},
        "schedule": {"kind": "periodic", "start": 2, "every": 3, "births": 2},
    }
    one = spec((20, {"kind": "set_growth", "growth": growth}))
    steps_per_epoch = Loop(one).steps_per_epoch
    births = told(foldscape.run(one), "grown")
    begins = -(-20 // steps_per_epoch)
    assert [birth.step // steps_per_epoch for birth in births] == [begins + 2, begins + 5]


@pytest.mark.parametrize("by", ["bias_shift", "batch_norm"])
def test_a_dead_layer_is_woken(by):
    dead = spec(growth={"repair": {"by": by}}, net={"hidden": [2]}, optimizer={"kind": "sgd", "lr": 1e-9})
    loop = Loop(dead)
    snapshot = loop.snapshot()
    snapshot.arrays["biases"][0][:] = -100
    events = list(foldscape.run(dead, start=snapshot))
    birth = told(events, "grown")[0]
    assert (birth.method, birth.k_new, birth.unit) == (by, 0, -1)
    assert all((share > 0.05).all() for share in told(events, "frame")[-1].active_share)


def test_undoing_batch_normalisation_gives_the_plain_net_back():
    rule = {"kind": "batch_norm"}
    events = list(foldscape.run(spec((20, {"kind": "grow", "rule": rule}), (36, {"kind": "undo_growth"}))))
    plain = list(foldscape.run(spec((20, {"kind": "pause"}))))
    undone = told(events, "undone")[0]
    after = next(frame for frame in told(events, "frame") if (frame.step, frame.seq) > (undone.step, undone.seq))
    assert parts_of(after) == parts_of(next(frame for frame in told(plain, "frame") if frame.step == 20))


def test_scheduled_commands_are_of_the_new_kinds():
    for command in ({"kind": "preview", "rule": FOLD}, {"kind": "undo_growth"}, {"kind": "set_growth", "growth": {}}):
        assert Scheduled.model_validate({"step": 0, "command": command}).command.kind == command["kind"]


def test_a_net_without_hidden_layers_gets_one():
    growth = {"rule": {"kind": "split_layer"}, "schedule": {"kind": "at_epochs", "epochs": [2]}}
    events = list(foldscape.run(spec(net={"hidden": []}, growth=growth)))
    (birth,) = told(events, "grown")
    assert birth.parameters_after > birth.parameters_before


@pytest.mark.parametrize("loss", ["mse", {"kind": "cross_entropy", "label_smoothing": 0.3}])
@pytest.mark.parametrize("schedule", [{"kind": "on_plateau"}, {"kind": "until_accuracy", "accuracy": 1}])
def test_a_plateau_is_looked_for_in_the_loss_that_is_told(loss, schedule):
    growth = {"schedule": {"patience": 90, "min_delta": 0, **schedule}}
    loop = Loop(spec(growth=growth, loss=loss))
    losses = [row.values[1] for row in told(list(loop.events()), "metrics")]
    watched = loop.snapshot().data["growth"]["plan"]["losses"]
    np.testing.assert_allclose(watched, losses[1:], rtol=1e-6)


@pytest.mark.parametrize("value", [np.nan, 1e38])
@pytest.mark.parametrize("rule", ["north", "gradmax", "tiny", "firefly", "splitting", "split_layer", "net2wider"])
def test_a_net_that_has_left_the_finite_numbers_is_refused_in_a_sentence_or_grown(rule, value):
    subject = Loop(spec(net={"hidden": [3]})).subject
    weights = tuple(np.full_like(weight, value) for weight in subject.net.weights)
    subject.net = replace(subject.net, weights=weights)
    asked = Preview.model_validate({"rule": {"kind": rule}})
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answer, offered = propose(subject, asked, 0)
    if np.isnan(value):
        assert "no finite numbers any more" in answer.refused
        assert offered is None
