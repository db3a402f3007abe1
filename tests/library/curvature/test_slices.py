"""Slices of the loss, and which samples they stand on."""

from __future__ import annotations

import numpy as np
import pytest

from foldscape.curvature import Objective, default_radius, loss_slice, probe_subset, top_eigenpairs
from foldscape.errors import InvalidInput


def test_every_point_of_a_slice_is_the_loss_of_that_net(by_hand, rng):
    direction = rng.standard_normal(by_hand.size)
    cut = loss_slice(by_hand, direction, 2.0, points=21)
    unit = direction / np.linalg.norm(direction)
    assert cut.offsets[[0, 10, 20]].tolist() == [-2, 0, 2]
    exact = [by_hand.loss(by_hand.theta + t * unit) for t in cut.offsets]
    assert np.abs(cut.losses - exact).max() <= 1e-12
    assert cut.losses[10] == cut.fit[10] == by_hand.loss()


def test_the_parabola_of_the_sharpest_direction_has_the_top_eigenvalue(smooth_net, digits):
    objective = Objective.of(smooth_net, *digits)
    top = top_eigenpairs(objective, tol=1e-6)
    cut = loss_slice(objective, top.vectors[0], 0.01)
    assert cut.curvature == pytest.approx(top.values[0], rel=1e-6)
    assert np.abs(cut.fit - cut.losses).max() <= 1e-5 * cut.loss


def test_train_and_test_are_cut_along_the_same_line(digits_net, digits, rng):
    train = Objective.of(digits_net, digits[0][:1000], digits[1][:1000])
    test = Objective.of(digits_net, digits[0][1000:], digits[1][1000:])
    direction = rng.standard_normal(610)
    cut = loss_slice(train, direction, also=test)
    assert np.array_equal(cut.also["test"], loss_slice(test, direction, cut.offsets[-1]).losses)
    assert cut.offsets[-1] == default_radius(train.theta) == 0.5 * np.linalg.norm(train.theta)
    assert set(loss_slice(train, direction, also={"held out": test}).also) == {"held out"}


def test_autograd_and_hand_give_the_same_slice(by_hand, by_autograd, rng):
    direction = rng.standard_normal(610)
    one, other = (loss_slice(objective, direction, points=9) for objective in (by_hand, by_autograd))
    assert np.abs(one.losses - other.losses).max() <= 1e-12
    assert one.slope == pytest.approx(other.slope, abs=1e-12)


def test_losses_that_overflow_stay_not_finite(by_hand, rng):
    cut = loss_slice(by_hand, rng.standard_normal(610), 1e300, points=5)
    assert not np.isfinite(cut.losses[[0, 4]]).any()
    assert np.isfinite(cut.losses[2])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"direction": np.zeros(610)}, "length 0"),
        ({"direction": np.full(610, np.nan)}, "length nan"),
        ({"direction": np.ones(5)}, r"\(5,\)"),
        ({"direction": np.ones(610), "radius": 0}, "radius 0"),
        ({"direction": np.ones(610), "points": 2}, "2 points"),
    ],
)
def test_a_slice_that_cannot_be_drawn_is_refused(arguments, said, by_hand):
    with pytest.raises(InvalidInput, match=said):
        loss_slice(by_hand, **arguments)


def test_another_net_cannot_share_the_line(by_hand):
    other = Objective.of_mlp([np.ones((2, 3))], [None], "relu", np.ones((2, 3)), [0, 1])
    with pytest.raises(InvalidInput, match="6 parameters, the first 610"):
        loss_slice(by_hand, np.ones(610), also=other)


def test_small_sets_are_probed_whole_and_large_ones_by_one_fixed_draw():
    assert probe_subset(2000).whole
    assert np.array_equal(probe_subset(2000).indices, np.arange(2000))
    large = probe_subset(60000)
    assert (len(large), large.whole, len(np.unique(large.indices))) == (2000, False, 2000)
    assert large.hash == probe_subset(60000).hash != probe_subset(60001).hash
    with pytest.raises(InvalidInput):
        probe_subset(0)
