"""Schedules against their formulas and against torch."""

import itertools
import math

import numpy as np
import pytest
import torch

from foldscape.errors import NotPossible
from foldscape.schedules import Calendar, Constant, Course, LearningRates, Schedule, StepBatch
from foldscape.schedules.cosine import Cosine
from foldscape.schedules.fast_geometric import FastGeometric
from foldscape.schedules.sgdr import SGDR
from foldscape.schedules.snapshot import SnapshotCycles
from foldscape.schedules.step import StepSchedule
from foldscape.schedules.warm_up import WarmUp

BASE = 0.05


def course(epochs, steps=7):
    calendar = Calendar.steady(points=steps, batch=1)
    return Course(calendar, end=epochs * steps)


def rates(schedule, over):
    return schedule.rates(BASE, np.arange(over.begin, over.end), over)


def torch_rates(make, over):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=BASE)
    optimizer.step()
    schedule, found = make(optimizer), []
    for step in range(over.end):
        schedule.step(step / over.calendar.steps_in(0))
        found.append(optimizer.param_groups[0]["lr"])
    return np.array(found)


@pytest.mark.parametrize(("cycle", "factor"), [(50, 1), (100, 1), (1, 2), (10, 2)])
def test_sgdr_is_that_of_torch_at_fractional_epochs(cycle, factor):
    """T-C2-1, with the settings that were published."""
    over = course(epochs=160)
    expected = torch_rates(
        lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, cycle, factor, 1e-3), over
    )
    np.testing.assert_allclose(rates(SGDR(cycle=cycle, factor=factor, lr_min=1e-3), over), expected, rtol=0, atol=1e-12)


def test_a_cosine_is_sgdr_with_one_cycle():
    over = course(epochs=20)
    expected = torch_rates(
        lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 20, 1, 1e-3), over
    )
    np.testing.assert_allclose(rates(Cosine(lr_min=1e-3), over), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("steps", [2, 3, 40])
@pytest.mark.parametrize(
    "schedule", [SGDR(cycle=3, factor=2, lr_min=0.004), SGDR(cycle=7, factor=1), SnapshotCycles(cycles=3)]
)
def test_a_cycle_begins_at_the_highest_rate_and_ends_near_the_lowest(schedule, steps):
    """T-C2-2: the last rate of a cycle of n updates is at most lr_max (pi / 2n)^2 + lr_min."""
    over = course(epochs=21, steps=steps)
    found, starts = rates(schedule, over), [0, *schedule.restarts(over), over.end]
    assert len(starts) == 4
    for start, end in itertools.pairwise(starts):
        assert found[start] == BASE
        assert found[end - 1] <= BASE * (math.pi / (2 * (end - start))) ** 2 + getattr(schedule, "lr_min", 0)


def test_cycles_of_ten_epochs_doubled_restart_where_published():
    """T-C2-3."""
    over = course(epochs=200)
    assert SGDR(cycle=10, factor=2).restarts(over) == tuple(7 * epoch for epoch in (10, 30, 70, 150))


def test_a_step_multiplies_by_gamma():
    over = course(epochs=9)
    found = rates(StepSchedule(every=4, gamma=0.5), over)
    assert found[[0, 27, 28, 55, 56]].tolist() == [BASE, BASE, BASE / 2, BASE / 2, BASE / 4]
    assert (rates(StepSchedule(gamma=0.5), over)[[20, 21, 41, 42]] == [BASE, BASE / 2, BASE / 2, BASE / 4]).all()


def test_snapshot_cycles_follow_their_equation():
    over = course(epochs=13)
    length = math.ceil(91 / 5)
    expected = [BASE / 2 * (math.cos(math.pi * ((t - 1) % length) / length) + 1) for t in range(1, 92)]
    np.testing.assert_allclose(rates(SnapshotCycles(cycles=5), over), expected, rtol=0, atol=1e-15)


def test_warm_up_rises_in_a_straight_line_and_what_follows_begins_there():
    over, alone = course(epochs=12), course(epochs=10)
    found = rates(WarmUp(epochs=2, start=0.3, then=SGDR(cycle=4, factor=1)), over)
    np.testing.assert_allclose(found[:14], BASE * (0.3 + 0.7 * np.arange(14) / 14), rtol=1e-12)
    np.testing.assert_allclose(found[14:], rates(SGDR(cycle=4, factor=1), alone), rtol=1e-12)
    assert WarmUp(epochs=2, then=SGDR(cycle=4, factor=1)).restarts(over) == (42, 70)


@pytest.mark.parametrize("epochs", [0.1, 0.3, 1.7, 2.9])
def test_cycles_after_a_warm_up_of_part_of_an_epoch_begin_where_they_are_told(epochs):
    over = course(epochs=30, steps=10)
    schedule = WarmUp(epochs=epochs, then=SGDR(cycle=2, factor=1))
    found = rates(schedule, over)
    first = round(10 * epochs)
    assert schedule.restarts(over) == tuple(range(first + 20, 300, 20))
    assert (found[first::20] == BASE).all()
    assert (found > 0).all()


def test_what_is_no_learning_rate_is_refused_in_words():
    class Falling(Schedule):  # no kind of its own, so that nobody else finds it
        def rates(self, base, steps, course):
            return base - 0.01 * course.passed(steps)

    falling = LearningRates(Falling(kind="falling"), course(epochs=20))
    with pytest.raises(NotPossible, match=r"gives update 35 the rate 0\. Learning rates have to be positive"):
        falling.at(36, BASE)


def test_a_base_below_the_lowest_rate_stays_what_it_is():
    over = course(epochs=4)
    assert (Cosine(lr_min=0.1).rates(BASE, np.arange(28), over) == BASE).all()
    assert (Constant().rates(BASE, np.arange(28), over) == BASE).all()


def test_batches_grow_by_their_factor_up_to_the_largest():
    phases = StepBatch(every=3, factor=2, largest=50).phases(8, points=100, epochs=40)
    assert phases == ((0, 8), (3, 16), (6, 32), (9, 50))
    assert StepBatch(factor=2).phases(8, points=100, epochs=40) == ((0, 8), (14, 16), (28, 32))
    assert StepBatch(every=1, factor=5).phases(8, points=100, epochs=40)[-1] == (2, 100)


def test_fast_geometric_is_its_formula_and_its_nets_come_at_the_lowest_rate():
    calendar = Calendar.steady(points=100, batch=10)
    schedule, course = FastGeometric(before=5, cycle=2, highest=1, lowest=0.05), Course(calendar, end=150)
    rates = schedule.rates(0.2, np.arange(50, 150), course)
    printed, low = [], 0.2 * 0.05
    for i in range(1, 101):
        t = ((i - 1) % 20 + 1) / 20
        printed.append((1 - 2 * t) * 0.2 + 2 * t * low if t <= 0.5 else (2 - 2 * t) * low + (2 * t - 1) * 0.2)
    np.testing.assert_allclose(rates, printed, rtol=0, atol=1e-15)
    members = schedule.members(course)
    assert members == (60, 80, 100, 120, 140)
    assert rates[np.array(members) - 50 - 1] == pytest.approx([low] * 5, abs=1e-15)
    assert rates.min() == pytest.approx(low, abs=1e-15)


def test_members_stand_at_the_ends_of_whole_cycles():
    course = Course(Calendar.steady(points=10, batch=10), end=35)
    assert SGDR(cycle=5, factor=2).members(course) == (5, 15, 35)
    assert SGDR(cycle=10, factor=2).members(course) == (10, 30)
    assert SnapshotCycles(cycles=4).members(course) == (9, 18, 27, 35)
