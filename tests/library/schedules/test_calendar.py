"""Steps and epochs, one into the other, where batches change their size."""

import numpy as np
import pytest

from foldscape.schedules import Calendar, Phase

GROWING = Calendar(points=50, phases=(Phase(0, 7), Phase(2, 20), Phase(5, 50)))
STEADY = Calendar.steady(points=50, batch=7)
both = pytest.mark.parametrize("calendar", [STEADY, GROWING])
EPOCHS = 9


def walked(calendar):
    """Every update with its epoch, by counting points: the slow way."""
    step = 0
    for epoch in range(EPOCHS):
        for within in range(len(range(0, calendar.points, calendar.batch_at(epoch)))):
            yield step, epoch, within
            step += 1


@both
def test_it_agrees_with_counting(calendar):
    for step, epoch, within in walked(calendar):
        assert calendar.place(step) == (epoch, within)
        assert calendar.first_step(epoch) == step - within
        assert calendar.epoch_at(step) == pytest.approx(epoch + within / calendar.steps_in(epoch), rel=1e-15)
        assert calendar.step_at(calendar.epoch_at(step)) == step
    assert calendar.first_step(EPOCHS) == step + 1


@both
def test_many_steps_at_once_are_the_steps_one_by_one(calendar):
    steps = np.arange(calendar.first_step(EPOCHS))
    assert calendar.epochs_at(steps).tolist() == [calendar.epoch_at(step) for step in steps]
    assert calendar.steps_at(calendar.epochs_at(steps)).tolist() == steps.tolist()


def test_batches_of_one_size_divide_as_ever():
    assert [STEADY.epoch_at(step) for step in range(40)] == [step / 8 for step in range(40)]


def test_some_epochs_later_a_run_stands_as_far_into_its_epoch():
    assert STEADY.later(11, 3) == 11 + 3 * 8
    assert GROWING.later(12, 1) == GROWING.first_step(2) + 2  # 4 of 8 updates, 2 of 3 (rounded)
    assert GROWING.place(GROWING.later(0, 6)) == (6, 0)


@both
def test_parts_hold_every_epoch_once(calendar):
    parts = calendar.parts(EPOCHS)
    assert sum(epochs for epochs, _ in parts) == EPOCHS
    assert sum(epochs * -(-calendar.points // batch) for epochs, batch in parts) == calendar.first_step(EPOCHS)
    assert sum(epochs for epochs, _ in calendar.parts(3)) == 3
