"""A schedule that does not fit its run is refused in one sentence beside the field, with the way out."""

import pytest
from pydantic import ValidationError

from foldscape.explain import explain
from foldscape.spec import RunSpec

BAD = [
    ("lr_schedule.every", {"kind": "step", "every": 100}, "set every lower"),
    ("lr_schedule.gamma", {"kind": "step", "every": 1, "gamma": 1e-3}, "set gamma or every higher"),
    ("lr_schedule.epochs", {"kind": "cosine", "epochs": 101}, "set epochs to null"),
    ("lr_schedule.lr_min", {"kind": "cosine", "epochs": 50}, "set lr_min above 0"),
    ("lr_schedule.lr_min", {"kind": "sgdr", "lr_min": 0.1}, "set it lower"),
    ("lr_schedule.cycle", {"kind": "sgdr", "cycle": 101}, "set cycle lower"),
    ("lr_schedule.factor", {"kind": "sgdr", "factor": 0}, "at least 1"),
    ("lr_schedule.cycles", {"kind": "snapshot", "cycles": 401}, "set cycles to 400 or less"),
    ("lr_schedule.epochs", {"kind": "warm_up", "epochs": 100}, "set epochs lower"),
    ("lr_schedule.then.cycle", {"kind": "warm_up", "then": {"kind": "sgdr", "cycle": 96}}, "set cycle lower"),
    ("lr_schedule.then.kind", {"kind": "warm_up", "then": {"kind": "warm_up"}}, "constant, cosine"),
    ("batch_schedule.every", {"kind": "step", "every": 100}, "set every lower"),
    ("batch_schedule.largest", {"kind": "step", "largest": 226}, "use 225 or less"),
    ("batch_schedule.largest", {"kind": "step", "largest": 32}, "set largest higher"),
]


@pytest.mark.parametrize(("path", "schedule", "way_out"), BAD, ids=[f"{path} {way}" for path, _, way in BAD])
def test_what_does_not_fit_is_refused_beside_its_field(path, schedule, way_out):
    with pytest.raises(ValidationError) as caught:
        RunSpec.model_validate({path.split(".")[0]: schedule, "stop": {"epochs": 100}})
    (problem,) = explain(caught.value.errors(include_url=False), RunSpec)
    assert problem["path"] == path
    assert way_out in problem["message"]


def test_a_cycle_of_a_single_update_is_refused():
    with pytest.raises(ValidationError, match="single update"):
        RunSpec.model_validate({"lr_schedule": {"kind": "sgdr", "cycle": 1}, "batch": 225})


@pytest.mark.parametrize("kind", ["step", "cosine", "snapshot", "sgdr", "warm_up"])
def test_shipped_values_fit_the_shipped_run(kind):
    RunSpec.model_validate({"lr_schedule": {"kind": kind}, "batch_schedule": {"kind": "step"}})


def test_a_spec_without_schedules_is_written_as_it_always_was():
    assert not {"lr_schedule", "batch_schedule"} & RunSpec().model_dump().keys()
    assert (
        RunSpec.model_validate({"lr_schedule": {"kind": "constant"}}).model_dump_json() == RunSpec().model_dump_json()
    )
