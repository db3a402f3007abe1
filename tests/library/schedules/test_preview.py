"""What is drawn of a schedule: the very rates that engines are given, with its jumps where they are."""

import numpy as np
import pytest

from foldscape.schedules.preview import MOST_RESTARTS
from foldscape.spec import RunSpec

KINDS = [
    {"kind": "constant"},
    {"kind": "step", "every": 300, "gamma": 0.2},
    {"kind": "cosine"},
    {"kind": "sgdr"},
    {"kind": "snapshot", "cycles": 7},
    {"kind": "warm_up", "epochs": 11, "then": {"kind": "sgdr", "cycle": 50}},
]


@pytest.mark.parametrize("schedule", KINDS, ids=lambda form: form["kind"])
def test_the_curve_is_made_of_the_rates_of_the_run(schedule):
    spec = RunSpec.model_validate({"lr_schedule": schedule, "batch_schedule": {"kind": "step"}})
    seen, rates = spec.foreseen_rates(), spec.learning_rates()
    np.testing.assert_allclose(seen.rates, [rates.at(step, spec.optimizer.lr) for step in seen.steps], rtol=1e-14)
    assert seen.epochs == tuple(spec.calendar.epoch_at(step) for step in seen.steps)
    assert (seen.steps[0], seen.steps[-1]) == (0, spec.updates - 1)
    assert len(seen.steps) < 700
    assert seen.restarts == rates.restarts
    for restart in seen.restarts:  # both sides of a jump
        assert {restart - 1, restart} <= set(seen.steps)


def test_a_sudden_fall_has_both_of_its_sides():
    seen = RunSpec.model_validate({"lr_schedule": {"kind": "step", "every": 777, "gamma": 0.01}}).foreseen_rates()
    assert {777 * 8 - 1, 777 * 8} <= set(seen.steps)


def test_a_comb_of_restarts_is_not_marked():
    spec = RunSpec.model_validate({"lr_schedule": {"kind": "sgdr", "cycle": 1, "factor": 1}})
    assert len(spec.learning_rates().restarts) == 1999 > MOST_RESTARTS
    assert spec.restarts == spec.foreseen_rates().restarts == ()


def test_stretches_tell_the_batches():
    spec = RunSpec.model_validate({"batch_schedule": {"kind": "step", "every": 500, "factor": 4}})
    told = [(each.epoch, each.step, each.batch, each.steps_per_epoch) for each in spec.foreseen_rates().stretches]
    assert told == [(0, 0, 32, 8), (500, 4000, 128, 2), (1000, 5000, 225, 1)]
    assert spec.updates == 6000
