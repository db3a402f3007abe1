"""Averages of the weights along a run: their formulas, their bits, and what begins them anew."""

import numpy as np
import pytest
from pydantic import ValidationError

from foldscape import wire
from foldscape.measures.declared import values_of
from foldscape.net.passes import scores
from foldscape.spec import RunSpec
from foldscape.sweep.moments import alone
from foldscape.sweep.straight import trains_straight
from foldscape.training import Loop, Snapshot, Unattended

SWA = {"kind": "swa", "begin": 0.5, "every": 2}
EMA = {"kind": "ema", "decay": 0.9}
every_average = pytest.mark.parametrize("average", [SWA, EMA], ids=["swa", "ema"])


def spec_of(average=None, **changes):
    plain = {"data": {"kind": "moons", "n": 60}, "net": {"hidden": [4]}, "batch": 8, "stop": {"epochs": 12}}
    kept = {"average": average} if average else {}
    return RunSpec.model_validate(plain | kept | {"probes": [{"kind": "frame"}]} | changes)


class Nets(Unattended):
    """Lets one update be done at a time, and keeps every net."""

    def __init__(self, loop):
        self.loop, self.nets = loop, {}

    def allowance(self, position):
        return 1

    def take(self, position):
        self.nets[position.step] = self.loop.subject.net.vector()
        return ()


class HaltAt(Unattended):
    """Takes a snapshot at a step and ends the run there."""

    def __init__(self, step, loop):
        self.step, self.loop, self.snapshot = step, loop, None

    def allowance(self, position):
        return self.step

    def take(self, position):
        if position.step >= self.step and self.snapshot is None:
            self.snapshot = self.loop.snapshot()
            self.loop.finished = True
        return ()


def packed(events):
    return [(event.step, event.seq, *wire.pack_event(event)) for event in events]


def nets_of(spec):
    loop = Loop(spec)
    watching = Nets(loop)
    list(loop.events(watching))
    return watching.nets | {loop.subject.step: loop.subject.net.vector()}, loop


def test_swa_is_the_mean_of_the_nets_at_the_ends_of_its_epochs():
    spec = spec_of(SWA)
    nets, loop = nets_of(spec)
    steps = [spec.calendar.first_step(epoch) for epoch in (6, 8, 10, 12)]
    mean = np.mean([nets[step] for step in steps], axis=0)
    np.testing.assert_allclose(loop.subject.average.vector(), mean, rtol=0, atol=1e-12)


def test_ema_is_its_recursion_from_the_first_update_on():
    nets, loop = nets_of(spec_of(EMA))
    average = nets[1]
    for step in range(2, max(nets) + 1):
        average = 0.9 * average + (1 - 0.9) * nets[step]
    np.testing.assert_allclose(loop.subject.average.vector(), average, rtol=0, atol=1e-12)


@every_average
@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_training_never_sees_the_average(average, engine):
    plain, kept = (Loop(spec_of(one, engine=engine)) for one in (None, average))
    rows = [[e.values.tobytes() for e in loop.events() if e.kind == "metrics"] for loop in (plain, kept)]
    assert rows[0] == rows[1]
    assert plain.subject.net.vector().tobytes() == kept.subject.net.vector().tobytes()
    assert plain.subject.average is None


@every_average
def test_a_run_taken_up_again_goes_on_with_the_same_bits(average):
    spec = spec_of(average)
    whole = packed(Loop(spec).events())
    first = Loop(spec)
    halt = HaltAt(51, first)
    told = packed(first.events(halt))
    again = Loop(spec, Snapshot.unpack(*halt.snapshot.pack()))
    assert told + packed(again.events()) == whole


@every_average
def test_the_averaged_net_is_measured_as_any_net_is(average):
    loop = Loop(spec_of(average))
    told = [event for event in loop.events() if getattr(event, "probe", "") == "average"]
    split, net = loop.subject.split, loop.subject.average.astype(np.float32)
    train = scores(net, split.train_x.T.astype(np.float64), split.train_y, "cross_entropy")
    test = scores(net, split.test_x.T.astype(np.float64), split.test_y, "cross_entropy")
    last = values_of(told[-1])
    assert last["average_train_loss"] == pytest.approx(train.loss, rel=1e-9)
    assert (last["average_test_loss"], last["average_test_accuracy"]) == pytest.approx((test.loss, test.accuracy))
    assert values_of(told[0])["average_train_loss"] is None


@every_average
def test_a_growth_begins_the_average_anew(average):
    growth = {"rule": {"kind": "gradmax"}, "schedule": {"kind": "at_epochs", "epochs": [9]}}
    spec = spec_of(average, growth=growth)
    nets, loop = nets_of(spec)
    first = spec.calendar.first_step(9)
    assert loop.subject.average.hidden == (5,)
    taken = [nets[step] for step in sorted(nets) if step > first]
    if average is SWA:
        expected = np.mean([nets[spec.calendar.first_step(epoch)] for epoch in (10, 12)], axis=0)
    else:
        expected = taken[0]
        for net in taken[1:]:
            expected = 0.9 * expected + (1 - 0.9) * net
    np.testing.assert_allclose(loop.subject.average.vector(), expected, rtol=0, atol=1e-12)


def test_running_statistics_are_those_of_the_averaged_net():
    growth = {"rule": {"kind": "batch_norm"}, "schedule": {"kind": "at_epochs", "epochs": [2]}}
    loop = Loop(spec_of(EMA, growth=growth))
    told = [event for event in loop.events() if getattr(event, "probe", "") == "average"][-1]
    net = loop.subject.average
    assert net.is_normed
    x = loop.subject.split.train_x.astype(np.float64)
    z = x @ net.weights[0].T + net.biases[0]
    (norm,) = net.norms
    h = net.activate(norm.gamma * (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5) + norm.beta)
    logits = h @ net.weights[1].T + net.biases[1]
    shifted = logits - logits.max(axis=1, keepdims=True)
    y = loop.subject.split.train_y
    loss = (np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]).mean()
    assert values_of(told)["average_train_loss"] == pytest.approx(loss, rel=1e-4)


def test_a_sweep_sees_it_too():
    spec = spec_of(SWA, probes=[])
    assert not trains_straight(spec)
    last = list(alone(spec))[-1]
    _, loop = nets_of(spec)
    assert last.average.vector().tobytes() == loop.subject.average.vector().tobytes()


def test_one_net_makes_no_mean():
    with pytest.raises(ValidationError, match=r"average.every 7 takes one net in, after 6 epochs of 12 epochs"):
        spec_of({"kind": "swa", "begin": 0.5, "every": 7})
