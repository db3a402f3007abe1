"""Claims of a sign: judged by the error over test points, or by the seeds."""

import numpy as np
import pytest
from pydantic import ValidationError

from foldscape.comparison import Curve
from foldscape.comparison.claims import judge_claims, verdict_of
from foldscape.comparison.published import Published

FALL = {"kind": "sign", "words": "It falls.", "measures": ["memoriser_fall"], "above": 0}


def curves(values, error=0.02, setting="a"):
    found = []
    for seed, value in enumerate(values):
        columns = {"epoch": np.arange(3.0), "updates": np.arange(3.0) * 10, "train_loss": np.array([3.0, 2.0, 1.0])}
        columns |= {"memoriser_fall": np.full(3, value), "memoriser_fall_error": np.full(3, error)}
        found.append(Curve(f"{setting}{seed}", "", {"input": setting}, seed, columns))
    return found


def judged(claim, runs):
    return judge_claims(Published.model_validate({"source": "a paper", "claims": [claim]}), runs)


@pytest.mark.parametrize(
    ("value", "side", "said"),
    [
        (0.1, "above", "holds"), (0.03, "above", "undecided"), (-0.1, "above", "the opposite holds"),
        (-0.1, "below", "holds"), (0.1, "below", "the opposite holds"),
    ],
)  # fmt: skip
def test_without_chance_between_seeds_it_stands_on_the_test_points(value, side, said):
    claim = {key: entry for key, entry in FALL.items() if key != "above"} | {side: 0, "error": "memoriser_fall_error"}
    (row,) = judged(claim, curves([value] * 6))
    assert row.said == said
    assert row.effect.low == pytest.approx(value - 1.96 * 0.02)
    assert row.effect.high == pytest.approx(value + 1.96 * 0.02)
    assert row.words.endswith("6 seeds, interval over test points")


def test_without_an_error_it_stands_on_the_seeds():
    (row,) = judged(FALL, curves([0.1, 0.2, 0.3, 0.15]))
    assert row.effect.value == pytest.approx(0.1875)
    assert 0.1 <= row.effect.low < 0.1875 < row.effect.high <= 0.3
    assert row.said == "holds"
    assert judged(FALL, curves([0.1]))[0].said == "undecided"


def test_each_setting_is_judged():
    rows = judged(FALL, curves([0.1, 0.2]) + curves([-0.1, -0.2], setting="b"))
    assert [row.holds for row in rows] == ["yes", "no"]
    assert [row.settings for row in rows] == [{"input": "a"}, {"input": "b"}]
    assert verdict_of(rows) == "Of 2 readings 1 holds, 1 shows the opposite."
    assert verdict_of(judged(FALL, [])) == "Not judged yet: its runs are missing."


@pytest.mark.parametrize(
    "fields", [{"above": None}, {"below": 1}, {"error": "gap_growth", "measures": ["novel_gap", "gap_growth"]}]
)
def test_it_names_one_side_and_the_error_of_one_measure(fields):
    with pytest.raises(ValidationError, match=r"a sign claim names|is that of one measure"):
        Published.model_validate({"source": "a paper", "claims": [FALL | fields]})


def test_a_claim_about_some_settings_leaves_the_others_alone():
    runs = curves([0.1, 0.2]) + curves([-0.1, -0.2], setting="b")
    (row,) = judged(FALL | {"settings": {"input": "b"}}, runs)
    assert row.settings == {"input": "b"}
    assert row.said == "the opposite holds"
    assert "settings" not in Published.model_validate({"source": "a", "claims": [FALL]}).claims[0].model_dump()
