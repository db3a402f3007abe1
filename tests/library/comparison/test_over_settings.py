"""Claims about many settings: an order by rank, equality within a ratio; and the correlation behind them."""

import itertools

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.stats import permutation_test, spearmanr

from foldscape.comparison import Curve
from foldscape.comparison.claims import judge_claims, verdict_of
from foldscape.comparison.published import Published
from foldscape.comparison.rank import rank_correlation


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def claims(*plain):
    return Published.model_validate({"source": "a paper", "claims": [{"words": "w"} | each for each in plain]})


def sweep(settings, seeds=6, noise=0.02, loss="mse"):
    """Runs by (ratio, rate of learning a epoch, curvature): the loss falls by that rate."""
    found = []
    for number, (ratio, rate, sharpness) in enumerate(settings):
        for seed in range(seeds):
            shake = np.exp(noise * np.random.default_rng([seed, number]).normal())
            epoch = np.arange(1 + round(np.log(20) / (rate * shake) + 1), dtype=float)
            columns = {
                "updates": epoch * 10, "epoch": epoch, "train_loss": np.exp(-rate * shake * epoch),
                "lr_batch_ratio": np.full(len(epoch), ratio), "lambda_none": np.full(len(epoch), sharpness * shake),
            }  # fmt: skip
            found.append(Curve(f"{number}-{seed}", "", {"setting": str(number)}, seed, columns, loss=loss))
    return found


FALLING = [(0.01, 0.5, 2.0), (0.01, 0.5, 2.5), (0.005, 0.25, 4.0), (0.005, 0.25, 4.2), (0.001, 0.05, 6.0)]


@pytest.mark.parametrize("settings", [3, 5, 7])
def test_the_correlation_is_that_of_scipy_on_the_means_over_seeds(settings, rng):
    x, y = rng.integers(4, size=settings) + np.eye(settings)[0] * 9, rng.normal(size=(settings, 5))
    found = rank_correlation(x, [dict(enumerate(row)) for row in y])
    assert found.rho.value == pytest.approx(spearmanr(x, y.mean(axis=1)).statistic)
    assert found.rho.low <= found.rho.value <= found.rho.high
    assert (found.settings, found.seeds) == (settings, 5)


def test_its_p_is_that_of_all_permutations(rng):
    x, y = np.arange(6.0), rng.normal(size=6)
    exact = permutation_test((x,), lambda a: spearmanr(a, y).statistic, permutation_type="pairings", n_resamples=np.inf)
    assert rank_correlation(x, [{0: value} for value in y]).p == pytest.approx(exact.pvalue)


def test_beyond_seven_settings_they_are_drawn():
    found = rank_correlation(np.arange(10), [{0: value} for value in range(10)])
    assert found.p == pytest.approx(2 / 20_001)


def test_the_interval_is_that_of_all_draws_of_seeds():
    """Three settings and three seeds: every draw can be written down."""
    y = np.array([[1.0, 2.0, 6.0], [2.0, 3.0, 1.0], [3.0, 4.0, 2.0]])
    draws = [
        spearmanr([1, 2, 3], y[:, list(drawn)].mean(axis=1)).statistic
        for drawn in itertools.product(range(3), repeat=3)
    ]
    found = rank_correlation([1, 2, 3], [dict(enumerate(row)) for row in y]).rho
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(draws, (0.025, 0.975))), abs=1e-12)


def test_what_cannot_be_ranked_is_no_number():
    ones = [{0: 1.0, 1: 2.0}]
    for x, y in (([1, 2], ones * 2), ([1, 1, 1], [{0: 1.0}, {0: 2.0}, {0: 3.0}]), ([1, 2, np.nan], ones * 3), ([], [])):
        found = rank_correlation(x, y)
        assert np.isnan([found.rho.value, found.rho.low, found.p]).all()
    lonely = rank_correlation([1, 2, 3], [{0: 3.0}, {0: 2.0}, {0: 1.0}])
    assert (lonely.rho.value, lonely.seeds) == (-1, 1)
    assert np.isnan(lonely.rho.low)


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        ({"at_most": -0.8}, "holds"), ({"at_most": 0}, "holds"), ({"at_least": 0}, "the opposite holds"),
        ({"at_least": 0.5}, "falls short"),
    ],
)  # fmt: skip
def test_an_order_is_held_against_what_is_said_of_it(bound, said):
    (row,) = judge_claims(claims({"kind": "rank"} | bound), sweep([*FALLING, (0.0005, 0.04, 8.0)]))
    assert (row.said, row.scale, row.counted) == (said, "rank", "6 settings, 6 seeds")
    assert row.effect.value == pytest.approx(spearmanr([5, 5, 3, 3, 2, 1], [2, 2.5, 4, 4.2, 6, 8]).statistic)
    told = row.to_json()
    assert (told["holds"], told["scale"], told["pairs"]) == (row.holds, "rank", 6)
    assert f"ρ {row.effect.value:+.2f} [" in told["words"]


@pytest.mark.parametrize("bound", [{"at_most": 0}, {"at_most": -0.8}, {"at_least": 0}])
def test_an_order_that_so_few_settings_have_by_chance_is_undecided(bound):
    """The seeds agree on it, so that its interval is narrow; but one of 15 arrangements of the settings has it too."""
    (row,) = judge_claims(claims({"kind": "rank"} | bound), sweep(FALLING))
    assert row.effect.high < -0.8
    assert row.p > 0.05
    assert row.said == "undecided"
    assert verdict_of([row]).startswith("It is undecided here")


def test_four_settings_can_decide_no_order():
    (row,) = judge_claims(claims({"kind": "rank", "at_most": 0}), sweep([FALLING[at] for at in (0, 1, 2, 4)]))
    assert verdict_of([row]).endswith("With 4 settings, 6 seeds p cannot go below 0.083.")


def test_an_order_within_the_noise_is_undecided():
    runs = sweep([(ratio, rate, 4.0) for ratio, rate, _ in FALLING], noise=0.3)
    (row,) = judge_claims(claims({"kind": "rank", "at_most": 0}), runs)
    assert row.effect.low < row.effect.value < row.effect.high
    (row,) = judge_claims(claims({"kind": "rank", "at_most": row.effect.value}), runs)
    assert row.said == "undecided"
    assert verdict_of([row]) == "It is undecided here, in all 1 readings."


def test_settings_of_one_ratio_are_held_against_each_other():
    """The last ratio has one setting only, so it tells nothing."""
    rows = judge_claims(claims({"kind": "equal", "factor": 1.3}), sweep(FALLING))
    assert [row.settings for row in rows] == [{"η/S": "0.01"}, {"η/S": "0.005"}]
    assert [(row.said, row.counted) for row in rows] == [("holds", "2 settings, 6 seeds")] * 2
    assert all(1 <= row.effect.value < 1.1 for row in rows)
    assert verdict_of(rows) == "It holds here, in all 2 readings."


def test_settings_that_differ_are_said_to():
    apart = [(0.01, 0.5, 2.0), (0.01, 0.25, 2.0)]
    (row,) = judge_claims(claims({"kind": "equal", "factor": 1.3}), sweep(apart))
    assert (row.said, row.effect.value) == ("differs", pytest.approx(2, rel=0.05))
    assert verdict_of([row]) == "It does not hold here: in all 1 readings they differ."


def test_a_whole_curve_is_as_far_apart_as_its_worst_moment():
    apart = [(0.01, 0.5, 2.0), (0.01, 0.4, 2.0)]
    runs = sweep(apart, noise=0)
    whole = {"kind": "equal", "measures": ["train_loss"], "clocks": ["epochs"], "factor": 1.3, "whole": True}
    (row,) = judge_claims(claims(whole), runs)
    last = min(curve["epoch"][-1] for curve in runs)
    assert row.effect.value == pytest.approx(np.exp(0.1 * last))


def test_accuracies_are_equal_to_within_an_allowance():
    runs = []
    for number, accuracy in enumerate((0.9, 0.92)):
        columns = {"updates": [1, 2], "epoch": [1, 2], "train_loss": [1, 0.5], "lr_batch_ratio": [0.01] * 2,
                   "test_accuracy": [0.5, accuracy]}  # fmt: skip
        runs += [Curve(f"{number}{s}", "", {"way": str(number)}, s, columns) for s in (0, 1)]
    equal = {"kind": "equal", "measures": ["test_accuracy"], "clocks": ["epochs"]}
    rows = judge_claims(claims(equal | {"allowance": 0.03}, equal | {"allowance": 0.01}), runs)
    assert [(row.said, row.scale) for row in rows] == [("holds", "difference"), ("differs", "difference")]
    assert rows[0].effect.value == pytest.approx(0.02)


def test_nothing_is_said_across_losses_or_without_runs():
    first, other = sweep(FALLING[:2]), sweep(FALLING[2:], loss="cross_entropy")
    mixed = [
        *first,
        *(Curve(f"x{c.run}", "", {"setting": f"x{c.run[0]}"}, c.seed, c.columns, loss=c.loss) for c in other),
    ]
    both = claims({"kind": "rank", "at_most": 0}, {"kind": "equal", "factor": 2})
    assert {row.said for row in judge_claims(both, mixed)} == {"not comparable"}
    assert judge_claims(both, []) == []
    bare = [Curve("a", "", {"s": "1"}, 0, {"updates": [0]}), Curve("b", "", {"s": "2"}, 0, {"updates": [0]})]
    assert [row.said for row in judge_claims(both, bare)] == ["not enough settings come there"]


def test_one_seed_decides_nothing():
    rows = judge_claims(claims({"kind": "rank", "at_most": 0}, {"kind": "equal", "factor": 2}), sweep(FALLING, seeds=1))
    assert {row.said for row in rows} == {"undecided"}


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ({"kind": "rank"}, "one of the two"), ({"kind": "rank", "at_most": 0, "at_least": 0}, "one of the two"),
        ({"kind": "rank", "at_most": -2}, "-1"), ({"kind": "equal"}, "factor above 1 or allowance above 0"),
        ({"kind": "equal", "factor": 2, "allowance": 0.1}, "one of the two"), ({"kind": "equals"}, "smaller"),
        ({"kind": "rank", "at_most": 0, "along": "nothing"}, "lr_batch_ratio"),
    ],
)  # fmt: skip
def test_a_claim_that_cannot_be_judged_is_refused_with_what_is_allowed(claim, words):
    with pytest.raises(ValidationError, match=words):
        claims(claim)


def test_claims_of_earlier_versions_open_and_are_written_as_they_were():
    told = {"words": "w", "smaller": {"a": "1"}, "larger": {"a": "2"}}
    (claim,) = claims(told).claims
    assert "kind" not in claim.model_dump()
    assert claims(claim.model_dump()).claims == (claim,)
