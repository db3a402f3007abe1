"""Published numbers and claims held against runs."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from foldscape.comparison import Curve
from foldscape.comparison.claims import Published, beside, judge_claims, verdict_of

PUBLISHED = Published.model_validate(
    {
        "source": "a paper",
        "rows": [
            {"settings": {"model": "grown", "batch": "10"}, "accuracy": 0.84, "flatness": 2.23},
            {"settings": {"model": "grown", "batch": "1000"}, "accuracy": 0.5},
        ],
        "claims": [
            {
                "words": "growing is flatter",
                "measures": ["lambda_layer", "lambda_none"],
                "smaller": {"model": "grown"},
                "larger": {"model": "fixed"},
            },
            {"words": "larger batches are sharper", "smaller": {"batch": "10"}, "larger": {"batch": "100"}},
        ],
    }
)


def run(seed, model, batch, layer, raw):
    rng = np.random.default_rng([seed, len(model), batch])
    loss = np.array([2.0, 0.5, 0.1])
    noise = np.exp(0.05 * rng.normal(size=3))
    columns = {"updates": [0, 10, 20], "epoch": [0, 1, 2], "train_loss": loss, "test_accuracy": [0.1, 0.5, 0.9],
               "lambda_layer": layer * noise, "lambda_none": raw * noise}  # fmt: skip
    return Curve(f"{model}{batch}{seed}", "", {"model": model, "batch": str(batch)}, seed, columns)


@pytest.fixture(scope="module")
def curves():
    kinds = [("grown", 0.5, 2.0), ("fixed", 1.0, 1.0)]
    return [run(s, name, batch, layer, raw) for s in range(8) for name, layer, raw in kinds for batch in (10, 100)]


def test_a_claim_is_judged_for_every_measure_clock_and_choice_of_the_other_axes(curves):
    rows = [row for row in judge_claims(PUBLISHED, curves) if row.claim == 0]
    assert {(row.measure, row.point.by, row.settings["batch"]) for row in rows} == {
        (measure, by, batch)
        for measure in ("lambda_layer", "lambda_none")
        for by in ("loss", "epochs")
        for batch in ("10", "100")
    }
    assert all(row.pairs == 8 for row in rows)


def test_a_claim_that_fails_under_one_measure_is_said_to_fail_there(curves):
    rows = [row for row in judge_claims(PUBLISHED, curves) if row.claim == 0]
    assert {row.measure: row.holds for row in rows} == {"lambda_layer": "yes", "lambda_none": "no"}
    assert verdict_of(rows) == "Of 8 readings 4 hold, 4 show the opposite."
    assert verdict_of([row for row in rows if row.measure == "lambda_layer"]).startswith("It holds here")
    single = {row.holds: row for row in rows}
    assert verdict_of([*single.values()]) == "Of 2 readings 1 holds, 1 shows the opposite."


def test_what_no_numbers_can_tell_is_open(curves):
    rows = [row for row in judge_claims(PUBLISHED, curves[:8]) if row.claim == 0]
    assert {row.holds for row in rows} == {"open"}
    assert all(row.pairs == 2 for row in rows)


def test_claims_without_runs_are_not_judged(curves):
    grown = [curve for curve in curves if curve.settings["model"] == "grown"]
    assert [row for row in judge_claims(PUBLISHED, grown) if row.claim == 0] == []
    assert "missing" in verdict_of([])


def test_published_numbers_stand_beside_ours(curves):
    first, missing = beside(PUBLISHED, curves)
    assert (first["accuracy"], first["flatness"]) == (0.84, 2.23)
    assert first["ours"]["test_accuracy"] == {"mean": pytest.approx(0.9), "sd": pytest.approx(0), "n": 8}
    own = [c["lambda_layer"][-1] for c in curves if c.settings == {"model": "grown", "batch": "10"}]
    assert first["ours"]["lambda_layer"]["mean"] == pytest.approx(np.exp(np.log(own).mean()))
    assert missing["ours"] == {}


def test_too_few_pairs_are_said_to_decide_nothing(curves):
    few = [curve for curve in curves if curve.seed < 3]
    rows = [row for row in judge_claims(PUBLISHED, few) if row.claim == 0]
    assert verdict_of(rows) == "It is undecided here, in all 8 readings. With 3 pairs p cannot go below 0.25."


def sized(**claim):
    """Judge one claim on eight pairs in which grown nets have half the curvature and 0.01 more accuracy, nearly."""
    plain = {"words": "w", "smaller": {"model": "grown"}, "larger": {"model": "fixed"}, "clocks": ["epochs"]}
    published = Published.model_validate({"source": "s", "claims": [plain | claim]})
    curves = []
    for seed in range(8):
        noise = 0.001 * np.random.default_rng(seed).normal(size=2)
        for model, layer, accuracy, matthews in (("grown", 1.0, 0.91, -0.2), ("fixed", 2.0, 0.90, -0.1)):
            columns = {"updates": [0, 1], "epoch": [0, 1], "train_loss": [1, 1], "test_matthews": [matthews, matthews],
                       "test_accuracy": accuracy + noise, "lambda_layer": layer * np.exp(noise)}  # fmt: skip
            curves.append(Curve(f"{model}{seed}", "", {"model": model}, seed, columns, loss="mse"))
    (row,) = judge_claims(published, curves)
    return row


@pytest.mark.parametrize(("factor", "said"), [(1, "holds"), (1.9, "holds"), (2.5, "falls short"), (10, "falls short")])
def test_a_claim_of_a_size_is_tested_against_that_size(factor, said):
    row = sized(factor=factor)
    assert (row.said, row.effect.value) == (said, pytest.approx(0.5))
    assert row.p == 2 / 2**8
    assert row.words.startswith(f"{said}: λ by layer")


@pytest.mark.parametrize(
    ("smaller", "larger", "allowance", "said"),
    [
        ("fixed", "grown", 0, "holds"),
        ("fixed", "grown", 0.02, "holds"),
        ("grown", "fixed", 0.02, "holds"),
        ("grown", "fixed", 0, "the opposite holds"),
        ("grown", "fixed", 0.005, "falls short"),
    ],
)
def test_accuracies_are_compared_by_their_difference(smaller, larger, allowance, said):
    row = sized(measures=["test_accuracy"], smaller={"model": smaller}, larger={"model": larger}, allowance=allowance)
    assert (row.said, row.is_ratio, row.pairs) == (said, False, 8)
    assert abs(row.effect.value) == pytest.approx(0.01)
    assert f"{row.effect.value:+.3g} [" in row.words


def test_a_claim_may_name_the_matthews_correlation_which_may_be_negative():
    row = sized(measures=["test_matthews"])
    assert (row.said, row.pairs, row.effect.value) == ("holds", 8, pytest.approx(-0.1))


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ({"measures": ["lambda_9"]}, "test_matthews"),
        ({"measures": []}, "at least 1"),
        ({"measures": ["test_accuracy"], "factor": 2}, "says nothing of test_accuracy"),
        ({"measures": ["lambda_layer"], "allowance": 0.1}, "give a factor instead"),
    ],
)
def test_a_claim_that_cannot_be_judged_is_refused_with_what_is_allowed(claim, words):
    with pytest.raises(ValidationError, match=words):
        sized(**claim)


def test_a_claim_across_losses_is_not_judged():
    runs = [replace(run(seed, model, 10, 1.0, 1.0), loss=loss) for seed in range(8) for model, loss in
            (("grown", "mse"), ("fixed", "cross_entropy"))]  # fmt: skip
    rows = [row for row in judge_claims(PUBLISHED, runs) if row.claim == 0]
    assert {(row.said, row.holds, row.pairs) for row in rows} == {("not comparable", "open", 0)}
    assert verdict_of(rows) == "These runs differ in their loss, so there is no verdict."
