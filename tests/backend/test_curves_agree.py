"""A run's curve is the same whether it is read from its log or measured by a sweep."""

import math

import numpy as np
import pytest

from backend.binary import PackedEntry
from backend.curves import curve_of_run
from foldscape.events import COLUMNS, FRAME_KINDS
from foldscape.measures.declared import PROBE_OF
from foldscape.spec import RunSpec
from foldscape.sweep.check import problems
from foldscape.sweep.curves import curves
from foldscape.sweep.expand import expand
from foldscape.sweep.spec import SweepSpec
from foldscape.sweep.task import run_task
from foldscape.training import Loop
from foldscape.wire import pack, pack_event
from tests.random_specs import spec_of
from workers.keys import entry_id

SUMMARY = {
    "id": "one", "name": "one", "state": "done", "parent": None, "parent_step": None, "started": 0, "ended": 1000,
    "heartbeat": None,
}  # fmt: skip
OWN = {"seconds", "growing_seconds", "test_matthews"}
"""Columns that a log does not hold, or counts by another clock."""


def both(spec, **measured):
    """The curve by a sweep and the curve by the log, and the events; nothing where no sweep takes the run."""
    measure = {"flatness": [], "every": 1, "births": False, **measured}
    base = {**spec.model_dump(mode="json"), "speed": None}
    plain = {"base": base, "seeds": [spec.seed], "primary": {"measure": "train_loss"}, "measure": measure}
    sweep = SweepSpec.model_validate(plain)
    if problems(sweep):
        return None
    (cell,) = expand(sweep)
    (row,) = [row for progress in run_task([cell], sweep.measure) for row in progress.ended]
    if row.state == "failed":
        return None
    events = list(Loop(cell.spec).events())
    (mine,) = curves(sweep, [row])
    return mine, logged(cell.spec, events), events


def logged(spec, events):
    rows = [event for event in events if event.kind == "metrics"]
    block = pack(
        {"kind": "metrics", "columns": list(COLUMNS)},
        {"steps": np.array([row.step for row in rows], np.float64), "values": np.stack([row.values for row in rows])},
    )
    others = [
        PackedEntry(entry_id(event.step, event.seq), *pack_event(event))
        for event in events
        if event.kind not in FRAME_KINDS and event.kind != "metrics"
    ]
    return curve_of_run(SUMMARY, spec, [PackedEntry("0-1", *block)], others).curve


@pytest.mark.parametrize(
    "number", [*range(24), *(pytest.param(number, marks=pytest.mark.slow) for number in range(24, 400))]
)
def test_column_by_column(number):
    spec = spec_of(number)
    found = both(spec)
    if found is None:
        return
    mine, log, events = found
    changed = {event.step for event in events if event.kind in ("grown", "undone")}
    at = {update: place for place, update in enumerate(log["updates"].tolist())}
    probed = {term.column.name for term in spec.terms}
    for name in ({name for name, kind in PROBE_OF.items() if not kind} | probed) & mine.columns.keys() - OWN:
        for place, update in enumerate(mine["updates"].tolist()):
            value, other = float(mine[name][place]), float(log[name][at[update]])
            if name in probed and math.isnan(other):
                continue  # probes of a run may look less often than the sweep
            if update in changed and name != "flops":
                continue  # a log has one row a step, told before the net was changed
            np.testing.assert_equal(value, other, f"{name} at update {update}")
    for name in ("seed", "data", "split", "loss", "restarts", "restored", "births"):
        assert getattr(mine, name) == getattr(log, name), name


def grown_and_back(**more):
    grow = {"kind": "grow", "rule": {"kind": "random_direction"}}
    said = [(10, grow), (22, {"kind": "undo_growth"}), (31, grow)]
    return RunSpec.model_validate({
        "data": {"kind": "moons", "n": 40},
        "net": {"hidden": [3]},
        "batch": 10,
        "stop": {"epochs": 14},
        "probes": [],
        "commands": [{"step": step, "command": command} for step, command in said],
        **more,
    })  # fmt: skip


def test_operations_are_counted_with_the_net_of_the_time_to_the_update():
    """17 parameters, 22 with the unit that is there from update 10 to 22 and from 31 on; batches of 10 points."""
    mine, log, _ = both(grown_and_back())
    small, large = 6 * 17, 6 * 22
    expected = 10 * (10 * small + 12 * large + 9 * small + (42 - 31) * large)
    assert mine["flops"][-1] == log["flops"][-1] == expected


def test_operations_of_a_net_of_blocks_are_those_that_its_growths_told():
    """They do not follow from the number of parameters: a channel costs more where pictures are large."""
    more = {"data": {"kind": "digits", "test_share": 0.9}, "net": {"wiring": "cnn", "channels": [2, 2]}, "batch": 90}
    mine, log, events = both(grown_and_back(**more, stop={"epochs": 17}))
    births = [event for event in events if event.kind == "grown"]
    small, large = births[0].flops_before, births[0].flops_after
    assert (births[1].flops_before, births[1].flops_after) == (small, large)
    assert mine["flops"][-1] == log["flops"][-1] == 90 * (10 * small + 12 * large + 9 * small + (34 - 31) * large)
    spec = RunSpec.model_validate(more)
    assert large != spec.net.flops_on(births[0].parameters_after, spec.data.shape, 10)


def test_time_spent_growing_adds_up_and_is_unknown_where_nobody_had_a_clock():
    loop = Loop(grown_and_back())
    loop.clock = iter(range(0, 100, 3)).__next__
    curve = logged(loop.spec, list(loop.events()))
    spent = dict(zip(curve["updates"].tolist(), curve["growing_seconds"].tolist(), strict=True))
    assert (spent[0], spent[18], max(spent.values())) == (0, 3, 6)
    curve = logged(loop.spec, list(Loop(grown_and_back()).events()))
    assert math.isnan(curve["growing_seconds"][-1])


def test_a_birth_that_was_taken_back_is_none():
    mine, log, _ = both(grown_and_back(), births=True)
    assert mine.births == log.births == (31,)


def test_the_value_of_a_term_follows_a_strength_that_was_set():
    decay = {"kind": "set", "weight_decay": 0.5}
    spec = grown_and_back(terms=[{"kind": "weight_decay", "strength": 0.1}], commands=[{"step": 8, "command": decay}])
    mine, log, _ = both(spec)
    np.testing.assert_equal(mine["term_weight_decay"], log["term_weight_decay"])
