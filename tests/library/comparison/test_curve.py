import json

import numpy as np
import pytest

from foldscape.comparison import COLUMNS, Curve
from foldscape.errors import InvalidInput
from tests.library.comparison.made import curve


def test_a_curve_goes_through_json_and_comes_back_the_same():
    before = Curve("r", "n", {"batch": 4}, 3, {"updates": [0, 5], "trace": [np.nan, 2.5]}, (4,), "d", "s", "l", "p")
    after = Curve.from_json(json.loads(json.dumps(before.to_json(), allow_nan=False)))
    assert {name: getattr(after, name) for name in ("run", "name", "seed", "births", "data", "split", "points")} == {
        name: getattr(before, name) for name in ("run", "name", "seed", "births", "data", "split", "points")
    }
    for name in COLUMNS:
        np.testing.assert_array_equal(after[name], before[name])


def test_restarts_go_along_where_there_are_any():
    given = {"run": "r", "settings": {}, "seed": 0, "columns": {"updates": [0, 9]}}
    assert "restarts" not in Curve.from_json(given).to_json()
    assert Curve.from_json(Curve.from_json({**given, "restarts": [4, 8]}).to_json()).restarts == (4, 8)


def test_births_may_be_records_and_other_columns_are_passed_over():
    given = {"run": "r", "settings": {}, "seed": 0, "columns": {"updates": [0.0], "lambda_9": [1.0]}}
    assert Curve.from_json({**given, "births": [{"updates": 7, "kept": 0.0}]}).births == (7,)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"updates": [0, 1], "trace": [1.0]}, "differ in length"),
        ({"updates": [0, 1], "sharpness": [1.0, 2.0]}, "sharpness"),
        ({"trace": [1.0]}, "updates is missing"),
        ({"updates": [3, 1]}, "fall"),
    ],
)
def test_what_is_no_curve_is_refused(columns, words):
    with pytest.raises(InvalidInput, match=words):
        Curve("r", "n", {}, 0, columns)


def test_a_run_grows_by_its_method_or_by_its_births():
    assert curve(method="grown").grows
    assert not curve(method="fixed").grows
    assert Curve("r", "", {}, 0, {"updates": [0]}, births=(3,)).grows


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "lacks run, settings, seed, columns"),
        ("{}", "json.loads"),
        ([1], "was given as a list"),
        ({"run": "r", "settings": {}, "seed": 0}, "lacks columns"),
        ({"run": "r", "settings": {}, "seed": 0, "columns": [1]}, "columns of a curve are a list"),
        ({"run": "r", "settings": {}, "seed": "a", "columns": {"updates": [0]}}, "whole numbers"),
        ({"run": "r", "settings": {}, "seed": 0, "columns": {"updates": ["x"]}}, "lists of numbers"),
        ({"run": "r", "settings": {}, "seed": 0, "columns": {"updates": 3}}, "lists of numbers"),
        ({"run": "r", "settings": {}, "seed": 0, "columns": {"updates": [0]}, "births": [{}]}, "whole numbers"),
    ],
)
def test_what_is_no_curve_as_json_is_refused_in_words(given, words):
    with pytest.raises(InvalidInput, match=words):
        Curve.from_json(given)


def test_the_one_name_that_earlier_versions_wrote_for_every_loss_is_read_from_the_settings():
    given = {"run": "r", "settings": {"loss": "mse"}, "seed": 0, "columns": {"updates": [0]}, "loss": "cross-entropy"}
    assert Curve.from_json(given).loss == "mse"
    assert Curve.from_json({**given, "settings": {}}).loss == "cross_entropy"
    assert Curve.from_json({**given, "loss": "mse"}).loss == "mse"
