"""Claims that a measure falls after its peak, and runs that do not know the axes a claim speaks of."""

import numpy as np
import pytest
from pydantic import ValidationError

from foldscape.comparison import Curve
from foldscape.comparison.claims import judge_claims, verdict_of
from foldscape.comparison.drop import drop_of
from foldscape.comparison.published import Published
from foldscape.errors import InvalidInput


def claims(**given):
    claim = {"kind": "drop", "words": "w", "settings": {"noise": "0.5"}, "at_least": 0.1}
    return Published.model_validate({"source": "a paper", "claims": [claim | given]})


def run(seed, accuracy, noise="0.5", **settings):
    epochs = np.arange(float(len(accuracy)))
    columns = {"updates": 10 * epochs, "epoch": epochs, "train_loss": 1 / (1 + epochs), "test_accuracy": accuracy}
    return Curve(f"{noise}-{seed}", "", {"noise": noise, **settings}, seed, columns)


def falling(by, seeds=6):
    return [run(seed, [0.1, 0.9, 0.8, 0.9 - by + 0.001 * seed]) for seed in range(seeds)]


@pytest.mark.parametrize(
    ("by", "seeds", "said"),
    [(0.3, 6, "holds"), (0.05, 6, "falls short"), (0.3, 4, "undecided"), (0.1025, 6, "undecided")],
)
def test_a_fall_is_held_against_the_size_that_is_said_of_it(by, seeds, said):
    (row,) = judge_claims(claims(), falling(by, seeds))
    assert (row.said, row.counted) == (said, f"{seeds} runs")
    assert row.effect.value == pytest.approx(np.mean([0.001 * seed - by for seed in range(seeds)]))
    assert row.to_json()["bound"] == -0.1


def test_the_peak_is_the_highest_up_to_the_end_that_all_runs_reach():
    short, long = run(0, [0.1, 0.6, 0.5]), run(1, [0.1, 0.4, 0.3, 0.9])
    assert drop_of(long, "epochs", 2, "test_accuracy") == (pytest.approx(0.3), pytest.approx(0.4))
    assert drop_of(long, "epochs", 3, "test_accuracy") == pytest.approx((0.9, 0.9))
    (row,) = judge_claims(claims(), [short, long])
    assert row.effect.value == pytest.approx(-0.1)
    assert np.isnan(drop_of(short, "epochs", 3, "test_accuracy")[0])


def test_only_runs_of_its_settings_count_and_other_axes_stand_apart():
    runs = [run(seed, [0.1, 0.9, 0.5], net=net) for seed in range(6) for net in ("small", "large")]
    rows = judge_claims(claims(), [*runs, run(0, [0.1, 0.9, 0.9], noise="0", net="small")])
    assert [(row.settings, row.pairs) for row in rows] == [({"net": "small"}, 6), ({"net": "large"}, 6)]
    assert verdict_of(rows) == "It holds here, in all 2 readings."


def test_a_fall_of_any_size_and_of_a_ratio_is_no_claim():
    with pytest.raises(ValidationError, match="greater than 0"):
        claims(at_least=0)
    with pytest.raises(ValidationError, match="a drop says nothing of train_loss"):
        claims(measures=["train_loss"])


@pytest.mark.parametrize("given", [{}, {"kind": "smaller", "smaller": {"noise": "0"}, "larger": {"noise": "0.5"}}])
def test_runs_that_do_not_name_the_axes_of_a_claim_are_refused(given):
    """They were judged as if none of them were there, which said nothing."""
    claim = {"kind": "drop", "words": "w"} | (given or {"settings": {"noise": "0.5"}, "at_least": 0.1})
    published = Published.model_validate({"source": "a paper", "claims": [claim]})
    other = [Curve("r", "", {"corrupt.labels": 0.5}, 0, {"updates": [0, 1]})]
    with pytest.raises(InvalidInput, match="speaks of noise, which is no setting of these runs") as caught:
        judge_claims(published, other)
    assert "by_axes" in caught.value.hint
    assert judge_claims(published, []) == []
