"""Nets of blocks that grow in the middle of a run: told, taken up, replayed and taken back, bit for bit."""

import itertools

import numpy as np
import pytest

from foldscape.events import CommandTaken, Grown, Undone
from foldscape.spec import RunSpec
from foldscape.training import Loop, Snapshot
from foldscape.wire import pack_event, unpack_event
from tests.library.growth.blocks import NETS, named
from tests.library.growth.test_every_rule_of_blocks import fits
from tests.library.growth.test_in_a_run import Resumed, Until

RULES = [
    {"kind": "gradmax", "layer": "auto", "units": 2},
    {"kind": "net2wider", "noise": 0, "units": 2},
    {"kind": "firefly", "candidates": 2, "steps": 2, "count": 3, "sample": 32},
    {"kind": "identity_layer", "after": 1},
    {"kind": "random_direction", "layer": 1, "outgoing": "random"},
]
every_net = pytest.mark.parametrize("told", NETS, ids=named)


def rules_for(told):
    return [rule for rule in RULES if fits(rule["kind"], told)]


def spec_of(told, *commands, **given):
    plain = {
        "data": {"kind": "digits", "test_share": 0.9},
        "net": told,
        "optimizer": {"kind": "adam", "lr": 0.01},
        "batch": 60,
        "probes": [],
        "stop": {"epochs": 3},
        "commands": [{"step": step, "command": command} for step, command in commands],
    }
    return RunSpec.model_validate(plain | given)


def grown_by(told, first=2):
    """A run in which every rule grows its net, an update apart."""
    return spec_of(told, *((first + at, {"kind": "grow", "rule": rule}) for at, rule in enumerate(rules_for(told))))


def bits(loop):
    net = loop.subject.net
    return [part.tobytes() for part in (*net.arrays, *net.buffers)], net.structure


@every_net
def test_every_growth_is_told_with_what_a_sample_costs_and_replays(told):
    loop = Loop(grown_by(told))
    events = list(loop.events())
    births = [event for event in events if isinstance(event, Grown)]
    assert [event.refused for event in events if isinstance(event, CommandTaken) and event.refused] == []
    assert [birth.method for birth in births] == [rule["kind"] for rule in rules_for(told)]
    for before, after in itertools.pairwise(births):
        assert after.parameters_before == before.parameters_after
        assert after.flops_before == before.flops_after > before.flops_before
    assert births[-1].flops_after == loop.subject.net.flops_per_sample
    for birth in births[:2]:
        assert birth.kept <= 1e-6
        assert abs(birth.loss_change) <= 1e-5
        assert (birth.kept_in_training is None) == (not loop.subject.net.is_normed)
        assert (birth.kept_in_training or 0) <= 1e-6
    assert [birth.seconds for birth in births] == [None] * len(births)
    assert births[0].explanation["where"]["layer"] == births[0].layer
    ids = np.concatenate(loop.subject.units)
    assert len(set(ids.tolist())) == len(ids) == loop.subject.net.neurons
    again = Loop(grown_by(told))
    again.clock = itertools.count().__next__
    timed = [event for event in again.events() if isinstance(event, Grown)]
    assert timed == births  # a time makes no event another
    assert [birth.seconds for birth in timed] == [1] * len(births)
    assert unpack_event(*pack_event(timed[0])).seconds == 1
    assert bits(again) == bits(loop)


@every_net
def test_a_grown_run_goes_on_from_its_snapshot_with_the_same_bits(told):
    whole = Loop(grown_by(told))
    list(whole.events())
    half = Loop(grown_by(told))
    list(half.events(Until(4)))
    rest = Loop(grown_by(told), start=Snapshot.unpack(*half.snapshot().pack()))
    list(rest.events(Resumed()))
    assert rest.subject.step == whole.subject.step
    assert bits(rest) == bits(whole)
    for mine, theirs in zip(rest.subject.units, whole.subject.units, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@every_net
def test_growths_are_taken_back_bit_for_bit(told):
    rules = rules_for(told)
    grow = [(4, {"kind": "grow", "rule": rule}) for rule in rules]
    taken_back, plain = Loop(spec_of(told, *grow, *[(4, {"kind": "undo_growth"})] * len(rules))), Loop(spec_of(told))
    events = list(taken_back.events())
    list(plain.events())
    assert sum(isinstance(event, Undone) for event in events) == len(rules)
    assert bits(taken_back) == bits(plain)


def test_blocks_grow_by_schedule_up_to_the_limit_of_their_width():
    growth = {
        "rule": {"kind": "net2wider", "layer": "auto"},
        "schedule": {"kind": "periodic", "start": 1, "every": 1, "births": 2},
        "max_width": 6,
    }
    events = list(Loop(spec_of({"wiring": "cnn", "channels": [3, 4]}, growth=growth)).events())
    assert len([event for event in events if isinstance(event, Grown)]) == 2
    growth |= {"rule": {"kind": "net2wider", "units": 3}, "max_width": 5}
    events = list(Loop(spec_of({"wiring": "cnn", "channels": [3, 4]}, growth=growth)).events())
    assert ["limit set for this run is 5" in event.refused for event in events if isinstance(event, CommandTaken)] == [
        True, True,
    ]  # fmt: skip


def test_a_preview_says_what_would_be_added_and_where():
    rule = {"kind": "gradmax", "layer": "auto"}
    asked = (2, {"kind": "preview", "rule": rule, "token": "1"})
    taken = (2, {"kind": "grow", "rule": rule, "proposed": True})
    loop = Loop(spec_of({"wiring": "cnn", "channels": [3, 4]}, asked, taken))
    (proposal, born) = [event for event in loop.events() if event.kind in ("proposal", "grown")]
    assert proposal.refused == ""
    assert proposal.layer == born.layer
    assert proposal.explanation["where"] == born.explanation["where"]


def test_the_curvature_of_a_net_that_stands_at_a_kink_is_measured():
    """New units of GradMax stand at the corner of their ReLU, where no difference of losses shows a derivative."""
    net = {"wiring": "cnn", "channels": [2, 2], "norm": "none"}
    grow = (2, {"kind": "grow", "rule": {"kind": "gradmax"}})
    events = list(Loop(spec_of(net, grow, probes=[{"kind": "curvature"}], stop={"epochs": 1})).events())
    assert 2 in [event.step for event in events if event.kind == "curvature" and event.seq > 1]
