"""Records that are written: a field of later comes in without changing what was written before."""

import pytest
from pydantic import ValidationError

from foldscape.model import Model, added


class Before(Model):
    width: int = 3


class After(Before):
    noise: float = added(0.0, ge=0)
    rates: tuple[float, ...] = added(default_factory=tuple)


def test_a_record_that_does_not_use_a_later_field_is_written_as_before():
    assert After(width=4).model_dump_json() == Before(width=4).model_dump_json()
    assert After(width=4).model_dump() == {"width": 4}


def test_a_later_field_is_written_where_it_is_used_and_read_again():
    after = After(noise=0.5, rates=(1.0,))
    assert after.model_dump(mode="json") == {"width": 3, "noise": 0.5, "rates": [1.0]}
    assert After.model_validate_json(after.model_dump_json()) == after


def test_its_limits_hold_and_the_schema_knows_it():
    with pytest.raises(ValidationError):
        After(noise=-1)
    assert After.model_json_schema(mode="serialization")["properties"]["noise"]["minimum"] == 0
