"""Intervals against published examples and simulation; findings on counts made by hand."""

import numpy as np
import pytest

from foldscape.studies.utilisation.findings import findings, verdict
from foldscape.studies.utilisation.intervals import Share, difference, newcombe, ratio, wilson
from foldscape.studies.utilisation.methods import METHODS
from foldscape.studies.utilisation.spec import MethodRow, Tally
from foldscape.studies.utilisation.tally import sum_of_draws


def test_wilson_and_newcombe_give_the_published_examples():
    """Newcombe 1998, Statistics in Medicine 17, tables of 56/70 against 48/80, method 10; 81 of 263, method 3."""
    assert wilson(Share(81, 263)) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert newcombe(Share(56, 70), Share(48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_the_interval_of_a_difference_over_draws_is_student_s():
    one, other = [Share(30, 100), Share(50, 100), Share(40, 100)], [Share(10, 100), Share(20, 100), Share(30, 100)]
    # differences .2 .3 .1: mean .2, deviation .1, t(2) = 4.302653
    half = 4.302653 * 0.1 / np.sqrt(3)
    assert difference(one, other) == pytest.approx((0.2 - half, 0.2 + half), abs=1e-6)


def test_the_interval_of_a_ratio_covers_as_often_as_it_says():
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(400):
        base = rng.uniform(0.05, 0.25, 10)
        one = [Share(int(rng.binomial(100, 2 * p)), 100) for p in base]
        other = [Share(int(rng.binomial(100, p)), 100) for p in base]
        hits += ratio(one, other).has(2.0)
    assert 0.90 <= hits / 400 <= 0.99


def test_no_ratio_to_nothing():
    assert ratio([Share(3, 10)], [Share(0, 10)]) is None


def row(data, method, *reached, near=None, of=100):
    draws = tuple(Tally(nets=of, perfect=n, near=near or n, within=(n, n, near or n, near or n)) for n in reached)
    return MethodRow(
        key=f"{data}.{method}", data=data, method=method, label=METHODS[method].label, nets=of * len(draws),
        phase="done", done=1, best=1.0, tally=sum_of_draws(draws), draws=draws,
    )  # fmt: skip


def holds(found, key):
    return [finding.holds for finding in found if finding.key == key]


def test_a_claim_that_holds_and_a_factor_that_does_not():
    found = findings([row("sine", "random_init", 10, 12, 11, 13), row("sine", "gradmax", 24, 27, 25, 28)])
    assert holds(found, "sine.more") == ["yes", "yes"]
    assert holds(found, "sine.factor") == ["no"]
    assert holds(found, "sine.times") == ["yes", "yes"]
    assert verdict(found) == (
        "Growing helps here too, on every data set and at both thresholds; the published factor is not met."
    )
    words = next(finding.words for finding in found if finding.key == "sine.factor")
    assert "104" in words
    assert "46 of 400" in words
    assert "factor 2.3" in words


def test_the_published_factor_is_recognised():
    found = findings([row("sine", "random_init", 65, of=1000), row("sine", "gradmax", 360, of=1000)])
    assert holds(found, "sine.factor") == ["yes"]
    assert verdict(found).endswith("by a factor like the published one.")


def test_a_claim_that_fails_is_said_to_fail():
    found = findings([row("sine15", "random_init", 30, 33, 31, 32), row("sine15", "gradmax", 10, 11, 12, 9)])
    assert holds(found, "sine15.more") == ["no", "no"]
    assert verdict(found) == "Growing does not help here; the published factor is not met."


def test_what_cannot_be_told_stays_open():
    found = findings([row("sine", "random_init", 10, 30, 20), row("sine", "gradmax", 30, 12, 22)])
    assert holds(found, "sine.more") == ["open", "open"]


def test_an_earlier_count_far_from_every_draw_is_named():
    close, far = row("sine", "random_init", 118, near=231, of=1000), row("sine", "gradmax", 100, near=150, of=1000)
    found = findings([close, far])
    assert holds(found, "sine.random_init.count") == ["yes"]
    assert holds(found, "sine.gradmax.count") == ["no"]


def test_draws_that_differ_widely_confirm_no_earlier_count():
    """45 of 500 is not what 402 of 1,000 are, though one draw of ten comes near it."""
    reached = [5, 10, 20, 30, 40, 45, 52, 60, 65, 75]
    found = findings([row("sine15", "newton", *reached, near=58)])
    assert holds(found, "sine15.newton.count") == ["open"]
    (finding,) = (each for each in found if each.key == "sine15.newton.count")
    assert "the draws give from 5% to 75%, so one of them, then 9%, cannot tell" in finding.words
