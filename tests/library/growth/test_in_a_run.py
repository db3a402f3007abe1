"""Deepening, waking and normalising a net in the middle of a run."""

import itertools

import pytest

from foldscape.commands import Pause, Play
from foldscape.events import CommandTaken, Grown
from foldscape.spec import RunSpec
from foldscape.training import Loop, Snapshot


def at(step, **command):
    return {"step": step, "command": command}


RULES = [
    {"kind": "batch_norm"},
    {"kind": "gradmax"},
    {"kind": "identity_layer"},
    {"kind": "split_layer", "layer": 1},
]


def spec_of(commands, **given):
    return RunSpec.model_validate({"net": {"hidden": [6]}, "stop": {"epochs": 8}, "commands": commands, **given})


def test_every_rule_keeps_the_function_and_training_goes_on():
    commands = [at(20 + 5 * i, kind="grow", rule=rule) for i, rule in enumerate(RULES)]
    loop = Loop(spec_of(commands))
    events = list(loop.events())
    births = [event for event in events if isinstance(event, Grown)]
    assert [birth.method for birth in births] == [rule["kind"] for rule in RULES]
    assert all(birth.kept <= 1e-6 for birth in births)
    assert births[2].kept == 0
    assert [birth.k_new for birth in births] == [0, 1, 7, 14]
    for before, after in itertools.pairwise(births):
        assert after.parameters_before == before.parameters_after
    assert loop.subject.net.hidden == (7, 14, 7)
    assert [norm is not None for norm in loop.subject.net.norms] == [True, False, False]
    assert [len(ids) for ids in loop.subject.units] == [7, 14, 7]
    assert len({*loop.subject.units[0], *loop.subject.units[1], *loop.subject.units[2]}) == 28


class Until:
    """Lets a run go as far as a step."""

    def __init__(self, step):
        self.step = step

    def take(self, position):
        return [Pause()] if position.step == self.step and not position.paused else []

    def allowance(self, position):
        return max(1, self.step - position.step)


class Resumed:
    """Lets a run that was stored at rest go on to its end."""

    def take(self, position):
        return [Play()] if position.paused else []

    def allowance(self, position):
        return 1000


def test_a_normalised_run_goes_on_from_its_snapshot_with_the_same_bits():
    spec = spec_of([at(20, kind="grow", rule=RULES[0]), at(44, kind="grow", rule=RULES[2])])
    whole = Loop(spec)
    list(whole.events())
    half = Loop(spec)
    list(half.events(Until(37)))
    stored = Snapshot.unpack(*half.snapshot().pack())
    assert stored.arrays["norms"][0].shape == (4, 6)
    rest = Loop(spec, start=stored)
    list(rest.events(Resumed()))
    assert rest.subject.step == whole.subject.step
    for mine, theirs in zip(rest.subject.net.flat(), whole.subject.net.flat(), strict=True):
        assert mine.tobytes() == theirs.tobytes()


def test_taking_batch_normalisation_back_leaves_no_trace():
    grown = Loop(spec_of([at(20, kind="grow", rule=RULES[0]), at(20, kind="undo_growth")]))
    plain = Loop(spec_of([]))
    for loop in (grown, plain):
        list(loop.events())
    for mine, theirs in zip(grown.subject.net.flat(), plain.subject.net.flat(), strict=True):
        assert mine.tobytes() == theirs.tobytes()


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"kind": "batch_norm", "layer": 2}, "no hidden layer 3"),
        ({"kind": "bias_shift"}, "No unit of hidden layer 1 is dead"),
        ({"kind": "register_layers"}, "limit set for this run is 4"),
    ],
)
def test_what_cannot_be_done_is_told(rule, sentence):
    events = list(Loop(spec_of([at(5, kind="grow", rule=rule)], stop={"epochs": 2})).events())
    assert [sentence in event.refused for event in events if isinstance(event, CommandTaken)] == [True]
