import math

import numpy as np
import pytest

from foldscape.comparison import CLOCKS, Curve, band, clock_of, common_target, grid_of, groups_of, value_at
from tests.library.comparison.made import curve, group

NAN = math.nan


def at(one, by, target, measure="lambda_none"):
    return value_at(one, by, target, measure)[0]


def test_equal_loss_interpolates_in_the_logarithm_between_neighbouring_checkpoints():
    one = curve(losses=(1.0, 0.1, 0.01), lambda_none=[8.0, 4.0, 2.0])
    assert at(one, "loss", 0.1) == 4.0
    assert at(one, "loss", 10**-1.5) == pytest.approx(3.0)
    assert at(one, "loss", 10**-0.25) == pytest.approx(7.0)


def test_the_first_crossing_counts_though_the_loss_rises_again():
    one = curve(losses=(1.0, 0.1, 0.5, 0.01), lambda_none=[1.0, 2.0, 30.0, 4.0])
    assert at(one, "loss", 0.1) == 2.0
    assert clock_of(one, "loss").tolist() == [1.0, 0.1, 0.1, 0.01]


def test_a_run_that_never_reaches_the_loss_has_no_value():
    assert math.isnan(at(curve(losses=(1.0, 0.5), lambda_none=[1, 2]), "loss", 0.4))


def test_a_run_below_the_loss_from_the_start_is_read_at_its_first_checkpoint():
    assert at(curve(losses=(0.5, 0.1), lambda_none=[1, 2]), "loss", 0.9) == 1.0


def test_sparse_measures_are_interpolated_between_their_own_checkpoints_and_never_beyond():
    one = curve(losses=(1.0, 0.1, 0.01, 0.001), lambda_none=[8.0, NAN, 4.0, NAN])
    assert at(one, "loss", 0.1) == pytest.approx(6.0)
    assert math.isnan(at(one, "loss", 0.005))
    assert math.isnan(at(curve(losses=(1.0, 0.1), lambda_none=[NAN, 1.0]), "loss", 0.9))


@pytest.mark.parametrize("by", CLOCKS)
def test_a_measure_that_was_never_taken_has_no_value(by):
    one = curve(flops=[0, 1, 2], seconds=[0, 1, 2], neurons=[2, 2, 2])
    assert math.isnan(at(one, by, 1))
    assert common_target([Curve("r", "", {}, 0, {"updates": []})], by) is None


def test_other_clocks_are_linear():
    one = curve(lambda_none=[8.0, 4.0, 2.0], flops=[0.0, 100.0, 400.0])
    assert at(one, "updates", 15) == 3.0
    assert at(one, "epochs", 0.5) == 6.0
    assert at(one, "flops", 250) == 3.0
    assert math.isnan(at(one, "updates", 21))


def test_equal_neurons_take_the_last_checkpoint_of_that_size():
    one = curve(losses=(1, 0.5, 0.4, 0.2), neurons=[2, 2, 3, 3], lambda_none=[1.0, 2.0, 3.0, NAN])
    assert [at(one, "neurons", count) for count in (2, 3)] == [2.0, 3.0]
    assert math.isnan(at(one, "neurons", 4))


def test_the_common_target_is_what_all_reach():
    runs = [curve(losses=(1.0, 0.3)), curve(losses=(1.0, 0.1, 0.02)), curve(losses=(1.0, 0.1, NAN))]
    assert common_target(runs, "loss") == 0.3
    assert common_target(runs, "updates") == 10
    assert all(math.isfinite(at(run, "loss", 0.3, "train_loss")) for run in runs)


def test_the_common_target_can_be_where_all_were_measured():
    one = curve(losses=(1.0, 0.3, 0.2, 0.1), lambda_none=[1.0, 2.0, 3.0, NAN], trace=[1.0, 2.0, NAN, NAN])
    other = curve(losses=(1.0, 0.15, 0.12), trace=[NAN, 5.0, 6.0])
    assert common_target([one, other], "loss") == 0.12
    assert common_target([one, other], "loss", ["lambda_none"]) == 0.2
    assert common_target([one, other], "loss", ["lambda_none", "trace"]) == 0.3
    assert common_target([one, other], "updates", ["trace", "lambda_block"]) == 10
    assert at(one, "loss", 0.3, "trace") == 2.0


def test_the_lowest_loss_counts_as_the_final_one():
    assert common_target([curve(losses=(1.0, 0.1, 0.9))], "loss") == 0.1


def test_the_loss_read_at_equal_loss_is_that_loss():
    one = curve(losses=(1.0, 0.2, 0.6, 0.01))
    assert value_at(one, "loss", [0.5, 0.1, 0.01], "train_loss").tolist() == [0.5, 0.1, 0.01]
    assert math.isnan(at(one, "loss", 0.001, "train_loss"))


def test_numbers_of_a_group_are_a_function_of_that_group_alone():
    """Product check 9: showing or hiding one group never changes another group's numbers."""
    grown, fixed = group("grown", [1.0, 2.0, 4.0]), group("fixed", [3.0, 5.0, 9.0], losses=(2.0, 0.5, 0.05))
    alone = groups_of(grown)[0]
    beside = next(each for each in groups_of(fixed + grown) if each.grows)
    for by in ("loss", "updates", "epochs"):
        for measure in ("lambda_none", "train_loss"):
            first, second = band(alone, by, measure), band(beside, by, measure)
            assert first.to_json() == second.to_json()
    assert alone.key == beside.key


def test_a_band_is_the_geometric_mean_with_students_interval_of_the_logarithms():
    scipy_stats = pytest.importorskip("scipy.stats")
    values = [1.0, 2.0, 4.0, 3.0]
    found = band(groups_of(group("grown", values))[0], "updates", "lambda_none", np.array([5.0]))
    logs = np.log(values)
    low, high = scipy_stats.t.interval(0.95, 3, loc=logs.mean(), scale=scipy_stats.sem(logs))
    assert found.mean[0] == pytest.approx(scipy_stats.gmean(values))
    assert (found.low[0], found.high[0]) == pytest.approx((math.exp(low), math.exp(high)))
    assert found.n[0] == 4


def test_the_band_of_an_accuracy_is_arithmetic_and_one_run_has_none():
    runs = [curve(seed, test_accuracy=[0.5, 0.6 + 0.1 * seed, 0.9]) for seed in range(3)]
    found = band(groups_of(runs)[0], "updates", "test_accuracy", np.array([10.0, 99.0]))
    assert found.mean[0] == pytest.approx(0.7)
    assert found.n.tolist() == [3, 0]
    assert math.isnan(found.mean[1])
    assert math.isnan(band(groups_of(runs[:1])[0], "updates", "test_accuracy", np.array([10.0])).low[0])


def test_the_grid_reaches_from_the_first_to_the_last_reading():
    one = groups_of([curve(0), curve(1, losses=(1.0, 0.1, 0.001))])[0]
    assert grid_of(one, "loss")[[0, -1]] == pytest.approx([1.0, 0.001])
    assert grid_of(one, "updates")[[0, -1]].tolist() == [0.0, 20.0]
    assert len(grid_of(groups_of([Curve("r", "", {}, 0, {"updates": []})])[0], "loss")) == 0


def test_what_is_known_once_is_read_there_and_nowhere_else():
    columns = {
        "updates": [0, 10, 20],
        "epoch": [0, 1, 2],
        "train_loss": [1.0, 0.5, 0.2],
        "ensemble_accuracy": [None, None, 0.9],
    }
    curve = Curve("a", "", {}, 0, columns)
    np.testing.assert_array_equal(
        value_at(curve, "epochs", [1.5, 2.0, 2.5], "ensemble_accuracy"), [np.nan, 0.9, np.nan]
    )
