"""Everything against scipy on known data."""

import math

import numpy as np
import pytest
import scipy.stats

from foldscape.comparison import statistics
from foldscape.comparison.statistics import (
    floor_of_p,
    floor_words,
    holm,
    mean_interval,
    permutation_p,
    ratio_of_groups,
    ratio_of_pairs,
    sign_flip_p,
)

RNG = np.random.default_rng(3)


def mean_of(values, axis):
    return values.mean(axis=axis)


def gap(first, second, axis):
    return first.mean(axis=axis) - second.mean(axis=axis)


@pytest.mark.parametrize("n", [2, 5, 9, 12])
@pytest.mark.parametrize("shift", [0.0, 0.6, -1.5])
def test_the_sign_flip_test_is_scipys_exact_one(n, shift):
    differences = RNG.normal(shift, 1, n)
    theirs = scipy.stats.permutation_test(
        (differences,), mean_of, permutation_type="samples", n_resamples=np.inf, vectorized=True
    )
    assert sign_flip_p(differences) == pytest.approx(theirs.pvalue, abs=1e-12)


def test_beyond_twelve_pairs_the_draws_agree_with_the_exact_p():
    differences = np.random.default_rng(1).normal(0.35, 1, 14)
    theirs = scipy.stats.permutation_test(
        (differences,), mean_of, permutation_type="samples", n_resamples=np.inf, vectorized=True
    )
    ours = sign_flip_p(differences)
    assert ours == pytest.approx(theirs.pvalue, abs=4 * math.sqrt(theirs.pvalue / statistics.DRAWS) + 1e-4)
    assert ours == sign_flip_p(differences)
    assert ours != sign_flip_p(differences, seed=1)


@pytest.mark.parametrize(("n", "m"), [(3, 3), (4, 6), (7, 5)])
def test_the_unpaired_test_is_scipys_exact_one(n, m):
    first, second = RNG.normal(0, 1, n), RNG.normal(0.8, 1, m)
    theirs = scipy.stats.permutation_test((first, second), gap, n_resamples=np.inf, vectorized=True)
    assert permutation_p(first, second) == pytest.approx(theirs.pvalue, abs=1e-12)


def test_large_groups_are_shared_out_at_random_from_the_seed():
    first, second = RNG.normal(0, 1, 12), RNG.normal(0.7, 1, 13)
    theirs = scipy.stats.permutation_test((first, second), gap, n_resamples=60_000, vectorized=True, rng=1)
    assert permutation_p(first, second) == pytest.approx(theirs.pvalue, abs=0.01)
    assert permutation_p(first, second) == permutation_p(first, second)


def test_the_floors_are_the_published_ones_and_are_reached():
    floors = [floor_of_p(5), floor_of_p(6), floor_of_p(10), floor_of_p(3, 3), floor_of_p(4, 4)]
    assert floors == pytest.approx([0.0625, 0.03125, 0.001953125, 0.1, 2 / 70])
    for n in (1, 2, 5, 12):
        assert sign_flip_p(np.arange(1.0, n + 1)) == floor_of_p(n)
    assert sign_flip_p(np.ones(15)) == floor_of_p(15) == 2 / 20_001
    assert permutation_p([1, 2, 3], [11, 12, 13]) == floor_of_p(3, 3)
    assert permutation_p([1, 2, 3], [11, 12, 13, 14, 15]) == floor_of_p(3, 5)
    assert math.isnan(sign_flip_p([]))
    assert math.isnan(permutation_p([], [1.0]))


def test_the_floor_is_said_with_what_follows_from_it():
    assert floor_words(5, None, 1, 0.05) == "With 5 pairs p cannot go below 0.062, so nothing can be told from chance."
    assert floor_words(10, None, 1, 0.05) == "With 10 pairs p can reach 0.002."
    assert floor_words(6, None, 4, 0.05) == "With 6 pairs p can reach 0.031, but with 4 rows at once only 0.12."
    assert floor_words(3, 3, 1, 0.05).startswith("With 3 against 3 runs p cannot go below 0.1,")


def test_equal_values_give_no_evidence():
    assert sign_flip_p(np.zeros(6)) == 1.0
    assert permutation_p([2.0, 2.0], [2.0, 2.0]) == 1.0


def test_ties_by_rounding_count_as_ties():
    differences = np.array([0.1, 0.2, 0.3])
    assert sign_flip_p(differences) == sign_flip_p(differences * 3) == 0.25


def test_holm_steps_down_by_hand_and_leaves_out_what_is_unknown():
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.5]).tolist() == [1.0, 1.0]
    found = holm([math.nan, 0.02])
    assert math.isnan(found[0])
    assert found[1] == 0.02


def test_the_paired_ratio_is_scipys_bootstrap():
    second = RNG.lognormal(0, 1, 10)
    first = second * RNG.lognormal(-0.4, 0.3, 10)
    ours = ratio_of_pairs(first, second)
    logs = np.log(first / second)
    theirs = scipy.stats.bootstrap((logs,), np.mean, n_resamples=40_000, method="percentile", rng=2)
    assert ours.value == pytest.approx(scipy.stats.gmean(first) / scipy.stats.gmean(second))
    assert (ours.low, ours.high) == pytest.approx(np.exp(theirs.confidence_interval), rel=0.02)
    assert ours == ratio_of_pairs(first, second)


def test_the_unpaired_ratio_is_scipys_bootstrap():
    first, second = RNG.lognormal(-0.5, 0.5, 9), RNG.lognormal(0, 0.5, 11)
    ours = ratio_of_groups(first, second)
    theirs = scipy.stats.bootstrap((np.log(first), np.log(second)), gap, n_resamples=40_000, method="percentile", rng=2)
    assert (ours.low, ours.high) == pytest.approx(np.exp(theirs.confidence_interval), rel=0.03)


def test_one_pair_has_a_ratio_and_no_interval():
    found = ratio_of_pairs([2.0], [4.0])
    assert found.value == 0.5
    assert math.isnan(found.low)
    assert math.isnan(ratio_of_pairs([], []).value)
    assert math.isnan(ratio_of_groups([], [1.0]).value)


def test_means_have_students_interval_and_pass_over_what_is_missing():
    values = np.array([[1.0, math.nan], [2.0, 5.0], [4.0, math.nan]])
    mean, low, high, n = mean_interval(values)
    theirs = scipy.stats.t.interval(0.95, 2, loc=mean[0], scale=scipy.stats.sem(values[:, 0]))
    assert (low[0], high[0]) == pytest.approx(theirs)
    assert mean.tolist() == pytest.approx([7 / 3, 5.0])
    assert n.tolist() == [3, 1]
    assert math.isnan(low[1])
