"""A run ends by its rules, and with the best net where it was to keep that."""

import numpy as np
import pytest

import foldscape
from foldscape import wire
from foldscape.errors import InvalidInput
from foldscape.sweep.expand import expand
from foldscape.sweep.running import read
from foldscape.sweep.task import run_task
from foldscape.training import Loop, Snapshot, Unattended
from foldscape.training.watch import StoppingMemory

GROWS = {"rule": {"kind": "gradmax"}, "schedule": {"kind": "periodic", "start": 6, "every": 6, "births": 4}}
EARLY = {"on": "validation_loss", "patience": 8, "min_delta": 0.0}


def spec(stop=(), **changes):
    plain = {
        "data": {"kind": "moons", "n": 60, "noise": 0.4},
        "net": {"hidden": [3]},
        "optimizer": {"kind": "adam", "lr": 0.1},
        "batch": 8,
        "validation_share": 0.3,
        "stop": {"epochs": 60, **dict(stop)},
        "probes": [{"kind": "frame"}],
    }
    return foldscape.RunSpec.model_validate(plain | changes)


def of(events, kind):
    return [event for event in events if event.kind == kind]


def packed(events):
    return [(event.step, event.seq, *wire.pack_event(event)) for event in events]


def same(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first.flat(), second.flat(), strict=True))


@pytest.fixture(scope="module", params=["fixed", "grown"])
def restoring(request):
    """A run that goes back to its best moment, with what the same run was at each epoch without the rule."""
    growth = {"growth": GROWS} if request.param == "grown" else {}
    loop = Loop(spec({"early_stop": EARLY}, **growth))
    events = list(loop.events())
    free = Loop(spec(**growth))
    nets, memories = {}, {}

    class Watching(Unattended):
        def take(self, position):
            nets.setdefault(position.step, free.engine.weights)
            memories.setdefault(position.step, free.engine.memory)
            return ()

    return loop, events, list(free.events(Watching())), nets, memories


def test_the_best_net_comes_back_with_its_memory_bit_for_bit(restoring):
    loop, events, _, nets, memories = restoring
    (restored,) = of(events, "restored")
    assert restored.best_step < restored.step
    assert same(loop.subject.net, nets[restored.best_step])
    assert [part.tobytes() for part in loop.engine.memory.first] == [
        p.tobytes() for p in memories[restored.best_step].first
    ]
    assert [len(ids) for ids in loop.subject.units] == list(loop.subject.net.hidden)


def test_the_best_moment_is_the_lowest_validation_loss_until_the_patience_ran_out(restoring):
    _, events, free, _, _ = restoring
    (restored,) = of(events, "restored")
    losses = {event.step: event.loss for event in of(free, "validation") if 0 < event.step <= restored.step}
    assert restored.best_step == min(losses, key=losses.get)
    assert restored.value == losses[restored.best_step]
    assert restored.on == "validation_loss"
    status = events[-1]
    assert (status.state, status.reason) == ("done", "early_stop")
    assert "has not become better for 8 epochs" in status.message


def test_the_last_measurement_is_of_the_net_that_came_back(restoring):
    _, events, free, _, _ = restoring
    (restored,) = of(events, "restored")
    last, then = of(events, "validation")[-1], {event.step: event.loss for event in of(free, "validation")}
    assert last.step == restored.step
    assert last.seq > restored.seq
    assert last.loss == then[restored.best_step]
    assert len({row.step for row in of(events, "metrics")}) == len(of(events, "metrics"))


def test_growths_after_the_best_moment_are_told_as_taken_back(restoring):
    loop, events, _, _, _ = restoring
    (restored,) = of(events, "restored")
    gone = [(event.birth_step, event.birth_seq) for event in of(events, "undone")]
    later = [(event.step, event.seq) for event in of(events, "grown") if event.step >= restored.best_step]
    assert gone == later[::-1]
    assert all(event.step == restored.step and event.seq > restored.seq for event in of(events, "undone"))
    standing = 3 + len(of(events, "grown")) - len(gone)
    assert loop.subject.net.hidden == (standing,)


@pytest.mark.parametrize("share", [0.15, 0.5, 0.8, 0.97])
def test_a_run_taken_up_again_anywhere_ends_with_the_same_bits(restoring, share):
    loop, events, _, _, _ = restoring
    at = int(share * events[-1].step)
    halted = Loop(loop.spec)

    class Halt(Unattended):
        def take(self, position):
            if position.step >= at:
                self.snapshot = Snapshot.unpack(*halted.snapshot().pack())
                halted.finished = True
            return ()

        def allowance(self, position):
            return max(1, at - position.step)

    before = list(halted.events(halt := Halt()))
    after = list(Loop(loop.spec, halt.snapshot).events())
    assert packed(before + after) == packed(events)


def test_without_restoring_the_run_ends_as_it_is():
    events = list(foldscape.run(spec({"early_stop": EARLY | {"restore": "none"}})))
    assert of(events, "restored") == []
    assert events[-1].reason == "early_stop"


def test_a_run_that_comes_to_its_last_epoch_first_brings_the_best_net_back_too():
    events = list(foldscape.run(spec({"epochs": 40, "early_stop": EARLY | {"patience": 1000}})))
    (restored,) = of(events, "restored")
    assert events[-1].reason == "epochs"
    losses = {event.step: event.loss for event in of(events, "validation")[1:-1]}
    assert restored.value == min(losses.values())


def test_a_best_moment_whose_growth_was_taken_back_by_hand_does_not_come_back():
    said = [
        {"step": 20, "command": {"kind": "grow", "rule": {"kind": "gradmax"}}},
        {"step": 60, "command": {"kind": "undo_growth"}},
    ]
    loop = Loop(spec({"epochs": 20, "early_stop": EARLY | {"patience": 1000}}, commands=said))
    events = list(loop.events())
    assert loop.subject.net.hidden == (3,)
    for restored in of(events, "restored"):
        assert restored.best_step >= 60


@pytest.mark.parametrize(
    ("rule", "column", "met"),
    [({"train_loss": 0.3}, 1, lambda value: value <= 0.3), ({"train_accuracy": 0.9}, 2, lambda value: value >= 0.9)],
)
def test_a_run_is_done_at_the_first_epoch_that_reaches_what_was_asked(rule, column, met):
    events = list(foldscape.run(spec(rule, data={"kind": "moons", "n": 60, "noise": 0.1})))
    rows = [float(event.values[column]) for event in of(events, "metrics")]
    assert [met(value) for value in rows] == [False] * (len(rows) - 1) + [True]
    assert (events[-1].state, events[-1].reason) == ("done", next(iter(rule)))
    assert "as asked" in events[-1].message


@pytest.mark.parametrize(
    ("stop", "share"),
    [
        ({"early_stop": EARLY | {"patience": 1}}, 0.3),
        ({"early_stop": {"on": "train_loss", "patience": 1}}, 0),
        ({"train_loss": 0.5}, 0),
    ],
)
def test_runs_of_a_sweep_end_alike_alone_and_together(stop, share):
    changes = {"data": {"kind": "digits"}, "net": {"hidden": [6]}, "batch": 200, "validation_share": share}
    base = spec(stop, probes=[], **changes).model_dump(mode="json")
    base["stop"]["epochs"] = 25
    sweep = read({"base": base, "seeds": [0, 1, 2], "measure": {"flatness": ["layer"], "every": 5}})
    results = []
    for apart in (False, True):
        steps = run_task(list(expand(sweep)), sweep.measure, apart=apart)
        results.append({row.key: row for step in steps for row in step.ended})
    together, alone = results
    for key, row in together.items():
        columns = {name: values for name, values in row.curve.columns.items() if name != "seconds"}
        assert columns == {name: alone[key].curve.columns[name] for name in columns}
        assert row.curve.restored == alone[key].curve.restored
        if share:
            at = row.curve.columns["validation_loss"]
            assert row.curve.restored < row.curve.columns["updates"][-1]
            assert at[-1] == min(at)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"stop": {"early_stop": {"on": "test_loss"}}}, "test points"),
        ({"stop": {"early_stop": {}}, "validation_share": 0}, "needs a validation part"),
        ({"stop": {"early_stop": {"on": "validation_matthews"}}}, "use validation_accuracy"),
        ({"stop": {"early_stop": {"on": "nonsense"}}}, "validation_loss"),
        ({"stop": {"early_stop": {"patience": 0}}}, "patience"),
        ({"stop": {"train_accuracy": 1.5}}, "train_accuracy"),
        ({"validation_share": 0.001}, "take 0.0"),
        ({"validation_share": 0.9, "data": {"kind": "digits"}, "batch": 2000}, "is larger than the"),
        ({"shuffle": "sometimes"}, "epoch"),
    ],
)
def test_what_cannot_be_used_is_named_beside_its_field(changes, says):
    plain = {"validation_share": 0.3, "batch": 8} | changes
    with pytest.raises(ValueError, match=says):
        foldscape.RunSpec.model_validate(plain)


def test_early_stop_on_the_training_loss_needs_no_validation_part():
    one = spec({"early_stop": {"on": "train_loss", "patience": 2}}, validation_share=0)
    assert list(foldscape.run(one))[-1].reason in ("early_stop", "epochs")


def test_a_class_too_small_for_both_parts_is_refused_when_the_points_are_known():
    from foldscape.data.validation import parted

    with pytest.raises(InvalidInput, match="class 1, which has 1 of the training points"):
        parted(np.array([0] * 19 + [1]), 0.2, seed=0)


def test_epochs_without_any_value_are_counted_on_from_a_snapshot():
    waiting = StoppingMemory(waited=3)
    assert StoppingMemory.restored(waiting.state(), waiting.arrays(), None) == waiting
