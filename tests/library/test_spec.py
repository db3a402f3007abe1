"""Specs: they round-trip, refuse nonsense by name, and load no torch."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from foldscape.spec import RunSpec


def test_a_spec_survives_json():
    spec = RunSpec.model_validate({"data": {"kind": "digits"}, "net": {"hidden": [32]}, "queue": "batch"})
    assert RunSpec.model_validate_json(spec.model_dump_json()) == spec


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"colour": 1}, "colour"),
        ({"optimizer": {"kind": "sgd", "lr": -1}}, "lr"),
        ({"optimizer": {"kind": "sgd", "lr": float("nan")}}, "lr"),
        ({"net": {"hidden": [10**9]}}, "hidden"),
        ({"net": {"hidden": [1] * 5}}, "hidden"),
        ({"data": {"kind": "lemons"}}, "data"),
        ({"speed": 0}, "speed"),
    ],
)
def test_nonsense_is_refused_and_the_field_named(change, where):
    with pytest.raises(ValidationError) as caught:
        RunSpec.model_validate(change)
    assert any(where in error["loc"] for error in caught.value.errors())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"batch": 400}, "batch 400 is larger than the 225 training points"),
        ({"net": {"hidden": [65]}}, "wider than 64"),
        ({"device": "cuda"}, "needs queue gpu"),
    ],
)
def test_parts_that_do_not_fit_together_are_told_in_a_sentence(change, sentence):
    with pytest.raises(ValidationError, match=sentence):
        RunSpec.model_validate(change)


def test_reading_a_spec_loads_no_torch():
    code = "import sys, foldscape.spec, foldscape.events, foldscape.wire; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
